//! What is journaled and published: the full state of an object after a transition, with the chain that says why.
//!
//! One shape serves the journal, the page and the uplinks (CloudEvents `data`); its JSON Schema is a golden file. Adding
//! a field is free, renaming or removing one is not. Ids chain upward: hazard → warning → alarm → rule → trigger.

mod change;
mod evidence;
mod hazard;
mod hidden;
mod task;

pub use change::*;
pub use evidence::*;
pub use hazard::*;
pub use hidden::*;
mod ticket;

pub use task::*;
pub use ticket::*;

use crate::{
    event::CommandOutcome,
    id::*,
    model::{Position, Priority, RiskLevel},
    time::UtcTime,
    trigger::{PersonRef, Trigger},
    words::Words,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

macro_rules! records {
    ($($(#[$doc:meta])* $name:ident($body:ty) = $kind:literal),* $(,)?) => {
        /// A row of the journal. The kind is part of the topic (`davy/v1/…/{kind}`). What changes often is shared
        /// with the saved state and the engine.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Record {
            $($(#[$doc])* $name($body),)*
        }

        impl Record {
            /// Every kind there is.
            pub const KINDS: &[&str] = &[$($kind),*];

            /// The kind, as in topics and in the journal.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $kind,)*
                }
            }
        }
    };
}

records! {
    /// An alarm changed.
    Alarm(Arc<AlarmRecord>) = "alarm",
    /// A measure changed.
    Measure(MeasureRecord) = "measure",
    /// A warning changed.
    Warning(Arc<WarningRecord>) = "warning",
    /// A unit's colour changed.
    Unit(UnitRecord) = "unit",
    /// A task changed.
    Task(TaskRecord) = "task",
    /// A suspected hazard changed.
    Hazard(HazardRecord) = "hazard",
    /// A rule is hidden, or annunciates again.
    Hidden(HiddenRecord) = "hidden",
    /// A person moved or called.
    Person(PersonRecord) = "person",
    /// A special-work ticket changed.
    Ticket(TicketRecord) = "ticket",
    /// Another configuration has changed the master alarm table.
    Change(ChangeRecord) = "change",
    /// Data is missing.
    Gap(GapRecord) = "gap",
    /// The evidence of a warning has been kept.
    Evidence(EvidenceRecord) = "evidence",
    /// The gateway itself.
    Status(StatusRecord) = "status",
    /// Somebody asked for something.
    Audit(AuditRecord) = "audit",
}

/// The state of an alarm in the words of ISA-18.2 / IEC 62682 (GB/T 41261), derived from facts that are kept apart: the
/// condition, the acknowledgement, the latch, and what hides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// Active and unacknowledged.
    Unacknowledged,
    /// Active and acknowledged.
    Acknowledged,
    /// The condition is gone, nobody has acknowledged.
    ReturnedUnacknowledged,
    /// The condition is gone, nobody has acknowledged, and the alarm waits for acknowledgement and reset 报警锁定.
    LatchedUnacknowledged,
    /// The condition is gone, somebody has acknowledged, and the alarm waits for its reset.
    LatchedAcknowledged,
    /// Shelved by a person for a limited time: it annunciates nothing.
    Shelved,
    /// Suppressed by design, because its unit is stopped or another rule makes it meaningless: it annunciates nothing.
    Suppressed,
    /// Out of service: it annunciates nothing.
    OutOfService,
    /// Gone, acknowledged and reset: the occurrence is over.
    Normal,
}

/// An alarm 报警.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlarmRecord {
    /// The occurrence.
    pub id: AlarmId,
    /// The rule.
    pub rule: RuleId,
    /// The words of the alarm.
    pub name: Words,
    /// The kind of the rule, `limit_hh`, `sos`, ….
    pub rule_kind: Words,
    /// How fast someone must act.
    pub priority: Priority,
    /// Its state.
    pub state: AlarmState,
    /// Whether the rule's inputs are usable now; an active alarm whose inputs went bad stays active.
    pub inputs_known: bool,
    /// The unit.
    pub unit: Option<UnitId>,
    /// The measure it is the evidence of.
    pub measure: Option<MeasureId>,
    /// The risk event it is folded into.
    pub risk_event: Option<RiskEventId>,
    /// When it was first raised.
    pub raised_at: UtcTime,
    /// When it was raised last; later than `raised_at` when it came back before anyone acknowledged.
    pub latest_raised_at: UtcTime,
    /// How often it was raised within this occurrence; 0 for one that began hidden and has never annunciated.
    pub raised_count: u32,
    /// When the condition went.
    pub returned_at: Option<UtcTime>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<UtcTime>,
    /// By whom.
    pub acknowledged_by: Option<String>,
    /// Whether lives hang on it: its rule is never shelved, suppressed or taken out of service, and it is shown on top.
    #[serde(default)]
    pub never_hidden: bool,
    /// Whether it stays after its return until a person resets it.
    #[serde(default)]
    pub latched: bool,
    /// When it was reset.
    #[serde(default)]
    pub reset_at: Option<UtcTime>,
    /// By whom.
    #[serde(default)]
    pub reset_by: Option<String>,
    /// What hides it now. When that is over and the condition still holds, a new occurrence is raised.
    #[serde(default)]
    pub hidden_because: Vec<Hiding>,
    /// Its first-out group 首出组.
    #[serde(default)]
    pub first_out_group: Option<FirstOutId>,
    /// Whether it is the first out of its group: it was raised while no other alarm of the group was shown.
    #[serde(default)]
    pub first_out: bool,
    /// The first out of its group, where that is another alarm.
    #[serde(default)]
    pub first_out_alarm: Option<AlarmId>,
    /// What was observed when it was raised last.
    pub trigger: Arc<Trigger>,
    /// Whether a zone breach has lasted for so long that it is an event to be recorded (AQ 3064.3-2025: 30 s).
    #[serde(default)]
    pub lasting: bool,
    /// What to do.
    pub guidance: Words,
    /// Why it ended, where that was not a return to normal: `rule removed`, `annunciated anew`.
    pub ended_because: Option<String>,
    /// The configuration it was derived under.
    pub config_version: Words,
}

/// Whether a measure does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MeasureState {
    /// Its inputs are known and within limits.
    Effective,
    /// It has failed.
    Failed,
    /// A rule that is its evidence is hidden: it does its work for nobody. What has visibly failed stays failed.
    Bypassed,
    /// Its inputs are bad or absent: unknown is not normal.
    Unknown,
}

/// A measure 管控措施.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasureRecord {
    /// The measure.
    pub measure: MeasureId,
    /// 管控措施描述.
    pub description: Words,
    /// The risk event.
    pub risk_event: RiskEventId,
    /// The unit.
    pub unit: UnitId,
    /// Its state.
    pub state: MeasureState,
    /// Since when.
    pub since: UtcTime,
    /// The alarms that made it fail.
    pub alarms: Vec<AlarmId>,
    /// The rules whose inputs are unknown, at most `limits::REASONS_MAX`.
    pub unknown_rules: Vec<RuleId>,
    /// The rules that are hidden, with the reasons, and those by which a bypass of the SIS is active, without one; at most
    /// `limits::REASONS_MAX`.
    #[serde(default)]
    pub bypassed_rules: Vec<BypassedRule>,
    /// The configuration it was derived under.
    pub config_version: Words,
}

/// How far a warning has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WarningState {
    /// Nobody has answered yet.
    Raised,
    /// Every alarm in it is acknowledged.
    Acknowledged,
    /// A task raised by it is being worked on.
    BeingHandled,
    /// Every condition is gone; an alarm is still unacknowledged or waits for its reset.
    Cleared,
    /// Over.
    Closed,
}

/// Why a warning has its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LevelReason {
    /// The worst priority of its alarms.
    AlarmPriority,
    /// People are inside the unit.
    PeopleInside,
    /// A second measure of the same event has failed.
    SecondMeasureFailed,
    /// It stayed raised for too long while nobody acknowledged or handled it 超时未处置升级.
    Unhandled,
}

/// An anomaly warning 异常预警: one for each risk event, folding many alarms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WarningRecord {
    /// The occurrence.
    pub id: WarningId,
    /// The risk event.
    pub risk_event: RiskEventId,
    /// 安全风险事件名称.
    pub name: Words,
    /// The unit.
    pub unit: UnitId,
    /// 安全风险分析单元名称.
    pub unit_name: Words,
    /// How far it has come.
    pub state: WarningState,
    /// Its level; while the warning is open it only gets worse.
    pub level: RiskLevel,
    /// Why it has that level.
    pub level_reasons: Vec<LevelReason>,
    /// When it was raised with that level or got that bad; absent in records of older versions.
    #[serde(default)]
    pub level_since: Option<UtcTime>,
    /// How many steps worse it is because nobody handled it in time.
    #[serde(default)]
    pub unhandled_steps: u8,
    /// When it gets one step worse unless somebody acknowledges or handles it, as the wall clock stood when this time
    /// began; absent where it does not.
    #[serde(default)]
    pub escalates_at: Option<UtcTime>,
    /// When it was raised.
    pub raised_at: UtcTime,
    /// When every condition was gone.
    pub cleared_at: Option<UtcTime>,
    /// The alarms folded into it, oldest first, at most `limits::REASONS_MAX`.
    pub alarms: Vec<WarningAlarm>,
    /// How many alarms it has folded, those beyond the list included.
    pub alarm_count: u32,
    /// The measures that have failed now.
    pub failed_measures: Vec<MeasureId>,
    /// How many people are in the unit's zones.
    pub people_count: u32,
    /// Who they are, at most `limits::PEOPLE_NAMED_MAX`.
    pub people: Vec<PersonRef>,
    /// The tasks it has raised, at most `limits::REASONS_MAX`.
    pub tasks: Vec<TaskId>,
    /// The configuration it was derived under.
    pub config_version: Words,
}

/// An alarm inside a warning: enough to read the warning alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WarningAlarm {
    /// The occurrence.
    pub id: AlarmId,
    /// The rule.
    pub rule: RuleId,
    /// The words of the alarm.
    pub name: Words,
    /// Its priority.
    pub priority: Priority,
    /// Its state.
    pub state: AlarmState,
    /// What was observed.
    pub trigger: Arc<Trigger>,
    /// What to do.
    pub guidance: Words,
}

/// A risk unit's live colour 四色.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitRecord {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: Words,
    /// The live colour: the worst open warning's level, else blue.
    pub colour: RiskLevel,
    /// Whether something in it cannot be judged: a measure is unknown. Unknown is not normal.
    pub unknown: bool,
    /// The assessed level 评估等级.
    pub assessed: RiskLevel,
    /// The open warnings, worst first.
    pub warnings: Vec<WarningId>,
    /// The measures that have failed.
    pub failed_measures: Vec<MeasureId>,
    /// The measures that are unknown.
    pub unknown_measures: Vec<MeasureId>,
    /// The measures that are bypassed.
    #[serde(default)]
    pub bypassed_measures: Vec<MeasureId>,
    /// Its stop record 停用/检修, while it is stopped.
    #[serde(default)]
    pub stopped: Option<UnitStop>,
    /// Since when.
    pub since: UtcTime,
    /// The configuration it was derived under.
    pub config_version: Words,
}

/// A person moved to another zone, pressed or released SOS, or has not been located for so long that the place is unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRecord {
    /// Who and where.
    #[serde(flatten)]
    pub person: PersonRef,
    /// The zone before.
    pub from_zone: Option<ZoneId>,
    /// In the zone since then, or until the place became unknown; absent outside all zones.
    #[serde(default)]
    pub in_zone_since: Option<UtcTime>,
    /// Whether the place is unknown, because the card has been silent for too long.
    #[serde(default)]
    pub place_unknown: bool,
    /// Where on the local plane the person was then.
    #[serde(default)]
    pub position: Option<Position>,
    /// Whether SOS is pressed.
    pub sos: bool,
    /// The card's battery.
    #[serde(default)]
    pub battery_percent: Option<u8>,
    /// When the beacon says so.
    pub source_time: Option<UtcTime>,
    /// When the box received it.
    pub received_time: UtcTime,
}

/// Data is missing: a source was down, or this box was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GapRecord {
    /// The source.
    pub source: SourceId,
    /// From when.
    pub from: UtcTime,
    /// Until when.
    pub until: UtcTime,
    /// Why.
    pub reason: String,
    /// Values of the source's own history that fill it, where they have been read; the times are then the source's own.
    #[serde(default)]
    pub filled: Option<u64>,
}

/// What happened to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StatusChange {
    /// It started with an empty journal.
    FirstStart,
    /// It started again with its saved state.
    Restarted,
    /// It was given another configuration and did not stop for it.
    Reconfigured,
}

/// The gateway itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusRecord {
    /// What happened.
    pub change: StatusChange,
    /// When.
    pub at: UtcTime,
    /// Alarms that were active and are taken over.
    pub alarms_taken_over: u32,
    /// The configuration in force.
    pub config_version: Words,
}

/// Somebody asked for something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditRecord {
    /// When.
    pub at: UtcTime,
    /// Who.
    pub by: String,
    /// What: `acknowledge_alarm`, `silence_horn`, `accept_task`, `finish_task`, `cancel_task`, `add_attachment`, `review_hazard`, `reset_alarm`, `shelve_alarm`,
    /// `unshelve_alarm`, `shelve_rule`, `unshelve_rule`, `take_out_of_service`, `return_to_service`, `stop_unit`,
    /// `resume_unit`, `retry_parked`; of certificates `trust_certificate`, `reject_certificate`, `remove_certificate`,
    /// `renew_certificate`; of users and sessions `log_in`, `log_in_failed`, `lock_out`, `log_out`, `set_up`, `add_user`,
    /// `change_role`, `change_password`, `remove_user`, `add_token`, `remove_token`, `edit_access`; of the gateway itself
    /// `apply_configuration`, `roll_back_configuration`, `check_loop`, `test_board`, `take_backup`, `make_support_bundle`,
    /// `power_fail`, `receive_update`, `refuse_update`, `install_update`, `try_update`, `confirm_update`, `roll_back_update`;
    /// `note_unauthenticated` for commands of nobody known; of the enterprise platform's commands also
    /// `take_ticket`, `replace_risk_model`, and `refuse_command` for one that came to nothing before it was looked at.
    pub action: String,
    /// On which object; absent for the horn.
    pub object: Option<String>,
    /// In words.
    pub note: String,
    /// Why it was refused; absent when it was done.
    pub refused: Option<String>,
    /// What the object was before, such as a user's role; absent where nothing is changed from something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The configuration in force.
    pub config_version: Words,
    /// The command of the enterprise platform that this answers; absent when a person on site asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandRecord>,
}

/// A signed command of the enterprise platform, by which journal, receipt and platform are joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CommandRecord {
    /// Its own id, the claim `jti`.
    pub id: String,
    /// The kind by which it was asked.
    pub kind: String,
    /// The key by which it was signed.
    pub key: String,
    /// When the platform says that it made it, the claim `iat`.
    pub issued: UtcTime,
    /// SHA-256 of what was asked, 64 hexadecimal digits.
    pub sha256: String,
    /// What came of it.
    pub outcome: CommandOutcome,
    /// What changed, or all that is wrong; often empty.
    pub details: Vec<String>,
}
