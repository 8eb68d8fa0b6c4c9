//! Whether a certificate and a key will do for the page, in words that say what to do.

use crate::{clock, limits};
use davy_api::{PageCertificate, Tls};
use davy_config::{Checked, Errors, Finding, WebCertificate};
use davy_core::{health::CertificateFacts, time::UtcTime};
use std::{path::Path, sync::Arc};
use tokio_rustls::rustls::{
    Error, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};

/// The configuration in a folder, with the page's certificate looked at as well, which takes a clock.
pub(crate) fn read_dir(folder: &Path) -> Result<Checked, Errors> {
    judged(davy_config::read_dir(folder)?)
}

/// A configuration with the page's certificate looked at as well.
pub(crate) fn judged(mut checked: Checked) -> Result<Checked, Errors> {
    let Some(certificate) = &checked.configuration.web.certificate else { return Ok(checked) };
    let finding = |message: String| {
        let (line, column) = certificate.place;
        Finding { file: "gateway.toml".to_owned(), line, column, message: format!("certificate: {message}") }
    };
    match site(certificate).and_then(|shown| shown.in_time(clock::utc())) {
        Ok(None) => {}
        Ok(Some(words)) => {
            let finding = finding(words);
            checked.coverage.push(finding);
            checked.coverage.sort();
        }
        Err(words) => return Err(Errors(vec![finding(words)])),
    }
    Ok(checked)
}

/// A certificate that can be shown.
pub(super) struct Shown {
    pub(super) facts: CertificateFacts,
    config: Arc<ServerConfig>,
}

/// The site's own, whenever it is valid.
pub(super) fn site(certificate: &WebCertificate) -> Result<Shown, String> {
    Shown::read(&certificate.pem.certificate_pem, certificate.pem.key_pem.0.as_bytes())
}

impl Shown {
    pub(super) fn read(chain: &[u8], key: &[u8]) -> Result<Self, String> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("the file is not PEM throughout: {error}; have it written once more"))?;
        let first =
            chain.first().ok_or("the file has no certificate; name a PEM file with -----BEGIN CERTIFICATE-----")?;
        let facts = davy_field::certificate_facts(first)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
            format!("its key cannot be read: {error}; name a PEM file with the private key, not encrypted")
        })?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(|error| refused(&error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { facts, config: Arc::new(config) })
    }

    /// Whether it is valid now; when not for long any more, that in words.
    pub(super) fn in_time(&self, now: UtcTime) -> Result<Option<String>, String> {
        let CertificateFacts { not_before, not_after, .. } = self.facts;
        if now > not_after {
            return Err(format!(
                "it ended at {not_after}; get another from whoever gave it, or remove certificate and key until then and the gateway makes one"
            ));
        }
        if now < not_before {
            return Err(format!(
                "it is valid from {not_before} only, and it is {now}; set the clock, or wait with this one"
            ));
        }
        let left = not_after.0 - now.0;
        let soon = left < limits::WEB_CERTIFICATE_LEFT_MIN_MS;
        Ok(soon.then(|| format!("ends in {}, at {not_after}; get another in time", davy_field::span(left))))
    }

    pub(super) fn fingerprint(&self) -> String {
        davy_field::fingerprint(&self.facts.sha256)
    }

    pub(super) fn say(&self) {
        let CertificateFacts { subject, not_after, .. } = &self.facts;
        tracing::info!(sha256 = %self.fingerprint(), %subject, until = %not_after, "the page shows this certificate");
    }

    /// As the page shows it, which the site has given or the gateway has made.
    pub(super) fn tls(&self, of_site: bool) -> Tls {
        let CertificateFacts { sha256, subject, issuer, hosts, not_before, not_after, .. } = self.facts.clone();
        let certificate = PageCertificate { own: !of_site, sha256, subject, issuer, hosts, not_before, not_after };
        Tls { config: Arc::clone(&self.config), strict: of_site, certificate }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library may name further mistakes, and says each in words")]
fn refused(error: &Error) -> String {
    match error {
        Error::InconsistentKeys(_) => {
            "its key belongs to another certificate; the page's own stands first in the file, and key names the key that it was made for".to_owned()
        }
        other => format!("it cannot be used: {other}; RSA from 2048 bits, ECDSA P-256 and P-384, and Ed25519 can"),
    }
}
