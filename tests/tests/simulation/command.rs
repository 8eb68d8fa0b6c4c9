//! From what somebody asks for to the command: which object the nth one is now.

use crate::{
    step::{Ask, Rectified},
    world::World,
};
use davy_core::{
    event::{Command, CommandKind, DangerLevel, Event, ManageType, PlatformAsk, PlatformCommand, Rectification},
    id::*,
    record::{AlarmState, HazardRecord, HiddenRecord, HidingKind},
    time::UtcTime,
};

/// An occurrence that never was.
const NOTHING: &str = "nothing~9.9";

const DAY_MS: u64 = 86_400_000;

impl World {
    pub(crate) fn command(&self, ask: &Ask) -> CommandKind {
        let snapshot = self.desk.engine().snapshot(self.desk.now.utc);
        let alarms = || snapshot.alarms.iter().map(|alarm| (alarm.id.as_str(), alarm.state));
        let alarm = |nth| AlarmId::from(nth_id(alarms().map(|(id, _)| id), nth));
        let alarm_that_is = |state, nth| first_or_nth_id(alarms().map(|(id, its)| (id, its == state)), nth).into();
        let task = |nth| TaskId::from(nth_id(snapshot.tasks.iter().map(|task| task.id.as_str()), nth));
        match ask.clone() {
            Ask::Acknowledge(nth) => CommandKind::AcknowledgeAlarm { alarm: alarm(nth) },
            Ask::Silence => CommandKind::SilenceHorn,
            Ask::Accept(nth, attachments) => CommandKind::AcceptTask { task: task(nth), attachments },
            Ask::Finish(nth, result, note, attachments) => {
                CommandKind::FinishTask { task: task(nth), result, note, attachments }
            }
            Ask::Reset(nth) => CommandKind::ResetAlarm { alarm: alarm_that_is(AlarmState::LatchedAcknowledged, nth) },
            Ask::ShelveAlarm(nth, shelf) => CommandKind::ShelveAlarm { alarm: alarm(nth), shelf },
            Ask::UnshelveAlarm(nth) => CommandKind::UnshelveAlarm { alarm: alarm_that_is(AlarmState::Shelved, nth) },
            Ask::Shelve(nth, shelf) => CommandKind::ShelveRule { rule: self.rule(nth), shelf },
            Ask::Unshelve(nth) => CommandKind::UnshelveRule { rule: self.hidden_rule(HidingKind::Shelved, nth) },
            Ask::OutOfService(nth, reason) => CommandKind::TakeOutOfService { rule: self.rule(nth), reason },
            Ask::ReturnToService(nth) => {
                CommandKind::ReturnToService { rule: self.hidden_rule(HidingKind::OutOfService, nth) }
            }
            Ask::Stop(nth, for_ms, reason) => CommandKind::StopUnit { unit: self.unit(nth), for_ms, reason },
            Ask::Resume(nth) => CommandKind::ResumeUnit { unit: self.unit(nth) },
            Ask::Review(nth, verdict, note, rectified) => {
                let mut hazards: Vec<&HazardRecord> = snapshot.hazards.iter().collect();
                hazards.sort_unstable_by_key(|hazard| hazard.id.as_str());
                let hazard = hazards.get(nth).map_or_else(|| NOTHING.into(), |hazard| hazard.id.clone());
                let suspected_at = hazards.get(nth).map_or(self.desk.now.utc, |hazard| hazard.suspected_at);
                let rectification = rectification(rectified, suspected_at);
                CommandKind::ReviewHazard { hazard, verdict, note, rectification }
            }
            Ask::Cancel(nth, reason) => CommandKind::CancelTask { task: task(nth), reason },
            Ask::Attach(nth, attachment) => CommandKind::AddAttachment { task: task(nth), attachment },
            Ask::Certificate { decision, sha256, subject } => {
                CommandKind::DecideCertificate { decision, sha256, subject }
            }
            Ask::RetryParked(nth, seq) => {
                let uplink = self.site.uplinks.get(nth).map_or_else(|| NOTHING.into(), |uplink| uplink.id.clone());
                CommandKind::RetryParked { uplink, seq }
            }
            Ask::Unauthenticated(count) => CommandKind::NoteUnauthenticated {
                uplink: "enterprise".into(),
                count,
                reason: "no such key".to_owned(),
            },
            Ask::Access(note) => CommandKind::Note(note),
        }
    }

    /// The platform signs what it asks for; whoever is on site does not.
    pub(crate) fn asked(&self, by: &str, what: &Ask) -> Event {
        let (by, kind) = (by.to_owned(), self.command(what));
        if by != "platform" {
            return Event::Command(Command { request: 1, by, kind });
        }
        Event::Platform(Box::new(PlatformCommand {
            request: 1,
            by,
            key: "platform".to_owned(),
            id: "c-1".to_owned(),
            kind: "task".to_owned(),
            issued: self.desk.now.utc,
            sha256: "ab".repeat(32),
            ask: PlatformAsk::Command(kind),
        }))
    }

    fn rule(&self, nth: usize) -> RuleId {
        self.site.rules.get(nth).map_or_else(|| "nothing".into(), |rule| rule.id.clone())
    }

    /// The first rule that is hidden for such a reason, now and then, else the nth one.
    fn hidden_rule(&self, why: HidingKind, nth: usize) -> RuleId {
        let hidden = self.desk.engine().snapshot(self.desk.now.utc).hidden;
        let is_it = |rule: &&HiddenRecord| rule.hidden_because.iter().any(|because| because.kind == why);
        let first = hidden.iter().filter(is_it).map(|rule| &rule.rule).min();
        first.filter(|_| nth.is_multiple_of(2)).map_or_else(|| self.rule(nth), RuleId::clone)
    }

    fn unit(&self, nth: usize) -> UnitId {
        self.site.units.get(nth).map_or_else(|| "nothing".into(), |unit| unit.id.clone())
    }
}

/// A deadline counts from when the hazard was suspected, whatever the wall clock says now.
fn rectification(rectified: Rectified, suspected_at: UtcTime) -> Rectification {
    let danger_level = Some(DangerLevel::General);
    match rectified {
        Rectified::NotSaid => Rectification::default(),
        Rectified::AtOnce => {
            Rectification { danger_level, manage_type: Some(ManageType::AtOnce), ..Rectification::default() }
        }
        Rectified::ByDeadline | Rectified::ByNobody => Rectification {
            danger_level,
            manage_type: Some(ManageType::ByDeadline),
            liable_person: (rectified == Rectified::ByDeadline).then(|| "王强".to_owned()),
            deadline: Some(suspected_at.after(DAY_MS)),
        },
    }
}

/// By id, because the order of the snapshot follows the wall clock.
fn nth_id<'a>(ids: impl Iterator<Item = &'a str>, nth: usize) -> String {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids.get(nth).map_or_else(|| NOTHING.to_owned(), |id| (*id).to_owned())
}

/// The first id of those that are wanted, now and then, else the nth of all.
fn first_or_nth_id<'a>(ids: impl Iterator<Item = (&'a str, bool)> + Clone, nth: usize) -> String {
    let first = ids.clone().filter(|(_, wanted)| *wanted).map(|(id, _)| id).min();
    first.filter(|_| nth.is_multiple_of(2)).map_or_else(|| nth_id(ids.map(|(id, _)| id), nth), str::to_owned)
}
