//! What hides rules: shelves, rules out of service, stopped units, rules that make others meaningless.
//!
//! Each is a fact of its own. A rule is hidden while there is any, and one on which lives hang never is.

use crate::{
    id::*,
    limits::REASONS_MAX,
    model::Site,
    record::{Hiding, HidingKind, UnitStop},
    rules::RuleState,
    time::{Monotonic, Now},
};
use std::collections::{BTreeMap, BTreeSet};

/// All that hides anything. Rules and units that are not hidden have no entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidings {
    pub(crate) shelves: BTreeMap<RuleIx, Shelf>,
    pub(crate) out_of_service: BTreeMap<RuleIx, Hiding>,
    pub(crate) stops: BTreeMap<UnitIx, Stop>,
    /// Until when an active rule suppresses others although its inputs are unknown.
    pub(crate) unheard: BTreeMap<RuleIx, Monotonic>,
    /// Why each hidden rule is hidden, as last told.
    pub(crate) told: BTreeMap<RuleIx, Vec<Hiding>>,
    /// Those whose record another configuration has changed; told again by the start.
    pub(crate) told_otherwise: BTreeSet<RuleIx>,
}

/// A shelved rule.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) hiding: Hiding,
    pub(crate) term: Term,
}

/// A stopped unit.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) stop: UnitStop,
    /// `None` until a person resumes it.
    pub(crate) term: Option<Term>,
}

/// Something that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// When it ends.
    pub(crate) deadline: Monotonic,
    /// When its timer is set: at the deadline, or before it to save what is left.
    pub(crate) wake: Monotonic,
}

impl Hidings {
    /// Why a rule is hidden, as last told; empty when it annunciates.
    pub(crate) fn of(&self, ix: RuleIx) -> &[Hiding] {
        self.told.get(&ix).map_or(&[], Vec::as_slice)
    }

    /// Whether a rule annunciates nothing.
    pub(crate) fn hides(&self, ix: RuleIx) -> bool {
        self.told.contains_key(&ix)
    }

    /// Why a rule is to be hidden now.
    pub(crate) fn reasons(&self, site: &Site, rules: &[RuleState], ix: RuleIx, now: Now) -> Vec<Hiding> {
        let rule = &site.rules[ix.at()];
        if rule.never_hidden {
            return Vec::new();
        }
        let own = [self.out_of_service.get(&ix), self.shelves.get(&ix).map(|shelf| &shelf.hiding)];
        let stop = rule.unit.and_then(|unit| self.stops.get(&unit)).map(|stop| of_stop(&stop.stop));
        let suppressing = rule.suppressed_by.iter().filter(|by| self.suppresses(rules, **by, now.monotonic));
        let suppressing = suppressing.take(REASONS_MAX).map(|by| self.of_suppressor(site, ix, *by, now));
        own.into_iter().flatten().cloned().chain(stop).chain(suppressing).collect()
    }

    /// Whether a rule suppresses others: while its condition holds, hidden or not. Out of service its word is not trusted;
    /// with unknown inputs it is for a while.
    fn suppresses(&self, rules: &[RuleState], by: RuleIx, now: Monotonic) -> bool {
        let RuleState { active, known, .. } = rules[by.at()];
        let heard = known || self.unheard.get(&by).is_none_or(|until| *until > now);
        active && heard && !self.out_of_service.contains_key(&by)
    }

    fn of_suppressor(&self, site: &Site, ix: RuleIx, by: RuleIx, now: Now) -> Hiding {
        let suppressor = &site.rules[by.at()];
        let told = self.of(ix).iter().find(|told| told.suppressor.as_ref() == Some(&suppressor.id));
        Hiding {
            kind: HidingKind::SuppressedByRule,
            by: None,
            suppressor: Some(suppressor.id.clone()),
            reason: suppressor.name.to_string(),
            since: told.map_or(now.utc, |told| told.since),
            until: None,
            one_shot: false,
        }
    }
}

fn of_stop(stop: &UnitStop) -> Hiding {
    Hiding {
        kind: HidingKind::UnitStopped,
        by: Some(stop.by.clone()),
        suppressor: None,
        reason: stop.reason.clone(),
        since: stop.since,
        until: stop.until,
        one_shot: false,
    }
}
