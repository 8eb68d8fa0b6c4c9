//! A copy of the journal while it is written, and a gateway that goes on from one.
//!
//! Who goes on from a copy does not know what was written after it was made, so it begins another epoch: what it writes has
//! never had an id. The copy itself stays in a data directory of its own within the new one: what it has not sent is still due,
//! and whoever wants to read on finds it there.

use crate::{
    Batch, StoreError, chain,
    error::is_corruption,
    files, limits, open, reader, schema,
    writer::{self, Tip},
};
use davy_core::time::UtcTime;
use rusqlite::{Connection, params};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where a copy ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The journal's epoch.
    pub epoch: u32,
    /// Its newest row.
    pub head: u64,
}

/// Copies the newest journal of a data directory, as it is at one moment, into a file that is not there yet. A gateway may be
/// writing it.
///
/// # Errors
/// When there is no journal, it cannot be read, or the copy cannot be written.
pub fn copy(directory: &Path, to: &Path) -> Result<Copied, StoreError> {
    let path = files::find(directory, 0)?.current.ok_or_else(|| StoreError::Missing { path: directory.to_owned() })?;
    let connection = reader::open(&path).map_err(|source| schema::failure(&path, source))?;
    schema::check_origin(&connection, &path)?;
    copy_file(&connection, &path, to)?;
    let copied = reader::open(to).map_err(|source| schema::failure(to, source))?;
    open::check_pages(&copied, to)?;
    let epoch = open::read_epoch(&copied, to)?;
    let tip = open::read_tip(&copied, epoch).map_err(|source| schema::failure(to, source))?;
    Ok(Copied { epoch, head: tip.seq })
}

/// The files of samples beside the journal.
pub const SAMPLES: [&str; 2] = ["recording.db", "history.db"];

/// The same for a file of [`SAMPLES`]; whether there is such a file.
///
/// # Errors
/// As [`copy`].
pub fn copy_samples(directory: &Path, name: &str, to: &Path) -> Result<bool, StoreError> {
    let path = directory.join(name);
    if !path.is_file() {
        return Ok(false);
    }
    let connection = reader::open(&path).map_err(|source| schema::failure(&path, source))?;
    copy_file(&connection, &path, to)?;
    Ok(true)
}

fn copy_file(connection: &Connection, from: &Path, to: &Path) -> Result<(), StoreError> {
    let copied = connection.execute("VACUUM INTO ?1", params![to.to_string_lossy()]);
    copied.map(drop).map_err(|source| match is_corruption(&source) {
        true => StoreError::Corrupt { path: from.to_owned(), finding: source.to_string() },
        false => StoreError::Write { source: Arc::new(source) },
    })
}

/// The data directories of the journals that this one goes on from, the oldest first: each opens by itself.
///
/// # Errors
/// When the directory cannot be read.
pub fn earlier(directory: &Path) -> Result<Vec<PathBuf>, StoreError> {
    Ok(files::earlier(directory)?.into_iter().map(|(_, path)| path).collect())
}

/// Puts a copy of a journal into a data directory that has none, and begins a journal of another epoch that goes on from its
/// saved state, with `batch` in it. Gives the new epoch.
///
/// # Errors
/// When the directory has a journal, the copy is damaged, or something cannot be written.
pub fn go_on_from(copy: &Path, directory: &Path, batch: &Batch, utc: UtcTime) -> Result<u32, StoreError> {
    files::create_directory(directory)?;
    if let Some(path) = files::find(directory, 0)?.current {
        let finding = "a copy goes into a directory without a journal; give another one".to_owned();
        return Err(StoreError::Foreign { path, finding });
    }
    let (old, saved) = read_copy(copy)?;
    let within = files::earlier_directory(directory, old);
    let place = files::path(&within, old);
    files::create_directory(&within)?;
    std::fs::rename(copy, &place)
        .map_err(|source| StoreError::Directory { path: place.clone(), source: Arc::new(source) })?;
    let epoch = epoch_after(old, utc);
    let path = files::path(directory, epoch);
    let mut connection = schema::create(&path, epoch)?;
    let saved = saved.into_iter().map(|(key, body)| (key, Some(body))).collect();
    let all = Batch { rows: batch.rows.clone(), saved };
    let tip = Tip { seq: 0, hash: chain::genesis(epoch) };
    writer::write_at_once(&mut connection, tip, all)
        .map_err(|source| StoreError::Write { source: Arc::new(source) })?;
    Ok(epoch)
}

fn read_copy(path: &Path) -> Result<(u32, BTreeMap<String, String>), StoreError> {
    let failed = |source| schema::failure(path, source);
    let connection = reader::open(path).map_err(failed)?;
    schema::check_origin(&connection, path)?;
    open::check_pages(&connection, path)?;
    let epoch = open::read_epoch(&connection, path)?;
    Ok((epoch, reader::saved(&connection).map_err(failed)?))
}

/// The next epoch, or the minutes since 2020 where they are more: from one copy a gateway may go on twice, and both must not
/// have the same ids.
fn epoch_after(epoch: u32, utc: UtcTime) -> u32 {
    let minutes = utc.0.saturating_sub(limits::EPOCHS_COUNT_FROM_MS) / 60_000;
    epoch.saturating_add(1).max(u32::try_from(minutes).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Row, open, verify};

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn batch(n: usize) -> Batch {
        let row = |i| Row { utc: UtcTime(0), kind: "alarm", body: format!("{n} {i}") };
        Batch { rows: (0..3).map(row).collect(), saved: vec![("last".to_owned(), Some(n.to_string()))] }
    }

    #[test]
    fn a_copy_is_of_one_moment_while_others_write() {
        let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = open(directory.path(), UtcTime(0)).unwrap().store;
        let path = elsewhere.path().join("copy.db");
        let copied = std::thread::scope(|scope| {
            run(store.commit(batch(0))).unwrap();
            let copying = scope.spawn(|| copy(directory.path(), &path).unwrap());
            for n in 1..200 {
                run(store.commit(batch(n))).unwrap();
            }
            copying.join().unwrap()
        });
        run(store.close());
        assert_eq!((copied.epoch, copied.head % 3), (1, 0), "no half of a batch");
        let utc = UtcTime(limits::EPOCHS_COUNT_FROM_MS + 60_000 * 77);
        let target = elsewhere.path().join("data");
        assert_eq!(go_on_from(&path, &target, &batch(7), utc).unwrap(), 77);
        let opened = open(&target, utc).unwrap();
        assert_eq!((opened.epoch, opened.set_aside), (77, None));
        let last = copied.head / 3 - 1;
        assert_eq!(opened.saved["last"], last.to_string(), "the state of the copy, not of the row that tells of it");
        let rows = run(opened.store.read(0, u64::MAX, 10)).unwrap();
        assert_eq!(
            rows.iter().map(|row| (row.seq, row.body.as_str())).collect::<Vec<_>>(),
            [(1, "7 0"), (2, "7 1"), (3, "7 2")]
        );
        run(opened.store.close());
        assert_eq!(verify(&target).unwrap().broken_at, None);
        // The copy's own journal is still there, whole; and a directory with a journal is left alone.
        let again = elsewhere.path().join("again.db");
        let [before] = &*earlier(&target).unwrap() else { panic!("one journal before this one") };
        let opened = open(before, utc).unwrap();
        assert_eq!((opened.epoch, *opened.store.head().borrow()), (1, copied.head));
        run(opened.store.close());
        std::fs::copy(before.join("davy-1.db"), &again).unwrap();
        assert!(matches!(go_on_from(&again, &target, &batch(8), utc), Err(StoreError::Foreign { .. })));
        assert!(go_on_from(&again, &elsewhere.path().join("other"), &batch(8), UtcTime(0)).unwrap() == 2);
    }

    #[test]
    fn a_damaged_copy_is_refused() {
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("copy.db");
        std::fs::write(&path, "no journal".repeat(1_000)).unwrap();
        let refused = go_on_from(&path, &elsewhere.path().join("data"), &batch(0), UtcTime(0));
        assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
        assert!(matches!(copy(elsewhere.path(), &path), Err(StoreError::Missing { .. })));
    }
}
