//! Values on their way to the rules: the hot path.

use super::Engine;
use crate::{
    effect::Effects,
    event::Sample,
    id::*,
    inputs::Freshness,
    model::Watched,
    quiet::{self, Band},
    time::{Monotonic, Now},
};

impl Engine {
    pub(super) fn take_samples(&mut self, samples: &[Sample], now: Now, out: &mut Effects) {
        for sample in samples {
            let was = self.inputs.tags[sample.tag.at()].freshness;
            if self.inputs.take_sample(*sample, now.monotonic) {
                self.judge_restless(sample.tag, now, out);
                continue;
            }
            // While values come the timer finds its next deadline by itself; the first one after a wait sets it anew,
            // because the wait may have been longer than the tag's own limit.
            if was != Freshness::Live {
                self.wait_for_tag(sample.tag, now.monotonic);
            }
            self.judge_tag(sample.tag, now, out);
            self.judge_compounds(now, out);
        }
    }

    /// Judges all rules of a tag, and works out where the next value may lie without changing one.
    pub(super) fn judge_tag(&mut self, tag: TagIx, now: Now, out: &mut Effects) {
        for at in 0..self.index.rules_of_tag[tag.at()].len() {
            self.judge(self.index.rules_of_tag[tag.at()][at], now, out);
        }
        self.judge_tickets_of_tag(tag, now, out);
        self.inputs.settle_band(&self.site, tag, &self.index.rules_of_tag[tag.at()], &self.rules);
    }

    /// Judges the rules that must see a value which changes none of the others. This is the hot path: without a change it
    /// allocates nothing.
    fn judge_restless(&mut self, tag: TagIx, now: Now, out: &mut Effects) {
        debug_assert!(self.band_is_true(tag, now.monotonic), "{tag:?} {:?}", self.inputs.tags[tag.at()]);
        for at in 0..self.index.restless_rules_of_tag[tag.at()].len() {
            self.judge(self.index.restless_rules_of_tag[tag.at()][at], now, out);
        }
        self.judge_tickets_of_tag(tag, now, out);
        self.judge_compounds(now, out);
    }

    /// Whether the rules that the quiet band speaks for would stand as they do if they were judged.
    fn band_is_true(&self, tag: TagIx, now: Monotonic) -> bool {
        let rules = self.index.rules_of_tag[tag.at()].iter();
        let mut spoken_for = rules.filter(|ix| quiet::band(&self.rule(**ix).kind, self.rules[ix.at()]).is_some());
        spoken_for.all(|ix| {
            let mut after = self.rules[ix.at()];
            if let Some(verdict) = self.inputs.verdict(&self.site, *ix, now) {
                after.observe(verdict, now, self.delays(*ix));
            }
            after == self.rules[ix.at()]
        })
    }

    /// The bands of a rule's tags are no longer true: the next value of each is judged by all of its rules.
    pub(super) fn disquiet(&mut self, ix: RuleIx) {
        self.site.rules[ix.at()].kind.watches(|watched| {
            if let Watched::Tag(tag) = watched {
                self.inputs.tags[tag.at()].quiet = Band::NONE;
            }
        });
    }
}
