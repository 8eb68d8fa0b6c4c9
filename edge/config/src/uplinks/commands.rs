//! `[uplink.….commands]`: what the enterprise platform may ask for, and the keys by which it proves who it is.

use crate::{
    Secrets, addresses,
    broker::{is_stand_in, secret},
    defaults,
    documents::Section,
    limits,
    text::{Text, quoted},
    types::{AskKind, CommandKey, CommandsConfig, Poll},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::ops::RangeInclusive;

/// The key under which it stands.
pub(super) const KEY: &str = "commands";
const KEYS: [&str; 2] = ["keys", "kinds"];
const KEYS_OF_HTTP: [&str; 4] = ["keys", "kinds", "url", "every"];
const EVERY_MS: RangeInclusive<u64> = 1_000..=3_600_000;

/// SubjectPublicKeyInfo of an Ed25519 key (RFC 8410, section 4) up to the 32 bytes of the key itself.
const ED25519_INFO: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Those of an uplink over MQTT.
pub(super) fn read(uplink: &Section<'_>, secrets: Secrets<'_>) -> Option<CommandsConfig> {
    let section = uplink.section(KEY)?;
    section.knows(&KEYS);
    Some(of(&section, None, secrets))
}

/// Those of an uplink over HTTP, which go over TLS when its rows do.
pub(super) fn read_http(uplink: &Section<'_>, tls: bool, secrets: Secrets<'_>) -> Option<CommandsConfig> {
    let section = uplink.section(KEY)?;
    section.knows(&KEYS_OF_HTTP);
    let written = section.needed_text("url", "https://platform.example.cn/davy/commands");
    let url = written.and_then(|text| Some((text, text.parse(addresses::http_url)?)));
    if let Some((text, _)) = url.as_ref().filter(|(_, url)| url.tls != tls) {
        text.wrong("is not of the same kind as the url of the uplink; write both with https://, or both with http://");
    }
    let url = url.map(|(_, url)| url.url).unwrap_or_default();
    let poll = Poll { url, every_ms: section.duration("every", EVERY_MS, defaults::COMMANDS_EVERY_MS) };
    Some(of(&section, Some(poll), secrets))
}

fn of(section: &Section<'_>, poll: Option<Poll>, secrets: Secrets<'_>) -> CommandsConfig {
    CommandsConfig { keys: keys(section, secrets), kinds: kinds(section), poll }
}

fn kinds(section: &Section<'_>) -> Vec<AskKind> {
    let texts = section.texts("kinds");
    let names = AskKind::ALL.map(AskKind::name);
    if texts.is_empty() {
        section.missing("kinds", format_args!("kinds = [\"task\", \"ticket\"], some of {}", names.join(", ")));
    }
    let mut kinds = Vec::new();
    for text in texts {
        match AskKind::of_name(text.text) {
            Some(kind) if kinds.contains(&kind) => {
                text.wrong(format_args!("{} is here a second time; remove it", quoted(text.text)));
            }
            Some(kind) => kinds.push(kind),
            None => {
                let suggestion = text.spot.suggest(text.text, names.into_iter()).unwrap_or_default();
                text.wrong(format_args!(
                    "{} is not a kind of command; write some of {}{suggestion}",
                    quoted(text.text),
                    names.join(", ")
                ));
            }
        }
    }
    kinds
}

fn keys(section: &Section<'_>, secrets: Secrets<'_>) -> Vec<CommandKey> {
    let files = section.texts("keys");
    if files.is_empty() {
        section.missing("keys", "keys = [\"platform.pub.pem\"], files with the platform's public keys");
    }
    if let Some(one_more) = files.get(limits::COMMAND_KEYS_MAX) {
        one_more.wrong(format_args!("at most {} keys are taken; remove the others", limits::COMMAND_KEYS_MAX));
    }
    let mut keys: Vec<CommandKey> = Vec::new();
    for file in files.into_iter().take(limits::COMMAND_KEYS_MAX) {
        let Some(key) = key(file, secrets) else { continue };
        if keys.iter().any(|seen| seen.id == key.id || (seen.public == key.public && key.public != [0; 32])) {
            file.wrong(format_args!(
                "{} has the name or the key of another one here; remove one of them",
                quoted(file.text)
            ));
        }
        keys.push(key);
    }
    keys
}

fn key(file: Text<'_>, secrets: Secrets<'_>) -> Option<CommandKey> {
    let name = file.needed()?.text.rsplit('/').next().unwrap_or_default();
    let id = Text { text: name.split('.').next().unwrap_or_default(), ..file }.code()?.to_owned();
    let pem = secret(file, file.text, secrets)?;
    if is_stand_in(&pem) {
        return Some(CommandKey { id, public: [0; 32] });
    }
    let public = ed25519(&pem);
    if public.is_none() {
        file.wrong(format_args!(
            "{} is no public Ed25519 key; make one with: openssl genpkey -algorithm ed25519 -out platform.pem && openssl pkey -in platform.pem -pubout -out platform.pub.pem",
            quoted(file.text)
        ));
    }
    public.map(|public| CommandKey { id, public })
}

/// The key in a PEM file (RFC 7468, section 13) with nothing else in it: a private key beside it has no business on a gateway.
fn ed25519(pem: &str) -> Option<[u8; 32]> {
    let text = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?.strip_suffix("-----END PUBLIC KEY-----")?;
    let base64: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(base64).ok()?.strip_prefix(&ED25519_INFO)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_openssl_writes_and_nothing_else() {
        let body = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        let pem = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        let key = ed25519(&pem("PUBLIC KEY", body)).expect("RFC 8032, 7.1, test 1");
        assert_eq!((key[0], key[31]), (0xd7, 0x1a));
        assert_eq!(ed25519(&pem("PUBLIC KEY", body).replace('\n', "\r\n")), Some(key));
        for bad in [
            String::new(),
            pem("PRIVATE KEY", body),
            pem("PUBLIC KEY", &body[4..]),
            pem("PUBLIC KEY", &format!("{body}{body}")),
            format!("{}{}", pem("PUBLIC KEY", body), pem("PRIVATE KEY", body)),
            pem("PUBLIC KEY", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"),
        ] {
            assert_eq!(ed25519(&bad), None, "{bad}");
        }
    }
}
