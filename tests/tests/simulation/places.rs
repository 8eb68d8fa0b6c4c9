//! Where the objects of the plant stand in the configuration in force: what happens in the plant goes on, whether or not the
//! gateway knows it.

use davy_core::{
    event::{Event, Location, Sample, TicketUpdate, VideoSight},
    id::*,
    model::Site,
};

/// Of each object of the plant its place in the configuration; `None` for one that it does not know.
#[derive(Clone)]
pub(crate) struct Places {
    tags: Vec<Option<usize>>,
    zones: Vec<Option<usize>>,
    people: Vec<Option<usize>>,
    cameras: Vec<Option<usize>>,
}

impl Places {
    /// By the ids of both.
    pub(crate) fn of(plant: &Site, site: &Site) -> Self {
        fn each<T, I: PartialEq>(plant: &[T], site: &[T], id: impl Fn(&T) -> &I) -> Vec<Option<usize>> {
            plant.iter().map(|object| site.iter().position(|known| id(known) == id(object))).collect()
        }
        Self {
            tags: each(&plant.tags, &site.tags, |tag| &tag.id),
            zones: each(&plant.zones, &site.zones, |zone| &zone.id),
            people: each(&plant.people, &site.people, |person| &person.id),
            cameras: each(&plant.cameras, &site.cameras, |camera| &camera.id),
        }
    }

    /// From the places of one configuration to those of another.
    pub(crate) fn turned_to(&self, other: &Self) -> Self {
        let each = |from: &[Option<usize>], to: &[Option<usize>]| {
            let most = from.iter().flatten().max().map_or(0, |most| most + 1);
            let to = |at| from.iter().position(|known| *known == Some(at)).and_then(|plant| to[plant]);
            (0..most).map(to).collect()
        };
        Self {
            tags: each(&self.tags, &other.tags),
            zones: each(&self.zones, &other.zones),
            people: each(&self.people, &other.people),
            cameras: each(&self.cameras, &other.cameras),
        }
    }

    /// What the gateway is told: of a tag or a person that it does not know, nothing.
    pub(crate) fn event(&self, event: Event) -> Event {
        match event {
            Event::Samples(samples) => Event::Samples(samples.into_iter().filter_map(|one| self.sample(one)).collect()),
            Event::Locations(told) => Event::Locations(told.into_iter().filter_map(|one| self.location(one)).collect()),
            Event::Video(sight) => match self.cameras[sight.camera.at()] {
                Some(at) => Event::Video(VideoSight { camera: CameraIx::from(at), ..sight }),
                None => Event::Tick,
            },
            Event::Ticket(ticket) => Event::Ticket(Box::new(self.ticket(*ticket))),
            Event::Backfill(mut late) => {
                late.samples = late.samples.into_iter().filter_map(|one| self.sample(one)).collect();
                Event::Backfill(late)
            }
            Event::Started
            | Event::Reconfigured
            | Event::Source(..)
            | Event::Uplink(..)
            | Event::Clock(_)
            | Event::Storage(_)
            | Event::Journal(_)
            | Event::Command(_)
            | Event::Tick
            | Event::Evidence(_)
            | Event::Certificates(_)
            | Event::Platform(_)
            | Event::Board(_) => event,
        }
    }

    fn sample(&self, sample: Sample) -> Option<Sample> {
        self.tags[sample.tag.at()].map(|at| Sample { tag: TagIx::from(at), ..sample })
    }

    fn location(&self, location: Location) -> Option<Location> {
        let person = self.people[location.person.at()]?;
        Some(Location { person: PersonIx::from(person), zone: self.zone(location.zone), ..location })
    }

    /// A zone that the gateway does not know is outside all zones.
    fn zone(&self, zone: Option<ZoneIx>) -> Option<ZoneIx> {
        zone.and_then(|zone| self.zones[zone.at()]).map(ZoneIx::from)
    }

    fn ticket(&self, ticket: TicketUpdate) -> TicketUpdate {
        let supervisor = ticket.supervisor.and_then(|person| self.people[person.at()]).map(PersonIx::from);
        TicketUpdate { zone: self.zone(ticket.zone), supervisor, ..ticket }
    }
}
