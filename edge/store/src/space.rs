//! What a file system has left: samples leave it before it is full, so that the journal goes on.

use crate::{StoreError, limits};
use rusqlite::Connection;
use std::sync::Arc;

/// The bytes that are to leave the file system of a file now; none where it has enough left or does not say.
pub(crate) fn wanted(connection: &Connection) -> u64 {
    let about = connection.path().and_then(|path| rustix::fs::statvfs(path).ok());
    about.map_or(0, |about| wanted_of(about.f_blocks * about.f_frsize, about.f_bavail * about.f_frsize))
}

fn wanted_of(all: u64, free: u64) -> u64 {
    let kept = (all / 10).min(limits::FREE_BYTES_KEPT);
    kept.saturating_sub(free).min(limits::GIVEN_BYTES_MAX)
}

/// Moves a file's log into it: what was freed leaves it then. The log itself keeps what it takes, and what is written next begins at
/// its front: so there is room to delete even where nothing can grow. While somebody reads that is later.
pub(crate) fn give_back(connection: &Connection) -> Result<(), StoreError> {
    connection
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        .map_err(|source| StoreError::Write { source: Arc::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_kept_free_and_no_more_than_half_a_gigabyte() {
        const MB: u64 = 1 << 20;
        for (all, free, wanted) in [
            (0, 0, 0),
            (100 * MB, 10 * MB, 0),
            (100 * MB, 9 * MB, MB),
            (100 * MB, 0, 10 * MB),
            (1_000_000 * MB, 512 * MB, 0),
            (1_000_000 * MB, 511 * MB, MB),
            (1_000_000 * MB, 0, 16 * MB),
        ] {
            assert_eq!(wanted_of(all, free), wanted, "{free} free of {all}");
        }
        assert!(wanted(&Connection::open_in_memory().unwrap()) == 0, "what is in no file takes no room");
    }
}
