//! `davy trust` and `davy certificate`. A gateway may be running on the same folder: it sees what was decided at once, and
//! writes it into the journal.

use crate::{
    ask,
    cli::{Certificate as CertificateArgs, CertificateAct, Decide, Format, Trust as TrustArgs, TrustAct},
    clock, output,
};
use anyhow::bail;
use davy_core::{
    event::CertificateDecision,
    health::{CertificateStanding, CertificateView},
};
use davy_field::Pki;
use std::process::ExitCode;

/// `davy trust`.
pub(crate) fn trust(args: &TrustArgs) -> anyhow::Result<ExitCode> {
    match &args.act {
        TrustAct::List { data, format } => {
            let all = Pki::new(data).list()?;
            match format {
                Format::Json => output::line(serde_json::to_string_pretty(&all)?),
                Format::Text if all.is_empty() => output::line("no certificates: no server has shown one yet"),
                Format::Text => all.iter().for_each(|view| output::line(row(view))),
            }
        }
        TrustAct::Show { fingerprint, data, format } => show(&Pki::new(data).find(fingerprint)?, *format)?,
        TrustAct::Accept(of) => decide(CertificateDecision::Trust, &Pki::new(&of.data), &of.decide)?,
        TrustAct::Reject(of) => decide(CertificateDecision::Reject, &Pki::new(&of.data), &of.decide)?,
        TrustAct::Remove(of) => decide(CertificateDecision::Remove, &Pki::new(&of.data), &of.decide)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// `davy certificate`.
pub(crate) fn certificate(args: &CertificateArgs) -> anyhow::Result<ExitCode> {
    match &args.act {
        CertificateAct::Show { data, format } => {
            let pki = Pki::new(data);
            let own = pki.list()?.into_iter().find(|view| view.standing == CertificateStanding::Own);
            let Some(own) = own else {
                bail!(
                    "there is no certificate yet; it is made when an OPC UA source with security connects for the first time"
                );
            };
            show(&own, *format)?;
            if *format == Format::Text {
                output::line(format!("file         {}", pki.own_path().display()));
            }
        }
        CertificateAct::Renew { data, by } => {
            let pki = Pki::new(data);
            let facts = pki.renew(&name(by.as_deref())?, clock::utc())?;
            output::line(format!(
                "made a new certificate, valid until {}; the old one is kept beside it",
                facts.not_after
            ));
            output::line(format!("SHA-256 {}", facts.sha256));
            output::line(format!("trust {} at every OPC UA server that trusted the old one", pki.own_path().display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// On record first, so that nobody is ever trusted without a name.
pub(crate) fn decide(decision: CertificateDecision, pki: &Pki, of: &Decide) -> anyhow::Result<()> {
    let act = pki.consider(decision, &of.fingerprint, &name(of.by.as_deref())?, clock::utc())?;
    let word = pki.leave(&act)?;
    if let Err(error) = pki.carry_out(&act) {
        pki.told(&word)?;
        return Err(error.into());
    }
    let done = match decision {
        CertificateDecision::Trust => "trusted",
        CertificateDecision::Reject => "no longer trusted",
        CertificateDecision::Remove => "taken out of the list",
        CertificateDecision::Renew => "renewed",
    };
    output::line(format!("{done}: {} SHA-256 {}", act.subject, act.sha256));
    Ok(())
}

/// Who decides: as told, or who is logged in.
pub(crate) fn name(by: Option<&str>) -> anyhow::Result<String> {
    let logged_in = || ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|variable| std::env::var(variable).ok());
    let name = by.map(str::to_owned).or_else(logged_in).filter(|name| !name.trim().is_empty());
    match name {
        Some(name) => Ok(name),
        None if ask::is_terminal() => ask::line("Who decides, for the journal 决定人: "),
        None => bail!("say who decides with --by NAME: it goes into the journal"),
    }
}

/// `rejected  AB12…  CN=DCS  until 2030-01-01  dcs`
fn row(view: &CertificateView) -> String {
    let CertificateView { facts, note, .. } = view;
    let source = note.source.as_deref().unwrap_or("-");
    format!("{:<8}  {}  until {}  {source}  {}", standing(view), facts.sha256, facts.not_after, facts.subject)
}

fn show(view: &CertificateView, format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        output::line(serde_json::to_string_pretty(view)?);
        return Ok(());
    }
    let CertificateView { facts, note, .. } = view;
    let seen = note.seen_at.map(|at| format!("{at} at {}", note.endpoint.as_deref().unwrap_or_default()));
    let decided = note.decided_at.map(|at| format!("{at} by {}", note.decided_by.as_deref().unwrap_or_default()));
    for (what, text) in [
        ("standing", Some(standing(view).to_owned())),
        ("SHA-256", Some(facts.sha256.clone())),
        ("SHA-1", Some(facts.sha1.clone())),
        ("subject", Some(facts.subject.clone())),
        ("issuer", Some(facts.issuer.clone())),
        ("valid", Some(format!("{} to {}", facts.not_before, facts.not_after))),
        ("application", Some(facts.uris.join(", "))),
        ("hosts", Some(facts.hosts.join(", "))),
        ("key", Some(format!("RSA {} bits", facts.key_bits))),
        ("source", note.source.clone()),
        ("first seen", seen),
        ("decided", decided),
    ] {
        text.iter().for_each(|text| output::line(format!("{what:<11}  {text}")));
    }
    Ok(())
}

fn standing(view: &CertificateView) -> &'static str {
    match view.standing {
        CertificateStanding::Own => "own",
        CertificateStanding::Trusted => "trusted",
        CertificateStanding::Rejected => "rejected",
    }
}
