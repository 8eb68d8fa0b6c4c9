//! Tasks in the engine: raised by warnings, moved by people, overdue by time.

use super::Engine;
use crate::{
    effect::{Effects, Rejection},
    event::{Reference, TaskResult},
    id::*,
    limits::ATTACHMENTS_MAX,
    model::{OverdueRule, RuleKind},
    record::*,
    tasks,
    time::{Monotonic, Now},
    timers::Timer,
};
use std::sync::Arc;

impl Engine {
    /// A failed measure asks for its inspection. While one is open for the measure, a further alarm adds to it: a second
    /// inspection of the same content would only take people away from the first.
    pub(super) fn push_task(
        &mut self,
        measure: MeasureIx,
        alarm: &AlarmRecord,
        warning: &WarningRecord,
        now: Now,
        out: &mut Effects,
    ) {
        let id = self.site.measures[measure.at()].id.clone();
        if let Some(key) = self.tasks.of_measure(&id) {
            self.add_cause(&key, alarm, warning, now, out);
            return;
        }
        let id = self.occurrence(id.as_str());
        let Some(inspection) = &self.site.measures[measure.at()].inspection else { return };
        let Some(task) = tasks::issue(&self.site.policy, id.into(), inspection, alarm, warning, now.utc) else {
            return;
        };
        self.name_task(&task.id, alarm);
        self.open_task(task, now, out);
    }

    /// The time gets shorter when the warning is worse now; it never gets longer.
    fn add_cause(&mut self, key: &str, alarm: &AlarmRecord, warning: &WarningRecord, now: Now, out: &mut Effects) {
        let window_ms = self.site.policy.task_due_ms.of(warning.level);
        let due = now.monotonic.after(window_ms);
        let Some(task) = self.tasks.get(key) else { return };
        let (id, is_new) = (task.id.clone(), task.warning.as_ref() != Some(&warning.id));
        let sooner = !task.overdue && self.tasks.deadline(&id).is_some_and(|deadline| due < deadline);
        let change = |task: &mut TaskRecord| {
            task.add_cause(alarm, warning, now.utc);
            if sooner {
                task.due_at = now.utc.after(window_ms);
                task.window_ms = window_ms;
            }
        };
        self.tasks.change(key, change, out);
        if sooner {
            self.tasks.set_deadline(&id, due);
            self.timers.set(due, Timer::TaskDue(id.clone()));
        }
        if is_new {
            self.name_task(&id, alarm);
        }
    }

    fn name_task(&mut self, task: &TaskId, alarm: &AlarmRecord) {
        let event = self.alarms.rule_of(&alarm.id).and_then(|rule| self.alarms.event(rule));
        let Some(warning) = event.and_then(|event| self.warnings[event.at()].as_mut()) else { return };
        Arc::make_mut(warning).name_task(task);
    }

    pub(super) fn open_task(&mut self, task: TaskRecord, now: Now, out: &mut Effects) {
        if task.origin == TaskOrigin::Warning {
            let due = now.monotonic.after(task.window_ms);
            self.tasks.set_deadline(&task.id, due);
            self.timers.set(due, Timer::TaskDue(task.id.clone()));
        }
        self.tasks.open(task, out);
    }

    pub(super) fn accept_task(
        &mut self,
        id: &TaskId,
        by: &str,
        attachments: &[Reference],
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        let key = self.open_key(id)?;
        if let Some(by) = self.tasks.get(&key).and_then(|task| task.accepted_by.as_ref()) {
            return Err(Rejection::Conflict(format!("task {id} was accepted by {by}")));
        }
        self.check_attachments(&key, attachments)?;
        let change = |task: &mut TaskRecord| {
            task.attach(attachments, by, now.utc);
            task.accept(by, now.utc);
        };
        let task = self.tasks.change(&key, change, out);
        self.touch_warning_of(task.as_ref());
        Ok(())
    }

    pub(super) fn attach(
        &mut self,
        id: &TaskId,
        by: &str,
        attachment: &Reference,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        let key = self.open_key(id)?;
        let attachments = std::slice::from_ref(attachment);
        self.check_attachments(&key, attachments)?;
        self.tasks.change(&key, |task| task.attach(attachments, by, now.utc), out);
        Ok(())
    }

    pub(super) fn cancel_task(
        &mut self,
        id: &TaskId,
        by: &str,
        reason: &str,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        let key = self.open_key(id)?;
        let task = self.tasks.change(&key, |task| task.cancel(by, reason, now.utc), out);
        self.touch_warning_of(task.as_ref());
        self.look_at_overdue(now, out);
        Ok(())
    }

    /// Finishes a task. What was found becomes a suspected hazard; what could not be inspected is issued once more.
    pub(super) fn finish_task(
        &mut self,
        id: &TaskId,
        by: &str,
        (result, note): (TaskResult, &str),
        attachments: &[Reference],
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        let key = self.open_key(id)?;
        self.check_attachments(&key, attachments)?;
        let change = |task: &mut TaskRecord| {
            task.attach(attachments, by, now.utc);
            task.finish(by, result, note, now.utc);
        };
        let Some(task) = self.tasks.change(&key, change, out) else { return Ok(()) };
        match result {
            TaskResult::Normal => {}
            TaskResult::HiddenDanger => self.suspect_finding(&task, now, out),
            TaskResult::CouldNot => self.issue_again(&task, now, out),
        }
        self.touch_warning_of(Some(&task));
        self.look_at_overdue(now, out);
        Ok(())
    }

    /// Once; not at all where the next occurrence of its plan waits to be inspected already.
    fn issue_again(&mut self, task: &TaskRecord, now: Now, out: &mut Effects) {
        let waits = |key: &String| self.tasks.get(key).is_some_and(|next| next.state == TaskState::Issued);
        let next_waits = task.plan.as_ref().is_some_and(|plan| self.tasks.of_plan(plan).iter().any(waits));
        if task.reissue_of.is_some() || next_waits {
            return;
        }
        let id = self.occurrence(task.plan.as_ref().map_or(task.measure.as_str(), PlanId::as_str));
        let Some(again) = task.reissue(id.into(), now.utc) else { return };
        let event = self.event_of_task(&again).filter(|_| again.origin == TaskOrigin::Warning);
        self.dirty.issued.extend(event.map(|event| (event, again.id.clone())));
        self.open_task(again, now, out);
        self.look_again_at_plans(now);
    }

    fn open_key(&self, id: &TaskId) -> Result<String, Rejection> {
        self.tasks.key(id).ok_or_else(|| Rejection::NotFound(format!("task {id} is not open")))
    }

    fn check_attachments(&self, key: &str, references: &[Reference]) -> Result<(), Rejection> {
        let Some(task) = self.tasks.get(key) else { return Ok(()) };
        if task.attachments.len() + references.len() > ATTACHMENTS_MAX {
            return Err(Rejection::Conflict(format!("task {} has {ATTACHMENTS_MAX} attachments at most", task.id)));
        }
        references.iter().try_for_each(Reference::check)
    }

    fn touch_warning_of(&mut self, task: Option<&TaskRecord>) {
        let event = task.and_then(|task| self.event_of_task(task));
        self.dirty.events.extend(event);
    }

    /// The event of a task, while it has an open warning.
    fn event_of_task(&self, task: &TaskRecord) -> Option<RiskEventIx> {
        let is_its = |warning: &WarningRecord| warning.risk_event == task.risk_event;
        self.warnings.iter().position(|warning| warning.as_deref().is_some_and(is_its)).map(RiskEventIx::from)
    }

    /// A task's due time, or one more step of its escalation, has passed.
    pub(super) fn pass_due(&mut self, id: &TaskId, now: Now, out: &mut Effects) {
        if let Some(due) = self.tasks.deadline(id).filter(|due| *due <= now.monotonic) {
            self.pass(id, due, out);
            self.look_at_overdue(now, out);
        }
    }

    /// The next step is counted from the deadline and not from now: a late tick does not put it off.
    pub(super) fn pass(&mut self, id: &TaskId, due: Monotonic, out: &mut Effects) {
        let Some(key) = self.tasks.key(id) else { return };
        let step_percent = self.site.policy.overdue_step_percent;
        if self.tasks.get(&key).is_none_or(|task| task.next_step_at(step_percent).is_none()) {
            return;
        }
        let task = self.tasks.change(&key, TaskRecord::pass_due, out);
        if let Some(task) = task.filter(|task| task.next_step_at(step_percent).is_some()) {
            let next = due.after(task.step_ms(step_percent));
            self.tasks.set_deadline(id, next);
            self.timers.set(next, Timer::TaskDue(id.clone()));
        }
    }

    /// After a start: the deadlines of what warnings raised, and of what is overdue.
    pub(super) fn set_due_timers(&mut self, now: Now) {
        let part = self.site.policy.overdue_step_percent;
        let steps = |task: &TaskRecord| Some((task.id.clone(), task.next_step_at(part)?, task.step_max_ms(part)));
        let timed = self.tasks.iter().filter(|task| task.origin == TaskOrigin::Warning || task.overdue);
        for (id, step, most_ms) in timed.filter_map(steps).collect::<Vec<_>>() {
            let deadline = now.rebase(step, most_ms);
            self.tasks.set_deadline(&id, deadline);
            self.timers.set(deadline, Timer::TaskDue(id));
        }
    }

    /// Lets the rules over overdue tasks see them as they are.
    pub(super) fn look_at_overdue(&mut self, now: Now, out: &mut Effects) {
        for at in 0..self.index.rules_of_tasks.len() {
            let ix = self.index.rules_of_tasks[at];
            self.count_overdue(ix);
            self.judge(ix, now, out);
        }
    }

    pub(super) fn count_overdue(&mut self, ix: RuleIx) {
        let RuleKind::InspectionOverdue(OverdueRule { unit, role }) = self.rule(ix).kind else { return };
        let unit = unit.map(|unit| &self.site.units[unit.at()].id);
        let counts = |task: &&TaskRecord| {
            task.overdue && unit.is_none_or(|unit| task.unit == *unit) && role.is_none_or(|role| task.role == role)
        };
        let overdue = self.tasks.iter().filter(counts).map(|task| task.id.clone()).collect();
        self.inputs.overdue.insert(ix, overdue);
    }
}

impl Reference {
    /// Whether it can be kept: an address or id of one line, a media type, a digest of the right length.
    fn check(&self) -> Result<(), Rejection> {
        super::commands::check_text("attachment's uri", &self.uri, true)?;
        super::commands::check_text("attachment's media type", &self.media_type, true)?;
        if self.uri.contains(char::is_control) {
            return Err(Rejection::Invalid("the attachment's uri has a control character: remove it".to_owned()));
        }
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        if !self.media_type.split_once('/').is_some_and(|(kind, of)| part(kind) && part(of)) {
            return Err(Rejection::Invalid(
                "the attachment's media type is not one: write it as image/jpeg".to_owned(),
            ));
        }
        let is_digest = |digest: &String| digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        if !self.sha256.as_ref().is_none_or(is_digest) {
            return Err(Rejection::Invalid("the attachment's sha256 is not 64 hexadecimal digits".to_owned()));
        }
        Ok(())
    }
}
