//! The security of `[[source.opcua]]`: policy, mode, who the gateway is to the server.

use crate::{
    Secrets, broker,
    documents::Section,
    types::{OpcUaIdentity, OpcUaSecured, OpcUaSecurity, OpcUaSecurityMode},
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
    let names = ["user_certificate_file", "user_key_file"];
    let by_certificate = names.iter().find_map(|name| section.text(name));
    let password = ["user", "password_file", "password_env"].iter().find_map(|key| section.text(key));
    match (by_certificate, password) {
        (Some(certificate), Some(password)) => {
            password.wrong(format_args!(
                "{} is given as well; be known by a password or by a certificate",
                certificate.what
            ));
            None
        }
        (Some(_), None) => broker::certificate_with_key(section, names, secrets).map(OpcUaIdentity::Certificate),
        (None, _) => broker::credentials(section, secrets).map(OpcUaIdentity::User),
    }
    .unwrap_or_default()
}
