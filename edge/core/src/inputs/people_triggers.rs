//! What was observed of people, for the reason chain.

use super::Inputs;
use crate::{
    gatherings::Gathering,
    id::*,
    limits::PEOPLE_NAMED_MAX,
    memory::Memory,
    model::{PeopleRule, Site},
    time::UtcTime,
    trigger::{PersonRef, Trigger},
};

impl Inputs {
    pub(super) fn people_trigger(&self, site: &Site, ix: RuleIx, rule: &PeopleRule, now: UtcTime) -> Trigger {
        match rule {
            PeopleRule::Understaffed { zone, people_min, named, .. } => {
                self.staffing_trigger(site, *zone, *people_min, named, now)
            }
            PeopleRule::Gathering { zones, radius_m, counts } => {
                self.gathering_trigger(site, ix, (zones, *radius_m, counts.yellow), now)
            }
            PeopleRule::ZoneBreach { person, .. } | PeopleRule::WrongPost { person } => {
                self.person_trigger(site, *person, self.in_zone_since(*person), None, now)
            }
            PeopleRule::OffPost { person, .. } | PeopleRule::CardBattery { person, .. } => {
                self.person_trigger(site, *person, None, None, now)
            }
            PeopleRule::CardOffline { person, after_ms } => {
                self.person_trigger(site, *person, None, Some(*after_ms), now)
            }
            PeopleRule::Overstay { person } => {
                let zone = self.people[person.at()].zone();
                let most_ms = zone.and_then(|zone| site.zones[zone.at()].stay_max_ms);
                self.person_trigger(site, *person, self.in_zone_since(*person), most_ms, now)
            }
            PeopleRule::Immobile { person, after_ms, .. } => {
                let still = if let Memory::Still(still) = &self.memories[ix.at()] { Some(still) } else { None };
                let rested = still.map_or(0, |still| still.rested_ms());
                let since = UtcTime(now.0.saturating_sub_unsigned(rested));
                let mut trigger = self.person_trigger(site, *person, Some(since), Some(*after_ms), now);
                // Before the first word after a restart: where the rest was, for there the person is looked for.
                if let Trigger::Person { position, .. } = &mut trigger {
                    *position = position.or(still.map(|still| still.at));
                }
                trigger
            }
        }
    }

    fn in_zone_since(&self, person: PersonIx) -> Option<UtcTime> {
        self.people[person.at()].stay.map(|stay| stay.since)
    }

    fn person_trigger(
        &self,
        site: &Site,
        person: PersonIx,
        since: Option<UtcTime>,
        limit_ms: Option<u64>,
        now: UtcTime,
    ) -> Trigger {
        let input = &self.people[person.at()];
        Trigger::Person {
            person: self.person_ref(site, person),
            zone_name: input.zone().map(|zone| site.zones[zone.at()].name.clone()),
            post: site.people[person.at()].post.clone(),
            position: input.position(),
            battery_percent: input.battery_percent,
            since,
            limit_ms,
            source_time: input.location.and_then(|location| location.source_time),
            received_time: input.location.map_or(now, |location| location.received_time),
        }
    }

    /// The zone of the one in the middle; while nobody is known to stand together, the first of the rule.
    fn gathering_trigger(
        &self,
        site: &Site,
        ix: RuleIx,
        (zones, radius_m, people_min): (&[ZoneIx], f64, u32),
        received_time: UtcTime,
    ) -> Trigger {
        let circle = self.gatherings.of(ix).and_then(Gathering::largest);
        let of_centre = circle.as_ref().and_then(|circle| self.people[circle.centre.at()].zone());
        let zone = of_centre.or(zones.first().copied()).map(|zone| &site.zones[zone.at()]);
        let people = circle.iter().flat_map(|circle| &circle.people);
        Trigger::Gathering {
            zone: zone.map_or_else(|| "".into(), |zone| zone.id.clone()),
            name: zone.map_or_else(String::new, |zone| zone.name.clone()),
            position: circle.as_ref().map(|circle| circle.position),
            radius_m,
            people_count: circle.as_ref().map_or(0, |circle| circle.count),
            people_min,
            people: people.map(|person| self.person_ref(site, *person)).collect(),
            received_time,
        }
    }

    fn staffing_trigger(
        &self,
        site: &Site,
        zone: ZoneIx,
        people_min: u32,
        named: &[PersonIx],
        received_time: UtcTime,
    ) -> Trigger {
        let missing = named.iter().filter(|person| self.people[person.at()].zone() != Some(zone));
        let missing: Vec<PersonRef> =
            missing.map(|person| self.person_ref(site, *person)).take(PEOPLE_NAMED_MAX).collect();
        let about = &site.zones[zone.at()];
        Trigger::Staffing {
            zone: about.id.clone(),
            name: about.name.clone(),
            people_count: self.crowd[zone.at()],
            people_min,
            missing,
            received_time,
        }
    }
}
