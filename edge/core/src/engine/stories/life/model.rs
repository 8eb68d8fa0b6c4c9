//! The life of an alarm as a table of transitions, read off the state diagram of IEC 62682 and written down for itself: the
//! engine derives the same states from facts.

#![expect(clippy::wildcard_enum_match_arm, reason = "the rest of the table stays as it was")]

use super::Step;
use crate::record::AlarmState;
use std::collections::BTreeSet;

/// What an alarm is beneath whatever hides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beneath {
    Normal,
    Unacknowledged,
    Acknowledged,
    ReturnedUnacknowledged,
    LatchedUnacknowledged,
    LatchedAcknowledged,
    /// It began while it was hidden: nobody was ever told.
    Untold,
}

/// What may hide it, in the order of their words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hidden {
    OutOfService,
    Shelved,
    Stopped,
    Suppressed,
}

pub(super) struct Model {
    latched: bool,
    holds: bool,
    beneath: Beneath,
    hidden: BTreeSet<Hidden>,
    once: bool,
    silenced: bool,
}

impl Model {
    pub(super) fn new(latched: bool) -> Self {
        Self { latched, holds: false, beneath: Beneath::Normal, hidden: BTreeSet::new(), once: false, silenced: false }
    }

    pub(super) fn state(&self) -> AlarmState {
        match (self.beneath, self.hidden.first()) {
            (Beneath::Normal, _) => AlarmState::Normal,
            (_, Some(Hidden::OutOfService)) => AlarmState::OutOfService,
            (_, Some(Hidden::Shelved)) => AlarmState::Shelved,
            (_, Some(Hidden::Stopped | Hidden::Suppressed)) => AlarmState::Suppressed,
            (Beneath::Unacknowledged, None) => AlarmState::Unacknowledged,
            (Beneath::Acknowledged, None) => AlarmState::Acknowledged,
            (Beneath::ReturnedUnacknowledged, None) => AlarmState::ReturnedUnacknowledged,
            (Beneath::LatchedUnacknowledged, None) => AlarmState::LatchedUnacknowledged,
            (Beneath::LatchedAcknowledged, None) => AlarmState::LatchedAcknowledged,
            (Beneath::Untold, None) => unreachable!("what shows and holds is told"),
        }
    }

    /// Whatever is unacknowledged sounds it, until it is silenced.
    pub(super) fn horn(&self) -> bool {
        self.state() == AlarmState::Unacknowledged && !self.silenced
    }

    /// Takes a step; true when another occurrence is open after it.
    pub(super) fn step(&mut self, step: Step) -> bool {
        let shown = self.hidden.is_empty();
        match step {
            Step::On if !self.holds => return self.come(),
            Step::Off if self.holds => return self.go(),
            Step::Acknowledge if shown => self.acknowledge(),
            Step::Reset if shown && self.beneath == Beneath::LatchedAcknowledged => self.beneath = Beneath::Normal,
            Step::Shelve | Step::ShelveOnce => {
                if self.hidden.insert(Hidden::Shelved) {
                    self.once = step == Step::ShelveOnce;
                }
            }
            Step::Unshelve | Step::Later => {
                // The horn's silence is as long as a shelf here.
                self.silenced &= step == Step::Unshelve;
                return self.show(Hidden::Shelved);
            }
            Step::TakeOut => drop(self.hidden.insert(Hidden::OutOfService)),
            Step::PutBack => return self.show(Hidden::OutOfService),
            Step::Stop => drop(self.hidden.insert(Hidden::Stopped)),
            Step::Resume => return self.show(Hidden::Stopped),
            // The suppressor is an alarm itself: it ends the silence.
            Step::Suppress => self.silenced &= !self.hidden.insert(Hidden::Suppressed),
            Step::Free => return self.show(Hidden::Suppressed),
            Step::Silence => self.silenced |= self.horn(),
            Step::On | Step::Off | Step::Acknowledge | Step::Reset | Step::Restart => {}
        }
        false
    }

    /// The condition comes.
    fn come(&mut self) -> bool {
        self.holds = true;
        let (before, shown) = (self.beneath, self.hidden.is_empty());
        self.silenced &= !shown;
        self.beneath = match (before, shown) {
            (Beneath::Normal | Beneath::Untold, false) => Beneath::Untold,
            (Beneath::LatchedAcknowledged, false) => Beneath::Acknowledged,
            _ => Beneath::Unacknowledged,
        };
        before == Beneath::Normal || shown && before == Beneath::LatchedAcknowledged
    }

    /// The condition goes.
    fn go(&mut self) -> bool {
        self.holds = false;
        self.beneath = match (self.beneath, self.latched) {
            (Beneath::Unacknowledged, false) => Beneath::ReturnedUnacknowledged,
            (Beneath::Unacknowledged | Beneath::Untold, true) => Beneath::LatchedUnacknowledged,
            (Beneath::Acknowledged, true) => Beneath::LatchedAcknowledged,
            _ => Beneath::Normal,
        };
        self.once && self.show(Hidden::Shelved)
    }

    fn acknowledge(&mut self) {
        self.beneath = match self.beneath {
            Beneath::Unacknowledged => Beneath::Acknowledged,
            Beneath::ReturnedUnacknowledged => Beneath::Normal,
            Beneath::LatchedUnacknowledged => Beneath::LatchedAcknowledged,
            as_it_was => as_it_was,
        };
    }

    /// One of the reasons is gone; with the last, what holds is told anew.
    fn show(&mut self, reason: Hidden) -> bool {
        self.once &= reason != Hidden::Shelved;
        let shows = self.hidden.remove(&reason) && self.hidden.is_empty() && self.holds;
        if shows {
            self.beneath = Beneath::Unacknowledged;
            self.silenced = false;
        }
        shows
    }
}
