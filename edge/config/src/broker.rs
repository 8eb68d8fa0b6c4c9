//! How an MQTT broker is reached, for sources and uplinks alike: address, trust, client id, credentials.

use crate::{
    Secrets, addresses,
    documents::Section,
    sources::Sources,
    text::{Text, quoted},
    types::{Broker, ClientCertificate, Credentials, Secret},
    uplinks::Uplinks,
};
use std::collections::BTreeMap;

/// The keys of a broker.
pub(crate) const KEYS: [&str; 8] = [
    "url",
    "ca_file",
    "client_certificate_file",
    "client_key_file",
    "client_id",
    "user",
    "password_file",
    "password_env",
];

const CLIENT_ID_CHARS_MAX: usize = 128;

/// Reads the broker of a section.
pub(crate) fn read(section: &Section<'_>, default_client_id: String, secrets: Secrets<'_>) -> Broker {
    let url = section
        .needed_text("url", "mqtt://127.0.0.1:1883")
        .and_then(|text| Some((text, text.parse(addresses::mqtt_url)?)));
    let ca_pem = certificate(section, url.as_ref().map(|(text, (_, tls))| (*text, *tls)), secrets);
    let client_certificate = client_certificate(section, url.as_ref().is_some_and(|(_, (_, tls))| !tls), secrets);
    let client_id = section.text("client_id").map(client_id);
    let (host, port) = url.map(|(_, (address, _))| (address.host, address.port)).unwrap_or_default();
    Broker {
        host,
        port,
        ca_pem,
        client_certificate,
        client_id: client_id.unwrap_or(default_client_id),
        credentials: credentials(section, secrets),
    }
}

/// Two connections with one client id throw each other out of the broker for ever.
pub(crate) fn check_client_ids(sources: &Sources<'_>, uplinks: &Uplinks<'_>) {
    let mut seen = BTreeMap::new();
    for (spot, broker) in sources.brokers().chain(uplinks.brokers()) {
        let key = (&broker.host, broker.port, &broker.client_id);
        if let Some(first) = seen.insert(key, spot).filter(|_| !broker.host.is_empty()) {
            spot.error(format_args!(
                "the client id {} is used at this broker by {} as well, and the two would throw each other out; give one of them its own client_id",
                quoted(&broker.client_id),
                first.line()
            ));
        }
    }
}

fn client_id(text: Text<'_>) -> String {
    text.needed().and_then(|text| text.one_line(CLIENT_ID_CHARS_MAX)).unwrap_or_default().to_owned()
}

fn certificate(section: &Section<'_>, url: Option<(Text<'_>, bool)>, secrets: Secrets<'_>) -> Option<Vec<u8>> {
    let file = section.text("ca_file");
    match (url, file) {
        (Some((url, true)), None) => {
            url.wrong("mqtts:// needs the certificate authority to trust; add ca_file = \"ca.pem\"");
            None
        }
        (Some((_, false)), Some(file)) => {
            file.wrong("belongs to mqtts:// alone; write mqtts:// in url or remove ca_file");
            None
        }
        (_, Some(file)) => {
            let pem = secret(file, file.needed()?.text, secrets)?;
            if pem.contains("-----BEGIN CERTIFICATE-----") || is_stand_in(&pem) {
                return Some(pem.into_bytes());
            }
            file.wrong(format_args!(
                "{} has no certificate in it; name a PEM file with -----BEGIN CERTIFICATE-----",
                quoted(file.text)
            ));
            None
        }
        (_, None) => None,
    }
}

fn client_certificate(section: &Section<'_>, is_plain: bool, secrets: Secrets<'_>) -> Option<ClientCertificate> {
    let names = ["client_certificate_file", "client_key_file"];
    if let (Some(file), true) = (names.iter().find_map(|name| section.text(name)), is_plain) {
        file.wrong("belongs to mqtts:// alone; write mqtts:// in url or remove it");
        return None;
    }
    certificate_with_key(section, names, secrets)
}

/// A certificate and its private key, from the files that two keys name; neither goes without the other.
pub(crate) fn certificate_with_key(
    section: &Section<'_>,
    names: [&'static str; 2],
    secrets: Secrets<'_>,
) -> Option<ClientCertificate> {
    let [certificate_name, key_name] = names;
    match (section.text(certificate_name), section.text(key_name)) {
        (None, None) => None,
        (Some(certificate), None) => {
            certificate.wrong(format_args!("has no private key; add {key_name} = \"…\""));
            None
        }
        (None, Some(key)) => {
            key.wrong(format_args!("has no certificate; add {certificate_name} = \"…\""));
            None
        }
        (Some(certificate), Some(key)) => {
            let certificate_pem = pem(certificate, "-----BEGIN CERTIFICATE-----", secrets);
            let key_pem = pem(key, "PRIVATE KEY-----", secrets);
            Some(ClientCertificate { certificate_pem: certificate_pem?.into_bytes(), key_pem: Secret(key_pem?) })
        }
    }
}

/// A file in PEM with such a mark in it.
pub(crate) fn pem(file: Text<'_>, mark: &str, secrets: Secrets<'_>) -> Option<String> {
    let pem = secret(file, file.needed()?.text, secrets)?;
    if (pem.contains(mark) && !pem.contains("ENCRYPTED")) || is_stand_in(&pem) {
        return Some(pem);
    }
    file.wrong(format_args!("{} is not what is needed; name a PEM file with {mark}, not encrypted", quoted(file.text)));
    None
}

/// A user with a password from a file or a variable, or none of them.
pub(crate) fn credentials(section: &Section<'_>, secrets: Secrets<'_>) -> Option<Credentials> {
    let (user, file, variable) = (section.text("user"), section.text("password_file"), section.text("password_env"));
    if let (Some(_), Some(variable)) = (file, variable) {
        variable.wrong("password_file is given as well; keep one of the two");
        return None;
    }
    let password = file.or(variable);
    match (user, password) {
        (Some(user), None) => {
            user.wrong("has no password; add password_file = \"…\" or password_env = \"…\"");
            None
        }
        (None, Some(password)) => {
            password.wrong("has no user; add user = \"…\"");
            None
        }
        (Some(user), Some(password)) => {
            let user = user.needed()?.one_line(CLIENT_ID_CHARS_MAX)?.to_owned();
            let name = secret_name(password.needed()?, variable.is_some())?;
            Some(Credentials { user, password: Secret(secret(password, &name, secrets)?) })
        }
        (None, None) => None,
    }
}

/// What a secret is asked for by: a file, or a variable of the environment.
pub(crate) fn secret_name(password: Text<'_>, in_environment: bool) -> Option<String> {
    if in_environment {
        return Some(format!("env:{}", password.text));
    }
    if password.text.starts_with("env:") {
        let key = password.what.replace("_file", "_env");
        password.wrong(format_args!("names a variable; write it in {key}, without env:"));
        return None;
    }
    Some(password.text.to_owned())
}

/// Whether a configuration is read of which nobody has the secrets.
pub(crate) fn is_stand_in(text: &str) -> bool {
    text == crate::STAND_IN
}

/// The text of a secret, or `None` after saying what is wrong with it.
pub(crate) fn secret(place: Text<'_>, name: &str, secrets: Secrets<'_>) -> Option<String> {
    secrets(name).map_err(|problem| place.wrong(format_args!("{problem}; provide it or correct the name"))).ok()
}
