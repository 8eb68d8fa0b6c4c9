//! Journals counted by hand, the engine's own journal, and random journals against a count second by second.

use super::*;
use crate::{
    Engine,
    effect::Effects,
    event::*,
    model::*,
    quality::Quality,
    time::{Monotonic, Now},
};
use rand::{Rng, SeedableRng, rngs::SmallRng};

/// 2026-11-23 is a Monday.
fn local(text: &str) -> UtcTime {
    UtcTime::parse(&format!("2026-11-{text}:00+08:00")).unwrap()
}

fn site() -> Site {
    let unit =
        |id: &str| Unit { id: id.into(), name: id.into(), object_name: "object".to_owned(), assessed: RiskLevel::Red };
    let measure = |id: &str, automatic| Measure {
        id: id.into(),
        description: id.into(),
        event: RiskEventIx(0),
        automatic,
        inspection: Some(Inspection { content: "look".to_owned(), role: Role::Operation }),
        hazard_on_failure: true,
    };
    let rule = |id: &str, tag, measure| Rule {
        id: id.into(),
        name: id.into(),
        unit: Some(UnitIx(0)),
        measure,
        threatens: None,
        priority: Priority::High,
        on_delay_ms: 0,
        off_delay_ms: 0,
        guidance: "".into(),
        latched: false,
        never_hidden: false,
        suppressed_by: Vec::new(),
        kind: RuleKind::Limit { tag, limit: Limit { kind: LimitKind::H, trip: 80.0, clear: 79.0 } },
    };
    let tag = |id: &str| Tag {
        id: id.into(),
        name: id.into(),
        engineering_unit: "%".into(),
        source: SourceIx(0),
        unit: None,
        range: None,
        stale_after_ms: None,
    };
    Site {
        sources: vec![Source { id: "dcs".into(), name: "DCS".to_owned(), kind: SourceKind::OpcUa }],
        tags: vec![tag("a"), tag("b")],
        units: vec![unit("U1"), unit("U2")],
        events: vec![RiskEvent { id: "E1".into(), name: "E1".into(), unit: UnitIx(0) }],
        measures: vec![measure("M1", true), measure("M2", true), measure("M3", false)],
        rules: vec![rule("a.H", TagIx(0), Some(MeasureIx(0))), rule("b.H", TagIx(1), None)],
        ..Site::default()
    }
}

/// A gateway whose journal is counted as it is written.
struct Story {
    engine: Engine,
    now: Now,
    journal: Vec<(UtcTime, Record)>,
}

impl Story {
    fn begin(time: &str) -> Self {
        let now = Now { monotonic: Monotonic(0), utc: local(time) };
        let story = Self { engine: Engine::new(site(), 1, now), now, journal: Vec::new() };
        story.tell(Event::Started).tell(Event::Source(SourceIx(0), Link::Up))
    }

    fn tell(mut self, event: Event) -> Self {
        let mut out = Effects::default();
        self.engine.apply(self.now, event, &mut out);
        self.journal.extend(out.records.into_iter().map(|record| (self.now.utc, record)));
        self
    }

    fn at(mut self, time: &str) -> Self {
        let until = local(time);
        let moment = |now: Now| now.monotonic.after(u64::try_from(until.since(now.utc)).unwrap());
        while let Some(due) = self.engine.next_deadline().filter(|due| *due <= moment(self.now)) {
            self.now = Now { monotonic: due, utc: self.now.utc_at(due) };
            self = self.tell(Event::Tick);
        }
        self.now = Now { monotonic: moment(self.now), utc: until };
        self
    }

    fn value(self, tag: u32, value: f64) -> Self {
        let utc = self.now.utc;
        let sample = Sample { tag: TagIx(tag), value, quality: Quality::GOOD, source_time: None, received_time: utc };
        self.tell(Event::Samples(vec![sample]))
    }

    fn ask(self, kind: CommandKind) -> Self {
        self.tell(Event::Command(Command { request: 1, by: "op".to_owned(), kind }))
    }

    fn acknowledge(self, rule: &str) -> Self {
        let alarms = self.engine.snapshot(self.now.utc).alarms;
        let alarm = alarms.into_iter().find(|alarm| alarm.rule.as_str() == rule).unwrap().id.clone();
        self.ask(CommandKind::AcknowledgeAlarm { alarm })
    }

    fn report(&self, days: u32) -> Report {
        let present = self.engine.snapshot(self.now.utc).measures;
        fold(&self.journal).report(days, &present, self.now.utc)
    }
}

fn fold(journal: &[(UtcTime, Record)]) -> Indicators {
    let mut indicators = Indicators::new(&site());
    journal.iter().for_each(|(utc, record)| indicators.take(record, *utc));
    indicators
}

fn spells_of(report: &Report, measure: &str) -> Spells {
    report.measures.iter().find(|row| row.measure.as_str() == measure).unwrap().spells
}

const MINUTE_MS: u64 = 60_000;

/// Monday 08:00 to 18:00, ten hours. `a.H`: 09:00–09:30 acknowledged after 5 min, 10:00–10:10 after 20 min, 17:00 on, not
/// at all. `b.H`: 09:15–10:05, acknowledged at once. So something is active 09:00–10:10 and 17:00–18:00.
fn monday() -> Story {
    let story = Story::begin("23T08:00").value(0, 50.0).value(1, 50.0).at("23T09:00").value(0, 90.0);
    let story = story.at("23T09:05").acknowledge("a.H").at("23T09:15").value(1, 90.0).acknowledge("b.H");
    let story = story.at("23T09:30").value(0, 50.0).at("23T10:00").value(0, 90.0).at("23T10:05").value(1, 50.0);
    let story = story.at("23T10:10").value(0, 50.0).at("23T10:20").acknowledge("a.H");
    story.at("23T17:00").value(0, 90.0).at("23T18:00")
}

#[test]
fn the_four_indicators_of_a_day_counted_by_hand() {
    let report = monday().report(1);
    let four = report.site.indicators;
    assert_eq!(four.disturbance_rate, Some(130.0 / 600.0), "70 and 60 of 600 minutes");
    assert_eq!((four.alarms, four.repeated_alarms), (4, 2), "a.H thrice, b.H once");
    assert_eq!((four.cleared, four.clear_ms_mean, four.clear_ms_max), (3, Some(30 * MINUTE_MS), 50 * MINUTE_MS));
    assert_eq!((four.to_acknowledge, four.timeliness), (4, Some(0.5)), "the last nobody has acknowledged yet");
    assert_eq!(report.units[0].figures.indicators, four, "both alarms are of the unit");
    assert_eq!(report.units[1].figures.indicators.alarms, 0);
    assert_eq!(report.units[1].figures.indicators.timeliness, None, "there was nothing to answer");
    assert_eq!((report.by_day.len(), report.by_day[0].date.as_str()), (1, "2026-11-23"));
    assert_eq!(report.by_day[0].indicators, four);
}

/// `a.H` was acknowledged after 5 and after 20 min, `b.H` at once, and one alarm not at all for an hour.
#[test]
fn what_is_in_time_is_the_policy() {
    let journal = monday().journal;
    for (minutes, in_time) in [(4, 0.25), (5, 0.5), (20, 0.75), (61, 1.0)] {
        let mut site = site();
        site.policy.acknowledge_in_time_ms = minutes * MINUTE_MS;
        let mut indicators = Indicators::new(&site);
        journal.iter().for_each(|(utc, record)| indicators.take(record, *utc));
        let four = indicators.report(1, &[], local("23T18:00")).site.indicators;
        assert_eq!(four.timeliness, Some(in_time), "{minutes} min");
    }
}

#[test]
fn measures_by_the_share_of_the_time_in_which_they_were_effective() {
    let report = monday().report(1);
    let rows: Vec<_> = report.measures.iter().map(|row| (row.measure.as_str(), row.effective_share)).collect();
    assert_eq!(rows, [("M2", Some(0.0)), ("M1", Some(500.0 / 600.0))], "worst first: nobody watches M2");
    assert_eq!(report.measures[0].spells.unknown_ms, 600 * MINUTE_MS);
    let spells = spells_of(&report, "M1");
    assert_eq!((spells.effective_ms, spells.failed_ms), (500 * MINUTE_MS, 100 * MINUTE_MS));
    let coverage = report.site.coverage;
    assert_eq!((coverage.measures, coverage.automatic, coverage.watched), (3, 2, 1));
    assert_eq!(report.units[1].figures.coverage, Coverage::default());
}

#[test]
fn what_lasts_over_midnight_counts_for_each_day() {
    let story = Story::begin("23T22:00").value(0, 90.0).at("24T02:00");
    let report = story.report(3);
    let days: Vec<_> = report.by_day.iter().map(|day| (day.date.as_str(), day.indicators.disturbance_rate)).collect();
    assert_eq!(days, [("2026-11-22", None), ("2026-11-23", Some(1.0)), ("2026-11-24", Some(1.0))]);
    assert_eq!(spells_of(&story.report(1), "M1").failed_ms, 120 * MINUTE_MS, "of today");
    assert_eq!(spells_of(&story.report(2), "M1").failed_ms, 240 * MINUTE_MS);
}

#[test]
fn a_rule_repeats_itself_within_its_day_only() {
    let story = Story::begin("23T23:00").value(0, 90.0).value(0, 50.0).at("24T00:30").value(0, 90.0).value(0, 50.0);
    assert_eq!(story.report(2).site.indicators.repeated_alarms, 0);
    assert_eq!(story.at("24T00:40").value(0, 90.0).report(2).site.indicators.repeated_alarms, 1);
}

#[test]
fn what_is_hidden_is_neither_cleared_nor_late() {
    let shelf = Shelving { for_ms: 3_600_000, one_shot: false, reason: "cleaned".to_owned() };
    let story = Story::begin("23T08:00").value(0, 90.0).at("23T08:05");
    let story = story.ask(CommandKind::ShelveRule { rule: "a.H".into(), shelf }).at("23T08:30");
    let four = story.report(1).site.indicators;
    assert_eq!((four.disturbance_rate, four.cleared, four.to_acknowledge), (Some(5.0 / 30.0), 0, 0));
}

/// Monday's week has the task and the hazard of its alarm, the next one its end.
#[test]
fn the_weeks_tally_counts_tasks_and_hazards_once() {
    let story = Story::begin("23T08:00").value(0, 90.0).value(0, 50.0).value(0, 90.0);
    let snapshot = story.engine.snapshot(story.now.utc);
    let (task, hazard) = (snapshot.tasks[0].id.clone(), snapshot.hazards[0].id.clone());
    let review = CommandKind::ReviewHazard {
        hazard,
        verdict: Verdict::Confirmed,
        note: "seen".to_owned(),
        rectification: Rectification::default(),
    };
    let story = story.ask(CommandKind::AcceptTask { task: task.clone(), attachments: Vec::new() }).ask(review);
    let finish =
        CommandKind::FinishTask { task, result: TaskResult::Normal, note: String::new(), attachments: Vec::new() };
    let report = story.at("30T08:00").ask(finish).report(9);
    let weeks: Vec<_> = report.site.weeks.iter().map(|week| (week.monday.as_str(), week.tally)).collect();
    let first = Tally { issued: 1, accepted: 1, ..Tally::default() };
    let second = Tally { completed: 1, ..Tally::default() };
    assert_eq!(weeks, [("2026-11-23", first), ("2026-11-30", second)]);
    assert_eq!(report.units[0].figures.weeks, report.site.weeks);
    assert_eq!(report.units[1].figures.weeks, []);
}

#[test]
fn what_a_person_rejects_is_counted_as_rejected_once() {
    let story = Story::begin("23T08:00").value(0, 90.0);
    let hazard = story.engine.snapshot(story.now.utc).hazards[0].id.clone();
    let review = CommandKind::ReviewHazard {
        hazard,
        verdict: Verdict::Rejected,
        note: "gauge was being tested".to_owned(),
        rectification: Rectification::default(),
    };
    let tally = story.at("23T09:00").ask(review).at("23T10:00").report(1).site.weeks[0].tally;
    assert_eq!(tally, Tally { issued: 1, rejected: 1, ..Tally::default() });
}

#[test]
fn what_could_not_be_inspected_and_what_was_cancelled_is_not_completed() {
    let story = Story::begin("23T08:00").value(0, 90.0);
    let task = |story: &Story| story.engine.snapshot(story.now.utc).tasks[0].id.clone();
    let finish = CommandKind::FinishTask {
        task: task(&story),
        result: TaskResult::CouldNot,
        note: "locked".to_owned(),
        attachments: Vec::new(),
    };
    let story = story.ask(finish);
    let cancel = CommandKind::CancelTask { task: task(&story), reason: "stopped".to_owned() };
    let tally = story.ask(cancel).report(1).site.weeks[0].tally;
    assert_eq!((tally.issued, tally.completed, tally.cancelled), (1, 0, 1), "the second is the same inspection");
}

#[test]
fn a_measure_without_a_record_is_counted_as_it_is_now() {
    let story = monday();
    let present = story.engine.snapshot(story.now.utc).measures;
    let no_measure = |(_, record): &&(UtcTime, Record)| !matches!(record, Record::Measure(_));
    let journal: Vec<_> = story.journal.iter().filter(no_measure).cloned().collect();
    let report = fold(&journal).report(1, &present, story.now.utc);
    assert_eq!(spells_of(&report, "M1").failed_ms, 60 * MINUTE_MS, "failed since 17:00");
}

#[test]
fn no_more_is_kept_than_the_limits_say_whatever_the_clock_does() {
    let journal = monday().journal;
    let mut indicators = Indicators::new(&site());
    let mut shifts: Vec<i64> = (0..100).map(|day| day * 86_400_000).collect();
    shifts.extend([-1_795_392_000_000, 3_000_000_000_000, 0]);
    for shift in shifts {
        journal.iter().for_each(|(utc, record)| indicators.take(record, UtcTime(utc.0 + shift)));
    }
    for scope in [&indicators.site, &indicators.units[&UnitId::from("U1")]] {
        assert!(scope.days.len() <= INDICATOR_DAYS_MAX as usize && scope.weeks.len() <= INDICATOR_WEEKS_MAX);
    }
    assert!(indicators.measures.values().all(|measure| measure.days.len() <= INDICATOR_DAYS_MAX as usize));
    assert!(indicators.open.len() <= 2 && indicators.raised_on.1.len() <= 2);
    // However the clock ran before, what came last is counted as if nothing had been.
    let alone = fold(&journal);
    let today = |counted: &Indicators| counted.site.days.values().next_back().map(|day| day.alarms);
    assert_eq!(today(&indicators), today(&alone));
    assert!(indicators.site.days.values().all(|day| day.disturbed_ms <= 86_400_000));
}

/// A random story of some hours, every event at a whole minute.
fn random(seed: u64) -> Story {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut story = Story::begin("23T20:00").value(0, 50.0).value(1, 50.0);
    for minute in 1..420 {
        let hour = 20 + minute / 60;
        story = story.at(&format!("{}T{:02}:{:02}", 23 + hour / 24, hour % 24, minute % 60));
        story = match rng.random_range(0..20) {
            0..4 => story.value(rng.random_range(0..2), if rng.random() { 90.0 } else { 50.0 }),
            4 => match story.engine.snapshot(story.now.utc).alarms.first() {
                Some(alarm) => {
                    let rule = alarm.rule.to_string();
                    story.acknowledge(&rule)
                }
                None => story,
            },
            _ => story,
        };
    }
    story
}

/// The journal once more, minute by minute: what was active, what had failed.
#[test]
fn the_fold_counts_what_a_walk_through_the_minutes_counts() {
    for seed in 0..20 {
        let story = random(seed);
        let report = story.report(2);
        let (mut active, mut failed) = (BTreeMap::new(), false);
        let (mut disturbed, mut failed_minutes, mut raised) = (0_u64, 0_u64, 0_u64);
        let mut rows = story.journal.iter().peekable();
        let begin = story.journal[0].0;
        let minutes = u64::try_from(story.now.utc.since(begin)).unwrap() / MINUTE_MS;
        for minute in 0..minutes {
            while let Some((_, record)) = rows.next_if(|(utc, _)| *utc <= begin.after(minute * MINUTE_MS)) {
                if let Record::Alarm(alarm) = record {
                    let count = active.insert(alarm.id.clone(), (alarm.is_active(), alarm.raised_count));
                    raised += u64::from(alarm.raised_count - count.map_or(0, |(_, count)| count));
                } else if let Record::Measure(measure) = record
                    && measure.measure.as_str() == "M1"
                {
                    failed = measure.state == MeasureState::Failed;
                }
            }
            disturbed += u64::from(active.values().any(|(active, _)| *active));
            failed_minutes += u64::from(failed);
        }
        let four = report.site.indicators;
        assert_eq!(four.disturbance_rate, Some(disturbed as f64 / minutes as f64), "seed {seed}");
        assert_eq!(spells_of(&report, "M1").failed_ms, failed_minutes * MINUTE_MS, "seed {seed}");
        let last = rows.filter(|(_, record)| matches!(record, Record::Alarm(_))).count();
        assert!(four.alarms >= raised && four.alarms <= raised + last as u64, "seed {seed}");
    }
}

/// What is counted as it comes, with somebody looking in between, is what counting the whole journal anew gives; and what
/// one day says is what the days say together.
#[test]
fn counting_on_is_counting_anew() {
    for seed in 0..20 {
        let story = random(seed);
        let mut counted = Indicators::new(&site());
        for (utc, record) in &story.journal {
            counted.take(record, *utc);
            let _ = counted.report(7, &[], *utc);
        }
        assert_eq!(counted, fold(&story.journal), "seed {seed}");
        let report = story.report(2);
        let sum = |of: fn(&FourFigures) -> u64| report.by_day.iter().map(|day| of(&day.indicators)).sum::<u64>();
        let four = report.site.indicators;
        assert_eq!(sum(|day| day.alarms), four.alarms);
        assert_eq!(sum(|day| day.cleared), four.cleared);
        assert_eq!(sum(|day| day.to_acknowledge), four.to_acknowledge);
    }
}
