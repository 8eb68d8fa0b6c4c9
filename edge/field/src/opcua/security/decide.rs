//! What people decide about certificates, and how the journal hears of it.

use super::{
    files::{self, Done, PkiError, gone, json, read_json, write},
    folder::{Pki, REJECTED, TRUSTED},
};
use crate::limits::opcua as bounds;
use davy_core::{
    event::CertificateDecision,
    health::{CertificateFacts, CertificateNote, CertificateStanding, CertificateView},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const ACTS: &str = "acts";

/// A decision as it was made, for the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: UtcTime,
    /// Who.
    pub by: String,
    /// What.
    pub decision: CertificateDecision,
    /// SHA-256 of the certificate.
    pub sha256: String,
    /// Its subject.
    pub subject: String,
}

impl Pki {
    /// What a person wants to decide about a server's certificate, if it can be decided. Nothing is done yet.
    ///
    /// # Errors
    /// When there is no such certificate, or when it makes no sense for this one.
    pub fn consider(&self, decision: CertificateDecision, fingerprint: &str, by: &str, now: UtcTime) -> Done<Act> {
        let CertificateView { standing, facts, .. } = self.find(fingerprint)?;
        let senseless = match (decision, standing) {
            (CertificateDecision::Renew, _) | (_, CertificateStanding::Own) => {
                "this gateway's own certificate is renewed with `davy certificate renew`, and nothing else"
            }
            (CertificateDecision::Trust, CertificateStanding::Trusted) => "it is trusted already",
            _ if by.trim().is_empty() => "nobody has decided: give a name",
            _ if by.chars().count() > bounds::DECIDER_CHARS_MAX => "the name is too long: shorten it",
            _ => return Ok(act(decision, &facts, by, now)),
        };
        Err(PkiError::Senseless(format!("{}: {senseless}", facts.subject)))
    }

    /// Carries out what was decided. A connection that has lost its trust ends; one that has gained it is made at the next
    /// attempt.
    ///
    /// # Errors
    /// When the certificate has gone meanwhile, or when the folder cannot be written.
    pub fn carry_out(&self, act: &Act) -> Done<()> {
        let CertificateView { standing, note, .. } = self.find(&act.sha256)?;
        let folder = if standing == CertificateStanding::Trusted { TRUSTED } else { REJECTED };
        let (name, der) = self.file_of(standing, &act.sha256)?;
        let note = CertificateNote { decided_by: Some(act.by.clone()), decided_at: Some(act.at), ..note };
        match act.decision {
            CertificateDecision::Trust => {
                self.put(TRUSTED, &name, &der, &note)?;
                self.take_away(REJECTED, &name)?;
            }
            CertificateDecision::Reject => {
                self.take_away(TRUSTED, &name)?;
                self.put(REJECTED, &name, &der, &note)?;
            }
            CertificateDecision::Remove => self.take_away(folder, &name)?,
            CertificateDecision::Renew => {}
        }
        let Act { by, decision, sha256, subject, .. } = act;
        tracing::warn!(by, ?decision, sha256, subject, "decided about a certificate");
        Ok(())
    }

    /// Leaves word of a decision for the journal, which a running gateway alone can write; gives what [`Pki::told`] takes.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn leave(&self, act: &Act) -> Done<PathBuf> {
        let name = format!("{}-{}.json", act.at.to_string().replace(':', ""), act.sha256.get(..16).unwrap_or_default());
        let path = self.folder.join(ACTS).join(name);
        write(&path, &json(act)?)?;
        Ok(path)
    }

    /// Decisions that are not in the journal yet, the oldest first, each with what is to be given to [`Pki::told`].
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn untold(&self) -> Done<Vec<(PathBuf, Act)>> {
        let mut paths = files::list(&self.folder.join(ACTS), "json")?;
        paths.sort();
        paths.truncate(bounds::ACTS_AT_ONCE);
        let acts = paths.into_iter().map(|path| Ok(read_json(&path)?.map(|act| (path, act))));
        acts.collect::<Done<Vec<_>>>().map(|acts| acts.into_iter().flatten().collect())
    }

    /// A decision is in the journal.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn told(&self, path: &Path) -> Done<()> {
        gone(path)
    }
}

/// A decision as it was made.
pub(super) fn act(decision: CertificateDecision, facts: &CertificateFacts, by: &str, at: UtcTime) -> Act {
    let (sha256, subject) = (facts.sha256.clone(), facts.subject.clone());
    Act { at, by: by.to_owned(), decision, sha256, subject }
}
