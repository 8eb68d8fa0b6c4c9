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
