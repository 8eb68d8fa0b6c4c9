//! The world of one gateway: what its sources would say if asked again, its desk, its two clocks.

use crate::tickets::{self, TicketSystem};
use acceptance::desk::Desk;
use davy_core::{
    effect::Effects,
    event::{
        CertificateEnd, ClockState, Command, CommandKind, Event, EvidenceKept, Link, Location, Rectification,
        Reference, Sample, Shelving, StorageState, TaskResult, Verdict, VideoSight,
    },
    id::*,
    model::{Position, Site},
    quality::Quality,
    record::{Record, WarningState},
    time::{Monotonic, UtcTime},
};

/// One step of a simulation; it holds no time and no id, so that it means the same in every world.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Samples(Vec<Value>),
    Location {
        person: PersonIx,
        zone: Option<ZoneIx>,
        position: Option<Position>,
        sos: bool,
        battery_percent: Option<u8>,
    },
    Sight {
        camera: CameraIx,
        algorithm: &'static str,
        confidence: f64,
    },
    Ticket(tickets::Change),
    Source(SourceIx, Link),
    Uplink(UplinkIx, Link),
    Clock(ClockState),
    Storage(StorageState),
    /// Seconds that the certificate that ends first has left.
    Certificates(Option<i64>),
    Journal(Link),
    Ask {
        by: String,
        what: Ask,
    },
    /// Both clocks go on.
    Pass {
        ms: u64,
    },
    /// The wall clock alone jumps, milliseconds.
    SetClock(i64),
    /// The connectors say what is there now, as after every start.
    TellAgain,
    /// The process dies, stays away for a while, and starts again.
    Restart {
        away_ms: u64,
    },
}

/// A value on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) tag: TagIx,
    pub(crate) value: f64,
    pub(crate) quality: Quality,
    /// How long ago the device says it was measured; `None` when it has no clock.
    pub(crate) age_ms: Option<i64>,
}

/// A command on the nth object, counted over the open ones and, beyond them, over those that never were.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Acknowledge(usize),
    Silence,
    Accept(usize),
    Finish(usize, TaskResult, String),
    Review(usize, Verdict, String),
    Reset(usize),
    /// The nth rule of the configuration; beyond them one that is not there.
    Shelve(usize, Shelving),
    Unshelve(usize),
    OutOfService(usize, String),
    ReturnToService(usize),
    /// The nth unit of the configuration.
    Stop(usize, Option<u64>, String),
    Resume(usize),
    Cancel(usize, String),
    Attach(usize, String),
}

/// A gateway with what surrounds it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) site: Site,
    /// The last value of each tag, as its source would tell it again.
    pub(crate) values: Vec<Option<Value>>,
    /// What each beacon said last, as it would repeat it.
    beacons: Vec<Option<Step>>,
    sources: Vec<Option<Link>>,
    uplinks: Vec<Option<Link>>,
    tickets: TicketSystem,
    /// What the first start brought about.
    pub(crate) began: Happened,
    /// What the shell said last of its box.
    shell: [Option<Event>; 4],
}

/// What an event brought about.
pub(crate) type Happened = Vec<(Event, Effects)>;

impl World {
    pub(crate) fn new(site: Site) -> Self {
        let utc = UtcTime::parse("2026-11-23T08:00:00Z").expect("a time");
        let desk = Desk::new(site.clone(), utc);
        let (values, sources, uplinks) =
            (vec![None; site.tags.len()], vec![None; site.sources.len()], vec![None; site.uplinks.len()]);
        let beacons = vec![None; site.people.len()];
        let tickets = TicketSystem::default();
        let shell = [const { None }; 4];
        let mut world = Self { desk, site, values, beacons, sources, uplinks, tickets, shell, began: Vec::new() };
        world.began = world.tell(Event::Started);
        world
    }

    pub(crate) fn apply(&mut self, step: &Step) -> Happened {
        match step {
            Step::Pass { ms } => return self.pass(*ms),
            Step::SetClock(ms) => {
                self.desk.now.utc = UtcTime(self.desk.now.utc.0 + ms);
                return Vec::new();
            }
            Step::TellAgain => return self.tell_again(),
            Step::Restart { away_ms } => {
                self.desk.now.utc = self.desk.now.utc.after(*away_ms);
                self.tickets.elapsed_ms += away_ms;
                let mut happened = self.restart();
                happened.extend(self.tell_again());
                return happened;
            }
            Step::Ticket(change) => {
                let update = self.tickets.change(change, self.desk.now.utc);
                return self.tell(Event::Ticket(Box::new(update)));
            }
            Step::Samples(values) => values.iter().for_each(|value| self.values[value.tag.at()] = Some(*value)),
            Step::Source(source, link) => self.sources[source.at()] = Some(link.clone()),
            Step::Uplink(uplink, link) => self.uplinks[uplink.at()] = Some(link.clone()),
            Step::Clock(_) => self.shell[0] = Some(self.event(step)),
            Step::Storage(_) => self.shell[1] = Some(self.event(step)),
            Step::Journal(_) => self.shell[2] = Some(self.event(step)),
            Step::Certificates(_) => self.shell[3] = Some(self.event(step)),
            Step::Location { person, .. } => self.beacons[person.at()] = Some(step.clone()),
            Step::Sight { .. } | Step::Ask { .. } => {}
        }
        let event = self.event(step);
        self.tell(event)
    }

    /// Only the restart itself; nobody has said anything yet.
    pub(crate) fn restart(&mut self) -> Happened {
        self.desk.restart(self.site.clone());
        self.tell(Event::Started)
    }

    fn tell(&mut self, event: Event) -> Happened {
        let effects = self.desk.apply(event.clone());
        let closed: Vec<WarningId> = effects.records.iter().filter_map(closed_warning).collect();
        let mut happened = vec![(event, effects)];
        for warning in closed {
            let kept = EvidenceKept { warning, kept_at: self.desk.now.utc, sha256: "ab".repeat(32), bytes: 4_096 };
            let effects = self.desk.apply(Event::Evidence(kept.clone()));
            happened.push((Event::Evidence(kept), effects));
        }
        happened
    }

    fn pass(&mut self, ms: u64) -> Happened {
        self.tickets.elapsed_ms += ms;
        let moment = Monotonic(self.desk.now.monotonic.0 + ms);
        let mut happened = Vec::new();
        while let Some(deadline) = self.desk.next_tick(moment) {
            self.desk.run_to(deadline);
            happened.extend(self.tell(Event::Tick));
        }
        self.desk.run_to(moment);
        happened
    }

    fn tell_again(&mut self) -> Happened {
        let mut events = Vec::new();
        for (at, link) in self.sources.iter().enumerate() {
            events.extend(link.clone().map(|link| Event::Source(SourceIx::from(at), link)));
        }
        for (at, link) in self.uplinks.iter().enumerate() {
            events.extend(link.clone().map(|link| Event::Uplink(UplinkIx::from(at), link)));
        }
        let is_up = |tag: TagIx| self.sources[self.site.tags[tag.at()].source.at()] == Some(Link::Up);
        let values: Vec<Value> = self.values.iter().flatten().copied().filter(|value| is_up(value.tag)).collect();
        events.push(self.event(&Step::Samples(values)));
        events.extend(self.shell.iter().flatten().cloned());
        // All in one: with the first of many people alone a gathering would be smaller than it is.
        events
            .push(Event::Locations(self.beacons.iter().flatten().filter_map(|beacon| self.location(beacon)).collect()));
        events.extend(self.tickets.retained(self.desk.now.utc).map(|update| Event::Ticket(Box::new(update))));
        events.into_iter().flat_map(|event| self.tell(event)).collect()
    }

    fn event(&self, step: &Step) -> Event {
        let utc = self.desk.now.utc;
        match step {
            Step::Samples(values) => Event::Samples(values.iter().map(|value| sample(*value, utc)).collect()),
            Step::Location { .. } => Event::Locations(self.location(step).into_iter().collect()),
            Step::Sight { camera, algorithm, confidence } => Event::Video(VideoSight {
                camera: *camera,
                algorithm: (*algorithm).to_owned(),
                confidence: *confidence,
                picture: None,
                source_time: Some(utc),
                received_time: utc,
            }),
            Step::Source(source, link) => Event::Source(*source, link.clone()),
            Step::Uplink(uplink, link) => Event::Uplink(*uplink, link.clone()),
            Step::Clock(state) => Event::Clock(*state),
            Step::Storage(state) => Event::Storage(*state),
            Step::Certificates(left_s) => {
                Event::Certificates(left_s.map(|left_s| CertificateEnd { left_s, ..CertificateEnd::default() }))
            }
            Step::Journal(link) => Event::Journal(link.clone()),
            Step::Ask { by, what } => Event::Command(Command { request: 1, by: by.clone(), kind: self.command(what) }),
            Step::Ticket(_) | Step::Pass { .. } | Step::SetClock(_) | Step::TellAgain | Step::Restart { .. } => {
                Event::Tick
            }
        }
    }

    fn location(&self, step: &Step) -> Option<Location> {
        let Step::Location { person, zone, position, sos, battery_percent } = step else { return None };
        Some(Location {
            person: *person,
            zone: *zone,
            position: *position,
            sos: *sos,
            battery_percent: *battery_percent,
            source_time: Some(self.desk.now.utc),
            received_time: self.desk.now.utc,
        })
    }

    fn rule(&self, nth: usize) -> RuleId {
        self.site.rules.get(nth).map_or_else(|| "nothing".into(), |rule| rule.id.clone())
    }

    fn unit(&self, nth: usize) -> UnitId {
        self.site.units.get(nth).map_or_else(|| "nothing".into(), |unit| unit.id.clone())
    }

    fn command(&self, ask: &Ask) -> CommandKind {
        let snapshot = self.desk.engine().snapshot(self.desk.now.utc);
        let alarm = |nth| nth_id(snapshot.alarms.iter().map(|alarm| alarm.id.as_str()), nth);
        let task = |nth| nth_id(snapshot.tasks.iter().map(|task| task.id.as_str()), nth);
        let hazard = |nth| nth_id(snapshot.hazards.iter().map(|hazard| hazard.id.as_str()), nth);
        match ask {
            Ask::Acknowledge(nth) => CommandKind::AcknowledgeAlarm { alarm: alarm(*nth).into() },
            Ask::Silence => CommandKind::SilenceHorn,
            Ask::Accept(nth) => CommandKind::AcceptTask { task: task(*nth).into(), attachments: Vec::new() },
            Ask::Finish(nth, result, note) => {
                let (task, attachments) = (task(*nth).into(), Vec::new());
                CommandKind::FinishTask { task, result: *result, note: note.clone(), attachments }
            }
            Ask::Reset(nth) => CommandKind::ResetAlarm { alarm: alarm(*nth).into() },
            Ask::Shelve(nth, shelf) => CommandKind::ShelveRule { rule: self.rule(*nth), shelf: shelf.clone() },
            Ask::Unshelve(nth) => CommandKind::UnshelveRule { rule: self.rule(*nth) },
            Ask::OutOfService(nth, reason) => {
                CommandKind::TakeOutOfService { rule: self.rule(*nth), reason: reason.clone() }
            }
            Ask::ReturnToService(nth) => CommandKind::ReturnToService { rule: self.rule(*nth) },
            Ask::Stop(nth, for_ms, reason) => {
                CommandKind::StopUnit { unit: self.unit(*nth), for_ms: *for_ms, reason: reason.clone() }
            }
            Ask::Resume(nth) => CommandKind::ResumeUnit { unit: self.unit(*nth) },
            Ask::Review(nth, verdict, note) => {
                let (hazard, rectification) = (hazard(*nth).into(), Rectification::default());
                CommandKind::ReviewHazard { hazard, verdict: *verdict, note: note.clone(), rectification }
            }
            Ask::Cancel(nth, reason) => CommandKind::CancelTask { task: task(*nth).into(), reason: reason.clone() },
            Ask::Attach(nth, uri) => {
                let (uri, media_type) = (uri.clone(), "image/jpeg".to_owned());
                let attachment = Reference { uri, media_type, sha256: None };
                CommandKind::AddAttachment { task: task(*nth).into(), attachment }
            }
        }
    }
}

/// The shell keeps its evidence.
fn closed_warning(record: &Record) -> Option<WarningId> {
    if let Record::Warning(warning) = record {
        return (warning.state == WarningState::Closed).then(|| warning.id.clone());
    }
    None
}

/// All records, in order.
pub(crate) fn records(happened: &Happened) -> Vec<Record> {
    happened.iter().flat_map(|(_, effects)| effects.records.iter().cloned()).collect()
}

fn sample(value: Value, utc: UtcTime) -> Sample {
    let Value { tag, value, quality, age_ms } = value;
    Sample { tag, value, quality, source_time: age_ms.map(|age| UtcTime(utc.0 - age)), received_time: utc }
}

/// By id, because the order of the snapshot follows the wall clock.
fn nth_id<'a>(ids: impl Iterator<Item = &'a str>, nth: usize) -> String {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_unstable();
    ids.get(nth).map_or_else(|| "nothing~9.9".to_owned(), |id| (*id).to_owned())
}
