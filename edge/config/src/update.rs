//! `[update]`: whose releases are installed, and how long one has to show that it alarms.

use crate::{
    documents::Section,
    limits::UPDATE_KEYS_MAX,
    text::{Text, quoted},
    types::UpdateConfig,
};
use std::ops::RangeInclusive;

/// In a shorter time a source over a slow link is not connected again; for longer nobody should be unsure what runs.
const CONFIRM_WITHIN: RangeInclusive<u64> = 30_000..=1_800_000;

/// Two minutes: connections are made within seconds, a large journal is opened within one.
const CONFIRM_WITHIN_DEFAULT_MS: u64 = 120_000;

/// Characters of a public key of minisign: two bytes for the algorithm, eight for its number, 32 for the key, in base64.
const KEY_CHARS: usize = 56;

/// Nobody's.
pub(crate) fn default() -> UpdateConfig {
    UpdateConfig { keys: Vec::new(), confirm_within_s: CONFIRM_WITHIN_DEFAULT_MS / 1_000 }
}

pub(crate) fn read(section: &Section<'_>) -> UpdateConfig {
    section.knows(&["keys", "confirm_within"]);
    let within_ms = section.duration("confirm_within", CONFIRM_WITHIN, CONFIRM_WITHIN_DEFAULT_MS);
    UpdateConfig { keys: keys(section.texts("keys")), confirm_within_s: within_ms.div_ceil(1_000) }
}

fn keys(texts: Vec<Text<'_>>) -> Vec<String> {
    let mut keys = Vec::new();
    for text in texts {
        let Some(key) = text.parse(key) else { continue };
        if keys.contains(&key) {
            text.warn("this key is here a second time; remove it");
        } else if keys.len() >= UPDATE_KEYS_MAX {
            text.wrong(format_args!("there are more than {UPDATE_KEYS_MAX} keys; leave out those that sign no more"));
        } else {
            keys.push(key);
        }
    }
    keys
}

/// The second line of a file `minisign.pub`. Every such key begins with `RW`, which says Ed25519.
fn key(text: &str) -> Result<String, String> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    if text.len() == KEY_CHARS && text.starts_with("RW") && text.bytes().all(is_base64) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is no public key of minisign; write the second line of its file minisign.pub, {KEY_CHARS} characters that begin with RW",
        quoted(text)
    ))
}
