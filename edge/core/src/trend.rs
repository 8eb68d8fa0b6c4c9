//! Where a value leads: its slope over a window, and when it will reach a limit.
//!
//! The slope is the median of the slopes between any two of the remembered values (Theil 1950, Sen 1968): a spike, or a
//! value that was transmitted wrong, turns it as little as it turns the process, while it would turn the line of least
//! squares. Of each slot of the window the last value is remembered, with its time, so memory and work are bounded.

use crate::{
    limits::{FORECAST_CLEAR, FORECAST_SLOTS_MIN, RATE_SLOTS},
    model::Forecast,
    rules::Verdict,
    time::Monotonic,
};

const VALUES: usize = RATE_SLOTS + 1;
const PAIRS: usize = VALUES * (VALUES - 1) / 2;
const MINUTE_MS: f64 = 60_000.0;

/// The length of a slot.
pub(crate) fn slot_ms(window_ms: u64) -> u64 {
    (window_ms / RATE_SLOTS as u64).max(1)
}

/// The values of the last window, one of each of its slots. A value holds until the next one comes.
#[derive(Clone, Debug)]
pub(crate) struct Trend {
    origin: Monotonic,
    /// The slot of the last value.
    newest: u64,
    /// The last value in slot `n`, with its milliseconds since the origin, is at `n % VALUES`.
    points: [(u64, f64); VALUES],
}

/// A slope and the time it leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ahead {
    /// Engineering units a minute.
    pub(crate) per_minute: f64,
    /// Minutes until the limit is reached, 0 beyond it.
    pub(crate) minutes_left: f64,
}

impl Trend {
    pub(crate) fn new(value: f64, now: Monotonic) -> Self {
        Self { origin: now, newest: 0, points: [(0, value); VALUES] }
    }

    /// Takes a value.
    pub(crate) fn see(&mut self, value: f64, now: Monotonic, window_ms: u64) {
        let slot_ms = slot_ms(window_ms);
        let at = now.since(self.origin);
        let slot = at / slot_ms;
        let (_, held) = self.points[place(self.newest)];
        // Slots that passed without a value hold the last one until they end.
        let passed = (self.newest + 1).max(slot.saturating_sub(RATE_SLOTS as u64))..slot;
        passed.for_each(|slot| self.points[place(slot)] = ((slot + 1) * slot_ms - 1, held));
        self.points[place(slot)] = (at, value);
        self.newest = slot;
    }

    /// Judges the value that was seen last.
    pub(crate) fn verdict(&self, forecast: &Forecast) -> Verdict {
        if self.newest < FORECAST_SLOTS_MIN as u64 {
            return Verdict::Hold;
        }
        let Some(slope) = self.slope() else { return Verdict::Hold };
        let toward = if forecast.limit.kind.is_high() { slope } else { -slope };
        let change = toward * forecast.window_ms as f64;
        let left_ms = self.distance(forecast) / toward;
        let within_ms = forecast.within_ms as f64;
        let (none, reached) = (change <= forecast.change_min / 2.0, self.distance(forecast) <= 0.0);
        if none || (!reached && left_ms > within_ms * FORECAST_CLEAR) {
            Verdict::False
        } else if change >= forecast.change_min && !reached && left_ms <= within_ms {
            Verdict::True
        } else {
            Verdict::Hold
        }
    }

    /// How fast the value changes and when it will reach the limit; `None` when it does not lead there.
    pub(crate) fn ahead(&self, forecast: &Forecast) -> Option<Ahead> {
        let slope = self.slope()?;
        let toward = if forecast.limit.kind.is_high() { slope } else { -slope };
        let minutes_left = (self.distance(forecast) / toward / MINUTE_MS).max(0.0);
        let ahead = Ahead { per_minute: slope * MINUTE_MS, minutes_left };
        (toward > 0.0 && ahead.per_minute.is_finite() && minutes_left.is_finite()).then_some(ahead)
    }

    /// From the last value to the limit; not above 0 when it has been reached.
    fn distance(&self, forecast: &Forecast) -> f64 {
        let (_, value) = self.points[place(self.newest)];
        if forecast.limit.kind.is_high() { forecast.limit.trip - value } else { value - forecast.limit.trip }
    }

    /// Engineering units a millisecond; `None` when the values are too few or too great to say.
    fn slope(&self) -> Option<f64> {
        let oldest = self.newest.saturating_sub(RATE_SLOTS as u64);
        let points = || (oldest..=self.newest).map(|slot| self.points[place(slot)]);
        let mut slopes = [0.0; PAIRS];
        let mut count = 0;
        for (at, (later, value)) in points().enumerate().skip(1) {
            for (earlier, before) in points().take(at) {
                slopes[count] = (value - before) / later.saturating_sub(earlier).max(1) as f64;
                count += 1;
            }
        }
        Some(median(slopes.get_mut(..count)?)?).filter(|slope| slope.is_finite())
    }
}

/// The middle one, or the mean of the two in the middle, so that rise and fall are treated alike.
fn median(numbers: &mut [f64]) -> Option<f64> {
    let half = numbers.len() / 2;
    let is_even = numbers.len().is_multiple_of(2);
    let (below, middle, _) = (!numbers.is_empty()).then(|| numbers.select_nth_unstable_by(half, f64::total_cmp))?;
    let lower = below.iter().copied().max_by(f64::total_cmp).filter(|_| is_even).unwrap_or(*middle);
    Some(lower / 2.0 + *middle / 2.0)
}

fn place(slot: u64) -> usize {
    usize::try_from(slot % VALUES as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Limit, LimitKind};
    use rand::{Rng, SeedableRng, rngs::SmallRng};

    const WINDOW_MS: u64 = 600_000;
    const SLOT_MS: u64 = WINDOW_MS / 12;

    fn forecast(kind: LimitKind, trip: f64) -> Forecast {
        let limit = Limit { kind, trip, clear: trip };
        Forecast { limit, window_ms: WINDOW_MS, within_ms: 600_000, change_min: 1.0 }
    }

    /// Values at so many seconds; what is said of the last one: `t`, `f` or `h`.
    #[track_caller]
    fn check(forecast: &Forecast, values: impl IntoIterator<Item = (u64, f64)>, expected: char) {
        let mut trend: Option<Trend> = None;
        for (second, value) in values {
            let now = Monotonic(second * 1000);
            trend.get_or_insert_with(|| Trend::new(value, now)).see(value, now, forecast.window_ms);
        }
        let said = match trend.unwrap().verdict(forecast) {
            Verdict::True => 't',
            Verdict::False => 'f',
            Verdict::Hold => 'h',
            Verdict::Unknown => 'u',
        };
        assert_eq!(said, expected, "{forecast:?}");
    }

    /// From 50, `per_minute` a minute, a value every ten seconds.
    fn ramp(per_minute: f64, minutes: u64) -> impl Iterator<Item = (u64, f64)> {
        (0..=minutes * 6).map(move |at| (at * 10, 50.0 + per_minute * at as f64 / 6.0))
    }

    #[test]
    fn a_ramp_leads_to_its_limit() {
        let (high, low) = (forecast(LimitKind::H, 79.9), forecast(LimitKind::L, 20.1));
        // Two a minute: the limit is ten minutes away at 60, when half of the window has been seen.
        for (minutes, said) in [(3, 'h'), (4, 'h'), (5, 't'), (6, 't'), (14, 't'), (15, 'h'), (16, 'h')] {
            check(&high, ramp(2.0, minutes), said);
            check(&low, ramp(-2.0, minutes), said);
        }
        // One a minute: asked for at ten minutes, over at twelve and a half.
        for (minutes, said) in [(6, 'f'), (17, 'f'), (18, 'h'), (19, 'h'), (20, 't')] {
            check(&high, ramp(1.0, minutes), said);
            check(&low, ramp(-1.0, minutes), said);
        }
        for minutes in [6, 15, 30] {
            check(&high, ramp(-2.0, minutes), 'f');
            check(&low, ramp(2.0, minutes), 'f');
            check(&high, ramp(0.0, minutes), 'f');
        }
    }

    #[test]
    fn it_names_the_rate_and_the_minutes() {
        let mut trend = Trend::new(50.0, Monotonic(0));
        ramp(2.0, 8).for_each(|(second, value)| trend.see(value, Monotonic(second * 1000), WINDOW_MS));
        let ahead = trend.ahead(&forecast(LimitKind::H, 80.0)).unwrap();
        assert!((ahead.per_minute - 2.0).abs() < 1e-9 && (ahead.minutes_left - 7.0).abs() < 1e-9, "{ahead:?}");
        assert_eq!(trend.ahead(&forecast(LimitKind::L, 20.0)), None);
        let reached = trend.ahead(&forecast(LimitKind::H, 60.0)).unwrap();
        assert!(reached.minutes_left <= 0.0, "it has been reached: {reached:?}");
    }

    #[test]
    fn noise_and_a_spike_lead_nowhere() {
        let limit = forecast(LimitKind::H, 80.0);
        let mut random = SmallRng::seed_from_u64(7);
        for _ in 0..200 {
            let noise: Vec<(u64, f64)> = (0..120).map(|at| (at * 10, 78.0 + random.random_range(-0.4..0.4))).collect();
            check(&limit, noise, 'f');
        }
        // One value that was transmitted wrong, wherever it stands and however wrong it is.
        for at in 61..=120 {
            for wrong in [0.0, 79.9, -1e300, 1e300, f64::MAX, f64::MIN, f64::MIN_POSITIVE] {
                let values = (0..=120).map(|n| (n * 10, if n == at { wrong } else { 75.0 }));
                check(&limit, values.clone(), 'f');
                check(&forecast(LimitKind::L, 20.0), values, 'f');
            }
        }
    }

    #[test]
    fn a_value_that_comes_only_when_it_changes_holds_until_then() {
        let limit = forecast(LimitKind::H, 80.0);
        // A step and then rest: the window is level again.
        check(&limit, [(0, 50.0), (300, 75.0), (1000, 75.0)], 'f');
        // A tank whose level is told every two minutes.
        check(&limit, (0..8).map(|at| (at * 120, 50.0 + 4.0 * at as f64)), 't');
    }

    #[test]
    fn extremes_foretell_nothing() {
        let limit = forecast(LimitKind::H, 80.0);
        check(&limit, (0..=60).map(|at| (at * 10, if at % 2 == 0 { f64::MAX } else { f64::MIN })), 'f');
        check(&limit, (0..=60).map(|at| (at * 10, f64::MIN_POSITIVE / (at + 1) as f64)), 'f');
        check(&limit, [(0, 50.0), (u64::MAX / 1000, 70.0)], 'f');
    }

    /// Against the definition, from the whole history: of each slot of the window the last value, or at its end the one
    /// held; the median of all slopes between two of them.
    #[test]
    fn agrees_with_the_definition() {
        let mut random = SmallRng::seed_from_u64(11);
        let (mut now, mut value, mut seen) = (0_u64, 50.0_f64, vec![(0_u64, 50.0_f64)]);
        let mut trend = Trend::new(value, Monotonic(0));
        for _ in 0..5_000 {
            let most_ms = if random.random_bool(0.1) { 200_000 } else { 30_000 };
            now += random.random_range(1..most_ms);
            value += random.random_range(-1.0..1.2);
            seen.push((now, value));
            trend.see(value, Monotonic(now), WINDOW_MS);
            let (got, expected) = (trend.slope().unwrap_or(f64::NAN), defined_slope(&seen));
            assert!((got - expected).abs() < 1e-12 || now < SLOT_MS, "{now}: {got} {expected}");
        }
    }

    fn defined_slope(seen: &[(u64, f64)]) -> f64 {
        let last = seen[seen.len() - 1];
        let newest = last.0 / SLOT_MS;
        let points: Vec<(u64, f64)> = (newest.saturating_sub(12)..=newest)
            .map(|slot| {
                let (begin, end) = (slot * SLOT_MS, (slot + 1) * SLOT_MS - 1);
                let held = seen[seen.partition_point(|(time, _)| *time <= end) - 1];
                if held.0 >= begin { held } else { (end, held.1) }
            })
            .collect();
        let mut slopes: Vec<f64> = Vec::new();
        for (at, later) in points.iter().enumerate() {
            slopes.extend(points[..at].iter().map(|before| (later.1 - before.1) / (later.0 - before.0) as f64));
        }
        slopes.sort_by(f64::total_cmp);
        let half = slopes.len() / 2;
        if slopes.is_empty() {
            return f64::NAN;
        }
        if slopes.len().is_multiple_of(2) { (slopes[half - 1] + slopes[half]) / 2.0 } else { slopes[half] }
    }
}
