//! A suspected hazard 疑似隐患: of a measure that failed, or found by an inspection.

use crate::{
    event::{DangerLevel, ManageType, Verdict},
    id::*,
    time::UtcTime,
    trigger::Trigger,
    words::Words,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far a suspected hazard has come. Only people confirm, reject or close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HazardState {
    /// 疑似: waits for a person.
    Suspected,
    /// A person confirmed it.
    Confirmed,
    /// A person says it is none.
    Rejected,
    /// A person says it has been dealt with.
    Closed,
}

/// Where a suspected hazard came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HazardOrigin {
    /// 管控措施失效, national source code 9.
    MeasureFailure,
    /// Found by an inspection task.
    TaskFinding,
}

/// What an inspection found, in the words of the person who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HazardFinding {
    /// The task.
    pub task: TaskId,
    /// Who found it.
    pub by: String,
    /// In words.
    pub note: String,
    /// When.
    pub at: UtcTime,
}

/// A suspected hazard 疑似隐患, for the enterprise to confirm. One is open for each unit, measure and rule at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HazardRecord {
    /// The hazard.
    pub id: HazardId,
    /// How far it has come.
    pub state: HazardState,
    /// Where it came from.
    pub origin: HazardOrigin,
    /// 隐患名称.
    pub name: String,
    /// The measure that failed.
    pub measure: MeasureId,
    /// The risk event.
    pub risk_event: RiskEventId,
    /// The unit.
    pub unit: UnitId,
    /// The warning.
    pub warning: Option<WarningId>,
    /// The alarm; absent for what a planned inspection found.
    #[serde(default)]
    pub alarm: Option<AlarmId>,
    /// The rule; absent for what a planned inspection found.
    #[serde(default)]
    pub rule: Option<RuleId>,
    /// The task that found it.
    pub task: Option<TaskId>,
    /// What was observed; absent for what a planned inspection found.
    #[serde(default)]
    pub trigger: Option<Arc<Trigger>>,
    /// What inspections found, oldest first, at most `limits::REASONS_MAX`.
    #[serde(default)]
    pub findings: Vec<HazardFinding>,
    /// How often its cause came back while it waited.
    pub recurrences: u32,
    /// When it was suspected first.
    pub suspected_at: UtcTime,
    /// When a person decided last.
    pub reviewed_at: Option<UtcTime>,
    /// Who.
    pub reviewed_by: Option<String>,
    /// The decision.
    pub verdict: Option<Verdict>,
    /// In words.
    pub note: String,
    /// 隐患等级 (national `dangerLevel`), as the person who confirmed it has it.
    #[serde(default)]
    pub danger_level: Option<DangerLevel>,
    /// 治理类型 (national `dangerManageType`), likewise.
    #[serde(default)]
    pub manage_type: Option<ManageType>,
    /// 整改责任人 (national `liablePerson`), likewise.
    #[serde(default)]
    pub liable_person: Option<String>,
    /// 整改期限 (national `dangerManageDeadline`), likewise.
    #[serde(default)]
    pub deadline: Option<UtcTime>,
    /// The configuration it was derived under.
    pub config_version: Words,
}

impl HazardRecord {
    /// Whether a person has still something to decide.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, HazardState::Suspected | HazardState::Confirmed)
    }
}
