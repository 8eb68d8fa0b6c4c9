//! What a risk event is judged from, all its rules together: what an investigator wants to see of the time around a warning.

use super::{Gas, PeopleRule, RuleKind, SignalRule, Site, TicketKind, Watched};
use crate::id::*;
use std::collections::BTreeSet;

/// Everything that the rules of a risk event look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventWatch {
    /// The rules: the event's own, those that compound ones are made of, and those over gas that stop hot work in its unit.
    pub rules: BTreeSet<RuleIx>,
    /// The tags.
    pub tags: BTreeSet<TagIx>,
    /// The zones: all of the event's unit, and whichever else a rule or the event names.
    pub zones: BTreeSet<ZoneIx>,
    /// The cameras: all in those zones, and whichever else a rule names.
    pub cameras: BTreeSet<CameraIx>,
}

impl Site {
    /// What a risk event is judged from.
    #[must_use]
    pub fn watch_of(&self, event: RiskEventIx) -> EventWatch {
        let unit = self.events[event.at()].unit;
        let mut watch = EventWatch::default();
        for (at, rule) in self.rules.iter().enumerate() {
            if rule.event(self) == Some(event) {
                watch.add(self, RuleIx::from(at), unit);
            }
        }
        let its_own = |zone: &super::Zone| zone.unit == Some(unit) || zone.event == Some(event);
        watch.zones.extend(places(&self.zones, |zone| its_own(zone)).map(ZoneIx::from));
        let zones = &watch.zones;
        let there = places(&self.cameras, |camera| camera.zone.is_some_and(|zone| zones.contains(&zone)));
        watch.cameras.extend(there.map(CameraIx::from));
        watch
    }
}

fn places<'l, T>(list: &'l [T], chosen: impl Fn(&T) -> bool + 'l) -> impl Iterator<Item = usize> + 'l {
    list.iter().enumerate().filter(move |(_, item)| chosen(item)).map(|(at, _)| at)
}

impl EventWatch {
    /// A rule, with the rules that it looks at. Checked rules are made of each other without a circle.
    fn add(&mut self, site: &Site, ix: RuleIx, unit: UnitIx) {
        if !self.rules.insert(ix) {
            return;
        }
        let mut further = Vec::new();
        let kind = &site.rules[ix.at()].kind;
        kind.watches(|watched| match watched {
            Watched::Tag(tag) => drop(self.tags.insert(tag)),
            Watched::Zone(zone) => drop(self.zones.insert(zone)),
            Watched::Camera(camera) => drop(self.cameras.insert(camera)),
            Watched::Rule(rule) => further.push(rule),
            Watched::Person(_)
            | Watched::Beacons
            | Watched::Clock
            | Watched::Source(_)
            | Watched::Uplink(_)
            | Watched::Tasks
            | Watched::System => {}
        });
        if let RuleKind::People(PeopleRule::Gathering { zones, .. }) = kind {
            // It counts the people of its zones by their places, and not by the zones' numbers.
            self.zones.extend(zones);
        }
        if let RuleKind::Ticket(rule) = kind {
            if let TicketKind::HotWorkGas { limits } = &rule.kind {
                let of_unit = limits.iter().map(|(tag, _)| *tag).filter(|tag| site.tags[tag.at()].unit == Some(unit));
                self.tags.extend(of_unit);
            } else if rule.kind == TicketKind::HotWorkGasAlarm {
                let over_gas = |rule: &super::Rule| rule.unit == Some(unit) && rule.kind.is_over_combustible_gas(site);
                further.extend(places(&site.rules, over_gas).map(RuleIx::from));
            }
        }
        further.into_iter().for_each(|rule| self.add(site, rule, unit));
    }
}

impl RuleKind {
    /// Whether the rule says that there is more combustible gas than there may be, or that it rises.
    pub(crate) fn is_over_combustible_gas(&self, site: &Site) -> bool {
        #[expect(clippy::wildcard_enum_match_arm, reason = "these are the rules over the value of a detector")]
        match self {
            Self::Limit { tag, limit } => limit.kind.is_high() && site.tags[tag.at()].is_combustible_gas(),
            Self::Signal(SignalRule::Gas { gas: Gas::Combustible | Gas::OpenPath, .. }) => true,
            Self::RateOfChange { tag, .. } => site.tags[tag.at()].is_combustible_gas(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::*;

    fn rule(threatens: Option<RiskEventIx>, kind: RuleKind) -> Rule {
        Rule {
            id: "r".into(),
            name: Words::default(),
            unit: Some(UnitIx(0)),
            measure: None,
            threatens,
            priority: Priority::High,
            on_delay_ms: 0,
            off_delay_ms: 0,
            guidance: Words::default(),
            latched: false,
            never_hidden: false,
            suppressed_by: Vec::new(),
            kind,
        }
    }

    fn tag(id: &str, engineering_unit: &str, unit: u32) -> Tag {
        Tag {
            id: id.into(),
            name: Words::default(),
            engineering_unit: engineering_unit.into(),
            source: SourceIx(0),
            unit: Some(UnitIx(unit)),
            range: None,
            stale_after_ms: None,
        }
    }

    fn site() -> Site {
        let event = |unit| RiskEvent { id: "E".into(), name: Words::default(), unit };
        let high = Limit { kind: LimitKind::H, trip: 20.0, clear: 19.0 };
        let ticket = |kind| RuleKind::Ticket(TicketRule { kind, unit: None, table: 0, slot: 0 });
        let compound = Compound {
            nodes: vec![Node::Rule(RuleIx(0)), Node::People(ZoneIx(2)), Node::Bad(TagIx(1)), Node::All([].into())],
            ..Compound::default()
        };
        let limits = vec![(TagIx(2), high), (TagIx(3), high)];
        let counts = GatheringCounts { yellow: 3, orange: 4, red: 7 };
        let gathering = PeopleRule::Gathering { zones: vec![ZoneIx(1)], radius_m: 15.0, counts };
        Site {
            tags: vec![tag("A", "%", 0), tag("B", "%", 0), tag("GT-1", "%LEL", 0), tag("GT-2", "%LEL", 1)],
            zones: vec![
                Zone { unit: Some(UnitIx(0)), ..Zone::new("Z0", "") },
                Zone { unit: Some(UnitIx(1)), ..Zone::new("Z1", "") },
                Zone::new("Z2", ""),
                Zone { event: Some(RiskEventIx(0)), ..Zone::new("Z3", "") },
            ],
            cameras: [Some(ZoneIx(0)), Some(ZoneIx(1)), None]
                .map(|zone| Camera { id: "C".into(), name: String::new(), zone })
                .into(),
            events: vec![event(UnitIx(0)), event(UnitIx(0)), event(UnitIx(0))],
            rules: vec![
                rule(None, RuleKind::Limit { tag: TagIx(0), limit: high }),
                rule(Some(RiskEventIx(0)), RuleKind::Compound(Box::new(compound))),
                rule(Some(RiskEventIx(1)), ticket(TicketKind::HotWorkGas { limits })),
                rule(Some(RiskEventIx(2)), ticket(TicketKind::HotWorkGasAlarm)),
                rule(None, RuleKind::Limit { tag: TagIx(2), limit: high }),
                rule(
                    Some(RiskEventIx(2)),
                    RuleKind::Video {
                        camera: CameraIx(2),
                        algorithm: String::new(),
                        confidence_min: 0.5,
                        frames_min: 1,
                        frame_gap_ms: 10_000,
                        cooldown_ms: 0,
                    },
                ),
                rule(Some(RiskEventIx(1)), RuleKind::People(gathering)),
            ],
            ..Site::default()
        }
    }

    fn check(event: u32, rules: &[u32], tags: &[u32], zones: &[u32], cameras: &[u32]) {
        let expected = EventWatch {
            rules: rules.iter().copied().map(RuleIx).collect(),
            tags: tags.iter().copied().map(TagIx).collect(),
            zones: zones.iter().copied().map(ZoneIx).collect(),
            cameras: cameras.iter().copied().map(CameraIx).collect(),
        };
        assert_eq!(site().watch_of(RiskEventIx(event)), expected, "event {event}");
    }

    #[test]
    fn whatever_a_rule_is_made_of_is_watched() {
        check(0, &[0, 1], &[0, 1], &[0, 2, 3], &[0]);
    }

    #[test]
    fn hot_work_looks_at_the_gas_of_its_unit_and_a_gathering_at_its_zones_wherever_they_are() {
        check(1, &[2, 6], &[2], &[0, 1], &[0, 1]);
        check(2, &[3, 4, 5], &[2], &[0], &[0, 2]);
    }
}
