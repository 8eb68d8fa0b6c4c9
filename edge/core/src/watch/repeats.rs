//! Rules that repeat themselves: the last few times of each, and those that are a nuisance now.

use super::Lasting;
use crate::{
    id::RuleIx,
    model::Repeating,
    saved::SavedRepeats,
    time::{Monotonic, Now},
};
use std::collections::{BTreeMap, VecDeque};

/// Which rules repeat themselves too often.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repeats {
    pub(super) limits: Option<Repeating>,
    /// Until when each of a rule's last times counts; no more of them than make it a nuisance.
    times: BTreeMap<RuleIx, VecDeque<Monotonic>>,
    /// The rules that are a nuisance, each until it has been quiet for long enough.
    pub(crate) lasting: Lasting<u32>,
}

impl Repeats {
    /// Counts one more.
    pub(super) fn note(&mut self, ix: RuleIx, now: Monotonic) {
        let Some(limits) = self.limits else { return };
        let times = self.times.entry(ix).or_default();
        times.push_back(now.after(limits.window_ms));
        while times.len() > usize::try_from(limits.count_min).unwrap_or(usize::MAX) {
            times.pop_front();
        }
        let often = times.len() >= usize::try_from(limits.count_min).unwrap_or(usize::MAX);
        let often = often && times.front().is_some_and(|until| *until > now);
        match self.lasting.get(ix) {
            Some((_, count)) => self.lasting.put(ix, now.after(limits.quiet_ms), count.saturating_add(1)),
            None if often => self.lasting.put(ix, now.after(limits.quiet_ms), limits.count_min),
            None => {}
        }
    }

    /// The rules that are a nuisance with how often, the worst first; of equal ones in the order of the configuration.
    pub(crate) fn worst(&self) -> Vec<(RuleIx, u32)> {
        let mut all: Vec<(RuleIx, u32)> = self.lasting.iter().collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all
    }

    pub(super) fn expire(&mut self, now: Monotonic) {
        while self.lasting.first().is_some_and(|(until, _)| until <= now) {
            self.lasting.pop();
        }
    }

    pub(super) fn saved(&self, ix: RuleIx, now: Now) -> SavedRepeats {
        let times = self.times.get(&ix).into_iter().flatten();
        let lasting = self.lasting.get(ix);
        SavedRepeats {
            times: times.filter(|until| **until > now.monotonic).map(|until| now.utc_at(*until)).collect(),
            until: lasting.map(|(until, _)| now.utc_at(until)),
            count: lasting.map_or(0, |(_, count)| count),
        }
    }

    pub(super) fn restore(&mut self, ix: RuleIx, saved: &SavedRepeats, now: Now) {
        let Some(limits) = self.limits else { return };
        if !saved.times.is_empty() {
            let times = saved.times.iter().map(|until| now.rebase(*until, limits.window_ms));
            self.times.insert(ix, times.collect());
        }
        if let Some(until) = saved.until {
            self.lasting.put(ix, now.rebase(until, limits.quiet_ms), saved.count);
        }
    }
}
