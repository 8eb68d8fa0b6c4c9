//! What people and the enterprise ask for: done or refused, always audited, always answered.

use super::{Engine, put_hazard, put_task};
use crate::{
    effect::{Answer, Effects, Rejection},
    event::{Command, CommandKind, TaskResult, Verdict},
    hazards,
    id::*,
    limits::TEXT_MAX,
    record::*,
    time::Now,
    timers::Timer,
};

impl Engine {
    pub(super) fn take_command(&mut self, command: Command, now: Now, out: &mut Effects) {
        let Command { request, by, kind } = command;
        let result = check_text("name", &by, true).and_then(|()| self.obey(&by, &kind, now, out));
        let (action, object, note) = describe(&kind);
        out.records.push(Record::Audit(AuditRecord {
            at: now.utc,
            by: by.chars().take(TEXT_MAX).collect(),
            action: action.to_owned(),
            object,
            note: note.chars().take(TEXT_MAX).collect(),
            refused: result.as_ref().err().map(|rejection| rejection.words().to_owned()),
            config_version: self.site.gateway.config_version.clone(),
        }));
        out.answers.push(Answer { request, result });
    }

    fn obey(&mut self, by: &str, kind: &CommandKind, now: Now, out: &mut Effects) -> Result<(), Rejection> {
        match kind {
            CommandKind::AcknowledgeAlarm { alarm } => self.acknowledge(alarm, by, now, out),
            CommandKind::ResetAlarm { alarm } => self.reset(alarm, by, now, out),
            CommandKind::ShelveAlarm { alarm, shelf } => {
                self.open_alarm(alarm).and_then(|ix| self.shelve_by(ix, shelf, by, now, out))
            }
            CommandKind::UnshelveAlarm { alarm } => {
                self.open_alarm(alarm).and_then(|ix| self.unshelve_by(ix, now, out))
            }
            CommandKind::ShelveRule { rule, shelf } => {
                self.rule_called(rule).and_then(|ix| self.shelve_by(ix, shelf, by, now, out))
            }
            CommandKind::UnshelveRule { rule } => self.rule_called(rule).and_then(|ix| self.unshelve_by(ix, now, out)),
            CommandKind::TakeOutOfService { rule, reason } => self.take_out_of_service(rule, reason, by, now, out),
            CommandKind::ReturnToService { rule } => self.return_to_service(rule, now, out),
            CommandKind::StopUnit { unit, for_ms, reason } => self.stop_unit(unit, *for_ms, reason, by, now, out),
            CommandKind::ResumeUnit { unit } => self.resume_unit(unit, now, out),
            CommandKind::SilenceHorn => self.silence(by, now),
            CommandKind::AcceptTask { task } => self.accept(task, by, now, out),
            CommandKind::FinishTask { task, result, note } => self.finish(task, by, *result, note, now, out),
            CommandKind::ReviewHazard { hazard, verdict, note } => self.review(hazard, by, *verdict, note, now, out),
        }
    }

    fn acknowledge(&mut self, id: &AlarmId, by: &str, now: Now, out: &mut Effects) -> Result<(), Rejection> {
        let rule = self.open_alarm(id)?;
        if self.alarms.get(rule).is_some_and(AlarmRecord::is_hidden) {
            return Err(Rejection::Conflict(format!("alarm {id} is hidden: there is nothing to acknowledge")));
        }
        if let Some(by) = self.alarms.get(rule).and_then(|alarm| alarm.acknowledged_by.as_ref()) {
            return Err(Rejection::Conflict(format!("alarm {id} was acknowledged by {by}")));
        }
        self.alarms.change(rule, |alarm| alarm.acknowledge(by, now.utc));
        self.put_alarm_of(rule, out);
        Ok(())
    }

    fn silence(&mut self, by: &str, now: Now) -> Result<(), Rejection> {
        if !self.annunciation.horn {
            return Err(Rejection::Conflict("the horn is not sounding".to_owned()));
        }
        let until = now.monotonic.after(self.site.policy.horn_silence_ms);
        self.silenced_until = Some(until);
        self.saved.silenced_until = Some(now.utc_at(until));
        self.inputs.watch.silences.by = Some(by.to_owned());
        self.timers.set(until, Timer::Horn);
        self.dirty.counters = true;
        self.dirty.annunciation = true;
        Ok(())
    }

    fn accept(&mut self, id: &TaskId, by: &str, now: Now, out: &mut Effects) -> Result<(), Rejection> {
        let task = open_task(&mut self.tasks, id)?;
        if let Some(by) = &task.accepted_by {
            return Err(Rejection::Conflict(format!("task {id} was accepted by {by}")));
        }
        task.accept(by, now.utc);
        put_task(task, out);
        let warning = task.warning.clone();
        self.touch_warning(&warning);
        Ok(())
    }

    fn finish(
        &mut self,
        id: &TaskId,
        by: &str,
        result: TaskResult,
        note: &str,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        check_text("note", note, result != TaskResult::Normal)?;
        let task = open_task(&mut self.tasks, id)?;
        task.finish(by, result, note, now.utc);
        put_task(task, out);
        let task = task.clone();
        self.tasks.remove(&task.rule);
        self.touch_warning(&task.warning);
        if result == TaskResult::HiddenDanger {
            self.suspect_finding(&task, now, out);
        }
        Ok(())
    }

    fn suspect_finding(&mut self, task: &TaskRecord, now: Now, out: &mut Effects) {
        if let Some(open) = self.hazards.get_mut(&task.rule) {
            open.find_again(Some(task.id.clone()));
            put_hazard(open, out);
            return;
        }
        let id = self.occurrence(task.measure.as_str()).into();
        let hazard = hazards::from_finding(id, task, now.utc);
        put_hazard(&hazard, out);
        self.hazards.insert(hazard.rule.clone(), hazard);
    }

    fn review(
        &mut self,
        id: &HazardId,
        by: &str,
        verdict: Verdict,
        note: &str,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        check_text("note", note, true)?;
        let hazard = self.hazards.values_mut().find(|hazard| hazard.id == *id);
        let hazard = hazard.ok_or_else(|| Rejection::NotFound(format!("hazard {id} is not open")))?;
        if hazard.state == HazardState::Confirmed && verdict != Verdict::Closed {
            return Err(Rejection::Conflict(format!("hazard {id} is confirmed already; it can only be closed")));
        }
        if hazard.state == HazardState::Suspected && verdict == Verdict::Closed {
            return Err(Rejection::Conflict(format!("hazard {id} is only suspected: confirm or reject it first")));
        }
        hazard.review(by, verdict, note, now.utc);
        put_hazard(hazard, out);
        if !hazard.is_open() {
            let rule = hazard.rule.clone();
            self.hazards.remove(&rule);
        }
        Ok(())
    }

    fn touch_warning(&mut self, id: &WarningId) {
        let open = self.warnings.iter().position(|warning| warning.as_ref().is_some_and(|warning| warning.id == *id));
        self.dirty.events.extend(open.map(RiskEventIx::from));
    }
}

fn open_task<'a>(
    tasks: &'a mut std::collections::BTreeMap<RuleId, TaskRecord>,
    id: &TaskId,
) -> Result<&'a mut TaskRecord, Rejection> {
    let task = tasks.values_mut().find(|task| task.id == *id);
    task.ok_or_else(|| Rejection::NotFound(format!("task {id} is not open")))
}

pub(super) fn check_text(what: &str, text: &str, required: bool) -> Result<(), Rejection> {
    if required && text.trim().is_empty() {
        return Err(Rejection::Invalid(format!("the {what} is empty: write one")));
    }
    if text.chars().count() > TEXT_MAX {
        return Err(Rejection::Invalid(format!("the {what} is longer than {TEXT_MAX} characters: shorten it")));
    }
    Ok(())
}

/// The audit's words for a command: action, object, note.
fn describe(kind: &CommandKind) -> (&'static str, Option<String>, &str) {
    match kind {
        CommandKind::AcknowledgeAlarm { alarm } => ("acknowledge_alarm", Some(alarm.to_string()), ""),
        CommandKind::ResetAlarm { alarm } => ("reset_alarm", Some(alarm.to_string()), ""),
        CommandKind::ShelveAlarm { alarm, shelf } => ("shelve_alarm", Some(alarm.to_string()), &shelf.reason),
        CommandKind::UnshelveAlarm { alarm } => ("unshelve_alarm", Some(alarm.to_string()), ""),
        CommandKind::ShelveRule { rule, shelf } => ("shelve_rule", Some(rule.to_string()), &shelf.reason),
        CommandKind::UnshelveRule { rule } => ("unshelve_rule", Some(rule.to_string()), ""),
        CommandKind::TakeOutOfService { rule, reason } => ("take_out_of_service", Some(rule.to_string()), reason),
        CommandKind::ReturnToService { rule } => ("return_to_service", Some(rule.to_string()), ""),
        CommandKind::StopUnit { unit, reason, .. } => ("stop_unit", Some(unit.to_string()), reason),
        CommandKind::ResumeUnit { unit } => ("resume_unit", Some(unit.to_string()), ""),
        CommandKind::SilenceHorn => ("silence_horn", None, ""),
        CommandKind::AcceptTask { task } => ("accept_task", Some(task.to_string()), ""),
        CommandKind::FinishTask { task, note, .. } => ("finish_task", Some(task.to_string()), note),
        CommandKind::ReviewHazard { hazard, note, .. } => ("review_hazard", Some(hazard.to_string()), note),
    }
}
