//! Passwords: what is one, and how it is kept. Argon2id with 19 MiB, two passes and one lane: the least that the OWASP Password
//! Storage Cheat Sheet names for it, and what a small gateway can spare while it alarms.

use crate::{
    AccessError, common,
    limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN},
    secret::random,
};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use serde::{Deserialize, Serialize};
use std::fmt;

const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Shorter than it may be.
    #[error("the password has fewer than {PASSWORD_CHARS_MIN} characters; several words in a row are easy to remember")]
    Short,
    /// Longer than it may be.
    #[error("the password has more than {PASSWORD_CHARS_MAX} characters")]
    Long,
    /// It is the user's name.
    #[error("the password is the user's name")]
    Name,
    /// It is one of those that are tried first, or one character over and over.
    #[error("the password is one of those that are tried first")]
    Common,
}

/// Judges a password by NIST SP 800-63B, 5.1.1.2: length and a list, no rules of composition.
///
/// # Errors
/// Why it is not fit.
pub fn check(password: &str, name: &str) -> Result<(), Unfit> {
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Err(Unfit::Short);
    }
    if chars > PASSWORD_CHARS_MAX {
        return Err(Unfit::Long);
    }
    let small = password.to_lowercase();
    if small.trim() == name.to_lowercase() {
        return Err(Unfit::Name);
    }
    let mut all = small.chars();
    let first = all.next();
    if common::PASSWORDS.contains(&small.as_str()) || all.all(|next| Some(next) == first) {
        return Err(Unfit::Common);
    }
    Ok(())
}

/// A password as it is kept: a PHC string. It does not show itself in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    /// Hashes a password that is fit for the user of this name. Takes tens of milliseconds and 19 MiB.
    ///
    /// # Errors
    /// When it is not fit, or the system has no randomness.
    pub fn of(password: &str, name: &str) -> Result<Self, AccessError> {
        check(password, name).map_err(|unfit| AccessError::Unfit(unfit.to_string()))?;
        Self::make(password)
    }

    pub(crate) fn make(password: &str) -> Result<Self, AccessError> {
        let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &random::<SALT_BYTES>()?);
        hash.map(|hash| Self(hash.to_string())).map_err(failed)
    }

    /// Whether it is this password's. Takes as long as hashing.
    pub(crate) fn is_of(&self, password: &str) -> bool {
        let Ok(hash) = PasswordHash::new(&self.0) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Hash")
    }
}

fn hasher() -> Result<Argon2<'static>, AccessError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl fmt::Display) -> AccessError {
    AccessError::File(format!("the password cannot be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_a_list_and_no_other_rule() {
        for (password, expected) in [
            ("罐区夜班交接清楚了吗", Ok(())),
            ("correct horse battery", Ok(())),
            ("aaaaaaaaab", Ok(())),
            ("short", Err(Unfit::Short)),
            ("九个字符的一个密码", Err(Unfit::Short)),
            ("1234567890", Err(Unfit::Common)),
            ("QwertyUiop", Err(Unfit::Common)),
            ("aaaaaaaaaaaa", Err(Unfit::Common)),
            ("Zhang.Wei.88", Err(Unfit::Name)),
        ] {
            assert_eq!(check(password, "zhang.wei.88"), expected, "{password}");
        }
        assert_eq!(check(&"ab".repeat(64), "a"), Ok(()));
        assert_eq!(check(&"ab".repeat(65), "a"), Err(Unfit::Long));
        let sorted = common::PASSWORDS.is_sorted();
        let useful = common::PASSWORDS.iter().all(|one| one.chars().count() >= PASSWORD_CHARS_MIN);
        assert!(sorted && useful, "the list is sorted, and of passwords that would be long enough");
    }

    #[test]
    fn a_hash_is_of_one_password_and_names_its_cost() {
        let hash = Hash::of("罐区夜班交接清楚了吗", "陈静").unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(hash.is_of("罐区夜班交接清楚了吗") && !hash.is_of("罐区夜班交接清楚了么"));
        assert_ne!(Hash::make("罐区夜班交接清楚了吗").unwrap(), hash, "salted");
        assert!(!Hash("no hash".to_owned()).is_of("anything"));
        assert_eq!(format!("{hash:?}"), "Hash");
    }
}
