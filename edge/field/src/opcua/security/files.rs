//! Small files that several processes read and write at the same time: each is written beside its place and moved there.

use crate::limits::opcua as bounds;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    ffi::OsStr,
    fmt, fs,
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

/// Why something could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PkiError {
    /// No certificate has such a fingerprint.
    Unknown(String),
    /// It cannot be done with this one.
    Senseless(String),
    /// The folder cannot be read or written.
    Folder(String),
}

impl fmt::Display for PkiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unknown(words) | Self::Senseless(words) | Self::Folder(words)) = self;
        f.write_str(words)
    }
}

impl std::error::Error for PkiError {}

impl From<PkiError> for String {
    fn from(error: PkiError) -> Self {
        error.to_string()
    }
}

pub(super) type Done<T> = Result<T, PkiError>;

pub(super) fn json<T: Serialize>(value: &T) -> Done<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|error| PkiError::Folder(error.to_string()))
}

pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Done<Option<T>> {
    // One that cannot be read says nothing; it is no reason to do without the certificate.
    Ok(read(path)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn failed(what: &str, path: &Path, error: &io::Error) -> PkiError {
    PkiError::Folder(format!("{what} {}: {error}; check the disk and whose folder it is", path.display()))
}

/// A file up to the bound; `None` when there is none.
pub(super) fn read(path: &Path) -> Done<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let limit = bounds::PKI_FILE_BYTES_MAX;
    let read = fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("cannot read", path, &error)),
    }
}

/// The files of a folder with such an ending; none when there is no folder.
pub(super) fn list(folder: &Path, ending: &str) -> Done<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("cannot read", folder, &error)),
    };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    Ok(paths.filter(|path| path.extension() == Some(OsStr::new(ending))).take(bounds::PKI_FILES_MAX).collect())
}

/// Moves a file away, if there is one.
pub(super) fn keep(path: &Path, kept: &Path) -> Done<()> {
    match fs::rename(path, kept) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("cannot keep the old", path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

pub(super) fn gone(path: &Path) -> Done<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("cannot remove", path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Readable by the gateway's user alone: what is in it decides whom the gateway believes.
pub(super) fn make_folder(folder: &Path) -> Done<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(folder);
    if parent != folder && parent != Path::new("") {
        make_folder(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed("cannot make the folder", folder, &error)),
        Ok(()) => {
            hand_over(folder, parent);
            Ok(())
        }
    }
}

/// Gives what root has made to whoever owns the folder: the gateway must be able to read what an administrator did.
fn hand_over(path: &Path, folder: &Path) {
    if let Ok(about) = fs::metadata(folder) {
        // Whoever is not root has nothing to give away.
        let _ = chown(path, Some(about.uid()), Some(about.gid()));
    }
}

/// Replaces a file as a whole; others may read it.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Done<()> {
    let written = beside(path, bytes)?;
    let readable = written.as_file().set_permissions(fs::Permissions::from_mode(0o644));
    let moved = readable.and_then(|()| written.persist(path).map_err(|error| error.error));
    moved.map(drop).map_err(|error| failed("cannot write", path, &error))
}

/// Makes a file that must not be there yet; nobody else may read it.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Done<()> {
    let moved = beside(path, bytes)?.persist_noclobber(path);
    match moved {
        // Another process was faster: its key is as good as ours.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed("cannot write", path, &error.error)),
        Ok(_) => Ok(()),
    }
}

fn beside(path: &Path, bytes: &[u8]) -> Done<tempfile::NamedTempFile> {
    let folder = path.parent().unwrap_or(path);
    make_folder(folder)?;
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        hand_over(file.path(), folder);
        Ok(file)
    });
    written.map_err(|error| failed("cannot write beside", path, &error))
}
