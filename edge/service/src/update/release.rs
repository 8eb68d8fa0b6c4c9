//! The file of an update, `davy-VERSION-TARGET.davy`: a tar archive of exactly three members in this order, `manifest.json.minisig`,
//! `manifest.json` and `davy`. The signature is one of minisign (Ed25519 over BLAKE2b) and is over the manifest, which holds length
//! and SHA-256 of the program. Of a file that nobody known has signed nothing is looked at but the fixed headers of its first two
//! members and the signature, all of bounded length.

use super::version::Version;
use crate::limits;
use anyhow::Context as _;
use minisign_verify::{Error, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

const SIGNATURE: &str = "manifest.json.minisig";
pub(crate) const MANIFEST: &str = "manifest.json";
/// The program within the file, and within the folder of a release.
pub(crate) const PROGRAM: &str = "davy";

const FORMAT: u32 = 1;
const PRODUCT: &str = "davy";

/// What this program was built for.
pub(crate) const TARGET: &str = if cfg!(all(target_arch = "x86_64", target_env = "musl")) {
    "x86_64-unknown-linux-musl"
} else if cfg!(target_arch = "x86_64") {
    "x86_64-unknown-linux-gnu"
} else if cfg!(all(target_arch = "aarch64", target_env = "musl")) {
    "aarch64-unknown-linux-musl"
} else if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else if cfg!(target_arch = "arm") {
    "armv7-unknown-linux-gnueabihf"
} else {
    "unknown"
};

/// What a release says of itself, under signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    product: String,
    pub(crate) version: Version,
    pub(crate) target: String,
    /// The oldest version that it may follow.
    pub(crate) follows: Version,
    pub(crate) journal: Journal,
    pub(crate) program: Program,
    pub(crate) notes: Notes,
}

/// The versions of the journal's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// The one that it writes.
    pub(crate) writes: usize,
    /// Programs that write this one or a later one can go on with the file after it.
    pub(crate) usable_from: usize,
}

/// The program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Program {
    pub(crate) bytes: u64,
    /// 64 hexadecimal digits.
    pub(crate) sha256: String,
}

/// What is new, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notes {
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// What runs here, against which a release is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Here {
    /// The version that runs.
    pub(crate) runs: Version,
    pub(crate) target: &'static str,
    /// The version of the journal's file that it writes.
    pub(crate) journal: usize,
}

impl Here {
    pub(crate) fn now() -> Self {
        Self { runs: super::version::own(), target: TARGET, journal: davy_store::JOURNAL_VERSION }
    }
}

/// Why a release is not installed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("no key is trusted: write the public key of whoever makes releases into [update] keys of gateway.toml")]
    NoKey,
    #[error("it is no release of davy: {0}")]
    Foreign(String),
    #[error("it is signed by none of the keys in [update] keys: {0}")]
    UnknownKey(String),
    #[error("it was changed after it was signed: {0}; get it again from whoever made it")]
    Changed(String),
    #[error("it was cut short: {0}; copy it again")]
    CutShort(String),
    #[error("it is for {theirs} and this gateway is {ours}: take the file for {ours}")]
    OtherTarget { theirs: String, ours: &'static str },
    #[error(
        "it is {theirs} and {ours} runs: only a later version is installed; an earlier one is installed as a package"
    )]
    NotLater { theirs: Version, ours: Version },
    #[error("it may follow {oldest} or a later version and {ours} runs: install {oldest} first")]
    TooFar { oldest: Version, ours: Version },
    #[error(
        "the journal that it writes could not be used by {ours} any more, so that there would be no way back: take a backup and install it as a package"
    )]
    NoWayBack { ours: Version },
    #[error("it does not take the configuration in force: {0}")]
    Configuration(String),
    #[error("its program does not run here: {0}")]
    DoesNotRun(String),
}

impl Refused {
    /// For programs, and for the words of the page.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::Foreign(_) => "foreign",
            Self::UnknownKey(_) => "unknown_key",
            Self::Changed(_) => "changed",
            Self::CutShort(_) => "cut_short",
            Self::OtherTarget { .. } => "other_target",
            Self::NotLater { .. } => "not_later",
            Self::TooFar { .. } => "too_far",
            Self::NoWayBack { .. } => "no_way_back",
            Self::Configuration(_) => "configuration",
            Self::DoesNotRun(_) => "does_not_run",
        }
    }
}

/// A release whose manifest is signed by somebody who is trusted and that may be installed here. Its program is still to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Release {
    pub(crate) manifest: Manifest,
    /// As they were signed.
    pub(crate) signed: Vec<u8>,
    pub(crate) signature: String,
    /// The public key that fits.
    pub(crate) key: String,
}

impl Release {
    /// Reads the signed part of a file.
    pub(crate) fn look(file: impl Read, keys: &[String], here: Here) -> Result<Self, Refused> {
        if keys.is_empty() {
            return Err(Refused::NoKey);
        }
        let mut tar = tar::Archive::new(file);
        let mut members = members(&mut tar)?;
        let signature = member(&mut members, SIGNATURE, limits::UPDATE_SIGNATURE_BYTES_MAX)?;
        let signed = member(&mut members, MANIFEST, limits::UPDATE_MANIFEST_BYTES_MAX)?;
        let signature =
            String::from_utf8(signature).map_err(|_| Refused::Foreign("its signature is no text".into()))?;
        let key = signer(keys, &signature, &signed)?;
        // Who signed it is known from here on.
        let manifest: Manifest =
            serde_json::from_slice(&signed).map_err(|error| Refused::Foreign(format!("its manifest: {error}")))?;
        manifest.fits(here)?;
        Ok(Self { manifest, signed, signature, key })
    }

    /// Writes the program of the same file to where nothing is; it is on the disk, and what was signed, when this comes back.
    pub(crate) fn unpack(&self, file: impl Read, to: &Path) -> anyhow::Result<()> {
        let mut tar = tar::Archive::new(file);
        let mut members = members(&mut tar)?;
        let same = member(&mut members, SIGNATURE, limits::UPDATE_SIGNATURE_BYTES_MAX)? == self.signature.as_bytes()
            && member(&mut members, MANIFEST, limits::UPDATE_MANIFEST_BYTES_MAX)? == self.signed;
        if !same {
            return Err(Refused::Changed("the file was replaced meanwhile".to_owned()).into());
        }
        let mut program = opened(&mut members, PROGRAM)?;
        let Program { bytes, sha256 } = &self.manifest.program;
        let size = program.header().entry_size().map_err(|error| Refused::Foreign(error.to_string()))?;
        if size != *bytes {
            return Err(Refused::Changed(format!("its program has {size} bytes and not {bytes}")).into());
        }
        let doing = || format!("write {}", to.display());
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o700).open(to).with_context(doing)?;
        let (found, read) = copy(&mut program, &mut Steadily(&mut out, 0)).with_context(doing)?;
        out.sync_all().with_context(doing)?;
        if read != *bytes {
            return Err(Refused::CutShort(format!("{read} of {bytes} bytes of its program are there")).into());
        }
        if found != *sha256 {
            return Err(Refused::Changed("its program is not the one that was signed".to_owned()).into());
        }
        Ok(())
    }
}

impl Manifest {
    fn fits(&self, here: Here) -> Result<(), Refused> {
        let Here { runs, target, journal } = here;
        if self.format != FORMAT || self.product != PRODUCT {
            let what = self.product.chars().take(40).collect::<String>();
            return Err(Refused::Foreign(format!("its manifest is of {what}, format {}", self.format)));
        }
        if self.target != target {
            let theirs = self.target.chars().take(60).collect();
            return Err(Refused::OtherTarget { theirs, ours: target });
        }
        if self.version <= runs {
            return Err(Refused::NotLater { theirs: self.version, ours: runs });
        }
        if runs < self.follows {
            return Err(Refused::TooFar { oldest: self.follows, ours: runs });
        }
        if self.journal.usable_from > journal {
            return Err(Refused::NoWayBack { ours: runs });
        }
        if self.program.bytes == 0 || self.program.bytes > limits::UPDATE_BYTES_MAX {
            return Err(Refused::Foreign(format!("its program has {} bytes", self.program.bytes)));
        }
        Ok(())
    }
}

/// Whether the program of a release that was installed is still the one that was signed.
pub(crate) fn is_whole(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(MANIFEST);
    let text = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
    let manifest: Manifest = serde_json::from_slice(&text).with_context(|| format!("read {}", path.display()))?;
    let path = folder.join(PROGRAM);
    let mut file = File::open(&path).with_context(|| format!("open {}", path.display()))?;
    let (found, _) = copy(&mut file, &mut std::io::sink()).with_context(|| format!("read {}", path.display()))?;
    anyhow::ensure!(found == manifest.program.sha256, "{} is not what was signed any more", path.display());
    Ok(())
}

type Members<'a, R> = tar::Entries<'a, R>;

/// Headers as they are: extensions, which may be of any length, are members of another name and refused.
fn members<R: Read>(tar: &mut tar::Archive<R>) -> Result<Members<'_, R>, Refused> {
    let entries = tar.entries().map_err(|error| Refused::Foreign(error.to_string()))?;
    Ok(entries.raw(true))
}

fn opened<'a, R: Read>(members: &mut Members<'a, R>, name: &str) -> Result<tar::Entry<'a, R>, Refused> {
    let entry = match members.next() {
        None => return Err(Refused::CutShort(format!("{name} is missing"))),
        Some(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            return Err(Refused::CutShort(format!("{name} is missing")));
        }
        Some(entry) => entry.map_err(|error| Refused::Foreign(error.to_string()))?,
    };
    let header = entry.header();
    if !header.entry_type().is_file() || header.path_bytes().as_ref() != name.as_bytes() {
        return Err(Refused::Foreign(format!("{name} is not where it belongs")));
    }
    Ok(entry)
}

fn member<R: Read>(members: &mut Members<'_, R>, name: &str, bytes_max: u64) -> Result<Vec<u8>, Refused> {
    let entry = opened(members, name)?;
    let size = entry.header().entry_size().map_err(|error| Refused::Foreign(error.to_string()))?;
    if size > bytes_max {
        return Err(Refused::Foreign(format!("{name} has {size} bytes")));
    }
    let mut bytes = Vec::new();
    entry.take(bytes_max).read_to_end(&mut bytes).map_err(|error| Refused::CutShort(error.to_string()))?;
    match bytes.len() as u64 == size {
        true => Ok(bytes),
        false => Err(Refused::CutShort(format!("{} of {size} bytes of {name} are there", bytes.len()))),
    }
}

/// The key that has signed it. Signatures of the format before minisign hashed what it signs are not taken.
fn signer(keys: &[String], signature: &str, signed: &[u8]) -> Result<String, Refused> {
    let decoded = Signature::decode(signature).map_err(|error| Refused::Foreign(format!("its signature: {error}")))?;
    let mut why = String::new();
    for key in keys {
        let Ok(public) = PublicKey::from_base64(key) else { continue };
        match public.verify(signed, &decoded, false) {
            Ok(()) => return Ok(key.clone()),
            Err(Error::UnexpectedKeyId) => {}
            Err(error) => why = error.to_string(),
        }
    }
    match why.is_empty() {
        true => Err(Refused::UnknownKey("another key has made its signature".to_owned())),
        false => Err(Refused::Changed(why)),
    }
}

/// To the disk every few megabytes: the journal is on the same one and must not wait until all of a program is written.
struct Steadily<'a>(&'a mut File, usize);

impl Write for Steadily<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.0.write(bytes)?;
        self.1 += written;
        if self.1 >= davy_api::SYNC_BYTES {
            self.1 = 0;
            self.0.sync_data()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Copies to the end and gives the SHA-256 of it with its length.
fn copy(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<(String, u64)> {
    let (mut hash, mut length, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        length += count as u64;
    }
    Ok((hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), length))
}

#[cfg(test)]
mod tests;
