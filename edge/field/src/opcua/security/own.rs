//! Makes the gateway's own certificate: an application instance certificate after OPC 10000-6, 6.2.2, signed by itself.

use crate::limits::opcua as bounds;
use davy_core::{model::Gateway, time::UtcTime};
use opcua::crypto::X509Data;
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
    rand_core::{OsRng, RngCore},
    sha2::{Digest, Sha256},
};
use std::{
    str::FromStr,
    time::{Duration, SystemTime},
};
use x509_cert::{
    builder::{Builder, CertificateBuilder, Profile},
    der::{Encode, asn1::OctetString, oid::db::rfc5280::ID_KP_CLIENT_AUTH},
    ext::pkix::{
        AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
        SubjectKeyIdentifier,
    },
    name::Name,
    serial_number::SerialNumber,
    spki::SubjectPublicKeyInfoOwned,
    time::{Time, Validity},
};

/// Whom a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) application_uri: String,
    /// RFC 4514.
    pub(super) subject: String,
}

impl Owner {
    pub(super) fn of(gateway: &Gateway) -> Self {
        let subject = format!("CN=Davy {},O={}", safe(&gateway.gateway_id), safe(&gateway.company_code));
        Self { application_uri: application_uri(gateway), subject }
    }
}

/// The name of this gateway among all applications of the world.
pub(super) fn application_uri(gateway: &Gateway) -> String {
    format!("urn:davy:{}:{}", safe(&gateway.company_code), safe(&gateway.gateway_id))
}

/// Ids may have characters that mean something in a name; a certificate does without them.
fn safe(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}

/// A new key, PKCS #8 in PEM. Takes seconds on a small box.
///
/// # Errors
/// In words.
pub(super) fn key(bits: usize) -> Result<String, String> {
    let key = RsaPrivateKey::new(&mut OsRng, bits)
        .map_err(|error| format!("a key of {bits} bits cannot be made: {error}"))?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| format!("the key cannot be written: {error}"))?;
    Ok(pem.as_str().to_owned())
}

/// A certificate for a key, in DER form. It is valid from a day ago, for servers whose clock is behind.
///
/// # Errors
/// In words; also when the clock shows a time at which no gateway of this kind existed.
pub(super) fn certificate(owner: &Owner, key_pem: &str, now: UtcTime) -> Result<Vec<u8>, String> {
    if now < bounds::CLOCK_EARLIEST {
        return Err(format!(
            "no certificate is made while the clock of this gateway shows {now}: it would be valid in the wrong years; set the clock"
        ));
    }
    let key = RsaPrivateKey::from_pkcs8_pem(key_pem)
        .map_err(|_| "the private key cannot be read; it must be an RSA key, PKCS #8 in PEM".to_owned())?;
    signed(owner, &SigningKey::<Sha256>::new(key), now).map_err(|error| format!("no certificate can be made: {error}"))
}

type Made<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn signed(owner: &Owner, key: &SigningKey<Sha256>, now: UtcTime) -> Made<Vec<u8>> {
    use rsa::signature::Keypair;
    let subject = Name::from_str(&owner.subject)?;
    let public = SubjectPublicKeyInfoOwned::from_key(key.verifying_key())?;
    // RFC 7093, 2, method 1.
    let digest = Sha256::digest(public.subject_public_key.raw_bytes());
    let key_id = OctetString::new(digest.iter().copied().take(20).collect::<Vec<u8>>())?;
    let now = Duration::from_millis(u64::try_from(now.0)?);
    let time = |since_1970: Duration| Time::try_from(SystemTime::UNIX_EPOCH + since_1970);
    let validity = Validity {
        not_before: time(now.saturating_sub(bounds::OWN_CERTIFICATE_BEGINS_BEFORE))?,
        not_after: time(now + bounds::OWN_CERTIFICATE_LIFETIME)?,
    };
    let profile = Profile::Manual { issuer: Some(subject.clone()) };
    let mut builder = CertificateBuilder::new(profile, serial()?, validity, subject, public, key)?;
    builder.add_extension(&SubjectKeyIdentifier(key_id.clone()))?;
    builder
        .add_extension(&AuthorityKeyIdentifier { key_identifier: Some(key_id), ..AuthorityKeyIdentifier::default() })?;
    builder.add_extension(&BasicConstraints { ca: false, path_len_constraint: None })?;
    builder.add_extension(&KeyUsage(
        KeyUsages::DigitalSignature
            | KeyUsages::NonRepudiation
            | KeyUsages::KeyEncipherment
            | KeyUsages::DataEncipherment
            | KeyUsages::KeyCertSign,
    ))?;
    builder.add_extension(&ExtendedKeyUsage(vec![ID_KP_CLIENT_AUTH]))?;
    builder.add_extension(&names(&owner.application_uri))?;
    Ok(builder.build()?.to_der()?)
}

/// The application's URI, then the name of this box and the addresses that the name has.
fn names(application_uri: &str) -> SubjectAltName {
    X509Data::alt_host_names(application_uri, None, false, true, true).names
}

fn serial() -> Made<SerialNumber> {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    // Positive, and never shorter than it looks.
    bytes[0] = bytes[0] & 0x3F | 0x40;
    Ok(SerialNumber::new(&bytes)?)
}
