//! Random keys of sessions and tokens. Only their hashes are kept.

use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};

/// 256 random bits as 64 hexadecimal digits. It does not show itself in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

const BYTES: usize = 32;
const TOKEN_PREFIX: &str = "davy_";

impl Secret {
    /// Randomness of the operating system; fails where it has none, which is then no place to give out keys.
    pub(crate) fn new() -> Result<Self, crate::AccessError> {
        Ok(Self(hex(&random::<BYTES>()?)))
    }

    /// Reads what [`Secret::new`] made; anything else is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 2 * BYTES && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// Reads a token as it was given out, `davy_` and 64 digits.
    pub(crate) fn parse_token(text: &str) -> Option<Self> {
        Self::parse(text.strip_prefix(TOKEN_PREFIX)?)
    }

    /// SHA-256, 64 hexadecimal digits. What is random needs no slow hash.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(self.0.as_bytes())
    }

    /// As it is sent, once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Secret")
    }
}

/// A token as it is given out, and the hash under which it is kept.
///
/// # Errors
/// When the system has no randomness.
pub fn new_token() -> Result<(String, String), crate::AccessError> {
    let secret = Secret::new()?;
    Ok((format!("{TOKEN_PREFIX}{}", secret.expose()), secret.sha256()))
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], crate::AccessError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| crate::AccessError::File(format!("the system has no randomness: {error}")))?;
    Ok(bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_hash_and_nothing_else_is_one() {
        let (token, hash) = new_token().unwrap();
        assert_eq!(Secret::parse_token(&token).unwrap().sha256(), hash);
        assert_ne!(new_token().unwrap().0, token);
        let upper = token.to_uppercase();
        for wrong in ["", "davy_", &token[5..], &token[..token.len() - 1], &upper, &format!("{token}0")] {
            assert_eq!(Secret::parse_token(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", Secret::parse_token(&token)), "Some(Secret)");
    }
}
