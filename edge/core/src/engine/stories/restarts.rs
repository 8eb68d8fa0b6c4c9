//! The process dies while a delay runs, and comes back later: without a value nothing begins and nothing ends.

use super::*;
use crate::{
    event::{Command, CommandKind},
    record::MeasureState,
};

/// The tank's limit is the evidence of a measure whose failure is a suspected hazard; five seconds both ways.
fn guarded() -> Site {
    let mut site = site();
    site.measures = vec![Measure {
        id: "guard".into(),
        description: "guard".into(),
        event: RiskEventIx(0),
        automatic: true,
        inspection: Some(Inspection { content: "look".to_owned(), role: Role::Operation }),
        hazard_on_failure: true,
    }];
    let tank = &mut site.rules[0];
    (tank.measure, tank.on_delay_ms, tank.off_delay_ms) = (Some(MeasureIx(0)), 5_000, 5_000);
    site
}

fn measure(bench: &Bench) -> MeasureState {
    bench.engine.snapshot(bench.now.utc).measures[0].state
}

#[test]
fn a_delay_that_runs_out_while_nobody_looks_raises_nothing() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(3).restart_as(guarded(), 60);
    assert_eq!(bench.told, Vec::<String>::new(), "no value has come");
    let live = bench.engine.snapshot(bench.now.utc);
    assert!(live.warnings.is_empty() && live.tasks.is_empty() && live.hazards.is_empty());
    assert_eq!(bench.at(65).link(Link::Up).value(TANK, 50.0).at(80).told, Vec::<String>::new(), "it was over");
}

#[test]
fn the_first_value_after_a_restart_decides_whether_the_delay_is_over() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(3).restart_as(guarded(), 60).at(65).link(Link::Up);
    assert_eq!(bench.value(TANK, 90.0).told, ["65 tank.H raised"], "five seconds have passed");
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(3).restart().at(4).link(Link::Up).value(TANK, 90.0);
    assert_eq!(bench.at(9).told, ["6 tank.H raised"], "the delay goes on where it was");
}

#[test]
fn a_restart_ends_no_alarm_without_a_value() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(10).value(TANK, 50.0);
    let alarm = bench.engine.snapshot(bench.now.utc).alarms[0].id.clone();
    let kind = CommandKind::AcknowledgeAlarm { alarm };
    bench.apply(Event::Command(Command { request: 1, by: "op".to_owned(), kind }));
    bench.at(12).restart_as(guarded(), 60);
    assert_eq!(bench.told, ["6 tank.H raised"]);
    bench.at(75).link(Link::Up).value(TANK, 90.0).at(90);
    assert_eq!(bench.told, ["6 tank.H raised"], "its condition holds");
    assert_eq!(bench.value(TANK, 50.0).at(100).told, ["6 tank.H raised", "95 tank.H over"]);
}

/// The value that ends an alarm is known of it, whether it comes back before its reset or goes.
#[test]
fn what_the_first_value_after_a_restart_ends_has_its_inputs_known() {
    for (latched, before, after) in [(true, 50.0, 90.0), (false, 90.0, 50.0)] {
        let mut site = site();
        site.rules[0].latched = latched;
        let mut bench = Bench::of(site);
        bench.link(Link::Up).at(1).value(TANK, 90.0);
        let alarm = bench.engine.snapshot(bench.now.utc).alarms[0].id.clone();
        bench.ask(CommandKind::AcknowledgeAlarm { alarm }).value(TANK, before).at(2).restart();
        bench.link(Link::Up).value(TANK, after);
        let alarms = bench
            .journal
            .iter()
            .filter_map(|record| if let Record::Alarm(alarm) = record { Some(alarm) } else { None });
        let over: Vec<_> = alarms.filter(|alarm| alarm.state == AlarmState::Normal).collect();
        let ended = over.first().map(|alarm| alarm.inputs_known);
        assert_eq!(ended, Some(true), "latched {latched}");
    }
}

/// The records of measures, units and alarms say so at the start: until its first value a tag is no evidence.
#[test]
fn after_a_restart_a_measure_is_unknown_until_its_first_value() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 50.0);
    assert_eq!(measure(&bench), MeasureState::Effective);
    bench.restart();
    assert_eq!(measure(&bench), MeasureState::Unknown);
    assert!(bench.engine.snapshot(bench.now.utc).units[0].unknown);
    bench.link(Link::Up).value(TANK, 50.0);
    assert_eq!(measure(&bench), MeasureState::Effective);

    bench.value(TANK, 90.0).at(10).restart();
    let alarm = bench.engine.snapshot(bench.now.utc).alarms.remove(0);
    assert_eq!((alarm.is_active(), alarm.inputs_known), (true, false));
    assert_eq!(measure(&bench), MeasureState::Failed);
    bench.link(Link::Up).value(TANK, 90.0);
    assert!(bench.engine.snapshot(bench.now.utc).alarms[0].inputs_known);
}

/// Another configuration gives the event and the unit of an open alarm other ids: it is in a warning again, of the unit as
/// it is called now.
#[test]
fn an_open_alarm_follows_its_event_and_its_unit() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(7);
    let mut other = guarded();
    (other.events[0].id, other.measures[0].id) = ("renamed".into(), "guard-2".into());
    bench.restart_as(other.clone(), 0);
    let live = bench.engine.snapshot(bench.now.utc);
    let (alarm, warning) = (&live.alarms[0], &live.warnings[0]);
    assert_eq!((alarm.risk_event.as_ref().unwrap().as_str(), warning.risk_event.as_str()), ("renamed", "renamed"));
    assert_eq!((alarm.measure.as_ref().unwrap().as_str(), warning.alarms.len()), ("guard-2", 1));
    other.units[0].id = "elsewhere".into();
    bench.restart_as(other, 0);
    let live = bench.engine.snapshot(bench.now.utc);
    assert_eq!(
        (live.warnings[0].unit.as_str(), live.alarms[0].unit.as_ref().unwrap().as_str()),
        ("elsewhere", "elsewhere")
    );
    assert_eq!(live.units[0].warnings, [live.warnings[0].id.clone()]);
}

#[test]
fn an_open_alarm_says_that_lives_hang_on_it_as_soon_as_the_configuration_does() {
    let mut bench = Bench::new();
    bench.link(Link::Up).value(TANK, 90.0);
    let says = |bench: &Bench| {
        let alarms = bench.engine.snapshot(bench.now.utc).alarms;
        alarms.iter().find(|alarm| alarm.rule.as_str() == "tank.H").unwrap().never_hidden
    };
    assert!(!says(&bench));
    let mut site = bench.engine.site().clone();
    site.rules[0].never_hidden = true;
    bench.restart_as(site, 1);
    assert!(says(&bench));
    let saved: serde_json::Value = serde_json::from_str(&bench.saved["alarm/tank.H"]).unwrap();
    assert_eq!(saved["never_hidden"], true, "and it is written down");
}

#[test]
fn another_configuration_goes_on_where_the_old_one_was() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(3).reconfigure(guarded());
    assert_eq!(bench.at(10).told, ["6 tank.H raised"], "the delay goes on without another value");
    bench.reconfigure(guarded());
    let alarm = bench.engine.snapshot(bench.now.utc).alarms.remove(0);
    assert_eq!((alarm.is_active(), alarm.inputs_known), (true, true));
    assert_eq!(measure(&bench), MeasureState::Failed);

    let mut higher = guarded();
    let RuleKind::Limit { limit, .. } = &mut higher.rules[0].kind else { unreachable!("the tank has a limit") };
    (limit.trip, limit.clear) = (95.0, 94.0);
    assert_eq!(
        bench.reconfigure(higher).at(20).told,
        ["6 tank.H raised", "15 tank.H over"],
        "it is judged by the new limit"
    );
}

/// What nobody can say is not made up: a value of a source that is down or of a tag that is silent is no word on what it is.
#[test]
fn another_configuration_hears_only_what_counts() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(7).link(Link::Down("cut".to_owned()));
    assert_eq!(bench.engine.last_told(&[DCS], &[]), [Event::Source(DCS, Link::Down("cut".to_owned()))]);
    bench.reconfigure(guarded());
    let alarms = bench.engine.snapshot(bench.now.utc).alarms;
    let alarm = alarms.iter().find(|alarm| alarm.rule.as_str() == "tank.H").expect("it is open");
    assert_eq!((alarm.is_active(), alarm.inputs_known), (true, false));
    assert_eq!(bench.engine.last_told(&[], &[]), []);
}

/// No operating system does it, and nothing is begun, ended or lost by it: what was to come comes at its time.
#[test]
fn a_monotonic_clock_that_runs_backwards_decides_nothing() {
    let mut bench = Bench::of(guarded());
    bench.link(Link::Up).at(10).value(TANK, 90.0);
    bench.now.monotonic = Monotonic(2_000);
    bench.apply(Event::Tick).value(TANK, 90.0);
    assert_eq!(bench.at(14).told, Vec::<String>::new());
    assert_eq!(bench.at(15).told, ["15 tank.H raised"]);
    bench.now.monotonic = Monotonic(0);
    assert_eq!(bench.value(TANK, 90.0).value(TANK, 50.0).at(4).told, ["15 tank.H raised"]);
    assert_eq!(bench.at(5).told, ["15 tank.H raised", "5 tank.H over"]);
}
