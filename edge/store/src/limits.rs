//! Every bound of the store, by name, with what happens beyond it.

use std::time::Duration;

/// Batches and cursors that wait for the writer; beyond it the caller of `commit` waits.
pub(crate) const WAITING_MAX: usize = 256;

/// Rows and batches in one transaction, the last batch excepted (a batch is never cut); beyond it the next transaction
/// takes over.
pub(crate) const TRANSACTION_ROWS_MAX: usize = 4_096;

/// Readers at once; beyond it the caller of `read` waits.
pub(crate) const READERS_MAX: usize = 4;

/// Rows that one `read` gives; a greater limit is cut to it.
pub(crate) const READ_ROWS_MAX: usize = 10_000;

/// The size to which SQLite's write-ahead log is cut back when it has grown beyond it.
pub(crate) const LOG_BYTES_KEPT: i64 = 8 << 20;

/// How long SQLite waits for a lock that another process holds (`davy verify` or a backup); then the call fails.
pub(crate) const BUSY_WAIT: Duration = Duration::from_secs(5);

/// A file up to this size has every page checked when it is opened; a larger one only what is read, so that the box
/// alarms again within seconds of a power cut. `davy verify` checks all of it.
pub(crate) const CHECKED_AT_OPEN_BYTES_MAX: u64 = 32 << 20;

/// A block of the recording is written when it has grown to so many bytes, or is so old: a power cut costs no more of the
/// samples.
pub(crate) const BLOCK_BYTES: usize = 256 << 10;
pub(crate) const BLOCK_AGE_MS: u64 = 5_000;

/// Blocks that wait for the disk; beyond it the next one is left out and counted.
pub(crate) const BLOCKS_WAITING_MAX: usize = 32;

/// What a block may hold at most when it is read: one event may be long, and what is longer is no block of ours.
pub(crate) const BLOCK_BYTES_MAX: u64 = 64 << 20;

/// The same for a run's configuration and saved state.
pub(crate) const BEGINNING_BYTES_MAX: u64 = 256 << 20;

/// Of zstd: the default, fast enough for a small box.
pub(crate) const COMPRESSION_LEVEL: i32 = 3;

/// A day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Values of the history that gather in memory before they are written, for each tag, and at least and at most: more of them
/// in one block shrink better and are read faster, and each takes 32 bytes until then. At the bound of a very large site the
/// batches come more often.
pub(crate) const BATCH_VALUES_OF_TAG: usize = 128;
pub(crate) const BATCH_VALUES_MIN: usize = 65_536;
pub(crate) const BATCH_VALUES_MAX: usize = 1 << 20;

/// They are written after so long, however few; until then a kill costs nothing, because the recording has them.
pub(crate) const BATCH_AGE_MS: u64 = 900_000;

/// After a failure they are written again after so long; beyond twice as many as a batch holds they are given up, and the
/// history says so.
pub(crate) const BATCH_RETRY_MS: u64 = 30_000;

/// Values that a block of the history aims at, and its tags at most. Blocks are coded well from some hundreds, and read with all their tags.
pub(crate) const BLOCK_VALUES: usize = 512;
pub(crate) const BLOCK_TAGS_MAX: usize = 256;

/// A gateway that was away for less leaves no gap in the history: tags are heard every few seconds.
pub(crate) const SILENCE_MIN_MS: i64 = 5_000;

/// Values or steps in one answer of the history; a greater number is cut to it.
pub(crate) const POINTS_MAX: usize = 20_000;

/// Gaps in one answer of the history; later ones show in its values and steps only.
pub(crate) const GAPS_MAX: usize = 200;

/// Batches in which the last value before a span is looked for.
pub(crate) const BATCHES_LOOKED_BACK: usize = 100;

/// Rows of the journal that make room at once: commits wait for it no longer than for a batch.
pub(crate) const ROOM_ROWS_MAX: usize = 2_000;

/// Pages of the journal that are given back to the disk at once.
pub(crate) const PAGES_GIVEN_BACK: usize = 1_000;

/// 2020-01-01: the epoch of a gateway that goes on from a copy counts minutes from then.
pub(crate) const EPOCHS_COUNT_FROM_MS: i64 = 1_577_836_800_000;

/// So much of the file system is kept free for the journal, or a tenth of it where that is less; below it samples give way.
pub(crate) const FREE_BYTES_KEPT: u64 = 512 << 20;
/// So much of the samples goes at once; the file system says before each time how much is still wanted.
pub(crate) const GIVEN_BYTES_MAX: u64 = 16 << 20;

/// With so many values of each tag in a block, each tag has a column of its own; with fewer they share one.
pub(crate) const COLUMN_VALUES_MIN: usize = 64;
