//! What was observed, for the reason chain.

pub(crate) mod system;

use super::{Inputs, LinkInput};
use crate::{
    id::*,
    model::{Limit, Rule, RuleKind, Site},
    time::UtcTime,
    trigger::{PairedValue, Trigger},
};

impl Inputs {
    /// What was observed, for the reason chain.
    pub(crate) fn trigger(&self, site: &Site, ix: RuleIx, now: UtcTime) -> Trigger {
        let rule: &Rule = &site.rules[ix.at()];
        match &rule.kind {
            RuleKind::Limit { tag, limit } => self.value_trigger(site, *tag, Some(*limit), now),
            RuleKind::BadQuality { tag }
            | RuleKind::Stale { tag }
            | RuleKind::RateOfChange { tag, .. }
            | RuleKind::OutOfRange { tag, .. }
            | RuleKind::Frozen { tag, .. } => self.value_trigger(site, *tag, None, now),
            RuleKind::Deviation { tag, other, difference } => {
                self.pair_trigger(site, *tag, *other, Some(*difference), now)
            }
            RuleKind::Mismatch { command, feedback } => self.pair_trigger(site, *command, *feedback, None, now),
            RuleKind::Sos { person } => self.sos_trigger(site, *person, now),
            RuleKind::OverCapacity { zone, people_max } => self.crowd_trigger(site, *zone, *people_max, now),
            RuleKind::Video { .. } => {
                self.seen.get(&ix).cloned().expect("a video rule turns active only with a sight in hand")
            }
            RuleKind::SourceLost { source } => {
                let about = &site.sources[source.at()];
                link_trigger(about.id.as_str(), &about.name, &self.sources[source.at()], now)
            }
            RuleKind::UplinkLost { uplink } => {
                let about = &site.uplinks[uplink.at()];
                link_trigger(about.id.as_str(), &about.name, &self.uplinks[uplink.at()], now)
            }
            RuleKind::System(system) => self.system_trigger(site, system, now),
        }
    }

    fn value_trigger(&self, site: &Site, tag: TagIx, limit: Option<Limit>, now: UtcTime) -> Trigger {
        let (about, input) = (&site.tags[tag.at()], &self.tags[tag.at()]);
        Trigger::Value {
            tag: about.id.clone(),
            name: about.name.clone(),
            value: input.sample.map(|sample| sample.value).filter(|value| value.is_finite()),
            engineering_unit: about.engineering_unit.clone(),
            quality: self.quality(site, tag),
            limit,
            source_time: input.sample.and_then(|sample| sample.source_time),
            source_time_replaced: input.source_time_replaced,
            received_time: input.sample.map_or(now, |sample| sample.received_time),
        }
    }

    fn pair_trigger(&self, site: &Site, one: TagIx, other: TagIx, difference: Option<f64>, now: UtcTime) -> Trigger {
        let (first, second) = (self.paired(site, one), self.paired(site, other));
        let received_time = first.received_time.max(second.received_time).unwrap_or(now);
        Trigger::Pair { first, second, difference, received_time }
    }

    fn paired(&self, site: &Site, tag: TagIx) -> PairedValue {
        let (about, sample) = (&site.tags[tag.at()], self.tags[tag.at()].sample);
        PairedValue {
            tag: about.id.clone(),
            name: about.name.clone(),
            value: sample.map(|sample| sample.value).filter(|value| value.is_finite()),
            engineering_unit: about.engineering_unit.clone(),
            quality: self.quality(site, tag),
            source_time: sample.and_then(|sample| sample.source_time),
            received_time: sample.map(|sample| sample.received_time),
        }
    }

    fn sos_trigger(&self, site: &Site, person: PersonIx, now: UtcTime) -> Trigger {
        let location = self.people[person.at()].location;
        Trigger::Sos {
            person: self.person_ref(site, person),
            source_time: location.and_then(|location| location.source_time),
            received_time: location.map_or(now, |location| location.received_time),
        }
    }

    fn crowd_trigger(&self, site: &Site, zone: ZoneIx, people_max: u32, now: UtcTime) -> Trigger {
        let inside = self.inside[zone.at()].iter().filter_map(|person| self.people[person.at()].location);
        let received = inside.map(|location| location.received_time);
        Trigger::Crowd {
            zone: site.zones[zone.at()].id.clone(),
            name: site.zones[zone.at()].name.clone(),
            people_count: self.crowd[zone.at()],
            people_max,
            people: self.people_in(site, &[zone]),
            received_time: received.max().unwrap_or(now),
        }
    }
}

fn link_trigger(id: &str, name: &str, link: &LinkInput, now: UtcTime) -> Trigger {
    let (reason, since) = match link {
        LinkInput::Down { reason, since } => (reason.clone(), *since),
        LinkInput::Connecting | LinkInput::Up => (String::new(), now),
    };
    Trigger::Link { id: id.to_owned(), name: name.to_owned(), reason, received_time: since }
}
