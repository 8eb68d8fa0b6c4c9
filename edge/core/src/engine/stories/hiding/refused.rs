//! What may not be hidden, or not so, and what cannot be reset: the request is refused and nothing changes.

use super::*;
use crate::limits::STOP_MAX_MS;

fn take_out(rule: &str) -> CommandKind {
    CommandKind::TakeOutOfService { rule: rule.into(), reason: "calibration".to_owned() }
}

fn rules(bench: &Bench) -> Vec<String> {
    hidden(bench).iter().map(|hidden| hidden.rule.to_string()).collect()
}

/// Each request after the other, with its answer and the rules that are hidden after it.
fn check(bench: &mut Bench, rows: &[(CommandKind, &str, &[&str])]) {
    for (kind, expected, hidden) in rows {
        assert_eq!(bench.answer(kind.clone()), *expected, "{kind:?}");
        assert_eq!(rules(bench), *hidden, "{kind:?}");
    }
}

#[test]
fn a_rule_is_shelved_once_and_for_no_longer_than_the_policy_allows() {
    let unshelve = |rule: &str| CommandKind::UnshelveRule { rule: rule.into() };
    let most =
        "a rule is shelved for more than 0 and at most 480 minutes: choose another time, or take it out of service";
    let unknown = "there is no rule pump.H: use an id of the configuration in force";
    let alarm = |bench: &Bench| bench.tank().id.clone();
    let mut bench = full();
    check(
        &mut bench,
        &[
            (shelve("tank.H", 0, false), most, &[]),
            (shelve("tank.H", 8 * HOUR_MS + 1, false), most, &[]),
            (shelve("pump.H", HOUR_MS, false), unknown, &[]),
            (unshelve("tank.H"), "rule tank.H is not shelved", &[]),
            (shelve("gas.H", 8 * HOUR_MS, false), "done", &["gas.H"]),
            (shelve("gas.H", 1, false), "rule gas.H is shelved by op already: unshelve it first", &["gas.H"]),
            (shelve("tank.H", 1, false), "done", &["tank.H", "gas.H"]),
            (unshelve("gas.H"), "done", &["tank.H"]),
            (unshelve("gas.H"), "rule gas.H is not shelved", &["tank.H"]),
        ],
    );
    let unshelve = CommandKind::UnshelveAlarm { alarm: alarm(&bench) };
    check(&mut bench, &[(unshelve, "done", &[])]);
    let shelf = Shelving { for_ms: 1, one_shot: false, reason: " ".to_owned() };
    let wordless = CommandKind::ShelveAlarm { alarm: alarm(&bench), shelf };
    check(&mut bench, &[(wordless, "the reason is empty: write one", &[])]);
    let never = AlarmId::from("never");
    check(&mut bench, &[(CommandKind::UnshelveAlarm { alarm: never }, "alarm never is not open", &[])]);
}

#[test]
fn a_rule_is_taken_out_of_service_and_returned_once() {
    let put_back = |rule: &str| CommandKind::ReturnToService { rule: rule.into() };
    let wordless = CommandKind::TakeOutOfService { rule: "gas.H".into(), reason: String::new() };
    check(
        &mut full(),
        &[
            (wordless, "the reason is empty: write one", &[]),
            (put_back("gas.H"), "rule gas.H is not out of service", &[]),
            (take_out("gas.H"), "done", &["gas.H"]),
            (take_out("gas.H"), "rule gas.H is out of service already", &["gas.H"]),
            (put_back("tank.H"), "rule tank.H is not out of service", &["gas.H"]),
            (put_back("gas.H"), "done", &[]),
        ],
    );
}

#[test]
fn a_unit_is_stopped_and_resumed_once_and_for_a_year_at_most() {
    let resume = |unit: &str| CommandKind::ResumeUnit { unit: unit.into() };
    let most =
        "a stop that ends by itself lasts more than 0 and at most 366 days: choose another time, or leave it open";
    let unknown = "there is no unit pumps: use an id of the configuration in force";
    let mut site = suppressible();
    (site.rules[1].unit, site.rules[0].suppressed_by) = (Some(UnitIx(1)), Vec::new());
    let mut bench = Bench::of(site);
    check(
        &mut bench,
        &[
            (stop("unit", Some(0)), most, &[]),
            (stop("unit", Some(STOP_MAX_MS + 1)), most, &[]),
            (stop("pumps", None), unknown, &[]),
            (resume("unit"), "unit unit is not stopped", &[]),
            (stop("unit", Some(STOP_MAX_MS)), "done", &["tank.H"]),
            (stop("unit", None), "unit unit was stopped by op already: resume it first", &["tank.H"]),
            (stop("elsewhere", None), "done", &["tank.H", "gas.H"]),
            (resume("unit"), "done", &["gas.H"]),
            (resume("unit"), "unit unit is not stopped", &["gas.H"]),
            (resume("elsewhere"), "done", &[]),
        ],
    );
}

#[test]
fn nobody_hides_a_rule_on_which_lives_hang() {
    let mut site = suppressible();
    site.rules[0].never_hidden = true;
    let mut bench = Bench::of(site);
    let words = "lives hang on rule tank.H: it can be neither shelved nor taken out of service; silence the horn, and remove the cause";
    check(
        &mut bench,
        &[
            (shelve("tank.H", HOUR_MS, false), words, &[]),
            (take_out("tank.H"), words, &[]),
            (stop("unit", None), "done", &[]),
        ],
    );
}

/// Why an alarm is not reset, in each of its states, for one that latches and one that does not.
#[test]
fn only_what_is_latched_and_acknowledged_is_reset() {
    let never = "does not latch: acknowledge it, and it ends when its condition is gone";
    let holds = "still holds: it can be reset when its condition is gone";
    let hidden = "is hidden: let its rule annunciate again first";
    let raise = |latched| {
        let mut site = suppressible();
        site.rules[0].latched = latched;
        let mut bench = Bench::of(site);
        bench.link(Link::Up).at(1).value(TANK, 90.0);
        bench
    };
    let acknowledge = |bench: &mut Bench| {
        let alarm = bench.tank().id.clone();
        assert_eq!(bench.answer(CommandKind::AcknowledgeAlarm { alarm }), "done");
    };
    let refused = |bench: &mut Bench, words: &str| {
        let alarm = bench.tank().id.clone();
        assert_eq!(bench.answer(CommandKind::ResetAlarm { alarm: alarm.clone() }), format!("alarm {alarm} {words}"));
        assert_eq!(bench.tank().id, alarm);
    };
    for (latched, words) in [(false, never), (true, holds)] {
        let mut bench = raise(latched);
        refused(&mut bench, words);
        acknowledge(&mut bench);
        refused(&mut bench, words);
        for hide in [shelve("tank.H", HOUR_MS, false), take_out("tank.H"), stop("unit", None)] {
            let mut bench = raise(latched);
            bench.ask(hide);
            refused(&mut bench, hidden);
        }
    }
    refused(raise(false).value(TANK, 50.0), never);
    let mut bench = raise(true);
    refused(bench.value(TANK, 50.0), "is not acknowledged: acknowledge it first");
    acknowledge(&mut bench);
    let alarm = bench.tank().id.clone();
    assert_eq!(bench.answer(CommandKind::ResetAlarm { alarm: alarm.clone() }), "done");
    assert!(bench.engine.snapshot(bench.now.utc).alarms.is_empty());
    assert_eq!(bench.answer(CommandKind::ResetAlarm { alarm: alarm.clone() }), format!("alarm {alarm} is not open"));
}
