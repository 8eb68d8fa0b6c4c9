//! What is older than what was told already, or comes a second time. Pure.
//!
//! The broker gives out again what it does not know to have arrived (QoS 1), and the systems behind it send late what they
//! could not send in time. For tickets the engine looks after this itself. A pressed SOS is told in any case.

use crate::limits::mqtt::{CLOCK_BACK_MAX_MS, MESSAGES_REMEMBERED_MAX, SIGHTS_REMEMBERED_MAX};
use davy_core::{
    event::{Location, VideoSight},
    id::{CameraIx, PersonIx},
    limits::{SOURCE_TIME_AHEAD_MAX_MS, SOURCE_TIME_EARLIEST_MS},
    time::UtcTime,
};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    hash::{BuildHasher, RandomState},
};

/// What was told last. It outlives the connection.
#[derive(Default)]
pub(super) struct Order {
    people: BTreeMap<PersonIx, LastPlace>,
    /// By camera and algorithm: analyses of one picture take different times.
    sights: BTreeMap<(CameraIx, u64), LastSight>,
    messages: VecDeque<u64>,
    hasher: RandomState,
}

struct LastPlace {
    location: Location,
    /// The newest time that its source has told.
    time: Option<UtcTime>,
    /// It was told although it was late.
    late: bool,
}

struct LastSight {
    time: UtcTime,
    content: u64,
}

/// Why something is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// Older than what was told last, by so many milliseconds.
    Older(i64),
    /// It was told already.
    Again,
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older(ms) => write!(f, "{ms} ms older than the last one"),
            Self::Again => f.write_str("came a second time"),
        }
    }
}

impl Order {
    /// Whether a message that the broker marks as possibly given out before (DUP; MQTT 3.1.1, 3.3.1.1) was.
    pub(super) fn is_repeated(&mut self, topic: &str, payload: &[u8], dup: bool) -> bool {
        let message = self.hasher.hash_one((topic, payload));
        if dup && self.messages.contains(&message) {
            return true;
        }
        if self.messages.len() >= MESSAGES_REMEMBERED_MAX {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
        false
    }

    /// What to tell of a position. An SOS that is late moves nobody, and neither does a message that does not say where. The
    /// end of such an SOS, late as well, is told with it.
    pub(super) fn place(&mut self, mut location: Location, says_where: bool, repeated: bool) -> Result<Location, Late> {
        let last = self.people.get(&location.person);
        let time = trusted(location.source_time, location.received_time);
        let newest = last.and_then(|last| last.time);
        let late = if repeated { Some(Late::Again) } else { older(newest, time) };
        let ends_late_call = last.is_some_and(|last| last.late && last.location.sos);
        if let Some(late) = late.filter(|_| !location.sos && !ends_late_call) {
            return Err(late);
        }
        if late.is_some() || !says_where {
            location.zone = last.and_then(|last| last.location.zone);
        }
        if late.is_some() {
            location.position = last.and_then(|last| last.location.position);
        }
        let time = if late.is_some() { newest } else { time.or(newest) };
        self.people.insert(location.person, LastPlace { location, time, late: late.is_some() });
        Ok(location)
    }

    /// Whether to tell of a sight.
    pub(super) fn sight(&mut self, sight: &VideoSight, repeated: bool) -> Result<(), Late> {
        if repeated {
            return Err(Late::Again);
        }
        let Some(time) = trusted(sight.source_time, sight.received_time) else { return Ok(()) };
        let key = (sight.camera, self.hasher.hash_one(&sight.algorithm));
        let content = self.hasher.hash_one((sight.confidence.to_bits(), &sight.picture));
        if let Some(last) = self.sights.get(&key) {
            if let Some(late) = older(Some(last.time), Some(time)) {
                return Err(late);
            }
            if (last.time, last.content) == (time, content) {
                return Err(Late::Again);
            }
        } else if self.sights.len() >= SIGHTS_REMEMBERED_MAX {
            self.sights.clear();
        }
        self.sights.insert(key, LastSight { time, content });
        Ok(())
    }
}

/// A clock that was set back by much is a new beginning.
fn older(last: Option<UtcTime>, time: Option<UtcTime>) -> Option<Late> {
    let ms = last?.since(time?);
    (1..=CLOCK_BACK_MAX_MS).contains(&ms).then_some(Late::Older(ms))
}

/// A time that no sound clock shows says nothing of the order.
fn trusted(source_time: Option<UtcTime>, received_time: UtcTime) -> Option<UtcTime> {
    source_time
        .filter(|time| time.0 >= SOURCE_TIME_EARLIEST_MS && time.since(received_time) <= SOURCE_TIME_AHEAD_MAX_MS)
}

#[cfg(test)]
mod tests;
