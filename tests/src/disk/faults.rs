//! What can be made to go wrong.

use fuser::Errno;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What goes wrong until it is said otherwise; by default nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// The bytes that all files may have together; beyond it `ENOSPC`, so nothing grows when it is less than they have.
    pub capacity: Option<u64>,
    /// `EROFS` for everything that would change anything, as after `mount -o remount,ro`.
    pub read_only: bool,
    /// `EIO` for every write.
    pub write_fails: bool,
    /// `EIO` for every sync, and what it was to make durable will never be, though it can be read back: what Linux does.
    pub sync_fails: bool,
    /// `EIO` for every read.
    pub read_fails: bool,
    /// `EIO` for every renaming.
    pub rename_fails: bool,
    /// How long every sync takes.
    pub sync_takes: Duration,
    /// A sync does nothing and says it has succeeded: a disk that lies.
    pub sync_lies: bool,
}

impl Faults {
    /// Whether anything may change.
    pub(super) fn may_change(&self) -> Result<(), Errno> {
        if self.read_only { Err(Errno::EROFS) } else { Ok(()) }
    }

    /// Whether files that take so many bytes may take so many more.
    pub(super) fn may_grow(&self, used: u64, more: u64) -> Result<(), Errno> {
        if more > 0 && self.capacity.is_some_and(|capacity| used + more > capacity) {
            return Err(Errno::ENOSPC);
        }
        Ok(())
    }
}
