//! The journal and what hangs on it: one SQLite file, one writer thread, readers that never block it.
//!
//! A [`Batch`] (journal rows and saved state) is written in one transaction and is durable when [`Store::commit`]
//! returns; batches that wait together share one flush. The journal is append-only and hash-chained (see `chain`). It
//! must never lose a committed row, never write half a batch, never hand out an id twice and never delete a file: a
//! corrupt one is set aside and a new one is begun under the next epoch.

pub mod backup;
mod chain;
mod commands;
mod error;
mod files;
pub mod history;
mod limits;
mod lock;
mod names;
mod newest;
mod open;
mod parked;
mod reader;
pub mod recording;
mod retention;
mod rows;
mod schema;
mod separate;
mod space;
mod verify;
mod writer;

pub use commands::{Known, Seen};
pub use error::StoreError;
pub use lock::{Lock, take as hold};
pub use open::open;
pub use parked::{Parked, ParkedChange};
pub use retention::{Retention, Room, Unsent};
pub use rows::Rows;
pub use verify::{Places, Verdict, verify};

use davy_core::time::UtcTime;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};
use tokio::sync::watch;

/// The version of the journal's file that this program writes.
pub const JOURNAL_VERSION: usize = schema::VERSION;

/// Programs that write this version or a later one can go on with a file that this program wrote.
pub const JOURNAL_USABLE_FROM: usize = schema::USABLE_FROM;

/// What [`open`] found.
#[derive(Debug)]
pub struct Opened {
    /// The open store.
    pub store: Store,
    /// The journal's epoch, part of every message id. A new file has a new one.
    pub epoch: u32,
    /// Whether the journal is empty.
    pub first_start: bool,
    /// The saved state: key → JSON.
    pub saved: BTreeMap<String, String>,
    /// Where a corrupt file was moved to; somebody should keep it and look at it.
    pub set_aside: Option<PathBuf>,
}

/// What is written together: all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Rows to append to the journal, in order.
    pub rows: Vec<Row>,
    /// Saved state to replace, or with `None` to remove; later entries win.
    pub saved: Vec<(String, Option<String>)>,
}

/// A row to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it happened.
    pub utc: UtcTime,
    /// The record's kind, `davy_core::record::Record::kind`.
    pub kind: &'static str,
    /// The record as JSON.
    pub body: String,
}

/// A row of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Its place, 1 being the first of its epoch.
    pub seq: u64,
    /// When it happened.
    pub utc: UtcTime,
    /// The record's kind.
    pub kind: String,
    /// The record as JSON, exactly as it was committed.
    pub body: String,
}

/// What the writer has done since it was opened, for metrics. `transactions` against `batches` is how well flushes are
/// shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Flushes to disk.
    pub transactions: u64,
    /// Batches and cursors in them.
    pub batches: u64,
    /// Rows in those.
    pub rows: u64,
}

/// A handle on the open journal; cloning is cheap. The file closes when [`Store::close`] is called or the last handle
/// is dropped.
#[derive(Clone)]
pub struct Store {
    writer: writer::Handle,
    reader: Arc<reader::Reader>,
    epoch: u32,
}

impl Store {
    /// Writes a batch and waits until it is on the disk. Gives the place of its last row (of the row before it where
    /// it has none). After an error nothing of the batch is in the journal, and the next commit may succeed.
    ///
    /// # Errors
    /// When the disk is full or fails, or the store is closed.
    pub async fn commit(&self, batch: Batch) -> Result<u64, StoreError> {
        self.writer.write(batch, None, Vec::new()).await
    }

    /// The place of the newest durable row, zero in an empty journal.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<u64> {
        self.writer.head()
    }

    /// The journal's epoch.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// What the writer has done.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.writer.figures()
    }

    /// Rows after `from_seq_exclusive` up to and with `until_inclusive`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn read(
        &self,
        from_seq_exclusive: u64,
        until_inclusive: u64,
        limit: usize,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let reader = Arc::clone(&self.reader);
        reader::run(reader, move |connection| reader::rows(connection, from_seq_exclusive, until_inclusive, limit))
            .await
    }

    /// The history of the alarm table: rows of kind `change` before a place, the newest first, at most `limit`; of one rule
    /// or all of them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn changes(&self, rule: Option<&str>, before: u64, limit: usize) -> Result<Vec<JournalRow>, StoreError> {
        let rule = rule.map(str::to_owned);
        reader::run(Arc::clone(&self.reader), move |connection| {
            reader::changes(connection, rule.as_deref(), before, limit)
        })
        .await
    }

    /// The saved state by key, as it is on the disk.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn saved(&self) -> Result<BTreeMap<String, String>, StoreError> {
        reader::run(Arc::clone(&self.reader), reader::saved).await
    }

    /// The cursor of an uplink, as it was set.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn cursor(&self, name: &str) -> Result<Option<String>, StoreError> {
        let name = name.to_owned();
        reader::run(Arc::clone(&self.reader), move |connection| reader::cursor(connection, &name)).await
    }

    /// Replaces the cursor of an uplink and waits until it is on the disk; it shares a flush with whatever waits.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn set_cursor(&self, name: &str, body: String) -> Result<(), StoreError> {
        self.save_uplink(name, Some(body), Vec::new()).await
    }

    /// What would make room next for what is to be kept. Where rows go that not every uplink has, the caller says so in the
    /// journal before it asks for [`Store::delete`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn find_room(&self, keep: Retention) -> Result<Room, StoreError> {
        reader::run(Arc::clone(&self.reader), move |connection| retention::find(connection, keep)).await
    }

    /// Deletes the journal's rows up to and with one, the newest row of all excepted; gives how many. What it takes is used
    /// again for new rows.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn delete(&self, until: u64) -> Result<u64, StoreError> {
        self.writer.delete(until).await
    }

    /// What is free within the journal's file, in bytes: new rows use it before the file grows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn free_bytes(&self) -> Result<u64, StoreError> {
        reader::run(Arc::clone(&self.reader), retention::free_bytes).await
    }

    /// Writes what waits, moves the log into the file and closes it. Other handles get [`StoreError::Closed`] from then
    /// on.
    pub async fn close(self) {
        self.reader.close();
        self.writer.close().await;
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
