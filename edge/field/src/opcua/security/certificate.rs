//! What a certificate says, for people and for checks. Pure.

use crate::limits::opcua as bounds;
use davy_core::{health::CertificateFacts, time::UtcTime};
use opcua::crypto::X509;
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_cert::{
    Certificate,
    der::{Decode, Reader, SliceReader},
    ext::pkix::{SubjectAltName, name::GeneralName},
    time::Time,
};

/// Reads the DER form of one certificate.
///
/// # Errors
/// In words.
pub fn read(der: &[u8]) -> Result<CertificateFacts, String> {
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
    let uri = |name: &GeneralName| {
        let GeneralName::UniformResourceIdentifier(uri) = name else { return None };
        Some(plain(uri.as_str()))
    };
    Ok(CertificateFacts {
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

/// Bytes that follow the first certificate.
fn after_the_first(der: &[u8]) -> Option<u32> {
    let mut reader = SliceReader::new(der).ok()?;
    Certificate::decode(&mut reader).ok()?;
    let more = u32::from(reader.remaining_len());
    (more > 0).then_some(more)
}

fn host(name: &GeneralName) -> Option<String> {
    if let GeneralName::DnsName(name) = name {
        return Some(plain(name.as_str()));
    }
    let GeneralName::IpAddress(bytes) = name else { return None };
    address(bytes.as_bytes()).map(|address| address.to_string())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(Ipv4Addr::from).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(Ipv6Addr::from).map(IpAddr::from)).ok()
}

fn utc(time: Time) -> UtcTime {
    UtcTime(i64::try_from(time.to_unix_duration().as_millis()).unwrap_or(i64::MAX))
}

/// A text from a stranger, fit for a terminal.
pub(super) fn plain(text: &str) -> String {
    let shown = text.chars().take(bounds::CERTIFICATE_TEXT_CHARS_MAX);
    shown.map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
