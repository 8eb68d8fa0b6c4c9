//! The files of a data directory: `davy-{epoch}.db` is the journal, with SQLite's `-wal` and `-shm` beside it;
//! `davy-{epoch}.db.set-aside-{time}` is a corrupt one. `earlier/{epoch}` is a data directory of its own, whose journal a restored
//! gateway goes on from.
//!
//! The epoch stands in the name because a name is still readable when the content is not: a new file takes the
//! greatest epoch of all names, plus one, so no id is handed out twice as long as the set-aside files stay. Nothing is
//! ever deleted here. `davy.newest` remembers what was promised, should the files themselves be gone (see `newest`).

use crate::error::StoreError;
use davy_core::time::UtcTime;
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What lies in the directory.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The journal in use: the one with the greatest epoch.
    pub(crate) current: Option<PathBuf>,
    /// The epoch for a new file.
    pub(crate) next_epoch: u32,
}

/// Makes the directory, readable by its owner only: a journal names people. Its name is durable before anything in it is.
pub(crate) fn create_directory(directory: &Path) -> Result<(), StoreError> {
    let unusable = |source| unusable(directory, source);
    let made: Vec<&Path> = directory.ancestors().take_while(|folder| !folder.exists()).collect();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(unusable)?;
    made.into_iter().filter_map(Path::parent).try_for_each(sync_names).map_err(unusable)
}

/// Makes the names in a directory durable.
fn sync_names(directory: &Path) -> io::Result<()> {
    let here = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    fs::File::open(here)?.sync_all()
}

/// Looks for journals, earlier ones excepted. No epoch up to and with `promised` is given again.
pub(crate) fn find(directory: &Path, promised: u32) -> Result<Found, StoreError> {
    let (mut newest, mut next_epoch) = (None, promised.saturating_add(1));
    for entry in fs::read_dir(directory).map_err(|source| unusable(directory, source))? {
        let entry = entry.map_err(|source| unusable(directory, source))?;
        let name = entry.file_name();
        let Some((epoch, rest)) = name.to_str().and_then(parse) else {
            continue;
        };
        next_epoch = next_epoch.max(epoch.saturating_add(1));
        if rest.is_empty() {
            newest = newest.max(Some((epoch, entry.path())));
        }
    }
    for (epoch, _) in earlier(directory)? {
        next_epoch = next_epoch.max(epoch.saturating_add(1));
    }
    Ok(Found { current: newest.map(|(_, path)| path), next_epoch })
}

/// The data directories of earlier journals, the oldest first, each by its epoch.
pub(crate) fn earlier(directory: &Path) -> Result<Vec<(u32, PathBuf)>, StoreError> {
    let folder = directory.join(EARLIER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(&folder).map_err(|source| unusable(&folder, source))?;
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| unusable(&folder, source))?;
        found.extend(entry.file_name().to_str().and_then(|name| name.parse().ok()).map(|epoch| (epoch, entry.path())));
    }
    found.sort();
    Ok(found)
}

/// The data directory of an earlier journal.
pub(crate) fn earlier_directory(directory: &Path, epoch: u32) -> PathBuf {
    directory.join(EARLIER).join(epoch.to_string())
}

const EARLIER: &str = "earlier";

/// The journal of an epoch.
pub(crate) fn path(directory: &Path, epoch: u32) -> PathBuf {
    directory.join(format!("davy-{epoch}.db"))
}

/// Renames a corrupt journal together with its log, so that SQLite can still open what is left of it. The journal goes first: a
/// journal that has lost its log would count rows again.
pub(crate) fn set_aside(journal: &Path, utc: UtcTime) -> Result<PathBuf, StoreError> {
    let time = utc.to_string().replace(':', "-");
    let target = (0..)
        .map(|n: u32| if n == 0 { format!(".set-aside-{time}") } else { format!(".set-aside-{time}.{n}") })
        .map(|suffix| with_suffix(journal, &suffix))
        .find(|target| !target.exists())
        .expect("a directory holds fewer than 2^32 files");
    for suffix in ["", "-wal", "-shm"] {
        rename_if_there(&with_suffix(journal, suffix), &with_suffix(&target, suffix))
            .map_err(|source| unusable(journal, source))?;
    }
    journal.parent().map_or(Ok(()), sync_names).map_err(|source| unusable(journal, source))?;
    Ok(target)
}

fn parse(name: &str) -> Option<(u32, &str)> {
    let (epoch, rest) = name.strip_prefix("davy-")?.split_once(".db")?;
    Some((epoch.parse().ok()?, rest))
}

pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn unusable(path: &Path, source: io::Error) -> StoreError {
    StoreError::Directory { path: path.to_owned(), source: Arc::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_epoch_is_beyond_every_name_that_ever_was() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["davy-2.db", "davy-2.db-wal", "davy-7.db.set-aside-x", "davy-9.txt", "davy-x.db", "davy.lock"] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        let found = find(directory.path(), 0).unwrap();
        assert_eq!(found.next_epoch, 8);
        assert_eq!(found.current, Some(directory.path().join("davy-2.db")));
        assert_eq!(find(directory.path(), 11).unwrap().next_epoch, 12);
        for epoch in [20, 3] {
            fs::create_dir_all(earlier_directory(directory.path(), epoch)).unwrap();
        }
        fs::write(directory.path().join(EARLIER).join("notes"), "").unwrap();
        let epochs: Vec<u32> = earlier(directory.path()).unwrap().into_iter().map(|(epoch, _)| epoch).collect();
        assert_eq!((epochs, find(directory.path(), 0).unwrap().next_epoch), (vec![3, 20], 21));
    }

    #[test]
    fn setting_aside_never_overwrites() {
        let directory = tempfile::tempdir().unwrap();
        let journal = path(directory.path(), 1);
        for body in ["one", "two"] {
            fs::write(&journal, body).unwrap();
            let aside = set_aside(&journal, UtcTime(0)).unwrap();
            assert_eq!(fs::read_to_string(aside).unwrap(), body);
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }
}
