//! Following the recording while it is written, block after block: for uplinks that forward samples.

use super::{FORMAT, Told, file, reader::packed};
use crate::{StoreError, history::TagOfRun, reader, recording::block};
use davy_core::time::UtcTime;
use rusqlite::{Connection, OptionalExtension, params};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::watch;

/// A recording that is being written, for those who follow it.
#[derive(Clone, Debug)]
pub struct Following {
    pub(super) directory: PathBuf,
    pub(super) identity: i64,
    pub(super) newest: watch::Receiver<u64>,
}

/// One who reads it.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    connection: Connection,
}

/// A block: a few seconds of what was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Its number, one more than that of the block before; a number that is missing has made room.
    pub number: u64,
    /// The run that it belongs to.
    pub run: i64,
    /// The earliest time in it …
    pub first: UtcTime,
    /// … and the latest.
    pub last: UtcTime,
    /// Events left out before it, because the disk was too slow or failed.
    pub lost: u64,
    /// What was told; `None` when it cannot be read: it is damaged, or another version of davy wrote it.
    pub told: Option<Vec<Told>>,
}

impl Following {
    /// The recording's own number: one that is begun anew has another.
    #[must_use]
    pub fn identity(&self) -> i64 {
        self.identity
    }

    /// The number of the newest block that lies on the disk, 0 before the first.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.clone()
    }

    /// Opens it for reading.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(&self) -> Result<Follower, StoreError> {
        let path = file::path(&self.directory);
        let connection = reader::open(&path).map_err(|source| read_error(&path, source))?;
        Ok(Follower { path, connection })
    }
}

impl Follower {
    /// The block of this number, or the next one that there is up to and with `until`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn block(&self, from: u64, until: u64) -> Result<Option<Block>, StoreError> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT block.id, run, first, last, lost, bytes, format FROM block JOIN run ON run.id = run
                     WHERE block.id BETWEEN ?1 AND ?2 ORDER BY block.id LIMIT 1",
                )?
                .query_row(params![from.cast_signed(), until.cast_signed()], block_of)
                .optional()
        };
        read().map_err(|source| read_error(&self.path, source))
    }

    /// The tags of a run in their order in the site; `None` of a run that has made room, or that was recorded without them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tags(&self, run: i64) -> Result<Option<Vec<TagOfRun>>, StoreError> {
        self.connection
            .query_row("SELECT tags FROM run WHERE id = ?1 AND tags IS NOT NULL", params![run], |row| packed(row, 0))
            .optional()
            .map_err(|source| read_error(&self.path, source))
    }

    /// Where the stretch of blocks begins that ends with this one: they follow one another without a hole, belong to one run,
    /// and begin in the same span of `window_ms` of the wall clock.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn stretch_begins(&self, number: u64, window_ms: u64) -> Result<u64, StoreError> {
        let read = || {
            let mut query =
                self.connection.prepare_cached("SELECT id, run, first FROM block WHERE id <= ?1 ORDER BY id DESC")?;
            let mut rows = query.query(params![number.cast_signed()])?;
            let (mut begins, mut last) = (number, None);
            while let Some(row) = rows.next()? {
                let id = row.get::<_, i64>(0)?.cast_unsigned();
                let stretch = (row.get::<_, i64>(1)?, window(UtcTime(row.get(2)?), window_ms));
                let goes_on = last.is_none_or(|(before, of)| id + 1 == before && stretch == of);
                if !goes_on {
                    break;
                }
                (begins, last) = (id, Some((id, stretch)));
            }
            Ok(begins)
        };
        read().map_err(|source| read_error(&self.path, source))
    }
}

/// The span of the wall clock that a time falls into.
#[must_use]
pub fn window(time: UtcTime, window_ms: u64) -> i64 {
    time.0.div_euclid(i64::try_from(window_ms.max(1)).unwrap_or(i64::MAX))
}

fn block_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Block> {
    let bytes: Vec<u8> = row.get(5)?;
    let is_ours = row.get::<_, u32>(6)? == FORMAT;
    Ok(Block {
        number: row.get::<_, i64>(0)?.cast_unsigned(),
        run: row.get(1)?,
        first: UtcTime(row.get(2)?),
        last: UtcTime(row.get(3)?),
        lost: row.get::<_, i64>(4)?.cast_unsigned(),
        told: is_ours.then(|| block::read(&bytes).ok()).flatten(),
    })
}

fn read_error(path: &std::path::Path, source: rusqlite::Error) -> StoreError {
    StoreError::Read { path: path.to_owned(), source: Arc::new(source) }
}

/// The number of the newest block, 0 before the first.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<u64> {
    // Also when that block has made room since: no number comes twice.
    let newest = "SELECT seq FROM sqlite_sequence WHERE name = 'block'";
    let newest: Option<i64> = connection.query_row(newest, [], |row| row.get(0)).optional()?;
    Ok(newest.unwrap_or(0).cast_unsigned())
}

/// The recording's own number.
pub(super) fn identity(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT number FROM identity", [], |row| row.get(0))
}
