//! Suspected hazards: what raises them, what they say, which failure is which hazard.

use super::*;
use crate::{limits::REASONS_MAX, record::HazardRecord};

/// A failure of the tank's measure is a suspicion, and so is what its inspection finds.
pub(super) fn suspicious() -> Site {
    let mut site = plant();
    site.gateway.config_version = "v7".into();
    site.measures[0].hazard_on_failure = true;
    site
}

pub(super) fn hazards(bench: &Bench) -> Vec<HazardRecord> {
    bench.engine.snapshot(bench.now.utc).hazards
}

fn full(site: Site) -> Bench {
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    bench
}

#[test]
fn a_measure_that_fails_is_a_suspected_hazard() {
    let bench = full(suspicious());
    let alarm = says(&*bench.engine.snapshot(bench.now.utc).alarms[0]);
    let expected = json!({
        "id": "guard~1.4", "state": "suspected", "origin": "measure_failure",
        "name": "管控措施失效：guard（tank.H）",
        "measure": "guard", "risk_event": "overflow", "unit": "unit",
        "warning": "overflow~1.2", "alarm": "tank.H~1.1", "rule": "tank.H", "trigger": alarm["trigger"],
        "suspected_at": "2026-11-23T00:00:01.000Z", "config_version": "v7",
    });
    assert_eq!(says(&hazards(&bench)[0]), expected);
}

#[test]
fn what_an_inspection_finds_is_one_in_the_words_of_whoever_found_it() {
    let mut site = suspicious();
    site.measures[0].hazard_on_failure = false;
    let mut bench = full(site);
    let task = bench.task();
    bench.at(21).finish(&task, TaskResult::HiddenDanger, "valve leaks");
    let expected = json!({
        "id": "guard~1.4", "state": "suspected", "origin": "task_finding", "name": "排查发现：valve leaks",
        "measure": "guard", "risk_event": "overflow", "unit": "unit",
        "warning": "overflow~1.2", "alarm": "tank.H~1.1", "rule": "tank.H", "trigger": says(&task)["trigger"],
        "task": task.id,
        "findings": [{ "task": task.id, "by": "op", "note": "valve leaks", "at": "2026-11-23T00:00:21.000Z" }],
        "suspected_at": "2026-11-23T00:00:21.000Z", "config_version": "v7",
    });
    assert_eq!(says(&hazards(&bench)[0]), expected);
    assert_eq!(hazards(bench.restart()).len(), 1);
}

/// The same rule again is the same hazard; another rule of the measure is another one.
#[test]
fn a_failure_that_comes_back_is_counted_and_one_of_another_rule_is_its_own() {
    let mut site = suspicious();
    let second = site.rules.iter_mut().find(|rule| rule.id.as_str() == "tank.HH").unwrap();
    second.measure = Some(MeasureIx(0));
    let mut bench = full(site);
    let rows = |bench: &Bench| {
        let row = |hazard: &HazardRecord| (hazard.rule.as_ref().unwrap().to_string(), hazard.recurrences);
        hazards(bench).iter().map(row).collect::<Vec<_>>()
    };
    let row = |rule: &str, recurrences| (rule.to_owned(), recurrences);
    assert_eq!(rows(&bench), [row("tank.H", 0)]);
    bench.value(TANK, 50.0).value(TANK, 90.0);
    assert_eq!(rows(&bench), [row("tank.H", 1)]);
    bench.value(TANK, 97.0).value(TANK, 50.0).acknowledge_all().value(TANK, 97.0);
    assert_eq!(rows(&bench), [row("tank.H", 2), row("tank.HH", 1)]);
    let saved: Value = serde_json::from_str(&bench.saved["hazard/guard~1.4"]).unwrap();
    assert_eq!(saved["recurrences"], 2, "it is written down");
}

/// Video is an initial screening: it warns and asks for an inspection, and makes no hazard alone.
#[test]
fn what_a_camera_sees_is_no_hazard() {
    let mut site = suspicious();
    let smoke = site.rules.iter_mut().find(|rule| rule.id.as_str() == "smoke").unwrap();
    (smoke.measure, smoke.threatens) = (Some(MeasureIx(0)), Some(RiskEventIx(0)));
    let mut bench = Bench::of(site);
    bench.at(1).smoke().at(2).smoke();
    assert_eq!((bench.told.as_slice(), bench.task().measure.as_str()), (&["2 smoke raised".to_owned()][..], "guard"));
    assert_eq!(hazards(&bench), []);
}

/// Further findings belong to the hazard that is open; of more than a list holds the first and the latest stay.
#[test]
fn every_inspection_that_finds_it_again_is_listed_until_the_list_is_full() {
    let mut bench = full(suspicious());
    let found = REASONS_MAX + 2;
    for nth in 0..found {
        let task = bench.task();
        bench.finish(&task, TaskResult::HiddenDanger, &format!("leak {nth}"));
        bench.value(TANK, 50.0).acknowledge_all().value(TANK, 90.0);
    }
    let hazard = hazards(&bench).remove(0);
    let notes: Vec<String> = hazard.findings.iter().map(|finding| finding.note.clone()).collect();
    let listed = std::iter::once(0).chain(found - REASONS_MAX + 1..found);
    assert_eq!(notes, listed.map(|nth| format!("leak {nth}")).collect::<Vec<_>>());
    assert_eq!((hazards(&bench).len(), hazard.task), (1, Some(hazard.findings[REASONS_MAX - 1].task.clone())));
}
