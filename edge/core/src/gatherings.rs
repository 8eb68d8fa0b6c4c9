//! People who stand together 聚集: for each rule over gatherings the people in its zones, by where they stand.

mod gathering;

pub(crate) use gathering::Gathering;

use crate::{
    id::*,
    model::{PeopleRule, Position, RuleKind, Site},
};
use std::collections::{BTreeMap, BTreeSet};

/// All rules over gatherings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gatherings {
    of_rule: BTreeMap<RuleIx, Gathering>,
    /// The rules over each zone.
    of_zone: Vec<Vec<RuleIx>>,
    /// Those whose people have moved since they were judged.
    moved: BTreeSet<RuleIx>,
}

/// Where a person is, as far as one knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    /// Somewhere in the zones, and nothing has been told since the start or since cards could be heard again.
    Awaited,
    /// Somewhere in the zones; the card does not say where.
    Somewhere,
    /// Here.
    At(Position),
}

impl Gatherings {
    pub(crate) fn new(site: &Site) -> Self {
        let mut gatherings = Self { of_zone: vec![Vec::new(); site.zones.len()], ..Self::default() };
        for (at, rule) in site.rules.iter().enumerate() {
            if let RuleKind::People(PeopleRule::Gathering { zones, radius_m, counts }) = &rule.kind {
                let ix = RuleIx::from(at);
                zones.iter().for_each(|zone| gatherings.of_zone[zone.at()].push(ix));
                gatherings.of_rule.insert(ix, Gathering::new(*radius_m, counts.yellow, counts.red));
            }
        }
        gatherings
    }

    pub(crate) fn of(&self, rule: RuleIx) -> Option<&Gathering> {
        self.of_rule.get(&rule)
    }

    /// Takes where a person is now, who was in another zone or is told of again.
    pub(crate) fn put(&mut self, person: PersonIx, from: Option<ZoneIx>, zone: Option<ZoneIx>, place: Place) {
        let Self { of_rule, of_zone, moved } = self;
        let mut each = |zone: Option<ZoneIx>, change: &dyn Fn(&mut Gathering) -> bool| {
            for rule in zone.into_iter().flat_map(|zone| &of_zone[zone.at()]) {
                if of_rule.get_mut(rule).is_some_and(change) {
                    moved.insert(*rule);
                }
            }
        };
        if from != zone {
            each(from, &|gathering| gathering.remove(person));
        }
        each(zone, &|gathering| gathering.put(person, place));
    }

    /// The next rule whose people have moved.
    pub(crate) fn next_moved(&mut self) -> Option<RuleIx> {
        self.moved.pop_first()
    }
}
