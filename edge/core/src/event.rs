//! Everything that can happen.

use crate::{id::*, quality::Quality, time::UtcTime};
use serde::{Deserialize, Serialize};

/// What the engine is told. Events are made by connectors, pages and uplinks and go through one bounded inbox. They can be
/// written down, so that a recording plays again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The engine has been built or restored: settle everything and say so.
    Started,
    /// Values, as one notification or one poll brought them.
    Samples(Vec<Sample>),
    /// Where people are.
    Locations(Vec<Location>),
    /// What video analytics saw.
    Video(VideoSight),
    /// A source is up or down.
    Source(SourceIx, Link),
    /// An uplink is up or down.
    Uplink(UplinkIx, Link),
    /// A person or the enterprise asks for something.
    Command(Command),
    /// Nothing but time has passed.
    Tick,
}

/// A value is never without its quality and its two times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The tag.
    pub tag: TagIx,
    /// The value in the tag's engineering unit; booleans are 0 and 1.
    pub value: f64,
    /// Its quality.
    pub quality: Quality,
    /// When the device says it was measured; shown, never trusted for delays. `None` when the device does not say.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

/// Where a person is, by beacon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The person.
    pub person: PersonIx,
    /// The zone, `None` outside all zones.
    pub zone: Option<ZoneIx>,
    /// Whether the SOS button is pressed.
    pub sos: bool,
    /// The card's battery, 0 to 100.
    pub battery_percent: Option<u8>,
    /// When the beacon says so.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

/// One sight of video analytics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VideoSight {
    /// The camera.
    pub camera: CameraIx,
    /// What was seen, in the configuration's own code.
    pub algorithm: String,
    /// 0 to 1.
    pub confidence: f64,
    /// A reference to the snapshot, as the video system gives it.
    pub picture: Option<String>,
    /// When the video system says so.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

/// The state of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// Data flows.
    Up,
    /// It does not, and why, in words for a person.
    Down(String),
}

/// Something a person or the enterprise asks for. Answered by exactly one audit record, and by a rejection when it makes
/// no sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The sender's own number, given back in the answer.
    pub request: u64,
    /// Who asks.
    pub by: String,
    /// What for.
    pub kind: CommandKind,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandKind {
    /// Acknowledge an alarm.
    AcknowledgeAlarm {
        /// The occurrence.
        alarm: AlarmId,
    },
    /// Silence the horn for the configured time; the next alarm sounds again.
    SilenceHorn,
    /// Take a task.
    AcceptTask {
        /// The task.
        task: TaskId,
    },
    /// Finish a task.
    FinishTask {
        /// The task.
        task: TaskId,
        /// What was found.
        result: TaskResult,
        /// In words; required unless the result is normal.
        note: String,
    },
    /// Decide on a suspected hazard.
    ReviewHazard {
        /// The hazard.
        hazard: HazardId,
        /// The decision.
        verdict: Verdict,
        /// In words; required.
        note: String,
    },
}

/// What an inspection found (national `checkStatus` 0 正常, 1 存在隐患, 2 未排查).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskResult {
    /// 正常.
    Normal,
    /// 存在隐患.
    HiddenDanger,
    /// 未排查: it could not be inspected.
    CouldNot,
}

/// What a person decides about a suspected hazard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is a hazard; the enterprise's rectification takes over.
    Confirmed,
    /// It is none.
    Rejected,
    /// It has been dealt with.
    Closed,
}
