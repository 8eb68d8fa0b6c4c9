//! An OPC UA server that nobody here knows yet: what it offers, who it is, whether it lets the gateway in.

use crate::{
    ask, certificates,
    cli::{Decide, SourceAdd},
    clock, output,
};
use anyhow::{anyhow, bail};
use davy_config::{OpcUaIdentity, OpcUaPolicy, OpcUaSecurity, OpcUaSecurityMode, OpcUaSource};
use davy_core::{event::CertificateDecision, model::Gateway};
use davy_field::{
    Pki, Security, Shown, fingerprint,
    probe::opcua::{Link, Offer, Offers, User},
    span,
};
use std::{path::Path, sync::Arc};

/// What a person says of the server's certificate on the command line.
pub(super) struct Trust<'a> {
    pub(super) given: Option<&'a str>,
    pub(super) by: Option<&'a str>,
}

/// Policy and mode, as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) policy: String,
    pub(crate) mode: Option<String>,
}

/// `label        words`.
pub(super) fn row(label: &str, words: &str) {
    output::line(format_args!("{label:<12} {words}"));
}

/// Asks the server and prints what it offers.
pub(super) async fn offers(place: &str) -> anyhow::Result<Offers> {
    let offers = Offers::ask(place, clock::utc).await.map_err(|words| {
        anyhow!("{words}. Nothing was written; davy source add --offline adds a server that is not there yet")
    })?;
    output::line(format_args!("{place} offers"));
    for Offer { name, security, users } in &offers.all {
        let users: Vec<&str> = users.iter().map(|user| user_name(*user)).collect();
        let spoken = if security.is_some() { "" } else { "  (withdrawn or unknown; not spoken)" };
        output::line(format_args!("  {name:<38} {}{spoken}", users.join(", ")));
    }
    row("clock", &offers.clock());
    Ok(offers)
}

fn user_name(user: User) -> &'static str {
    match user {
        User::Anonymous => "anonymous",
        User::Password => "password",
        User::Certificate => "user certificate",
    }
}

/// The security that was asked for, or else the strongest that is offered; none is never taken by itself.
pub(super) fn choose(args: &SourceAdd, offers: Option<&Offers>) -> anyhow::Result<Chosen> {
    let user = match (&args.user, &args.user_certificate_file) {
        (Some(_), _) => User::Password,
        (None, Some(_)) => User::Certificate,
        (None, None) => User::Anonymous,
    };
    let strongest = offers.and_then(|offers| strongest(offers, user));
    match (&args.security, offers, strongest) {
        (Some(policy), _, strongest) => {
            if let Some(strongest) = strongest.filter(|_| policy.eq_ignore_ascii_case("none")) {
                row("warning", &format!("security none was asked for, and the server offers {}", strongest.words()));
            }
            Ok(Chosen { policy: policy.clone(), mode: args.security_mode.clone() })
        }
        (None, None, _) => bail!("--offline needs --security POLICY: the server is not asked what it offers"),
        (None, Some(_), Some(strongest)) => {
            row("chosen", &format!("{}, the strongest", strongest.words()));
            Ok(strongest)
        }
        (None, Some(offers), None) => bail!(Lacking::of(offers, user).words()),
    }
}

/// The strongest security that is offered to such a user, as it is written.
pub(crate) fn strongest(offers: &Offers, user: User) -> Option<Chosen> {
    offers.strongest(user).map(|secured| written(secured.policy, secured.mode))
}

/// Why a server offers no security to such a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    /// It offers none at all that the gateway speaks.
    Security,
    /// It lets in users with a password.
    Password,
    /// It lets in users with a certificate alone.
    Certificate,
    /// It lets in no such user, and perhaps anybody.
    Such(User, bool),
}

impl Lacking {
    pub(crate) fn of(offers: &Offers, user: User) -> Self {
        let is_secured = |offer: &&Offer| matches!(offer.security, Some(OpcUaSecurity::Secured(_)));
        let secured = offers.all.iter().filter(is_secured).flat_map(|offer| &offer.users);
        let users: Vec<User> = secured.copied().collect();
        match user {
            _ if users.is_empty() => Self::Security,
            User::Anonymous if users.contains(&User::Password) => Self::Password,
            User::Anonymous if users.contains(&User::Certificate) => Self::Certificate,
            User::Anonymous | User::Password | User::Certificate => Self::Such(user, users.contains(&User::Anonymous)),
        }
    }

    /// By which the page knows it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Security => "no_security",
            Self::Password => "password_needed",
            Self::Certificate => "certificate_needed",
            Self::Such(..) => "user_not_taken",
        }
    }

    fn words(self) -> String {
        match self {
            Self::Security => {
                "the server offers no security that this gateway speaks. Give the server a certificate; or, where its \
                network is separated otherwise, say --security none"
                    .to_owned()
            }
            Self::Password => {
                "with security the server takes no anonymous user: say --user NAME of an account that may only read"
                    .to_owned()
            }
            Self::Certificate => {
                "with security the server takes only users by certificate: say --user-certificate-file and \
                --user-key-file of one that may only read"
                    .to_owned()
            }
            Self::Such(user, takes_anybody) => format!(
                "with security the server takes no user by {}; allow one that may only read at the server{}",
                user_name(user),
                if takes_anybody { ", or leave --user out" } else { "" }
            ),
        }
    }
}

impl Chosen {
    fn words(&self) -> String {
        [Some(self.policy.as_str()), self.mode.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

fn written(policy: OpcUaPolicy, mode: OpcUaSecurityMode) -> Chosen {
    let policy = match policy {
        OpcUaPolicy::Basic256Sha256 => "Basic256Sha256",
        OpcUaPolicy::Aes128Sha256RsaOaep => "Aes128_Sha256_RsaOaep",
        OpcUaPolicy::Aes256Sha256RsaPss => "Aes256_Sha256_RsaPss",
    };
    let mode = match mode {
        OpcUaSecurityMode::Sign => "Sign",
        OpcUaSecurityMode::SignAndEncrypt => "SignAndEncrypt",
    };
    Chosen { policy: policy.to_owned(), mode: Some(mode.to_owned()) }
}

const NO_DATA: &str =
    "say --data DIR: the gateway's certificate and those of the servers that it trusts are kept there";

/// Told before a person is asked for a password.
pub(super) fn data_is_given(args: &SourceAdd, security: &Chosen) -> anyhow::Result<()> {
    let needed =
        args.user.is_some() || args.user_certificate_file.is_some() || !security.policy.eq_ignore_ascii_case("none");
    if needed && !args.offline && args.place.data.is_none() {
        bail!(NO_DATA);
    }
    Ok(())
}

/// The certificates for a source, which are in the data folder.
pub(crate) fn security(
    id: &str,
    source: &OpcUaSource,
    gateway: &Gateway,
    data: Option<&Path>,
) -> anyhow::Result<Security> {
    let needed = source.security != OpcUaSecurity::None || source.identity != OpcUaIdentity::Anonymous;
    if needed && data.is_none() {
        bail!(NO_DATA);
    }
    let pki = Arc::new(Pki::new(data.unwrap_or(Path::new(""))));
    Ok(Security { pki, source: id.to_owned(), gateway: gateway.clone(), utc: clock::utc })
}

/// Shows the server's certificate, has it trusted where that may be asked, and opens a session.
///
/// # Errors
/// A certificate other than the one that is to be trusted, and what cannot be written.
pub(super) async fn attempt(
    source: &OpcUaSource,
    security: &Security,
    offers: &Offers,
    data: Option<&Path>,
    trust: Option<Trust<'_>>,
) -> anyhow::Result<Result<String, String>> {
    let shown = match offers.certificate(source, security) {
        Ok(shown) => shown,
        Err(words) => return Ok(Err(words)),
    };
    if let Some(shown) = &shown {
        show(shown);
        if !shown.is_trusted && !trusts(shown, security, trust)? {
            return Ok(Err(format!(
                "the server's certificate is not trusted. Compare its SHA-256 with the one that the server itself shows, then\n\
                 {:13}davy trust accept {} --data {}",
                "",
                shown.facts.sha256,
                data.unwrap_or(Path::new("DIR")).display()
            )));
        }
    }
    Ok(session(source, security).await.map_err(|words| match source.security {
        OpcUaSecurity::Secured(_) => {
            format!("{words}\n{:13}this gateway's own certificate is {}", "", security.pki.own_path().display())
        }
        OpcUaSecurity::None => words,
    }))
}

fn show(shown: &Shown) {
    let facts = &shown.facts;
    let signed = if facts.issuer == facts.subject { "itself" } else { &facts.issuer };
    row("certificate", &format!("{}, signed by {signed}, RSA {} bits", facts.subject, facts.key_bits));
    row("  SHA-256", &fingerprint(&facts.sha256));
    row("  SHA-1", &fingerprint(&facts.sha1));
    let left = facts.not_after.since(clock::utc());
    let left = if left < 0 { format!("expired {} ago", span(left)) } else { format!("{} left", span(left)) };
    row("  valid", &format!("{} to {}, {left}", facts.not_before, facts.not_after));
    row("  hosts", &if facts.hosts.is_empty() { "none".to_owned() } else { facts.hosts.join(", ") });
    shown.objections.iter().for_each(|words| row("  warning", words));
    if shown.objections.iter().any(|words| words.contains("_check = false")) {
        row("", "davy source add writes these keys with --no-certificate-host-check and --no-certificate-time-check");
    }
    row("  trusted", if shown.is_trusted { "yes" } else { "no" });
}

fn trusts(shown: &Shown, security: &Security, trust: Option<Trust<'_>>) -> anyhow::Result<bool> {
    let Some(trust) = trust else { return Ok(false) };
    let sha256 = &shown.facts.sha256;
    let accepted = match trust.given {
        Some(given) if shown.facts.is(given) => true,
        Some(given) => bail!(
            "the server shows another certificate than {given}: it was not trusted and nothing was written. Find out who answers \
             there"
        ),
        None => ask::yes("Is this the SHA-256 that the server itself shows, and do you trust it? [y/N] ")?,
    };
    if accepted {
        let by = trust.by.map(str::to_owned);
        certificates::decide(CertificateDecision::Trust, &security.pki, &Decide::of(sha256, by))?;
    }
    Ok(accepted)
}

async fn session(source: &OpcUaSource, security: &Security) -> Result<String, String> {
    let link = Link::open(source, security).await?;
    let namespaces = link.namespaces().join(", ");
    link.close().await;
    Ok(format!("a session was made; namespaces: {namespaces}"))
}
