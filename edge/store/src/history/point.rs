//! A value as it is kept.

use davy_core::{event::Sample, quality::Quality, time::UtcTime};

/// A value of a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// When it was so: the source's own time where it can be believed, else that of its receipt.
    pub time: UtcTime,
    /// When this box received it.
    pub received_time: UtcTime,
    /// In the tag's engineering unit; not a number behind [`Mark::Silent`] and [`Mark::Lost`].
    pub value: f64,
    /// Its quality.
    pub quality: Quality,
    /// Where it comes from.
    pub mark: Mark,
}

impl Value {
    /// Whether it can be drawn: it was measured, and its quality is not bad.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.mark.begins_a_gap() && self.quality.is_usable() && self.value.is_finite()
    }
}

/// What a value is, beside its quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// A value with the source's own time.
    Sourced = 0,
    /// A value without a time of the source, or with one that cannot be believed.
    Received = 1,
    /// From the source's own history, after an outage.
    Backfilled = 2,
    /// No value: from here on the source was not heard, or the gateway did not run.
    Silent = 3,
    /// No value: what came after it could not be recorded.
    Lost = 4,
}

impl Mark {
    /// Whether nothing is known from here to the next value.
    #[must_use]
    pub fn begins_a_gap(self) -> bool {
        matches!(self, Self::Silent | Self::Lost)
    }

    pub(super) fn read(number: u16) -> Option<Self> {
        [Self::Sourced, Self::Received, Self::Backfilled, Self::Silent, Self::Lost].get(usize::from(number)).copied()
    }
}

impl Value {
    pub(super) fn heard(sample: &Sample) -> Self {
        let believed = sample.source_time.filter(|_| !sample.has_absurd_source_time());
        let mark = if believed.is_some() { Mark::Sourced } else { Mark::Received };
        Self::of(sample, believed.unwrap_or(sample.received_time), mark)
    }

    pub(super) fn backfilled(sample: &Sample) -> Self {
        Self::of(sample, sample.source_time.unwrap_or(sample.received_time), Mark::Backfilled)
    }

    pub(super) fn none(time: UtcTime, quality: Quality, mark: Mark) -> Self {
        Self { time, received_time: time, value: f64::NAN, quality, mark }
    }

    fn of(sample: &Sample, time: UtcTime, mark: Mark) -> Self {
        Self { time, received_time: sample.received_time, value: sample.value, quality: sample.quality, mark }
    }
}
