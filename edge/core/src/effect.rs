//! Everything done about an event.

use crate::{annunciation::Annunciation, record::Record, saved::SavedChange};

/// What an event brought about. The shell shows `annunciation` at once, commits `records` and `saved` in one
/// transaction, and gives `answers` after that.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// For the journal, in order.
    pub records: Vec<Record>,
    /// For the state that survives a restart.
    pub saved: Vec<SavedChange>,
    /// For those who asked.
    pub answers: Vec<Answer>,
    /// Lamp, horn and relay, when they change.
    pub annunciation: Option<Annunciation>,
}

impl Effects {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.saved.is_empty() && self.answers.is_empty() && self.annunciation.is_none()
    }
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The sender's number.
    pub request: u64,
    /// Done, or why it makes no sense.
    pub result: Result<(), Rejection>,
}

/// Why a command makes no sense: the operator's mistake, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is no such open object.
    NotFound(String),
    /// It is there, and cannot do that now.
    Conflict(String),
    /// The command itself is wrong.
    Invalid(String),
}

impl Rejection {
    /// The words.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::NotFound(words) | Self::Conflict(words) | Self::Invalid(words) => words,
        }
    }
}
