//! An inspection task 排查任务: raised by a warning or falling due by a plan.

use crate::{event::TaskResult, id::*, model::Role, time::UtcTime, trigger::Trigger, words::Words};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Issued to a role.
    Issued,
    /// Somebody has taken it.
    Accepted,
    /// It is finished; it never reopens.
    Done,
    /// A person says that it is not to be done, and why; it never reopens.
    Cancelled,
    /// It was not done: the next occurrence of its plan took its place, or the plan was removed. It never reopens.
    Closed,
}

/// Where a task came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskOrigin {
    /// A warning: a one-off inspection. A local object: the national task table holds recurring plans only.
    #[default]
    Warning,
    /// An occurrence of a recurring plan.
    Plan,
}

/// One more reason for an open task: another alarm of the same measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskCause {
    /// The alarm.
    pub alarm: AlarmId,
    /// The rule behind it.
    pub rule: RuleId,
    /// The words of the alarm.
    pub name: Words,
    /// What was observed.
    pub trigger: Arc<Trigger>,
    /// When it was added.
    pub at: UtcTime,
}

/// A note or a photo that belongs to a task, by reference: no bytes are kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// Where it is, or its id in the system that keeps it.
    pub uri: String,
    /// What it is, `image/jpeg`.
    pub media_type: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits, where it is known.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Who attached it.
    pub by: String,
    /// When.
    pub at: UtcTime,
}

/// An inspection task 排查任务.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskRecord {
    /// The task.
    pub id: TaskId,
    /// How far it has come.
    pub state: TaskState,
    /// Where it came from.
    #[serde(default)]
    pub origin: TaskOrigin,
    /// Whether it passed its due time before it was done.
    pub overdue: bool,
    /// 隐患排查内容.
    pub content: String,
    /// The role it is routed to now.
    pub role: Role,
    /// The role it was routed to first; absent while that is the same.
    #[serde(default)]
    pub escalated_from: Option<Role>,
    /// How often it went one role up because nobody had done it.
    #[serde(default)]
    pub escalations: u32,
    /// The measure to inspect.
    pub measure: MeasureId,
    /// The risk event.
    pub risk_event: RiskEventId,
    /// The unit.
    pub unit: UnitId,
    /// The plan whose occurrence it is.
    #[serde(default)]
    pub plan: Option<PlanId>,
    /// The item of the duty list 包保责任人隐患排查任务清单 that it fulfils (national `taskNum`).
    #[serde(default)]
    pub duty_item: Option<u8>,
    /// When the plan has it.
    #[serde(default)]
    pub planned_at: Option<UtcTime>,
    /// Whether it was issued well after the plan has it: the gateway was off, or its clock was not to be trusted.
    #[serde(default)]
    pub late: bool,
    /// The warning that raised it, the latest one if its cause came back in another; absent for a planned task.
    #[serde(default)]
    pub warning: Option<WarningId>,
    /// The alarm behind it; absent for a planned task.
    #[serde(default)]
    pub alarm: Option<AlarmId>,
    /// The rule behind that; absent for a planned task.
    #[serde(default)]
    pub rule: Option<RuleId>,
    /// What was observed; absent for a planned task.
    #[serde(default)]
    pub trigger: Option<Arc<Trigger>>,
    /// Other alarms of the same measure that came while it was open, at most `limits::REASONS_MAX`.
    #[serde(default)]
    pub causes: Vec<TaskCause>,
    /// How often a cause came back while it was open.
    pub recurrences: u32,
    /// The task that could not be done and in whose place this one stands.
    #[serde(default)]
    pub reissue_of: Option<TaskId>,
    /// When it was issued.
    pub issued_at: UtcTime,
    /// When it is due: by the warning's level, or when the tolerance of its plan is over.
    pub due_at: UtcTime,
    /// How long it may take, in milliseconds; 0 in records of older versions, where it is `due_at` less `issued_at`.
    #[serde(default)]
    pub window_ms: u64,
    /// When it was taken.
    pub accepted_at: Option<UtcTime>,
    /// By whom.
    pub accepted_by: Option<String>,
    /// When it was finished.
    pub finished_at: Option<UtcTime>,
    /// By whom.
    pub finished_by: Option<String>,
    /// What was found.
    pub result: Option<TaskResult>,
    /// In words.
    pub note: String,
    /// When it was cancelled or closed undone.
    #[serde(default)]
    pub ended_at: Option<UtcTime>,
    /// Who cancelled it.
    #[serde(default)]
    pub ended_by: Option<String>,
    /// Why it was cancelled, or closed undone: `next occurrence`, `plan removed`.
    #[serde(default)]
    pub ended_because: Option<String>,
    /// Notes and photos by reference, at most `limits::ATTACHMENTS_MAX`.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// The configuration it was derived under.
    pub config_version: Words,
}

impl TaskRecord {
    /// Whether somebody has still to do it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, TaskState::Issued | TaskState::Accepted)
    }
}
