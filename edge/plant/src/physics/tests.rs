//! The physics against its own description: the story's alarms come, within their lines, and no others.

use super::*;
use crate::{
    description::{Limits, points},
    story::{CYCLE_S, ROWS, Row},
};
use std::collections::BTreeMap;

const CYCLES: f64 = 3.0;

/// What each watched tag crossed, as (story second, limit, whether it is beyond now).
type Crossings = BTreeMap<String, Vec<(f64, &'static str, bool)>>;

fn run(seed: u64, to_s: f64, mut look: impl FnMut(f64, &[Point], &[Reading])) {
    let points: Arc<[Point]> = points().into();
    let mut process = Process::new(Arc::clone(&points), seed);
    let mut second = 0.0;
    while second < to_s {
        second += limits::STEP_S;
        process.advance(second);
        look(second, &points, process.readings());
    }
}

fn beyond(limits: Limits, value: f64) -> [(&'static str, bool); 4] {
    let below = |limit: Option<f64>| limit.is_some_and(|limit| value <= limit);
    let above = |limit: Option<f64>| limit.is_some_and(|limit| value >= limit);
    [
        ("LL", below(limits.low_low)),
        ("L", below(limits.low)),
        ("H", above(limits.high)),
        ("HH", above(limits.high_high)),
    ]
}

fn crossings(seed: u64) -> Crossings {
    let mut now: BTreeMap<(String, &'static str), bool> = BTreeMap::new();
    let mut found = Crossings::new();
    run(seed, CYCLE_S * CYCLES, |second, points, readings| {
        for (point, reading) in points.iter().zip(readings) {
            let Some(watch) = &point.watch else { continue };
            for (limit, is_beyond) in beyond(watch.limits, reading.value) {
                let was = now.entry((point.tag.clone(), limit)).or_default();
                if *was != is_beyond {
                    *was = is_beyond;
                    found.entry(point.tag.clone()).or_default().push((second, limit, is_beyond));
                }
            }
        }
    });
    found
}

fn row(fault: impl Fn(Fault) -> bool) -> &'static Row {
    ROWS.iter().find(|row| fault(row.fault)).unwrap()
}

#[test]
fn only_the_story_crosses_limits_and_all_returns_within_its_cycle() {
    for seed in [1, 7, 2026] {
        let found = crossings(seed);
        let tags: Vec<&str> = found.keys().map(String::as_str).collect();
        assert_eq!(tags, ["GT-2101", "LI-1103"], "seed {seed}: {found:?}");
        for (tag, crossed) in &found {
            // Noise may touch a limit more than once on the way; the deadband is for that.
            for cycle in 0..3 {
                let of_cycle = |crossing: &&(f64, &str, bool)| (crossing.0 / CYCLE_S) as u64 == cycle;
                let last = |limit| crossed.iter().filter(of_cycle).rfind(|crossing| crossing.1 == limit).unwrap().2;
                assert!(!last("H") && !last("HH"), "seed {seed}, {tag} in cycle {cycle}: {crossed:?}");
            }
        }
    }
}

#[test]
fn the_tank_passes_high_high_within_its_line_and_is_pumped_down_within_the_next() {
    let overfill = row(|fault| matches!(fault, Fault::Overfill { .. }));
    let crossed = &crossings(1)["LI-1103"];
    let first = |limit| crossed.iter().find(|crossing| crossing.1 == limit).unwrap().0;
    assert!(first("H") > overfill.start_s && first("H") < first("HH"), "{crossed:?}");
    assert!(first("HH") < overfill.start_s + overfill.seconds, "{crossed:?}");

    let pump_down = row(|fault| matches!(fault, Fault::PumpDown { .. }));
    let end = pump_down.start_s + pump_down.seconds;
    let mut highest: f64 = 0.0;
    let mut at_end = 0.0;
    run(1, end, |_, points, readings| {
        let place = points.iter().position(|point| point.tag == "LI-1103").unwrap();
        highest = highest.max(readings[place].value);
        at_end = readings[place].value;
    });
    assert!(highest < 95.0, "the level switch closes the inlet: {highest}");
    assert!((at_end - 75.0).abs() < 1.5, "{at_end}");
}

#[test]
fn gas_passes_both_limits_while_its_people_stand_there() {
    let gas = row(|fault| matches!(fault, Fault::Gas { .. }));
    let crossed = &crossings(1)["GT-2101"];
    let first = |limit| crossed.iter().find(|crossing| crossing.1 == limit).unwrap().0;
    assert!(first("H") >= gas.start_s && first("HH") < gas.start_s + gas.seconds / 2.0, "{crossed:?}");
    let last = crossed.iter().rfind(|crossing| crossing.0 < CYCLE_S).unwrap();
    assert!(last.0 < gas.start_s + gas.seconds, "{crossed:?}");
}

#[test]
fn the_failed_transmitter_is_bad_within_its_line_alone_and_holds_its_value() {
    let failure = row(|fault| matches!(fault, Fault::BadSensor { .. }));
    let (mut bad, mut values) = (Vec::new(), Vec::new());
    run(1, CYCLE_S, |second, points, readings| {
        for (point, reading) in points.iter().zip(readings).filter(|(_, reading)| reading.bad) {
            assert_eq!(point.tag, "TT-2103");
            bad.push(second);
            values.push(reading.value);
        }
    });
    assert_eq!((bad[0], bad.len()), (failure.start_s, (failure.seconds / limits::STEP_S) as usize));
    assert!(values.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits()));
}

#[test]
fn the_same_seed_gives_the_same_plant_and_values_stay_in_range() {
    let walk = |seed| {
        let mut all = Vec::new();
        run(seed, 120.0, |_, points, readings| {
            for (point, reading) in points.iter().zip(readings) {
                let (low, high) = point.range.unwrap_or((0.0, 1.0));
                assert!((low..=high).contains(&reading.value), "{}: {reading:?}", point.tag);
            }
            all.extend(readings.iter().map(|reading| reading.value.to_bits()));
        });
        all
    };
    assert_eq!(walk(1), walk(1));
    assert_ne!(walk(1), walk(2));
}
