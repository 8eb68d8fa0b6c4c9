//! The version of this program, and how versions are compared.

use super::release::TARGET;
use serde::{Deserialize, Serialize};
use std::{
    fmt, hint,
    str::{self, FromStr},
};

/// What this program is, where it can be found in its file: version, target, the versions of the journal's file that it writes and
/// from which on others can go on with it; filled up with spaces. Whoever packs a release reads it there, also of a program that
/// does not run on his machine.
static STAMP: [u8; LENGTH] = stamp();

const LENGTH: usize = 112;
const MARK: &str = "davy-release: ";
/// `davy_store::JOURNAL_VERSION` and `davy_store::JOURNAL_USABLE_FROM`.
const JOURNAL: &str = "4 4";

const fn stamp() -> [u8; LENGTH] {
    let parts = [MARK, env!("CARGO_PKG_VERSION"), " ", TARGET, " ", JOURNAL];
    let (mut stamp, mut at, mut part) = ([b' '; LENGTH], 0, 0);
    while part < parts.len() {
        let (bytes, mut from) = (parts[part].as_bytes(), 0);
        while from < bytes.len() {
            stamp[at] = bytes[from];
            (at, from) = (at + 1, from + 1);
        }
        part += 1;
    }
    stamp
}

/// The version of this program as text. It is read from its file, so that the same code runs as another version where that is written
/// over, which tests do.
pub(crate) fn text() -> &'static str {
    let stamp: &'static [u8; LENGTH] = hint::black_box(&STAMP);
    let version = str::from_utf8(&stamp[MARK.len()..]).ok().and_then(|rest| rest.split(' ').next());
    version.unwrap_or(env!("CARGO_PKG_VERSION"))
}

/// The version of this program.
pub(crate) fn own() -> Version {
    text().parse().unwrap_or(Version { major: 0, minor: 0, patch: 0 })
}

/// A version: three numbers. What is built for a trial has numbers of its own; there are no further marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{}` is no version such as 1.4.0", text.chars().take(40).collect::<String>());
        let number = |digits: &str| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let plain = plain && (digits.len() == 1 || !digits.starts_with('0'));
            plain.then(|| digits.parse::<u32>().ok()).flatten()
        };
        let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers_and_compared_as_such() {
        let version = |text: &str| text.parse::<Version>().expect("a version");
        assert!(version("0.9.0") < version("0.10.0") && version("1.0.0") > version("0.99.99"));
        assert_eq!(version("10.2.30").to_string(), "10.2.30");
        for wrong in
            ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.2.-3", "+1.2.3", "01.2.3", "1..3", "1.2.3 ", "9.9.99999999999"]
        {
            assert!(wrong.parse::<Version>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_stamp_says_what_was_built() {
        assert_eq!(text(), env!("CARGO_PKG_VERSION"));
        assert_eq!(own().to_string(), text());
        let journal = format!("{} {}", davy_store::JOURNAL_VERSION, davy_store::JOURNAL_USABLE_FROM);
        assert_eq!(JOURNAL, journal);
        let stamp = str::from_utf8(&STAMP).expect("it is text");
        assert_eq!(stamp.trim_end(), format!("davy-release: {} {TARGET} {journal}", text()));
    }
}
