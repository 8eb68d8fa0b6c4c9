//! What a warning lists, and since when it is as bad as it is.

use super::*;
use crate::{
    limits::REASONS_MAX,
    record::{MeasureState, WarningAlarm},
};

/// More limits of the tank than a warning lists, each half a percent above the one before, and nobody who gets impatient.
fn crowded() -> Bench {
    let mut site = plant();
    site.policy.escalate_after = EscalateAfter { orange: None, yellow: None, blue: None };
    site.rules.truncate(1);
    site.rules.extend((1..REASONS_MAX + 4).map(|at| {
        let trip = 80.0 + at as f64 / 2.0;
        let limit = Limit { kind: LimitKind::H, trip, clear: trip };
        let kind = RuleKind::Limit { tag: TANK, limit };
        Rule { priority: Priority::Medium, ..rule(&format!("tank.{at}"), kind, Some(RiskEventIx(0))) }
    }));
    let RuleKind::Limit { limit, .. } = &mut site.rules[0].kind else { panic!("the tank's first rule is a limit") };
    *limit = Limit { kind: LimitKind::H, trip: 80.0, clear: 80.0 };
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1);
    bench
}

/// The value at which so many of its limits are crossed.
fn crossing(limits: usize) -> f64 {
    80.0 + (limits as f64 - 1.0) / 2.0
}

fn listed(bench: &Bench) -> Vec<(String, AlarmState)> {
    let row = |alarm: &WarningAlarm| (alarm.id.to_string(), alarm.state);
    bench.warning().unwrap().alarms.iter().map(row).collect()
}

#[test]
fn a_full_list_keeps_its_first_out_and_lets_go_what_is_over() {
    let mut bench = crowded();
    for limits in 1..=REASONS_MAX + 1 {
        bench.value(TANK, crossing(limits));
    }
    let full = listed(&bench);
    assert_eq!((full.len(), bench.warning().unwrap().alarm_count), (REASONS_MAX, REASONS_MAX as u32 + 1));
    assert!(full[0].0.starts_with("tank.H~"), "{full:?}");

    bench.value(TANK, crossing(REASONS_MAX - 1)).acknowledge_all();
    let over = listed(&bench);
    assert_eq!(over[REASONS_MAX - 1].1, AlarmState::Normal, "one that is over stays in the list");
    assert!(over[..REASONS_MAX - 1].iter().all(|(_, state)| *state == AlarmState::Acknowledged), "{over:?}");

    bench.value(TANK, crossing(REASONS_MAX + 1));
    let again = listed(&bench);
    assert_eq!(again[..REASONS_MAX - 1], over[..REASONS_MAX - 1], "whatever holds is still listed");
    let (last, state) = &again[REASONS_MAX - 1];
    assert!(*last != full[REASONS_MAX - 1].0 && *state == AlarmState::Unacknowledged, "{again:?}");
    assert_eq!((again.len(), bench.warning().unwrap().alarm_count), (REASONS_MAX, REASONS_MAX as u32 + 3));
}

#[test]
fn a_warning_names_each_of_its_tasks_once_and_no_more_than_a_list_holds() {
    let mut warning = (*raised().warning().unwrap()).clone();
    assert_eq!(warning.tasks.len(), 1, "the inspection of its measure");
    for number in 0..2 * REASONS_MAX {
        let task = TaskId::from(format!("task-{}", number / 2));
        warning.name_task(&task);
    }
    let names: Vec<&str> = warning.tasks.iter().skip(1).map(TaskId::as_str).collect();
    let expected: Vec<String> = (0..REASONS_MAX - 1).map(|number| format!("task-{number}")).collect();
    assert_eq!(names, expected);
}

#[test]
fn nobody_who_enters_makes_a_warning_worse_whose_conditions_are_gone() {
    let mut bench = raised();
    bench.at(5).value(TANK, 50.0).enters();
    assert_eq!(bench.warning_stands(), "cleared yellow");
}

#[test]
fn a_level_is_as_old_as_its_last_change_and_so_is_the_time_to_the_next() {
    let mut bench = raised();
    let begin = bench.now.utc;
    let times = |bench: &Bench| {
        let warning = bench.warning().unwrap();
        [warning.level_since, warning.escalates_at].map(|time| time.map(|time| time.since(begin) / 1000))
    };
    assert_eq!(times(&bench), [Some(0), Some(1_800)]);
    bench.at(500).value(TANK, 97.0);
    assert_eq!((bench.warning_stands().as_str(), times(&bench)), ("raised yellow", [Some(0), Some(1_800)]));
    bench.at(1_001).enters();
    assert_eq!((bench.warning_stands().as_str(), times(&bench)), ("raised orange", [Some(1_000), Some(1_600)]));
    bench.at(1_002).acknowledge_all();
    assert_eq!(times(&bench), [Some(1_000), None]);
}

#[test]
fn a_measure_fails_by_what_is_active_and_is_bypassed_by_what_is_hidden() {
    let mut bench = raised();
    let state = |bench: &Bench| {
        let measure = bench.engine.snapshot(bench.now.utc).measures.remove(0);
        (measure.state, measure.bypassed_rules.len())
    };
    assert_eq!(state(&bench), (MeasureState::Failed, 0));
    let shelf = Shelving { for_ms: 3_600_000, one_shot: false, reason: "calibration".to_owned() };
    bench.ask(CommandKind::ShelveRule { rule: "tank.H".into(), shelf });
    assert_eq!(state(&bench), (MeasureState::Bypassed, 1));
}

/// The tank's second limit is the evidence of a measure of its own.
#[test]
fn a_second_measure_that_fails_makes_its_warning_worse_and_is_listed() {
    let mut site = plant();
    site.measures.push(Measure { id: "drain".into(), ..site.measures[0].clone() });
    let second = site.rules.iter_mut().find(|rule| rule.id.as_str() == "tank.HH").unwrap();
    second.measure = Some(MeasureIx(1));
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1);
    for (value, level, failed) in [
        (90.0, "raised yellow", &["guard"][..]),
        (97.0, "raised orange", &["guard", "drain"]),
        (90.0, "raised orange", &["guard"]),
    ] {
        bench.value(TANK, value);
        let warning = bench.warning().unwrap();
        let listed: Vec<&str> = warning.failed_measures.iter().map(MeasureId::as_str).collect();
        assert_eq!((bench.warning_stands().as_str(), listed.as_slice()), (level, failed), "{value} %");
    }
    assert!(bench.warning().unwrap().level_reasons.contains(&LevelReason::SecondMeasureFailed), "it only gets worse");
}

#[test]
fn alarms_of_two_events_in_one_notification_are_counted_each_in_its_own() {
    let mut bench = Bench::of(plant());
    let utc = bench.now.utc;
    let sample = |tag| Sample { tag, value: 90.0, quality: Quality::GOOD, source_time: None, received_time: utc };
    bench.link(Link::Up).apply(Event::Samples(vec![sample(TANK), sample(GAS)]));
    let warnings = bench.engine.snapshot(utc).warnings;
    let rows: Vec<_> = warnings
        .iter()
        .map(|warning| (warning.risk_event.as_str(), warning.alarms.len(), warning.alarm_count))
        .collect();
    assert_eq!(rows, [("leak", 1, 1), ("overflow", 1, 1)]);
}
