//! What people and the enterprise ask for: done or refused, always audited, always answered.

use super::Engine;
use crate::{
    effect::{Answer, Effects, Rejection},
    event::{CertificateDecision, Command, CommandKind, Note, NoteAct, TaskResult},
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
        let (before, after) = change(&kind);
        let audit = AuditRecord { before, after, ..self.audit(&by, describe(&kind), now) };
        let refused = result.as_ref().err().map(|rejection| rejection.words().to_owned());
        out.records.push(Record::Audit(AuditRecord { refused, ..audit }));
        out.answers.push(Answer { request, result });
    }

    /// That somebody asked for something: action, object and note.
    pub(super) fn audit(
        &self,
        by: &str,
        (action, object, note): (&str, Option<String>, &str),
        now: Now,
    ) -> AuditRecord {
        AuditRecord {
            at: now.utc,
            by: by.chars().take(TEXT_MAX).collect(),
            action: action.to_owned(),
            object,
            note: note.chars().take(TEXT_MAX).collect(),
            refused: None,
            before: None,
            after: None,
            config_version: self.site.gateway.config_version.clone(),
            command: None,
        }
    }

    pub(super) fn obey(&mut self, by: &str, kind: &CommandKind, now: Now, out: &mut Effects) -> Result<(), Rejection> {
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
            CommandKind::AcceptTask { task, attachments } => self.accept_task(task, by, attachments, now, out),
            CommandKind::FinishTask { task, result, note, attachments } => {
                check_text("note", note, *result != TaskResult::Normal)?;
                self.finish_task(task, by, (*result, note), attachments, now, out)
            }
            CommandKind::CancelTask { task, reason } => {
                check_text("reason", reason, true)?;
                self.cancel_task(task, by, reason, now, out)
            }
            CommandKind::AddAttachment { task, attachment } => self.attach(task, by, attachment, now, out),
            CommandKind::ReviewHazard { hazard, verdict, note, rectification } => {
                self.review(hazard, by, (*verdict, note), rectification, now, out)
            }
            CommandKind::DecideCertificate { sha256, subject, .. } => {
                check_text("fingerprint", sha256, true)?;
                check_text("subject", subject, false)
            }
            CommandKind::RetryParked { uplink, .. } => {
                let known = self.site.uplinks.iter().any(|each| each.id == *uplink);
                known.then_some(()).ok_or_else(|| Rejection::NotFound(format!("there is no uplink {uplink}")))
            }
            CommandKind::NoteUnauthenticated { .. } => Ok(()),
            CommandKind::Note(Note { object, before, after, note, .. }) => {
                let texts = [object, before, after].into_iter().flatten().chain([note]);
                texts.into_iter().try_for_each(|text| check_text("note", text, false))
            }
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
pub(super) fn describe(kind: &CommandKind) -> (&'static str, Option<String>, &str) {
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
        CommandKind::AcceptTask { task, .. } => ("accept_task", Some(task.to_string()), ""),
        CommandKind::CancelTask { task, reason } => ("cancel_task", Some(task.to_string()), reason),
        CommandKind::AddAttachment { task, attachment } => ("add_attachment", Some(task.to_string()), &attachment.uri),
        CommandKind::FinishTask { task, note, .. } => ("finish_task", Some(task.to_string()), note),
        CommandKind::ReviewHazard { hazard, note, .. } => ("review_hazard", Some(hazard.to_string()), note),
        CommandKind::DecideCertificate { decision, sha256, subject } => {
            let action = match decision {
                CertificateDecision::Trust => "trust_certificate",
                CertificateDecision::Reject => "reject_certificate",
                CertificateDecision::Remove => "remove_certificate",
                CertificateDecision::Renew => "renew_certificate",
            };
            (action, Some(sha256.clone()), subject)
        }
        CommandKind::RetryParked { uplink, seq } => {
            let object = seq.map_or_else(|| uplink.to_string(), |seq| format!("{uplink}/{seq}"));
            ("retry_parked", Some(object), "")
        }
        CommandKind::NoteUnauthenticated { uplink, count, reason } => {
            ("note_unauthenticated", Some(format!("{uplink}/{count}")), reason)
        }
        CommandKind::Note(Note { act, object, note, .. }) => (noted(*act), object.clone(), note),
    }
}

fn noted(act: NoteAct) -> &'static str {
    match act {
        NoteAct::LogIn => "log_in",
        NoteAct::LogInFailed => "log_in_failed",
        NoteAct::LockOut => "lock_out",
        NoteAct::LogOut => "log_out",
        NoteAct::SetUp => "set_up",
        NoteAct::AddUser => "add_user",
        NoteAct::ChangeRole => "change_role",
        NoteAct::ChangePassword => "change_password",
        NoteAct::RemoveUser => "remove_user",
        NoteAct::AddToken => "add_token",
        NoteAct::RemoveToken => "remove_token",
        NoteAct::EditAccess => "edit_access",
        NoteAct::ApplyConfiguration => "apply_configuration",
        NoteAct::RollBackConfiguration => "roll_back_configuration",
        NoteAct::CheckLoop => "check_loop",
        NoteAct::TestBoard => "test_board",
        NoteAct::TakeBackup => "take_backup",
        NoteAct::MakeSupportBundle => "make_support_bundle",
        NoteAct::PowerFail => "power_fail",
        NoteAct::ReceiveUpdate => "receive_update",
        NoteAct::RefuseUpdate => "refuse_update",
        NoteAct::InstallUpdate => "install_update",
        NoteAct::TryUpdate => "try_update",
        NoteAct::ConfirmUpdate => "confirm_update",
        NoteAct::RollBackUpdate => "roll_back_update",
    }
}

/// Before and after, of what says so.
fn change(kind: &CommandKind) -> (Option<String>, Option<String>) {
    if let CommandKind::Note(Note { before, after, .. }) = kind {
        return (before.clone(), after.clone());
    }
    (None, None)
}
