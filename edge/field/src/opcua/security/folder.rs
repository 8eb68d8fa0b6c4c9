//! The gateway's certificates as files, and what people decide about them.
//!
//! | path | is |
//! |---|---|
//! | `own/cert.der` | the gateway's certificate, for the servers |
//! | `private/key.pem` | its key, readable by nobody else |
//! | `trusted/*.der` | certificates of servers that a person has trusted |
//! | `rejected/*.der` | those that a server showed and nobody has trusted; the oldest make room |
//! | `*/*.json` | beside a certificate: who showed it and who decided |
//! | `acts/*.json` | what was decided on the command line and is not in the journal yet; see [`Act`] |
//!
//! Every file is written beside its place and moved there, so that the command line and a running gateway can use the folder
//! at the same time. A certificate that is in both folders after a power failure is trusted: it is moved there by a person,
//! and the other way round it leaves `trusted` first.

use super::{
    certificate, decide,
    files::{self, Done, PkiError, gone, json, read, read_json, write, write_new},
    own::{self, Owner},
};
use crate::limits::opcua as bounds;
use davy_core::{
    event::{CertificateDecision, CertificateEnd},
    health::{CertificateFacts, CertificateNote, CertificateStanding, CertificateView},
    id::SourceId,
    model::Gateway,
    time::UtcTime,
};
use opcua::{
    core::sync::RwLock,
    crypto::{CertificateStore, X509, X509Data},
};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

const OWN: &str = "own/cert.der";
const KEY: &str = "private/key.pem";
pub(super) const TRUSTED: &str = "trusted";
pub(super) const REJECTED: &str = "rejected";

/// The certificates of this gateway, in a folder.
#[derive(Debug)]
pub struct Pki {
    pub(super) folder: PathBuf,
    /// Two sources that begin at once share one certificate.
    making: Mutex<()>,
    /// What the connections show now, by their source.
    in_use: Mutex<BTreeMap<(String, Whose), CertificateFacts>>,
}

/// Whose certificate a connection shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// That of this gateway.
    Own,
    /// That of the server, or what the connection to a broker rests on.
    Theirs,
}

impl Pki {
    /// Those of the gateway whose journal is in this folder. Nothing is read or written before it is needed.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("pki"), making: Mutex::new(()), in_use: Mutex::default() }
    }

    /// Where the gateway's own certificate is, to be handed to a server.
    #[must_use]
    pub fn own_path(&self) -> PathBuf {
        self.folder.join(OWN)
    }

    /// The gateway's own certificate, made when there is none.
    pub(super) fn own(&self, gateway: &Gateway, now: UtcTime) -> Done<CertificateFacts> {
        let _one_at_a_time = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let (certificate, key) = (self.folder.join(OWN), self.folder.join(KEY));
        match (read(&certificate)?, key.exists()) {
            (Some(der), true) => return certificate::read(&der).map_err(PkiError::Folder),
            (Some(_), false) => {
                return Err(PkiError::Folder(format!(
                    "the key of this gateway's certificate is missing; put {} back from a backup, or make a new certificate \
                     with `davy certificate renew`",
                    key.display()
                )));
            }
            (None, true) => {}
            (None, false) => write_new(&key, own::key(bounds::OWN_KEY_BITS).map_err(PkiError::Folder)?.as_bytes())?,
        }
        self.certify(&Owner::of(gateway), now)
    }

    /// Makes the certificate for the key that is there.
    fn certify(&self, owner: &Owner, now: UtcTime) -> Done<CertificateFacts> {
        let key = read(&self.folder.join(KEY))?.unwrap_or_default();
        let der = own::certificate(owner, &String::from_utf8_lossy(&key), now).map_err(PkiError::Folder)?;
        write(&self.folder.join(OWN), &der)?;
        let facts = certificate::read(&der).map_err(PkiError::Folder)?;
        tracing::info!(sha256 = facts.sha256, until = %facts.not_after, "made this gateway's certificate: trust it at the OPC UA servers");
        Ok(facts)
    }

    /// Makes another key and certificate for the same application; the old ones are kept beside them.
    ///
    /// # Errors
    /// When there is none yet, or the folder cannot be written.
    pub fn renew(&self, by: &str, now: UtcTime) -> Done<CertificateFacts> {
        let _one_at_a_time = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let (certificate, key) = (self.folder.join(OWN), self.folder.join(KEY));
        let Some(der) = read(&certificate)? else {
            return Err(PkiError::Senseless(
                "there is no certificate yet; it is made when a source needs one for the first time".to_owned(),
            ));
        };
        let old = certificate::read(&der).map_err(PkiError::Folder)?;
        let application_uri = old.application_uri().unwrap_or_default().to_owned();
        let owner = Owner { application_uri, subject: old.subject };
        let fresh = own::key(bounds::OWN_KEY_BITS).map_err(PkiError::Folder)?;
        // Before anything is moved: what cannot be made must not cost the one there is.
        own::certificate(&owner, &fresh, now).map_err(PkiError::Folder)?;
        let stamp = now.to_string().replace(':', "");
        for (path, kept) in [(&certificate, format!("cert-{stamp}.der")), (&key, format!("key-{stamp}.pem"))] {
            files::keep(path, &path.with_file_name(kept))?;
        }
        write_new(&key, fresh.as_bytes())?;
        let facts = self.certify(&owner, now)?;
        self.leave(&decide::act(CertificateDecision::Renew, &facts, by, now))?;
        Ok(facts)
    }

    /// The connection of a source shows this certificate from now on, or none.
    pub(super) fn uses(&self, source: &str, whose: Whose, facts: Option<&CertificateFacts>) {
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (source.to_owned(), whose);
        match facts {
            Some(facts) => drop(in_use.insert(key, facts.clone())),
            None => drop(in_use.remove(&key)),
        }
    }

    /// Only these sources are left: what others showed is in use no longer.
    pub fn keeps_in_use(&self, sources: &[&SourceId]) {
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.retain(|(source, _), _| sources.iter().any(|kept| kept.as_str() == source));
    }

    /// The certificate in use that ends first.
    #[must_use]
    pub fn ends_first(&self, now: UtcTime) -> Option<CertificateEnd> {
        let in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let ((source, whose), facts) = in_use.iter().min_by_key(|(_, facts)| facts.not_after)?;
        Some(CertificateEnd {
            source: (*whose == Whose::Theirs).then(|| SourceId::from(source.as_str())),
            sha256: facts.sha256.clone(),
            subject: facts.subject.clone(),
            not_after: facts.not_after,
            left_s: facts.not_after.since(now).div_euclid(1_000),
        })
    }

    /// For the library: our own certificate, or none, and the trusted ones.
    pub(super) fn store(&self, with_own: bool) -> Arc<RwLock<CertificateStore>> {
        let mut store = if with_own {
            let (own, key) = (Some(Path::new(OWN)), Some(Path::new(KEY)));
            CertificateStore::new_with_x509_data::<X509Data>(&self.folder, false, own, key, None).0
        } else {
            // A folder without anything in it: nothing is shown to the server, nothing is read.
            CertificateStore::new(&self.folder.join("none"))
        };
        store.set_trust_unknown_certs(false);
        // What a certificate must say has been judged, and the library knows neither the order of the names nor our clock.
        store.set_skip_verify_certs(true);
        Arc::new(RwLock::new(store))
    }

    /// Whether a person has trusted this very certificate.
    pub(super) fn is_trusted(&self, facts: &CertificateFacts, der: &[u8]) -> Done<bool> {
        let name = file_name(der)?;
        let trusted = read(&self.folder.join(TRUSTED).join(&name))?.is_some_and(|kept| kept == der);
        if trusted {
            files::make_folder(&self.folder.join(REJECTED))?;
            self.take_away(REJECTED, &name)?;
            tracing::debug!(sha256 = facts.sha256, "the server's certificate is trusted");
        }
        Ok(trusted)
    }

    /// Whether the certificate of a running connection is still trusted.
    pub(crate) fn still_trusts(&self, sha256: &str) -> bool {
        // A folder that cannot be read withdraws nothing.
        self.listed(CertificateStanding::Trusted)
            .map_or(true, |all| all.iter().any(|(_, listed)| listed.facts.sha256 == sha256))
    }

    /// Keeps a certificate that is not trusted, for a person to decide.
    pub(super) fn refuse(
        &self,
        facts: &CertificateFacts,
        der: &[u8],
        source: &str,
        endpoint: &str,
        now: UtcTime,
    ) -> Done<()> {
        let name = file_name(der)?;
        let path = self.folder.join(REJECTED).join(&name);
        if path.exists() {
            return Ok(());
        }
        let note = CertificateNote {
            source: Some(source.to_owned()),
            endpoint: Some(endpoint.to_owned()),
            seen_at: Some(now),
            ..CertificateNote::default()
        };
        self.make_room()?;
        self.put(REJECTED, &name, der, &note)?;
        tracing::warn!(
            source,
            sha256 = facts.sha256,
            subject = facts.subject,
            "refused an unknown certificate and listed it"
        );
        Ok(())
    }

    fn make_room(&self) -> Done<()> {
        let mut rejected = self.listed(CertificateStanding::Rejected)?;
        rejected.sort_by_key(|(_, listed)| listed.note.seen_at);
        let over = (rejected.len() + 1).saturating_sub(bounds::REJECTED_MAX);
        rejected.iter().take(over).try_for_each(|(name, _)| self.take_away(REJECTED, name))
    }

    /// Every certificate: our own, then the trusted ones, then the rejected ones, those seen last first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Done<Vec<CertificateView>> {
        let mut all = Vec::new();
        if let Some(der) = read(&self.folder.join(OWN))? {
            let facts = certificate::read(&der).map_err(PkiError::Folder)?;
            all.push(CertificateView { standing: CertificateStanding::Own, facts, note: CertificateNote::default() });
        }
        for standing in [CertificateStanding::Trusted, CertificateStanding::Rejected] {
            let mut listed: Vec<_> = self.listed(standing)?.into_iter().map(|(_, listed)| listed).collect();
            listed.sort_by_key(|listed| std::cmp::Reverse(listed.note.decided_at.max(listed.note.seen_at)));
            all.extend(listed);
        }
        Ok(all)
    }

    /// A certificate of the list by its fingerprint.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(&self, fingerprint: &str) -> Done<CertificateView> {
        let found = self.list()?.into_iter().find(|listed| listed.facts.is(fingerprint));
        found.ok_or_else(|| {
            PkiError::Unknown(format!(
                "no certificate with the fingerprint {fingerprint} is listed; see `davy trust list`"
            ))
        })
    }

    pub(super) fn listed(&self, standing: CertificateStanding) -> Done<Vec<(String, CertificateView)>> {
        let folder = self.folder.join(if standing == CertificateStanding::Trusted { TRUSTED } else { REJECTED });
        let mut all = Vec::new();
        for path in files::list(&folder, "der")? {
            let Some(der) = read(&path)? else { continue };
            // A file that somebody else put there and that is none is not ours to judge.
            let Ok(facts) = certificate::read(&der) else { continue };
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
            let note = read_json(&note_of(&path))?.unwrap_or_default();
            all.push((name, CertificateView { standing, facts, note }));
        }
        Ok(all)
    }

    pub(super) fn file_of(&self, standing: CertificateStanding, sha256: &str) -> Done<(String, Vec<u8>)> {
        let found = self.listed(standing)?.into_iter().find(|(_, listed)| listed.facts.sha256 == sha256);
        let folder = self.folder.join(if standing == CertificateStanding::Trusted { TRUSTED } else { REJECTED });
        let der = read(&folder.join(found.map(|(name, _)| name).unwrap_or_default()))?.unwrap_or_default();
        Ok((file_name(&der)?, der))
    }

    pub(super) fn put(&self, folder: &str, name: &str, der: &[u8], note: &CertificateNote) -> Done<()> {
        let path = self.folder.join(folder).join(name);
        write(&note_of(&path), &json(note)?)?;
        write(&path, der)
    }

    pub(super) fn take_away(&self, folder: &str, name: &str) -> Done<()> {
        let path = self.folder.join(folder).join(name);
        gone(&path)?;
        gone(&note_of(&path))
    }
}

/// The name under which the library looks for a certificate.
fn file_name(der: &[u8]) -> Done<String> {
    let certificate = X509::from_der(der).map_err(|_| PkiError::Folder("the certificate cannot be read".to_owned()))?;
    Ok(CertificateStore::cert_file_name(&certificate))
}

fn note_of(path: &Path) -> PathBuf {
    path.with_extension("json")
}

#[cfg(test)]
mod tests;
