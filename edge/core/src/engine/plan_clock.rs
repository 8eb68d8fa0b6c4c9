//! Whether the wall clock can be trusted with the question which planned task is due.
//!
//! Alarms never ask it. Plans must, because they are made for the hours of people; so a clock that stands at 1970, or far
//! from where it was expected, has to prove itself before anything falls due by it.

use crate::{
    limits::{CLOCK_AWAY_MAX_MS, CLOCK_SETTLE_MS, CLOCK_STEP_MAX_MS},
    time::{Now, UtcTime},
};

/// What is known of the wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PlanClock {
    expected: Expected,
    /// Since when it goes on steadily, though far from where it was expected.
    doubted_since: Option<Now>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Expected {
    /// It has never been trusted.
    #[default]
    Nothing,
    /// Before the start it stood here.
    Saved(UtcTime),
    /// It was trusted then.
    From(Now),
}

/// What a look at the clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Plans wait.
    No,
    /// Where it was expected.
    Yes,
    /// Trusted from now on, with nothing before to go on from.
    Anew,
}

impl PlanClock {
    pub(super) fn restored(seen: Option<UtcTime>) -> Self {
        Self { expected: seen.map_or(Expected::Nothing, Expected::Saved), doubted_since: None }
    }

    /// Judges the clock as it is now.
    pub(super) fn judge(&mut self, now: Now, not_before: UtcTime) -> Trust {
        if now.utc < not_before {
            self.doubted_since = None;
            return Trust::No;
        }
        let (as_expected, trust) = match self.expected {
            Expected::Nothing => (true, Trust::Anew),
            Expected::Saved(seen) => {
                ((-CLOCK_STEP_MAX_MS..=CLOCK_AWAY_MAX_MS).contains(&now.utc.since(seen)), Trust::Yes)
            }
            Expected::From(then) => (is_steady(then, now), Trust::Yes),
        };
        if as_expected || self.has_settled(now) {
            self.expected = Expected::From(now);
            self.doubted_since = None;
            return if as_expected { trust } else { Trust::Anew };
        }
        Trust::No
    }

    fn has_settled(&mut self, now: Now) -> bool {
        let since = *self.doubted_since.get_or_insert(now);
        if !is_steady(since, now) {
            self.doubted_since = Some(now);
            return false;
        }
        now.monotonic.since(since.monotonic) >= CLOCK_SETTLE_MS
    }
}

fn is_steady(then: Now, now: Now) -> bool {
    let expected = then.utc.after(now.monotonic.since(then.monotonic));
    (-CLOCK_STEP_MAX_MS..=CLOCK_STEP_MAX_MS).contains(&now.utc.since(expected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Monotonic;

    const NOT_BEFORE: UtcTime = UtcTime(1_793_000_000_000);

    /// Each row is minutes on the monotonic clock, minutes that the wall clock is off, and what the clock is worth then.
    fn check(seen_minutes_ago: Option<i64>, rows: &[(u64, i64, Trust)]) {
        let start = 1_795_392_000_000;
        let mut clock = PlanClock::restored(seen_minutes_ago.map(|ago| UtcTime(start - ago * 60_000)));
        for &(minute, off, expected) in rows {
            let utc = UtcTime(start + (i64::try_from(minute).unwrap() + off) * 60_000);
            let now = Now { monotonic: Monotonic(minute * 60_000), utc };
            assert_eq!(clock.judge(now, NOT_BEFORE), expected, "{seen_minutes_ago:?} minute {minute}, off by {off}");
        }
    }

    #[test]
    fn an_hour_is_no_doubt_and_a_year_is() {
        use Trust::{Anew, No, Yes};
        const YEAR: i64 = 525_600;
        check(None, &[(0, 0, Anew), (1, 0, Yes), (2, 60, Yes), (3, 0, Yes), (4, -60, Yes)]);
        check(Some(5), &[(0, 0, Yes), (1, YEAR, No), (2, YEAR, No), (3, 0, Yes)]);
        check(
            Some(5),
            &[(0, YEAR, No), (30, YEAR, No), (60, YEAR, Anew), (61, YEAR, Yes), (62, 0, No), (122, 0, Anew)],
        );
        check(Some(5), &[(0, YEAR, No), (30, 2 * YEAR, No), (60, 2 * YEAR, No), (90, 2 * YEAR, Anew)]);
        check(Some(20 * 1_440), &[(0, 0, Yes)]);
        check(Some(40 * 1_440), &[(0, 0, No), (60, 0, Anew)]);
        check(Some(-60), &[(0, 0, Yes)]);
    }

    #[test]
    fn nothing_falls_due_in_1970() {
        let epoch = -1_795_392_000 / 60;
        check(None, &[(0, epoch, Trust::No), (600, epoch, Trust::No), (601, 0, Trust::Anew)]);
        check(Some(5), &[(0, epoch, Trust::No), (600, epoch, Trust::No), (601, 0, Trust::Yes)]);
    }
}
