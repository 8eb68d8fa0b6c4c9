//! The writing side: the loop fills a block, a thread of its own compresses and writes it, and has the history hear it.

use super::{Beginning, FORMAT, Following, Keep, Told, block, file, follow};
use crate::{
    StoreError,
    history::{self, History, TagOfRun},
    limits, space,
};
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
use tokio::sync::watch;

/// Opens recording and history for writing. Nothing is recorded before [`Recorder::begin`].
///
/// # Errors
/// When the files cannot be written. The gateway alarms without them.
pub fn open(directory: &Path, utc: UtcTime) -> Result<Recorder, StoreError> {
    let connection = file::open(directory, utc)?;
    let size = connection
        .query_row("SELECT coalesce(sum(length(bytes)), 0) FROM block", [], |row| row.get::<_, i64>(0))
        .map_err(write_error)?;
    let history = history::Writer::open(directory, utc)
        .inspect_err(|error| tracing::error!(event = "history_failed", %error, "there is no history of the tags"))
        .ok();
    let reader = history.as_ref().map(|history| history.reader(directory));
    let (newest, of_newest) = watch::channel(follow::newest(&connection).map_err(write_error)?);
    let identity = follow::identity(&connection).map_err(write_error)?;
    let following = Following { directory: directory.to_owned(), identity, newest: of_newest };
    let (jobs, waiting) = sync_channel(limits::BLOCKS_WAITING_MAX);
    let size = size.cast_unsigned();
    let writer = Writer { connection, newest, history, run: None, size, lost: 0, failing: false };
    let thread = thread::Builder::new()
        .name("davy-recording".to_owned())
        .spawn(move || writer.run(&waiting))
        .map_err(|source| StoreError::Directory { path: directory.to_owned(), source: Arc::new(source) })?;
    Ok(Recorder {
        open: block::Open::default(),
        beginning: None,
        lost: 0,
        jobs: Some(jobs),
        thread: Some(thread),
        history: reader,
        following,
    })
}

/// The hand of the loop on the recording. Nothing here waits, save for dropping it, which writes what is left.
#[derive(Debug)]
pub struct Recorder {
    open: block::Open,
    /// A run that is to begin before the next block.
    beginning: Option<Box<Begun>>,
    /// Events of blocks that found no place.
    lost: u64,
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    history: Option<History>,
    following: Following,
}

#[derive(Debug)]
enum Job {
    Begin(Box<Begun>),
    Block {
        block: block::Open,
        /// Events left out since the block before.
        lost: u64,
    },
}

#[derive(Debug)]
struct Begun {
    beginning: Beginning,
    keep: Keeps,
}

/// How much is kept of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeps {
    /// Of the recording.
    pub recording: Keep,
    /// Of the history.
    pub history: Keep,
}

impl Recorder {
    /// Begins a run: what is put from now on belongs to it.
    pub fn begin(&mut self, beginning: Beginning, keep: Keeps) {
        if !self.open.is_empty() {
            self.hand_over();
        }
        self.beginning = Some(Box::new(Begun { beginning, keep }));
        self.hand_beginning_over();
    }

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

    /// The history, beside the recording; `None` when it cannot be written.
    #[must_use]
    pub fn history(&self) -> Option<History> {
        self.history.clone()
    }

    /// For those who follow what is recorded.
    #[must_use]
    pub fn following(&self) -> Following {
        self.following.clone()
    }

    fn hand_over(&mut self) {
        let block = std::mem::take(&mut self.open);
        let events = u64::from(block.events);
        // A block must not come to stand in the run before its own.
        let sent = self.hand_beginning_over() && self.send(Job::Block { block, lost: self.lost }).is_none();
        self.lost = if sent { 0 } else { self.lost + events };
    }

    fn hand_beginning_over(&mut self) -> bool {
        let Some(begun) = self.beginning.take() else { return true };
        match self.send(Job::Begin(begun)) {
            Some(Job::Begin(begun)) => self.beginning = Some(begun),
            Some(Job::Block { .. }) | None => {}
        }
        self.beginning.is_none()
    }

    /// Gives the job back where there is no place for it.
    fn send(&self, job: Job) -> Option<Job> {
        match self.jobs.as_ref()?.try_send(job) {
            Ok(()) => None,
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => Some(job),
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !self.open.is_empty() {
            self.hand_over();
        }
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

/// What the thread works with.
struct Writer {
    connection: Connection,
    /// Told the number of each block that lies on the disk.
    newest: watch::Sender<u64>,
    history: Option<history::Writer>,
    run: Option<Run>,
    /// Bytes of all blocks.
    size: u64,
    /// Events of blocks that could not be written.
    lost: u64,
    failing: bool,
}

/// The run in hand.
struct Run {
    begun: Box<Begun>,
    /// Its number in the file; `None` while its beginning cannot be written.
    id: Option<i64>,
    /// Blocks of it so far.
    place: i64,
}

impl Writer {
    fn run(mut self, waiting: &Receiver<Job>) {
        self.catch_up();
        while let Ok(job) = waiting.recv() {
            let result = match job {
                Job::Begin(begun) => {
                    self.run = Some(Run { begun, id: None, place: 0 });
                    self.begin()
                }
                Job::Block { block, lost } => self.take(&block, lost),
            };
            match (&result, self.failing) {
                (Err(error), false) => tracing::error!(event = "recording_failed", %error,
                    "what the engine is told cannot be recorded; alarming goes on: check the free space of the disk"),
                (Ok(()), true) => tracing::info!(event = "recording_works", "recording again"),
                (Err(_), true) | (Ok(()), false) => {}
            }
            self.failing = result.is_err();
        }
        if let Some(history) = &mut self.history {
            history.write();
        }
    }

    /// Has the history hear what the recording has beyond it, after a kill or a power cut.
    fn catch_up(&mut self) {
        let Some(history) = &mut self.history else { return };
        if let Err(error) = catch_up(&self.connection, history) {
            tracing::warn!(event = "history_incomplete", %error, "what was recorded last is not in the history of the tags");
        }
    }

    /// Begins the run in hand, where it has not begun.
    fn begin(&mut self) -> Result<(), StoreError> {
        let Some(run) = &mut self.run else { return Ok(()) };
        if run.id.is_none() {
            let Begun { beginning, keep } = &*run.begun;
            let id = begin(&self.connection, beginning).map_err(write_error)?;
            run.id = Some(id);
            if let Some(history) = &mut self.history {
                history.begin_run(id, beginning.now.utc, &beginning.tags, keep.history)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, block: &block::Open, lost: u64) -> Result<(), StoreError> {
        let lost = self.lost + lost;
        self.lost = lost + u64::from(block.events);
        self.give_way();
        self.begin()?;
        let Some(run) = &mut self.run else { return Ok(()) };
        let Some(id) = run.id else { return Ok(()) };
        let size = write(&self.connection, (id, run.place + 1), block, lost)?;
        self.newest.send_replace(self.connection.last_insert_rowid().cast_unsigned());
        (self.lost, self.size) = (0, self.size + size);
        run.place += 1;
        if let Some(history) = &mut self.history {
            history.hear(run.place, lost, block::told(block.bytes()).map_while(Result::ok));
        }
        let keep = run.begun.keep.recording;
        self.make_room(id, keep, block.span.1)
    }

    /// Events go last: where others fill the file system, the oldest samples leave it, of both files in proportion.
    fn give_way(&mut self) {
        let wanted = space::wanted(&self.connection);
        if wanted == 0 {
            return;
        }
        let of_history = self.history.as_ref().map_or(0, history::Writer::size);
        let of_both = (self.size + of_history).max(1);
        let mine = u64::try_from(u128::from(wanted) * u128::from(self.size) / u128::from(of_both)).unwrap_or(wanted);
        let run = self.run.as_ref().and_then(|run| run.id).unwrap_or(0);
        let keep = Keep { bytes_max: self.size.saturating_sub(mine), days_max: u32::MAX };
        let mut given = space::give_back(&self.connection)
            .and_then(|()| self.make_room(run, keep, UtcTime(0)))
            .and_then(|()| space::give_back(&self.connection));
        if let Some(history) = &mut self.history {
            given = given.and(history.give_way(wanted - mine));
        }
        if let Err(error) = given {
            tracing::debug!(%error, wanted, "samples cannot give way");
        }
    }

    /// The oldest blocks go while there are too many bytes, and those that are too old.
    fn make_room(&mut self, run: i64, keep: Keep, now: UtcTime) -> Result<(), StoreError> {
        let oldest_kept = now.0.saturating_sub(i64::from(keep.days_max) * limits::DAY_MS);
        loop {
            let oldest = oldest_block(&self.connection).map_err(write_error)?;
            let Some((id, last, size)) = oldest else { return Ok(()) };
            if self.size <= keep.bytes_max && last >= oldest_kept {
                return Ok(());
            }
            delete(&self.connection, run, id).map_err(write_error)?;
            self.size = self.size.saturating_sub(size);
        }
    }
}

fn begin(connection: &Connection, beginning: &Beginning) -> rusqlite::Result<i64> {
    connection.execute(
        "INSERT INTO run (format, utc, monotonic, epoch, head, config_version, files, saved, tags)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            FORMAT,
            beginning.now.utc.0,
            beginning.now.monotonic.0.cast_signed(),
            beginning.epoch,
            beginning.head.cast_signed(),
            beginning.config_version,
            pack(&beginning.files)?,
            pack(&beginning.saved)?,
            pack(&beginning.tags)?
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

fn pack(value: &impl serde::Serialize) -> rusqlite::Result<Vec<u8>> {
    let bytes = postcard::to_stdvec(value).map_err(|error| error.to_string());
    let bytes = bytes.and_then(|bytes| block::pack(&bytes).map_err(|error| error.to_string()));
    bytes.map_err(|error| rusqlite::Error::ToSqlConversionFailure(io::Error::other(error).into()))
}

/// Writes a block; gives its bytes.
fn write(connection: &Connection, (run, place): (i64, i64), block: &block::Open, lost: u64) -> Result<u64, StoreError> {
    let packed = block::pack(block.bytes())
        .map_err(|error| write_error(rusqlite::Error::ToSqlConversionFailure(error.into())))?;
    let (first, last) = block.span;
    connection
        .prepare_cached(
            "INSERT INTO block (run, place, first, last, events, lost, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut insert| {
            insert.execute(params![run, place, first.0, last.0, block.events, lost.cast_signed(), packed])
        })
        .map_err(write_error)?;
    Ok(packed.len() as u64)
}

fn delete(connection: &Connection, run: i64, block: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM block WHERE id = ?1")?.execute(params![block])?;
    // The run in hand stays even when it has no blocks yet.
    connection
        .prepare_cached("DELETE FROM run WHERE id < ?1 AND id NOT IN (SELECT run FROM block)")?
        .execute(params![run])?;
    connection.execute_batch("PRAGMA incremental_vacuum")
}

fn oldest_block(connection: &Connection) -> rusqlite::Result<Option<(i64, i64, u64)>> {
    use rusqlite::OptionalExtension as _;
    connection
        .prepare_cached("SELECT id, last, length(bytes) FROM block ORDER BY id LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.cast_unsigned())))
        .optional()
}

/// Plays to the history the blocks beyond the one that it reaches. One that has never been written begins with the next run.
fn catch_up(connection: &Connection, history: &mut history::Writer) -> Result<(), StoreError> {
    let Some(reached) = history.reached() else { return Ok(()) };
    // A recording that was begun anew numbers its runs anew, and all of it is new.
    let is_known: bool = connection
        .query_row(
            "SELECT count(*) FROM run WHERE id = ?1 AND utc = ?2",
            params![reached.run, reached.began.0],
            |row| row.get(0),
        )
        .map_err(write_error)?;
    let (run, place) = if is_known { (reached.run, reached.place) } else { (0, 0) };
    let mut query = connection
        .prepare(
            "SELECT run.id, utc, tags, place, lost, bytes FROM block JOIN run ON run.id = run
             WHERE format = ?1 AND tags IS NOT NULL AND (run.id, place) > (?2, ?3) ORDER BY block.id",
        )
        .map_err(write_error)?;
    let mut rows = query.query(params![FORMAT, run, place]).map_err(write_error)?;
    let mut in_hand = None;
    while let Some(row) = rows.next().map_err(write_error)? {
        let read =
            || -> rusqlite::Result<(i64, i64, i64, i64)> { Ok((row.get(0)?, row.get(1)?, row.get(3)?, row.get(4)?)) };
        let (run, began, place, lost) = read().map_err(write_error)?;
        if in_hand.replace(run) != Some(run) {
            let tags: Vec<TagOfRun> = super::reader::packed(row, 2).map_err(write_error)?;
            history.go_on(run, UtcTime(began), &tags)?;
        }
        let bytes: Vec<u8> = row.get(5).map_err(write_error)?;
        let told: Vec<Told> = block::read(&bytes)
            .map_err(|finding| write_error(rusqlite::Error::ToSqlConversionFailure(finding.into())))?;
        history.hear(place, lost.cast_unsigned(), told.into_iter());
    }
    Ok(())
}

fn write_error(source: rusqlite::Error) -> StoreError {
    StoreError::Write { source: Arc::new(source) }
}
