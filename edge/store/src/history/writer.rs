//! The writing side. It runs on the recording's thread, behind each of its blocks.

use super::{
    History, TagOfRun, block, file,
    filling::{Run, Shared, Tags},
    point::Mark,
};
use crate::{
    StoreError, limits,
    recording::{Keep, Told},
    space,
};
use davy_core::time::{Monotonic, UtcTime};
use rusqlite::Connection;
use std::{path::Path, sync::Arc};

/// Up to which block of the recording the file reaches. Runs are numbered anew in a new recording, so the run's beginning
/// belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) run: i64,
    pub(crate) began: UtcTime,
    /// The block's place in the run.
    pub(crate) place: i64,
    /// When the last event in it was told.
    pub(crate) told: UtcTime,
}

impl Reached {
    pub(super) fn read(body: &str) -> Option<Self> {
        let mut numbers = body.split(' ').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self { run: next()?, began: UtcTime(next()?), place: next()?, told: UtcTime(next()?) })
    }

    pub(super) fn write(&self) -> String {
        format!("{} {} {} {}", self.run, self.began.0, self.place, self.told.0)
    }
}

pub(crate) struct Writer {
    connection: Connection,
    shared: Arc<Shared>,
    run: Run,
    reached: Option<Reached>,
    /// `None` until the gateway has said so: nothing makes room before.
    keep: Option<Keep>,
    /// Bytes of all batches.
    size: u64,
    /// When the oldest value that is not yet in the file was told.
    since: Option<Monotonic>,
    failing: bool,
}

impl Writer {
    /// Opens the history in a data directory.
    pub(crate) fn open(directory: &Path, utc: UtcTime) -> Result<Self, StoreError> {
        let connection = file::open(directory, utc)?;
        let read = || Ok((file::reached(&connection)?, file::size(&connection)?, file::newest(&connection)?));
        let (reached, size, batch) = read().map_err(write_error)?;
        let shared = Arc::new(Shared::default());
        shared.lock().batch = batch;
        Ok(Self { connection, shared, run: Run::default(), reached, keep: None, size, since: None, failing: false })
    }

    /// For readers, beside the writer.
    pub(crate) fn reader(&self, directory: &Path) -> History {
        History::beside(directory, Arc::clone(&self.shared))
    }

    /// Up to where it reaches: what the recording has beyond it is still to be heard.
    pub(crate) fn reached(&self) -> Option<Reached> {
        self.reached
    }

    /// The blocks that follow belong to a run that begins.
    pub(crate) fn begin_run(
        &mut self,
        run: i64,
        began: UtcTime,
        tags: &[TagOfRun],
        keep: Keep,
    ) -> Result<(), StoreError> {
        self.keep = Some(keep);
        self.go_on(run, began, tags)
    }

    /// The blocks that follow belong to a run. If it is another than before, nothing was heard since the last of that.
    pub(crate) fn go_on(&mut self, run: i64, began: UtcTime, tags: &[TagOfRun]) -> Result<(), StoreError> {
        let keys = file::keys(&mut self.connection, tags).map_err(write_error)?;
        self.run = Run::new(keys, tags);
        if self.reached.is_some_and(|reached| (reached.run, reached.began) == (run, began)) {
            return Ok(());
        }
        let told = self.reached.map_or(began, |reached| reached.told);
        if began.since(told) > limits::SILENCE_MIN_MS {
            self.run.hear_nothing(&mut self.shared.lock(), told, Mark::Silent);
        }
        let is_first = self.reached.is_none();
        let reached = Reached { run, began, place: 0, told: began };
        self.reached = Some(reached);
        // From here on what is recorded will be heard, even if the gateway is killed before the first batch.
        if is_first { file::reach(&self.connection, &reached).map_err(write_error) } else { Ok(()) }
    }

    /// Hears the next block. Before it, `lost` events could not be recorded.
    pub(crate) fn hear(&mut self, place: i64, lost: u64, block: impl Iterator<Item = Told>) {
        let Some(mut reached) = self.reached else { return };
        let shared = Arc::clone(&self.shared);
        let mut filling = shared.lock();
        if lost > 0 {
            self.run.hear_nothing(&mut filling, reached.told, Mark::Lost);
        }
        let mut last = None;
        for Told { now, event } in block {
            self.run.hear(&mut filling, now.utc, &event);
            reached.told = now.utc;
            last = Some(now.monotonic);
        }
        reached.place = place;
        self.reached = Some(reached);
        let count = filling.count;
        drop(filling);
        if let Some(last) = last {
            self.since.get_or_insert(last);
            if self.is_due(count, last) {
                self.write();
            }
        }
    }

    /// Bytes of all batches.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The oldest batches leave the file system, so many bytes of them.
    pub(crate) fn give_way(&mut self, bytes: u64) -> Result<(), StoreError> {
        if bytes == 0 {
            return Ok(());
        }
        space::give_back(&self.connection)?;
        let transaction = self.connection.transaction().map_err(write_error)?;
        let bytes_max = self.size.saturating_sub(bytes);
        let size = file::make_room(&transaction, self.size, bytes_max, UtcTime(i64::MIN)).map_err(write_error)?;
        transaction.commit().map_err(write_error)?;
        self.size = size;
        self.connection.execute_batch("PRAGMA incremental_vacuum").map_err(write_error)?;
        space::give_back(&self.connection)
    }

    /// Writes what was heard.
    pub(crate) fn write(&mut self) {
        if self.since.take().is_none() {
            return;
        }
        let tags = self.shared.lock().begin_writing();
        let result = self.write_batch(&tags);
        match &result {
            Ok(batch) => self.shared.lock().written(*batch),
            Err(_) => self.put_back(tags),
        }
        match (&result, self.failing) {
            (Err(error), false) => tracing::error!(event = "history_failed", %error,
                "the history of the tags cannot be written; alarming goes on: check the free space of the disk"),
            (Ok(_), true) => tracing::info!(event = "history_works", "the history is written again"),
            (Err(_), true) | (Ok(_), false) => {}
        }
        self.failing = result.is_err();
    }

    /// What could not be written waits for the next time, unless it has become too much.
    fn put_back(&mut self, tags: Arc<Tags>) {
        let told = self.reached.map(|reached| reached.told);
        let mut filling = self.shared.lock();
        filling.put_back(tags);
        if filling.count >= 2 * self.batch_values() {
            filling.clear();
            told.into_iter().for_each(|told| self.run.hear_nothing(&mut filling, told, Mark::Lost));
        }
    }

    fn batch_values(&self) -> usize {
        (self.run.keys.len() * limits::BATCH_VALUES_OF_TAG).clamp(limits::BATCH_VALUES_MIN, limits::BATCH_VALUES_MAX)
    }

    fn is_due(&self, count: usize, now: Monotonic) -> bool {
        let waited = self.since.map_or(0, |since| now.since(since));
        if self.failing {
            waited >= limits::BATCH_RETRY_MS
        } else {
            waited >= limits::BATCH_AGE_MS || count >= self.batch_values()
        }
    }

    /// One transaction: the batch, up to where the file reaches with it, and the room that the oldest ones make.
    fn write_batch(&mut self, tags: &Tags) -> Result<u64, StoreError> {
        let written = self.reached.map_or(UtcTime(0), |reached| reached.told);
        let tags_of_piece = tags_of_piece(tags);
        let transaction = self.connection.transaction().map_err(write_error)?;
        let mut size = self.size;
        let batch = file::add_batch(&transaction, tags, tags_of_piece, written).map_err(write_error)?;
        for (piece, tags) in
            tags.chunks(tags_of_piece).enumerate().filter(|(_, tags)| tags.iter().any(|tag| !tag.is_empty()))
        {
            let bytes = block::write(tags)
                .map_err(|error| write_error(rusqlite::Error::ToSqlConversionFailure(error.into())))?;
            file::add_piece(&transaction, batch, piece, &bytes).map_err(write_error)?;
            size += bytes.len() as u64;
        }
        file::end_batch(&transaction, batch, size - self.size, self.reached.as_ref()).map_err(write_error)?;
        if let Some(keep) = self.keep {
            let oldest_kept = UtcTime(written.0.saturating_sub(i64::from(keep.days_max) * limits::DAY_MS));
            size = file::make_room(&transaction, size, keep.bytes_max, oldest_kept).map_err(write_error)?;
        }
        transaction.commit().map_err(write_error)?;
        self.size = size;
        // Pages that are not given back now are next time.
        let _ = self.connection.execute_batch("PRAGMA incremental_vacuum");
        Ok(batch)
    }
}

/// So many that a block holds enough to be coded well, and no more, because a trend of one tag reads the others with it.
fn tags_of_piece(tags: &Tags) -> usize {
    let values: usize = tags.iter().map(Vec::len).sum();
    let of_tag = (values / tags.len().max(1)).max(1);
    limits::BLOCK_VALUES.div_ceil(of_tag).clamp(1, limits::BLOCK_TAGS_MAX)
}

fn write_error(source: rusqlite::Error) -> StoreError {
    StoreError::Write { source: Arc::new(source) }
}
