//! From the places of one configuration to those of another, by id.

use davy_core::{
    event::{Command, CommandKind, Event},
    id::*,
    model::Site,
    record::TaskRecord,
    snapshot::Snapshot,
};
use std::{collections::BTreeMap, hash::Hash};

/// Where everything of the recorded configuration is in the other one; `None` where it is gone.
pub(super) struct Mapping {
    tags: Vec<Option<TagIx>>,
    people: Vec<Option<PersonIx>>,
    zones: Vec<Option<ZoneIx>>,
    units: Vec<Option<UnitIx>>,
    cameras: Vec<Option<CameraIx>>,
    sources: Vec<Option<SourceIx>>,
    uplinks: Vec<Option<UplinkIx>>,
}

impl Mapping {
    pub(super) fn new(then: &Site, now: &Site) -> Self {
        Self {
            tags: places(&then.tags, &now.tags, |tag| tag.id.clone()),
            people: places(&then.people, &now.people, |person| person.id.clone()),
            zones: places(&then.zones, &now.zones, |zone| zone.id.clone()),
            units: places(&then.units, &now.units, |unit| unit.id.clone()),
            cameras: places(&then.cameras, &now.cameras, |camera| camera.id.clone()),
            sources: places(&then.sources, &now.sources, |source| source.id.clone()),
            uplinks: places(&then.uplinks, &now.uplinks, |uplink| uplink.id.clone()),
        }
    }

    /// The event as the other configuration is told it; `None` when it is about nothing that is there. `open` gives the
    /// live state there: what a command is about has another occurrence number.
    pub(super) fn event(&self, event: Event, open: impl FnOnce() -> Snapshot) -> Option<Event> {
        Some(match event {
            Event::Samples(samples) => {
                let there = samples.into_iter().filter_map(|mut sample| {
                    sample.tag = self.tags[sample.tag.at()]?;
                    Some(sample)
                });
                Event::Samples(there.collect())
            }
            Event::Locations(locations) => {
                let there = locations.into_iter().filter_map(|mut location| {
                    location.person = self.people[location.person.at()]?;
                    location.zone = location.zone.and_then(|zone| self.zones[zone.at()]);
                    Some(location)
                });
                Event::Locations(there.collect())
            }
            Event::Video(mut sight) => {
                sight.camera = self.cameras[sight.camera.at()]?;
                Event::Video(sight)
            }
            Event::Ticket(mut ticket) => {
                ticket.zone = ticket.zone.and_then(|zone| self.zones[zone.at()]);
                ticket.unit = ticket.unit.and_then(|unit| self.units[unit.at()]);
                ticket.supervisor = ticket.supervisor.and_then(|person| self.people[person.at()]);
                ticket.workers = ticket.workers.iter().filter_map(|person| self.people[person.at()]).collect();
                Event::Ticket(ticket)
            }
            Event::Source(source, link) => Event::Source(self.sources[source.at()]?, link),
            Event::Uplink(uplink, link) => Event::Uplink(self.uplinks[uplink.at()]?, link),
            Event::Command(command) => Event::Command(Command { kind: same_object(command.kind, &open())?, ..command }),
            // It was about a warning of the recorded configuration, and decides nothing.
            Event::Evidence(_) => return None,
            Event::Backfill(mut backfill) => {
                backfill.source = self.sources[backfill.source.at()]?;
                let there = backfill.samples.into_iter().filter_map(|mut sample| {
                    sample.tag = self.tags[sample.tag.at()]?;
                    Some(sample)
                });
                backfill.samples = there.collect();
                Event::Backfill(backfill)
            }
            Event::Started => Event::Started,
            Event::Clock(_) | Event::Storage(_) | Event::Journal(_) | Event::Certificates(_) | Event::Tick => event,
        })
    }
}

fn places<T, Id: Ord + Hash, Ix: From<usize>>(then: &[T], now: &[T], id: impl Fn(&T) -> Id) -> Vec<Option<Ix>> {
    let known: BTreeMap<Id, usize> = now.iter().enumerate().map(|(at, item)| (id(item), at)).collect();
    then.iter().map(|item| known.get(&id(item)).copied().map(Ix::from)).collect()
}

/// The command about the open object of the same rule or measure; `None` when none is open.
fn same_object(kind: CommandKind, open: &Snapshot) -> Option<CommandKind> {
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
        | CommandKind::DecideCertificate { .. }) => kind,
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
