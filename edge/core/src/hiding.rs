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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Priority, Rule, RuleKind},
        time::UtcTime,
    };

    const NOW: Monotonic = Monotonic(1_000);

    fn hiding(kind: HidingKind, suppressor: Option<&str>, since: i64) -> Hiding {
        let suppressor = suppressor.map(RuleId::from);
        let reason = String::new();
        Hiding { kind, by: None, suppressor, reason, since: UtcTime(since), until: None, one_shot: false }
    }

    /// Active, known, until when it is heard although unknown, out of service.
    #[test]
    fn a_rule_suppresses_while_its_word_can_be_trusted() {
        for (active, known, unheard, out_of_service, expected) in [
            (true, true, None, false, true),
            (false, true, None, false, false),
            (true, true, None, true, false),
            (true, false, None, false, true),
            (true, false, Some(NOW.0 + 1), false, true),
            (true, false, Some(NOW.0), false, false),
            (true, false, Some(NOW.0 - 1), false, false),
            (true, true, Some(NOW.0 - 1), false, true),
            (false, false, Some(NOW.0 + 1), false, false),
        ] {
            let by = RuleIx(0);
            let mut hidings = Hidings::default();
            hidings.unheard.extend(unheard.map(|until| (by, Monotonic(until))));
            if out_of_service {
                hidings.out_of_service.insert(by, hiding(HidingKind::OutOfService, None, 0));
            }
            let state = RuleState { active, known, pending: None };
            assert_eq!(
                hidings.suppresses(&[state], by, NOW),
                expected,
                "{active} {known} {unheard:?} {out_of_service}"
            );
        }
    }

    #[test]
    fn a_suppression_is_as_old_as_it_was_first_told_and_told_is_hidden() {
        let rule = |id: &str| Rule {
            id: id.into(),
            name: id.into(),
            unit: None,
            measure: None,
            threatens: None,
            priority: Priority::Low,
            on_delay_ms: 0,
            off_delay_ms: 0,
            guidance: "".into(),
            latched: false,
            never_hidden: false,
            suppressed_by: Vec::new(),
            kind: RuleKind::SourceLost { source: SourceIx(0) },
        };
        let site = Site { rules: vec![rule("pump-off"), rule("flow-low")], ..Site::default() };
        let now = Now { monotonic: NOW, utc: UtcTime(500) };
        let mut hidings = Hidings::default();
        let of_pump = |hidings: &Hidings| hidings.of_suppressor(&site, RuleIx(1), RuleIx(0), now).since;
        assert_eq!((of_pump(&hidings), hidings.hides(RuleIx(1))), (UtcTime(500), false));
        hidings.told.insert(RuleIx(1), vec![hiding(HidingKind::SuppressedByRule, Some("other"), 100)]);
        assert_eq!((of_pump(&hidings), hidings.hides(RuleIx(1))), (UtcTime(500), true));
        hidings.told.insert(RuleIx(1), vec![hiding(HidingKind::SuppressedByRule, Some("pump-off"), 200)]);
        assert_eq!(of_pump(&hidings), UtcTime(200));
    }
}
