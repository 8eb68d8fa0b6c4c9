//! The world of one gateway: what its sources would say if asked again, its desk, its two clocks.

use crate::{
    places::Places,
    step::{Late, Step, Value},
    tickets::TicketSystem,
    watch::Watch,
};
use acceptance::desk::Desk;
use davy_core::{
    effect::Effects,
    event::{Backfill, CertificateEnd, Event, EvidenceKept, Filled, Link, Location, Sample, VideoSight},
    id::*,
    model::Site,
    quality::Quality,
    record::{AlarmRecord, Record, WarningState},
    snapshot::Snapshot,
    time::{Monotonic, UtcTime},
};
use std::{collections::BTreeSet, sync::Arc};

/// A gateway with what surrounds it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) desk: Desk,
    /// The configuration in force.
    pub(crate) site: Site,
    /// Everything that there is, in whose places steps speak.
    plant: Site,
    places: Places,
    /// The process is about to die.
    death: Option<Death>,
    /// For how long both clocks have gone on.
    pub(crate) running_ms: u64,
    /// For how long they had when the process died last amid a step, and whether a tick was lost then.
    pub(crate) died: (u64, bool),
    /// Closed warnings whose evidence is not on the disk.
    unkept: BTreeSet<WarningId>,
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
    shell: [Option<Event>; 5],
    /// Looks at every event and what came of it.
    pub(crate) watch: Option<Box<Watch>>,
}

/// The process dies after some of the events of a step, of which the last did not reach the disk.
#[derive(Clone, Copy, Debug)]
struct Death {
    after: usize,
    lost: usize,
    /// Whether something has been lost.
    has_lost: bool,
}

/// When the gateway is first switched on: one in three has a clock without a battery.
pub(crate) fn start(seed: u64) -> UtcTime {
    if seed % 3 == 1 { UtcTime(0) } else { UtcTime::parse("2026-11-23T08:00:00Z").expect("a time") }
}

/// What an event brought about.
pub(crate) type Happened = Vec<(Event, Effects)>;

impl World {
    pub(crate) fn new(site: Site, utc: UtcTime) -> Self {
        Self::watched(site, utc, None)
    }

    /// With somebody who looks at everything from the first event on.
    pub(crate) fn watched(site: Site, utc: UtcTime, watch: Option<Box<Watch>>) -> Self {
        let desk = Desk::new(site.clone(), utc);
        let (values, sources, uplinks) =
            (vec![None; site.tags.len()], vec![None; site.sources.len()], vec![None; site.uplinks.len()]);
        let beacons = vec![None; site.people.len()];
        let tickets = TicketSystem::default();
        let shell = [const { None }; 5];
        let (plant, places) = (site.clone(), Places::of(&site, &site));
        let mut world = Self {
            desk,
            site,
            plant,
            places,
            death: None,
            running_ms: 0,
            died: (0, false),
            unkept: BTreeSet::new(),
            values,
            beacons,
            sources,
            uplinks,
            tickets,
            shell,
            watch,
            began: Vec::new(),
        };
        world.began = world.tell(Event::Started);
        world
    }

    pub(crate) fn apply(&mut self, step: &Step) -> Happened {
        match step {
            Step::Pass { ms } => return self.pass(*ms, true),
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
            Step::Die { after, lost, amid } => {
                let mut happened = Vec::new();
                self.died.1 = false;
                self.death = Some(Death { after: *after, lost: *lost, has_lost: false });
                self.die_in_time(&mut happened);
                happened.extend(self.apply(amid));
                if self.death.is_some() {
                    self.die(&mut happened);
                }
                return happened;
            }
            Step::Reconfigure => return self.reconfigure(self.site.clone(), self.places.clone()),
            Step::Ticket(change) => {
                let update = self.tickets.change(change, self.desk.now.utc);
                return self.tell(Event::Ticket(Box::new(update)));
            }
            Step::Samples(_)
            | Step::Source(..)
            | Step::Uplink(..)
            | Step::Clock(_)
            | Step::Storage(_)
            | Step::Journal(_)
            | Step::Board(_)
            | Step::Certificates(_)
            | Step::Location { .. }
            | Step::Sight { .. }
            | Step::Backfill(_)
            | Step::Ask { .. } => self.remember(step),
        }
        let event = self.event(step);
        self.tell(event)
    }

    /// It happens in the plant, and the gateway is told of it when it is told again what is there.
    pub(crate) fn remember(&mut self, step: &Step) {
        match step {
            Step::Samples(values) => values.iter().for_each(|value| self.values[value.tag.at()] = Some(*value)),
            Step::Source(source, link) => self.sources[source.at()] = Some(link.clone()),
            Step::Uplink(uplink, link) => self.uplinks[uplink.at()] = Some(link.clone()),
            Step::Clock(_) => self.shell[0] = Some(self.event(step)),
            Step::Storage(_) => self.shell[1] = Some(self.event(step)),
            Step::Journal(_) => self.shell[2] = Some(self.event(step)),
            Step::Certificates(_) => self.shell[3] = Some(self.event(step)),
            Step::Board(_) => self.shell[4] = Some(self.event(step)),
            Step::Location { person, .. } => self.beacons[person.at()] = Some(step.clone()),
            Step::Ticket(change) => drop(self.tickets.change(change, self.desk.now.utc)),
            Step::Sight { .. }
            | Step::Backfill(_)
            | Step::Ask { .. }
            | Step::Pass { .. }
            | Step::SetClock(_)
            | Step::TellAgain
            | Step::Restart { .. }
            | Step::Die { .. }
            | Step::Reconfigure => {}
        }
    }

    /// Only the restart itself; nobody has said anything yet.
    pub(crate) fn restart(&mut self) -> Happened {
        self.desk.restart(self.site.clone());
        self.tell(Event::Started)
    }

    /// Another configuration of the plant, put in force by a restart, or while the process runs.
    pub(crate) fn configure(&mut self, places: Places, site: Site, running: bool) {
        self.watch.iter_mut().for_each(|watch| watch.configure(&site));
        if running {
            self.reconfigure(site, places);
        } else {
            (self.site, self.places) = (site, places);
            self.apply(&Step::Restart { away_ms: 0 });
        }
    }

    /// The configuration comes into force while the process runs: what was said last is told again from memory.
    fn reconfigure(&mut self, site: Site, places: Places) -> Happened {
        let told = self.desk.reconfigure(site.clone());
        let turned = self.places.turned_to(&places);
        (self.site, self.places) = (site, places);
        let mut happened = Vec::new();
        told.into_iter().for_each(|event| self.tell_known(turned.event(event), &mut happened));
        happened
    }

    /// What happens in the plant, as far as the configuration knows it.
    fn tell(&mut self, event: Event) -> Happened {
        let mut happened = Vec::new();
        self.tell_known(self.places.event(event), &mut happened);
        happened
    }

    fn tell_known(&mut self, event: Event, happened: &mut Happened) {
        let Some(records) = self.tell_one(event, happened) else { return };
        self.unkept.extend(records.iter().filter_map(closed_warning));
        for warning in self.unkept.clone() {
            let (kept_at, sha256) = (self.desk.now.utc, "ab".repeat(32));
            let kept = EvidenceKept { warning: warning.clone(), kept_at, sha256, bytes: 4_096 };
            if self.tell_one(Event::Evidence(kept), happened).is_some() {
                self.unkept.remove(&warning);
            }
        }
    }

    /// One event, which may be the last one of the process. Returns the records, if they reach the disk.
    fn tell_one(&mut self, event: Event, happened: &mut Happened) -> Option<Vec<Record>> {
        let mut records = None;
        let is_tick = matches!(event, Event::Tick);
        let speaks = is_tick && matches!(self.death, Some(Death { after: 0, .. })) && self.speaks_of_the_told();
        if speaks && self.death.as_ref().is_some_and(|death| death.has_lost) {
            // What follows on something lost is lost as well, and this must not be.
            self.die(happened);
        }
        if let (Some(death @ Death { after: 0, .. }), false) = (&mut self.death, speaks) {
            death.has_lost = true;
            self.died.1 |= is_tick;
            self.desk.lose(event);
        } else {
            let effects = self.desk.apply(event.clone());
            if let Some(watch) = &mut self.watch {
                watch.look(&event, &effects, &self.desk);
            }
            records = Some(effects.records.clone());
            happened.push((event, effects));
        }
        if let Some(Death { after, lost, .. }) = &mut self.death {
            let left = if *after > 0 { after } else { lost };
            *left -= 1;
        }
        self.die_in_time(happened);
        records
    }

    /// Whether a tick speaks now of what is told anew at every start: it raises an alarm, which names when it was told, or finds
    /// that it was not told for too long. To lose that is to have heard of it later, and not the same future.
    fn speaks_of_the_told(&self) -> bool {
        let mut later = self.desk.clone();
        later.lose(Event::Tick);
        let [before, after] = [&self.desk, &later].map(|desk| desk.engine().snapshot(desk.now.utc));
        let silent = |live: &Snapshot| {
            let tags = live.tags.iter().filter(|tag| tag.quality == Quality::BAD_STALE).count();
            tags + live.people.iter().filter(|person| person.place_unknown).count()
        };
        let is_as_it_was = |alarm: &Arc<AlarmRecord>| {
            before.alarms.iter().any(|was| was.id == alarm.id && was.latest_raised_at == alarm.latest_raised_at)
        };
        silent(&after) != silent(&before) || !after.alarms.iter().all(is_as_it_was)
    }

    fn die_in_time(&mut self, happened: &mut Happened) {
        if matches!(self.death, Some(Death { after: 0, lost: 0, .. })) {
            self.die(happened);
        }
    }

    /// The process dies and starts again at once, and the connectors say what is there.
    fn die(&mut self, happened: &mut Happened) {
        (self.death, self.died.0) = (None, self.running_ms);
        happened.extend(self.restart());
        happened.extend(self.tell_again());
    }

    /// Both clocks go on, with the ticks that the engine wants; perhaps without one that it wants at the very end.
    pub(crate) fn pass(&mut self, ms: u64, ends_with_tick: bool) -> Happened {
        let (mut left_ms, mut happened) = (ms, Vec::new());
        // Where the process dies, its clock begins anew.
        while let Some(deadline) = self.desk.next_tick(self.desk.now.monotonic.after(left_ms)) {
            left_ms -= self.run_to(deadline);
            if left_ms == 0 && !ends_with_tick {
                return happened;
            }
            happened.extend(self.tell(Event::Tick));
        }
        self.run_to(self.desk.now.monotonic.after(left_ms));
        happened
    }

    /// Lets all clocks run to a moment; returns how long that takes.
    fn run_to(&mut self, moment: Monotonic) -> u64 {
        let ms = moment.since(self.desk.now.monotonic);
        self.desk.run_to(moment);
        self.running_ms += ms;
        self.tickets.elapsed_ms += ms;
        ms
    }

    fn tell_again(&mut self) -> Happened {
        let mut events = Vec::new();
        for (at, link) in self.sources.iter().enumerate() {
            events.extend(link.clone().map(|link| Event::Source(SourceIx::from(at), link)));
        }
        for (at, link) in self.uplinks.iter().enumerate() {
            events.extend(link.clone().map(|link| Event::Uplink(UplinkIx::from(at), link)));
        }
        let is_up = |tag: TagIx| self.sources[self.plant.tags[tag.at()].source.at()] == Some(Link::Up);
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
            Step::Board(link) => Event::Board(link.clone()),
            Step::Backfill(late) => Event::Backfill(backfill(late, utc)),
            Step::Ask { by, what } => self.asked(by, what),
            Step::Ticket(_)
            | Step::Pass { .. }
            | Step::SetClock(_)
            | Step::TellAgain
            | Step::Restart { .. }
            | Step::Die { .. }
            | Step::Reconfigure => Event::Tick,
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

fn backfill(late: &Late, utc: UtcTime) -> Backfill {
    let ago = |ms: i64| UtcTime(utc.0 - ms);
    let count = u64::try_from(late.values.len()).expect("a handful");
    let filled = late.filled.map(|(from, until)| Filled { from: ago(from), until: ago(until), values: count });
    Backfill { source: late.source, samples: late.values.iter().map(|value| sample(*value, utc)).collect(), filled }
}
