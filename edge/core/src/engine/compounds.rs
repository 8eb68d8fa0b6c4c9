//! Compound rules are judged after the rules that they are made of, the shallow before the deep: one sample has all of its
//! rules judged, then each compound over them once, in the same `apply`. So none is seen half changed.

use super::Engine;
use crate::{compounds::Condition, effect::Effects, id::*, time::Now};
use std::{cmp::Reverse, collections::BinaryHeap};

/// Compound rules that are to be judged, each once. Its room is kept, so that judging allocates nothing.
#[derive(Clone, Debug)]
pub(super) struct Due {
    heap: BinaryHeap<Reverse<(u8, RuleIx)>>,
    /// By rule: whether it is in the heap.
    waits: Vec<bool>,
}

impl Due {
    pub(super) fn new(rules: usize) -> Self {
        Self { heap: BinaryHeap::new(), waits: vec![false; rules] }
    }

    fn add(&mut self, depth: u8, ix: RuleIx) {
        if !std::mem::replace(&mut self.waits[ix.at()], true) {
            self.heap.push(Reverse((depth, ix)));
        }
    }

    fn take(&mut self) -> Option<RuleIx> {
        let Reverse((_, ix)) = self.heap.pop()?;
        self.waits[ix.at()] = false;
        Some(ix)
    }
}

impl Engine {
    /// Puts a compound rule off until the rules beneath it have been judged; `false` for other kinds.
    pub(super) fn put_off_compound(&mut self, ix: RuleIx) -> bool {
        let depth = self.index.depths[ix.at()];
        if depth > 0 {
            self.due.add(depth, ix);
        }
        depth > 0
    }

    /// Judges the compounds that were put off.
    pub(super) fn judge_compounds(&mut self, now: Now, out: &mut Effects) {
        while let Some(ix) = self.due.take() {
            self.judge_now(ix, now, out);
        }
    }

    /// Judges every compound: at the start, when some of what they are made of may be known already.
    pub(super) fn judge_all_compounds(&mut self, now: Now, out: &mut Effects) {
        for at in 0..self.site.rules.len() {
            self.put_off_compound(RuleIx::from(at));
        }
        self.judge_compounds(now, out);
    }

    /// How a rule stands now is told to the compounds over it, which are deeper.
    pub(super) fn tell_compounds(&mut self, ix: RuleIx, heard: bool) {
        let condition = Condition::of(self.rules[ix.at()], heard || self.inputs.conditions[ix.at()].is_heard());
        if std::mem::replace(&mut self.inputs.conditions[ix.at()], condition) == condition {
            return;
        }
        let depth = self.index.depths[ix.at()];
        for over in &self.index.rules_of_rule[ix.at()] {
            let above = self.index.depths[over.at()];
            if above > depth {
                self.due.add(above, *over);
            }
        }
    }

    /// What the compounds over the rules know after a restart: what was active is, and nobody has said anything yet.
    pub(super) fn set_first_conditions(&mut self) {
        for (condition, state) in self.inputs.conditions.iter_mut().zip(&self.rules) {
            *condition = Condition::of(*state, false);
        }
    }
}
