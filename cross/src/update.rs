//! `cargo xtask update`: a program becomes the file of an update, signed by a key of minisign. What it is, the program says itself, so
//! it need not run on this machine.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use minisign::{KeyPair, SecretKeyBox};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{Cursor, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// What is packed, and by whom it is signed.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The program, as `cargo xtask build` makes it.
    #[arg(long)]
    program: PathBuf,
    /// The secret key of minisign; its password is asked for.
    #[arg(long)]
    key: PathBuf,
    /// The oldest version that it may follow.
    #[arg(long)]
    follows: String,
    /// What is new, in Chinese.
    #[arg(long, default_value = "")]
    notes_zh: String,
    /// What is new, in English.
    #[arg(long, default_value = "")]
    notes_en: String,
    /// The folder for the file.
    #[arg(long, default_value = "target/dist")]
    out: PathBuf,
}

/// A pair of keys. `minisign -G` makes the same.
#[derive(Debug, Args)]
pub(crate) struct UpdateKey {
    /// The folder for `minisign.key` and `minisign.pub`; nothing there is overwritten.
    #[arg(long)]
    out: PathBuf,
    /// Without a password, for tests.
    #[arg(long)]
    without_password: bool,
}

/// How a program says in its file what it is: version, target, the versions of the journal that it writes and is usable from.
const MARK: &[u8] = b"davy-release: ";

struct Stamp {
    version: String,
    target: String,
    writes: u64,
    usable_from: u64,
}

/// Packs and signs.
#[expect(clippy::print_stdout, reason = "where the file lies is what the task is for")]
pub(crate) fn pack(args: &Update) -> Result<()> {
    let program = fs::read(&args.program).with_context(|| format!("read {}", args.program.display()))?;
    let Stamp { version, target, writes, usable_from } = stamp(&program)
        .with_context(|| format!("{} does not say which release of davy it is", args.program.display()))?;
    let sha256: String = Sha256::digest(&program).iter().map(|byte| format!("{byte:02x}")).collect();
    let manifest = json!({
        "format": 1, "product": "davy", "version": version, "target": target, "follows": args.follows,
        "journal": { "writes": writes, "usable_from": usable_from },
        "program": { "bytes": program.len(), "sha256": sha256 },
        "notes": { "zh": args.notes_zh, "en": args.notes_en },
    });
    let manifest = serde_json::to_vec_pretty(&manifest)?;
    let signature = sign(&manifest, &args.key, &format!("davy {version} {target}"))?;
    fs::create_dir_all(&args.out).with_context(|| format!("create {}", args.out.display()))?;
    let path = args.out.join(format!("davy-{version}-{target}.davy"));
    let file = File::create(&path).with_context(|| format!("write {}", path.display()))?;
    let mut tar = tar::Builder::new(file);
    add(&mut tar, "manifest.json.minisig", signature.as_bytes(), 0o644)?;
    add(&mut tar, "manifest.json", &manifest, 0o644)?;
    add(&mut tar, "davy", &program, 0o755)?;
    tar.into_inner()?.sync_all()?;
    println!("{}", path.display());
    Ok(())
}

fn add(tar: &mut tar::Builder<File>, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    tar.append_data(&mut header, name, bytes).with_context(|| format!("pack {name}"))
}

fn sign(manifest: &[u8], key: &Path, comment: &str) -> Result<String> {
    let text = fs::read_to_string(key).with_context(|| format!("read {}", key.display()))?;
    let boxed = || SecretKeyBox::from_string(&text).with_context(|| format!("read {}", key.display()));
    // One that has a password is no key without it: then it is asked for.
    let secret =
        boxed()?.into_unencrypted_secret_key().or_else(|_| boxed()?.into_secret_key(None).map_err(anyhow::Error::from));
    let secret = secret.with_context(|| format!("open {}", key.display()))?;
    Ok(minisign::sign(None, &secret, Cursor::new(manifest), Some(comment), None)?.into_string())
}

/// The mark stands in a program once; elsewhere in it, where it is looked for, nothing of the right shape follows.
fn stamp(program: &[u8]) -> Result<Stamp> {
    let mut found = None;
    for at in program.windows(MARK.len()).enumerate().filter(|(_, bytes)| *bytes == MARK).map(|(at, _)| at + MARK.len())
    {
        let line: Vec<u8> =
            program[at..].iter().copied().take(98).take_while(|byte| (b' '..127).contains(byte)).collect();
        let words: Vec<&str> = str::from_utf8(&line)?.split_whitespace().collect();
        let [version, target, writes, usable_from, ..] = words[..] else { continue };
        let (Ok(writes), Ok(usable_from)) = (writes.parse(), usable_from.parse()) else { continue };
        let is_version =
            version.split('.').count() == 3 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if is_version {
            ensure!(found.is_none(), "it says so twice");
            found = Some(Stamp { version: version.to_owned(), target: target.to_owned(), writes, usable_from });
        }
    }
    found.context("nothing in it says so")
}

/// Makes keys.
#[expect(clippy::print_stdout, reason = "the public key is what is wanted")]
pub(crate) fn keys(args: &UpdateKey) -> Result<()> {
    let pair = match args.without_password {
        true => KeyPair::generate_unencrypted_keypair()?,
        false => KeyPair::generate_encrypted_keypair(None)?,
    };
    fs::create_dir_all(&args.out).with_context(|| format!("create {}", args.out.display()))?;
    let (secret, public) = (args.out.join("minisign.key"), args.out.join("minisign.pub"));
    if secret.exists() || public.exists() {
        bail!("{} has keys already: give another folder", args.out.display());
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&secret)?;
    file.write_all(pair.sk.to_box(None)?.into_string().as_bytes())?;
    fs::write(&public, pair.pk.to_box()?.into_string())?;
    println!("{}", pair.pk.to_base64());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_says_what_it_is() {
        let program = b"\x7fELF\0davy-release: \0..davy-release: 1.2.3 aarch64-unknown-linux-gnu 4 3   \0";
        let Stamp { version, target, writes, usable_from } = stamp(program).expect("it says so");
        assert_eq!((&*version, &*target, writes, usable_from), ("1.2.3", "aarch64-unknown-linux-gnu", 4, 3));
        assert!(stamp(b"davy-release: 1.2 x 4 4").is_err());
        let twice = [&program[..], program].concat();
        assert!(stamp(&twice).is_err());
    }
}
