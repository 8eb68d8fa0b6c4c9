//! By exception: a value goes up when it or its quality has changed enough since the last one that went up. Pure.

use davy_core::{event::Sample, quality::Quality, time::UtcTime};

/// What is known of the tags of a run.
#[derive(Debug, Default)]
pub(super) struct Exception {
    min_interval_ms: u64,
    /// In the order of the run's tags; `None` for those that do not go up.
    tags: Vec<Option<Tag>>,
}

#[derive(Clone, Debug)]
struct Tag {
    deadband: f64,
    sent: Option<Sent>,
    /// Has changed enough and waits for the interval.
    held: Option<Sample>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    value: f64,
    quality: Quality,
    at: UtcTime,
}

impl Exception {
    /// `deadbands` in the order of the run's tags, in their units; `None` for those that do not go up.
    pub(super) fn new(deadbands: impl Iterator<Item = Option<f64>>, min_interval_ms: u64) -> Self {
        let tag = |deadband| Tag { deadband, sent: None, held: None };
        Self { min_interval_ms, tags: deadbands.map(|deadband| deadband.map(tag)).collect() }
    }

    /// Forgets what went up: each tag's next value goes up again.
    pub(super) fn forget(&mut self) {
        self.tags.iter_mut().flatten().for_each(|tag| (tag.sent, tag.held) = (None, None));
    }

    /// Hears a sample; puts it into `out` if it goes up.
    pub(super) fn hear(&mut self, sample: &Sample, out: &mut Vec<Sample>) {
        let Some(Some(tag)) = self.tags.get_mut(sample.tag.at()) else { return };
        match tag.due(sample, self.min_interval_ms) {
            Due::No => tag.held = None,
            Due::Later => tag.held = Some(*sample),
            Due::Now => tag.send(*sample, sample.received_time, out),
        }
    }

    /// What was held and has waited long enough by now goes up.
    pub(super) fn look(&mut self, now: UtcTime, out: &mut Vec<Sample>) {
        let min_interval_ms = self.min_interval_ms;
        for tag in self.tags.iter_mut().flatten() {
            if let Some(held) = tag.held.filter(|_| tag.has_waited(now, min_interval_ms)) {
                tag.send(held, now, out);
            }
        }
    }
}

enum Due {
    No,
    Later,
    Now,
}

impl Tag {
    fn due(&self, sample: &Sample, min_interval_ms: u64) -> Due {
        let Some(sent) = self.sent else { return Due::Now };
        // What can be trusted is never told late.
        if sample.quality != sent.quality {
            return Due::Now;
        }
        let change = (sample.value - sent.value).abs();
        if sample.value.to_bits() == sent.value.to_bits() || change < self.deadband {
            Due::No
        } else if self.has_waited(sample.received_time, min_interval_ms) {
            Due::Now
        } else {
            Due::Later
        }
    }

    /// A clock that was set back counts as time that has passed.
    fn has_waited(&self, now: UtcTime, min_interval_ms: u64) -> bool {
        self.sent.is_none_or(|sent| now.since(sent.at).unsigned_abs() >= min_interval_ms)
    }

    fn send(&mut self, sample: Sample, at: UtcTime, out: &mut Vec<Sample>) {
        let Sample { value, quality, .. } = sample;
        (self.sent, self.held) = (Some(Sent { value, quality, at }), None);
        out.push(sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::id::TagIx;

    fn sample(ms: i64, value: f64, quality: Quality) -> Sample {
        Sample { tag: TagIx(0), value, quality, source_time: None, received_time: UtcTime(ms) }
    }

    /// `(time, value, quality)` in; a `look` at each time that is given without a value.
    fn forwarded(deadband: f64, min_interval_ms: u64, told: &[(i64, Option<f64>, Quality)]) -> Vec<(i64, f64)> {
        let mut exception = Exception::new([Some(deadband)].into_iter(), min_interval_ms);
        let mut out = Vec::new();
        for (ms, value, quality) in told {
            match value {
                Some(value) => exception.hear(&sample(*ms, *value, *quality), &mut out),
                None => exception.look(UtcTime(*ms), &mut out),
            }
        }
        out.iter().map(|sample| (sample.received_time.0, sample.value)).collect()
    }

    #[test]
    fn what_has_not_changed_enough_stays() {
        let good = Quality::GOOD;
        let told = [(0, Some(50.0), good), (1, Some(50.4), good), (2, Some(49.6), good), (3, Some(50.5), good)];
        assert_eq!(forwarded(0.5, 0, &told), [(0, 50.0), (3, 50.5)]);
        let creeping = [(0, Some(1.0), good), (1, Some(1.3), good), (2, Some(1.6), good), (3, Some(1.9), good)];
        assert_eq!(forwarded(0.5, 0, &creeping), [(0, 1.0), (2, 1.6)], "measured from the last that went up");
        let still = [(0, Some(7.0), good), (9, Some(7.0), good), (10, Some(7.000_1), good)];
        assert_eq!(forwarded(0.0, 0, &still), [(0, 7.0), (10, 7.000_1)], "without a deadband any change goes up");
    }

    #[test]
    fn a_change_of_quality_goes_up_at_once() {
        let told = [(0, Some(5.0), Quality::GOOD), (1, Some(5.0), Quality::BAD_SENSOR), (2, Some(5.0), Quality::GOOD)];
        assert_eq!(forwarded(1.0, 10_000, &told), [(0, 5.0), (1, 5.0), (2, 5.0)]);
        let nan = [(0, Some(f64::NAN), Quality::BAD), (1, Some(f64::NAN), Quality::BAD), (2, Some(1.0), Quality::GOOD)];
        assert_eq!(forwarded(1.0, 0, &nan).len(), 2);
    }

    #[test]
    fn what_comes_too_soon_waits_and_the_newest_of_it_goes_up() {
        let good = Quality::GOOD;
        let told = [
            (0, Some(1.0), good),
            (200, Some(2.0), good),
            (400, Some(3.0), good),
            (900, None, good),
            (1_000, None, good),
            (1_100, Some(9.0), good),
            (1_999, None, good),
            (2_000, Some(8.0), good),
        ];
        assert_eq!(forwarded(0.5, 1_000, &told), [(0, 1.0), (400, 3.0), (2_000, 8.0)]);
        let back = [(0, Some(1.0), good), (200, Some(2.0), good), (400, Some(1.1), good), (2_000, None, good)];
        assert_eq!(forwarded(0.5, 1_000, &back), [(0, 1.0)], "it is again as it was told");
        let set_back = [(10_000, Some(1.0), good), (2_000, Some(2.0), good)];
        assert_eq!(forwarded(0.5, 1_000, &set_back), [(10_000, 1.0), (2_000, 2.0)]);
    }

    #[test]
    fn after_a_while_each_goes_up_again_and_other_tags_never() {
        let mut exception = Exception::new([Some(1.0), None].into_iter(), 0);
        let mut out = Vec::new();
        for tag in [0, 1, 2] {
            exception.hear(&Sample { tag: TagIx(tag), ..sample(0, 3.0, Quality::GOOD) }, &mut out);
        }
        assert_eq!(out.len(), 1);
        exception.hear(&sample(1, 3.0, Quality::GOOD), &mut out);
        assert_eq!(out.len(), 1);
        exception.forget();
        exception.hear(&sample(2, 3.0, Quality::GOOD), &mut out);
        assert_eq!(out.len(), 2);
    }
}
