//! Stories of the rules over tags, as tables: what happens to two tags `a` and `b`, and when the rule's alarm is raised,
//! over, or has inputs that are unknown.

use super::Engine;
use crate::{
    effect::Effects,
    event::{Event, Link, Sample},
    id::*,
    model::*,
    quality::Quality,
    record::{AlarmState, Record},
    saved::SavedState,
    time::{Monotonic, Now, UtcTime},
    trigger::Trigger,
};

/// One rule over two tags of a source each.
pub(super) struct Bench {
    kind: RuleKind,
    on_delay_ms: u64,
    engine: Engine,
    now: Now,
    began_s: u64,
    saved: SavedState,
    pub(super) told: Vec<String>,
    pub(super) trigger: Option<Trigger>,
}

const START: UtcTime = UtcTime(1_795_392_000_000);

impl Bench {
    pub(super) fn new(kind: RuleKind, on_delay_s: u64) -> Self {
        let now = Now { monotonic: Monotonic(0), utc: START };
        let on_delay_ms = on_delay_s * 1000;
        let engine = Engine::new(site(kind.clone(), on_delay_ms), 1, now);
        let (saved, told) = (SavedState::default(), Vec::new());
        let mut bench = Self { kind, on_delay_ms, engine, now, began_s: 0, saved, told, trigger: None };
        bench.apply(Event::Started);
        (0..2).for_each(|source| bench.apply(Event::Source(SourceIx(source), Link::Up)));
        bench
    }

    /// `0 a 50`, `5 a bad`, `5 a nan`, `5 a 50@1970`, `9 b down`, `9 b up`, `20 restart`, `30 -`, separated by commas.
    pub(super) fn play(&mut self, script: &str) {
        for line in script.split(", ") {
            let words: Vec<&str> = line.split(' ').collect();
            self.run_to(words[0].parse().unwrap());
            match words[1..] {
                ["-"] => {}
                ["restart"] => self.restart(),
                [tag, what] => self.happen(u32::from(tag == "b"), what),
                _ => panic!("cannot read: {line}"),
            }
        }
    }

    /// The published name of the rule's kind.
    pub(super) fn kind_name(&self) -> &'static str {
        self.engine.site().rules[0].kind_name()
    }

    /// What the value was held against when the alarm was told last.
    pub(super) fn against(&self) -> Option<Against> {
        let Some(Trigger::Value { against, .. }) = &self.trigger else { return None };
        against.clone()
    }

    fn happen(&mut self, at: u32, what: &str) {
        let (source, utc) = (SourceIx(at), self.now.utc);
        let sample = |value, quality| {
            Event::Samples(vec![Sample { tag: TagIx(at), value, quality, source_time: Some(utc), received_time: utc }])
        };
        // A value whose device has lost its clock, or goes back in time.
        let measured = |value: f64, year: &str| {
            let source_time = UtcTime::parse(&format!("{year}-01-01T00:00:00Z"));
            let tag = TagIx(at);
            Event::Samples(vec![Sample { tag, value, quality: Quality::GOOD, source_time, received_time: utc }])
        };
        self.apply(match what {
            "down" => Event::Source(source, Link::Down("cut".to_owned())),
            "up" => Event::Source(source, Link::Up),
            "bad" => sample(0.0, Quality::BAD_SENSOR),
            value => match value.split_once('@') {
                Some((value, year)) => measured(value.parse().unwrap(), year),
                None => sample(value.parse().unwrap(), Quality::GOOD),
            },
        });
    }

    fn run_to(&mut self, second: u64) {
        let moment = Monotonic((second - self.began_s) * 1000);
        while let Some(deadline) = self.engine.next_deadline().filter(|deadline| *deadline <= moment) {
            self.turn_clocks(deadline);
            self.apply(Event::Tick);
        }
        self.turn_clocks(moment);
    }

    fn turn_clocks(&mut self, moment: Monotonic) {
        self.now = Now { monotonic: moment, utc: self.now.utc.after(moment.since(self.now.monotonic)) };
    }

    fn restart(&mut self) {
        self.began_s += self.now.monotonic.0 / 1000;
        self.now.monotonic = Monotonic(0);
        let site = site(self.kind.clone(), self.on_delay_ms);
        self.engine = Engine::restore(site, 1, std::mem::take(&mut self.saved), self.now);
        self.apply(Event::Started);
        (0..2).for_each(|source| self.apply(Event::Source(SourceIx(source), Link::Up)));
    }

    fn apply(&mut self, event: Event) {
        let mut out = Effects::default();
        self.engine.apply(self.now, event, &mut out);
        for change in out.saved {
            if let Some(body) = change.body.map(|body| serde_json::to_string(&body).unwrap()) {
                self.saved.insert(&change.key.to_string(), &mut serde_json::Deserializer::from_str(&body)).unwrap();
            }
        }
        let second = self.began_s + self.now.monotonic.0 / 1000;
        for record in out.records {
            let Record::Alarm(alarm) = record else { continue };
            let is_over = alarm.state != AlarmState::Unacknowledged;
            let word = match (is_over, alarm.inputs_known) {
                (true, _) => "over",
                (false, false) => "unknown",
                (false, true) if self.told.last().is_some_and(|last| last.ends_with("unknown")) => "known",
                (false, true) => "raised",
            };
            self.told.push(format!("{second} {word}"));
            self.trigger = Some((*alarm.trigger).clone());
        }
    }
}

fn site(kind: RuleKind, on_delay_ms: u64) -> Site {
    let tag = |id: &str, source| Tag {
        id: id.into(),
        name: id.into(),
        engineering_unit: "%".into(),
        source: SourceIx(source),
        unit: None,
        range: Some((0.0, 100.0)),
        stale_after_ms: None,
    };
    let source = |id: &str| Source { id: id.into(), name: id.to_owned(), kind: SourceKind::OpcUa };
    let rule = Rule {
        id: "rule".into(),
        name: "rule".into(),
        unit: None,
        measure: None,
        threatens: None,
        priority: Priority::High,
        on_delay_ms,
        off_delay_ms: 0,
        guidance: "".into(),
        latched: false,
        never_hidden: false,
        suppressed_by: Vec::new(),
        kind,
    };
    Site {
        sources: vec![source("one"), source("two")],
        tags: vec![tag("a", 0), tag("b", 1)],
        rules: vec![rule],
        ..Site::default()
    }
}

#[track_caller]
pub(super) fn check(kind: &RuleKind, on_delay_s: u64, rows: &[(&str, &[&str])]) {
    for (script, told) in rows {
        let mut bench = Bench::new(kind.clone(), on_delay_s);
        bench.play(script);
        assert_eq!(bench.told, *told, "{script}");
    }
}

pub(super) const A: TagIx = TagIx(0);
pub(super) const B: TagIx = TagIx(1);

#[test]
fn rate_of_change() {
    let rate = Rate { direction: Direction::Up, per_minute: 5.0, clear_per_minute: 5.0, window_ms: 60_000 };
    let kind = RuleKind::RateOfChange { tag: A, rate };
    check(
        &kind,
        0,
        &[
            ("0 a 50, 60 a 54, 120 a 58, 180 a 62", &[]),
            ("0 a 50, 20 a 56, 600 -", &["20 raised", "80 over"]),
            ("0 a 50, 20 a 40, 600 a 40", &[]),
            // The end comes by itself; a value that came before it began still counts from when it came.
            ("0 a 50, 300 a 54, 330 a 57, 600 -", &["330 raised", "360 over"]),
            ("0 a 50, 300 a 56, 310 a 50, 600 -", &["300 raised", "310 over"]),
            // What came before a gap or a bad value is not compared with.
            ("0 a 50, 100 a bad, 101 a 60, 200 a 60", &[]),
            ("0 a 50, 100 a nan, 101 a 60, 200 a 60", &[]),
            ("0 a 50, 100 a down, 101 a up, 102 a 60, 200 a 60", &[]),
            // And ends nothing, before a whole window has been seen again.
            ("0 a 50, 20 a 56, 30 a bad, 40 a 57, 300 -", &["20 raised", "30 unknown", "40 known", "95 over"]),
            // After a restart the inputs are unknown until the first value.
            ("0 a 50, 20 a 56, 30 restart, 31 a 57, 300 -", &["20 raised", "30 unknown", "31 known", "86 over"]),
            (
                "0 a 50, 20 a 56, 30 restart, 31 a 57, 50 a 63, 300 -",
                &["20 raised", "30 unknown", "31 known", "106 over"],
            ),
        ],
    );
    check(
        &kind,
        3,
        &[("0 a 50, 100 a 60, 102 a 50, 200 -", &[]), ("0 a 50, 100 a 60, 104 a 50", &["103 raised", "104 over"])],
    );
    // With a deadband it ends at three a minute, and between the two it stays.
    let rate = Rate { direction: Direction::Up, per_minute: 5.0, clear_per_minute: 3.0, window_ms: 60_000 };
    let kind = RuleKind::RateOfChange { tag: A, rate };
    let climbing = |slopes: &[(u64, f64)]| {
        let mut value = 50.0;
        let steps = slopes.iter().flat_map(|(seconds, slope)| (0..seconds / 10).map(move |_| slope / 6.0));
        let values = steps
            .map(|step| {
                value += step;
                value
            })
            .collect::<Vec<f64>>();
        values.iter().enumerate().map(|(at, value)| format!("{} a {value}", at * 10)).collect::<Vec<_>>().join(", ")
    };
    check(
        &kind,
        0,
        &[
            (climbing(&[(60, 6.0), (180, 4.0), (120, 2.0)]).as_str(), &["60 raised", "260 over"]),
            (climbing(&[(180, 4.0)]).as_str(), &[]),
        ],
    );
    let mut bench = Bench::new(kind, 0);
    bench.play("0 a 50, 60 a 56");
    let Some(Against::Rate { per_minute: Some(seen), most_per_minute: 5.0 }) = bench.against() else {
        panic!("a rate")
    };
    assert!((6.0..=6.0 * 12.0 / 11.0).contains(&seen), "to within a slot of the window: {seen}");
}

#[test]
fn out_of_range() {
    let kind = RuleKind::OutOfRange { tag: A, low: -2.5, high: 103.0 };
    check(
        &kind,
        5,
        &[
            ("0 a 50, 10 a -2.5, 60 a 103, 120 a 100, 200 -", &[]),
            ("0 a 50, 10 a -2.6, 14 a 50, 30 a 103.1, 34 a 0, 99 -", &[]),
            ("0 a 50, 10 a -2.6, 20 a 50", &["15 raised", "20 over"]),
            ("0 a 50, 10 a 103.1, 20 a bad, 30 a -10, 40 a 1", &["15 raised", "20 unknown", "30 known", "40 over"]),
            ("0 a 1e300, 10 a -1e300, 20 a 5", &["5 raised", "20 over"]),
            ("0 a inf, 99 -", &[]),
            ("0 a -9, 3 restart, 4 a -9, 10 a 5", &["5 raised", "10 over"]),
        ],
    );
    let mut bench = Bench::new(kind, 0);
    bench.play("0 a 104");
    assert_eq!(bench.against(), Some(Against::Range { low: -2.5, high: 103.0 }));
}

#[test]
fn frozen() {
    let kind = RuleKind::Frozen { tag: A, dead_zone: 0.5, after_ms: 60_000 };
    check(
        &kind,
        0,
        &[
            ("0 a 50, 59 a 50, 59 -", &[]),
            ("0 a 50, 70 -", &["60 raised"]),
            ("0 a 50, 30 a 50.5, 50 a 49.5, 70 a 51", &["60 raised", "70 over"]),
            ("0 a 50, 30 a 50.25, 50 a 51, 109 -", &[]),
            ("0 a 50, 30 a 51, 40 a 52, 101 -", &["100 raised"]),
            // A gap begins the time anew, and ends nothing.
            ("0 a 50, 50 a bad, 55 a 50, 114 -", &[]),
            ("0 a 50, 50 a down, 55 a up, 56 a 50, 117 -", &["116 raised"]),
            ("0 a 50, 70 a nan, 75 a 50, 80 a 60", &["60 raised", "70 unknown", "75 known", "80 over"]),
            ("0 a 50, 70 restart, 71 a 50, 100 a 50, 110 a 60", &["60 raised", "70 unknown", "71 known", "110 over"]),
            ("0 a 50, 50 restart, 51 a 50, 112 -", &["111 raised"]),
        ],
    );
    let mut bench = Bench::new(kind, 0);
    bench.play("0 a 50, 60 -");
    assert_eq!(bench.against(), Some(Against::Rest { dead_zone: 0.5, after_ms: 60_000 }));
}

#[test]
fn deviation() {
    let kind = RuleKind::Deviation { tag: A, other: B, difference: 3.0, clear: 3.0 };
    check(
        &kind,
        10,
        &[
            ("0 a 50, 0 b 53, 60 -", &[]),
            ("0 a 50, 0 b 54, 9 b 52, 60 -", &[]),
            ("0 a 50, 0 b 54, 60 a 55", &["10 raised", "60 over"]),
            ("0 a 50, 0 b 46, 60 b 48", &["10 raised", "60 over"]),
            // One alone says nothing, and one that is bad makes both unknown.
            ("0 a 50, 60 -", &[]),
            ("0 a 50, 0 b bad, 60 -", &[]),
            ("0 a 50, 0 b 60, 5 b bad, 60 -", &[]),
            ("0 a 50, 0 b 60, 20 b bad, 30 a 60, 40 b 60", &["10 raised", "20 unknown", "40 over"]),
            ("0 a 50, 0 b 60, 20 a down, 30 a up, 31 b 50, 40 a 50", &["10 raised", "20 unknown", "40 over"]),
            ("0 a 50, 0 b 60, 5 restart, 6 a 50, 7 b 60, 30 -", &["10 raised"]),
            ("0 a 1e308, 0 b -1e308, 30 -", &["10 raised"]),
        ],
    );
    let with_deadband = RuleKind::Deviation { tag: A, other: B, difference: 3.0, clear: 2.0 };
    check(
        &with_deadband,
        0,
        &[
            ("0 a 50, 0 b 54, 10 b 52.5, 20 b 47.5, 30 b 52", &["0 raised", "30 over"]),
            ("0 a 50, 0 b 52.5, 10 b 53, 20 b 47.5", &[]),
        ],
    );
    let mut bench = Bench::new(kind, 0);
    bench.play("0 a 50, 7 b 54");
    let Some(Trigger::Pair { first, second, difference, received_time }) = bench.trigger else { panic!("a pair") };
    assert_eq!(
        (first.tag.as_str(), first.value, second.tag.as_str(), second.value),
        ("a", Some(50.0), "b", Some(54.0))
    );
    assert_eq!((difference, received_time), (Some(3.0), START.after(7_000)), "received when the later one was");
}

#[test]
fn mismatch() {
    let kind = RuleKind::Mismatch { command: A, feedback: B };
    check(
        &kind,
        10,
        &[
            ("0 a 0, 0 b 0, 10 a 1, 19 b 1, 60 -", &[]),
            ("0 a 0, 0 b 0, 10 a 1, 30 b 1", &["20 raised", "30 over"]),
            ("0 a 1, 0 b 1, 10 b 0, 30 a 0", &["20 raised", "30 over"]),
            ("0 a 1, 0 b 255, 60 -", &[]),
            ("0 a 1, 0 b 0, 5 b bad, 60 -", &[]),
            ("0 a 1, 0 b 0, 20 b bad, 30 a 0, 40 b 0", &["10 raised", "20 unknown", "40 over"]),
        ],
    );
}
