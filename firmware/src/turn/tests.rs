//! The thread of the panel, turn by turn, over a chip in memory and by a clock of its own.

use super::*;
use crate::{hand::Test, lines::tests::Fake};
use davy_core::{
    annunciation::{Annunciation, LampColour, LampPattern},
    health::OutputState,
    time::{Monotonic, UtcTime},
};

const RED: Annunciation =
    Annunciation { lamp: LampColour::Red, pattern: LampPattern::Flash, horn: true, relay: true, silenced_until: None };

/// A box with a fake chip and a clock of its own.
struct Bench {
    turn: Turn,
    hand: Hand,
    fake: Fake,
    now: u64,
    turns: u64,
    told: Vec<Told>,
}

impl Bench {
    fn new(fake: Fake) -> Self {
        let board = BoardConfig::simulated();
        let hand = Hand::new(board.outputs.iter().map(|output| output.name.clone()).collect());
        let turn = Turn::new(board, Box::new(fake.clone()), Manager::default(), at(0));
        Self { turn, hand, fake, now: 0, turns: 0, told: Vec::new() }
    }

    fn pass(&mut self, ms: u64, loop_turns: bool) {
        for _ in 0..ms / 20 {
            self.now += 20;
            self.turns += u64::from(loop_turns);
            let orders = self.hand.wait(std::time::Duration::ZERO);
            self.turn.take(orders, at(self.now));
            let told = &mut self.told;
            self.turn.turn(Pulse { turns: self.turns, disk_hangs: false }, at(self.now), &mut |news| told.push(news));
        }
    }

    fn on(&self, name: &str) -> bool {
        let place = self.turn.board.outputs.iter().position(|output| output.name == name).expect("it is there");
        self.fake.0.lock().expect("nobody panics with it").outputs[&place]
    }

    fn press(&mut self, name: &str, active: bool) {
        let place = self.turn.board.inputs.iter().position(|input| input.name == name).expect("it is there");
        self.fake.0.lock().expect("nobody panics with it").inputs.insert(place, active);
    }

    fn health(&self) -> PanelHealth {
        let health = self.told.iter().rev().find_map(|told| match told {
            Told::Health(health) => Some(health.clone()),
            Told::Heard(_) => None,
        });
        health.expect("it was told")
    }
}

fn at(ms: u64) -> Now {
    Now { monotonic: Monotonic(ms), utc: UtcTime(0) }
}

#[test]
fn what_is_shown_reaches_the_lines_and_the_safe_state_ends_it() {
    let mut bench = Bench::new(Fake::default());
    bench.pass(20, true);
    assert!(bench.on("lamp_green") && bench.on("health") && !bench.on("horn"));
    bench.hand.show(RED);
    bench.pass(20, true);
    assert!(bench.on("lamp_red") && bench.on("horn") && bench.on("alarm_relay") && !bench.on("lamp_green"));
    let state = |name: &str| bench.health().outputs.into_iter().find(|output| output.name == name).map(|of| of.state);
    assert_eq!((state("lamp_red"), state("health")), (Some(OutputState::Pulsing), Some(OutputState::On)));
    bench.turn.end();
    let chip = bench.fake.0.lock().expect("nobody panics with it");
    assert!(chip.outputs.values().all(|on| !on), "{:?}", chip.outputs);
}

#[test]
fn a_loop_that_hangs_drops_the_health_relay_and_is_told() {
    let mut bench = Bench::new(Fake::default());
    bench.pass(1_000, true);
    assert!(bench.health().alive);
    bench.pass(5_000, false);
    assert!(!bench.on("health") && !bench.health().alive);
    bench.pass(20, true);
    assert!(bench.on("health") && bench.health().alive);
}

#[test]
fn an_output_that_cannot_be_driven_is_told_and_the_others_go_on() {
    let fake = Fake::default();
    fake.0.lock().expect("nobody panics with it").busy = vec![5];
    let mut bench = Bench::new(fake);
    bench.hand.show(RED);
    bench.pass(100, true);
    assert_eq!(bench.health().troubles, ["horn: busy"]);
    assert!(bench.on("lamp_red") && bench.on("health"));
    bench.fake.0.lock().expect("nobody panics with it").busy.clear();
    bench.pass(10_000, true);
    assert_eq!(bench.health().troubles, [] as [String; 0]);
}

#[test]
fn a_press_is_told_and_a_test_is_seen_until_it_is_over() {
    let mut bench = Bench::new(Fake::default());
    bench.pass(200, true);
    bench.press("silence", true);
    bench.pass(200, true);
    assert_eq!(bench.told.iter().filter(|told| **told == Told::Heard(Heard::Silence)).count(), 1);
    let test = Test { by: "李工".to_owned(), outputs: [("horn".to_owned(), true)].into(), seconds: 1 };
    bench.hand.begin(test.clone());
    bench.pass(20, true);
    let seen = bench.health().test.expect("it runs");
    assert_eq!((seen.by.as_str(), seen.outputs[0].name.as_str(), seen.ends_at), ("李工", "horn", UtcTime(1_000)));
    assert!(bench.on("horn"));
    bench.pass(1_000, true);
    assert_eq!((bench.health().test, bench.on("horn")), (None, false));
    assert!(bench.told.contains(&Told::Heard(Heard::TestOver { test, why: TestEnd::Over })));
}

#[test]
fn nothing_is_told_twice() {
    let mut bench = Bench::new(Fake::default());
    bench.pass(1_000, true);
    let told = bench.told.len();
    bench.pass(10_000, true);
    assert_eq!(bench.told.len(), told);
}

#[test]
fn the_thread_ends_with_every_output_safe() {
    let folder = tempfile::tempdir().expect("a folder");
    let setup = Setup {
        board: BoardConfig::simulated(),
        simulated_inputs: folder.path().join("inputs"),
        clock: || at(0),
        systemd: Systemd::default(),
    };
    let (sender, told) = std::sync::mpsc::channel();
    let hand = start(setup, move |news| drop(sender.send(news))).expect("a thread");
    hand.turn(false);
    let first = told.recv().expect("it says how it is doing");
    assert!(matches!(first, Told::Health(_)), "{first:?}");
    assert!(hand.end());
    assert!(told.iter().count() < 100, "and tells nothing more");
}
