//! Suspected hazards 疑似隐患: at most one open for each unit, measure and rule; only people confirm, reject or close.

use crate::{
    event::Verdict,
    id::{HazardId, TaskId},
    record::*,
    time::UtcTime,
};

/// A hazard because a measure failed (national source code 9, 管控措施失效).
pub(crate) fn from_failure(
    id: HazardId,
    measure_description: &str,
    alarm: &AlarmRecord,
    warning: &WarningRecord,
    now: UtcTime,
) -> Option<HazardRecord> {
    Some(HazardRecord {
        id,
        state: HazardState::Suspected,
        origin: HazardOrigin::MeasureFailure,
        name: format!("管控措施失效：{measure_description}（{}）", alarm.name),
        measure: alarm.measure.clone()?,
        risk_event: warning.risk_event.clone(),
        unit: warning.unit.clone(),
        warning: Some(warning.id.clone()),
        alarm: alarm.id.clone(),
        rule: alarm.rule.clone(),
        task: None,
        trigger: alarm.trigger.clone(),
        recurrences: 0,
        suspected_at: now,
        reviewed_at: None,
        reviewed_by: None,
        verdict: None,
        note: String::new(),
        config_version: alarm.config_version.clone(),
    })
}

/// A hazard that an inspection found.
pub(crate) fn from_finding(id: HazardId, task: &TaskRecord, now: UtcTime) -> HazardRecord {
    HazardRecord {
        id,
        state: HazardState::Suspected,
        origin: HazardOrigin::TaskFinding,
        name: format!("排查发现：{}", task.note),
        measure: task.measure.clone(),
        risk_event: task.risk_event.clone(),
        unit: task.unit.clone(),
        warning: Some(task.warning.clone()),
        alarm: task.alarm.clone(),
        rule: task.rule.clone(),
        task: Some(task.id.clone()),
        trigger: task.trigger.clone(),
        recurrences: 0,
        suspected_at: now,
        reviewed_at: None,
        reviewed_by: None,
        verdict: None,
        note: String::new(),
        config_version: task.config_version.clone(),
    }
}

impl HazardRecord {
    pub(crate) fn find_again(&mut self, task: Option<TaskId>) {
        match task {
            Some(task) => self.task = Some(task),
            None => self.recurrences = self.recurrences.saturating_add(1),
        }
    }

    pub(crate) fn review(&mut self, by: &str, verdict: Verdict, note: &str, now: UtcTime) {
        self.state = match verdict {
            Verdict::Confirmed => HazardState::Confirmed,
            Verdict::Rejected => HazardState::Rejected,
            Verdict::Closed => HazardState::Closed,
        };
        self.reviewed_at = Some(now);
        self.reviewed_by = Some(by.to_owned());
        self.verdict = Some(verdict);
        self.note = note.to_owned();
    }

    /// Whether a person has still something to decide.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, HazardState::Suspected | HazardState::Confirmed)
    }
}
