//! What was hidden before a restart is hidden after it, for no longer than was left.

use super::Engine;
use crate::{
    effect::Effects,
    hiding::{Shelf, Stop},
    id::*,
    limits::SUPPRESSOR_UNKNOWN_MAX_MS,
    record::HiddenRecord,
    saved::{SavedChange, SavedShelf, SavedState, SavedStop},
    time::Now,
    timers::Timer,
};

impl Engine {
    pub(super) fn take_over_hidings(&mut self, saved: &mut SavedState, now: Now) {
        for at in 0..self.site.rules.len() {
            self.take_over_hidings_of(RuleIx::from(at), saved, now);
        }
        for (at, unit) in self.site.units.clone().iter().enumerate() {
            if let Some(stop) = saved.stops.remove(&unit.id) {
                self.take_over_stop(UnitIx::from(at), stop, now);
            }
        }
        for (at, group) in self.site.first_out.clone().iter().enumerate() {
            if let Some(first) = saved.first_out.remove(&group.id) {
                self.take_over_first_out(at, first, now);
            }
        }
    }

    fn take_over_hidings_of(&mut self, ix: RuleIx, saved: &mut SavedState, now: Now) {
        let rule = &self.site.rules[ix.at()];
        let (id, may_hide) = (rule.id.clone(), !rule.never_hidden);
        if let Some(told) = saved.hidden.remove(&id) {
            self.hiding.told.insert(ix, told.hidden_because.clone());
            if self.hidden_record(ix) != told {
                self.hiding.told_otherwise.insert(ix);
            }
        }
        // A rule that a new configuration has made one on which lives hang leaves its rows to be removed.
        if let Some(hiding) = saved.out_of_service.remove(&id).filter(|_| may_hide) {
            self.hiding.out_of_service.insert(ix, hiding);
        }
        if let Some(shelf) = saved.shelves.remove(&id).filter(|_| may_hide) {
            self.take_over_shelf(ix, shelf, now);
        }
        if let Some(until) = saved.unheard.remove(&id) {
            let until = now.rebase(until, SUPPRESSOR_UNKNOWN_MAX_MS);
            self.hiding.unheard.insert(ix, until);
            self.timers.set(until, Timer::Suppressor(ix));
        }
    }

    fn take_over_shelf(&mut self, ix: RuleIx, saved: SavedShelf, now: Now) {
        let most_ms = saved.left_ms.min(self.site.policy.shelve_max_ms);
        let term = self.begin(now.rebase(saved.ends_at, most_ms), Timer::Shelf(ix), now.monotonic);
        self.hiding.shelves.insert(ix, Shelf { hiding: saved.hiding, term });
    }

    fn take_over_stop(&mut self, unit: UnitIx, saved: SavedStop, now: Now) {
        let deadline = saved.ends_at.zip(saved.left_ms).map(|(ends_at, left_ms)| now.rebase(ends_at, left_ms));
        let term = deadline.map(|deadline| self.begin(deadline, Timer::Stop(unit), now.monotonic));
        self.hiding.stops.insert(unit, Stop { stop: saved.stop, term });
    }

    /// Rows of rules and units that are no more, or may not be hidden any more.
    pub(super) fn close_orphaned_hidings(&mut self, orphans: &mut SavedState, out: &mut Effects) {
        for (_, hidden) in std::mem::take(&mut orphans.hidden) {
            super::put_hidden(HiddenRecord { hidden_because: Vec::new(), ..hidden }, out);
        }
        for (at, rule) in self.site.rules.iter().enumerate().filter(|(_, rule)| rule.never_hidden) {
            if self.hiding.hides(RuleIx::from(at)) {
                out.saved.push(SavedChange::remove("shelf", &rule.id));
                out.saved.push(SavedChange::remove("out_of_service", &rule.id));
            }
        }
        out.saved.extend(orphans.shelves.keys().map(|id| SavedChange::remove("shelf", id)));
        out.saved.extend(orphans.out_of_service.keys().map(|id| SavedChange::remove("out_of_service", id)));
        out.saved.extend(orphans.unheard.keys().map(|id| SavedChange::remove("unheard", id)));
        out.saved.extend(orphans.first_out.keys().map(|id| SavedChange::remove("first_out", id)));
        out.saved.extend(orphans.stops.keys().map(|id| SavedChange::remove("stop", id)));
    }

    /// Settles what hides what, once everything else stands, and saves what is left of each shelf and stop.
    pub(super) fn start_hidings(&mut self, now: Now, out: &mut Effects) {
        std::mem::take(&mut self.hiding.told_otherwise).into_iter().for_each(|ix| self.put_hidden(ix, out));
        for by in self.index.suppressed_by.keys().copied().collect::<Vec<_>>() {
            self.settle_suppressed(by, now, out);
        }
        self.settle_hiding_of_all(now, out);
        for ix in self.hiding.shelves.keys().copied().collect::<Vec<_>>() {
            self.check_shelf(ix, now, out);
        }
        for unit in self.hiding.stops.keys().copied().collect::<Vec<_>>() {
            self.check_stop(unit, now, out);
        }
    }
}
