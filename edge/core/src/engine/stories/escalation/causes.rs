//! An open inspection and what comes while it is open: further causes, another warning, whoever takes it or calls it off.

use super::*;

/// The alarm of the tank's second limit asks for the same inspection.
fn doubly_guarded() -> Bench {
    let mut site = plant();
    let second = site.rules.iter_mut().find(|rule| rule.id.as_str() == "tank.HH").unwrap();
    second.measure = Some(MeasureIx(0));
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    bench
}

/// The same alarm again is a recurrence, another one of the same measure a further cause, each once.
#[test]
fn a_task_gathers_causes_and_counts_what_comes_again() {
    let mut bench = doubly_guarded();
    let causes = |bench: &Bench| {
        let task = bench.task();
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

/// Yellow gives an hour, orange half of one. The second alarm comes after so many seconds, with somebody inside or not.
#[test]
fn a_further_cause_leaves_a_task_its_time_or_makes_it_shorter() {
    for (second, somebody_inside, due, window_s) in [
        (100, false, 3_601, 3_600),
        (100, true, 1_900, 1_800),
        (1_700, true, 3_500, 1_800),
        (1_801, true, 3_601, 3_600),
        (3_000, true, 3_601, 3_600),
    ] {
        let mut bench = doubly_guarded();
        let begin = bench.now.utc;
        bench.acknowledge_all().at(second);
        if somebody_inside {
            bench.enters();
        }
        bench.value(TANK, 97.0);
        let task = bench.task();
        assert_eq!(task.causes.len(), 1);
        assert_eq!((task.due_at.since(begin) / 1000 + 1, task.window_ms / 1000), (due as i64, window_s));
        assert_eq!([due - 1, due].map(|second| bench.at(second).task().overdue), [false, true], "after {second} s");
        let up = due + window_s / 2;
        assert_eq!([up - 1, up].map(|second| bench.at(second).task().escalations), [0, 1], "after {second} s");
    }
}

#[test]
fn what_is_overdue_already_stays_so() {
    let mut bench = doubly_guarded();
    bench.acknowledge_all().at(3_700).enters().value(TANK, 97.0);
    let task = bench.task();
    assert_eq!((task.overdue, task.due_at.since(task.issued_at), task.window_ms), (true, 3_600_000, 3_600_000));
    assert_eq!([5_400, 5_401].map(|second| bench.at(second).task().escalations), [0, 1]);
}

#[test]
fn each_warning_that_a_task_is_about_names_it() {
    let mut bench = raised();
    let (task, first) = (bench.task(), bench.warning().unwrap());
    assert_eq!((&first.tasks, task.warning), (&vec![task.id.clone()], Some(first.id.clone())));
    bench.value(TANK, 50.0).acknowledge_all().value(TANK, 90.0);
    let (task, second) = (bench.task(), bench.warning().unwrap());
    assert!(second.id != first.id);
    assert_eq!((&second.tasks, task.warning), (&vec![task.id.clone()], Some(second.id.clone())));
}

#[test]
fn a_task_is_taken_once_and_its_warning_is_handled_until_it_is_over() {
    let accept = |bench: &Bench| CommandKind::AcceptTask { task: bench.task().id, attachments: Vec::new() };
    let mut bench = raised();
    let task = bench.task();
    assert_eq!(bench.answer(accept(&bench)), "done");
    assert_eq!(bench.warning_stands(), "beinghandled yellow");
    let taken = bench.task();
    assert_eq!((taken.accepted_by.as_deref(), taken.accepted_at), (Some("op"), Some(bench.now.utc)));
    assert_eq!(bench.answer(accept(&bench)), format!("task {} was accepted by op", task.id));
    bench.finish(&task, TaskResult::Normal, "");
    assert_eq!(bench.warning_stands(), "raised yellow");

    let mut bench = raised();
    bench.take();
    let cancel = CommandKind::CancelTask { task: task.id.clone(), reason: "stopped".to_owned() };
    assert_eq!(bench.answer(cancel.clone()), "done");
    assert_eq!(bench.warning_stands(), "raised yellow");
    let over = format!("task {} is not open", task.id);
    assert_eq!(bench.answer(cancel), over);
    let accept = CommandKind::AcceptTask { task: task.id.clone(), attachments: Vec::new() };
    assert_eq!(bench.answer(accept), over);
    assert_eq!(bench.answer(CommandKind::AddAttachment { task: task.id.clone(), attachment: photo("door") }), over);
    let (task, result, note) = (task.id, TaskResult::Normal, String::new());
    assert_eq!(bench.answer(CommandKind::FinishTask { task, result, note, attachments: Vec::new() }), over);
}

/// The gas alarm has an inspection of its own, for the unit's second event.
#[test]
fn a_task_touches_the_warning_of_its_own_event_alone() {
    let mut site = plant();
    site.measures.push(Measure { id: "sniff".into(), event: RiskEventIx(1), ..site.measures[0].clone() });
    (site.rules[1].measure, site.rules[1].priority) = (Some(MeasureIx(1)), Priority::Medium);
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0).value(GAS, 90.0);
    let warnings = |bench: &Bench| {
        let warnings = bench.engine.snapshot(bench.now.utc).warnings;
        let row = |warning: &std::sync::Arc<WarningRecord>| {
            (warning.risk_event.to_string(), warning.state, warning.tasks.len())
        };
        warnings.iter().map(row).collect::<Vec<_>>()
    };
    let row = |event: &str, state, tasks| (event.to_owned(), state, tasks);
    let gas = bench.engine.snapshot(bench.now.utc).tasks.into_iter().find(|task| task.measure.as_str() == "sniff");
    let gas = gas.unwrap();
    bench.ask(CommandKind::AcceptTask { task: gas.id.clone(), attachments: Vec::new() });
    let (raised, handled) = (WarningState::Raised, WarningState::BeingHandled);
    assert_eq!(warnings(&bench), [row("overflow", raised, 1), row("leak", handled, 1)]);
    bench.finish(&gas, TaskResult::CouldNot, "locked");
    assert_eq!(warnings(&bench), [row("overflow", raised, 1), row("leak", raised, 2)]);
}

#[test]
fn a_rule_over_overdue_inspections_looks_at_its_unit_and_its_role() {
    let mut site = plant();
    let unit = site.units[0].clone();
    site.units.push(Unit { id: "elsewhere".into(), ..unit });
    for (id, unit, role) in [
        ("any", None, None),
        ("here", Some(UnitIx(0)), None),
        ("there", Some(UnitIx(1)), None),
        ("operation", None, Some(Role::Operation)),
        ("technical", Some(UnitIx(0)), Some(Role::Technical)),
    ] {
        let late =
            Rule { priority: Priority::Low, ..rule(id, RuleKind::InspectionOverdue(OverdueRule { unit, role }), None) };
        site.rules.push(late);
    }
    let play = |ends: fn(&mut Bench, &TaskRecord)| {
        let mut bench = Bench::of(site.clone());
        bench.link(Link::Up).at(1).value(TANK, 90.0).at(5_500);
        let task = bench.task();
        ends(bench.at(6_000), &task);
        bench.told.retain(|told| !told.contains("tank") && !told.contains("stale"));
        bench.told
    };
    let expected = [
        "3601 any raised",
        "3601 here raised",
        "3601 operation raised",
        "5401 operation over",
        "5401 technical raised",
        "6000 any over",
        "6000 here over",
        "6000 technical over",
    ];
    let cancel = |bench: &mut Bench, task: &TaskRecord| {
        bench.ask(CommandKind::CancelTask { task: task.id.clone(), reason: "stopped".to_owned() });
    };
    assert_eq!(play(cancel), expected);
    assert_eq!(play(|bench, task| _ = bench.finish(task, TaskResult::Normal, "")), expected);
}
