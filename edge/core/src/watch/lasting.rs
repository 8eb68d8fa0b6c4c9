//! Rules with a moment each, in the order of those moments.

use crate::{id::RuleIx, time::Monotonic};
use std::collections::{BTreeMap, BTreeSet};

/// Rules with the moment until which, or from which on, something holds for them, and what goes with it.
#[derive(Clone, Debug)]
pub(crate) struct Lasting<T> {
    of: BTreeMap<RuleIx, (Monotonic, T)>,
    order: BTreeSet<(Monotonic, RuleIx)>,
}

impl<T> Default for Lasting<T> {
    fn default() -> Self {
        Self { of: BTreeMap::new(), order: BTreeSet::new() }
    }
}

impl<T: Copy> Lasting<T> {
    pub(crate) fn put(&mut self, ix: RuleIx, at: Monotonic, with: T) {
        self.remove(ix);
        self.of.insert(ix, (at, with));
        self.order.insert((at, ix));
    }

    /// Forgets a rule; the answer is its moment.
    pub(crate) fn remove(&mut self, ix: RuleIx) -> Option<Monotonic> {
        let (at, _) = self.of.remove(&ix)?;
        self.order.remove(&(at, ix));
        Some(at)
    }

    pub(crate) fn get(&self, ix: RuleIx) -> Option<(Monotonic, T)> {
        self.of.get(&ix).copied()
    }

    /// The earliest.
    pub(crate) fn first(&self) -> Option<(Monotonic, RuleIx)> {
        self.order.first().copied()
    }

    pub(crate) fn pop(&mut self) {
        if let Some((_, ix)) = self.order.pop_first() {
            self.of.remove(&ix);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Those whose moment has come, and when it came, earliest first.
    pub(crate) fn until(&self, now: Monotonic) -> impl Iterator<Item = (Monotonic, RuleIx, T)> {
        let come = self.order.iter().take_while(move |(at, _)| *at <= now);
        come.filter_map(|(at, ix)| self.of.get(ix).map(|(_, with)| (*at, *ix, *with)))
    }

    /// All of them, in the order of the configuration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RuleIx, T)> {
        self.of.iter().map(|(ix, (_, with))| (*ix, *with))
    }
}
