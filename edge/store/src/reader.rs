//! Readers: connections of their own that can only read, each used by one call at a time. A reader never waits for the
//! writer nor the writer for a reader.

use crate::{JournalRow, StoreError, limits};
use davy_core::time::UtcTime;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// Connections that wait for the next call, and how often they were all given up.
#[derive(Debug, Default)]
struct Idle {
    connections: Vec<Connection>,
    given_up: u64,
}

/// Who reads.
#[derive(Debug)]
pub(crate) struct Reader {
    path: PathBuf,
    idle: Mutex<Idle>,
    permits: Semaphore,
}

impl Reader {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default(), permits: Semaphore::new(limits::READERS_MAX) }
    }

    /// Lets the file go; calls after this fail.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.give_up();
    }

    /// Lets the file go; calls after this open it again.
    pub(crate) fn give_up(&self) {
        let mut idle = self.idle();
        idle.connections.clear();
        idle.given_up += 1;
    }

    /// A connection, and what [`Reader::give_back`] has to know of it.
    fn take(&self) -> rusqlite::Result<(Connection, u64)> {
        let (connection, of) = {
            let mut idle = self.idle();
            (idle.connections.pop(), idle.given_up)
        };
        Ok((connection.map_or_else(|| open(&self.path), Ok)?, of))
    }

    fn give_back(&self, connection: Connection, of: u64) {
        let mut idle = self.idle();
        if !self.permits.is_closed() && idle.given_up == of {
            idle.connections.push(connection);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a query on a thread where it may block.
pub(crate) async fn run<T: Send + 'static>(
    reader: Arc<Reader>,
    query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let _permit = reader.permits.acquire().await.map_err(|_| StoreError::Closed)?;
    let worker = Arc::clone(&reader);
    let result = tokio::task::spawn_blocking(move || {
        let (connection, of) = worker.take()?;
        let result = query(&connection)?;
        worker.give_back(connection, of);
        Ok(result)
    });
    let result: rusqlite::Result<T> = result.await.map_err(|_| StoreError::Closed)?;
    result.map_err(|source| StoreError::Read { path: reader.path.clone(), source: Arc::new(source) })
}

/// A connection that can only read.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(limits::BUSY_WAIT)?;
    Ok(connection)
}

pub(crate) fn rows(connection: &Connection, after: u64, until: u64, limit: usize) -> rusqlite::Result<Vec<JournalRow>> {
    let limit = limit.min(limits::READ_ROWS_MAX) as i64;
    let (after, until) = (place(after), place(until));
    connection
        .prepare_cached("SELECT seq, utc, kind, body FROM journal WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3")?
        .query_map(params![after, until, limit], journal_row)?
        .collect()
}

/// Rows of kind `change` before a place, the newest first; of one rule or all of them.
pub(crate) fn changes(
    connection: &Connection,
    rule: Option<&str>,
    before: u64,
    limit: usize,
) -> rusqlite::Result<Vec<JournalRow>> {
    let limit = limit.min(limits::READ_ROWS_MAX) as i64;
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let of_rule = if rule.is_some() { "change.rule = ?3 AND" } else { "?3 IS NULL AND" };
    let query = format!(
        "SELECT journal.seq, utc, kind, body FROM change JOIN journal ON journal.seq = change.seq
         WHERE {of_rule} change.seq < ?1 ORDER BY change.seq DESC LIMIT ?2"
    );
    connection.prepare_cached(&query)?.query_map(params![before, limit, rule], journal_row)?.collect()
}

/// The same backwards: the newest first.
pub(crate) fn rows_before(connection: &Connection, before: u64, limit: usize) -> rusqlite::Result<Vec<JournalRow>> {
    connection
        .prepare_cached("SELECT seq, utc, kind, body FROM journal WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2")?
        .query_map(params![place(before), limit.min(limits::READ_ROWS_MAX) as i64], journal_row)?
        .collect()
}

/// Rows of a kind that is looked for, the newest first. The condition is that of the index, or SQLite would not use it.
pub(crate) const ROWS_OF_KIND: &str = "SELECT seq, utc, kind, body FROM journal
    WHERE kind = ?1 AND kind IN ('warning', 'evidence') AND seq > ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4";

/// See [`ROWS_OF_KIND`].
pub(crate) fn rows_of_kind(
    connection: &Connection,
    kind: &str,
    after: u64,
    before: u64,
    limit: usize,
) -> rusqlite::Result<Vec<JournalRow>> {
    connection
        .prepare_cached(ROWS_OF_KIND)?
        .query_map(params![kind, place(after), place(before), limit.min(limits::READ_ROWS_MAX) as i64], journal_row)?
        .collect()
}

fn place(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A row from the columns `seq, utc, kind, body`.
pub(crate) fn journal_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<JournalRow> {
    Ok(JournalRow {
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        utc: UtcTime(row.get(1)?),
        kind: row.get(2)?,
        body: row.get(3)?,
    })
}

pub(crate) fn cursor(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT body FROM cursor WHERE name = ?1", params![name], |row| row.get(0)).optional()
}

pub(crate) fn cursors(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    pairs(connection, "SELECT name, body FROM cursor")
}

pub(crate) fn saved(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    pairs(connection, "SELECT key, body FROM state")
}

fn pairs(connection: &Connection, query: &str) -> rusqlite::Result<BTreeMap<String, String>> {
    connection.prepare(query)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}
