//! What an operator over time remembers: a handful of deadlines, so that they can be saved and re-based.

use super::Value;
use crate::{
    saved::SavedPast,
    time::{Monotonic, Now},
};

/// The memory of one node. The last so many milliseconds are those since, and without, the moment so long ago.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Past {
    /// What its operand was when it was last known.
    was: Option<bool>,
    /// Until when the last moment at which the operand decided counts; set when it no longer does.
    until: Option<Monotonic>,
    /// When the operand will have been known for the whole time, and undecided where one decides.
    whole_at: Option<Monotonic>,
    /// That moment has come.
    whole: bool,
    /// Until when each of the last activations counts, the oldest first; so many as are asked for, no more.
    activations: Vec<Monotonic>,
}

impl Past {
    /// Forgets what no longer counts, so that no step of the wall clock can bring it back after a restart.
    pub(super) fn forget(&mut self, now: Monotonic) {
        self.until = self.until.filter(|until| *until > now);
        let over = self.activations.iter().take_while(|until| **until <= now).count();
        self.activations.drain(..over);
        self.whole |= self.whole_at.is_some_and(|whole| whole <= now);
    }

    /// What tells whether something must be saved.
    pub(super) fn mark(&self) -> impl PartialEq + use<> {
        (self.was, self.until, self.whole_at, self.whole, self.activations.len())
    }

    /// What has been `decides` at any moment of the time is that; the opposite when it was known all the time and never so.
    pub(super) fn decided(&mut self, operand: Value, decides: bool, ms: u64, now: Monotonic) -> Value {
        match operand {
            Value::Waiting => {}
            Value::Is(truth) if truth == decides => *self = Self { was: Some(truth), ..Self::default() },
            Value::Is(_) | Value::Unknown | Value::Number(_) => {
                if self.was == Some(decides) {
                    self.until = Some(now.after(ms));
                }
                let known = matches!(operand, Value::Is(_));
                self.was = known.then_some(!decides);
                self.know(known, ms, now);
            }
        }
        if operand == Value::Is(decides) || self.until.is_some() {
            Value::Is(decides)
        } else if operand == Value::Is(!decides) && self.whole {
            Value::Is(!decides)
        } else {
            operand.missing(operand)
        }
    }

    /// The time for which the operand has been known goes on or is over.
    fn know(&mut self, known: bool, ms: u64, now: Monotonic) {
        self.whole_at = if known { self.whole_at.or(Some(now.after(ms))) } else { None };
        self.whole &= known;
    }

    /// Counts how often the operand has become true; what was unknown between false and true is no less a change.
    pub(super) fn repeated(&mut self, operand: Value, times: usize, ms: u64, now: Monotonic) -> Value {
        match operand {
            Value::Waiting => {}
            Value::Is(truth) => {
                if truth && self.was == Some(false) {
                    self.activations.drain(..(self.activations.len() + 1).saturating_sub(times));
                    self.activations.push(now.after(ms));
                }
                self.was = Some(truth);
                self.know(true, ms, now);
            }
            Value::Unknown | Value::Number(_) => self.know(false, ms, now),
        }
        if self.activations.len() >= times {
            Value::Is(true)
        } else if self.whole {
            Value::Is(false)
        } else {
            operand.missing(operand)
        }
    }

    /// The moments at which time alone may change the value.
    pub(super) fn deadlines(&self) -> impl Iterator<Item = Monotonic> {
        [self.until, self.whole_at.filter(|_| !self.whole), self.activations.first().copied()].into_iter().flatten()
    }

    pub(super) fn save(&self, now: Now) -> SavedPast {
        SavedPast {
            was: self.was,
            until: self.until.map(|at| now.utc_at(at)),
            whole_at: self.whole_at.filter(|_| !self.whole).map(|at| now.utc_at(at)),
            whole: self.whole,
            activations: self.activations.iter().map(|at| now.utc_at(*at)).collect(),
        }
    }

    pub(super) fn restore(saved: &SavedPast, ms: u64, most: usize, now: Now) -> Self {
        Self {
            was: saved.was,
            until: saved.until.map(|at| now.rebase(at, ms)),
            whole_at: saved.whole_at.map(|at| now.rebase(at, ms)).or(saved.whole.then_some(now.monotonic)),
            whole: saved.whole,
            activations: saved.activations.iter().take(most).map(|at| now.rebase(*at, ms)).collect(),
        }
    }
}
