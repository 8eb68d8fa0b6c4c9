//! What reached the engine, by the gateway's own recording of all that the engine was told.

use anyhow::Result;
use davy_core::{
    event::{Event, Sample},
    time::UtcTime,
};
use davy_plant::bulk::STEPS;
use davy_store::recording::{Recording, Told};
use std::{ops::Range, path::Path, time::Duration};

/// Latencies are those of the last so many milliseconds: enough of them, whatever the number of tags.
const LATENCIES_MS: i64 = 5_000;

/// What the engine was told in a window.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Values, repeated ones too.
    pub(crate) values: u64,
    /// Values with another source time than the last one of their tag, or where there is none another value.
    pub(crate) changes: u64,
    /// Steps between two values without a source time that were never told; true of registers that go up by one.
    pub(crate) skipped: u64,
    /// Values that cannot be used.
    pub(crate) bad: u64,
    /// Events that the recording has left out, because the disk was too slow: then the other figures are too small.
    pub(crate) unrecorded: u64,
    /// From the source time, or the stamp, to the moment at which the engine was told, of changes.
    pub(crate) latencies: Vec<Duration>,
}

/// From here on a value is a stamp: the time of its change, in milliseconds since 1970.
const STAMP_MIN: f64 = 1e12;
/// … and up to here, as what a device holds before its first change is none.
const STAMP_MAX: f64 = 1e13;

/// So long before the window every tag was read at least once, if it is read at all: what it was then is no change.
const BEFORE_MS: i64 = 2_000;

/// The last of a tag.
#[derive(Clone, Copy, Default)]
struct Last {
    time: Option<UtcTime>,
    value: Option<f64>,
}

/// Reads the recording of a gateway that has stopped. Changes are made until `changed`, and told until the window's end.
pub(crate) fn read(folder: &Path, tags: usize, window: Range<UtcTime>, changed: UtcTime) -> Result<Seen> {
    let recording = Recording::open(&folder.join("data"))?;
    let (mut seen, mut last) = (Seen::default(), vec![Last::default(); tags]);
    let late = UtcTime(changed.0 - LATENCIES_MS);
    recording.between(UtcTime(window.start.0 - BEFORE_MS), window.end, |_, part| {
        seen.unrecorded += part.lost;
        for Told { now, event } in part.told {
            let Event::Samples(samples) = event else { continue };
            if now.utc < window.start {
                samples.iter().for_each(|sample| _ = Seen::default().take(sample, &mut last[sample.tag.at()]));
            } else if window.contains(&now.utc) {
                samples.iter().for_each(|sample| {
                    let changed = seen.take(sample, &mut last[sample.tag.at()]);
                    let latency = changed.then_some(time_of(sample)).flatten().filter(|_| now.utc >= late);
                    seen.latencies.extend(latency.map(|source| between(source, now.utc)));
                });
            }
        }
        true
    })?;
    Ok(seen)
}

impl Seen {
    /// Whether it is a change.
    fn take(&mut self, sample: &Sample, last: &mut Last) -> bool {
        self.values += 1;
        self.bad += u64::from(!sample.quality.is_usable());
        let changed = match sample.source_time {
            Some(time) => last.time.is_none_or(|last| time > last),
            None => last.value.is_none_or(|last| sample.value.to_bits() != last.to_bits()),
        };
        if time_of(sample).is_none()
            && let Some(last) = last.value
        {
            let steps = (sample.value - last).rem_euclid(STEPS.into());
            self.skipped += (steps - 1.0).max(0.0) as u64;
        }
        self.changes += u64::from(changed);
        *last = Last { time: sample.source_time.max(last.time), value: Some(sample.value) };
        changed
    }
}

/// When a value changed, as its server says.
fn time_of(sample: &Sample) -> Option<UtcTime> {
    let is_stamp = (STAMP_MIN..STAMP_MAX).contains(&sample.value);
    sample.source_time.or_else(|| is_stamp.then_some(UtcTime(sample.value as i64)))
}

fn between(from: UtcTime, until: UtcTime) -> Duration {
    Duration::from_millis(u64::try_from(until.0 - from.0).unwrap_or_default())
}

#[test]
fn changes_are_told_from_repetitions_and_gaps() {
    let sample = |value, source_time: Option<i64>| Sample {
        tag: davy_core::id::TagIx(0),
        value,
        quality: davy_core::quality::Quality::GOOD,
        source_time: source_time.map(UtcTime),
        received_time: UtcTime(0),
    };
    for (samples, expected) in [
        (vec![sample(1.0, Some(1)), sample(1.0, Some(2)), sample(1.0, Some(2))], (3, 2, 0)),
        (vec![sample(1.0, None), sample(2.0, None), sample(2.0, None)], (3, 2, 0)),
        (vec![sample(49.0, None), sample(0.0, None), sample(3.0, None)], (3, 3, 2)),
        (vec![sample(1.7e12, None), sample(1.7e12 + 1e3, None), sample(1.7e12 + 1e3, None)], (3, 2, 0)),
    ] {
        let (mut seen, mut last) = (Seen::default(), Last::default());
        for each in &samples {
            seen.take(each, &mut last);
        }
        assert_eq!((seen.values, seen.changes, seen.skipped), expected, "{samples:?}");
    }
}
