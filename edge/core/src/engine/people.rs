//! Where a person was is no word on where they are: a place that no beacon has repeated for long is given up, so that a
//! dead card keeps nobody in a zone. What the person called for stays.

use super::Engine;
use crate::{
    effect::Effects,
    event::Location,
    id::{PersonIx, SourceIx},
    inputs::LinkInput,
    limits::LOCATION_MAX_AGE_MS,
    model::SourceKind,
    time::{Monotonic, Now},
    timers::Timer,
};

impl Engine {
    /// A person's place counts as told now. Of a timer that runs already the next deadline is found when it fires.
    pub(super) fn hear_of(&mut self, person: PersonIx, now: Monotonic) {
        let input = &mut self.inputs.people[person.at()];
        input.heard = now;
        if input.zone().is_some() && !input.watched {
            input.watched = true;
            self.timers.set(now.after(LOCATION_MAX_AGE_MS), Timer::Person(person));
        }
    }

    /// While beacons could not be heard nobody was silent: with their broker every wait begins anew.
    pub(super) fn hear_people_again(&mut self, source: SourceIx, now: Monotonic) {
        if self.site.sources[source.at()].kind == SourceKind::Mqtt {
            self.hear_of_all(now);
        }
    }

    /// Every known place counts as told now, as at the start.
    pub(super) fn hear_of_all(&mut self, now: Monotonic) {
        for at in 0..self.inputs.people.len() {
            self.hear_of(PersonIx::from(at), now);
        }
    }

    /// Gives up a place that is too old.
    pub(super) fn check_place(&mut self, person: PersonIx, now: Now, out: &mut Effects) {
        let beacons_are_heard = self.beacons_are_heard();
        let input = &mut self.inputs.people[person.at()];
        input.watched = false;
        let Some(location) = input.location.filter(|location| location.zone.is_some()) else { return };
        let deadline = input.heard.after(LOCATION_MAX_AGE_MS);
        if deadline > now.monotonic {
            input.watched = true;
            self.timers.set(deadline, Timer::Person(person));
        } else if beacons_are_heard {
            self.take_locations(&[Location { zone: None, ..location }], now, out);
        }
    }

    /// A lost broker has an alarm of its own and says nothing about people.
    fn beacons_are_heard(&self) -> bool {
        let mut links = self.site.sources.iter().zip(&self.inputs.sources);
        links.all(|(about, link)| about.kind != SourceKind::Mqtt || matches!(link, LinkInput::Up))
    }
}
