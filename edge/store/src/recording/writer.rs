//! The writing side: the loop fills a block, a thread of its own compresses and writes it.

use super::{Beginning, FORMAT, Keep, block, file};
use crate::{StoreError, limits};
use davy_core::{
    event::Event,
    time::{Now, UtcTime},
};
use rusqlite::{Connection, params};
use std::{
    io,
    path::Path,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
};

/// Begins a run.
///
/// # Errors
/// When the file cannot be written. The gateway alarms without a recording.
pub fn record(directory: &Path, beginning: &Beginning, keep: Keep) -> Result<Recorder, StoreError> {
    let connection = file::open(directory, beginning.now.utc)?;
    let failed = |source| StoreError::Write { source: Arc::new(source) };
    let run = begin(&connection, beginning).map_err(failed)?;
    let size = connection
        .query_row("SELECT coalesce(sum(length(bytes)), 0) FROM block", [], |row| row.get::<_, i64>(0))
        .map_err(failed)?;
    let (blocks, waiting) = sync_channel(limits::BLOCKS_WAITING_MAX);
    let mut writer = Writer { connection, run, keep, place: 0, size: size.cast_unsigned(), lost: 0, failing: false };
    let thread = thread::Builder::new()
        .name("davy-recording".to_owned())
        .spawn(move || writer.run(&waiting))
        .map_err(|source| StoreError::Directory { path: directory.to_owned(), source: Arc::new(source) })?;
    Ok(Recorder { open: block::Open::default(), lost: 0, blocks: Some(blocks), thread: Some(thread) })
}

fn begin(connection: &Connection, beginning: &Beginning) -> rusqlite::Result<i64> {
    let pack = |value: Result<Vec<u8>, String>| {
        let bytes = value.and_then(|bytes| block::pack(&bytes).map_err(|error| error.to_string()));
        bytes.map_err(|error| rusqlite::Error::ToSqlConversionFailure(io::Error::other(error).into()))
    };
    let files = postcard::to_stdvec(&beginning.files).map_err(|error| error.to_string());
    let saved = postcard::to_stdvec(&beginning.saved).map_err(|error| error.to_string());
    connection.execute(
        "INSERT INTO run (format, utc, monotonic, epoch, head, config_version, files, saved)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            FORMAT,
            beginning.now.utc.0,
            beginning.now.monotonic.0.cast_signed(),
            beginning.epoch,
            beginning.head.cast_signed(),
            beginning.config_version,
            pack(files)?,
            pack(saved)?
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// The hand of the loop on the recording. Nothing here waits, save for dropping it, which writes what is left.
#[derive(Debug)]
pub struct Recorder {
    open: block::Open,
    /// Events of blocks that found no place.
    lost: u64,
    blocks: Option<SyncSender<Full>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Full {
    block: block::Open,
    /// Events left out since the block before.
    lost: u64,
}

impl Recorder {
    /// Writes down what the engine is told now.
    pub fn put(&mut self, now: Now, event: &Event) {
        self.open.put(now, event);
        self.hand_over_ripe(now);
    }

    /// Hands a block over that has waited long enough; for the times when nothing happens.
    pub fn hand_over_ripe(&mut self, now: Now) {
        if self.open.is_ripe(now) {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        let block = std::mem::take(&mut self.open);
        let events = u64::from(block.events);
        let full = Full { block, lost: self.lost };
        let sent = self.blocks.as_ref().map(|blocks| blocks.try_send(full));
        match sent {
            Some(Ok(())) => self.lost = 0,
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => self.lost += events,
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !self.open.is_empty() {
            self.hand_over();
        }
        self.blocks = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

struct Writer {
    connection: Connection,
    run: i64,
    keep: Keep,
    /// Blocks of this run so far.
    place: i64,
    /// Bytes of all blocks.
    size: u64,
    /// Events of blocks that could not be written.
    lost: u64,
    failing: bool,
}

impl Writer {
    fn run(&mut self, waiting: &Receiver<Full>) {
        while let Ok(full) = waiting.recv() {
            let result = self.write(&full).and_then(|()| self.make_room(full.block.span.1));
            match (&result, self.failing) {
                (Err(error), false) => tracing::error!(event = "recording_failed", %error,
                    "what the engine is told cannot be recorded; alarming goes on: check the free space of the disk"),
                (Ok(()), true) => tracing::info!(event = "recording_works", "recording again"),
                (Err(_), true) | (Ok(()), false) => {}
            }
            self.failing = result.is_err();
        }
    }

    fn write(&mut self, full: &Full) -> Result<(), StoreError> {
        let lost = self.lost + full.lost;
        self.lost = lost + u64::from(full.block.events);
        let failed = |source| StoreError::Write { source: Arc::new(source) };
        let packed = block::pack(full.block.bytes())
            .map_err(|error| failed(rusqlite::Error::ToSqlConversionFailure(error.into())))?;
        self.connection
            .prepare_cached(
                "INSERT INTO block (run, place, first, last, events, lost, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut insert| {
                let ((first, last), events) = (full.block.span, full.block.events);
                insert.execute(params![self.run, self.place + 1, first.0, last.0, events, lost.cast_signed(), packed])
            })
            .map_err(failed)?;
        self.lost = 0;
        self.place += 1;
        self.size += packed.len() as u64;
        Ok(())
    }

    /// The oldest blocks go while there are too many bytes, and those that are too old.
    fn make_room(&mut self, now: UtcTime) -> Result<(), StoreError> {
        let failed = |source| StoreError::Write { source: Arc::new(source) };
        let oldest_kept = now.0.saturating_sub(i64::from(self.keep.days_max) * limits::DAY_MS);
        loop {
            let oldest = oldest_block(&self.connection).map_err(failed)?;
            let Some((id, last, size)) = oldest else { return Ok(()) };
            if self.size <= self.keep.bytes_max && last >= oldest_kept {
                return Ok(());
            }
            self.delete(id).map_err(failed)?;
            self.size = self.size.saturating_sub(size);
        }
    }

    fn delete(&self, block: i64) -> rusqlite::Result<()> {
        self.connection.prepare_cached("DELETE FROM block WHERE id = ?1")?.execute(params![block])?;
        // The run in hand stays even when it has no blocks yet.
        self.connection
            .prepare_cached("DELETE FROM run WHERE id < ?1 AND id NOT IN (SELECT run FROM block)")?
            .execute(params![self.run])?;
        self.connection.execute_batch("PRAGMA incremental_vacuum")
    }
}

fn oldest_block(connection: &Connection) -> rusqlite::Result<Option<(i64, i64, u64)>> {
    use rusqlite::OptionalExtension as _;
    connection
        .prepare_cached("SELECT id, last, length(bytes) FROM block ORDER BY id LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.cast_unsigned())))
        .optional()
}
