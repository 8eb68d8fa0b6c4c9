//! Inspection tasks 排查任务: at most one open for each measure that a warning is about, and one for each occurrence of a
//! plan. Issued, accepted, done; overdue on the way; cancelled or closed undone.

use crate::{
    event::{Reference, TaskResult},
    id::TaskId,
    limits::{ESCALATION_STEP_MIN_MS, REASONS_MAX},
    model::{Inspection, Plan, Policy, Role, Site},
    record::*,
    time::UtcTime,
    words::Words,
};
use serde::Serialize;

/// What a unit has done since Monday 00:00 local, for the weekly self-evaluation 运行成效评估: A is completed of planned
/// tasks, B what people made of suspected hazards. Counted from records, each of which is the full state after a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Tasks that were issued.
    pub issued: u64,
    /// Tasks that were inspected, with or without a hidden danger found; what could not be is not.
    pub completed: u64,
    /// Tasks that were cancelled; they are not asked for any more.
    pub cancelled: u64,
    /// Suspected hazards that a person confirmed.
    pub accepted: u64,
    /// Suspected hazards that a person rejected.
    pub rejected: u64,
}

impl Tally {
    /// Counts a task's change; `now` is when it was made. A task put in the place of one that could not be done is the
    /// same inspection.
    pub fn task(&mut self, task: &TaskRecord, now: UtcTime) {
        let issued = task.state == TaskState::Issued && task.issued_at == now && task.reissue_of.is_none();
        let is_new = issued && !task.overdue && task.causes.is_empty() && task.recurrences == 0;
        let inspected = task.state == TaskState::Done && task.result != Some(TaskResult::CouldNot);
        self.issued += u64::from(is_new && task.attachments.is_empty());
        self.completed += u64::from(inspected);
        self.cancelled += u64::from(task.state == TaskState::Cancelled);
    }

    /// Counts a hazard's change; `now` is when it was made.
    pub fn hazard(&mut self, hazard: &HazardRecord, now: UtcTime) {
        let decided = hazard.reviewed_at == Some(now);
        self.accepted += u64::from(decided && hazard.state == HazardState::Confirmed);
        self.rejected += u64::from(decided && hazard.state == HazardState::Rejected);
    }
}

/// A task for a measure that has failed; due by the warning's level.
pub(crate) fn issue(
    policy: &Policy,
    id: TaskId,
    inspection: &Inspection,
    alarm: &AlarmRecord,
    warning: &WarningRecord,
    now: UtcTime,
) -> Option<TaskRecord> {
    let window_ms = policy.task_due_ms.of(warning.level);
    Some(TaskRecord {
        content: inspection.content.clone(),
        role: inspection.role,
        measure: alarm.measure.clone()?,
        risk_event: warning.risk_event.clone(),
        unit: warning.unit.clone(),
        warning: Some(warning.id.clone()),
        alarm: Some(alarm.id.clone()),
        rule: Some(alarm.rule.clone()),
        trigger: Some(alarm.trigger.clone()),
        due_at: now.after(window_ms),
        window_ms,
        config_version: alarm.config_version.clone(),
        ..blank(id, TaskOrigin::Warning, now)
    })
}

/// When a planned task falls due and until when it is to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occurrence {
    pub(crate) planned_at: UtcTime,
    pub(crate) due_at: UtcTime,
    pub(crate) window_ms: u64,
    pub(crate) late: bool,
}

/// A task of a plan.
pub(crate) fn issue_planned(site: &Site, id: TaskId, plan: &Plan, occurrence: Occurrence, now: UtcTime) -> TaskRecord {
    let measure = &site.measures[plan.measure.at()];
    let event = &site.events[measure.event.at()];
    TaskRecord {
        content: plan.content.clone(),
        role: plan.role,
        measure: measure.id.clone(),
        risk_event: event.id.clone(),
        unit: site.units[event.unit.at()].id.clone(),
        plan: Some(plan.id.clone()),
        duty_item: plan.duty_item,
        planned_at: Some(occurrence.planned_at),
        late: occurrence.late,
        due_at: occurrence.due_at,
        window_ms: occurrence.window_ms,
        config_version: site.gateway.config_version.clone(),
        ..blank(id, TaskOrigin::Plan, now)
    }
}

fn blank(id: TaskId, origin: TaskOrigin, now: UtcTime) -> TaskRecord {
    TaskRecord {
        id,
        state: TaskState::Issued,
        origin,
        overdue: false,
        content: String::new(),
        role: Role::Operation,
        escalated_from: None,
        escalations: 0,
        measure: "".into(),
        risk_event: "".into(),
        unit: "".into(),
        plan: None,
        duty_item: None,
        planned_at: None,
        late: false,
        warning: None,
        alarm: None,
        rule: None,
        trigger: None,
        causes: Vec::new(),
        recurrences: 0,
        reissue_of: None,
        issued_at: now,
        due_at: now,
        window_ms: 0,
        accepted_at: None,
        accepted_by: None,
        finished_at: None,
        finished_by: None,
        result: None,
        note: String::new(),
        ended_at: None,
        ended_by: None,
        ended_because: None,
        attachments: Vec::new(),
        config_version: Words::default(),
    }
}

impl TaskRecord {
    /// Its cause came back, or another alarm of the same measure was raised.
    pub(crate) fn add_cause(&mut self, alarm: &AlarmRecord, warning: &WarningRecord, now: UtcTime) {
        self.warning = Some(warning.id.clone());
        let known = self.rule.as_ref() == Some(&alarm.rule) || self.causes.iter().any(|cause| cause.rule == alarm.rule);
        if known || self.causes.len() >= REASONS_MAX {
            self.recurrences = self.recurrences.saturating_add(1);
            return;
        }
        self.causes.push(TaskCause {
            alarm: alarm.id.clone(),
            rule: alarm.rule.clone(),
            name: alarm.name.clone(),
            trigger: alarm.trigger.clone(),
            at: now,
        });
    }

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

    pub(crate) fn cancel(&mut self, by: &str, reason: &str, now: UtcTime) {
        self.state = TaskState::Cancelled;
        self.ended_at = Some(now);
        self.ended_by = Some(by.to_owned());
        self.ended_because = Some(reason.to_owned());
    }

    /// Ends it undone, by nobody.
    pub(crate) fn close(&mut self, because: &str, now: UtcTime) {
        self.state = TaskState::Closed;
        self.ended_at = Some(now);
        self.ended_because = Some(because.to_owned());
    }

    pub(crate) fn attach(&mut self, references: &[Reference], by: &str, now: UtcTime) {
        self.attachments.extend(references.iter().map(|reference| Attachment {
            uri: reference.uri.clone(),
            media_type: reference.media_type.clone(),
            sha256: reference.sha256.clone(),
            by: by.to_owned(),
            at: now,
        }));
    }

    /// The due time has passed, or once more a part of the window: overdue first, then one role up.
    pub(crate) fn pass_due(&mut self) {
        if !self.overdue {
            self.overdue = true;
            return;
        }
        if let Some(above) = self.role.above() {
            self.escalated_from = self.escalated_from.or(Some(self.role));
            self.role = above;
            self.escalations = self.escalations.saturating_add(1);
        }
    }

    /// When it is overdue or goes one role up next, after its record; `None` when it is as high as it can go. It goes up
    /// with each further part of the window, in percent.
    pub(crate) fn next_step_at(&self, step_percent: u32) -> Option<UtcTime> {
        if !self.overdue {
            return Some(self.due_at);
        }
        self.role
            .above()
            .map(|_| self.due_at.after(self.step_ms(step_percent).saturating_mul(u64::from(self.escalations) + 1)))
    }

    /// The longest wait for the next step.
    pub(crate) fn step_max_ms(&self, step_percent: u32) -> u64 {
        if self.overdue { self.step_ms(step_percent) } else { self.window() }
    }

    /// So much of the window.
    pub(crate) fn step_ms(&self, step_percent: u32) -> u64 {
        (self.window().saturating_mul(step_percent.into()) / 100).max(ESCALATION_STEP_MIN_MS)
    }

    fn window(&self) -> u64 {
        if self.window_ms > 0 { self.window_ms } else { u64::try_from(self.due_at.since(self.issued_at)).unwrap_or(0) }
    }

    /// What could not be inspected goes to somebody else, once: one role up, with the same window from now on. What stands
    /// in the place of another already, does not.
    pub(crate) fn reissue(&self, id: TaskId, now: UtcTime) -> Option<TaskRecord> {
        if self.reissue_of.is_some() {
            return None;
        }
        Some(TaskRecord {
            id,
            state: TaskState::Issued,
            overdue: false,
            role: self.role.above().unwrap_or(self.role),
            escalated_from: self.escalated_from.or(self.role.above().map(|_| self.role)),
            reissue_of: Some(self.id.clone()),
            issued_at: now,
            due_at: now.after(self.window()),
            window_ms: self.window(),
            accepted_at: None,
            accepted_by: None,
            finished_at: None,
            finished_by: None,
            result: None,
            note: String::new(),
            attachments: Vec::new(),
            escalations: 0,
            ..self.clone()
        })
    }
}
