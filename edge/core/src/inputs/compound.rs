//! Compound rules: what their leaves are read from, and what the operator is shown of them.

use super::{Inputs, Reading};
use crate::{
    compounds::{Condition, Evaluation, Leaves, Value},
    id::*,
    limits::REASONS_MAX,
    model::{Compound, Node, RuleKind, Site},
    saved::SavedCompound,
    time::{Monotonic, Now, UtcTime},
    trigger::{CompoundPart, Trigger},
};

/// The live state of a compound rule; other kinds have none.
pub(super) fn evaluation(kind: &RuleKind) -> Option<Box<Evaluation>> {
    if let RuleKind::Compound(compound) = kind { Some(Box::new(Evaluation::new(compound))) } else { None }
}

struct Seen<'a> {
    inputs: &'a Inputs,
    site: &'a Site,
}

impl Leaves for Seen<'_> {
    fn tag(&self, tag: TagIx) -> Value {
        match self.inputs.reading(self.site, tag) {
            Reading::Waiting => Value::Waiting,
            Reading::Unusable => Value::Unknown,
            Reading::Is(value) => Value::number(value),
        }
    }

    fn people(&self, zone: ZoneIx) -> f64 {
        f64::from(self.inputs.crowd[zone.at()])
    }

    fn rule(&self, rule: RuleIx) -> Condition {
        self.inputs.conditions[rule.at()]
    }

    fn is_in(&self, rule: RuleIx, zones: &[ZoneIx]) -> bool {
        let person = self.site.rules[rule.at()].kind.person();
        person.and_then(|person| self.inputs.people[person.at()].zone()).is_some_and(|zone| zones.contains(&zone))
    }
}

impl Inputs {
    /// Judges a compound rule's nodes as everything is now.
    pub(super) fn evaluate(&mut self, site: &Site, ix: RuleIx, compound: &Compound, now: Monotonic) {
        let Some(mut live) = self.compounds[ix.at()].take() else { return };
        live.evaluate(compound, &Seen { inputs: self, site }, now);
        self.compounds[ix.at()] = Some(live);
    }

    /// Whether a compound rule remembers something new that must be saved.
    pub(crate) fn take_compound_changed(&mut self, ix: RuleIx) -> bool {
        self.compounds[ix.at()].as_mut().is_some_and(|live| live.take_changed())
    }

    pub(crate) fn save_compound(&self, site: &Site, ix: RuleIx, now: Now) -> Option<SavedCompound> {
        let RuleKind::Compound(compound) = &site.rules[ix.at()].kind else { return None };
        self.compounds[ix.at()].as_ref()?.save(compound, now)
    }

    pub(crate) fn restore_compound(&mut self, site: &Site, ix: RuleIx, saved: &SavedCompound, now: Now) {
        if let (RuleKind::Compound(compound), Some(live)) = (&site.rules[ix.at()].kind, &mut self.compounds[ix.at()]) {
            live.restore(compound, saved, now);
        }
    }

    pub(super) fn compound_trigger(&self, site: &Site, compound: &Compound, now: UtcTime) -> Trigger {
        let mut parts: Vec<CompoundPart> = Vec::new();
        for part in compound.nodes.iter().flat_map(|node| self.parts(site, node)) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        let deviation = if compound.voting { deviation(&parts) } else { None };
        Trigger::Compound { when: compound.when.clone(), parts, deviation, received_time: now }
    }

    /// What a leaf is read from; of many rules those that are active.
    fn parts(&self, site: &Site, node: &Node) -> Vec<CompoundPart> {
        match node {
            Node::Rule(rule) => vec![self.rule_part(site, *rule)],
            Node::AnyRule { of, zones } => {
                let seen = Seen { inputs: self, site };
                let counts =
                    |rule: &&RuleIx| seen.rule(**rule).is_active() && (zones.is_empty() || seen.is_in(**rule, zones));
                of.iter().filter(counts).take(REASONS_MAX).map(|rule| self.rule_part(site, *rule)).collect()
            }
            Node::Tag(tag) | Node::On(tag) | Node::Bad(tag) => vec![CompoundPart::Tag(self.paired(site, *tag))],
            Node::People(zone) => vec![CompoundPart::Zone {
                zone: site.zones[zone.at()].id.clone(),
                name: site.zones[zone.at()].name.clone(),
                people_count: self.crowd[zone.at()],
                people: self.people_in(site, &[*zone]),
            }],
            Node::Constant(_)
            | Node::Arithmetic(..)
            | Node::Absolute(_)
            | Node::Average(_)
            | Node::Compare(..)
            | Node::Not(_)
            | Node::All(_)
            | Node::Any(_)
            | Node::Vote { .. }
            | Node::Lasts { .. }
            | Node::Recent { .. }
            | Node::Repeats { .. } => Vec::new(),
        }
    }

    fn rule_part(&self, site: &Site, rule: RuleIx) -> CompoundPart {
        let (about, condition) = (&site.rules[rule.at()], self.conditions[rule.at()]);
        CompoundPart::Rule {
            rule: about.id.clone(),
            name: about.name.clone(),
            active: condition.is_active(),
            known: condition.is_known(),
        }
    }
}

/// How far the usable values lie apart.
fn deviation(parts: &[CompoundPart]) -> Option<f64> {
    let usable = |part: &CompoundPart| {
        if let CompoundPart::Tag(one) = part { one.value.filter(|_| one.quality.is_usable()) } else { None }
    };
    let values = || parts.iter().filter_map(usable);
    let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
    Some(most - least)
}
