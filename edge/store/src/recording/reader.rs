//! The reading side: which runs there are, and what was told in them. Works beside a running gateway.

use super::{Beginning, FORMAT, Told, block, file};
use crate::{StoreError, limits, reader};
use davy_core::time::{Monotonic, Now, UtcTime};
use rusqlite::{Connection, params};
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

    /// What was told in a span of time, of all runs, oldest first; with a block's neighbours, so a little more than asked.
    ///
    /// # Errors
    /// As [`Recording::play`].
    pub fn between(&self, from: UtcTime, until: UtcTime, mut each: impl FnMut(&Run, Part)) -> Result<(), StoreError> {
        let runs: BTreeMap<i64, Run> = self.runs()?.into_iter().map(|run| (run.id, run)).collect();
        let failed = |source| read_error(&self.path, source);
        let mut query = self
            .connection
            .prepare("SELECT id, lost, bytes, run FROM block WHERE last >= ?1 AND first <= ?2 ORDER BY id")
            .map_err(failed)?;
        let mut rows = query.query(params![from.0, until.0]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let run = row.get::<_, i64>(3).map_err(failed)?;
            if let Some(run) = runs.get(&run).filter(|run| !run.foreign) {
                each(run, part(row, &self.path)?);
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
    let utc = UtcTime(row.get(2)?);
    let format: u32 = row.get(1)?;
    Ok(Run {
        id: row.get(0)?,
        beginning: Beginning {
            now: Now { monotonic: Monotonic(row.get::<_, i64>(3)?.cast_unsigned()), utc },
            epoch: row.get(4)?,
            head: row.get::<_, i64>(5)?.cast_unsigned(),
            config_version: row.get(6)?,
            files: packed(row, 7)?,
            saved: packed(row, 8)?,
        },
        until: UtcTime(row.get(9)?),
        events: row.get::<_, i64>(10)?.cast_unsigned(),
        cut: row.get::<_, i64>(11)? != 1,
        foreign: format != FORMAT,
    })
}

fn packed<T: serde::de::DeserializeOwned>(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let bytes: Vec<u8> = row.get(column)?;
    let wrong =
        |error: String| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, error.into());
    let bytes = block::unpack(&bytes, limits::BEGINNING_BYTES_MAX).map_err(|error| wrong(error.to_string()))?;
    postcard::from_bytes(&bytes).map_err(|error| wrong(error.to_string()))
}

fn read_error(path: &Path, source: rusqlite::Error) -> StoreError {
    StoreError::Read { path: path.to_owned(), source: Arc::new(source) }
}
