//! The file `recording.db` and its tables.

use crate::{StoreError, error::is_corruption, files, limits};
use davy_core::time::UtcTime;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// `PRAGMA user_version`: a file of another one is set aside, because nothing outside the recording hangs on it.
const VERSION: i32 = 1;

const TABLES: &str = "
    CREATE TABLE run (
        id             INTEGER PRIMARY KEY AUTOINCREMENT,
        format         INTEGER NOT NULL,
        utc            INTEGER NOT NULL,
        monotonic      INTEGER NOT NULL,
        epoch          INTEGER NOT NULL,
        head           INTEGER NOT NULL,
        config_version TEXT NOT NULL,
        files          BLOB NOT NULL,
        saved          BLOB NOT NULL
    ) STRICT;
    CREATE TABLE block (
        id     INTEGER PRIMARY KEY AUTOINCREMENT,
        run    INTEGER NOT NULL,
        place  INTEGER NOT NULL,
        first  INTEGER NOT NULL,
        last   INTEGER NOT NULL,
        events INTEGER NOT NULL,
        lost   INTEGER NOT NULL,
        bytes  BLOB NOT NULL
    ) STRICT;
    CREATE INDEX block_of_run ON block (run, id);
    CREATE INDEX block_of_time ON block (last, first, run);
";

pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join("recording.db")
}

/// Opens the file for writing; a damaged or foreign one is set aside and a new one begun.
pub(super) fn open(directory: &Path, utc: UtcTime) -> Result<Connection, StoreError> {
    let path = path(directory);
    match try_open(&path) {
        Ok(Some(connection)) => Ok(connection),
        Ok(None) => begin_anew(&path, utc, "another version wrote it"),
        Err(error) if is_corruption(&error) => begin_anew(&path, utc, &error.to_string()),
        Err(source) => Err(crate::schema::failure(&path, source)),
    }
}

fn begin_anew(path: &Path, utc: UtcTime, why: &str) -> Result<Connection, StoreError> {
    let aside = files::set_aside(path, utc)?;
    tracing::warn!(event = "recording_set_aside", path = %aside.display(), why, "a new recording is begun");
    let opened = try_open(path).map_err(|source| crate::schema::failure(path, source))?;
    opened.ok_or_else(|| StoreError::Foreign { path: path.to_owned(), finding: "it cannot be begun anew".to_owned() })
}

/// `None` when another version wrote it.
fn try_open(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(limits::BUSY_WAIT)?;
    // Before the first table: then deleted blocks give their pages back.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Without a flush for each block a power cut would cost all since the log was last moved into the file.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", limits::LOG_BYTES_KEPT)?;
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        connection.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT"))?;
    }
    Ok((version == 0 || version == VERSION).then_some(connection))
}
