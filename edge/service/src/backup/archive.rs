//! The file of a backup: a tar archive, compressed by zstd. Its last entry names every other one with its hash, so one that was
//! cut short or changed is refused.

use crate::limits;
use anyhow::{Context, bail, ensure};
use davy_core::time::UtcTime;
use davy_store::backup::Copied;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Component, Path},
};
use tempfile::NamedTempFile;

const MANIFEST: &str = "manifest.json";

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The shape of the archive.
    format: u32,
    /// The version of davy that made it.
    davy: String,
    /// When.
    pub(super) made_at: UtcTime,
    /// The journal's epoch.
    pub(super) epoch: u32,
    /// Its newest row.
    pub(super) head: u64,
    /// SHA-256 of each file by its name, 64 hexadecimal digits.
    pub(super) files: BTreeMap<String, String>,
}

const FORMAT: u32 = 1;

/// An archive as it grows, under a name of its own until it is whole.
pub(super) struct Writer {
    tar: tar::Builder<zstd::Encoder<'static, NamedTempFile>>,
    files: BTreeMap<String, String>,
}

impl Writer {
    pub(super) fn begin(folder: &Path) -> anyhow::Result<Self> {
        let part = NamedTempFile::new_in(folder).with_context(|| format!("write in {}", folder.display()))?;
        let encoder = zstd::Encoder::new(part, limits::BACKUP_COMPRESSION).context("begin to compress")?;
        Ok(Self { tar: tar::Builder::new(encoder), files: BTreeMap::new() })
    }

    pub(super) fn add_file(&mut self, name: &str, path: &Path) -> anyhow::Result<()> {
        let doing = || format!("add {} to the backup", path.display());
        let file = File::open(path).with_context(doing)?;
        let mut header = tar::Header::new_gnu();
        let length = file.metadata().with_context(doing)?.len();
        header.set_size(length);
        header.set_mode(0o600);
        // One that grows meanwhile is taken as long as it was.
        let mut content = Hashing { inner: file.take(length), hash: Sha256::new() };
        self.tar.append_data(&mut header, name, &mut content).with_context(doing)?;
        self.files.insert(name.to_owned(), hex(content.hash));
        Ok(())
    }

    /// All regular files below a folder, where there is one; hidden ones, which are half-written, are left out.
    pub(super) fn add_folder(&mut self, name: &str, folder: &Path) -> anyhow::Result<()> {
        if !folder.is_dir() {
            return Ok(());
        }
        let doing = || format!("look into {}", folder.display());
        let mut entries =
            fs::read_dir(folder).with_context(doing)?.collect::<Result<Vec<_>, _>>().with_context(doing)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let file_name = entry.file_name();
            let text = file_name.to_str().with_context(|| format!("{} is no name of ours", entry.path().display()))?;
            let inner = format!("{name}/{text}");
            let kind = entry.file_type().with_context(doing)?;
            if kind.is_dir() {
                self.add_folder(&inner, &entry.path())?;
            } else if entry.path().is_file() && !text.starts_with('.') {
                self.add_file(&inner, &entry.path())?;
            }
        }
        Ok(())
    }

    /// The archive as a file on the disk, which is gone when it is dropped, with what is in it.
    pub(super) fn finish(mut self, copied: Copied, made_at: UtcTime) -> anyhow::Result<(NamedTempFile, Manifest)> {
        let davy = env!("CARGO_PKG_VERSION").to_owned();
        let Copied { epoch, head } = copied;
        let manifest = Manifest { format: FORMAT, davy, made_at, epoch, head, files: self.files };
        let doing = || "write the backup";
        let text = serde_json::to_vec_pretty(&manifest).with_context(doing)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o600);
        self.tar.append_data(&mut header, MANIFEST, &text[..]).with_context(doing)?;
        let part = self.tar.into_inner().and_then(zstd::Encoder::finish).with_context(doing)?;
        part.as_file().sync_all().with_context(doing)?;
        Ok((part, manifest))
    }
}

/// Unpacks an archive into an empty folder, and gives what is in it; with the first thing that is wrong it ends.
pub(super) fn unpack(file: &Path, folder: &Path) -> anyhow::Result<Manifest> {
    let broken = || format!("{} is no whole backup", file.display());
    let packed = File::open(file).with_context(|| format!("open {}", file.display()))?;
    let mut tar = tar::Archive::new(zstd::Decoder::new(packed).with_context(broken)?);
    let (mut found, mut manifest) = (BTreeMap::new(), None);
    for entry in tar.entries().with_context(broken)? {
        let mut entry = entry.with_context(broken)?;
        let name = name_of(&entry).with_context(broken)?;
        ensure!(manifest.is_none(), "{}: {name} stands behind {MANIFEST}", broken());
        ensure!(found.len() < limits::BACKUP_FILES_MAX, "{}: too many files", broken());
        if name == MANIFEST {
            manifest = Some(read_manifest(&mut entry).with_context(broken)?);
        } else {
            let hash = write_file(&mut entry, &folder.join(&name)).with_context(|| format!("unpack {name}"))?;
            ensure!(found.insert(name.clone(), hash).is_none(), "{}: {name} is in it twice", broken());
        }
    }
    let manifest = manifest.with_context(|| format!("{}: it was cut short", broken()))?;
    ensure!(
        manifest.format == FORMAT,
        "{} was made by davy {}; restore it with that version or a later one",
        file.display(),
        manifest.davy
    );
    ensure!(manifest.files == found, "{}: a file in it was changed", broken());
    Ok(manifest)
}

/// The name of a regular file, which stays within the folder.
fn name_of(entry: &tar::Entry<'_, impl Read>) -> anyhow::Result<String> {
    let path = entry.path()?;
    let name = path.to_str().context("a name that is no text")?;
    if !entry.header().entry_type().is_file() {
        bail!("{name} is no file");
    }
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        bail!("{name} leads out of the folder");
    }
    Ok(name.to_owned())
}

fn read_manifest(entry: &mut impl Read) -> anyhow::Result<Manifest> {
    let mut text = Vec::new();
    entry.take(limits::BACKUP_MANIFEST_BYTES_MAX).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

fn write_file(content: &mut impl Read, path: &Path) -> io::Result<String> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut content = Hashing { inner: content, hash: Sha256::new() };
    io::copy(&mut content, &mut file)?;
    file.flush()?;
    file.sync_all()?;
    Ok(hex(content.hash))
}

/// Reads on and keeps the hash of what was read.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}

/// SHA-256 of what is still to be read, 64 hexadecimal digits.
pub(crate) fn sha256(content: &mut impl Read) -> io::Result<String> {
    let mut content = Hashing { inner: content, hash: Sha256::new() };
    io::copy(&mut content, &mut io::sink())?;
    Ok(hex(content.hash))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
