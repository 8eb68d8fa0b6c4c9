//! People on their rounds, and where the story sends them. A pure function of the seed and the story's time.
//!
//! Nobody enters a zone on a round when that would leave no room for those whom the story sends there, so a zone holds
//! too many people only when the story says so.

use crate::{
    description::site::{self, PEOPLE, Person, ZONES},
    limits,
    noise::Noise,
    story::{self, Fault},
};

/// A person somewhere.
#[derive(Clone, Debug)]
pub(crate) struct Walker {
    pub(crate) person: &'static Person,
    pub(crate) zone: &'static str,
    /// The distress button is pressed.
    pub(crate) sos: bool,
    /// Percent.
    pub(crate) battery: u8,
    leaves_s: f64,
}

/// All people.
pub(crate) struct People {
    walkers: Vec<Walker>,
    random: Noise,
    story_s: f64,
}

/// Places that rounds leave free in a zone with a limit, for those whom the story sends.
const SPARE: usize = 4;
const STAY_S: (f64, f64) = (20.0, 60.0);

impl People {
    /// Everybody where the round begins, or further along it where the zone is full.
    pub(crate) fn new(seed: u64) -> Self {
        let mut people = Self { walkers: Vec::with_capacity(PEOPLE.len()), random: Noise::new(seed), story_s: 0.0 };
        for person in &PEOPLE {
            let zone = people.next_zone(person, None);
            let leaves_s = people.random.between(STAY_S.0, STAY_S.1);
            let battery = 60 + (people.random.unit() * 40.0) as u8;
            people.walkers.push(Walker { person, zone, sos: false, battery, leaves_s });
        }
        people
    }

    /// Everybody, in the order of the description.
    pub(crate) fn walkers(&self) -> &[Walker] {
        &self.walkers
    }

    /// Moves on to a story time; an earlier one changes nothing.
    pub(crate) fn advance(&mut self, to_s: f64) {
        while self.story_s < to_s {
            self.story_s += (to_s - self.story_s).min(limits::STEP_S);
            self.follow_the_story();
            self.go_rounds();
        }
    }

    fn follow_the_story(&mut self) {
        self.walkers.iter_mut().for_each(|walker| walker.sos = false);
        for row in story::active(self.story_s) {
            let second = self.story_s.rem_euclid(story::CYCLE_S) - row.start_s;
            // Whom the story needs stays until its line is over, and then goes on with the round.
            let until_s = self.story_s + row.seconds - second;
            match row.fault {
                Fault::Gas { zone, people, .. } => people.iter().for_each(|id| self.send(id, zone, until_s)),
                Fault::Sos { person } => self.press(person, until_s),
                Fault::Crowd { zone, count } => self.gather(zone, count.min(second as usize + 1), until_s),
                Fault::Overfill { .. }
                | Fault::PumpDown { .. }
                | Fault::BadSensor { .. }
                | Fault::ServerDown
                | Fault::LinkDown
                | Fault::Smoke { .. } => {}
            }
        }
    }

    fn send(&mut self, id: &str, zone: &'static str, until_s: f64) {
        for walker in self.walkers.iter_mut().filter(|walker| walker.person.id == id) {
            (walker.zone, walker.leaves_s) = (zone, until_s);
        }
    }

    /// In distress where the round begins, so that it is the same zone every time.
    fn press(&mut self, id: &str, until_s: f64) {
        for walker in self.walkers.iter_mut().filter(|walker| walker.person.id == id) {
            (walker.zone, walker.leaves_s, walker.sos) = (walker.person.round[0], until_s, true);
        }
    }

    /// Fills a zone up to a count; those whose round leads there come first.
    fn gather(&mut self, zone: &'static str, count: usize, until_s: f64) {
        let mut present = 0;
        for walker in self.walkers.iter_mut().filter(|walker| walker.zone == zone) {
            walker.leaves_s = until_s;
            present += 1;
        }
        let mut others: Vec<&mut Walker> = self.walkers.iter_mut().filter(|walker| walker.zone != zone).collect();
        others.sort_by_key(|walker| !walker.person.round.contains(&zone));
        for walker in others.into_iter().take(count.saturating_sub(present)) {
            (walker.zone, walker.leaves_s) = (zone, until_s);
        }
    }

    fn go_rounds(&mut self) {
        for at in 0..self.walkers.len() {
            let Walker { person, zone, leaves_s, .. } = self.walkers[at];
            if self.story_s >= leaves_s {
                self.walkers[at].zone = self.next_zone(person, Some(zone));
                self.walkers[at].leaves_s = self.story_s + self.random.between(STAY_S.0, STAY_S.1);
            }
        }
    }

    /// The next zone of a round that has room. Every round has a zone without a limit.
    fn next_zone(&self, person: &Person, now: Option<&str>) -> &'static str {
        let round = person.round;
        let after = now.and_then(|now| round.iter().position(|zone| *zone == now)).map_or(0, |at| at + 1);
        let ahead = (0..round.len()).map(|step| round[(after + step) % round.len()]);
        ahead.into_iter().find(|zone| self.has_room(zone)).unwrap_or(round[0])
    }

    fn has_room(&self, id: &str) -> bool {
        let people_max = ZONES.iter().find(|zone| zone.id == id).and_then(|zone| zone.people_max);
        let present = self.walkers.iter().filter(|walker| walker.zone == id).count();
        people_max.is_none_or(|people_max| present + SPARE < people_max)
    }
}

impl Walker {
    /// Metres to the east and to the north.
    pub(crate) fn place(&self) -> (f64, f64) {
        let at = PEOPLE.iter().position(|person| person.id == self.person.id).unwrap_or_default();
        ZONES.iter().find(|zone| zone.id == self.zone).map_or((0.0, 0.0), |zone| zone.place(at))
    }

    /// The zone as a beacon says it: none where the gateway watches nothing.
    pub(crate) fn monitored_zone(&self) -> Option<&'static str> {
        site::monitored_zones().find(|zone| zone.id == self.zone).map(|zone| zone.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::CYCLE_S;

    fn walk(seed: u64, mut look: impl FnMut(f64, &[Walker])) {
        let mut people = People::new(seed);
        let mut second = 0.0;
        while second < CYCLE_S * 3.0 {
            look(second, people.walkers());
            second += 0.5;
            people.advance(second);
        }
    }

    fn crowd(second: f64) -> Option<(&'static str, f64)> {
        story::active(second).find_map(|row| {
            let Fault::Crowd { zone, .. } = row.fault else { return None };
            Some((zone, second.rem_euclid(CYCLE_S) - row.start_s))
        })
    }

    #[test]
    fn a_zone_holds_too_many_only_when_the_story_says_so() {
        for seed in [1, 2, 3] {
            let mut crowded = 0;
            walk(seed, |second, walkers| {
                for zone in site::monitored_zones() {
                    let present = walkers.iter().filter(|walker| walker.zone == zone.id).count();
                    let too_many = zone.people_max.is_some_and(|people_max| present > people_max);
                    let expected = crowd(second).is_some_and(|(crowd, since)| crowd == zone.id && since >= 9.0);
                    assert_eq!(too_many, expected, "{} in {} at {second} with seed {seed}", present, zone.id);
                    crowded += u32::from(too_many);
                }
            });
            assert!(crowded >= 3 * 10);
        }
    }

    #[test]
    fn three_people_stand_below_the_gas_and_one_presses_sos() {
        walk(1, |second, walkers| {
            for row in story::active(second).filter(|row| second % CYCLE_S > row.start_s) {
                let of = |id: &str| walkers.iter().find(|walker| walker.person.id == id).unwrap();
                if let Fault::Gas { zone, people, .. } = row.fault {
                    assert!(people.iter().all(|id| of(id).zone == zone));
                }
                let pressed = |walker: &Walker| row.fault == Fault::Sos { person: walker.person.id };
                assert!(walkers.iter().all(|walker| walker.sos == pressed(walker)), "{row:?}");
                assert!(walkers.iter().all(|walker| !walker.sos || walker.monitored_zone().is_some()));
            }
        });
    }

    #[test]
    fn everybody_moves_and_the_same_seed_gives_the_same_walks() {
        let zones = |seed| {
            let mut all = Vec::new();
            walk(seed, |_, walkers| all.push(walkers.iter().map(|walker| walker.zone).collect::<Vec<_>>()));
            all
        };
        let first = zones(1);
        assert!((0..PEOPLE.len()).all(|at| first.iter().any(|zones| zones[at] != first[0][at])));
        assert_eq!(first, zones(1));
        assert_ne!(first, zones(2));
    }
}
