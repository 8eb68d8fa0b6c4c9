//! What people decide about certificates, and how the journal hears of it.

use super::{
    certificate::CertificateFacts,
    files::{self, Done, PkiError, gone, json, read_json, write},
    folder::{Note, Pki, REJECTED, Standing, TRUSTED},
};
use crate::limits::opcua as bounds;
use davy_core::time::UtcTime;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const ACTS: &str = "acts";

/// What a person can decide about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Trust a server's certificate.
    Trust,
    /// Trust it no longer, and keep it in the list.
    Reject,
    /// Take it out of the list: a server that shows it again is refused and listed again.
    Remove,
    /// Make a certificate of our own in place of the one there is.
    Renew,
}

/// A decision as it was made, for the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: UtcTime,
    /// Who.
    pub by: String,
    /// What.
    pub decision: Decision,
    /// SHA-256 of the certificate.
    pub sha256: String,
    /// Its subject.
    pub subject: String,
}

impl Pki {
    /// Carries out what a person decided about a server's certificate, and says what it was about. A connection that has
    /// lost its trust ends; one that has gained it is made at the next attempt.
    ///
    /// # Errors
    /// When there is no such certificate, when it cannot be decided about, or when the folder cannot be written.
    pub fn decide(&self, decision: Decision, fingerprint: &str, by: &str, now: UtcTime) -> Done<Act> {
        let listed = self.find(fingerprint)?;
        let subject = &listed.facts.subject;
        let folder = match (decision, listed.standing) {
            (Decision::Renew, _) | (_, Standing::Own) => {
                return Err(PkiError::Senseless(format!(
                    "{subject} is this gateway's own certificate; it is renewed with `davy certificate renew`"
                )));
            }
            (Decision::Trust, Standing::Trusted) => {
                return Err(PkiError::Senseless(format!("{subject} is trusted already")));
            }
            (_, Standing::Trusted) => TRUSTED,
            (_, Standing::Rejected) => REJECTED,
        };
        let (name, der) = self.file_of(folder, &listed.facts.sha256)?;
        let note = Note { decided_by: Some(by.to_owned()), decided_at: Some(now), ..listed.note };
        match decision {
            Decision::Trust => {
                self.put(TRUSTED, &name, &der, &note)?;
                self.take_away(REJECTED, &name)?;
            }
            Decision::Reject => {
                self.take_away(TRUSTED, &name)?;
                self.put(REJECTED, &name, &der, &note)?;
            }
            Decision::Remove | Decision::Renew => self.take_away(folder, &name)?,
        }
        let act = act(decision, &listed.facts, by, now);
        tracing::warn!(by, decision = ?act.decision, sha256 = act.sha256, subject = act.subject, "decided about a certificate");
        Ok(act)
    }

    /// Leaves word of a decision for the journal, which a running gateway alone can write.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn leave(&self, act: &Act) -> Done<()> {
        let name = format!("{}-{}.json", act.at.to_string().replace(':', ""), act.sha256.get(..16).unwrap_or_default());
        write(&self.folder.join(ACTS).join(name), &json(act)?)
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
pub(super) fn act(decision: Decision, facts: &CertificateFacts, by: &str, at: UtcTime) -> Act {
    let (sha256, subject) = (facts.sha256.clone(), facts.subject.clone());
    Act { at, by: by.to_owned(), decision, sha256, subject }
}
