//! Rows that an uplink's receiver refused. The uplink's cursor has passed them, in the transaction that put them here; so they
//! stay until the receiver takes them.

use crate::{Batch, Store, StoreError, limits, reader};
use davy_core::time::UtcTime;
use rusqlite::{Connection, Row, Transaction, params};
use std::sync::Arc;

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Its place in the journal.
    pub seq: u64,
    /// The lane in which it went up first.
    pub lane: String,
    /// Why it was refused last, in the receiver's words.
    pub reason: String,
    /// When it was refused first.
    pub since: UtcTime,
    /// How often it was refused.
    pub tries: u32,
    /// When it is tried again.
    pub next: UtcTime,
}

/// What becomes of an uplink's parked rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParkedChange {
    /// A row is refused, for the first time or again.
    Refused {
        /// Its place in the journal.
        seq: u64,
        /// The lane in which it went up.
        lane: String,
        /// Why.
        reason: String,
        /// When.
        at: UtcTime,
        /// When it is tried again.
        next: UtcTime,
    },
    /// A row is tried again at a time, and was not refused.
    Later {
        /// Its place in the journal.
        seq: u64,
        /// When.
        next: UtcTime,
    },
    /// A row is taken, if it is here at all.
    Taken {
        /// Its place in the journal.
        seq: u64,
    },
}

impl Store {
    /// Saves where an uplink stands, its cursor and what becomes of its parked rows, in one transaction.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn save_uplink(
        &self,
        uplink: &str,
        cursor: Option<String>,
        parked: Vec<ParkedChange>,
    ) -> Result<(), StoreError> {
        let cursor = cursor.map(|body| (uplink.to_owned(), body));
        let parked = parked.into_iter().map(|change| Asked::Change(uplink.to_owned(), change)).collect();
        self.writer.write(Batch::default(), cursor, parked).await.map(drop)
    }

    /// Makes a parked row of an uplink, or with `None` all of them, due at a time.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn retry_parked(&self, uplink: &str, seq: Option<u64>, at: UtcTime) -> Result<(), StoreError> {
        self.writer.write(Batch::default(), None, vec![Asked::Retry(uplink.to_owned(), seq, at)]).await.map(drop)
    }

    /// The parked rows of an uplink behind a place, in order, at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn parked(&self, uplink: &str, after: u64, limit: usize) -> Result<Vec<Parked>, StoreError> {
        let uplink = uplink.to_owned();
        reader::run(Arc::clone(&self.reader), move |connection| rows(connection, &uplink, after, limit)).await
    }

    /// How many rows of an uplink are parked.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn parked_count(&self, uplink: &str) -> Result<u64, StoreError> {
        let uplink = uplink.to_owned();
        let count = "SELECT count(*) FROM parked WHERE uplink = ?1";
        reader::run(Arc::clone(&self.reader), move |connection| {
            connection.query_row(count, params![uplink], |row| row.get(0)).map(i64::cast_unsigned)
        })
        .await
    }

    /// The parked row of an uplink that is due first, if one is due. One that is to be tried later than `latest` is due as well:
    /// the clock has been set back since.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn parked_due(&self, uplink: &str, now: UtcTime, latest: UtcTime) -> Result<Option<Parked>, StoreError> {
        let uplink = uplink.to_owned();
        let due = reader::run(Arc::clone(&self.reader), move |connection| due(connection, &uplink, now, latest));
        Ok(due.await?.into_iter().next())
    }
}

/// What the writer is asked to do.
pub(crate) enum Asked {
    Change(String, ParkedChange),
    Retry(String, Option<u64>, UtcTime),
}

pub(crate) fn write(transaction: &Transaction<'_>, asked: &Asked) -> rusqlite::Result<()> {
    let run = |statement, values: &[&dyn rusqlite::ToSql]| transaction.prepare_cached(statement)?.execute(values);
    match asked {
        Asked::Change(uplink, ParkedChange::Refused { seq, lane, reason, at, next }) => run(
            "INSERT INTO parked (uplink, seq, lane, reason, since, tries, next) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)
             ON CONFLICT DO UPDATE SET reason = excluded.reason, tries = tries + 1, next = excluded.next",
            &[uplink, &seq.cast_signed(), lane, reason, &at.0, &next.0],
        ),
        Asked::Change(uplink, ParkedChange::Later { seq, next }) => {
            run("UPDATE parked SET next = ?3 WHERE uplink = ?1 AND seq = ?2", &[uplink, &seq.cast_signed(), &next.0])
        }
        Asked::Change(uplink, ParkedChange::Taken { seq }) => {
            run("DELETE FROM parked WHERE uplink = ?1 AND seq = ?2", &[uplink, &seq.cast_signed()])
        }
        Asked::Retry(uplink, seq, at) => run(
            "UPDATE parked SET next = ?3 WHERE uplink = ?1 AND (?2 IS NULL OR seq = ?2)",
            &[uplink, &seq.map(u64::cast_signed), &at.0],
        ),
    }
    .map(drop)
}

const COLUMNS: &str = "SELECT seq, lane, reason, since, tries, next FROM parked WHERE uplink = ?1";

fn rows(connection: &Connection, uplink: &str, after: u64, limit: usize) -> rusqlite::Result<Vec<Parked>> {
    let limit = limit.min(limits::READ_ROWS_MAX) as i64;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    connection
        .prepare_cached(&format!("{COLUMNS} AND seq > ?2 ORDER BY seq LIMIT ?3"))?
        .query_map(params![uplink, after, limit], parked)?
        .collect()
}

fn due(connection: &Connection, uplink: &str, now: UtcTime, latest: UtcTime) -> rusqlite::Result<Vec<Parked>> {
    connection
        .prepare_cached(&format!("{COLUMNS} AND (next <= ?2 OR next > ?3) ORDER BY next, seq LIMIT 1"))?
        .query_map(params![uplink, now.0, latest.0], parked)?
        .collect()
}

fn parked(row: &Row<'_>) -> rusqlite::Result<Parked> {
    Ok(Parked {
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        lane: row.get(1)?,
        reason: row.get(2)?,
        since: UtcTime(row.get(3)?),
        tries: row.get(4)?,
        next: UtcTime(row.get(5)?),
    })
}
