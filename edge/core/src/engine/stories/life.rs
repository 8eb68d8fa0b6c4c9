//! The life of one alarm, edge by edge: the states of ISA-18.2 / IEC 62682 (GB/T 41261), each reached and left in every way
//! there is, as a table; and random lives against a table of transitions that is written down for itself.

mod model;

use super::*;
use crate::{
    event::{Command, CommandKind, Shelving},
    record::AlarmRecord,
};
use model::Model;
use rand::{Rng, SeedableRng, rngs::SmallRng};

/// What can happen to an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The value crosses the limit, or is back.
    On,
    Off,
    Acknowledge,
    Reset,
    Shelve,
    ShelveOnce,
    Unshelve,
    TakeOut,
    PutBack,
    Stop,
    Resume,
    /// The condition that makes the alarm meaningless, and its end.
    Suppress,
    Free,
    Silence,
    /// The process dies and comes back; the values come as they were.
    Restart,
    /// Longer than a shelf lasts.
    Later,
}

const STEPS: [(&str, Step); 16] = [
    ("on", Step::On),
    ("off", Step::Off),
    ("acknowledge", Step::Acknowledge),
    ("reset", Step::Reset),
    ("shelve", Step::Shelve),
    ("shelve once", Step::ShelveOnce),
    ("unshelve", Step::Unshelve),
    ("out of service", Step::TakeOut),
    ("in service", Step::PutBack),
    ("stop", Step::Stop),
    ("resume", Step::Resume),
    ("suppress", Step::Suppress),
    ("free", Step::Free),
    ("silence", Step::Silence),
    ("restart", Step::Restart),
    ("later", Step::Later),
];

/// Longer than all other steps together.
const SHELF_MS: u64 = 1_000_000;

/// One alarm on a bench: the tank's, which the gas alarm makes meaningless.
struct Life {
    bench: Bench,
    second: u64,
    value: f64,
    gas: f64,
    /// The occurrence that was open last.
    last: Option<std::sync::Arc<AlarmRecord>>,
}

impl Life {
    fn new(latched: bool) -> Self {
        let mut site = site();
        site.policy.horn_silence_ms = SHELF_MS;
        site.tags[1].stale_after_ms = None;
        let tank = &mut site.rules[0];
        (tank.unit, tank.latched, tank.suppressed_by) = (Some(UnitIx(0)), latched, vec![RuleIx(1)]);
        // The suppressor must not be stopped with the unit, nor sound the horn that the tank's alarm is to sound.
        site.rules[1].priority = Priority::Low;
        let mut life = Self { bench: Bench::of(site), second: 0, value: 50.0, gas: 0.0, last: None };
        life.read_values();
        life
    }

    fn read_values(&mut self) {
        self.bench.link(Link::Up).value(TANK, self.value).value(GAS, self.gas);
    }

    fn step(&mut self, step: Step) {
        let seconds = if step == Step::Later { SHELF_MS / 1000 + 1 } else { 1 };
        self.second += seconds;
        self.bench.at(self.second);
        match step {
            Step::On | Step::Off => {
                self.value = if step == Step::On { 90.0 } else { 50.0 };
                self.bench.value(TANK, self.value);
            }
            Step::Suppress | Step::Free => {
                self.gas = if step == Step::Suppress { 90.0 } else { 0.0 };
                self.bench.value(GAS, self.gas);
            }
            Step::Restart => {
                self.bench.restart();
                self.read_values();
            }
            Step::Later => {}
            Step::Acknowledge
            | Step::Reset
            | Step::Shelve
            | Step::ShelveOnce
            | Step::Unshelve
            | Step::TakeOut
            | Step::PutBack
            | Step::Stop
            | Step::Resume
            | Step::Silence => self.ask(step),
        }
        self.last = self.alarm().or(self.last.take());
    }

    fn ask(&mut self, step: Step) {
        let (rule, unit) = (RuleId::from("tank.H"), UnitId::from("unit"));
        let alarm = self.last.as_ref().map_or_else(|| AlarmId::from("never"), |alarm| alarm.id.clone());
        let reason = "why".to_owned();
        let shelf = |one_shot| Shelving { for_ms: SHELF_MS, one_shot, reason: "why".to_owned() };
        let kind = match step {
            Step::Acknowledge => CommandKind::AcknowledgeAlarm { alarm },
            Step::Reset => CommandKind::ResetAlarm { alarm },
            Step::Shelve => CommandKind::ShelveRule { rule, shelf: shelf(false) },
            Step::ShelveOnce => CommandKind::ShelveRule { rule, shelf: shelf(true) },
            Step::Unshelve => CommandKind::UnshelveRule { rule },
            Step::TakeOut => CommandKind::TakeOutOfService { rule, reason },
            Step::PutBack => CommandKind::ReturnToService { rule },
            Step::Stop => CommandKind::StopUnit { unit, for_ms: None, reason },
            Step::Resume => CommandKind::ResumeUnit { unit },
            Step::Silence => CommandKind::SilenceHorn,
            Step::On | Step::Off | Step::Suppress | Step::Free | Step::Restart | Step::Later => return,
        };
        self.bench.apply(Event::Command(Command { request: 1, by: "operator".to_owned(), kind }));
    }

    fn alarm(&self) -> Option<std::sync::Arc<AlarmRecord>> {
        let live = self.bench.engine.snapshot(self.bench.now.utc);
        live.alarms.into_iter().find(|alarm| alarm.rule.as_str() == "tank.H")
    }

    fn state(&self) -> AlarmState {
        self.alarm().map_or(AlarmState::Normal, |alarm| alarm.state)
    }

    fn horn(&self) -> bool {
        self.bench.engine.annunciation().horn
    }
}

/// The word of the published record.
fn word(state: AlarmState) -> String {
    serde_json::to_value(state).unwrap().as_str().unwrap().replace('_', " ")
}

/// `on: unacknowledged; acknowledge: acknowledged; …`: each step with the state after it.
fn check(latched: bool, script: &str) {
    let mut life = Life::new(latched);
    let mut played = String::new();
    for line in script.split("; ") {
        let (asked, expected) = line.split_once(": ").unwrap();
        let step = STEPS.iter().find(|(name, _)| *name == asked).unwrap_or_else(|| panic!("no step {asked}")).1;
        life.step(step);
        played = format!("{played}{asked}: {}; ", word(life.state()));
        assert_eq!(word(life.state()), expected, "so far {played}");
    }
}

/// The edges of the state diagram of IEC 62682 for an alarm that does not latch.
#[test]
fn every_edge_of_an_alarm_that_does_not_latch() {
    for script in [
        "on: unacknowledged; acknowledge: acknowledged; off: normal",
        "on: unacknowledged; off: returned unacknowledged; acknowledge: normal",
        "on: unacknowledged; off: returned unacknowledged; on: unacknowledged; acknowledge: acknowledged",
        "on: unacknowledged; acknowledge: acknowledged; off: normal; on: unacknowledged",
        // Senseless requests change nothing.
        "acknowledge: normal; reset: normal; on: unacknowledged; reset: unacknowledged; acknowledge: acknowledged",
        "on: unacknowledged; acknowledge: acknowledged; acknowledge: acknowledged; reset: acknowledged; off: normal",
        "on: unacknowledged; off: returned unacknowledged; reset: returned unacknowledged",
        "on: unacknowledged; off: returned unacknowledged; acknowledge: normal; acknowledge: normal",
    ] {
        check(false, script);
    }
}

#[test]
fn every_edge_of_an_alarm_that_latches() {
    for script in [
        "on: unacknowledged; acknowledge: acknowledged; off: latched acknowledged; reset: normal",
        "on: unacknowledged; off: latched unacknowledged; acknowledge: latched acknowledged; reset: normal",
        "on: unacknowledged; off: latched unacknowledged; on: unacknowledged; off: latched unacknowledged",
        "on: unacknowledged; off: latched unacknowledged; reset: latched unacknowledged",
        "on: unacknowledged; reset: unacknowledged; acknowledge: acknowledged; reset: acknowledged",
        // What comes back before it was reset is another occurrence.
        "on: unacknowledged; acknowledge: acknowledged; off: latched acknowledged; on: unacknowledged",
        "on: unacknowledged; acknowledge: acknowledged; off: latched acknowledged; reset: normal; on: unacknowledged",
    ] {
        check(true, script);
    }
}

/// Each way to hide, in each state from which it can be entered, left with the condition holding and without.
#[test]
fn every_edge_into_hiding_and_out_of_it() {
    let ways = [
        ("shelve", "unshelve", "shelved"),
        ("shelve", "later", "shelved"),
        ("shelve once", "unshelve", "shelved"),
        ("out of service", "in service", "out of service"),
        ("stop", "resume", "suppressed"),
        ("suppress", "free", "suppressed"),
    ];
    // Latching; how the state is reached; what follows while hidden; the state when it shows again.
    let from = [
        (false, "", "", "normal"),
        (false, "", "on: H; ", "unacknowledged"),
        (false, "", "on: H; off: normal; ", "normal"),
        (false, "on: unacknowledged; ", "", "unacknowledged"),
        (false, "on: unacknowledged; ", "acknowledge: H; ", "unacknowledged"),
        (false, "on: unacknowledged; acknowledge: acknowledged; ", "", "unacknowledged"),
        (false, "on: unacknowledged; acknowledge: acknowledged; off: normal; ", "", "normal"),
        (false, "on: unacknowledged; off: returned unacknowledged; ", "", "returned unacknowledged"),
        (false, "on: unacknowledged; off: returned unacknowledged; ", "acknowledge: H; ", "returned unacknowledged"),
        (false, "on: unacknowledged; off: returned unacknowledged; ", "on: H; ", "unacknowledged"),
        (true, "", "on: H; ", "unacknowledged"),
        (true, "on: unacknowledged; ", "", "unacknowledged"),
        (true, "on: unacknowledged; acknowledge: acknowledged; ", "", "unacknowledged"),
        (true, "on: unacknowledged; off: latched unacknowledged; ", "", "latched unacknowledged"),
        (true, "on: unacknowledged; off: latched unacknowledged; ", "reset: H; ", "latched unacknowledged"),
        (
            true,
            "on: unacknowledged; acknowledge: acknowledged; off: latched acknowledged; ",
            "reset: H; ",
            "latched acknowledged",
        ),
        (
            true,
            "on: unacknowledged; acknowledge: acknowledged; off: latched acknowledged; ",
            "on: H; ",
            "unacknowledged",
        ),
    ];
    for (hide, show, hidden) in ways {
        for (latched, reached, meanwhile, after) in from {
            let is_open = !reached.is_empty() && !reached.ends_with("normal; ");
            let entered = if is_open { hidden } else { "normal" };
            let meanwhile = meanwhile.replace('H', hidden);
            check(latched, &format!("{reached}{hide}: {entered}; {meanwhile}{show}: {after}"));
        }
    }
}

/// What returns while it is hidden: answered and unlatched it is over at once; what waits for an answer or a reset waits.
#[test]
fn what_returns_while_it_is_hidden() {
    for (latched, script) in [
        (false, "on: unacknowledged; stop: suppressed; off: suppressed; resume: returned unacknowledged"),
        (false, "on: unacknowledged; acknowledge: acknowledged; stop: suppressed; off: normal; resume: normal"),
        (true, "on: unacknowledged; stop: suppressed; off: suppressed; resume: latched unacknowledged"),
        (
            true,
            "on: unacknowledged; acknowledge: acknowledged; stop: suppressed; off: suppressed; resume: latched acknowledged",
        ),
        // A latch that nobody was told of waits all the same.
        (
            true,
            "stop: normal; on: suppressed; off: suppressed; resume: latched unacknowledged; acknowledge: latched acknowledged; reset: normal",
        ),
    ] {
        check(latched, script);
    }
}

/// The worst of several reasons names the state, and only when the last is gone does it show.
#[test]
fn several_reasons_at_once() {
    for script in [
        "on: unacknowledged; suppress: suppressed; shelve: shelved; out of service: out of service; free: out of service; in service: shelved; unshelve: unacknowledged",
        "on: unacknowledged; out of service: out of service; stop: out of service; in service: suppressed; resume: unacknowledged",
        "on: unacknowledged; stop: suppressed; suppress: suppressed; resume: suppressed; free: unacknowledged",
        "on: unacknowledged; shelve: shelved; shelve: shelved; unshelve: unacknowledged; unshelve: unacknowledged",
        // Once: the shelf goes with the alarm.
        "on: unacknowledged; shelve once: shelved; off: returned unacknowledged; on: unacknowledged",
        "on: unacknowledged; acknowledge: acknowledged; shelve once: shelved; off: normal; on: unacknowledged",
        "shelve once: normal; on: shelved; off: normal; on: unacknowledged",
    ] {
        check(false, script);
    }
}

/// A restart is no edge.
#[test]
fn a_restart_leaves_every_state_as_it_was() {
    for (latched, script) in [
        (
            false,
            "restart: normal; on: unacknowledged; restart: unacknowledged; acknowledge: acknowledged; restart: acknowledged; off: normal; restart: normal",
        ),
        (
            false,
            "on: unacknowledged; off: returned unacknowledged; restart: returned unacknowledged; acknowledge: normal",
        ),
        (
            true,
            "on: unacknowledged; off: latched unacknowledged; restart: latched unacknowledged; acknowledge: latched acknowledged; restart: latched acknowledged; reset: normal",
        ),
        (false, "on: unacknowledged; shelve: shelved; restart: shelved; later: unacknowledged"),
        (
            false,
            "on: unacknowledged; out of service: out of service; restart: out of service; in service: unacknowledged",
        ),
        (false, "on: unacknowledged; stop: suppressed; restart: suppressed; resume: unacknowledged"),
        (false, "on: unacknowledged; suppress: suppressed; restart: suppressed; free: unacknowledged"),
    ] {
        check(latched, script);
    }
}

/// Random lives: after every step the state, whether the occurrence is another one, and the horn are those of the model.
#[test]
fn random_lives_are_those_of_the_table_of_transitions() {
    for seed in 0..1_500 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let latched = rng.random();
        let (mut life, mut model) = (Life::new(latched), Model::new(latched));
        let mut played = Vec::new();
        for _ in 0..60 {
            let (name, step) = STEPS[rng.random_range(0..STEPS.len())];
            let before = life.alarm().map(|alarm| alarm.id.clone());
            played.push(name);
            life.step(step);
            let is_new = model.step(step);
            assert_eq!(life.state(), model.state(), "seed {seed}, latched {latched}: {played:?}");
            let after = life.alarm().map(|alarm| alarm.id.clone());
            assert_eq!(after.is_some() && after != before, is_new, "seed {seed}, another occurrence: {played:?}");
            assert_eq!(life.horn(), model.horn(), "seed {seed}, the horn: {played:?}");
        }
    }
}
