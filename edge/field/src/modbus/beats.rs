//! When which values are due: each polling interval has beats of its own, all counted from the same moment, so that intervals
//! that are multiples of each other fall together and share their requests. Pure.

use davy_config::ModbusSource;
use std::time::Duration;
use tokio::time::Instant;

/// The beats of all intervals.
pub(crate) struct Beats {
    origin: Instant,
    intervals: Vec<Beat>,
}

struct Beat {
    period_ms: u64,
    /// How many periods after the origin it is due next.
    next: u64,
}

impl Beats {
    /// All are due at once, and from then on each in its own time.
    pub(crate) fn new(source: &ModbusSource, now: Instant) -> Self {
        let mut periods: Vec<u64> = source.items.iter().map(|item| item.poll_ms.max(1)).collect();
        if periods.is_empty() {
            periods.push(source.poll_interval_ms.max(1));
        }
        periods.sort_unstable();
        periods.dedup();
        let intervals = periods.into_iter().map(|period_ms| Beat { period_ms, next: 0 }).collect();
        Self { origin: now, intervals }
    }

    /// The next beat.
    pub(crate) fn next(&self) -> Instant {
        let first = self.intervals.iter().map(|beat| beat.period_ms.saturating_mul(beat.next)).min();
        self.origin + Duration::from_millis(first.unwrap_or_default())
    }

    /// The intervals whose beat has come, from the shortest, in milliseconds. Beats that have been missed are left out; those
    /// to come stay where they are.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<u64> {
        let passed_ms = u64::try_from((now - self.origin).as_millis()).unwrap_or(u64::MAX);
        let due = self.intervals.iter_mut().filter(|beat| beat.period_ms.saturating_mul(beat.next) <= passed_ms);
        let due = due.map(|beat| {
            beat.next = passed_ms / beat.period_ms + 1;
            beat.period_ms
        });
        due.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modbus::plan::tests::{item, source};
    use davy_config::{ModbusData, ModbusItem, ModbusTable};

    fn beats(intervals: &[u64], now: Instant) -> Beats {
        let each = |&poll_ms| ModbusItem { poll_ms, ..item(1, ModbusTable::Holding, 0, ModbusData::U16) };
        Beats::new(&source(intervals.iter().map(each).collect()), now)
    }

    #[test]
    fn intervals_fall_together_and_missed_beats_are_left_out() {
        let begun = Instant::now();
        let at = |ms| begun + Duration::from_millis(ms);
        let mut beats = beats(&[1_000, 250, 1_000, 500], begun);
        assert_eq!((beats.next(), beats.due(begun)), (begun, vec![250, 500, 1_000]), "all at first");
        for (ms, due) in [(250, vec![250]), (500, vec![250, 500]), (750, vec![250]), (1_000, vec![250, 500, 1_000])] {
            assert_eq!((beats.next(), beats.due(at(ms))), (at(ms), due));
        }
        assert_eq!(beats.due(at(1_100)), Vec::<u64>::new());
        assert_eq!(beats.due(at(2_260)), [250, 500, 1_000], "once each, however many were missed");
        assert_eq!(beats.next(), at(2_500), "the grid stays where it is");
    }

    #[test]
    fn a_source_without_values_beats_as_it_says() {
        let begun = Instant::now();
        let mut beats = beats(&[], begun);
        assert_eq!(beats.due(begun), [source(Vec::new()).poll_interval_ms]);
    }
}
