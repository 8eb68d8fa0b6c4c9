//! Inspections that are overdue, by unit and by the role that they wait for.

use super::*;
use crate::event::TaskResult;

const UNITS: usize = 2;
const DUE_S: u64 = 100;
/// Half of the time, and no less than a minute.
const STEP_S: u64 = 60;

#[derive(Clone, Copy, Debug)]
enum Word {
    /// The measure of a unit fails or is well again.
    Fails(usize, bool),
    Inspected(usize),
    CouldNot(usize),
    Cancelled(usize),
}

type Told = [(u64, Word)];

/// The open inspection of a unit: since when, from which role it went up, and whether it is asked for a second time.
fn open(told: &Told, unit: usize) -> Option<(u64, usize, bool)> {
    let (mut failed, mut open) = (false, None);
    for (at_s, word) in told {
        match *word {
            Word::Fails(which, fails) if which == unit => {
                if fails && !failed && open.is_none() {
                    open = Some((*at_s, 0, false));
                }
                failed = fails;
            }
            Word::CouldNot(which) if which == unit => {
                open = open.filter(|(_, _, again)| !again).map(|task| (*at_s, (role(task, *at_s) + 1).min(2), true));
            }
            Word::Inspected(which) | Word::Cancelled(which) if which == unit => open = None,
            Word::Fails(..) | Word::CouldNot(_) | Word::Inspected(_) | Word::Cancelled(_) => {}
        }
    }
    open
}

/// How many roles above the lowest it waits: one more with each step after it was due.
fn role((since_s, from, _): (u64, usize, bool), now_s: u64) -> usize {
    let late_s = (now_s - since_s).saturating_sub(DUE_S);
    (from + usize::try_from(late_s / STEP_S).unwrap()).min(2)
}

const ROLES: [Role; 3] = [Role::Operation, Role::Technical, Role::Principal];

fn rules() -> Vec<(Option<usize>, Option<usize>)> {
    vec![(None, None), (Some(0), None), (Some(1), None), (None, Some(0)), (None, Some(1)), (Some(1), Some(2))]
}

fn says(told: &Told, now_s: u64, (of_unit, of_role): (Option<usize>, Option<usize>)) -> bool {
    (0..UNITS).filter(|unit| of_unit.is_none_or(|only| only == *unit)).any(|unit| {
        open(told, unit)
            .is_some_and(|task| now_s - task.0 >= DUE_S && of_role.is_none_or(|only| only == role(task, now_s)))
    })
}

fn plant() -> Site {
    let mut site = site();
    let tag = Tag { stale_after_ms: None, ..site.tags[0].clone() };
    let limit = Limit { kind: LimitKind::H, trip: 80.0, clear: 80.0 };
    site.tags = (0..UNITS).map(|at| Tag { id: format!("t{at}").as_str().into(), ..tag.clone() }).collect();
    site.units = (0..UNITS).map(|at| Unit { id: format!("u{at}").as_str().into(), ..site.units[0].clone() }).collect();
    site.events = (0..UNITS)
        .map(|at| RiskEvent { id: format!("e{at}").as_str().into(), unit: UnitIx::from(at), ..site.events[0].clone() })
        .collect();
    let measure = |at: usize| Measure {
        id: format!("m{at}").as_str().into(),
        description: "guard".into(),
        event: RiskEventIx::from(at),
        automatic: true,
        inspection: Some(Inspection { content: "look".to_owned(), role: Role::Operation }),
        hazard_on_failure: false,
    };
    site.measures = (0..UNITS).map(measure).collect();
    let limits = (0..UNITS).map(|at| Rule {
        measure: Some(MeasureIx::from(at)),
        ..rule(&format!("t{at}"), RuleKind::Limit { tag: TagIx::from(at), limit }, None)
    });
    let overdue = rules().into_iter().enumerate().map(|(at, (unit, role))| {
        let overdue = OverdueRule { unit: unit.map(UnitIx::from), role: role.map(|at| ROLES[at]) };
        rule(&format!("{at}"), RuleKind::InspectionOverdue(overdue), None)
    });
    site.rules = limits.chain(overdue).collect();
    let due_ms = DUE_S * 1000;
    site.policy.task_due_ms = ByLevel { red: due_ms, orange: due_ms, yellow: due_ms, blue: due_ms };
    site
}

fn word() -> impl Strategy<Value = Word> {
    let unit = || 0..UNITS;
    prop_oneof![
        5 => (unit(), any::<bool>()).prop_map(|(unit, fails)| Word::Fails(unit, fails)),
        1 => unit().prop_map(Word::Inspected),
        2 => unit().prop_map(Word::CouldNot),
        1 => unit().prop_map(Word::Cancelled),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn overdue_inspections_follow_from_the_history(
        steps in prop::collection::vec((prop_oneof![4 => 0..20_u64, 4 => 20..130_u64], word()), 1..25),
    ) {
        let mut bench = Bench::of(plant());
        bench.link(Link::Up);
        let (mut told, mut now_s) = (Vec::new(), 0);
        let look = |bench: &Bench, told: &Told, now_s: u64| {
            let expected = rules().into_iter().enumerate().filter(|(_, rule)| says(told, now_s, *rule));
            let expected: Vec<String> = expected.map(|(at, _)| format!("{at}")).collect();
            let mut active = bench.active();
            active.retain(|id| !id.starts_with('t'));
            prop_assert_eq!(active, expected, "at {} of {:?}", now_s, told);
            Ok(())
        };
        for (after_s, word) in steps {
            for _ in 0..after_s {
                now_s += 1;
                bench.at(now_s);
                look(&bench, &told, now_s)?;
            }
            let tasks = bench.engine.snapshot(bench.now.utc).tasks;
            let task = |unit: usize| {
                let task = tasks.iter().find(|task| task.unit.as_str() == format!("u{unit}"));
                task.map_or_else(|| "none~1.1".into(), |task| task.id.clone())
            };
            let finish = |unit: usize, result| CommandKind::FinishTask {
                task: task(unit), result, note: "seen".to_owned(), attachments: Vec::new(),
            };
            match word {
                Word::Fails(unit, fails) => bench.value(TagIx::from(unit), if fails { 90.0 } else { 50.0 }),
                Word::Inspected(unit) => bench.ask(finish(unit, TaskResult::Normal)),
                Word::CouldNot(unit) => bench.ask(finish(unit, TaskResult::CouldNot)),
                Word::Cancelled(unit) => {
                    bench.ask(CommandKind::CancelTask { task: task(unit), reason: "not needed".to_owned() })
                }
            };
            told.push((now_s, word));
            look(&bench, &told, now_s)?;
        }
    }
}
