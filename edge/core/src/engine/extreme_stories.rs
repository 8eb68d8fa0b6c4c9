//! What no instrument means: not a number, infinite, beyond every range, next to nothing, from another century. Every kind
//! of rule over tags has an answer to each; none panics and none takes it for a value that it is not.

use super::tag_stories::{A, B, Bench, check};
use crate::model::*;

fn limit(kind: LimitKind, trip: f64) -> Limit {
    Limit { kind, trip, clear: trip }
}

fn rate(direction: Direction) -> RuleKind {
    let rate = Rate { direction, per_minute: 5.0, clear_per_minute: 5.0, window_ms: 60_000 };
    RuleKind::RateOfChange { tag: A, rate }
}

fn forecast(kind: LimitKind, trip: f64) -> RuleKind {
    let forecast = Forecast { limit: limit(kind, trip), window_ms: 120_000, within_ms: 600_000, change_min: 1.0 };
    RuleKind::Signal(SignalRule::Forecast { tag: A, forecast })
}

fn state(state: i32, differs: bool, meaning: StateMeaning) -> RuleKind {
    let test = StateTest { state, differs, words: Vec::new() };
    RuleKind::Signal(SignalRule::State { tag: A, test, meaning })
}

/// Every kind of rule that reads the value of a tag, none of which is true at 50 and 50.
fn kinds() -> Vec<RuleKind> {
    let gas = |gas, limit| RuleKind::Signal(SignalRule::Gas { tag: A, gas, limit });
    vec![
        RuleKind::Limit { tag: A, limit: limit(LimitKind::HH, 90.0) },
        RuleKind::Limit { tag: A, limit: limit(LimitKind::LL, 5.0) },
        rate(Direction::Up),
        rate(Direction::Down),
        rate(Direction::Either),
        RuleKind::OutOfRange { tag: A, low: -2.5, high: 103.0 },
        RuleKind::Frozen { tag: A, dead_zone: 0.0, after_ms: 7_200_000 },
        RuleKind::Deviation { tag: A, other: B, difference: 3.0, clear: 3.0 },
        RuleKind::Mismatch { command: A, feedback: B },
        gas(Gas::Combustible, limit(LimitKind::HH, 90.0)),
        gas(Gas::Oxygen, limit(LimitKind::L, 19.5)),
        state(1, false, StateMeaning::State),
        state(0, false, StateMeaning::SisTrip),
        state(1, false, StateMeaning::SisBypass(BypassStage::Begun)),
        forecast(LimitKind::HH, 90.0),
        forecast(LimitKind::LL, 5.0),
    ]
}

#[test]
fn what_is_no_number_alarms_nobody() {
    for kind in kinds() {
        for odd in ["nan", "-nan", "inf", "-inf"] {
            let script = format!("0 a 50, 0 b 50, 10 a {odd}, 20 a {odd}, 30 b {odd}, 40 a 50, 50 b 50, 400 a 50");
            let mut bench = Bench::new(kind.clone(), 0);
            bench.play(&script);
            assert_eq!(bench.told, [""; 0], "{kind:?} {script}");
        }
    }
}

#[test]
fn times_of_another_century_decide_nothing() {
    for kind in kinds() {
        let script = "0 a 50@1970, 0 b 50@2099, 10 a 50@2099, 20 a 50@1970, 30 b 50@2001, 40 a 50@2000, 60 a 50@1999";
        let mut bench = Bench::new(kind.clone(), 0);
        bench.play(script);
        assert_eq!(bench.told, [""; 0], "{kind:?}");
    }
    let limit = RuleKind::Limit { tag: A, limit: limit(LimitKind::HH, 90.0) };
    check(&limit, 5, &[("0 a 95@2099, 3 a 95@1970, 9 a 50@1970", &["5 raised", "9 over"])]);
}

/// What is finite is taken at its word: a limit that is passed is passed. Nothing is read into it beyond that.
#[test]
fn what_is_finite_is_taken_at_its_word() {
    let checks: [(RuleKind, &str, &[&str]); 14] = [
        (RuleKind::Limit { tag: A, limit: limit(LimitKind::HH, 90.0) }, "1e300", &["100 raised", "110 over"]),
        (RuleKind::Limit { tag: A, limit: limit(LimitKind::HH, 90.0) }, "-1e300", &[]),
        (RuleKind::Limit { tag: A, limit: limit(LimitKind::LL, 0.0) }, "5e-324", &[]),
        (RuleKind::Limit { tag: A, limit: limit(LimitKind::LL, 0.0) }, "-5e-324", &["100 raised", "110 over"]),
        (RuleKind::Limit { tag: A, limit: limit(LimitKind::LL, 0.0) }, "-0", &["100 raised", "110 over"]),
        // A value that fell and came back has risen, seen over the window that begins with it.
        (rate(Direction::Up), "-1.7976931348623157e308", &["160 raised", "170 over"]),
        (rate(Direction::Up), "5e-324", &["160 raised", "170 over"]),
        (RuleKind::OutOfRange { tag: A, low: -2.5, high: 103.0 }, "1e300", &["100 raised", "110 over"]),
        (RuleKind::OutOfRange { tag: A, low: -2.5, high: 103.0 }, "5e-324", &[]),
        (RuleKind::Mismatch { command: A, feedback: B }, "1e300", &[]),
        (state(1, false, StateMeaning::State), "1e300", &[]),
        (state(0, false, StateMeaning::State), "-0", &["100 raised", "110 over"]),
        // One value out of many makes no trend.
        (forecast(LimitKind::HH, 90.0), "-1e300", &[]),
        (forecast(LimitKind::LL, 5.0), "1e300", &[]),
    ];
    for (kind, value, told) in checks {
        let calm = |from: u64, until: u64| (from..=until).step_by(10).map(|second| format!("{second} a 50"));
        let steps = ["0 b 50".to_owned()].into_iter().chain(calm(0, 90)).chain([format!("100 a {value}")]);
        let script = steps.chain(calm(110, 400)).collect::<Vec<_>>().join(", ");
        check(&kind, 0, &[(script.as_str(), told)]);
    }
}

#[test]
fn values_that_leap_between_the_ends_of_the_numbers_end_nothing_of_themselves() {
    for kind in kinds() {
        let leaps =
            (0..200).map(|at| format!("{} a {}1.7976931348623157e308", at * 5, if at % 2 == 0 { "" } else { "-" }));
        let mut bench = Bench::new(kind, 0);
        bench.play(&leaps.collect::<Vec<_>>().join(", "));
        bench.play("1100 a 50, 1100 b 50, 1200 a 50, 9000 a 50");
        assert!(
            bench.told.last().is_none_or(|last| last.ends_with("over") || last.starts_with("8")),
            "{:?}",
            bench.told
        );
    }
}
