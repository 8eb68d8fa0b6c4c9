//! Stories of the whole engine: time, restarts and links, told in seconds since the start.

mod changes;
mod escalation;
mod hiding;
mod histories;
mod life;
mod people;
mod platform;
mod presence;
mod restarts;
mod tickets;
mod system;

use super::Engine;
use crate::{
    effect::Effects,
    event::{Command, CommandKind, Event, Link, Sample, VideoSight},
    id::*,
    model::*,
    quality::Quality,
    record::{AlarmState, Record, WarningState},
    saved::SavedState,
    time::{Monotonic, Now, UtcTime},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DCS: SourceIx = SourceIx(0);
const TANK: TagIx = TagIx(0);
const GAS: TagIx = TagIx(1);

/// An engine on a bench, with its clocks and its saved state.
struct Bench {
    engine: Engine,
    now: Now,
    saved: BTreeMap<String, String>,
    /// `second rule state` of every alarm that was raised or over.
    told: Vec<String>,
    /// All that was journaled.
    journal: Vec<Record>,
    /// The seconds that went by before the last start.
    before_s: u64,
}

impl Bench {
    fn new() -> Self {
        Self::of(site())
    }

    fn of(site: Site) -> Self {
        let now = Now { monotonic: Monotonic(0), utc: UtcTime(1_795_392_000_000) };
        let engine = Engine::new(site, 1, now);
        let mut bench =
            Self { engine, now, saved: BTreeMap::new(), told: Vec::new(), journal: Vec::new(), before_s: 0 };
        bench.apply(Event::Started);
        bench
    }

    /// Lets time pass to a second since the first start, with the ticks that the engine asks for.
    fn at(&mut self, second: u64) -> &mut Self {
        self.at_ms(second * 1000)
    }

    fn at_ms(&mut self, millisecond: u64) -> &mut Self {
        let moment = Monotonic(millisecond - self.before_s * 1000);
        while let Some(deadline) = self.engine.next_deadline().filter(|deadline| *deadline <= moment) {
            self.run_to(deadline);
            self.apply(Event::Tick);
        }
        self.run_to(moment);
        self
    }

    /// The process stands still until a second: the tick that was due comes then.
    fn stalled_until(&mut self, second: u64) -> &mut Self {
        self.run_to(Monotonic((second - self.before_s) * 1000));
        self.apply(Event::Tick)
    }

    fn run_to(&mut self, moment: Monotonic) {
        self.now = Now { monotonic: moment, utc: self.now.utc.after(moment.since(self.now.monotonic)) };
    }

    fn restart(&mut self) -> &mut Self {
        self.restart_as(self.engine.site().clone(), 0)
    }

    /// The process is away for a while and comes back, perhaps with another configuration.
    fn restart_as(&mut self, site: Site, away_s: u64) -> &mut Self {
        self.before_s += self.now.monotonic.0 / 1000 + away_s;
        self.now = Now { monotonic: Monotonic(0), utc: self.now.utc.after(away_s * 1000) };
        self.engine = Engine::restore(site, 1, self.saved_state(), self.now);
        self.apply(Event::Started)
    }

    /// Another configuration, with the same tags and sources, while the process runs.
    fn reconfigure(&mut self, site: Site) -> &mut Self {
        let told = self.engine.last_told(&[DCS], &[]);
        self.engine = Engine::restore(site, 1, self.saved_state(), self.now);
        self.apply(Event::Reconfigured);
        for event in told {
            self.apply(event);
        }
        self
    }

    fn saved_state(&self) -> SavedState {
        let mut saved = SavedState::default();
        for (key, body) in &self.saved {
            saved.insert(key, &mut serde_json::Deserializer::from_str(body)).unwrap();
        }
        saved
    }

    fn apply(&mut self, event: Event) -> &mut Self {
        let mut out = Effects::default();
        self.engine.apply(self.now, event, &mut out);
        for change in out.saved {
            match change.body {
                Some(body) => drop(self.saved.insert(change.key.to_string(), serde_json::to_string(&body).unwrap())),
                None => drop(self.saved.remove(&change.key.to_string())),
            }
        }
        let second = self.before_s + self.now.monotonic.0 / 1000;
        for record in &out.records {
            if let Record::Alarm(alarm) = record {
                let told = format!(" {} {}", alarm.rule, if alarm.is_active() { "raised" } else { "over" });
                let last = self.told.iter().rev().find(|told| told.contains(&format!(" {} ", alarm.rule)));
                if last.is_none_or(|last| !last.ends_with(&told)) {
                    self.told.push(format!("{second}{told}"));
                }
            }
        }
        self.journal.extend(out.records);
        self
    }

    fn ask(&mut self, kind: CommandKind) -> &mut Self {
        self.apply(Event::Command(Command { request: 1, by: "op".to_owned(), kind }))
    }

    /// `done`, or why it was refused.
    fn answer(&mut self, kind: CommandKind) -> String {
        self.ask(kind);
        let refused =
            |record: &Record| if let Record::Audit(audit) = record { Some(audit.refused.clone()) } else { None };
        self.journal.iter().rev().find_map(refused).unwrap().unwrap_or_else(|| "done".to_owned())
    }

    fn link(&mut self, link: Link) -> &mut Self {
        self.apply(Event::Source(DCS, link))
    }

    fn value(&mut self, tag: TagIx, value: f64) -> &mut Self {
        let utc = self.now.utc;
        let sample = Sample { tag, value, quality: Quality::GOOD, source_time: Some(utc), received_time: utc };
        self.apply(Event::Samples(vec![sample]))
    }

    fn smoke(&mut self) -> &mut Self {
        self.apply(Event::Video(VideoSight {
            camera: CameraIx(0),
            algorithm: "smoke".to_owned(),
            confidence: 0.9,
            picture: None,
            source_time: None,
            received_time: self.now.utc,
        }))
    }
}

/// What a published record says: its fields without those that say nothing.
fn says(record: &impl serde::Serialize) -> Value {
    let mut record = serde_json::to_value(record).unwrap();
    let silent = [json!(null), json!(false), json!(0), json!(""), json!([])];
    record.as_object_mut().unwrap().retain(|_, value| !silent.contains(value));
    record
}

/// A source with two tags, of which one must come every ten seconds; a camera; a unit with two risk events.
fn site() -> Site {
    let tag = |id: &str, stale_after_ms| Tag {
        id: id.into(),
        name: id.into(),
        engineering_unit: "%".into(),
        source: DCS,
        unit: None,
        range: None,
        stale_after_ms,
    };
    let event = |id: &str| RiskEvent { id: id.into(), name: id.into(), unit: UnitIx(0) };
    let limit = |tag| RuleKind::Limit { tag, limit: Limit { kind: LimitKind::H, trip: 80.0, clear: 79.0 } };
    let sights = RuleKind::Video {
        camera: CameraIx(0),
        algorithm: "smoke".to_owned(),
        confidence_min: 0.6,
        frames_min: 2,
        frame_gap_ms: 10_000,
        cooldown_ms: 60_000,
    };
    Site {
        sources: vec![Source { id: "dcs".into(), name: "DCS".to_owned(), kind: SourceKind::OpcUa }],
        tags: vec![tag("tank", None), tag("gas", Some(10_000))],
        cameras: vec![Camera { id: "cam".into(), name: "cam".to_owned(), zone: None }],
        units: vec![Unit {
            id: "unit".into(),
            name: "unit".into(),
            object_name: "object".to_owned(),
            assessed: RiskLevel::Red,
        }],
        events: vec![event("overflow"), event("leak")],
        rules: vec![
            rule("tank.H", limit(TANK), Some(RiskEventIx(0))),
            rule("gas.H", limit(GAS), Some(RiskEventIx(1))),
            rule("gas.stale", RuleKind::Stale { tag: GAS }, None),
            rule("smoke", sights, None),
            rule("lost", RuleKind::SourceLost { source: DCS }, None),
        ],
        ..Site::default()
    }
}

fn rule(id: &str, kind: RuleKind, threatens: Option<RiskEventIx>) -> Rule {
    Rule {
        id: id.into(),
        name: id.into(),
        unit: None,
        measure: None,
        threatens,
        priority: Priority::High,
        on_delay_ms: 0,
        off_delay_ms: 0,
        guidance: "".into(),
        latched: false,
        never_hidden: false,
        suppressed_by: Vec::new(),
        kind,
    }
}

#[test]
fn a_tag_is_stale_by_its_own_limit_from_its_first_value_on() {
    let mut bench = Bench::new();
    bench.link(Link::Up).at(1).value(GAS, 2.0).at(10);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(20).told, ["11 gas.stale raised"]);
    let mut bench = Bench::new();
    bench.link(Link::Up).at(29).value(GAS, 2.0).at(38).value(GAS, 2.0).at(47);
    assert_eq!(bench.told, Vec::<String>::new(), "values come in time");
    assert_eq!(bench.at(60).told, ["48 gas.stale raised"]);
}

#[test]
fn a_tag_waits_from_the_moment_its_source_is_up() {
    assert_eq!(Bench::new().at(600).told, ["30 lost raised"], "a source that never came makes no tag stale");
    assert_eq!(Bench::new().at(25).link(Link::Up).at(600).told, ["55 gas.stale raised"]);
    let mut again = Bench::new();
    again.link(Link::Up).value(GAS, 2.0).at(5).link(Link::Down("cut".to_owned())).at(100).link(Link::Up).at(600);
    assert_eq!(again.told, ["5 lost raised", "100 lost over", "130 gas.stale raised"]);
}

#[test]
fn a_process_that_stood_still_calls_nothing_silent_before_it_has_read_what_waits() {
    let mut bench = Bench::new();
    bench.link(Link::Up).at(1).value(GAS, 2.0).stalled_until(40);
    assert_eq!(bench.value(GAS, 2.0).at(49).told, Vec::<String>::new(), "the value was waiting");
    let mut bench = Bench::new();
    bench.link(Link::Up).at(1).value(GAS, 2.0).stalled_until(40);
    assert_eq!(bench.at(60).told, ["45 gas.stale raised"], "nothing was");
    let mut bench = Bench::new();
    bench.link(Link::Up).at(1).value(GAS, 2.0).stalled_until(13);
    assert_eq!(bench.told, ["13 gas.stale raised"], "two seconds are no standstill");
    let mut bench = Bench::new();
    bench.at(1).stalled_until(40).link(Link::Up);
    assert_eq!(bench.at(50).told, Vec::<String>::new(), "so it is with the first word of a source");
}

#[test]
fn sights_in_a_row_are_told_apart_over_a_restart() {
    let mut bench = Bench::new();
    bench.at(1).smoke().at(14).restart().at(15).smoke();
    assert_eq!(bench.told, Vec::<String>::new(), "fourteen seconds apart");
    let mut bench = Bench::new();
    bench.at(1).smoke().at(5).restart().at(12).smoke();
    assert_eq!(bench.told, Vec::<String>::new(), "eleven seconds apart");
    let mut bench = Bench::new();
    bench.at(1).smoke().at(5).restart().at(11).smoke();
    assert_eq!(bench.told, ["11 smoke raised"], "ten seconds apart");
}

/// A server's queue brings a short excursion and its end in one notification.
#[test]
fn an_excursion_within_one_notification_warns_as_any_other() {
    let mut bench = Bench::new();
    let sample =
        |value| Sample { tag: TANK, value, quality: Quality::GOOD, source_time: None, received_time: bench.now.utc };
    let samples = vec![sample(50.0), sample(90.0), sample(50.0)];
    bench.link(Link::Up).apply(Event::Samples(samples));
    assert_eq!(bench.told, ["0 tank.H raised", "0 tank.H over"]);
    let warning = bench.engine.snapshot(bench.now.utc).warnings.remove(0);
    assert_eq!((warning.state, warning.level), (WarningState::Cleared, RiskLevel::Orange));
    assert_eq!(warning.alarms.len(), 1);
}

#[test]
fn warnings_of_one_level_stand_in_the_order_of_the_configuration() {
    let mut bench = Bench::new();
    bench.link(Link::Up).value(GAS, 90.0);
    bench.now.utc = UtcTime(bench.now.utc.0 - 86_400_000);
    bench.value(TANK, 90.0);
    let unit = bench.engine.snapshot(bench.now.utc).units.remove(0);
    let warnings: Vec<&str> = unit.warnings.iter().map(WarningId::as_str).collect();
    assert_eq!(warnings, ["overflow~1.4", "leak~1.2"]);
}
