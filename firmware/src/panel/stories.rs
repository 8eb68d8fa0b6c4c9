//! What a person beside the box sees and hears.

use super::*;
use davy_core::{
    annunciation::{LampColour, LampPattern},
    time::{Now, UtcTime},
};

const RED: Annunciation =
    Annunciation { lamp: LampColour::Red, pattern: LampPattern::Flash, horn: true, relay: true, silenced_until: None };
const ACKNOWLEDGED: Annunciation = Annunciation { pattern: LampPattern::Steady, horn: false, ..RED };

/// A panel with a clock.
struct Box {
    panel: Panel,
    now: Monotonic,
    turns: u64,
}

impl Box {
    fn new() -> Self {
        Self::of(BoardConfig::simulated())
    }

    fn of(board: BoardConfig) -> Self {
        let mut made = Self { panel: Panel::new(Arc::new(board), Monotonic(0)), now: Monotonic(0), turns: 0 };
        made.pass(100);
        made
    }

    /// Time passes in turns of 10 ms, and the loop turns.
    fn pass(&mut self, ms: u64) {
        for _ in 0..ms / 10 {
            self.turns += 1;
            self.hang(10);
        }
    }

    /// Time passes, and the loop does not turn.
    fn hang(&mut self, ms: u64) {
        for _ in 0..ms / 10 {
            self.now = self.now.after(10);
            self.panel.beat(self.turns, self.now);
            self.panel.pass(self.now);
        }
    }

    fn show(&mut self, shown: Annunciation) {
        self.panel.show(shown, self.now);
    }

    fn press(&mut self, name: &str) {
        let at = self.input(name);
        for active in [false, true] {
            for _ in 0..10 {
                self.pass(10);
                self.panel.sample(at, Some(active), self.now);
            }
        }
    }

    fn input(&self, name: &str) -> usize {
        self.panel.board.inputs.iter().position(|input| input.name == name).expect("the input is there")
    }

    fn output(&self, name: &str) -> usize {
        self.panel.board.outputs.iter().position(|output| output.name == name).expect("the output is there")
    }

    /// The names of what is on or pulses, a pulse with `~`.
    fn seen(&self) -> String {
        let outputs = self.panel.board.outputs.iter().enumerate();
        let names = outputs.filter_map(|(at, output)| match self.panel.drive(at) {
            Drive::Off => None,
            Drive::On => Some(output.name.clone()),
            Drive::Pulse(_) => Some(format!("{}~", output.name)),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    fn test(&mut self, outputs: &[(&str, bool)], seconds: u64) -> Result<(), String> {
        let outputs = outputs.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect();
        let now = Now { monotonic: self.now, utc: UtcTime(0) };
        self.panel.begin_test(Test { by: "李工".to_owned(), outputs, seconds }, now)
    }
}

#[test]
fn each_state_has_its_light_and_its_sound() {
    let with = |lamp, pattern, horn, relay| Annunciation { lamp, pattern, horn, relay, silenced_until: None };
    let table = [
        (Annunciation::default(), "lamp_green health"),
        (RED, "lamp_red~ horn~ alarm_relay health"),
        (ACKNOWLEDGED, "lamp_red alarm_relay health"),
        (with(LampColour::Amber, LampPattern::SlowFlash, false, false), "lamp_amber~ health"),
        (with(LampColour::Yellow, LampPattern::Flash, true, false), "lamp_yellow~ horn~ health"),
        (with(LampColour::Blue, LampPattern::Steady, false, false), "lamp_blue health"),
    ];
    for (shown, seen) in table {
        let mut of_box = Box::new();
        of_box.show(shown);
        assert_eq!(of_box.seen(), seen, "{shown:?}");
    }
}

#[test]
fn the_flash_begins_with_light_at_two_a_second() {
    let mut of_box = Box::new();
    of_box.show(RED);
    let (lamp, began) = (of_box.output("lamp_red"), of_box.now);
    let changes: Vec<u64> = (0..100)
        .map(|turn| began.after(turn * 10))
        .collect::<Vec<_>>()
        .windows(2)
        .filter(|pair| of_box.panel.level(lamp, pair[0]) != of_box.panel.level(lamp, pair[1]))
        .map(|pair| pair[1].since(began))
        .collect();
    assert!(of_box.panel.level(lamp, began));
    assert_eq!(changes, [250, 500, 750]);
}

#[test]
fn a_colour_without_a_lamp_is_shown_by_those_that_stand_for_it() {
    let mut board = BoardConfig::simulated();
    // Amber by red and yellow together.
    board.shows[3] = vec![0, 2];
    let mut of_box = Box::of(board);
    of_box.show(Annunciation { lamp: LampColour::Amber, ..ACKNOWLEDGED });
    assert_eq!(of_box.seen(), "lamp_red lamp_yellow alarm_relay health");
}

#[test]
fn the_health_relay_drops_when_the_loop_hangs_and_the_lamp_is_green_no_more() {
    let mut of_box = Box::new();
    of_box.hang(4_980);
    assert_eq!(of_box.seen(), "lamp_green health");
    of_box.hang(20);
    assert_eq!((of_box.seen().as_str(), of_box.panel.is_alive()), ("lamp_yellow~", false));
    of_box.pass(10);
    assert_eq!(of_box.seen(), "lamp_green health");
    of_box.show(RED);
    of_box.hang(6_000);
    assert_eq!(of_box.seen(), "lamp_red~ horn~ alarm_relay", "what stands goes on to be shown");
}

#[test]
fn before_the_first_turn_the_lamp_shows_what_was_restored_and_the_health_relay_is_off() {
    let mut panel = Panel::new(Arc::new(BoardConfig::simulated()), Monotonic(0));
    panel.beat(0, Monotonic(10));
    panel.show(RED, Monotonic(10));
    let of_box = Box { panel, now: Monotonic(10), turns: 0 };
    assert_eq!(of_box.seen(), "lamp_red~ horn~ alarm_relay");
}

#[test]
fn a_health_relay_that_only_pulses_hold_is_pulsed() {
    let mut board = BoardConfig::simulated();
    let at = board.outputs.iter().position(|output| output.name == "health").expect("it is there");
    board.outputs[at].role = OutputRole::Health(Some(davy_config::Pulse { on_ms: 100, off_ms: 100 }));
    let mut of_box = Box::of(board);
    assert_eq!(of_box.seen(), "lamp_green health~");
    of_box.hang(5_000);
    assert_eq!(of_box.seen(), "lamp_yellow~");
}

#[test]
fn a_test_returns_to_normal_by_itself() {
    let mut of_box = Box::new();
    of_box
        .test(&[("lamp_red", true), ("horn", true), ("lamp_green", false), ("health", false)], 10)
        .expect("it may run");
    assert_eq!(of_box.seen(), "lamp_red horn~");
    of_box.pass(9_990);
    assert_eq!(of_box.seen(), "lamp_red horn~");
    of_box.pass(10);
    assert_eq!(of_box.seen(), "lamp_green health");
    let heard = of_box.panel.take_heard();
    assert!(matches!(&heard[..], [Heard::TestOver { why: TestEnd::Over, .. }]), "{heard:?}");
}

#[test]
fn an_alarm_ends_a_test_at_once() {
    for test in [&[("lamp_red", false), ("horn", false)][..], &[("lamp_green", true), ("lamp_yellow", true)][..]] {
        let mut of_box = Box::new();
        of_box.test(test, 60).expect("it may run");
        of_box.show(RED);
        assert_eq!(of_box.seen(), "lamp_red~ horn~ alarm_relay health");
        let heard = of_box.panel.take_heard();
        assert!(matches!(&heard[..], [Heard::TestOver { why: TestEnd::Shown, .. }]), "{heard:?}");
    }
}

#[test]
fn no_test_begins_while_an_alarm_is_not_acknowledged_and_none_hides_one_that_is() {
    let mut of_box = Box::new();
    of_box.show(RED);
    let refused = of_box.test(&[("lamp_green", true)], 10).expect_err("it must flash and sound");
    assert!(refused.contains("not acknowledged"), "{refused}");
    of_box.show(ACKNOWLEDGED);
    of_box.test(&[("lamp_red", false), ("alarm_relay", false), ("lamp_blue", true)], 10).expect("it may run");
    assert_eq!(of_box.seen(), "lamp_red lamp_blue alarm_relay health");
}

#[test]
fn a_hung_loop_ends_a_test() {
    let mut of_box = Box::new();
    of_box.test(&[("health", true), ("lamp_green", true)], 60).expect("it may run");
    of_box.hang(5_000);
    assert_eq!(of_box.seen(), "lamp_yellow~");
    let refused = of_box.test(&[("health", true)], 10).expect_err("nobody would see an alarm");
    assert!(refused.contains("does not turn"), "{refused}");
}

#[test]
fn a_test_that_cannot_be_is_refused_with_the_reason() {
    let mut of_box = Box::new();
    for (outputs, seconds, why) in [
        (&[("lamp_violet", true)][..], 10, "the box has no output lamp_violet"),
        (&[("horn", true)][..], 0, "a test lasts 1 to 60 s"),
        (&[("horn", true)][..], 61, "a test lasts 1 to 60 s"),
    ] {
        assert_eq!(of_box.test(outputs, seconds), Err(why.to_owned()));
    }
    assert_eq!(of_box.seen(), "lamp_green health");
}

#[test]
fn another_test_takes_the_place_of_the_first() {
    let mut of_box = Box::new();
    of_box.test(&[("lamp_red", true)], 10).expect("it may run");
    of_box.pass(5_000);
    of_box.test(&[("lamp_blue", true)], 10).expect("it may run");
    assert_eq!(of_box.seen(), "lamp_blue lamp_green health");
    of_box.pass(9_990);
    assert_eq!(of_box.seen(), "lamp_blue lamp_green health");
    of_box.panel.end_test(TestEnd::Asked);
    assert_eq!(of_box.seen(), "lamp_green health");
}

#[test]
fn buttons_are_heard_once_a_press() {
    let mut of_box = Box::new();
    of_box.press("silence");
    of_box.press("acknowledge");
    assert_eq!(of_box.panel.take_heard(), [Heard::Silence, Heard::Acknowledge]);
    of_box.pass(10_000);
    assert_eq!(of_box.panel.take_heard(), []);
}

#[test]
fn the_lamp_test_lights_every_lamp_for_a_moment_unless_one_has_to_flash() {
    let mut of_box = Box::new();
    of_box.press("lamp_test");
    assert_eq!(of_box.seen(), "lamp_red lamp_amber lamp_yellow lamp_blue lamp_green health");
    of_box.pass(crate::limits::LAMP_TEST_MS);
    assert_eq!(of_box.seen(), "lamp_green health");
    of_box.show(RED);
    of_box.press("lamp_test");
    assert_eq!(of_box.seen(), "lamp_red~ horn~ alarm_relay health");
    assert_eq!(of_box.panel.take_heard(), [Heard::LampTest { lit: true }, Heard::LampTest { lit: false }]);
}

#[test]
fn an_alarm_ends_the_lamp_test() {
    let mut of_box = Box::new();
    of_box.press("lamp_test");
    of_box.show(RED);
    assert_eq!(of_box.seen(), "lamp_red~ horn~ alarm_relay health");
}

#[test]
fn a_supply_that_fails_is_heard_even_from_the_start() {
    let mut of_box = Box::new();
    let at = of_box.input("power_fail");
    for _ in 0..10 {
        of_box.pass(10);
        of_box.panel.sample(at, Some(true), of_box.now);
    }
    assert_eq!(of_box.panel.take_heard(), [Heard::PowerFail { hold_up_ms: 12_000 }]);
    assert!(of_box.panel.trouble_of(at, of_box.now).is_some_and(|why| why.contains("supply fails")));
}

#[test]
fn a_lamp_that_draws_no_current_is_told_and_lights_the_light_of_trouble() {
    let mut board = BoardConfig::simulated();
    let contact = board.inputs.iter().position(|input| input.role == InputRole::Contact).expect("it is there");
    board.inputs[contact].role = InputRole::Current { output: 0 };
    board.outputs[7].role = OutputRole::TroubleLed;
    let mut of_box = Box::of(board);
    for active in [false, true] {
        of_box.show(Annunciation { silenced_until: Some(UtcTime(i64::from(active))), ..RED });
        for _ in 0..20 {
            of_box.panel.sample(contact, Some(active), of_box.now);
            of_box.pass(10);
        }
        let told = of_box.panel.trouble_of(contact, of_box.now);
        assert_eq!(told.is_some(), !active, "{told:?}");
        of_box.panel.tell_trouble(told.is_some());
        assert_eq!(of_box.seen().contains("health"), !active, "here it is the light of trouble");
    }
}
