//! What was observed, for the reason chain.

pub(crate) mod system;

use super::{Inputs, LinkInput};
use crate::{
    id::*,
    limits::REASONS_MAX,
    memory::Memory,
    model::{Against, Limit, OverdueRule, Rate, Rule, RuleKind, Site},
    time::UtcTime,
    trigger::{PairedValue, Trigger},
};

impl Inputs {
    /// What was observed, for the reason chain.
    pub(crate) fn trigger(&self, site: &Site, ix: RuleIx, now: UtcTime) -> Trigger {
        let rule: &Rule = &site.rules[ix.at()];
        match &rule.kind {
            RuleKind::Limit { tag, limit } => self.value_trigger(site, *tag, (Some(*limit), None), now),
            RuleKind::BadQuality { tag } | RuleKind::UncertainQuality { tag } | RuleKind::Stale { tag } => {
                self.value_trigger(site, *tag, (None, None), now)
            }
            RuleKind::RateOfChange { tag, rate } => {
                self.value_trigger(site, *tag, (None, Some(self.rate_seen(ix, *rate))), now)
            }
            RuleKind::OutOfRange { tag, low, high } => {
                self.value_trigger(site, *tag, (None, Some(Against::Range { low: *low, high: *high })), now)
            }
            RuleKind::Frozen { tag, dead_zone, after_ms } => {
                let rest = Against::Rest { dead_zone: *dead_zone, after_ms: *after_ms };
                self.value_trigger(site, *tag, (None, Some(rest)), now)
            }
            RuleKind::Signal(signal) => self.signal_trigger(site, ix, signal, now),
            RuleKind::Deviation { tag, other, difference, .. } => {
                self.pair_trigger(site, *tag, *other, Some(*difference), now)
            }
            RuleKind::Mismatch { command, feedback } => self.pair_trigger(site, *command, *feedback, None, now),
            RuleKind::Sos { person } => self.sos_trigger(site, *person, now),
            RuleKind::OverCapacity { zone, people_max } => self.crowd_trigger(site, *zone, *people_max, now),
            RuleKind::People(rule) => self.people_trigger(site, ix, rule, now),
            RuleKind::Video { .. } => {
                self.seen.get(&ix).cloned().expect("a video rule turns active only with a sight in hand")
            }
            RuleKind::Ticket(ticket) => self.ticket_trigger(site, ticket, now),
            RuleKind::SourceLost { source } => {
                let about = &site.sources[source.at()];
                link_trigger(about.id.as_str(), &about.name, &self.sources[source.at()], now)
            }
            RuleKind::UplinkLost { uplink } => {
                let about = &site.uplinks[uplink.at()];
                link_trigger(about.id.as_str(), &about.name, &self.uplinks[uplink.at()], now)
            }
            RuleKind::Compound(compound) => self.compound_trigger(site, compound, now),
            RuleKind::InspectionOverdue(overdue) => self.overdue_trigger(site, ix, *overdue, now),
            RuleKind::System(system) => self.system_trigger(site, system, now),
        }
    }

    fn rate_seen(&self, ix: RuleIx, rate: Rate) -> Against {
        let per_minute = match &self.memories[ix.at()] {
            Memory::Window(window) => Some(window.per_minute(rate.window_ms)).filter(|speed| speed.is_finite()),
            Memory::Rest(_) | Memory::Still(_) | Memory::Trend(_) | Memory::Nothing => None,
        };
        Against::Rate { per_minute, most_per_minute: rate.per_minute }
    }

    pub(super) fn value_trigger(
        &self,
        site: &Site,
        tag: TagIx,
        (limit, against): (Option<Limit>, Option<Against>),
        now: UtcTime,
    ) -> Trigger {
        let (about, input) = (&site.tags[tag.at()], &self.tags[tag.at()]);
        Trigger::Value {
            tag: about.id.clone(),
            name: about.name.clone(),
            value: input.sample.map(|sample| sample.value).filter(|value| value.is_finite()),
            engineering_unit: about.engineering_unit.clone(),
            quality: self.quality(site, tag),
            limit,
            against,
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

    pub(super) fn paired(&self, site: &Site, tag: TagIx) -> PairedValue {
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

    fn overdue_trigger(&self, site: &Site, ix: RuleIx, rule: OverdueRule, now: UtcTime) -> Trigger {
        let tasks = self.overdue.get(&ix).map_or(&[][..], Vec::as_slice);
        Trigger::Overdue {
            count: u32::try_from(tasks.len()).unwrap_or(u32::MAX),
            tasks: tasks.iter().take(REASONS_MAX).cloned().collect(),
            role: rule.role,
            unit: rule.unit.map(|unit| site.units[unit.at()].id.clone()),
            received_time: now,
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
