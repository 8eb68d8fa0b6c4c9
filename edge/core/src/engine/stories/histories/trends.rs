//! Values that change too fast and values that lead to a limit, over a window of a dozen slots of a second.

use super::*;
use crate::limits::RATE_SLOTS;

const WINDOW_S: u64 = RATE_SLOTS as u64;

/// Usable values since the last one that could not be used, by second, and the seconds at which they were judged.
struct Row<'a>(&'a [(u64, f64)], &'a [u64]);

impl Row<'_> {
    fn begins(&self) -> (u64, f64) {
        self.0[0]
    }

    /// A value holds until the next one comes.
    fn at(&self, second: u64) -> f64 {
        self.0.iter().rfind(|(at_s, _)| *at_s <= second).map_or(self.begins().1, |(_, value)| *value)
    }

    /// How fast the value has changed, a minute, and whether the window has been seen as a whole. Until then the rest of it
    /// counts as if it had brought no change.
    fn rate(&self, now_s: u64) -> (f64, bool) {
        let begins_s = self.begins().0;
        let seen_s = now_s - begins_s;
        if seen_s < WINDOW_S - 1 {
            return ((self.at(now_s) - self.begins().1) * 60.0 / WINDOW_S as f64, false);
        }
        let ago_s = now_s - (WINDOW_S - 1);
        let before = if ago_s == begins_s { self.begins().1 } else { self.at(ago_s - 1) };
        ((self.at(now_s) - before) * 60.0 / (now_s - ago_s) as f64, true)
    }

    /// Where it leads, a millisecond: the median of the slopes between any two seconds of the window, each as it was judged in
    /// it or else as it held to its end. None before half of the window has been seen.
    fn slope(&self, now_s: u64) -> Option<f64> {
        let begins_s = self.begins().0;
        if now_s - begins_s < WINDOW_S / 2 {
            return None;
        }
        let points: Vec<(f64, f64)> = (begins_s.max(now_s.saturating_sub(WINDOW_S))..=now_s)
            .map(|second| {
                let in_second = if self.1.contains(&second) { 0 } else { 999 };
                ((second * 1000 + in_second) as f64, self.at(second))
            })
            .collect();
        let pairs = points.iter().enumerate().flat_map(|(at, later)| points[..at].iter().map(move |one| (one, later)));
        let mut slopes: Vec<f64> = pairs.map(|(one, later)| (later.1 - one.1) / (later.0 - one.0)).collect();
        slopes.sort_by(f64::total_cmp);
        let half = slopes.len() / 2;
        Some(if slopes.len().is_multiple_of(2) { f64::midpoint(slopes[half - 1], slopes[half]) } else { slopes[half] })
    }
}

/// Beyond 30.1 a minute it is too fast, at 20.1 or less it is not.
fn too_fast(speed: f64, is_whole: bool) -> Says {
    if speed > 30.1 {
        Says::True
    } else if is_whole && speed <= 20.1 {
        Says::False
    } else {
        Says::Neither
    }
}

/// A trend by which 3.1 changes over the window and that is at its limit within 10.3 s; over once half as much changes, or
/// when the limit is a quarter further away.
fn leads(toward: Option<f64>, left: f64) -> Says {
    let Some(toward) = toward else { return Says::Neither };
    let change = toward * 1000.0 * WINDOW_S as f64;
    let is_reached = left <= 0.0;
    let left_s = left / toward / 1000.0;
    if change <= 1.55 {
        Says::False
    } else if is_reached {
        Says::Neither
    } else if left_s > 12.875 {
        Says::False
    } else if change >= 3.1 && left_s <= 10.3 {
        Says::True
    } else {
        Says::Neither
    }
}

type Watch = (RuleKind, fn(&Row<'_>, u64) -> Says);

fn watched() -> Vec<Watch> {
    let rate = |direction| RuleKind::RateOfChange {
        tag: TANK,
        rate: Rate { direction, per_minute: 30.1, clear_per_minute: 20.1, window_ms: WINDOW_S * 1000 },
    };
    let forecast = |kind, trip| {
        let limit = Limit { kind, trip, clear: trip };
        let forecast = Forecast { limit, window_ms: WINDOW_S * 1000, within_ms: 10_300, change_min: 3.1 };
        RuleKind::Signal(SignalRule::Forecast { tag: TANK, forecast })
    };
    vec![
        (rate(Direction::Up), |row, now_s| {
            let (rate, is_whole) = row.rate(now_s);
            too_fast(rate, is_whole)
        }),
        (rate(Direction::Down), |row, now_s| {
            let (rate, is_whole) = row.rate(now_s);
            too_fast(-rate, is_whole)
        }),
        (rate(Direction::Either), |row, now_s| {
            let (rate, is_whole) = row.rate(now_s);
            too_fast(rate.abs(), is_whole)
        }),
        (forecast(LimitKind::H, 60.0), |row, now_s| leads(row.slope(now_s), 60.0 - row.at(now_s))),
        (forecast(LimitKind::L, 40.0), |row, now_s| leads(row.slope(now_s).map(|slope| -slope), row.at(now_s) - 40.0)),
    ]
}

/// What one rule said, and when it was judged: whenever something is told, and a second after it was judged and stood.
#[derive(Default)]
struct Said {
    rows: Vec<(u64, Says)>,
    judged_s: Vec<u64>,
}

impl Said {
    fn stood(&self, second: u64, delays: Delays) -> bool {
        (0..self.rows.len()).filter(|at| self.rows[*at].0 == second * 1000).any(|at| {
            let stands = self.rows[at].1 == Says::True || is_active(&self.rows[..=at], delays);
            self.judged_s.contains(&second) && stands
        })
    }

    /// Between the times at which it is judged it says what it said.
    fn look(&mut self, watch: &Watch, told: &[(u64, Option<f64>)], now_s: u64, is_told: bool, delays: Delays) {
        let from = told.iter().rposition(|(_, value)| value.is_none()).map_or(0, |at| at + 1);
        let row: Vec<(u64, f64)> = told[from..].iter().filter_map(|(at_s, value)| Some((*at_s, (*value)?))).collect();
        let mut says = self.rows.last().map_or(Says::Unknown, |(_, says)| *says);
        if is_told || now_s > 0 && self.stood(now_s - 1, delays) {
            self.judged_s.push(now_s);
            says = if row.is_empty() { Says::Unknown } else { watch.1(&Row(&row, &self.judged_s), now_s) };
        }
        self.rows.push((now_s * 1000, says));
    }
}

fn site_of(watched: &[Watch], delays: Delays) -> Site {
    let rules = watched.iter().enumerate().map(|(at, (kind, _))| Rule {
        on_delay_ms: delays.on_ms,
        off_delay_ms: delays.off_ms,
        ..rule(&format!("{at}"), kind.clone(), None)
    });
    Site { rules: rules.collect(), ..site() }
}

/// Values of one drift with some noise: how long after the one before, and by how much each is off; none for one that cannot be
/// used.
type Run = (f64, Vec<(u64, Option<f64>)>);

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let drift = prop::sample::select(vec![-4.0, -1.5, -0.5, 0.0, 0.5, 1.5, 4.0]);
    let after_s = prop_oneof![2 => Just(0_u64), 12 => Just(1), 4 => 2..4_u64, 1 => 4..30_u64];
    let noise = prop::option::weighted(0.97, prop::sample::select(vec![0.0, 0.0, 0.0, 0.25, -0.25, 5.0]));
    prop::collection::vec((drift, prop::collection::vec((after_s, noise), 1..20)), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_trends_follow_from_the_history(
        (on_ms, off_ms) in (prop::sample::select(vec![0, 0, 3_000]), prop::sample::select(vec![0, 0, 3_000])),
        runs in runs(),
    ) {
        let delays = Delays { on_ms, off_ms, through_unknown: false };
        let watched = watched();
        let mut bench = Bench::of(site_of(&watched, delays));
        bench.link(Link::Up);
        let mut said: Vec<Said> = watched.iter().map(|_| Said::default()).collect();
        let mut look = |bench: &Bench, told: &[(u64, Option<f64>)], now_s: u64, is_told: bool| {
            watched.iter().zip(&mut said).for_each(|(watch, said)| said.look(watch, told, now_s, is_told, delays));
            let expected = said.iter().enumerate().filter(|(_, said)| is_active(&said.rows, delays));
            let expected: Vec<String> = expected.map(|(at, _)| format!("{at}")).collect();
            prop_assert_eq!(bench.active(), expected, "at {} of {:?}", now_s, told);
            Ok(())
        };
        let (mut told, mut now_s, mut level) = (Vec::new(), 0, 50.0);
        for (drift, steps) in runs {
            for (after_s, noise) in steps {
                for _ in 0..after_s {
                    now_s += 1;
                    bench.at(now_s);
                    look(&bench, &told, now_s, false)?;
                }
                level += drift;
                let value = noise.map(|noise| level + noise);
                let utc = bench.now.utc;
                let quality = if value.is_some() { Quality::GOOD } else { Quality::BAD_SENSOR };
                let sample = Sample {
                    tag: TANK, value: value.unwrap_or(0.0), quality, source_time: Some(utc), received_time: utc,
                };
                bench.apply(Event::Samples(vec![sample]));
                told.push((now_s, value));
                look(&bench, &told, now_s, true)?;
            }
            // Back to the middle, where it does not stay beyond its limits for ever.
            level = level.clamp(35.0, 65.0);
        }
    }
}
