//! The recording: all that the engine was told, in order, with the clocks as they stood. Played again through the same
//! configuration it gives the same journal, record for record; through another it tells what that one would have done.
//!
//! A file of its own, `recording.db`, because its bargain is another than the journal's: samples are many and a power cut
//! may cost the last seconds of them, an event never. It is written by a thread of its own in compressed blocks; when that
//! thread cannot keep up, blocks are left out and counted, and the loop that evaluates alarms never waits. A run begins
//! with every start of the gateway and every change of its configuration, and holds what the engine began with: configuration, saved state, clocks.

mod block;
mod file;
mod follow;
mod reader;
mod writer;

pub use follow::{Block, Follower, Following, window};
pub use reader::{Part, Recording, Run, RunId, RunWithin};
pub use writer::{Keeps, Recorder, open};

use crate::history::TagOfRun;
use davy_core::{event::Event, time::Now};
use std::collections::BTreeMap;

/// The shape of what is written. A recording of another shape is kept and cannot be played: whoever changes the shape of
/// an event counts this up, and `tests/recording.rs` notices.
pub const FORMAT: u32 = 1;

/// Something that the engine was told.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    /// When.
    pub now: Now,
    /// What.
    pub event: Event,
}

/// What a run begins with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beginning {
    /// The clocks that the engine was restored with.
    pub now: Now,
    /// The journal's epoch.
    pub epoch: u32,
    /// The journal's newest row at that moment; the run's own rows come after it.
    pub head: u64,
    /// The version of the configuration.
    pub config_version: String,
    /// The files of the configuration, by name. Secrets are not among them.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The saved state that the engine was restored from.
    pub saved: BTreeMap<String, String>,
    /// The tags in their order in the site, for the history; none when a recording of before is read.
    pub tags: Vec<TagOfRun>,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The blocks' bytes; beyond it the oldest go.
    pub bytes_max: u64,
    /// Their age; older ones go.
    pub days_max: u32,
}
