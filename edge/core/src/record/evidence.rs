//! The evidence of a warning: the record that it has been kept, and the packet itself, as it lies on the disk and is given out.

use super::{
    AlarmRecord, AuditRecord, GapRecord, HazardRecord, HiddenRecord, MeasureRecord, StatusRecord, TaskRecord,
    TicketRecord, UnitRecord, WarningRecord,
};
use crate::{
    id::*,
    quality::{Quality, Severity},
    time::UtcTime,
    words::Words,
};
use serde::{Deserialize, Serialize};

/// The evidence of a closed warning lies on the disk of the gateway; its hash here shows whether the file was changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceRecord {
    /// The warning.
    pub warning: WarningId,
    /// When the file was written.
    pub kept_at: UtcTime,
    /// The hash of the document: its field `sha256`.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The configuration in force.
    pub config_version: Words,
}

/// The evidence of a warning: what was measured before, during and after it, who was in the unit, what cameras saw, which
/// tickets were in force, what was derived and what people did. Every list is bounded and says what it leaves out; what is
/// missing, and why, is in `notes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidencePacket {
    /// SHA-256, in 64 hexadecimal digits, over the document's text as it is with this field empty (`"sha256":""`) and without
    /// a line end.
    pub sha256: String,
    /// `davy.evidence.v1`.
    pub format: String,
    /// The enterprise; absent when the recording does not reach back to the warning.
    pub company_code: Option<String>,
    /// The gateway; absent likewise.
    pub gateway_id: Option<String>,
    /// The journal's epoch: with a row's `sequence` it is the row's identity.
    pub epoch: u32,
    /// When the packet was put together.
    pub assembled_at: UtcTime,
    /// The time that it is about, from …
    pub from: UtcTime,
    /// … to; the moment of assembly while the warning is open.
    pub until: UtcTime,
    /// The warning as it was last.
    pub warning: WarningRecord,
    /// When it was closed; absent while it is open.
    pub closed_at: Option<UtcTime>,
    /// The configurations in force within the time, in the order of their first appearance.
    pub configurations: Vec<ConfigurationSeen>,
    /// The values of every tag that the risk event's rules look at.
    pub samples: Vec<TagSamples>,
    /// Who was in the unit's zones, in the order of their entry.
    pub people: Vec<Stay>,
    /// Stays beyond the limit.
    pub people_left_out: u64,
    /// What cameras saw in the unit's zones.
    pub sights: Vec<SightSeen>,
    /// Sights beyond the limit.
    pub sights_left_out: u64,
    /// The unit's special-work tickets: those not finished when the time begins, and every change.
    pub tickets: Rows<TicketRecord>,
    /// The warning's states.
    pub warnings: Rows<WarningRecord>,
    /// The states of the risk event's alarms: those that stood when the time begins, and every change.
    pub alarms: Rows<AlarmRecord>,
    /// What people did about any of these, and the silencing of the horn; refusals included.
    pub audits: Rows<AuditRecord>,
    /// The risk event's measures: their states when the time begins, and every change.
    pub measures: Rows<MeasureRecord>,
    /// The warning's tasks.
    pub tasks: Rows<TaskRecord>,
    /// The warning's suspected hazards.
    pub hazards: Rows<HazardRecord>,
    /// Which of the risk event's rules annunciated nothing.
    pub hidden: Rows<HiddenRecord>,
    /// The unit: its state when the time begins, and every change.
    pub units: Rows<UnitRecord>,
    /// Data that is missing, of every source.
    pub gaps: Rows<GapRecord>,
    /// Starts of the gateway.
    pub statuses: Rows<StatusRecord>,
    /// What is missing and why, in words for a person.
    pub notes: Vec<String>,
}

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigurationSeen {
    /// Its version.
    pub config_version: String,
    /// When a record first names it, within the time or as what was in force before.
    pub first_seen: UtcTime,
}

/// Rows of the journal of one kind, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RowsOf{T}"))]
pub struct Rows<T> {
    /// The rows; with more than fit, the first ones and the last ones.
    pub rows: Vec<JournaledRow<T>>,
    /// Rows between these that are left out.
    pub left_out: u64,
}

/// A row of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RowOf{T}"))]
pub struct JournaledRow<T> {
    /// Its place in the journal.
    pub sequence: u64,
    /// When it was written.
    pub at: UtcTime,
    /// The record.
    pub record: T,
}

/// What a tag said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagSamples {
    /// The tag.
    pub tag: TagId,
    /// Its name.
    pub name: String,
    /// The values are in this unit.
    pub engineering_unit: String,
    /// The last one before the time begins; absent when none was found, which `notes` then say.
    pub before: Option<SampleSeen>,
    /// Those within the time, as they came; with more than fit, the first ones and the last ones.
    pub points: Vec<SampleSeen>,
    /// Those between these that are left out.
    pub left_out: u64,
}

/// A value with its quality and its two times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleSeen {
    /// When this box received it.
    pub received_time: UtcTime,
    /// When the device says it was measured.
    pub source_time: Option<UtcTime>,
    /// The value; absent when it is not finite.
    pub value: Option<f64>,
    /// OPC UA status code.
    pub quality: Quality,
    /// Whether that lets the value be used.
    pub severity: Severity,
}

/// A person in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stay {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// Where.
    pub zone: ZoneId,
    /// Since when; absent for whoever was inside earlier than the journal was looked through.
    pub entered_at: Option<UtcTime>,
    /// Until when; absent for whoever was still inside.
    pub left_at: Option<UtcTime>,
    /// When the person called for help with SOS, the first time.
    pub sos_at: Option<UtcTime>,
    /// When the card fell silent for so long that the place became unknown.
    pub place_unknown_at: Option<UtcTime>,
}

/// A sight of video analytics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SightSeen {
    /// The camera.
    pub camera: CameraId,
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: Option<ZoneId>,
    /// What was seen.
    pub algorithm: String,
    /// 0 to 1.
    pub confidence: f64,
    /// A reference to the snapshot or clip, as the video system gives it.
    pub picture: Option<String>,
    /// When the video system says so.
    pub source_time: Option<UtcTime>,
    /// When this box received it.
    pub received_time: UtcTime,
}

impl EvidencePacket {
    /// The value of `format`.
    pub const FORMAT: &str = "davy.evidence.v1";
}
