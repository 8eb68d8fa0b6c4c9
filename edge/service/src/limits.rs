//! Every bound of the loop and its wiring, by name, with what happens beyond it.

use std::time::Duration;

/// Events on their way to the engine; beyond it connectors wait, and their protocols hold back (back-pressure).
pub(crate) const INBOX_MAX: usize = 1_024;

/// Commands on their way to the engine; beyond it they are refused.
pub(crate) const COMMANDS_MAX: usize = 64;

/// Journal rows that wait in memory while the disk fails; beyond it the oldest are given up and a gap record says so.
pub(crate) const UNWRITTEN_ROWS_MAX: usize = 50_000;

/// Pause before a failed write is tried again.
pub(crate) const WRITE_RETRY: Duration = Duration::from_secs(1);

/// A write that takes longer than this is not trusted any more: the disk hangs, and the page and `/readyz` say so.
pub(crate) const WRITE_MAX: Duration = Duration::from_secs(5);

/// The live state is shown to observers this often at most when it changes …
pub(crate) const SNAPSHOT_CHANGED: Duration = Duration::from_millis(200);
/// … and this often when nothing happens, so that they see the gateway live.
pub(crate) const SNAPSHOT_IDLE: Duration = Duration::from_secs(1);

/// After a stop was asked for, connectors have this long to say goodbye, …
pub(crate) const FIELD_STOP_MAX: Duration = Duration::from_secs(3);
/// … the last rows this long to reach the disk, …
pub(crate) const LAST_WRITE_MAX: Duration = Duration::from_secs(5);
/// … and uplinks and page this long to end; what has not ended by then ends with the process.
pub(crate) const UPLINK_STOP_MAX: Duration = Duration::from_secs(3);

/// The box is looked at this often: clock and disk change slowly.
pub(crate) const SELF_CHECK: Duration = Duration::from_secs(60);

/// A time service that does not answer within this is not waited for: the state of the clock is not known.
pub(crate) const TIME_SERVICE_MAX: Duration = Duration::from_secs(5);

/// Evidence reaches from so long before a warning was raised to so long after its last condition was gone. Engineering
/// default: the usual time for a process to tell its story.
pub(crate) const EVIDENCE_BEFORE_MS: i64 = 600_000;
/// See above.
pub(crate) const EVIDENCE_AFTER_MS: u64 = 60_000;

/// Journal rows, moves of people and sights in one packet each; beyond it the rest is counted.
pub(crate) const EVIDENCE_RECORDS_MAX: usize = 5_000;

/// Values of one tag in one packet; beyond it the rest is counted.
pub(crate) const EVIDENCE_POINTS_MAX: usize = 20_000;

/// Closed warnings whose evidence waits to be kept; beyond it evidence is assembled on request only.
pub(crate) const EVIDENCE_WAITING_MAX: usize = 256;

/// Packets kept as files; beyond it the oldest go.
pub(crate) const EVIDENCE_FILES_MAX: usize = 1_000;
