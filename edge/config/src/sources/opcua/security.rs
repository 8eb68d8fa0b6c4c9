//! The security of `[[source.opcua]]`: policy, mode, who the gateway is to the server.

use crate::{
    Secrets, broker,
    documents::Section,
    types::{OpcUaIdentity, OpcUaSecured, OpcUaSecurity, OpcUaSecurityMode, Secret},
    words,
};

/// Its keys.
pub(super) const KEYS: [&str; 9] = [
    "security",
    "security_mode",
    "user",
    "password_file",
    "password_env",
    "user_certificate_file",
    "user_key_file",
    "certificate_host_check",
    "certificate_time_check",
];

/// Keys that mean nothing without certificates.
const OF_CERTIFICATES: [&str; 3] = ["security_mode", "certificate_host_check", "certificate_time_check"];

/// Reads policy, mode and identity.
pub(super) fn read(section: &Section<'_>, secrets: Secrets<'_>) -> (OpcUaSecurity, OpcUaIdentity) {
    let policy = section.needed_text("security", "none").and_then(|text| text.one_of(words::SECURITIES));
    let secured = OpcUaSecured {
        policy: policy.flatten().unwrap_or(crate::types::OpcUaPolicy::Basic256Sha256),
        mode: section.one_of("security_mode", words::SECURITY_MODES, OpcUaSecurityMode::SignAndEncrypt),
        host_check: section.flag("certificate_host_check", true),
        time_check: section.flag("certificate_time_check", true),
    };
    if let Some(None) = policy {
        for (key, spot) in OF_CERTIFICATES.iter().filter_map(|key| Some((key, section.key(key)?))) {
            spot.error(format_args!(
                "{key}: belongs to a connection with certificates; name a policy in security or remove it"
            ));
        }
    }
    let security = policy.flatten().map_or(OpcUaSecurity::None, |_| OpcUaSecurity::Secured(secured));
    (security, identity(section, secrets))
}

fn identity(section: &Section<'_>, secrets: Secrets<'_>) -> OpcUaIdentity {
    let (certificate, key) = (section.text("user_certificate_file"), section.text("user_key_file"));
    let password = ["user", "password_file", "password_env"].iter().find_map(|key| section.text(key));
    if let (Some(certificate), Some(password)) = (certificate.or(key), password) {
        password
            .wrong(format_args!("{} is given as well; be known by a password or by a certificate", certificate.what));
        return OpcUaIdentity::Anonymous;
    }
    match (certificate, key) {
        (None, None) => broker::credentials(section, secrets).map_or(OpcUaIdentity::Anonymous, OpcUaIdentity::User),
        (Some(certificate), None) => {
            certificate.wrong("has no private key; add user_key_file = \"…\"");
            OpcUaIdentity::Anonymous
        }
        (None, Some(key)) => {
            key.wrong("has no certificate; add user_certificate_file = \"…\"");
            OpcUaIdentity::Anonymous
        }
        (Some(certificate), Some(key)) => {
            let pem = broker::pem(certificate, "-----BEGIN CERTIFICATE-----", secrets).zip(broker::pem(
                key,
                "PRIVATE KEY-----",
                secrets,
            ));
            pem.map_or(OpcUaIdentity::Anonymous, |(certificate, key)| OpcUaIdentity::Certificate {
                certificate_pem: certificate.into_bytes(),
                key_pem: Secret(key),
            })
        }
    }
}
