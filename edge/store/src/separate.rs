//! Files beside the journal, for samples: a power cut may cost the last seconds of them, and nothing hangs on them that
//! alarms. A damaged one is set aside and a new one begun.

use crate::{StoreError, error::is_corruption, files, limits, schema};
use davy_core::time::UtcTime;
use rusqlite::Connection;
use std::path::Path;

/// The tables of a file: of its first version, and what each later one adds. `PRAGMA user_version` counts.
pub(crate) struct Tables {
    /// Of a new file, a power of two from 512 to 65 536 bytes: a row that does not fit into what is left of a page begins another.
    pub(crate) page_bytes: u32,
    pub(crate) first: &'static str,
    pub(crate) later: &'static [&'static str],
}

impl Tables {
    fn version(&self) -> usize {
        1 + self.later.len()
    }
}

/// Opens a file for writing.
pub(crate) fn open(path: &Path, utc: UtcTime, tables: &Tables) -> Result<Connection, StoreError> {
    match try_open(path, tables) {
        Ok(Some(connection)) => Ok(connection),
        Ok(None) => begin_anew(path, utc, tables, "a later version wrote it"),
        Err(error) if is_corruption(&error) => begin_anew(path, utc, tables, &error.to_string()),
        Err(source) => Err(schema::failure(path, source)),
    }
}

fn begin_anew(path: &Path, utc: UtcTime, tables: &Tables, why: &str) -> Result<Connection, StoreError> {
    let aside = files::set_aside(path, utc)?;
    tracing::warn!(event = "samples_set_aside", path = %aside.display(), why, "a new file is begun");
    let opened = try_open(path, tables).map_err(|source| schema::failure(path, source))?;
    opened.ok_or_else(|| StoreError::Foreign { path: path.to_owned(), finding: "it cannot be begun anew".to_owned() })
}

/// `None` when a later version wrote it.
fn try_open(path: &Path, tables: &Tables) -> rusqlite::Result<Option<Connection>> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(limits::BUSY_WAIT)?;
    connection.pragma_update(None, "page_size", tables.page_bytes)?;
    // Before the first table: then what is deleted gives its pages back.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // Without a flush for each transaction a power cut would cost all since the log was last moved into the file.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", limits::LOG_BYTES_KEPT)?;
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let version = version as usize;
    if version > tables.version() {
        return Ok(None);
    }
    if version < tables.version() {
        let transaction = connection.transaction()?;
        let all = std::iter::once(&tables.first).chain(tables.later);
        for statements in all.skip(version) {
            transaction.execute_batch(statements)?;
        }
        transaction.pragma_update(None, "user_version", tables.version() as i64)?;
        transaction.commit()?;
    }
    Ok(Some(connection))
}
