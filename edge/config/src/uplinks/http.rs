//! `[[uplink.http]]`.

use super::{KEYS, backfill_per_s, commands, kinds};
use crate::{
    Secrets,
    addresses::{self, HttpUrl},
    broker::{certificate_with_key, is_stand_in, pem, secret, secret_name},
    defaults,
    documents::Section,
    sources::narrow,
    text::Text,
    types::{ClientCertificate, HttpUplink, Secret},
    words,
};
use davy_core::id::UplinkIx;
use std::ops::RangeInclusive;

const OWN_KEYS: [&str; 10] = [
    "url",
    "ca_file",
    "client_certificate_file",
    "client_key_file",
    "token_file",
    "token_env",
    "insecure_http",
    "batch_rows",
    "compress",
    "timeout",
];
const CERTIFICATE: [&str; 2] = ["client_certificate_file", "client_key_file"];
/// Of TLS alone.
const OF_TLS: [&str; 3] = ["ca_file", CERTIFICATE[0], CERTIFICATE[1]];
const TOKEN_BYTES_MAX: usize = 8_192;
const TIMEOUT_MS: RangeInclusive<u64> = 100..=120_000;

/// Reads one.
pub(super) fn read(section: &Section<'_>, uplink: UplinkIx, secrets: Secrets<'_>) -> HttpUplink {
    section.knows(&[&KEYS[..], &OWN_KEYS].concat());
    let written = section.needed_text("url", "https://platform.example.cn/davy/events");
    let url = written.and_then(|text| Some((text, text.parse(addresses::http_url)?)));
    let (ca_pem, client_certificate) = match &url {
        Some((text, url)) if url.tls => tls(section, *text, secrets),
        Some((text, url)) => {
            plain(section, *text, url);
            (None, None)
        }
        None => (None, None),
    };
    HttpUplink {
        uplink,
        commands: commands::read_http(section, url.as_ref().is_some_and(|(_, url)| url.tls), secrets),
        url: url.map(|(_, url)| url.url).unwrap_or_default(),
        ca_pem,
        client_certificate,
        token: token(section, secrets),
        batch_rows: narrow(section.whole("batch_rows", 1..=1_000, defaults::BATCH_ROWS)),
        compress: section.one_of("compress", words::COMPRESS, Default::default()),
        timeout_ms: section.duration("timeout", TIMEOUT_MS, defaults::HTTP_TIMEOUT_MS),
        backfill_per_s: backfill_per_s(section),
        kinds: kinds(section),
        samples: None,
    }
}

fn tls(section: &Section<'_>, url: Text<'_>, secrets: Secrets<'_>) -> (Option<Vec<u8>>, Option<ClientCertificate>) {
    if let Some(insecure) = section.key("insecure_http").filter(|_| section.flag("insecure_http", false)) {
        insecure.error("insecure_http: belongs to http:// alone; remove it");
    }
    let file = section.text("ca_file");
    if file.is_none() {
        url.wrong("https:// needs the certificate authority to trust; add ca_file = \"ca.pem\"");
    }
    let ca_pem = file.and_then(|file| pem(file, "-----BEGIN CERTIFICATE-----", secrets)).map(String::into_bytes);
    (ca_pem, certificate_with_key(section, CERTIFICATE, secrets))
}

/// What anybody on the way can read and change leaves the box only when somebody has said so, and a token never.
fn plain(section: &Section<'_>, text: Text<'_>, url: &HttpUrl) {
    if let Some(file) = OF_TLS.iter().find_map(|name| section.text(name)) {
        file.wrong("belongs to https:// alone; write https:// in url or remove it");
    }
    if url.loopback {
        return;
    }
    if !section.flag("insecure_http", false) {
        text.wrong("anybody on the way can read and change what goes over http://; write https://, or insecure_http = true if that is accepted");
    }
    if let Some(token) = section.text("token_file").or(section.text("token_env")) {
        token.wrong("anybody on the way could read the token; write https:// in url or remove it");
    }
}

fn token(section: &Section<'_>, secrets: Secrets<'_>) -> Option<Secret> {
    let (file, variable) = (section.text("token_file"), section.text("token_env"));
    if let (Some(_), Some(variable)) = (file, variable) {
        variable.wrong("token_file is given as well; keep one of the two");
        return None;
    }
    let place = file.or(variable)?;
    let name = secret_name(place.needed()?, variable.is_some())?;
    let token = secret(place, &name, secrets)?.trim().to_owned();
    if is_stand_in(&token) {
        return Some(Secret(token));
    }
    if token.is_empty() || token.len() > TOKEN_BYTES_MAX || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        place.wrong(format_args!(
            "what is there is no token: it must be one word of at most {TOKEN_BYTES_MAX} visible ASCII characters"
        ));
        return None;
    }
    Some(Secret(token))
}
