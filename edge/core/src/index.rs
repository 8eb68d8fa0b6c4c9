//! Who is affected by what: built once for each configuration, so that an event touches only the rules it concerns.

use crate::{
    id::*,
    limits::COMPOUND_NESTING_MAX,
    model::{RuleKind, Site, Watched},
    quiet,
    rules::RuleState,
};
use std::collections::BTreeMap;

/// Positions, by position.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    pub(crate) rules_of_tag: Vec<Vec<RuleIx>>,
    /// Those of them that have no quiet band and must see every value.
    pub(crate) restless_rules_of_tag: Vec<Vec<RuleIx>>,
    pub(crate) rules_of_person: Vec<Vec<RuleIx>>,
    pub(crate) rules_of_zone: Vec<Vec<RuleIx>>,
    pub(crate) rules_of_beacons: Vec<RuleIx>,
    pub(crate) rules_of_clock: Vec<RuleIx>,
    pub(crate) rules_of_camera: Vec<Vec<RuleIx>>,
    pub(crate) rules_of_source: Vec<Vec<RuleIx>>,
    pub(crate) rules_of_uplink: Vec<Vec<RuleIx>>,
    /// The compound rules over each rule.
    pub(crate) rules_of_rule: Vec<Vec<RuleIx>>,
    /// How deep each compound rule stands over others: one that is made of compounds is deeper than those. Others are 0.
    pub(crate) depths: Vec<u8>,
    pub(crate) rules_of_tasks: Vec<RuleIx>,
    pub(crate) rules_of_system: Vec<RuleIx>,
    pub(crate) rules_of_measure: Vec<Vec<RuleIx>>,
    pub(crate) rules_of_unit: Vec<Vec<RuleIx>>,
    /// The rules that each rule suppresses while it is active.
    pub(crate) suppressed_by: BTreeMap<RuleIx, Vec<RuleIx>>,
    /// The first-out group of each rule that has one.
    pub(crate) first_out_group: BTreeMap<RuleIx, usize>,
    pub(crate) tags_of_source: Vec<Vec<TagIx>>,
    pub(crate) measures_of_event: Vec<Vec<MeasureIx>>,
    pub(crate) events_of_unit: Vec<Vec<RiskEventIx>>,
    pub(crate) zones_of_unit: Vec<Vec<ZoneIx>>,
}

impl Index {
    pub(crate) fn new(site: &Site) -> Self {
        let mut index = Self {
            rules_of_tag: vec![Vec::new(); site.tags.len()],
            restless_rules_of_tag: vec![Vec::new(); site.tags.len()],
            rules_of_person: vec![Vec::new(); site.people.len()],
            rules_of_zone: vec![Vec::new(); site.zones.len()],
            rules_of_beacons: Vec::new(),
            rules_of_clock: Vec::new(),
            rules_of_camera: vec![Vec::new(); site.cameras.len()],
            rules_of_source: vec![Vec::new(); site.sources.len()],
            rules_of_uplink: vec![Vec::new(); site.uplinks.len()],
            rules_of_rule: vec![Vec::new(); site.rules.len()],
            depths: vec![0; site.rules.len()],
            rules_of_tasks: Vec::new(),
            rules_of_system: Vec::new(),
            rules_of_measure: vec![Vec::new(); site.measures.len()],
            rules_of_unit: vec![Vec::new(); site.units.len()],
            suppressed_by: BTreeMap::new(),
            first_out_group: BTreeMap::new(),
            tags_of_source: vec![Vec::new(); site.sources.len()],
            measures_of_event: vec![Vec::new(); site.events.len()],
            events_of_unit: vec![Vec::new(); site.units.len()],
            zones_of_unit: vec![Vec::new(); site.units.len()],
        };
        index.add_rules(site);
        for (at, group) in site.first_out.iter().enumerate() {
            index.first_out_group.extend(group.rules.iter().map(|rule| (*rule, at)));
        }
        index.measure_depths(site);
        for (at, tag) in site.tags.iter().enumerate() {
            index.tags_of_source[tag.source.at()].push(TagIx::from(at));
        }
        for (at, measure) in site.measures.iter().enumerate() {
            index.measures_of_event[measure.event.at()].push(MeasureIx::from(at));
        }
        for (at, event) in site.events.iter().enumerate() {
            index.events_of_unit[event.unit.at()].push(RiskEventIx::from(at));
        }
        for (at, zone) in site.zones.iter().enumerate() {
            if let Some(unit) = zone.unit {
                index.zones_of_unit[unit.at()].push(ZoneIx::from(at));
            }
        }
        index
    }

    fn add_rules(&mut self, site: &Site) {
        for (at, rule) in site.rules.iter().enumerate() {
            let ix = RuleIx::from(at);
            rule.kind.watches(|watched| {
                self.of(watched).push(ix);
                if let (Watched::Tag(tag), None) = (watched, quiet::band(&rule.kind, RuleState::default())) {
                    self.restless_rules_of_tag[tag.at()].push(ix);
                }
            });
            if let Some(measure) = rule.measure {
                self.rules_of_measure[measure.at()].push(ix);
            }
            if let Some(unit) = rule.unit {
                self.rules_of_unit[unit.at()].push(ix);
            }
            for suppressor in &rule.suppressed_by {
                self.suppressed_by.entry(*suppressor).or_default().push(ix);
            }
        }
    }

    /// Every round finds the compounds that stand deeper than in the round before; a cycle, which the configuration refuses,
    /// ends with the rounds.
    fn measure_depths(&mut self, site: &Site) {
        let compounds = site.rules.iter().enumerate().filter(|(_, rule)| matches!(rule.kind, RuleKind::Compound(_)));
        let compounds: Vec<usize> = compounds.map(|(at, _)| at).collect();
        compounds.iter().for_each(|at| self.depths[*at] = 1);
        for _ in 1..COMPOUND_NESTING_MAX {
            for at in &compounds {
                let beneath = self.depths[*at];
                for over in &self.rules_of_rule[*at] {
                    self.depths[over.at()] = self.depths[over.at()].max(beneath + 1).min(COMPOUND_NESTING_MAX);
                }
            }
        }
    }

    fn of(&mut self, watched: Watched) -> &mut Vec<RuleIx> {
        match watched {
            Watched::Tag(tag) => &mut self.rules_of_tag[tag.at()],
            Watched::Person(person) => &mut self.rules_of_person[person.at()],
            Watched::Zone(zone) => &mut self.rules_of_zone[zone.at()],
            Watched::Beacons => &mut self.rules_of_beacons,
            Watched::Clock => &mut self.rules_of_clock,
            Watched::Camera(camera) => &mut self.rules_of_camera[camera.at()],
            Watched::Source(source) => &mut self.rules_of_source[source.at()],
            Watched::Uplink(uplink) => &mut self.rules_of_uplink[uplink.at()],
            Watched::Rule(rule) => &mut self.rules_of_rule[rule.at()],
            Watched::Tasks => &mut self.rules_of_tasks,
            Watched::System => &mut self.rules_of_system,
        }
    }
}
