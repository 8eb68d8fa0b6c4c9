//! What a certificate says, for people and for checks. Pure.

use crate::limits::opcua as bounds;
use davy_core::time::UtcTime;
use opcua::crypto::X509;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_cert::{
    Certificate,
    der::{Decode, Reader, SliceReader},
    ext::pkix::{SubjectAltName, name::GeneralName},
    time::Time,
};

/// What a certificate says (RFC 5280; OPC 10000-6, 6.2.2). Texts come from whoever made it: they are shortened to a bound and
/// have no control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// SHA-256 of its DER form, 64 hexadecimal digits: what a person compares.
    pub sha256: String,
    /// SHA-1, 40 hexadecimal digits: the thumbprint by which OPC UA products name it.
    pub sha1: String,
    /// Whom it is for, RFC 4514.
    pub subject: String,
    /// Who signed it; the same as the subject when nobody else did.
    pub issuer: String,
    /// Valid from.
    pub not_before: UtcTime,
    /// Valid until.
    pub not_after: UtcTime,
    /// The URIs among its alternative names; the first is the application's.
    pub uris: Vec<String>,
    /// The host names and addresses among them.
    pub hosts: Vec<String>,
    /// Bits of its RSA key; 0 when it has another kind of key.
    pub key_bits: usize,
}

impl CertificateFacts {
    /// Reads the DER form.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn read(der: &[u8]) -> Result<Self, String> {
        let unreadable = || "the certificate cannot be read; make one in DER form (X.509 v3)".to_owned();
        if let Some(more) = after_the_first(der) {
            return Err(format!(
                "the server sends a chain of certificates ({more} bytes after its own), which this gateway does not take; \
                 let the server send its own certificate alone"
            ));
        }
        let library = X509::from_der(der).map_err(|_| unreadable())?;
        let certificate = Certificate::from_der(der).map_err(|_| unreadable())?;
        let body = &certificate.tbs_certificate;
        let names = body.get::<SubjectAltName>().ok().flatten().map(|(_, names)| names.0).unwrap_or_default();
        let uri = |name: &GeneralName| match name {
            GeneralName::UniformResourceIdentifier(uri) => Some(plain(uri.as_str())),
            _ => None,
        };
        Ok(Self {
            sha256: hexadecimal(&Sha256::digest(der)),
            sha1: library.thumbprint().as_hex_string(),
            subject: plain(&body.subject.to_string()),
            issuer: plain(&body.issuer.to_string()),
            not_before: utc(body.validity.not_before),
            not_after: utc(body.validity.not_after),
            uris: names.iter().filter_map(uri).take(bounds::CERTIFICATE_NAMES_MAX).collect(),
            hosts: names.iter().filter_map(host).take(bounds::CERTIFICATE_NAMES_MAX).collect(),
            key_bits: library.key_length().unwrap_or_default(),
        })
    }

    /// The URI of the application that it is for.
    #[must_use]
    pub fn application_uri(&self) -> Option<&str> {
        self.uris.first().map(String::as_str)
    }

    /// Whether it is that of a fingerprint as a person writes one, SHA-256 or SHA-1, with or without colons and blanks.
    #[must_use]
    pub fn is(&self, fingerprint: &str) -> bool {
        let written: String = fingerprint.chars().filter(|c| !matches!(c, ':' | ' ' | '-')).collect();
        written.eq_ignore_ascii_case(&self.sha256) || written.eq_ignore_ascii_case(&self.sha1)
    }
}

/// Bytes that follow the first certificate.
fn after_the_first(der: &[u8]) -> Option<u32> {
    let mut reader = SliceReader::new(der).ok()?;
    Certificate::decode(&mut reader).ok()?;
    let more = u32::from(reader.remaining_len());
    (more > 0).then_some(more)
}

fn host(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(plain(name.as_str())),
        GeneralName::IpAddress(bytes) => address(bytes.as_bytes()).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(Ipv4Addr::from).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(Ipv6Addr::from).map(IpAddr::from)).ok()
}

fn utc(time: Time) -> UtcTime {
    UtcTime(i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX))
}

/// A text from a stranger, fit for a terminal.
fn plain(text: &str) -> String {
    let shown = text.chars().take(bounds::CERTIFICATE_TEXT_CHARS_MAX);
    shown.map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
