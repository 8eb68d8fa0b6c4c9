//! A warning that nobody handles gets worse: yellow after half an hour, orange after ten minutes more.

mod causes;
mod findings;
mod folding;
mod inspections;
mod plans;
mod suspicions;

use super::*;
use crate::{
    event::{Location, Reference, Shelving, TaskResult},
    record::{LevelReason, TaskRecord, WarningRecord},
};

/// The tank's alarm is medium, so its warning begins yellow; its measure asks for an inspection. Zone 0 is the unit's.
fn plant() -> Site {
    let mut site = site();
    site.measures = vec![Measure {
        id: "guard".into(),
        description: "guard".into(),
        event: RiskEventIx(0),
        automatic: true,
        inspection: Some(Inspection { content: "look".to_owned(), role: Role::Operation }),
        hazard_on_failure: false,
    }];
    (site.rules[0].priority, site.rules[0].measure) = (Priority::Medium, Some(MeasureIx(0)));
    site.rules.push(Rule { priority: Priority::Medium, ..rule("tank.HH", full(), Some(RiskEventIx(0))) });
    site.zones = vec![Zone { unit: Some(UnitIx(0)), ..Zone::new("yard", "yard") }];
    site.people = vec![Person::new("wang", "Wang", "card")];
    site
}

fn full() -> RuleKind {
    RuleKind::Limit { tag: TANK, limit: Limit { kind: LimitKind::HH, trip: 95.0, clear: 94.0 } }
}

fn raised() -> Bench {
    let mut bench = Bench::of(plant());
    bench.link(Link::Up).at(1).value(TANK, 90.0);
    bench
}

impl Bench {
    fn finish(&mut self, task: &TaskRecord, result: TaskResult, note: &str) -> &mut Self {
        self.ask(CommandKind::FinishTask {
            task: task.id.clone(),
            result,
            note: note.to_owned(),
            attachments: Vec::new(),
        })
    }

    /// Somebody takes the first of the open tasks.
    fn take(&mut self) -> &mut Self {
        let task = self.task().id;
        self.ask(CommandKind::AcceptTask { task, attachments: Vec::new() })
    }

    /// The first of the open tasks.
    fn task(&self) -> TaskRecord {
        self.engine.snapshot(self.now.utc).tasks.remove(0)
    }

    fn acknowledge_all(&mut self) -> &mut Self {
        for alarm in self.engine.snapshot(self.now.utc).alarms {
            self.ask(CommandKind::AcknowledgeAlarm { alarm: alarm.id.clone() });
        }
        self
    }

    fn step_clock(&mut self, seconds: i64) -> &mut Self {
        self.now.utc = UtcTime(self.now.utc.0 + seconds * 1000);
        self.apply(Event::Tick)
    }

    fn enters(&mut self) -> &mut Self {
        self.apply(Event::Locations(vec![Location {
            person: PersonIx(0),
            zone: Some(ZoneIx(0)),
            position: None,
            sos: false,
            battery_percent: None,
            source_time: None,
            received_time: self.now.utc,
        }]))
    }

    fn warning(&self) -> Option<std::sync::Arc<WarningRecord>> {
        self.engine.snapshot(self.now.utc).warnings.into_iter().next()
    }

    /// `raised yellow`, with `+n` for the steps that time has made it worse.
    fn warning_stands(&self) -> String {
        let Some(warning) = self.warning() else { return "none".to_owned() };
        let steps = if warning.unhandled_steps > 0 { format!(" +{}", warning.unhandled_steps) } else { String::new() };
        let listed = warning.level_reasons.contains(&LevelReason::Unhandled);
        assert_eq!(listed, warning.unhandled_steps > 0, "a step is listed as a reason: {warning:?}");
        format!("{:?} {:?}{steps}", warning.state, warning.level).to_lowercase()
    }

    /// How the first warning stands at each second.
    fn check(&mut self, rows: &[(u64, &str)]) -> &mut Self {
        for (second, expected) in rows {
            assert_eq!(self.at(*second).warning_stands(), *expected, "second {second}");
        }
        self
    }
}

fn photo(uri: &str) -> Reference {
    Reference { uri: uri.to_owned(), media_type: "image/jpeg".to_owned(), sha256: None }
}

#[test]
fn an_unhandled_warning_gets_worse_step_by_step_until_it_is_red() {
    let rows = [
        (1, "raised yellow"),
        (1_800, "raised yellow"),
        (1_801, "raised orange +1"),
        (2_400, "raised orange +1"),
        (2_401, "raised red +2"),
        (90_000, "raised red +2"),
    ];
    let mut bench = raised();
    bench.check(&rows);
    assert_eq!(bench.warning().unwrap().escalates_at, None, "nothing is worse than red");
}

#[test]
fn every_step_is_journaled_and_the_unit_shows_it() {
    let mut bench = raised();
    bench.at(1_800);
    bench.now = Now { monotonic: Monotonic(1_801_000), utc: bench.now.utc.after(1_000) };
    let mut out = Effects::default();
    bench.engine.apply(bench.now, Event::Tick, &mut out);
    let kinds: Vec<&str> = out.records.iter().map(Record::kind).collect();
    assert_eq!(kinds, ["warning", "unit"]);
    assert_eq!(bench.engine.snapshot(bench.now.utc).units[0].colour, RiskLevel::Orange);
}

#[test]
fn whoever_answers_stops_the_time_and_a_new_alarm_begins_it_anew() {
    let mut bench = raised();
    bench.at(1_700).acknowledge_all().check(&[(9_000, "acknowledged yellow")]);
    bench.value(TANK, 97.0).check(&[(10_799, "raised yellow"), (10_800, "raised orange +1")]);
    bench.acknowledge_all().check(&[(20_000, "acknowledged orange +1")]);

    let mut bench = raised();
    let task = bench.engine.snapshot(bench.now.utc).tasks[0].id.clone();
    bench.at(1_700).ask(CommandKind::AcceptTask { task, attachments: Vec::new() });
    bench.check(&[(9_000, "beinghandled yellow")]);
}

#[test]
fn what_is_over_before_its_time_does_not_get_worse() {
    let mut bench = raised();
    bench.at(1_700).value(TANK, 50.0).check(&[(5_000, "cleared yellow")]);
    bench.value(TANK, 90.0).check(&[(6_799, "raised yellow"), (6_800, "raised orange +1")]);
    bench.value(TANK, 50.0).acknowledge_all().check(&[(6_801, "none")]);
    bench.value(TANK, 90.0).check(&[(8_600, "raised yellow"), (8_601, "raised orange +1")]);
}

#[test]
fn time_begins_anew_when_the_warning_gets_worse_and_its_step_counts_beside_the_other_reasons() {
    let mut bench = raised();
    bench.at(1_700).enters().check(&[(1_700, "raised orange"), (2_299, "raised orange"), (2_300, "raised red +1")]);
    let mut bench = raised();
    bench.at(1_801).enters();
    assert_eq!(bench.warning_stands(), "raised red +1", "somebody goes where nobody answers");
    assert_eq!(bench.warning().unwrap().level_reasons.len(), 3);
}

#[test]
fn a_second_alarm_of_the_same_level_grants_no_delay() {
    let mut bench = raised();
    bench.at(1_700).value(TANK, 97.0).check(&[(1_800, "raised yellow"), (1_801, "raised orange +1")]);
}

#[test]
fn a_hidden_alarm_does_not_get_worse() {
    let mut bench = raised();
    let shelf = Shelving { for_ms: 3_600_000, one_shot: false, reason: "cleaned".to_owned() };
    bench.at(1_700).ask(CommandKind::ShelveRule { rule: "tank.H".into(), shelf });
    bench.check(&[(1_801, "none"), (5_299, "none"), (5_300, "raised yellow"), (7_100, "raised orange +1")]);
}

#[test]
fn the_time_goes_on_over_a_restart_whatever_the_clock_did_before() {
    let rows = [(1_800, "raised yellow"), (1_801, "raised orange +1"), (2_401, "raised red +2")];
    raised().at(1_000).restart().check(&rows);
    raised().at(1_000).restart_as(plant(), 300).check(&rows);
    for seconds in [3_600, -3_600, 56 * 365 * 86_400, -56 * 365 * 86_400] {
        raised().at(900).step_clock(seconds).at(1_000).restart().check(&rows);
    }
    raised().at(1_900).restart().check(&[(2_400, "raised orange +1"), (2_401, "raised red +2")]);
}

/// The clock is set while nobody looks: the time that is left is over at once or lasts once more, and never longer.
#[test]
fn a_clock_that_is_set_during_a_restart_neither_forgets_nor_forestalls_more_than_one_step() {
    let set = |seconds: i64| {
        let mut bench = raised();
        bench.at(1_000);
        bench.now.utc = UtcTime(bench.now.utc.0 + seconds * 1000);
        bench.restart();
        bench
    };
    set(3_600).check(&[(1_000, "raised orange +1"), (1_599, "raised orange +1"), (1_600, "raised red +2")]);
    set(-3_600).check(&[(2_799, "raised yellow"), (2_800, "raised orange +1")]);
}

#[test]
fn another_policy_holds_from_its_start_on() {
    let with = |yellow| {
        let mut site = plant();
        site.policy.escalate_after.yellow = yellow;
        site
    };
    let mut bench = raised();
    bench.at(1_000).restart_as(with(None), 0).check(&[(9_000, "raised yellow")]);
    assert_eq!(bench.warning().unwrap().escalates_at, None);
    bench.restart_as(with(Some(60_000)), 0).check(&[(9_059, "raised yellow"), (9_060, "raised orange +1")]);
    let mut bench = raised();
    bench.restart_as(with(Some(60_000)), 0).check(&[(60, "raised yellow"), (61, "raised orange +1")]);
}

#[test]
fn a_step_ends_the_silence_of_the_horn() {
    let mut site = plant();
    site.policy.horn_silence_ms = 3_600_000;
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(1).value(TANK, 90.0).at(100).ask(CommandKind::SilenceHorn);
    assert!(!bench.at(1_800).engine.annunciation().horn);
    assert!(bench.at(1_801).engine.annunciation().horn);
}

#[test]
fn a_silence_of_the_horn_ends_by_itself_to_the_second() {
    let mut bench = raised();
    bench.at(100).ask(CommandKind::SilenceHorn);
    let sounds = [100, 399, 400, 401].map(|second| bench.at(second).engine.annunciation().horn);
    assert_eq!(sounds, [false, false, true, true], "five minutes");

    // The gateway was away while it ended: the horn does not wait for the first event.
    let mut bench = raised();
    bench.at(100).ask(CommandKind::SilenceHorn).at(200);
    let horn_after = |away_ms| {
        let now = Now { monotonic: Monotonic(0), utc: bench.now.utc.after(away_ms) };
        Engine::restore(plant(), 1, bench.saved_state(), now).annunciation().horn
    };
    assert_eq!([199_999, 200_000, 200_001].map(horn_after), [false, true, true]);
}
