//! What a rule remembers of its tag beyond the last value: the values of a window, since when one rests.
//!
//! Both run on the monotonic clock alone and are forgotten with the first value that cannot be used, and by a restart:
//! what happened meanwhile is not known. Until enough has been seen again they end nothing that is active
//! ([`Verdict::Hold`]).

use crate::{
    limits::RATE_SLOTS,
    model::{Direction, Position, Rate},
    rules::Verdict,
    time::Monotonic,
    trend::{Trend, slot_ms},
};

const VALUES: usize = RATE_SLOTS + 1;

/// A rule's memory.
#[derive(Clone, Debug, Default)]
pub(crate) enum Memory {
    /// The kind needs none, or nothing has been seen.
    #[default]
    Nothing,
    /// Of a rate of change.
    Window(Box<Window>),
    /// Of a frozen value.
    Rest(Rest),
    /// Of an immobile person.
    Still(Box<Stillness>),
    /// Of a forecast.
    Trend(Box<Trend>),
}

/// The values of the last window, one at the end of each of its slots. A value holds until the next one comes.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// When the first value came: the end of slot 0, which holds that value alone.
    origin: Monotonic,
    /// The slot of the last value.
    newest: u64,
    /// When the last value came, or was found to be the same still.
    seen: Monotonic,
    /// The last value in slot `n` is at `n % VALUES`.
    values: [f64; VALUES],
}

impl Window {
    pub(crate) fn new(value: f64, now: Monotonic) -> Self {
        Self { origin: now, newest: 0, seen: now, values: [value; VALUES] }
    }

    /// Takes a value.
    pub(crate) fn see(&mut self, value: f64, now: Monotonic, window_ms: u64) {
        let slot = self.slot(now, window_ms);
        let held = self.values[place(self.newest)];
        // Slots that passed without a value hold the last one; beyond a whole turn they would only be written again.
        let passed = (self.newest + 1).max(slot.saturating_sub(RATE_SLOTS as u64))..slot;
        passed.for_each(|slot| self.values[place(slot)] = held);
        self.values[place(slot)] = value;
        self.newest = slot;
        self.seen = now;
    }

    /// Judges the value that was seen last. While the window is not full it can say that the change is too fast
    /// already, and not yet that it is slow enough.
    pub(crate) fn verdict(&self, rate: Rate) -> Verdict {
        let per_minute = self.per_minute(rate.window_ms);
        let speed = match rate.direction {
            Direction::Up => per_minute,
            Direction::Down => -per_minute,
            Direction::Either => per_minute.abs(),
        };
        if speed > rate.per_minute {
            Verdict::True
        } else if self.full().is_some() && speed <= rate.clear_per_minute {
            Verdict::False
        } else {
            Verdict::Hold
        }
    }

    /// The mean change over the window, engineering units a minute; over what has been seen of it, as if the rest of the
    /// window had brought no change.
    pub(crate) fn per_minute(&self, window_ms: u64) -> f64 {
        let elapsed_ms = match self.full() {
            Some(slot) => self.seen.since(self.origin).saturating_sub(slot * slot_ms(window_ms)),
            None => window_ms,
        };
        let change = self.values[place(self.newest)] - self.values[place(self.full().unwrap_or(0))];
        change * 60_000.0 / elapsed_ms.max(1) as f64
    }

    /// The slot one window ago, once a whole window has been seen.
    fn full(&self) -> Option<u64> {
        self.newest.checked_sub(RATE_SLOTS as u64)
    }

    fn slot(&self, now: Monotonic, window_ms: u64) -> u64 {
        now.since(self.origin) / slot_ms(window_ms) + 1
    }
}

fn place(slot: u64) -> usize {
    usize::try_from(slot % VALUES as u64).unwrap_or(0)
}

/// A value that does not leave its dead zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    value: f64,
    since: Monotonic,
    /// It has been seen to move, so it is known when this rest began.
    moved: bool,
}

impl Rest {
    pub(crate) fn new(value: f64, now: Monotonic) -> Self {
        Self { value, since: now, moved: false }
    }

    /// Takes a value; one that leaves the dead zone begins a new rest.
    pub(crate) fn see(&mut self, value: f64, dead_zone: f64, now: Monotonic) {
        if (value - self.value).abs() > dead_zone {
            *self = Self { value, since: now, moved: true };
        }
    }

    pub(crate) fn verdict(&self, after_ms: u64, now: Monotonic) -> Verdict {
        match (self.ends(after_ms) <= now, self.moved) {
            (true, _) => Verdict::True,
            (false, true) => Verdict::False,
            (false, false) => Verdict::Hold,
        }
    }

    /// When it will have lasted so long.
    pub(crate) fn ends(&self, after_ms: u64) -> Monotonic {
        self.since.after(after_ms)
    }
}

/// A person's rest at one place: from the first position of it to the last, because a card that is silent says nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stillness {
    pub(crate) at: Position,
    since: Monotonic,
    /// When the last position of the rest came.
    pub(crate) last: Monotonic,
    /// How much of the rest was before the start of the process.
    before_ms: u64,
    /// The person has been seen to move, so it is known when this rest began.
    moved: bool,
}

impl Stillness {
    pub(crate) fn new(at: Position, now: Monotonic) -> Self {
        Self { at, since: now, last: now, before_ms: 0, moved: false }
    }

    /// A rest that has lasted since before the start of the process.
    pub(crate) fn restored(at: Position, before_ms: u64, now: Monotonic) -> Self {
        Self { before_ms, ..Self::new(at, now) }
    }

    /// Takes a position; one that is too far from where the rest began, or on another floor, begins a new rest.
    pub(crate) fn see(&mut self, at: Position, within_m: f64, now: Monotonic) {
        if self.at.distance_m(at).is_some_and(|metres| metres <= within_m) {
            self.last = now;
        } else {
            *self = Self { moved: true, ..Self::new(at, now) };
        }
    }

    /// How long it has lasted, by the positions that were told.
    pub(crate) fn rested_ms(&self) -> u64 {
        self.before_ms.saturating_add(self.last.since(self.since))
    }

    pub(crate) fn verdict(&self, after_ms: u64) -> Verdict {
        match (self.rested_ms() >= after_ms, self.moved) {
            (true, _) => Verdict::True,
            (false, true) => Verdict::False,
            (false, false) => Verdict::Hold,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row is second, value, verdict: `t`, `f`, or `h` while the window is not full.
    fn check(rate: Rate, rows: &[(u64, f64, char)]) {
        let mut window = Window::new(rows[0].1, Monotonic(rows[0].0 * 1000));
        for &(second, value, expected) in rows {
            let now = Monotonic(second * 1000);
            window.see(value, now, rate.window_ms);
            let verdict = match window.verdict(rate) {
                Verdict::True => 't',
                Verdict::False => 'f',
                Verdict::Hold => 'h',
                Verdict::Unknown => 'u',
            };
            assert_eq!(verdict, expected, "{rate:?} at {second} s: {value}");
        }
    }

    fn rate(direction: Direction) -> Rate {
        Rate { direction, per_minute: 6.0, clear_per_minute: 6.0, window_ms: 60_000 }
    }

    #[test]
    fn a_ramp_is_judged_by_its_slope() {
        let ramp = |per_minute: f64| move |second: u64| 50.0 + per_minute * second as f64 / 60.0;
        for (slope, fast) in [(5.0, false), (7.0, true), (-5.0, false), (-7.0, true)] {
            let mut window = Window::new(50.0, Monotonic(0));
            for second in 0..300 {
                let now = Monotonic(second * 1000);
                window.see(ramp(slope)(second), now, 60_000);
                let verdict = window.verdict(rate(Direction::Either));
                assert!(verdict != Verdict::True || fast, "{slope} at {second}");
                assert!(second < 70 || (verdict == Verdict::True) == fast, "{slope} at {second}");
            }
        }
    }

    #[test]
    fn directions() {
        let (up, down) = ([(0, 50.0, 'h'), (10, 57.0, 't'), (20, 50.0, 'h')], [(0, 50.0, 'h'), (10, 43.0, 't')]);
        check(rate(Direction::Up), &up);
        check(rate(Direction::Up), &[(0, 50.0, 'h'), (10, 43.0, 'h'), (61, 43.0, 'f')]);
        check(rate(Direction::Down), &down);
        check(rate(Direction::Down), &[(0, 50.0, 'h'), (10, 57.0, 'h'), (61, 57.0, 'f')]);
        check(rate(Direction::Either), &up);
        check(rate(Direction::Either), &down);
    }

    #[test]
    fn a_value_holds_until_the_next_one_comes() {
        check(rate(Direction::Either), &[(0, 50.0, 'h'), (1, 55.0, 'h'), (1000, 56.0, 'f')]);
        check(rate(Direction::Either), &[(0, 50.0, 'h'), (3600, 57.0, 't'), (3650, 57.0, 't'), (3661, 57.0, 'f')]);
        check(rate(Direction::Either), &[(0, 50.0, 'h'), (3600, 52.0, 'f'), (3650, 50.0, 'f')]);
    }

    #[test]
    fn the_first_value_counts_from_the_first_moment_on() {
        check(rate(Direction::Either), &[(0, 50.0, 'h'), (1, 60.0, 't'), (30, 60.0, 't'), (61, 60.0, 'f')]);
    }

    /// Against the plain definition, on random values at random times: the value one window ago, to within a slot.
    #[test]
    fn agrees_with_the_definition_away_from_the_limit() {
        use rand::{Rng, SeedableRng, rngs::SmallRng};
        let mut random = SmallRng::seed_from_u64(3);
        let limit = rate(Direction::Either);
        let (mut now, mut seen) = (0_u64, vec![(0_u64, 50.0_f64)]);
        let mut window = Window::new(50.0, Monotonic(0));
        let mut judged = 0;
        for _ in 0..20_000 {
            now += random.random_range(1..20_000);
            let value = seen.last().map_or(50.0, |(_, value)| value + random.random_range(-3.0..3.0));
            seen.push((now, value));
            window.see(value, Monotonic(now), limit.window_ms);
            let Some(ago) = now.checked_sub(limit.window_ms) else { continue };
            // Whatever moment within the slot is taken, the definition says the same.
            let held = |at: u64| seen[seen.partition_point(|(time, _)| *time <= at) - 1].1;
            let slot = slot_ms(limit.window_ms);
            let changes: Vec<f64> = (ago..=ago + slot).step_by(100).map(|at| (value - held(at)).abs()).collect();
            let most_ms = limit.window_ms as f64;
            let least_ms = (limit.window_ms - slot) as f64;
            if changes.iter().all(|change| change * 60_000.0 / most_ms > 6.0) {
                assert_eq!(window.verdict(limit), Verdict::True, "{now}");
                judged += 1;
            } else if changes.iter().all(|change| change * 60_000.0 / least_ms < 6.0) {
                assert_eq!(window.verdict(limit), Verdict::False, "{now}");
                judged += 1;
            }
        }
        assert!(judged > 5_000, "{judged}");
    }

    #[test]
    fn a_rest_begins_anew_beyond_the_dead_zone() {
        let mut rest = Rest::new(50.0, Monotonic(0));
        assert_eq!(rest.verdict(10_000, Monotonic(9_999)), Verdict::Hold, "it may have rested before");
        assert_eq!(rest.verdict(10_000, Monotonic(10_000)), Verdict::True);
        rest.see(50.25, 0.25, Monotonic(11_000));
        assert_eq!(rest.verdict(10_000, Monotonic(11_000)), Verdict::True, "within the dead zone");
        rest.see(50.5, 0.25, Monotonic(12_000));
        assert_eq!(rest.verdict(10_000, Monotonic(12_000)), Verdict::False);
        assert_eq!(rest.verdict(10_000, Monotonic(22_000)), Verdict::True);
    }
}
