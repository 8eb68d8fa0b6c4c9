//! The inspection that a warning asks for: what it says, when it is overdue, whom it goes to then.

use super::*;
use crate::{
    event::Reference,
    record::{TaskOrigin, TaskRecord, TaskState},
};

fn task(bench: &Bench) -> TaskRecord {
    bench.engine.snapshot(bench.now.utc).tasks.remove(0)
}

#[test]
fn a_task_says_why_and_until_when() {
    let bench = raised();
    let (task, warning) = (task(&bench), bench.warning().unwrap());
    let alarm = bench.engine.snapshot(bench.now.utc).alarms.remove(0);
    assert_eq!((task.origin, task.state, task.role), (TaskOrigin::Warning, TaskState::Issued, Role::Operation));
    assert_eq!((task.content.as_str(), task.measure.as_str()), ("look", "guard"));
    assert_eq!((&task.risk_event, &task.unit), (&warning.risk_event, &warning.unit));
    assert_eq!(
        (task.warning, task.alarm, task.rule),
        (Some(warning.id.clone()), Some(alarm.id.clone()), Some(alarm.rule.clone()))
    );
    assert_eq!((task.trigger, task.config_version), (Some(alarm.trigger.clone()), alarm.config_version.clone()));
    let yellow_ms = 3_600_000;
    assert_eq!((task.window_ms, task.due_at.since(task.issued_at)), (yellow_ms, 3_600_000));
}

/// Due after an hour, because the warning was yellow then; from then on one role up with each half hour.
#[test]
fn a_task_that_nobody_does_goes_up_role_by_role() {
    let mut bench = raised();
    for (second, expected) in [
        (3_600, (false, Role::Operation, 0)),
        (3_601, (true, Role::Operation, 0)),
        (5_400, (true, Role::Operation, 0)),
        (5_401, (true, Role::Technical, 1)),
        (7_200, (true, Role::Technical, 1)),
        (7_201, (true, Role::Principal, 2)),
        (90_000, (true, Role::Principal, 2)),
    ] {
        let task = task(bench.at(second));
        assert_eq!((task.overdue, task.role, task.escalations), expected, "second {second}");
        assert_eq!(task.escalated_from.is_some(), task.escalations > 0);
    }
}

/// The same alarm again is a recurrence, another one of the same measure a further cause, each once.
#[test]
fn a_task_gathers_causes_and_counts_what_comes_again() {
    let mut site = plant();
    site.rules
        .iter_mut()
        .filter(|rule| rule.id.as_str() == "tank.HH")
        .for_each(|rule| rule.measure = Some(MeasureIx(0)));
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    let causes = |bench: &Bench| {
        let task = task(bench);
        (task.causes.iter().map(|cause| cause.rule.to_string()).collect::<Vec<_>>(), task.recurrences)
    };
    assert_eq!(causes(&bench), (vec![], 0));
    bench.value(TANK, 97.0);
    assert_eq!(causes(&bench), (vec!["tank.HH".to_owned()], 0));
    bench.value(TANK, 90.0).value(TANK, 97.0);
    assert_eq!(causes(&bench), (vec!["tank.HH".to_owned()], 1));
    bench.value(TANK, 50.0).acknowledge_all().value(TANK, 90.0);
    assert_eq!(causes(&bench), (vec!["tank.HH".to_owned()], 2));
}

#[test]
fn what_is_attached_stays_with_who_attached_it() {
    let mut bench = raised();
    let id = task(&bench).id;
    let attachment = Reference { uri: "photo:1".to_owned(), media_type: "image/jpeg".to_owned(), sha256: None };
    bench.at(60).ask(CommandKind::AddAttachment { task: id, attachment });
    let attached: Vec<_> =
        task(&bench).attachments.into_iter().map(|one| (one.uri, one.by, one.at.since(bench.now.utc))).collect();
    assert_eq!(attached, [("photo:1".to_owned(), "op".to_owned(), 0)]);
}
