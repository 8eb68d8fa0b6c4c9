//! Commands of a recording, about what has another occurrence number where it is played.

use davy_core::{event::CommandKind, id::*, record::TaskRecord, snapshot::Snapshot};

/// The command about the open object of the same rule or measure; `None` when none is open.
pub(super) fn same_object(kind: CommandKind, open: &Snapshot) -> Option<CommandKind> {
    Some(match kind {
        CommandKind::AcknowledgeAlarm { alarm } => CommandKind::AcknowledgeAlarm { alarm: same_alarm(&alarm, open)? },
        CommandKind::ResetAlarm { alarm } => CommandKind::ResetAlarm { alarm: same_alarm(&alarm, open)? },
        // It is the rule that is shelved, whether it has an alarm there or not.
        CommandKind::ShelveAlarm { alarm, shelf } => {
            CommandKind::ShelveRule { rule: origin(alarm.as_str()).into(), shelf }
        }
        CommandKind::UnshelveAlarm { alarm } => CommandKind::UnshelveRule { rule: origin(alarm.as_str()).into() },
        kind @ (CommandKind::ShelveRule { .. }
        | CommandKind::UnshelveRule { .. }
        | CommandKind::TakeOutOfService { .. }
        | CommandKind::ReturnToService { .. }
        | CommandKind::StopUnit { .. }
        | CommandKind::ResumeUnit { .. }
        | CommandKind::DecideCertificate { .. }
        | CommandKind::RetryParked { .. }
        | CommandKind::NoteUnauthenticated { .. }
        | CommandKind::Note(_)) => kind,
        CommandKind::AcceptTask { task, attachments } => {
            CommandKind::AcceptTask { task: same_task(&task, open)?, attachments }
        }
        CommandKind::FinishTask { task, result, note, attachments } => {
            CommandKind::FinishTask { task: same_task(&task, open)?, result, note, attachments }
        }
        CommandKind::CancelTask { task, reason } => CommandKind::CancelTask { task: same_task(&task, open)?, reason },
        CommandKind::AddAttachment { task, attachment } => {
            CommandKind::AddAttachment { task: same_task(&task, open)?, attachment }
        }
        CommandKind::ReviewHazard { hazard, verdict, note, rectification } => {
            let measure = origin(hazard.as_str());
            let hazard = open.hazards.iter().find(|hazard| hazard.measure.as_str() == measure)?.id.clone();
            CommandKind::ReviewHazard { hazard, verdict, note, rectification }
        }
        CommandKind::SilenceHorn => CommandKind::SilenceHorn,
    })
}

fn same_alarm(alarm: &AlarmId, open: &Snapshot) -> Option<AlarmId> {
    let rule = origin(alarm.as_str());
    open.alarms.iter().find(|alarm| alarm.rule.as_str() == rule).map(|alarm| alarm.id.clone())
}

fn same_task(task: &TaskId, open: &Snapshot) -> Option<TaskId> {
    let of = origin(task.as_str());
    let is_same = |task: &&TaskRecord| match &task.plan {
        Some(plan) => plan.as_str() == of,
        None => task.measure.as_str() == of,
    };
    open.tasks.iter().find(is_same).map(|task| task.id.clone())
}

/// What an occurrence is of: `LI-1101.HH` of `LI-1101.HH~1.7`.
fn origin(occurrence: &str) -> &str {
    occurrence.rsplit_once('~').map_or(occurrence, |(of, _)| of)
}
