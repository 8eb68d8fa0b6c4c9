//! The quiet band of a tag: the values at which nothing can change.
//!
//! Most values say what the last one said. As long as a rule over limits stands as it stands, the values that leave it so
//! lie between two bounds; within the bounds of all such rules of a tag a good value is only stored. The band says
//! nothing that the verdicts do not say: it is worked out anew from the rules' states whenever one of them has changed,
//! and a kind of rule that has no band here is judged at every value.

use crate::{
    model::{Limit, RuleKind, SignalRule},
    rules::RuleState,
};

/// The values from `low` to `high`, both included; none when `low` is above `high`. A value that is not finite is in no
/// band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Band {
    low: f64,
    high: f64,
}

impl Band {
    /// No value.
    pub(crate) const NONE: Self = Self { low: f64::INFINITY, high: f64::NEG_INFINITY };
    /// Every finite value.
    pub(crate) const ALL: Self = Self { low: f64::MIN, high: f64::MAX };

    pub(crate) fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// The values that are in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    fn below(bound: f64) -> Self {
        Self { high: bound.next_down(), ..Self::ALL }
    }

    fn above(bound: f64) -> Self {
        Self { low: bound.next_up(), ..Self::ALL }
    }
}

/// The values that leave a rule as it stands; `None` for a kind that must see every value.
pub(crate) fn band(kind: &RuleKind, state: RuleState) -> Option<Band> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a kind that is not named here is judged at every value")]
    let band = match kind {
        RuleKind::Limit { limit, .. } | RuleKind::Signal(SignalRule::Gas { limit, .. }) => {
            limit_band(*limit, state.active)
        }
        // While it is active a value within the range would end it.
        RuleKind::OutOfRange { low, high, .. } if !state.active => Band { low: *low, high: *high },
        // That a good value has come is the end of the condition, and no beginning.
        RuleKind::BadQuality { .. } | RuleKind::UncertainQuality { .. } | RuleKind::Stale { .. } if !state.active => {
            Band::ALL
        }
        RuleKind::OutOfRange { .. }
        | RuleKind::BadQuality { .. }
        | RuleKind::UncertainQuality { .. }
        | RuleKind::Stale { .. } => Band::NONE,
        _ => return None,
    };
    Some(if state.known && state.pending.is_none() { band } else { Band::NONE })
}

/// Inactive up to the trip; active down to the clear, where it holds, and to the trip where the two are one.
fn limit_band(limit: Limit, active: bool) -> Band {
    match (limit.kind.is_high(), active) {
        (true, false) => Band::below(limit.trip),
        (true, true) => Band::above(limit.clear.min(limit.trip.next_down())),
        (false, false) => Band::above(limit.trip),
        (false, true) => Band::below(limit.clear.max(limit.trip.next_up())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        id::TagIx,
        model::LimitKind,
        rules::{Delays, Verdict, limit_verdict},
        time::Monotonic,
    };
    use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};

    const DELAYS: [Delays; 2] = [
        Delays { on_ms: 0, off_ms: 0, through_unknown_ms: None },
        Delays { on_ms: 1_000, off_ms: 2_000, through_unknown_ms: None },
    ];

    /// Within the band the verdict leaves the rule as it stands, and at each of its ends it is as wide as it may be.
    fn check(kind: &RuleKind, active: bool, values: &[f64], verdict: impl Fn(f64) -> Verdict) {
        let state = RuleState { active, known: true, pending: None };
        let band = band(kind, state).unwrap();
        for value in values {
            for delays in DELAYS {
                let mut after = state;
                after.observe(verdict(*value), Monotonic(5), delays);
                assert_eq!(band.contains(*value), after == state, "{kind:?} active {active} at {value}: {band:?}");
            }
        }
    }

    #[test]
    fn a_band_holds_exactly_the_values_that_change_nothing() {
        let mut random = SmallRng::seed_from_u64(7);
        for _ in 0..2_000 {
            let trip: f64 = random.random_range(-100.0..100.0);
            let deadband = *[0.0, 0.5, 1e-12, 30.0].choose(&mut random).unwrap();
            let kind = *[LimitKind::LL, LimitKind::L, LimitKind::H, LimitKind::HH].choose(&mut random).unwrap();
            let clear = if kind.is_high() { trip - deadband } else { trip + deadband };
            let limit = Limit { kind, trip, clear };
            let mut values = vec![0.0, -0.0, f64::MIN, f64::MAX, random.random_range(-150.0..150.0)];
            values.extend([trip, clear].into_iter().flat_map(|at| [at, at.next_up(), at.next_down()]));
            for active in [false, true] {
                check(&RuleKind::Limit { tag: TagIx(0), limit }, active, &values, |value| limit_verdict(limit, value));
            }
            let (low, high) = (trip, trip + random.random_range(0.0..50.0));
            let beyond = |value: f64| if value < low || value > high { Verdict::True } else { Verdict::False };
            values.extend([high, high.next_up(), high.next_down()]);
            check(&RuleKind::OutOfRange { tag: TagIx(0), low, high }, false, &values, beyond);
        }
        let all = [0.0, f64::MIN, f64::MAX];
        let tag = TagIx(0);
        for kind in [RuleKind::BadQuality { tag }, RuleKind::UncertainQuality { tag }, RuleKind::Stale { tag }] {
            [false, true].iter().for_each(|active| check(&kind, *active, &all, |_| Verdict::False));
        }
    }

    #[test]
    fn what_is_unknown_or_about_to_turn_has_no_band() {
        let limit = Limit { kind: LimitKind::H, trip: 80.0, clear: 78.0 };
        for kind in [RuleKind::Limit { tag: TagIx(0), limit }, RuleKind::Stale { tag: TagIx(0) }] {
            for (known, pending) in [(false, None), (true, Some(Monotonic(9)))] {
                assert_eq!(band(&kind, RuleState { active: false, known, pending }), Some(Band::NONE));
            }
        }
        assert_eq!(band(&RuleKind::Frozen { tag: TagIx(0), dead_zone: 0.1, after_ms: 9 }, RuleState::default()), None);
        assert!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].iter().all(|value| !Band::ALL.contains(*value)));
    }
}
