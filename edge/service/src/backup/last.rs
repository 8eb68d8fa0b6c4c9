//! When the last backup was taken, in a file of the data folder, because the one on the command line is taken by another process than
//! the gateway. A note and no more: where it cannot be written the backup is good all the same.

use super::archive::sha256;
use davy_api::LastBackup;
use davy_core::time::UtcTime;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Its name in the data folder.
const FILE: &str = "last-backup.json";

/// Where it stands.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// What there is to say of a backup that lies there.
pub(crate) fn of(file: &Path, at: UtcTime) -> io::Result<LastBackup> {
    let bytes = fs::metadata(file)?.len();
    Ok(LastBackup { at, bytes, sha256: sha256(&mut File::open(file)?)? })
}

/// Keeps it.
pub(crate) fn note(data: &Path, backup: &LastBackup) {
    if let Err(error) = write(data, backup) {
        tracing::warn!(%error, "that a backup was taken could not be noted in {FILE} of the data folder; the backup is good");
    }
}

fn write(data: &Path, backup: &LastBackup) -> io::Result<()> {
    let mut part = tempfile::NamedTempFile::new_in(data)?;
    part.write_all(&serde_json::to_vec(backup)?)?;
    part.persist(path(data))?;
    Ok(())
}

/// Reads it; what cannot be read is none.
pub(crate) fn read(data: &Path) -> Option<LastBackup> {
    serde_json::from_slice(&fs::read(path(data)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_and_nothing_else() {
        let data = tempfile::tempdir().expect("a folder");
        assert_eq!(read(data.path()), None);
        let file = data.path().join("gw.tar.zst");
        fs::write(&file, "abc").expect("a file");
        let backup = of(&file, UtcTime(7)).expect("it is there");
        assert_eq!((backup.bytes, &backup.sha256[..8]), (3, "ba7816bf"), "FIPS 180-4's own example");
        note(data.path(), &backup);
        assert_eq!(read(data.path()), Some(backup));
        fs::write(path(data.path()), "{").expect("a file");
        assert_eq!(read(data.path()), None);
        note(&data.path().join("gone"), &LastBackup { at: UtcTime(0), bytes: 0, sha256: String::new() });
    }
}
