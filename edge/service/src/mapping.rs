//! From the places of one configuration to those of another, by id.

use davy_core::{
    event::{Event, PlatformAsk, Sample, TicketUpdate},
    id::*,
    model::Site,
};
use std::{collections::BTreeMap, hash::Hash};

/// Where everything of one configuration is in another; `None` where it is gone.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    tags: Vec<Option<TagIx>>,
    people: Vec<Option<PersonIx>>,
    zones: Vec<Option<ZoneIx>>,
    units: Vec<Option<UnitIx>>,
    cameras: Vec<Option<CameraIx>>,
    sources: Vec<Option<SourceIx>>,
    uplinks: Vec<Option<UplinkIx>>,
}

impl Mapping {
    pub(crate) fn new(then: &Site, now: &Site) -> Self {
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

    /// Nothing that is said of these sources and uplinks, or of these sources' tags, is about what is there.
    pub(crate) fn without(mut self, then: &Site, sources: &[SourceIx], uplinks: &[UplinkIx]) -> Self {
        sources.iter().for_each(|source| self.sources[source.at()] = None);
        uplinks.iter().for_each(|uplink| self.uplinks[uplink.at()] = None);
        for (tag, place) in then.tags.iter().zip(&mut self.tags) {
            *place = place.filter(|_| !sources.contains(&tag.source));
        }
        self
    }

    /// This way and then the other.
    pub(crate) fn then(&self, next: &Self) -> Self {
        Self {
            tags: along(&self.tags, &next.tags, TagIx::at),
            people: along(&self.people, &next.people, PersonIx::at),
            zones: along(&self.zones, &next.zones, ZoneIx::at),
            units: along(&self.units, &next.units, UnitIx::at),
            cameras: along(&self.cameras, &next.cameras, CameraIx::at),
            sources: along(&self.sources, &next.sources, SourceIx::at),
            uplinks: along(&self.uplinks, &next.uplinks, UplinkIx::at),
        }
    }

    pub(crate) fn tag(&self, tag: TagIx) -> Option<TagIx> {
        self.tags[tag.at()]
    }

    pub(crate) fn source(&self, source: SourceIx) -> Option<SourceIx> {
        self.sources[source.at()]
    }

    pub(crate) fn uplink(&self, uplink: UplinkIx) -> Option<UplinkIx> {
        self.uplinks[uplink.at()]
    }

    /// The event as the other configuration is told it; `None` when it is about nothing that is there. Warnings, and the objects
    /// of commands, keep their names.
    pub(crate) fn event(&self, event: Event) -> Option<Event> {
        Some(match event {
            Event::Samples(samples) => Event::Samples(self.samples(samples)),
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
            Event::Ticket(ticket) => Event::Ticket(self.ticket(ticket)),
            Event::Platform(mut command) => {
                command.ask = match command.ask {
                    PlatformAsk::Ticket(ticket) => PlatformAsk::Ticket(self.ticket(ticket)),
                    ask @ (PlatformAsk::Command(_) | PlatformAsk::Told { .. }) => ask,
                };
                Event::Platform(command)
            }
            Event::Source(source, link) => Event::Source(self.source(source)?, link),
            Event::Uplink(uplink, link) => Event::Uplink(self.uplink(uplink)?, link),
            Event::Backfill(mut backfill) => {
                backfill.source = self.source(backfill.source)?;
                backfill.samples = self.samples(backfill.samples);
                Event::Backfill(backfill)
            }
            Event::Started
            | Event::Reconfigured
            | Event::Clock(_)
            | Event::Storage(_)
            | Event::Journal(_)
            | Event::Command(_)
            | Event::Tick
            | Event::Evidence(_)
            | Event::Certificates(_)
            | Event::Board(_) => event,
        })
    }

    fn ticket(&self, mut ticket: Box<TicketUpdate>) -> Box<TicketUpdate> {
        ticket.zone = ticket.zone.and_then(|zone| self.zones[zone.at()]);
        ticket.unit = ticket.unit.and_then(|unit| self.units[unit.at()]);
        ticket.supervisor = ticket.supervisor.and_then(|person| self.people[person.at()]);
        ticket.workers = ticket.workers.iter().filter_map(|person| self.people[person.at()]).collect();
        ticket
    }

    fn samples(&self, samples: Vec<Sample>) -> Vec<Sample> {
        let there = samples.into_iter().filter_map(|mut sample| {
            sample.tag = self.tag(sample.tag)?;
            Some(sample)
        });
        there.collect()
    }
}

fn places<T, Id: Ord + Hash, Ix: From<usize>>(then: &[T], now: &[T], id: impl Fn(&T) -> Id) -> Vec<Option<Ix>> {
    let known: BTreeMap<Id, usize> = now.iter().enumerate().map(|(at, item)| (id(item), at)).collect();
    then.iter().map(|item| known.get(&id(item)).copied().map(Ix::from)).collect()
}

fn along<Ix: Copy>(first: &[Option<Ix>], next: &[Option<Ix>], at: fn(Ix) -> usize) -> Vec<Option<Ix>> {
    first.iter().map(|place| place.and_then(|place| next[at(place)])).collect()
}
