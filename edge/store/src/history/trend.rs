//! A trend: as many steps as a picture has columns, each with the least and the greatest value in it, so that no spike is
//! lost however far one looks.

use super::point::Value;
use davy_core::time::UtcTime;
use std::collections::BTreeMap;

/// A step of a trend.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bucket {
    /// Its usable values in short; `None` where there is none.
    pub range: Option<Range>,
    /// Usable values in it.
    pub count: u64,
    /// Values of bad quality in it.
    pub bad: u64,
    /// Whether a gap begins in it.
    pub gap: bool,
}

/// Some values in short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The earliest: when and how much.
    pub first: (UtcTime, f64),
    /// The latest.
    pub last: (UtcTime, f64),
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Bucket {
    fn take(&mut self, value: &Value) {
        if value.mark.begins_a_gap() {
            self.gap = true;
        } else if value.is_usable() {
            self.count += 1;
            let (time, number) = (value.time, value.value);
            let range = self.range.get_or_insert(Range {
                first: (time, number),
                last: (time, number),
                min: number,
                max: number,
            });
            range.min = range.min.min(number);
            range.max = range.max.max(number);
            if time < range.first.0 {
                range.first = (time, number);
            }
            if time >= range.last.0 {
                range.last = (time, number);
            }
        } else {
            self.bad += 1;
        }
    }
}

/// Steps of equal length; values come in any order.
#[derive(Debug)]
pub(super) struct Trend {
    from: UtcTime,
    pub(super) step_ms: u64,
    buckets: BTreeMap<u64, Bucket>,
}

impl Trend {
    /// At most `steps` of them from `from` until `until`.
    pub(super) fn new(from: UtcTime, until: UtcTime, steps: usize) -> Self {
        let span = until.since(from).max(0).unsigned_abs();
        // Both ends belong to it.
        let step_ms = span / steps.max(1) as u64 + 1;
        Self { from, step_ms, buckets: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, value: &Value) {
        let step = value.time.since(self.from).max(0).unsigned_abs() / self.step_ms;
        self.buckets.entry(step).or_default().take(value);
    }

    /// Each with its beginning, in order; steps without a value are left out.
    pub(super) fn finish(self) -> Vec<(UtcTime, Bucket)> {
        let Self { from, step_ms, buckets } = self;
        buckets.into_iter().map(|(step, bucket)| (from.after(step * step_ms), bucket)).collect()
    }
}
