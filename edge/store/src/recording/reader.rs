//! The reading side: which runs there are, and what was told in them. Works beside a running gateway.

use super::{Beginning, FORMAT, Told, block, file};
use crate::{StoreError, limits, reader};
use davy_core::time::{Monotonic, Now, UtcTime};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A recording, open for reading.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    connection: Connection,
}

/// A run: from one start of the gateway to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    id: i64,
    /// What it began with.
    pub beginning: Beginning,
    /// When its last event was told.
    pub until: UtcTime,
    /// Events in it.
    pub events: u64,
    /// Whether its first blocks have made room: then it cannot be played from its beginning.
    pub cut: bool,
    /// Whether another version of davy wrote it in another shape: then it cannot be played at all.
    pub foreign: bool,
}

/// Which run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(i64);

/// A run, as one needs it who looks at a span of time only.
#[derive(Clone, Debug, PartialEq)]
pub struct RunWithin {
    /// Which.
    pub id: RunId,
    /// When it began.
    pub began: UtcTime,
    /// The configuration that it began with: [`Recording::files`] gives it.
    pub config_version: String,
    /// Whether another version of davy wrote it in another shape: then its parts are passed over.
    pub foreign: bool,
}

/// A part of a run, as one block holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Events left out before it, because the disk was too slow or failed.
    pub lost: u64,
    /// What was told.
    pub told: Vec<Told>,
}

impl Recording {
    /// Opens the recording in a data directory.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = file::path(directory);
        if !path.is_file() {
            return Err(StoreError::Missing { path: directory.to_owned() });
        }
        let connection = reader::open(&path).map_err(|source| read_error(&path, source))?;
        Ok(Self { path, connection })
    }

    /// Every run, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn runs(&self) -> Result<Vec<Run>, StoreError> {
        self.read_runs().map_err(|source| read_error(&self.path, source))
    }

    fn read_runs(&self) -> rusqlite::Result<Vec<Run>> {
        let mut query = self.connection.prepare(
            "SELECT run.id, format, utc, monotonic, epoch, head, config_version, files, saved,
                    coalesce(max(last), utc), coalesce(sum(events), 0), coalesce(min(place), 1)
             FROM run LEFT JOIN block ON block.run = run.id GROUP BY run.id ORDER BY run.id",
        )?;
        query.query_map([], run)?.collect()
    }

    /// When anything was told last, of which the disk knows; `None` of an empty recording.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn told_until(&self) -> Result<Option<UtcTime>, StoreError> {
        // The newest block and not the latest time: the wall clock may once have been ahead.
        let newest = "SELECT last FROM block ORDER BY id DESC LIMIT 1";
        let last = self.connection.query_row(newest, [], |row| Ok(UtcTime(row.get(0)?))).optional();
        last.map_err(|source| read_error(&self.path, source))
    }

    /// What was told in a run, part by part; `each` says whether to go on.
    ///
    /// # Errors
    /// When the file cannot be read or a block of it is damaged.
    pub fn play(&self, run: &Run, mut each: impl FnMut(Part) -> bool) -> Result<(), StoreError> {
        let failed = |source| read_error(&self.path, source);
        let mut query =
            self.connection.prepare("SELECT id, lost, bytes FROM block WHERE run = ?1 ORDER BY id").map_err(failed)?;
        let mut rows = query.query(params![run.id]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            if !each(part(row, &self.path)?) {
                break;
            }
        }
        Ok(())
    }

    /// The runs that something was told of in a span of time, oldest first. What they began with is not read: it is long.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn runs_between(&self, from: UtcTime, until: UtcTime) -> Result<Vec<RunWithin>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut query = self.connection.prepare(
                "SELECT id, format, utc, config_version FROM run
                 WHERE id IN (SELECT run FROM block WHERE last >= ?1 AND first <= ?2) ORDER BY id",
            )?;
            let run = |row: &rusqlite::Row<'_>| {
                let foreign = row.get::<_, u32>(1)? != FORMAT;
                let began = UtcTime(row.get(2)?);
                Ok(RunWithin { id: RunId(row.get(0)?), began, config_version: row.get(3)?, foreign })
            };
            query.query_map(params![from.0, until.0], run)?.collect()
        };
        read().map_err(|source| read_error(&self.path, source))
    }

    /// The files of the configuration that a run began with: name → content; none when the run has made room since.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn files(&self, run: RunId) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        self.connection
            .query_row("SELECT files FROM run WHERE id = ?1", params![run.0], |row| packed(row, 0))
            .optional()
            .map(Option::unwrap_or_default)
            .map_err(|source| read_error(&self.path, source))
    }

    /// When the oldest event that is still there was told; `None` in an empty recording.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn reaches_back_to(&self) -> Result<Option<UtcTime>, StoreError> {
        self.connection
            .query_row("SELECT first FROM block ORDER BY id LIMIT 1", [], |row| row.get(0).map(UtcTime))
            .optional()
            .map_err(|source| read_error(&self.path, source))
    }

    /// What was told in a span of time, of all runs that can be read, oldest first; with a block's neighbours, so a little
    /// more than asked. `each` says whether to go on.
    ///
    /// # Errors
    /// As [`Recording::play`].
    pub fn between(
        &self,
        from: UtcTime,
        until: UtcTime,
        each: impl FnMut(RunId, Part) -> bool,
    ) -> Result<(), StoreError> {
        self.blocks(self.blocks_between(from, until)?.into_iter(), each)
    }

    /// The same, newest first.
    ///
    /// # Errors
    /// As [`Recording::play`].
    pub fn between_backwards(
        &self,
        from: UtcTime,
        until: UtcTime,
        each: impl FnMut(RunId, Part) -> bool,
    ) -> Result<(), StoreError> {
        self.blocks(self.blocks_between(from, until)?.into_iter().rev(), each)
    }

    fn blocks_between(&self, from: UtcTime, until: UtcTime) -> Result<Vec<i64>, StoreError> {
        let read = || -> rusqlite::Result<_> {
            let mut query =
                self.connection.prepare("SELECT id FROM block WHERE last >= ?1 AND first <= ?2 ORDER BY id")?;
            query.query_map(params![from.0, until.0], |row| row.get(0))?.collect()
        };
        read().map_err(|source| read_error(&self.path, source))
    }

    /// A block that has made room since is passed over.
    fn blocks(
        &self,
        blocks: impl Iterator<Item = i64>,
        mut each: impl FnMut(RunId, Part) -> bool,
    ) -> Result<(), StoreError> {
        let failed = |source| read_error(&self.path, source);
        let mut query = self
            .connection
            .prepare(
                "SELECT block.id, lost, bytes, run FROM block JOIN run ON run.id = run
                 WHERE block.id = ?1 AND format = ?2",
            )
            .map_err(failed)?;
        for block in blocks {
            let mut rows = query.query(params![block, FORMAT]).map_err(failed)?;
            if let Some(row) = rows.next().map_err(failed)? {
                let run = RunId(row.get(3).map_err(failed)?);
                if !each(run, part(row, &self.path)?) {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn part(row: &rusqlite::Row<'_>, path: &Path) -> Result<Part, StoreError> {
    let get =
        || -> rusqlite::Result<_> { Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?)) };
    let (id, lost, bytes) = get().map_err(|source| read_error(path, source))?;
    let told = block::read(&bytes)
        .map_err(|finding| StoreError::Corrupt { path: path.to_owned(), finding: format!("block {id}: {finding}") })?;
    Ok(Part { lost: lost.cast_unsigned(), told })
}

fn run(row: &rusqlite::Row<'_>) -> rusqlite::Result<Run> {
    let format: u32 = row.get(1)?;
    Ok(Run {
        id: row.get(0)?,
        beginning: beginning(row)?,
        until: UtcTime(row.get(9)?),
        events: row.get::<_, i64>(10)?.cast_unsigned(),
        cut: row.get::<_, i64>(11)? != 1,
        foreign: format != FORMAT,
    })
}

/// From the columns `id, format, utc, monotonic, epoch, head, config_version, files, saved`.
fn beginning(row: &rusqlite::Row<'_>) -> rusqlite::Result<Beginning> {
    Ok(Beginning {
        now: Now { monotonic: Monotonic(row.get::<_, i64>(3)?.cast_unsigned()), utc: UtcTime(row.get(2)?) },
        epoch: row.get(4)?,
        head: row.get::<_, i64>(5)?.cast_unsigned(),
        config_version: row.get(6)?,
        files: packed(row, 7)?,
        saved: packed(row, 8)?,
        tags: Vec::new(),
    })
}

pub(super) fn packed<T: serde::de::DeserializeOwned>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let bytes: Vec<u8> = row.get(column)?;
    let wrong =
        |error: String| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, error.into());
    let bytes = block::unpack(&bytes, limits::BEGINNING_BYTES_MAX).map_err(|error| wrong(error.to_string()))?;
    postcard::from_bytes(&bytes).map_err(|error| wrong(error.to_string()))
}

fn read_error(path: &Path, source: rusqlite::Error) -> StoreError {
    StoreError::Read { path: path.to_owned(), source: Arc::new(source) }
}
