//! The inspection that a warning asks for: what it says, when it is overdue, whom it goes to then, what hangs on it.

use super::*;
use crate::limits::ATTACHMENTS_MAX;

#[test]
fn a_task_says_why_and_until_when() {
    let mut site = plant();
    site.gateway.config_version = "v7".into();
    site.measures[0].inspection = Some(Inspection { content: "look".to_owned(), role: Role::Technical });
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    let alarm = says(&*bench.engine.snapshot(bench.now.utc).alarms[0]);
    let expected = json!({
        "id": "guard~1.3", "state": "issued", "origin": "warning", "content": "look", "role": "technical",
        "measure": "guard", "risk_event": "overflow", "unit": "unit",
        "warning": "overflow~1.2", "alarm": "tank.H~1.1", "rule": "tank.H", "trigger": alarm["trigger"],
        "issued_at": "2026-11-23T00:00:01.000Z", "due_at": "2026-11-23T01:00:01.000Z", "window_ms": 3_600_000,
        "config_version": "v7",
    });
    assert_eq!(says(&bench.task()), expected);
}

/// Whether the first task is overdue, whom it waits for and how often it went up, at each second.
fn check(bench: &mut Bench, rows: &[(u64, (bool, Role, u32))]) {
    for (second, expected) in rows {
        let task = bench.at(*second).task();
        assert_eq!((task.overdue, task.role, task.escalations), *expected, "second {second}");
        assert_eq!(task.escalated_from.is_some(), task.escalations > 0);
    }
}

/// Due after an hour, because the warning was yellow then; from then on one role up with each half hour.
const ROLE_BY_ROLE: [(u64, (bool, Role, u32)); 7] = [
    (3_600, (false, Role::Operation, 0)),
    (3_601, (true, Role::Operation, 0)),
    (5_400, (true, Role::Operation, 0)),
    (5_401, (true, Role::Technical, 1)),
    (7_200, (true, Role::Technical, 1)),
    (7_201, (true, Role::Principal, 2)),
    (90_000, (true, Role::Principal, 2)),
];

#[test]
fn a_task_that_nobody_does_goes_up_role_by_role() {
    check(&mut raised(), &ROLE_BY_ROLE);
}

#[test]
fn the_part_of_its_time_after_which_a_task_goes_up_is_the_policy() {
    let mut site = plant();
    site.policy.overdue_step_percent = 25;
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    let step = |second, role, escalations| (second, (true, role, escalations));
    check(&mut bench, &[step(3_601, Role::Operation, 0), step(4_500, Role::Operation, 0)]);
    bench.restart();
    check(&mut bench, &[step(4_501, Role::Technical, 1), step(5_401, Role::Principal, 2)]);
}

#[test]
fn a_restart_puts_no_step_off_and_none_forward() {
    for (second, done) in [(1_000, 0), (3_601, 1), (4_000, 2), (5_500, 4), (8_000, 6)] {
        let mut bench = raised();
        bench.at(second).restart();
        check(&mut bench, &ROLE_BY_ROLE[done..]);
    }
}

/// The clock is set back while nobody looks: what is left lasts once more, and never longer.
#[test]
fn a_clock_that_is_set_back_during_a_restart_puts_off_no_more_than_one_step() {
    let set_back_at = |second| {
        let mut bench = raised();
        bench.at(second);
        bench.now.utc = UtcTime(bench.now.utc.0 - 86_400_000);
        bench.restart();
        bench
    };
    check(&mut set_back_at(1_000), &[(4_599, (false, Role::Operation, 0)), (4_600, (true, Role::Operation, 0))]);
    check(&mut set_back_at(4_000), &[(5_799, (true, Role::Operation, 0)), (5_800, (true, Role::Technical, 1))]);
}

/// Rows of older versions do not say how long a task may take: it is what lies between its times.
#[test]
fn a_task_of_an_older_version_has_its_time_all_the_same() {
    let mut bench = raised();
    bench.at(1_000);
    let row = bench.saved.iter_mut().find(|(key, _)| key.starts_with("task/")).unwrap().1;
    let mut task: Value = serde_json::from_str(row).unwrap();
    assert_eq!(task.as_object_mut().unwrap().remove("window_ms"), Some(json!(3_600_000)));
    *row = task.to_string();
    bench.restart();
    check(&mut bench, &ROLE_BY_ROLE[..5]);
    let task = bench.task();
    let again = bench.finish(&task, TaskResult::CouldNot, "locked").task();
    assert_eq!((again.window_ms, again.due_at.since(again.issued_at)), (3_600_000, 3_600_000));
}

/// Whoever stands above has all the time once more, and nothing of what was noted before.
#[test]
fn what_could_not_be_inspected_is_asked_of_the_role_above_once() {
    let mut bench = raised();
    let first = bench.task();
    bench.at(5_500).ask(CommandKind::AcceptTask { task: first.id.clone(), attachments: vec![photo("door")] });
    bench.at(6_000).finish(&first, TaskResult::CouldNot, "locked");
    let again = bench.task();
    let expected = TaskRecord {
        id: again.id.clone(),
        role: Role::Principal,
        escalated_from: Some(Role::Operation),
        reissue_of: Some(first.id.clone()),
        issued_at: bench.now.utc,
        due_at: bench.now.utc.after(3_600_000),
        ..first.clone()
    };
    assert_eq!(again, expected);
    assert!(again.id != first.id);
    assert_eq!(bench.warning().unwrap().tasks, [first.id, again.id.clone()]);
    assert!(!bench.at(9_599).task().overdue && bench.at(9_600).task().overdue, "it is due as any other");
    bench.finish(&again, TaskResult::CouldNot, "locked still");
    assert!(bench.engine.snapshot(bench.now.utc).tasks.is_empty());
}

/// The one above is asked, or nobody else where nobody stands above; who was asked first stays on record.
#[test]
fn what_could_not_be_inspected_says_whom_it_came_from() {
    use Role::{Operation, Principal, Technical};
    for (role, second, expected) in [
        (Operation, 1_000, (Technical, Some(Operation))),
        (Operation, 5_500, (Principal, Some(Operation))),
        (Operation, 7_300, (Principal, Some(Operation))),
        (Technical, 1_000, (Principal, Some(Technical))),
        (Principal, 1_000, (Principal, None)),
    ] {
        let mut site = plant();
        site.measures[0].inspection = Some(Inspection { content: "look".to_owned(), role });
        let mut bench = Bench::of(site);
        let task = bench.link(Link::Up).at(1).value(TANK, 90.0).at(second).task();
        let again = bench.finish(&task, TaskResult::CouldNot, "locked").task();
        assert_eq!((again.role, again.escalated_from), expected, "{role:?} after {second} s");
    }
}

#[test]
fn what_is_attached_stays_with_who_attached_it() {
    let mut bench = raised();
    let attachment = photo("photo:1");
    let task = bench.task().id;
    bench.at(60).ask(CommandKind::AddAttachment { task, attachment });
    let attached = bench.task().attachments.remove(0);
    assert_eq!((attached.uri.as_str(), attached.by.as_str(), attached.at), ("photo:1", "op", bench.now.utc));
}

#[test]
fn a_task_holds_so_many_attachments_and_no_more() {
    let mut bench = raised();
    let task = bench.task().id;
    let photos = |count| vec![photo("door"); count];
    let full = format!("task {task} has {ATTACHMENTS_MAX} attachments at most");
    for (count, expected) in [(ATTACHMENTS_MAX, full.as_str()), (ATTACHMENTS_MAX - 1, "done")] {
        let mut bench = raised();
        assert_eq!(bench.answer(CommandKind::AddAttachment { task: task.clone(), attachment: photo("door") }), "done");
        let accept = CommandKind::AcceptTask { task: task.clone(), attachments: photos(count) };
        assert_eq!(bench.answer(accept), expected);
        let finish = CommandKind::FinishTask {
            task: task.clone(),
            result: TaskResult::Normal,
            note: String::new(),
            attachments: photos(count),
        };
        assert_eq!(bench.answer(finish), full);
    }
    for nth in 0..=ATTACHMENTS_MAX {
        let attach = CommandKind::AddAttachment { task: task.clone(), attachment: photo("door") };
        assert_eq!(bench.answer(attach), if nth < ATTACHMENTS_MAX { "done" } else { &full }, "{nth} before it");
    }
}

#[test]
fn an_attachment_is_an_address_a_media_type_and_perhaps_a_digest() {
    let (long, short) = ("0123456789abcdefABCDEF".repeat(3)[..64].to_owned(), "ab".repeat(31));
    let digest = Some(long.as_str());
    let (bad_type, bad_digest) = ("media type is not one", "sha256 is not 64 hexadecimal digits");
    for (uri, media_type, sha256, expected) in [
        ("photo:1", "image/jpeg", None, "done"),
        ("photo:1", "image/jpeg", digest, "done"),
        ("photo:1", "application/vnd.ms-excel", None, "done"),
        ("photo:1", "image/x+y_z.1!#$&-^", None, "done"),
        ("", "image/jpeg", None, "uri is empty"),
        ("photo\n1", "image/jpeg", None, "control character"),
        ("photo:1", "", None, "media type is empty"),
        ("photo:1", "jpeg", None, bad_type),
        ("photo:1", "image/", None, bad_type),
        ("photo:1", "/jpeg", None, bad_type),
        ("photo:1", "image/jp eg", None, bad_type),
        ("photo:1", "im age/jpeg", None, bad_type),
        ("photo:1", "image/jpeg", Some(&short), bad_digest),
        ("photo:1", "image/jpeg", Some(&long[1..]), bad_digest),
        ("photo:1", "image/jpeg", Some(&long.replace('a', "g")), bad_digest),
    ] {
        let mut bench = raised();
        let attachment =
            Reference { uri: uri.to_owned(), media_type: media_type.to_owned(), sha256: sha256.map(str::to_owned) };
        let answer = bench.answer(CommandKind::AddAttachment { task: bench.task().id, attachment });
        assert!(answer.contains(expected), "{uri:?} {media_type:?} {sha256:?}: {answer}");
        assert_eq!(bench.task().attachments.len(), usize::from(expected == "done"));
    }
}
