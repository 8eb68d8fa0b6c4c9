//! Stories of the rules over one signal: gas detectors, states, bypasses and trips of the SIS, forecasts.

use super::tag_stories::{A, Bench, check};
use crate::{model::*, trigger::Trigger};

fn gas(gas: Gas, kind: LimitKind, trip: f64, clear: f64) -> RuleKind {
    RuleKind::Signal(SignalRule::Gas { tag: A, gas, limit: Limit { kind, trip, clear } })
}

fn state(state: i32, differs: bool, meaning: StateMeaning) -> RuleKind {
    let words = vec![(0, "关闭".to_owned()), (1, "打开".to_owned())];
    RuleKind::Signal(SignalRule::State { tag: A, test: StateTest { state, differs, words }, meaning })
}

fn forecast() -> RuleKind {
    let limit = Limit { kind: LimitKind::HH, trip: 80.0, clear: 80.0 };
    let forecast = Forecast { limit, window_ms: 120_000, within_ms: 600_000, change_min: 1.0 };
    RuleKind::Signal(SignalRule::Forecast { tag: A, forecast })
}

#[test]
fn a_gas_detector_acts_at_its_set_point() {
    check(
        &gas(Gas::Combustible, LimitKind::H, 25.0, 24.0),
        0,
        &[
            ("0 a 0, 5 a 24.9, 9 a 25, 20 a 24.5, 30 a 24", &["9 raised", "30 over"]),
            ("0 a 30, 10 a bad, 20 a 0", &["0 raised", "10 unknown", "20 over"]),
            ("0 a 30, 10 a down, 20 a up, 30 a 40, 40 a 0", &["0 raised", "10 unknown", "30 known", "40 over"]),
            ("0 a 30, 10 restart, 11 a 30, 20 a 0", &["0 raised", "10 unknown", "11 known", "20 over"]),
            ("0 a bad, 10 a nan, 20 a down, 30 a up, 90 -", &[]),
        ],
    );
    check(&gas(Gas::Combustible, LimitKind::H, 25.0, 24.0), 3, &[("0 a 0, 5 a 30, 7 a 0, 10 a 30", &[])]);
    check(
        &gas(Gas::Oxygen, LimitKind::L, 19.5, 19.7),
        0,
        &[("0 a 20.9, 5 a 19.6, 9 a 19.5, 20 a 19.6, 30 a 19.7", &["9 raised", "30 over"])],
    );
    check(
        &gas(Gas::Oxygen, LimitKind::H, 23.5, 23.3),
        0,
        &[("0 a 20.9, 5 a 23.4, 9 a 23.5, 30 a 23.3", &["9 raised", "30 over"])],
    );
}

#[test]
fn gas_is_told_from_process_by_its_kind() {
    let name = |kind: RuleKind| Bench::new(kind, 0).kind_name();
    for (of, kind, expected) in [
        (Gas::Combustible, LimitKind::H, "gas_combustible_l1"),
        (Gas::Combustible, LimitKind::HH, "gas_combustible_l2"),
        (Gas::Toxic, LimitKind::H, "gas_toxic_l1"),
        (Gas::Toxic, LimitKind::HH, "gas_toxic_l2"),
        (Gas::Oxygen, LimitKind::L, "gas_oxygen_deficiency"),
        (Gas::Oxygen, LimitKind::H, "gas_oxygen_enrichment"),
        (Gas::OpenPath, LimitKind::H, "gas_open_path_l1"),
        (Gas::OpenPath, LimitKind::HH, "gas_open_path_l2"),
    ] {
        assert_eq!(name(gas(of, kind, 1.0, 1.0)), expected);
    }
}

#[test]
fn a_state_is_or_is_not() {
    check(
        &state(1, false, StateMeaning::State),
        5,
        &[
            ("0 a 0, 10 a 1, 14 a 0, 30 a 1, 40 a 2", &["35 raised", "40 over"]),
            ("0 a 1, 3 a bad, 10 a 1, 20 a nan, 30 a 0", &["15 raised", "20 unknown", "30 over"]),
            ("0 a 0.5, 99 -", &[]),
        ],
    );
    check(
        &state(1, true, StateMeaning::State),
        0,
        &[("0 a 1, 10 a 0, 20 a 2, 30 a 1", &["10 raised", "30 over"]), ("0 a bad, 9 a down, 99 -", &[])],
    );
    let mut bench = Bench::new(state(1, true, StateMeaning::State), 0);
    bench.play("0 a 1, 10 a 0");
    let (word, state_word) = ("关闭".to_owned(), "打开".to_owned());
    assert_eq!(bench.against(), Some(Against::State { word, state: 1, state_word, differs: true }));
    let mut bench = Bench::new(state(1, true, StateMeaning::State), 0);
    bench.play("0 a 1, 10 a 7");
    let (word, state_word) = (String::new(), "打开".to_owned());
    assert_eq!(bench.against(), Some(Against::State { word, state: 1, state_word, differs: true }), "no word for 7");
}

/// Eight hours are 28 800 seconds.
#[test]
fn a_bypass_is_reminded_of_although_it_was_out_of_sight() {
    let reminder = state(0, true, StateMeaning::SisBypass(BypassStage::Reminder));
    check(
        &reminder,
        28_800,
        &[
            ("0 a 1, 28799 a 1, 28800 -", &["28800 raised"]),
            ("0 a 1, 28799 a 0, 28800 a 1, 50000 -", &[]),
            // A bypass that cannot be seen for a while lasts; it takes a value to say so.
            ("0 a 1, 100 a down, 9000 a up, 9010 a 1, 28800 -", &["28800 raised"]),
            ("0 a 1, 100 a bad, 30000 -", &[]),
            ("0 a 1, 100 a bad, 30000 a 1", &["30000 raised"]),
            ("0 a 1, 100 a bad, 30000 a 0, 60000 -", &[]),
            ("0 a 1, 20000 restart, 20001 a 1, 28800 -", &["28800 raised"]),
            ("0 a 1, 20000 restart, 28900 -, 30000 a 1", &["30000 raised"]),
            ("0 a 1, 28800 a bad, 28900 a 0", &["28800 raised", "28800 unknown", "28900 over"]),
        ],
    );
    // Any other delay begins anew after what could not be seen.
    let begun = state(0, true, StateMeaning::SisBypass(BypassStage::Begun));
    check(&begun, 100, &[("0 a 1, 50 a bad, 60 a 1, 159 -", &[]), ("0 a 1, 50 a bad, 60 a 1, 160 -", &["160 raised"])]);
    check(&begun, 0, &[("0 a 0, 10 a 1, 20 a 0", &["10 raised", "20 over"])]);
}

#[test]
fn a_trip_is_told_at_once() {
    let trip = state(0, false, StateMeaning::SisTrip);
    check(&trip, 0, &[("0 a 1, 10 a 0, 20 a 1", &["10 raised", "20 over"]), ("0 a bad, 10 a nan, 99 -", &[])]);
}

/// A tank that fills by three a minute from 50 reaches 80 after ten minutes; ten before, half of the window is seen.
#[test]
fn a_trend_is_told_before_its_limit() {
    let filling = |until: u64| {
        let value = |second: u64| format!("{second} a {}", 50.0 + second as f64 * 0.05);
        (0..=until).step_by(10).map(value).collect::<Vec<_>>().join(", ")
    };
    let with = |more: &str| format!("{}, {more}", filling(300));
    check(
        &forecast(),
        30,
        &[
            (filling(50).as_str(), &[]),
            (filling(590).as_str(), &["90 raised"]),
            // It ends by itself when the filling has, however silent the source is then.
            (with("3000 -").as_str(), &["90 raised", "370 over"]),
            (with("310 a 64, 320 a 62, 330 a 58, 340 a 54, 350 a 50, 400 a 50").as_str(), &["90 raised", "340 over"]),
            // What came before a gap is forgotten: it ends nothing and foretells nothing.
            (with("310 a bad, 320 a 65, 330 a 65").as_str(), &["90 raised", "310 unknown", "320 known"]),
            ("0 a 50, 30 a 52, 60 a nan, 61 a 55, 100 a 57, 120 a 57, 180 a 57", &[]),
            ("0 a 50, 30 a 52, 59 restart, 61 a 55, 100 a 57, 120 a 57, 180 a 57", &[]),
            // A limit that has been reached has an alarm of its own.
            ("0 a 85, 20 a 86, 40 a 87, 60 a 88, 80 a 89, 100 a 90, 120 a 91, 140 a 92, 160 a 93", &[]),
        ],
    );
    let mut bench = Bench::new(forecast(), 0);
    bench.play(&filling(60));
    let Some(Trigger::Value {
        value,
        limit: Some(limit),
        against: Some(Against::Forecast { per_minute, minutes_left }),
        ..
    }) = bench.trigger
    else {
        panic!("a forecast")
    };
    assert_eq!((value, limit.trip), (Some(53.0), 80.0));
    assert!((per_minute - 3.0).abs() < 1e-6 && (minutes_left - 9.0).abs() < 1e-6, "{per_minute} {minutes_left}");
}
