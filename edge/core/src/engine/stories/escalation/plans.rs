//! The inspection that falls due by a plan: what it says, when it is late, what ends it undone.

use super::*;
use crate::calendar::{CycleUnit, Schedule, WorkDays, WorkHours};

const HOUR_MS: u64 = 3_600_000;

/// A patrol at every full hour, with half an hour to do it.
fn patrolled() -> Bench {
    let mut site = plant();
    site.gateway.config_version = "v7".into();
    let schedule = Schedule {
        cycle: 1,
        unit: CycleUnit::Hour,
        start: UtcTime(1_795_392_000_000),
        hours: Some(WorkHours { start_ms: 0, end_ms: 24 * 3_600_000 }),
        days: WorkDays::Every,
    };
    site.plans = vec![Plan {
        id: "patrol".into(),
        measure: MeasureIx(0),
        content: "walk round".to_owned(),
        schedule,
        role: Role::Routine,
        duty_item: Some(3),
        tolerance_ms: Some(HOUR_MS / 2),
    }];
    let mut bench = Bench::of(site);
    bench.link(Link::Up);
    bench
}

fn open(bench: &Bench) -> Vec<(String, Role)> {
    let tasks = bench.engine.snapshot(bench.now.utc).tasks;
    tasks.iter().map(|task| (task.id.to_string(), task.role)).collect()
}

/// Every task as it ended.
fn ended(bench: &Bench) -> Vec<Value> {
    let tasks =
        bench.journal.iter().filter_map(|record| if let Record::Task(task) = record { Some(task) } else { None });
    tasks.filter(|task| !task.is_open()).map(says).collect()
}

#[test]
fn a_planned_task_says_which_occurrence_of_which_plan_it_is() {
    let mut bench = patrolled();
    assert_eq!(open(bench.at(3_599)), []);
    let expected = json!({
        "id": "patrol~1.2", "state": "issued", "origin": "plan", "content": "walk round", "role": "routine",
        "measure": "guard", "risk_event": "overflow", "unit": "unit",
        "plan": "patrol", "duty_item": 3, "planned_at": "2026-11-23T01:00:00.000Z",
        "issued_at": "2026-11-23T01:00:00.000Z", "due_at": "2026-11-23T01:30:00.000Z", "window_ms": 1_800_000,
        "config_version": "v7",
    });
    assert_eq!(says(&bench.at(3_600).task()), expected);
}

/// The gateway is off from 00:10 to 03:10: of the three that fell due the last one counts.
#[test]
fn what_fell_due_while_the_gateway_was_off_is_late() {
    let mut bench = patrolled();
    let site = bench.engine.site().clone();
    bench.at(600).restart_as(site, 3 * 3_600);
    let task = says(&bench.task());
    assert_eq!((&task["late"], &task["planned_at"]), (&json!(true), &json!("2026-11-23T03:00:00.000Z")));
    assert_eq!(
        (&task["issued_at"], &task["due_at"]),
        (&json!("2026-11-23T03:10:00.000Z"), &json!("2026-11-23T03:30:00.000Z"))
    );
    assert_eq!(open(&bench).len(), 1);
}

#[test]
fn what_nobody_took_is_closed_by_the_next_one_and_what_has_no_plan_any_more_too() {
    let mut bench = patrolled();
    bench.at(7_200);
    let closed = ended(&bench);
    let words = ["id", "state", "ended_at", "ended_because"].map(|key| closed[0][key].clone());
    assert_eq!(
        words,
        [json!("patrol~1.2"), json!("closed"), json!("2026-11-23T02:00:00.000Z"), json!("next occurrence")]
    );
    assert_eq!((closed.len(), bench.task().id.as_str()), (1, "patrol~1.3"));

    let mut site = bench.engine.site().clone();
    site.plans.clear();
    bench.restart_as(site, 0);
    let closed = ended(&bench).remove(1);
    let words = ["id", "state", "ended_at", "ended_because"].map(|key| closed[key].clone());
    assert_eq!(words, [json!("patrol~1.3"), json!("closed"), json!("2026-11-23T02:00:00.000Z"), json!("plan removed")]);
    assert_eq!(open(&bench), []);
}

/// Overdue by the wall clock, then one role up with each quarter of an hour, over a restart as without one.
#[test]
fn an_overdue_patrol_goes_up_by_its_own_time_over_a_restart_too() {
    for restart_at in [None, Some(3_700), Some(5_401), Some(6_301)] {
        let (mut bench, mut restarts) = (patrolled(), restart_at.into_iter().peekable());
        bench.at(3_600).take();
        for (second, expected) in [
            (5_399, (false, Role::Routine)),
            (5_400, (true, Role::Routine)),
            (6_299, (true, Role::Routine)),
            (6_300, (true, Role::Operation)),
            (7_199, (true, Role::Operation)),
            (7_200, (true, Role::Technical)),
        ] {
            if let Some(at) = restarts.next_if(|at| *at < second) {
                bench.at(at).restart();
            }
            let task = bench.at(second).task();
            assert_eq!((task.overdue, task.role), expected, "second {second}, restart at {restart_at:?}");
        }
    }
}

/// Nothing is due where nothing runs.
#[test]
fn a_patrol_in_a_stopped_unit_is_not_overdue_over_a_restart() {
    let mut bench = patrolled();
    bench.at(3_700);
    bench.ask(CommandKind::StopUnit { unit: "unit".into(), for_ms: None, reason: "repair".to_owned() });
    bench.at(3_800).restart();
    assert!(!bench.at(9_000).task().overdue);
    bench.ask(CommandKind::ResumeUnit { unit: "unit".into() });
    assert!(bench.at(9_100).task().overdue);
}

/// With an occurrence that waits to be inspected there is nothing to issue once more.
#[test]
fn what_could_not_be_patrolled_is_issued_again_unless_the_next_one_waits() {
    let mut bench = patrolled();
    bench.at(3_600).take();
    let first = bench.task();
    bench.at(4_000).finish(&first, TaskResult::CouldNot, "storm");
    assert_eq!(open(&bench), [("patrol~1.3".to_owned(), Role::Operation)]);

    let mut bench = patrolled();
    bench.at(3_600).take().at(7_200);
    assert_eq!(open(&bench).len(), 2);
    bench.finish(&first, TaskResult::CouldNot, "storm");
    assert_eq!(open(&bench), [("patrol~1.3".to_owned(), Role::Routine)]);
}
