//! Why: the last link of the reason chain, from a derived record back to what was observed.

use crate::{
    id::*,
    model::{Limit, Role},
    quality::Quality,
    time::UtcTime,
};
use serde::{Deserialize, Serialize};

/// What was observed when a rule's condition became true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "observed", rename_all = "snake_case")]
pub enum Trigger {
    /// A value, against a limit or for its quality alone.
    Value {
        /// The tag.
        tag: TagId,
        /// The tag's name.
        name: String,
        /// The value; absent when there is none or it is not finite.
        value: Option<f64>,
        /// In this unit.
        engineering_unit: String,
        /// OPC UA status code.
        quality: Quality,
        /// The limit it crossed; absent for quality and staleness.
        limit: Option<Limit>,
        /// When the device says it was measured.
        source_time: Option<UtcTime>,
        /// Whether the source time was absurd and has been replaced.
        source_time_replaced: bool,
        /// When the box received it.
        received_time: UtcTime,
    },
    /// Two values that should agree.
    Pair {
        /// The one: the tag of a deviation, the command of a mismatch.
        first: PairedValue,
        /// The other: the second instrument, the feedback.
        second: PairedValue,
        /// How much they may differ; absent where on and off are compared.
        difference: Option<f64>,
        /// When the box received the later of the two.
        received_time: UtcTime,
    },
    /// A person's distress call.
    Sos {
        /// Who.
        person: PersonRef,
        /// When the beacon says so.
        source_time: Option<UtcTime>,
        /// When the box received it.
        received_time: UtcTime,
    },
    /// People in a zone.
    Crowd {
        /// The zone.
        zone: ZoneId,
        /// The zone's name.
        name: String,
        /// How many are in it.
        people_count: u32,
        /// How many it may hold.
        people_max: u32,
        /// Who they are, at most `limits::PEOPLE_NAMED_MAX`.
        people: Vec<PersonRef>,
        /// When the box received the position that made it too many.
        received_time: UtcTime,
    },
    /// A sight of video analytics.
    Sight {
        /// The camera.
        camera: CameraId,
        /// The camera's name.
        name: String,
        /// What was seen.
        algorithm: String,
        /// 0 to 1.
        confidence: f64,
        /// How many qualifying sights in a row.
        frames: u32,
        /// A reference to the snapshot.
        picture: Option<String>,
        /// When the video system says so.
        source_time: Option<UtcTime>,
        /// When the box received it.
        received_time: UtcTime,
    },
    /// A connection.
    Link {
        /// The source's or uplink's id.
        id: String,
        /// Its name.
        name: String,
        /// Why it is down.
        reason: String,
        /// Since when.
        received_time: UtcTime,
    },
    /// Inspection tasks that are overdue.
    Overdue {
        /// How many.
        count: u32,
        /// Which, at most `limits::REASONS_MAX`.
        tasks: Vec<TaskId>,
        /// The role they are looked for at; absent for any.
        role: Option<Role>,
        /// The unit they are looked for in; absent for any.
        unit: Option<UnitId>,
        /// When the first was seen to be.
        received_time: UtcTime,
    },
}

impl Trigger {
    /// When the box learned of it.
    #[must_use]
    pub fn received_time(&self) -> UtcTime {
        match self {
            Self::Value { received_time, .. }
            | Self::Pair { received_time, .. }
            | Self::Sos { received_time, .. }
            | Self::Crowd { received_time, .. }
            | Self::Sight { received_time, .. }
            | Self::Link { received_time, .. }
            | Self::Overdue { received_time, .. } => *received_time,
        }
    }
}

/// One of two values that should agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PairedValue {
    /// The tag.
    pub tag: TagId,
    /// The tag's name.
    pub name: String,
    /// The value; absent when there is none or it is not finite.
    pub value: Option<f64>,
    /// In this unit.
    pub engineering_unit: String,
    /// OPC UA status code.
    pub quality: Quality,
    /// When the device says it was measured.
    pub source_time: Option<UtcTime>,
    /// When the box received it; absent when there is none.
    pub received_time: Option<UtcTime>,
}

/// A person as named in a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRef {
    /// The enterprise's number of the person.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The zone, absent outside all zones.
    pub zone: Option<ZoneId>,
}
