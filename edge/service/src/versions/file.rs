//! The file of a version: a tar archive, compressed by zstd, what is said of it first. Its files must come to the digest that is said.

use super::About;
use crate::limits;
use anyhow::{Context as _, bail, ensure};
use davy_config::Files;
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

const ABOUT: &str = "version.json";
const FILES: &str = "files/";
/// What is said of a version, in bytes: names of changes above all.
const ABOUT_BYTES_MAX: u64 = 1 << 20;

pub(super) fn write(path: &Path, about: &About, files: &Files) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    let mut encoder = zstd::Encoder::new(file, limits::BACKUP_COMPRESSION)?;
    encoder.include_checksum(true)?;
    let mut tar = tar::Builder::new(encoder);
    add(&mut tar, ABOUT, &serde_json::to_vec(about)?)?;
    for (name, bytes) in &files.0 {
        add(&mut tar, &format!("{FILES}{name}"), bytes)?;
    }
    let mut file = tar.into_inner()?.finish()?;
    file.flush()?;
    Ok(file.sync_all()?)
}

fn add(tar: &mut tar::Builder<zstd::Encoder<'static, File>>, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    Ok(tar.append_data(&mut header, name, bytes)?)
}

/// What is said of it, without reading its files.
pub(super) fn about(path: &Path) -> anyhow::Result<About> {
    let mut archive = open(path)?;
    let entry = archive.entries()?.next().context("it is empty")??;
    said(entry)
}

/// Its files.
pub(super) fn files(path: &Path) -> anyhow::Result<Files> {
    let mut archive = open(path)?;
    let (mut about, mut files) = (None, Files::default());
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_str().context("a name is no text")?.to_owned();
        let Some(name) = name.strip_prefix(FILES) else {
            ensure!(name == ABOUT, "it holds {name}, which is no file of a configuration");
            about = Some(said(entry)?);
            continue;
        };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.0.insert(name.to_owned(), bytes);
    }
    let about = about.context("it does not say what it is")?;
    if files.version() != about.version {
        bail!("it was changed since it was written: it says {} and is {}", about.version, files.version());
    }
    Ok(files)
}

fn said(entry: impl Read) -> anyhow::Result<About> {
    Ok(serde_json::from_reader(entry.take(ABOUT_BYTES_MAX))?)
}

fn open(path: &Path) -> anyhow::Result<tar::Archive<impl Read>> {
    let decoder = zstd::Decoder::new(File::open(path)?)?;
    Ok(tar::Archive::new(decoder.take(limits::VERSION_BYTES_MAX)))
}
