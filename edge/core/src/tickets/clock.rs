//! The clock of a ticket: what the time is where the ticket was written.
//!
//! A ticket's stamps are compared with each other and with this clock, never with the wall clock of this box. It is set
//! once, when the ticket is first heard of, and runs on the monotonic clock from then on: a wall clock that is stepped
//! later neither ends a ticket early nor lets one go on. It is set to the wall clock, or to the newest stamp of what has
//! happened already where that is later; so a box that boots in 1970 has the time of the ticket system, and no work lasts
//! longer than from its start to its end.

use crate::{
    limits::{SOURCE_TIME_AHEAD_MAX_MS, SOURCE_TIME_EARLIEST_MS},
    time::{Monotonic, Now, UtcTime},
};

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TicketClock {
    reads: UtcTime,
    at: Monotonic,
    /// The wall clock read something possible when it was set.
    pub(crate) is_set: bool,
}

impl TicketClock {
    pub(crate) fn new(now: Now) -> Self {
        Self { reads: now.utc, at: now.monotonic, is_set: is_possible(now.utc) }
    }

    /// As it goes on after a restart: as long later as the wall clock says, never earlier than it was.
    pub(crate) fn restored(reads: UtcTime, at: UtcTime, now: Now) -> Self {
        let away_ms = u64::try_from(now.utc.since(at)).unwrap_or(0);
        Self { reads: reads.after(away_ms), at: now.monotonic, is_set: is_possible(now.utc) }
    }

    /// What it reads.
    pub(crate) fn reading(&self, now: Monotonic) -> UtcTime {
        self.reads.after(now.since(self.at))
    }

    /// When it will read a time; a time that is past has been read already.
    pub(crate) fn when(&self, stamp: UtcTime) -> Monotonic {
        self.at.after(u64::try_from(stamp.since(self.reads)).unwrap_or(0))
    }

    /// What has happened is past: the clock is at least there.
    pub(crate) fn is_at_least(&mut self, stamp: UtcTime, now: Monotonic) {
        if stamp > self.reading(now) {
            (self.reads, self.at) = (stamp, now);
        }
    }

    /// Sets it forward to the wall clock, if that reads something possible for the first time; whether it did.
    pub(crate) fn set_when_possible(&mut self, now: Now) -> bool {
        let sets = !self.is_set && is_possible(now.utc);
        if sets {
            self.is_at_least(now.utc, now.monotonic);
            self.is_set = true;
        }
        sets
    }

    /// Whether a stamp of something that has happened may be believed: it is not further ahead than an hour, or the
    /// ticket is good until then.
    pub(crate) fn believes(&self, stamp: UtcTime, end: Option<UtcTime>, now: Monotonic) -> bool {
        let ahead_ms = stamp.since(self.reading(now));
        is_possible(stamp) && (ahead_ms <= SOURCE_TIME_AHEAD_MAX_MS || end.is_some_and(|end| stamp <= end))
    }
}

/// A clock that lost its time says 1970 or 2000.
pub(crate) fn is_possible(stamp: UtcTime) -> bool {
    stamp.0 >= SOURCE_TIME_EARLIEST_MS
}
