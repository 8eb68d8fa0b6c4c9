//! What each output must be, as a pure function with memory: what the engine wants shown, what the inputs say, whether the loop is
//! alive, and the time, are all told to it.

mod current;
mod drive;
mod inputs;
mod life;
mod shown;
#[cfg(test)]
mod stories;
mod testing;

pub use testing::TestEnd;

use crate::hand::Test;
use current::Current;
use davy_config::{BoardConfig, InputRole, OutputRole};
use davy_core::{annunciation::Annunciation, time::Monotonic};
pub(crate) use drive::Drive;
use inputs::Contact;
use life::Life;
use shown::is_light_of_box;
use std::sync::Arc;
use testing::Testing;

/// What a person at the box, or its supply, wants, or what has become of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Silence the horn.
    Silence,
    /// Silence the horn and acknowledge what is shown.
    Acknowledge,
    /// The lamps were lit by the button for it; or were not, because they have something to show.
    LampTest {
        /// Whether they were.
        lit: bool,
    },
    /// The supply fails; the box runs on for so many milliseconds.
    PowerFail {
        /// Milliseconds.
        hold_up_ms: u64,
    },
    /// A test is over.
    TestOver {
        /// Which.
        test: Test,
        /// Why.
        why: TestEnd,
    },
}

/// The panel.
#[derive(Debug)]
pub(crate) struct Panel {
    board: Arc<BoardConfig>,
    shown: Annunciation,
    /// Since when that is so: pulses begin with on.
    since: Monotonic,
    life: Life,
    test: Option<Testing>,
    lamps_lit_until: Option<Monotonic>,
    inputs: Vec<Contact>,
    currents: Vec<Current>,
    /// Whether anything is wrong with the box.
    trouble: bool,
    heard: Vec<Heard>,
}

impl Panel {
    pub(crate) fn new(board: Arc<BoardConfig>, now: Monotonic) -> Self {
        let inputs = board.inputs.iter().map(|input| Contact::new(input.debounce_ms)).collect();
        let currents = board.inputs.iter().enumerate().filter_map(|(input, of)| match of.role {
            InputRole::Current { output } => Some(Current::new(input, output, of.debounce_ms)),
            InputRole::Acknowledge
            | InputRole::Silence
            | InputRole::LampTest
            | InputRole::PowerFail { .. }
            | InputRole::Contact => None,
        });
        Self {
            shown: Annunciation::default(),
            since: now,
            life: Life::new(board.hung_after_ms, now),
            test: None,
            lamps_lit_until: None,
            inputs,
            currents: currents.collect(),
            trouble: false,
            heard: Vec::new(),
            board,
        }
    }

    /// Shows this from now on. Whatever a test has set is normal again: it must not hide what is new.
    pub(crate) fn show(&mut self, shown: Annunciation, now: Monotonic) {
        if shown == self.shown {
            return;
        }
        self.shown = shown;
        self.since = now;
        self.lamps_lit_until = None;
        self.end_test(TestEnd::Shown);
    }

    /// How often the loop that evaluates alarms has turned.
    pub(crate) fn beat(&mut self, turns: u64, now: Monotonic) {
        let was = self.life.is_alive();
        self.life.beat(turns, now);
        if was && !self.life.is_alive() {
            self.since = now;
            self.lamps_lit_until = None;
            self.end_test(TestEnd::Hung);
        }
    }

    /// Whether it turns.
    pub(crate) fn is_alive(&self) -> bool {
        self.life.is_alive()
    }

    /// What an input reads; `None` when it cannot be read.
    pub(crate) fn sample(&mut self, at: usize, active: Option<bool>, now: Monotonic) {
        let pressed = self.inputs[at].sample(active, now);
        let role = self.board.inputs[at].role;
        if let InputRole::PowerFail { hold_up_ms } = role {
            // One that fails before it was seen in order fails as well.
            if self.inputs[at].has_become_active() {
                self.heard.push(Heard::PowerFail { hold_up_ms });
            }
            return;
        }
        if !pressed {
            return;
        }
        match role {
            InputRole::Silence => self.heard.push(Heard::Silence),
            InputRole::Acknowledge => self.heard.push(Heard::Acknowledge),
            InputRole::LampTest => self.light_lamps(now),
            InputRole::PowerFail { .. } | InputRole::Current { .. } | InputRole::Contact => {}
        }
    }

    /// Time has passed.
    pub(crate) fn pass(&mut self, now: Monotonic) {
        if self.lamps_lit_until.is_some_and(|until| until <= now) {
            self.lamps_lit_until = None;
        }
        if self.test.as_ref().is_some_and(|test| test.until <= now) {
            self.end_test(TestEnd::Over);
        }
        for at in 0..self.currents.len() {
            let on = self.level(self.currents[at].output, now);
            let flows = self.inputs[self.currents[at].input].active();
            self.currents[at].look(on, flows, now);
        }
    }

    /// Whether anything is wrong with the box, for its own light.
    pub(crate) fn tell_trouble(&mut self, trouble: bool) {
        self.trouble = trouble;
    }

    /// What was heard since it was asked last.
    pub(crate) fn take_heard(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard)
    }

    /// Whether an input is active; `None` when it cannot be read.
    pub(crate) fn active(&self, at: usize) -> Option<bool> {
        self.inputs[at].active()
    }

    /// What is wrong with a button or a current that can be sensed, by input.
    pub(crate) fn trouble_of(&self, at: usize, now: Monotonic) -> Option<String> {
        let role = self.board.inputs[at].role;
        match role {
            InputRole::Current { output } => {
                let missing = self.currents.iter().any(|current| current.input == at && current.is_missing());
                let name = &self.board.outputs[output].name;
                missing.then(|| {
                    format!("no current flows through {name} while it is on: check its plug, its fuse and its lamp")
                })
            }
            InputRole::Acknowledge | InputRole::Silence | InputRole::LampTest => {
                let stuck = self.inputs[at].is_stuck(now);
                stuck.then(|| "the button has been pressed for a minute: release it, or check its contact".to_owned())
            }
            InputRole::PowerFail { .. } => {
                let fails = self.inputs[at].active() == Some(true);
                fails.then(|| "the supply fails: check it".to_owned())
            }
            InputRole::Contact => None,
        }
    }

    /// Whether an output is on now.
    pub(crate) fn level(&self, at: usize, now: Monotonic) -> bool {
        self.drive(at).level(now.since(self.since))
    }

    /// What an output does.
    pub(crate) fn drive(&self, at: usize) -> Drive {
        let role = self.board.outputs[at].role;
        let own = self.own_drive(at, role);
        match self.test.as_ref().and_then(|test| test.sets(at)) {
            Some(true) if role == OutputRole::Horn => Drive::Pulse(self.board.patterns.horn_danger),
            Some(true) => Drive::On,
            // What stands is shown whatever is tested.
            Some(false) if self.stands() && !is_light_of_box(role) => own,
            Some(false) => Drive::Off,
            None => own,
        }
    }

    fn light_lamps(&mut self, now: Monotonic) {
        let lit = self.may_be_tested().is_ok();
        if lit {
            self.lamps_lit_until = Some(now.after(crate::limits::LAMP_TEST_MS));
        }
        self.heard.push(Heard::LampTest { lit });
    }
}
