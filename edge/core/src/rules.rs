//! From a verdict on the inputs to an active condition: delays, deadband, unknown.
//!
//! A rule is inactive or active, and apart from that its inputs are known or not. Bad inputs never end an active
//! condition and never begin one: unknown is not normal, and it is not an alarm either.

use crate::{model::Limit, time::Monotonic};

/// What the inputs say now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The condition is true.
    True,
    /// The condition is false.
    False,
    /// Between trip and clear: neither begins nor ends it, and any delay that runs begins anew.
    Hold,
    /// The inputs are bad or absent.
    Unknown,
}

/// Compares a value with a limit.
#[must_use]
pub fn limit_verdict(limit: Limit, value: f64) -> Verdict {
    let (tripped, cleared) = if limit.kind.is_high() {
        (value >= limit.trip, value < limit.trip && value <= limit.clear)
    } else {
        (value <= limit.trip, value > limit.trip && value >= limit.clear)
    };
    match (tripped, cleared) {
        (true, _) => Verdict::True,
        (false, true) => Verdict::False,
        (false, false) => Verdict::Hold,
    }
}

/// On- and off-delay, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// Before the condition counts.
    pub on_ms: u64,
    /// Before its end counts.
    pub off_ms: u64,
    /// Whether a delay that runs goes on while the inputs are unknown, and for how long after its end their word still turns
    /// it over; later it begins anew. `None` where whatever is unknown breaks it off.
    pub through_unknown_ms: Option<u64>,
}

/// Where a rule stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleState {
    /// The condition holds, delays included.
    pub active: bool,
    /// The inputs can be used.
    pub known: bool,
    /// When `active` will turn over, unless the inputs change before.
    pub pending: Option<Monotonic>,
}

impl RuleState {
    /// Takes what the inputs say, again when a delay has run out: without the inputs' word nothing turns over. A condition
    /// without delay turns over at once.
    pub fn observe(&mut self, verdict: Verdict, now: Monotonic, delays: Delays) {
        self.known = verdict != Verdict::Unknown;
        let (turns, delay_ms) = match verdict {
            Verdict::True => (!self.active, delays.on_ms),
            Verdict::False => (self.active, delays.off_ms),
            Verdict::Hold | Verdict::Unknown => (false, 0),
        };
        if verdict == Verdict::Unknown && delays.through_unknown_ms.is_some() {
            return;
        }
        let is_old = |ended: Monotonic| delays.through_unknown_ms.is_some_and(|ms| now.since(ended) > ms);
        self.pending = self.pending.filter(|deadline| !is_old(*deadline));
        if !turns {
            self.pending = None;
        } else if delay_ms == 0 || self.pending.is_some_and(|deadline| deadline <= now) {
            self.active = !self.active;
            self.pending = None;
        } else if self.pending.is_none() {
            self.pending = Some(now.after(delay_ms));
        }
    }
}

/// The sights of a video rule: how many in a row, and until when the condition lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sights {
    /// Qualifying sights in a row.
    pub frames: u32,
    /// Until when another one belongs to the row.
    pub row_until: Option<Monotonic>,
    /// Until when the condition lasts; set once enough sights have come.
    pub until: Option<Monotonic>,
}

impl Sights {
    /// Takes one more qualifying sight, which belongs to the row when it comes no later than the gap after the last one; true
    /// when the condition holds.
    pub fn see(&mut self, now: Monotonic, frames_min: u32, (gap_ms, cooldown_ms): (u64, u64)) -> bool {
        let in_a_row = self.row_until.is_some_and(|until| now <= until);
        self.frames = if in_a_row { self.frames.saturating_add(1) } else { 1 };
        self.row_until = Some(now.after(gap_ms));
        let lasting = self.until.is_some_and(|until| until > now);
        if lasting || self.frames >= frames_min {
            self.until = Some(now.after(cooldown_ms));
        }
        self.until.is_some()
    }

    /// Ends the condition when the cool-down has run out; true when it has.
    pub fn cool_down(&mut self, now: Monotonic) -> bool {
        let over = self.until.is_some_and(|until| until <= now);
        if over {
            *self = Self::default();
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LimitKind::{self, *};

    #[test]
    fn limits_trip_at_and_clear_inside_the_deadband() {
        use Verdict::{False as F, Hold as O, True as T};
        let check = |kind: LimitKind, trip: f64, clear: f64, rows: &[(f64, Verdict)]| {
            for (value, verdict) in rows {
                assert_eq!(limit_verdict(Limit { kind, trip, clear }, *value), *verdict, "{kind:?} {trip} {value}");
            }
        };
        check(HH, 90.0, 88.0, &[(90.0, T), (95.0, T), (89.0, O), (88.0, F), (10.0, F)]);
        check(H, 80.0, 80.0, &[(80.0, T), (79.999, F)]);
        check(L, 20.0, 22.0, &[(20.0, T), (5.0, T), (21.0, O), (22.0, F), (50.0, F)]);
        check(LL, 10.0, 10.0, &[(10.0, T), (10.001, F)]);
    }

    /// `t`, `f`, `h`, `u` observe a verdict; a digit lets that many seconds pass. The result is `A` or `-`, with `?` for
    /// unknown inputs and `…` for a running delay, after each step.
    fn check(on_s: u64, off_s: u64, script: &str, expect: &str) {
        let delays = Delays { on_ms: on_s * 1000, off_ms: off_s * 1000, through_unknown_ms: None };
        let mut state = RuleState::default();
        let mut now = Monotonic(0);
        let mut verdict = Verdict::Unknown;
        let mut seen = Vec::new();
        for step in script.split(' ') {
            match step {
                "t" => verdict = Verdict::True,
                "f" => verdict = Verdict::False,
                "h" => verdict = Verdict::Hold,
                "u" => verdict = Verdict::Unknown,
                seconds => now = now.after(seconds.parse::<u64>().unwrap() * 1000),
            }
            state.observe(verdict, now, delays);
            let mut word = String::from(if state.active { "A" } else { "-" });
            word.push_str(if state.known { "" } else { "?" });
            word.push_str(if state.pending.is_some() { "…" } else { "" });
            seen.push(word);
        }
        assert_eq!(seen.join(" "), expect, "{script}");
    }

    #[test]
    fn delays() {
        check(0, 0, "f t f", "- A -");
        check(5, 0, "t 4 1", "-… -… A");
        check(5, 0, "t 4 f t 4 1", "-… -… - -… -… A");
        check(5, 0, "t 4 h 9", "-… -… - -");
        check(5, 0, "t 2 t 3", "-… -… -… A");
        check(0, 5, "t f 4 t 9", "A A… A… A A");
        check(0, 5, "t f 5", "A A… -");
    }

    #[test]
    fn unknown_begins_nothing_and_ends_nothing() {
        check(0, 0, "u", "-?");
        check(0, 0, "t u 9 t", "A A? A? A");
        check(0, 0, "t u f", "A A? -");
        check(5, 0, "t 4 u 9 t 5", "-… -… -? -? -… A");
        check(0, 5, "t f 4 u 9 f 5", "A A… A… A? A? A… -");
    }

    #[test]
    fn sights_need_frames_in_a_row_and_cool_down() {
        let mut sights = Sights::default();
        assert!(!sights.see(Monotonic(0), 2, (10_000, 60_000)));
        assert!(!sights.see(Monotonic(20_000), 2, (10_000, 60_000)), "too far apart");
        assert!(sights.see(Monotonic(21_000), 2, (10_000, 60_000)));
        assert!(sights.see(Monotonic(70_000), 2, (10_000, 60_000)), "one sight prolongs what lasts");
        assert!(!sights.cool_down(Monotonic(129_999)));
        assert!(sights.cool_down(Monotonic(130_000)));
        assert!(!sights.see(Monotonic(130_001), 2, (10_000, 60_000)), "and then it begins anew");
    }
}
