//! The security of OPC UA connections: who the server is, who the gateway is, and who decides.
//!
//! | file | does |
//! |---|---|
//! | `certificate` | what a certificate says; pure |
//! | `folder` | the gateway's certificates as files |
//! | `files` | how those are read and written |
//! | `decide` | what people decide about certificates |
//! | `own` | makes the gateway's own certificate |
//! | `check` | whether a server's certificate will do, in words; pure |
//! | `endpoint` | the endpoint with the configured security, never a weaker one; pure |
//! | `identity` | who the gateway is to the server |
//! | `words` | what a status of the connection means here; pure |
//!
//! The library keeps certificates in a folder as well and can be told to trust whatever comes. It is given ours, told to
//! trust nothing by itself, and asked for nothing but whether the file is there: what a certificate must say is judged
//! here, before the connection, so that a person can be told.

mod certificate;
mod check;
mod decide;
mod endpoint;
mod files;
mod folder;
mod identity;
mod own;
mod words;

pub use certificate::read as certificate_facts;
pub use decide::Act;
pub(crate) use endpoint::{Way, way};
pub use files::PkiError;
pub use folder::Pki;
use folder::Whose;
pub(crate) use words::{Words, clock};
pub use words::{fingerprint, span};

use crate::limits::opcua as bounds;
use check::Expected;
use davy_config::{OpcUaSecured, OpcUaSecurity, OpcUaSource};
use davy_core::{health::CertificateFacts, model::Gateway, time::UtcTime};
use identity::Credential;
use opcua::{
    client::IdentityToken,
    core::sync::RwLock,
    crypto::CertificateStore,
    types::{ByteString, EndpointDescription},
};
use std::sync::Arc;

/// What every OPC UA source needs to be secure.
#[derive(Clone, Debug)]
pub struct Security {
    /// The gateway's certificates, and those it trusts.
    pub pki: Arc<Pki>,
    /// The source as people call it.
    pub source: String,
    /// Who the gateway is.
    pub gateway: Gateway,
    /// The wall clock.
    pub utc: fn() -> UtcTime,
}

impl Security {
    /// The connection of the source rests on these certificates, in DER form; the one that ends first counts. One that cannot be
    /// read is judged elsewhere.
    pub(crate) fn rests_on<'a>(&self, ders: impl Iterator<Item = &'a [u8]>) {
        let facts = ders.filter_map(|der| certificate::read(der).ok());
        self.pki.uses(&self.source, Whose::Theirs, facts.min_by_key(|facts| facts.not_after).as_ref());
    }
}

/// All that a session is opened with.
pub(crate) struct Secured {
    pub(crate) endpoint: EndpointDescription,
    pub(crate) token: IdentityToken,
    pub(crate) store: Arc<RwLock<CertificateStore>>,
    pub(crate) application_uri: String,
    pub(crate) words: Words,
    /// For a person, beside the health of the source.
    pub(crate) notes: Vec<String>,
    /// The server's certificate, of which the trust may be withdrawn.
    pub(crate) pinned: Option<CertificateFacts>,
}

impl Security {
    /// Chooses the endpoint, judges the server's certificate and makes ready what the session needs. May take seconds the
    /// first time, when the gateway's key is made. `ahead_ms` is by how much the server's clock is ahead of ours.
    ///
    /// # Errors
    /// In words that say what to do.
    pub(crate) fn prepare(
        &self,
        config: &OpcUaSource,
        place: &str,
        offered: Vec<EndpointDescription>,
        ahead_ms: i64,
    ) -> Result<Secured, String> {
        let now = (self.utc)();
        let credential = Credential::of(&config.identity)?;
        let mut endpoint = endpoint::choose(config.security, &credential, offered)?;
        // A server often advertises a name that cannot be reached from here. The configured address is the one to use.
        endpoint.endpoint_url = place.into();
        let mut words = Words { ahead_ms, by: credential.words(), own: None };
        let mut notes: Vec<String> = words::clock(ahead_ms).into_iter().collect();
        let mut own = None;
        let mut pinned = None;
        if let OpcUaSecurity::Secured(secured) = config.security {
            let made = self.pki.own(&self.gateway, now)?;
            self.pki.uses(&self.source, Whose::Own, Some(&made));
            words.own = Some(made.sha256.clone());
            notes.extend(check::ends_soon("this gateway's own certificate", &made, now));
            own = Some(made);
            let expected = Expected::new(secured, place, &endpoint);
            pinned = Some(self.judge(&endpoint, &expected, now).map_err(|reason| words.with_clock(reason))?);
        } else if credential.is_password() {
            // Without a channel to protect it the password is encrypted for this certificate, so it must be a trusted one.
            let expected = Expected::anywhere();
            pinned = Some(self.judge(&endpoint, &expected, now).map_err(|reason| words.with_clock(reason))?);
        }
        if own.is_none() {
            self.pki.uses(&self.source, Whose::Own, None);
        }
        if pinned.is_none() {
            self.pki.uses(&self.source, Whose::Theirs, None);
        }
        notes.extend(pinned.iter().filter_map(|facts| check::ends_soon("the server's certificate", facts, now)));
        if config.security == OpcUaSecurity::None && pinned.is_none() && !credential.is_certificate() {
            // Nothing is done with it, and one that cannot be read must not stand in the way.
            endpoint.server_certificate = ByteString::null();
        }
        let application_uri = match &own {
            Some(own) => own.application_uri().unwrap_or_default().to_owned(),
            None => own::application_uri(&self.gateway),
        };
        let store = self.pki.store(own.is_some());
        Ok(Secured { endpoint, token: credential.token, store, application_uri, words, notes, pinned })
    }

    /// The certificate that a server shows for the configured security, and how it stands; `None` where none is needed. One that
    /// nobody has trusted is listed for a decision.
    ///
    /// # Errors
    /// In words: no such endpoint, no certificate, a folder that cannot be written.
    pub(crate) fn shown(
        &self,
        config: &OpcUaSource,
        place: &str,
        offered: Vec<EndpointDescription>,
    ) -> Result<Option<Shown>, String> {
        let credential = Credential::of(&config.identity)?;
        let mut endpoint = endpoint::choose(config.security, &credential, offered)?;
        endpoint.endpoint_url = place.into();
        let expected = match config.security {
            OpcUaSecurity::Secured(secured) => Expected::new(secured, place, &endpoint),
            OpcUaSecurity::None if credential.is_password() => Expected::anywhere(),
            OpcUaSecurity::None => return Ok(None),
        };
        self.stands(&endpoint, &expected).map(Some)
    }

    /// The certificate that a server shows for such a security, whoever logs in, and how it stands. One that nobody has trusted is
    /// listed for a decision.
    ///
    /// # Errors
    /// In words: no such endpoint, no certificate, a folder that cannot be written.
    pub(crate) fn shown_for(
        &self,
        secured: OpcUaSecured,
        place: &str,
        offered: Vec<EndpointDescription>,
    ) -> Result<Shown, String> {
        let is_meant = |endpoint: &EndpointDescription| match way(endpoint).security {
            Some(OpcUaSecurity::Secured(other)) => (other.policy, other.mode) == (secured.policy, secured.mode),
            Some(OpcUaSecurity::None) | None => false,
        };
        let mut endpoint = offered.into_iter().find(is_meant).ok_or("the server offers no such security any more")?;
        endpoint.endpoint_url = place.into();
        let expected = Expected::new(secured, place, &endpoint);
        self.stands(&endpoint, &expected)
    }

    fn stands(&self, endpoint: &EndpointDescription, expected: &Expected) -> Result<Shown, String> {
        let now = (self.utc)();
        let (facts, der) = read(endpoint)?;
        let is_trusted = self.pki.is_trusted(&facts, der)?;
        if !is_trusted {
            self.pki.refuse(&facts, der, &self.source, endpoint.endpoint_url.as_ref(), now)?;
        }
        let mut objections: Vec<String> =
            expected.each().iter().filter_map(|expected| check::check(&facts, expected, now).err()).collect();
        if objections.is_empty() {
            objections.extend(check::ends_soon("the server's certificate", &facts, now));
        }
        Ok(Shown { is_trusted, objections, facts })
    }

    /// The certificate that the server shows, if it will do.
    fn judge(
        &self,
        endpoint: &EndpointDescription,
        expected: &Expected,
        now: UtcTime,
    ) -> Result<CertificateFacts, String> {
        let (facts, der) = read(endpoint)?;
        if !self.pki.is_trusted(&facts, der)? {
            self.pki.uses(&self.source, Whose::Theirs, None);
            self.pki.refuse(&facts, der, &self.source, endpoint.endpoint_url.as_ref(), now)?;
            return Err(check::untrusted(&facts));
        }
        self.pki.uses(&self.source, Whose::Theirs, Some(&facts));
        check::check(&facts, expected, now)?;
        Ok(facts)
    }
}

/// A certificate as a person is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it says.
    pub facts: CertificateFacts,
    /// Whether a person has trusted it.
    pub is_trusted: bool,
    /// Why it will not do, or not for long, in words.
    pub objections: Vec<String>,
}

/// The certificate of an endpoint.
fn read(endpoint: &EndpointDescription) -> Result<(CertificateFacts, &[u8]), String> {
    let der = endpoint.server_certificate.as_ref();
    if der.is_empty() {
        return Err("the server shows no certificate for this endpoint; give it one there".to_owned());
    }
    if der.len() > bounds::CERTIFICATE_BYTES_MAX {
        return Err(format!(
            "the server's certificate has {} bytes, more than {}; give it a certificate of its own without a chain",
            der.len(),
            bounds::CERTIFICATE_BYTES_MAX
        ));
    }
    Ok((certificate::read(der)?, der))
}
