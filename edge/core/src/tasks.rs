//! One-off inspection tasks 排查任务: at most one open for each measure and cause.

use crate::{
    event::TaskResult,
    id::{RuleId, TaskId},
    model::{Inspection, Policy},
    record::{AlarmRecord, TaskRecord, TaskState, WarningRecord},
    time::UtcTime,
};

/// A task for a measure that has failed; due by the warning's level.
pub(crate) fn issue(
    policy: &Policy,
    id: TaskId,
    inspection: &Inspection,
    alarm: &AlarmRecord,
    warning: &WarningRecord,
    now: UtcTime,
) -> Option<TaskRecord> {
    Some(TaskRecord {
        id,
        state: TaskState::Issued,
        overdue: false,
        content: inspection.content.clone(),
        role: inspection.role,
        measure: alarm.measure.clone()?,
        risk_event: warning.risk_event.clone(),
        unit: warning.unit.clone(),
        warning: warning.id.clone(),
        alarm: alarm.id.clone(),
        rule: alarm.rule.clone(),
        trigger: alarm.trigger.clone(),
        recurrences: 0,
        issued_at: now,
        due_at: now.after(policy.task_due_ms.of(warning.level)),
        accepted_at: None,
        accepted_by: None,
        finished_at: None,
        finished_by: None,
        result: None,
        note: String::new(),
        config_version: alarm.config_version.clone(),
    })
}

impl TaskRecord {
    pub(crate) fn accept(&mut self, by: &str, now: UtcTime) {
        self.state = TaskState::Accepted;
        self.accepted_at = Some(now);
        self.accepted_by = Some(by.to_owned());
    }

    pub(crate) fn finish(&mut self, by: &str, result: TaskResult, note: &str, now: UtcTime) {
        self.state = TaskState::Done;
        self.finished_at = Some(now);
        self.finished_by = Some(by.to_owned());
        self.result = Some(result);
        self.note = note.to_owned();
    }

    /// Where the saved state keeps it: by its cause.
    pub(crate) fn key(&self) -> &RuleId {
        &self.rule
    }
}
