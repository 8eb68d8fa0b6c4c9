//! The configuration over the API: what is in force, check, apply, earlier versions, what-if. What is proposed is always a list of
//! edits to the version in force, so that two people cannot overwrite each other unseen.

mod handlers;
mod wire;

pub(crate) use handlers::*;
pub use wire::*;

use davy_core::time::UtcTime;
use futures::future::BoxFuture;

/// Why something about the configuration was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigRefusal {
    /// Another version is in force than the one that was changed.
    Outdated(String),
    /// Somebody has edited the folder, and nothing of that is in force.
    FolderEdited(String),
    /// The configuration would be wrong.
    Wrong(Vec<Finding>),
    /// Keys that only a restart can put in force.
    NeedsRestart(Vec<String>),
    /// What is asked for is not right.
    Invalid(String),
    /// It makes no sense where things stand.
    Conflict(String),
    /// There is no such version.
    NoSuchVersion(String),
    /// There is no such source.
    NoSuchSource(String),
    /// A what-if is running.
    WhatIfRunning(String),
    /// It cannot be read or written, or could not be put in force.
    Failed(String),
}

/// What is to be put in force.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// What is in force, with these changes.
    Proposal(Proposal),
    /// An earlier version.
    Version {
        /// The digest of the version in force, as the person saw it.
        base: String,
        /// Its number.
        number: u64,
    },
}

/// Something that is to be put in force, by whom and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Apply {
    /// What.
    pub wanted: Wanted,
    /// Who signs.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A question to the past.
#[derive(Clone, Debug, PartialEq)]
pub struct AskWhatIf {
    /// What might have been in force.
    pub proposal: Proposal,
    /// Who asks.
    pub by: String,
    /// From when.
    pub from: Option<UtcTime>,
    /// Until when.
    pub to: Option<UtcTime>,
}

type Told<T> = Result<T, ConfigRefusal>;

/// Where the configuration is kept and changed. All but [`apply`](Self::apply) may read the disk and take seconds, and is called
/// where that is no harm.
pub trait Configurations: Send + Sync {
    /// What is in force.
    fn state(&self) -> ConfigState;

    /// The files of what is in force.
    fn files(&self) -> ConfigFiles;

    /// The point table of what is in force, as a file.
    ///
    /// # Errors
    /// A character that GBK has not, by its place.
    fn points(&self, format: PointsFormat, header: PointsHeader) -> Told<Vec<u8>>;

    /// What is written of a source of what is in force.
    ///
    /// # Errors
    /// When there is none of this id.
    fn source(&self, id: &str) -> Told<SourceKeys>;

    /// Everything that was in force and is kept, the newest first.
    ///
    /// # Errors
    /// When it cannot be read.
    fn versions(&self) -> Told<Vec<ConfigVersion>>;

    /// The files of a version, and their difference to what is in force.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    fn version(&self, number: u64) -> Told<ConfigFiles>;

    /// Looks at a proposal. Nothing is changed.
    ///
    /// # Errors
    /// When it is made to another version; what is wrong with it is in the answer.
    fn check(&self, proposal: &Proposal) -> Told<ConfigChecked>;

    /// Puts something in force, with an audit record, one after the other. It goes on though nobody waits for the answer.
    fn apply(&self, apply: Apply) -> BoxFuture<'static, Told<ConfigVersion>>;

    /// Begins to play what was recorded through a proposal.
    ///
    /// # Errors
    /// When another one is running, or the proposal is wrong.
    fn ask_what_if(&self, ask: AskWhatIf) -> Told<WhatIf>;

    /// How the latest what-if is doing.
    fn what_if(&self) -> WhatIf;

    /// Stops it, if it is running.
    fn stop_what_if(&self) -> WhatIf;
}
