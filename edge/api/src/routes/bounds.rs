//! What a request about the configuration may take, which is more than of any other, and the errors that it may end with.

use super::{
    Gives::{File, Object},
    Route,
    Takes::{Command, Nothing, Paging, PointTable, Upload},
};
use crate::{limits, problem::Kind};
use std::time::Duration;

/// The errors that a command may answer with whatever it is about.
pub(super) const OF_ANY_COMMAND: [Kind; 6] = [
    Kind::BadRequest,
    Kind::ForeignOrigin,
    Kind::TimedOut,
    Kind::BodyTooLarge,
    Kind::UnsupportedMediaType,
    Kind::Invalid,
];

impl Route {
    /// Whether it is about the configuration as a whole.
    pub(super) fn is_of_configuration(&self) -> bool {
        self.path.starts_with("/api/v1/config")
    }

    /// Whether it is about updates of the gateway itself.
    pub(super) fn is_of_updates(&self) -> bool {
        self.path.starts_with("/api/v1/updates")
    }

    /// The errors that it may answer with then.
    pub(super) fn problems_of_updates(&self) -> Vec<Kind> {
        if !matches!(self.takes, Command(_) | Upload(_)) {
            return vec![Kind::FileUnmade];
        }
        let refused = matches!(self.takes, Command(_)).then_some(Kind::UpdateRefused);
        OF_ANY_COMMAND.into_iter().chain([Kind::FileBusy, Kind::FileUnmade]).chain(refused).collect()
    }

    /// Whether it connects to the field for somebody who commissions.
    pub(super) fn looks(&self) -> bool {
        self.path.starts_with("/api/v1/look/")
    }

    /// The bytes that its body may have, and how long it may take.
    pub(super) fn bounds(&self) -> (usize, Duration) {
        if self.looks() {
            return (limits::LOOK_BODY_BYTES_MAX, limits::LOOK_REQUEST_MAX);
        }
        if matches!(self.takes, Upload(_)) {
            return (limits::UPDATE_BYTES_MAX, limits::FILE_MAX);
        }
        if matches!(self.gives, File(_)) || self.is_of_updates() && matches!(self.takes, Command(_)) {
            return (limits::BODY_BYTES_MAX, limits::FILE_MAX);
        }
        match (self.takes, self.is_of_configuration()) {
            (Command(_), true) => (limits::CONFIG_BODY_BYTES_MAX, limits::CONFIG_REQUEST_MAX),
            (_, true) => (limits::BODY_BYTES_MAX, limits::CONFIG_REQUEST_MAX),
            (_, false) => (limits::BODY_BYTES_MAX, limits::REQUEST_MAX),
        }
    }

    /// The errors that a look, or a row of the loop check, may answer with.
    pub(super) fn problems_of_commissioning(&self) -> Vec<Kind> {
        let own = match self.looks() {
            true => vec![Kind::NoSuchSource, Kind::Unreachable, Kind::LooksFull, Kind::LookTimedOut],
            false => vec![Kind::NoSuchTag, Kind::Busy, Kind::LoopSheetUnreadable],
        };
        OF_ANY_COMMAND.into_iter().chain(own).collect()
    }

    /// The errors that it may answer with then.
    pub(super) fn problems_of_configuration(&self) -> Vec<Kind> {
        match (self.takes, self.gives) {
            (Command(_), Object("ConfigVersion")) => vec![
                Kind::ConfigOutdated,
                Kind::ConfigFolderEdited,
                Kind::ConfigNeedsRestart,
                Kind::NoSuchVersion,
                Kind::ConfigRefused,
                Kind::ConfigBusy,
                Kind::ConfigFailed,
            ],
            (Command("AskWhatIf"), _) => {
                vec![
                    Kind::ConfigOutdated,
                    Kind::ConfigRefused,
                    Kind::WhatIfRunning,
                    Kind::ConfigBusy,
                    Kind::ConfigFailed,
                ]
            }
            (Command("Proposal"), _) => vec![Kind::ConfigOutdated, Kind::ConfigBusy],
            (Nothing, Object("ConfigFiles")) => vec![Kind::NoSuchVersion, Kind::ConfigBusy, Kind::ConfigFailed],
            (Nothing, Object("SourceKeys")) => vec![Kind::NoSuchSource],
            (Paging, _) => vec![Kind::ConfigFailed],
            (PointTable, _) => vec![Kind::ConfigRefused],
            (_, _) => Vec::new(),
        }
    }
}
