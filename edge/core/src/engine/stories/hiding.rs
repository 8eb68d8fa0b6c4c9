//! What people hide and for how long, what they may not, and what is known of a rule when it shows again.

mod refused;

use super::*;
use crate::{event::Shelving, record::HiddenRecord};

const HOUR_MS: u64 = 3_600_000;

/// The tank's rule hangs on a unit and is meaningless while the gas alarm stands; no value is ever too old.
fn suppressible() -> Site {
    let mut site = site();
    site.gateway.config_version = "v7".into();
    site.tags[1].stale_after_ms = None;
    (site.rules[0].unit, site.rules[0].suppressed_by) = (Some(UnitIx(0)), vec![RuleIx(1)]);
    site.units.push(Unit { id: "elsewhere".into(), ..site.units[0].clone() });
    site
}

fn full() -> Bench {
    let mut bench = Bench::of(suppressible());
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    bench
}

fn shelve(rule: &str, for_ms: u64, one_shot: bool) -> CommandKind {
    CommandKind::ShelveRule { rule: rule.into(), shelf: Shelving { for_ms, one_shot, reason: "cleaned".to_owned() } }
}

fn stop(unit: &str, for_ms: Option<u64>) -> CommandKind {
    CommandKind::StopUnit { unit: unit.into(), for_ms, reason: "repair".to_owned() }
}

fn hidden(bench: &Bench) -> Vec<HiddenRecord> {
    bench.engine.snapshot(bench.now.utc).hidden
}

impl Bench {
    fn tank(&self) -> std::sync::Arc<crate::record::AlarmRecord> {
        let alarms = self.engine.snapshot(self.now.utc).alarms;
        alarms.into_iter().find(|alarm| alarm.rule.as_str() == "tank.H").unwrap()
    }

    /// The tank's alarm at each second.
    fn tank_is(&mut self, rows: &[(u64, AlarmState)]) -> &mut Self {
        for (second, expected) in rows {
            assert_eq!(self.at(*second).tank().state, *expected, "second {second}");
        }
        self
    }
}

#[test]
fn a_hidden_rule_is_told_listed_and_written_down_until_it_shows_again() {
    let mut bench = full();
    assert_eq!((hidden(&bench), bench.answer(shelve("tank.H", HOUR_MS, true))), (vec![], "done".to_owned()));
    let because = |kind: &str, reason: &str, more: Value| {
        let mut hiding = json!({
            "kind": kind, "by": "op", "suppressor": null, "reason": reason, "since": "2026-11-23T00:00:01.000Z",
            "until": null, "one_shot": false,
        });
        hiding.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hiding
    };
    let shelved = because("shelved", "cleaned", json!({ "until": "2026-11-23T01:00:01.000Z", "one_shot": true }));
    let record = |because: Value| {
        json!({
            "rule": "tank.H", "name": "tank.H", "rule_kind": "limit_h", "priority": "high", "unit": "unit",
            "hidden_because": because, "config_version": "v7",
        })
    };
    assert_eq!(says(&hidden(&bench)[0]), record(json!([shelved])));

    bench.ask(CommandKind::TakeOutOfService { rule: "tank.H".into(), reason: "calibration".to_owned() });
    bench.ask(stop("unit", Some(HOUR_MS)));
    let out = because("out_of_service", "calibration", json!({}));
    let stopped = because("unit_stopped", "repair", json!({ "until": "2026-11-23T01:00:01.000Z" }));
    bench.value(GAS, 90.0);
    let suppressed = because("suppressed_by_rule", "gas.H", json!({ "by": null, "suppressor": "gas.H" }));
    let all = record(json!([out, shelved, stopped, suppressed]));
    assert_eq!((hidden(&bench).len(), says(&hidden(&bench)[0])), (1, all.clone()));
    assert_eq!(said_last(&bench), all, "it is journaled");
    assert_eq!(says(&hidden(bench.restart())[0]), all, "it is written down");

    bench.link(Link::Up).value(GAS, 10.0);
    bench.ask(CommandKind::ReturnToService { rule: "tank.H".into() });
    bench.ask(CommandKind::ResumeUnit { unit: "unit".into() }).ask(CommandKind::UnshelveRule { rule: "tank.H".into() });
    let mut shows = record(json!([]));
    shows.as_object_mut().unwrap().remove("hidden_because");
    assert_eq!((hidden(&bench), said_last(&bench)), (vec![], shows));
    let rows = ["hidden", "shelf", "stop", "out_of_service"];
    let left: Vec<&String> = bench.saved.keys().filter(|key| rows.iter().any(|row| key.starts_with(row))).collect();
    assert_eq!(left, Vec::<&String>::new());
}

fn said_last(bench: &Bench) -> Value {
    let told = |record: &Record| if let Record::Hidden(hidden) = record { Some(says(hidden)) } else { None };
    bench.journal.iter().rev().find_map(told).unwrap()
}

/// It was shelved at 90 %, and is shown again at 97 % or while the source is away.
#[test]
fn what_shows_again_says_what_is_observed_then_or_was_last() {
    let value = |bench: &Bench| says(&*bench.tank())["trigger"]["value"].clone();
    for (last, is_away, expected) in [(97.0, false, 97.0), (97.0, true, 90.0)] {
        let mut bench = full();
        bench.ask(shelve("tank.H", HOUR_MS, false)).value(TANK, last);
        assert_eq!((bench.tank().state, value(&bench)), (AlarmState::Shelved, json!(90.0)));
        if is_away {
            bench.link(Link::Down("cut".to_owned()));
        }
        bench.ask(CommandKind::UnshelveRule { rule: "tank.H".into() });
        assert_eq!((bench.tank().state, value(&bench)), (AlarmState::Unacknowledged, json!(expected)), "{is_away}");
    }
}

/// What a suppressor says that is not heard any more counts for half a minute, over a restart as without one.
#[test]
fn a_suppressor_that_is_not_heard_any_more_hides_for_half_a_minute() {
    use AlarmState::{Suppressed, Unacknowledged};
    for restart_at in [None, Some(110), Some(140)] {
        let mut bench = full();
        bench.value(GAS, 90.0).at(100).link(Link::Down("cut".to_owned()));
        let rows = [(100, Suppressed), (129, Suppressed), (130, Unacknowledged), (200, Unacknowledged)];
        for (second, expected) in rows {
            if restart_at.is_some_and(|at| bench.before_s == 0 && at < second) {
                bench.at(restart_at.unwrap()).restart();
            }
            bench.tank_is(&[(second, expected)]);
        }
        bench.link(Link::Up).value(GAS, 90.0);
        bench.tank_is(&[(201, Suppressed), (300, Suppressed)]);
    }
    let mut bench = full();
    bench.value(GAS, 90.0).at(100).link(Link::Down("cut".to_owned())).at(120).link(Link::Up).value(GAS, 90.0);
    bench.tank_is(&[(129, Suppressed), (130, Suppressed), (300, Suppressed)]);
    bench.link(Link::Down("cut".to_owned())).tank_is(&[(329, Suppressed), (330, Unacknowledged)]);
}

/// Each with ten minutes from the first second on.
fn timed(second: u64, kind: CommandKind) -> Bench {
    let mut bench = full();
    bench.at(second).ask(kind);
    bench
}

#[test]
fn what_ends_by_itself_ends_in_time_over_a_restart_too() {
    use AlarmState::Unacknowledged;
    for (kind, state) in
        [(shelve("tank.H", 600_000, false), AlarmState::Shelved), (stop("unit", Some(600_000)), AlarmState::Suppressed)]
    {
        let rows = [(30, state), (599, state), (600, state), (601, Unacknowledged)];
        timed(1, kind.clone()).tank_is(&rows);
        timed(1, kind.clone()).at(20).restart().tank_is(&rows);
        timed(1, kind.clone()).at(500).restart().tank_is(&rows[1..]);
        let away = suppressible();
        timed(1, kind).at(20).restart_as(away, 700).tank_is(&[(721, Unacknowledged)]);
    }
}

/// The process dies and the clock is set back meanwhile. What was left had been saved within the minute.
#[test]
fn a_clock_that_is_set_back_lengthens_a_shelf_or_a_stop_by_a_minute_at_most() {
    for (kind, state) in
        [(shelve("tank.H", 600_000, false), AlarmState::Shelved), (stop("unit", Some(600_000)), AlarmState::Suppressed)]
    {
        let mut bench = timed(1, kind);
        bench.at(350);
        bench.now.utc = UtcTime(bench.now.utc.0 - 86_400_000);
        // At 301 s 300 s were left.
        bench.restart().tank_is(&[(351, state), (649, state), (650, AlarmState::Unacknowledged)]);
    }
}

#[test]
fn what_lives_hang_on_shows_as_soon_as_the_configuration_says_so() {
    let mut site = suppressible();
    site.rules[0].suppressed_by.clear();
    let mut bench = Bench::of(site.clone());
    bench.link(Link::Up).at(1).value(TANK, 90.0).ask(shelve("tank.H", HOUR_MS, false));
    assert_eq!(bench.tank().state, AlarmState::Shelved);
    site.rules[0].never_hidden = true;
    assert_eq!(bench.restart_as(site, 0).tank().state, AlarmState::Unacknowledged);
    assert_eq!(hidden(&bench), []);
    assert!(!bench.saved.keys().any(|key| key.starts_with("shelf") || key.starts_with("hidden")), "{:?}", bench.saved);
}

/// The tank's rule is meaningless once the gas alarm has stood for ten seconds.
#[test]
fn a_compound_condition_hides_as_any_other_rule_does() {
    let mut site = suppressible();
    let nodes = vec![Node::Rule(RuleIx(1)), Node::Lasts { of: NodeIx(0), for_ms: 10_000 }];
    let compound = Compound { when: "gas.H for 10 s".to_owned(), nodes, voting: false };
    site.rules[0].suppressed_by = vec![RuleIx::from(site.rules.len())];
    site.rules.push(rule("gas.stays", RuleKind::Compound(Box::new(compound)), None));
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(5).value(GAS, 90.0);
    use AlarmState::{Suppressed, Unacknowledged};
    bench.tank_is(&[(14, Unacknowledged), (15, Suppressed), (18, Suppressed)]);
    assert_eq!(hidden(&bench)[0].hidden_because[0].suppressor, Some("gas.stays".into()));
    bench.at(20).value(GAS, 50.0).tank_is(&[(20, Unacknowledged)]);
    assert!(hidden(&bench).is_empty());
}
