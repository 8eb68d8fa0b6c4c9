//! Hiding rules and showing them again: shelves, service, stopped units, suppression by other rules.
//!
//! A hidden rule is judged on; its alarm is journaled and annunciates nothing, fails no measure and is in no warning.
//! When the last reason is gone and its condition holds, a new occurrence is raised, unacknowledged.

use super::Engine;
use crate::{
    effect::Effects,
    hiding::{Shelf, Stop, Term},
    id::*,
    limits::{SUPPRESSOR_UNKNOWN_MAX_MS, TERM_SAVED_EVERY_MS},
    record::*,
    saved::{SavedBody, SavedChange, SavedShelf, SavedStop},
    time::{Monotonic, Now, UtcTime},
    timers::Timer,
};

/// What a suppressor that has gone unheard for too long is saved with: over, whatever the wall clock says at the restart.
const LONG_AGO: UtcTime = UtcTime(0);

impl Engine {
    /// Looks whether a rule is hidden otherwise than was told, and lets its alarm and its measure follow.
    pub(super) fn settle_hiding(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let reasons = self.hiding.reasons(&self.site, &self.rules, ix, now);
        if reasons == self.hiding.of(ix) {
            return;
        }
        let shows = reasons.is_empty();
        if shows {
            self.hiding.told.remove(&ix);
        } else {
            self.hiding.told.insert(ix, reasons);
            self.inputs.watch.hide(ix);
        }
        self.put_hidden(ix, out);
        self.touch(ix);
        if shows && self.rules[ix.at()].active {
            self.annunciate_anew(ix, now, out);
        } else if self.alarms.change(ix, |alarm| alarm.hide(self.hiding.of(ix))).is_some() {
            self.put_alarm_of(ix, out);
        }
    }

    /// A new occurrence, with what is observed now or, where nobody knows, with what was observed last.
    fn annunciate_anew(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let last = self.alarms.get(ix).filter(|_| !self.rules[ix.at()].known).map(|alarm| alarm.trigger.clone());
        let trigger = last.unwrap_or_else(|| self.inputs.trigger(&self.site, ix, now.utc).into());
        // After a restart nobody may have said yet how bad it is now.
        let is_said = self.rules[ix.at()].known && self.inputs.priority(&self.site, ix).is_some();
        let priority = self.alarms.get(ix).filter(|_| !is_said).map(|alarm| alarm.priority);
        self.end_alarm(ix, "annunciated anew", now, out);
        self.remember_turn(ix, true, now);
        self.save_rule(ix, now, out);
        self.raise_for(ix, trigger, priority, now, out);
    }

    pub(super) fn put_hidden(&self, ix: RuleIx, out: &mut Effects) {
        super::put_hidden(self.hidden_record(ix), out);
    }

    pub(super) fn hidden_record(&self, ix: RuleIx) -> HiddenRecord {
        let rule = self.rule(ix);
        HiddenRecord {
            rule: rule.id.clone(),
            name: rule.name.clone(),
            rule_kind: rule.kind_name().to_owned(),
            priority: rule.priority,
            unit: rule.unit.map(|unit| self.site.units[unit.at()].id.clone()),
            measure: rule.measure.map(|measure| self.site.measures[measure.at()].id.clone()),
            hidden_because: self.hiding.of(ix).to_vec(),
            config_version: self.site.gateway.config_version.clone(),
        }
    }

    /// Every rule that is hidden, in the order of the configuration.
    pub(super) fn hidden_rules(&self) -> Vec<HiddenRecord> {
        self.hiding.told.keys().map(|ix| self.hidden_record(*ix)).collect()
    }

    pub(super) fn settle_hiding_of_all(&mut self, now: Now, out: &mut Effects) {
        for at in 0..self.rules.len() {
            self.settle_hiding(RuleIx::from(at), now, out);
        }
    }

    pub(super) fn settle_hiding_of_unit(&mut self, unit: UnitIx, now: Now, out: &mut Effects) {
        self.dirty.units.insert(unit);
        for at in 0..self.index.rules_of_unit[unit.at()].len() {
            self.settle_hiding(self.index.rules_of_unit[unit.at()][at], now, out);
        }
    }

    /// A rule's condition, its inputs or its service have changed: those that it suppresses follow.
    pub(super) fn settle_suppressed(&mut self, by: RuleIx, now: Now, out: &mut Effects) {
        let Some(suppressed) = self.index.suppressed_by.get(&by).cloned() else { return };
        self.wait_for_suppressor(by, now, out);
        for ix in suppressed {
            self.settle_hiding(ix, now, out);
        }
    }

    /// A suppressor whose inputs are unknown has a while to be heard again.
    fn wait_for_suppressor(&mut self, by: RuleIx, now: Now, out: &mut Effects) {
        let is_silent = self.rules[by.at()].active && !self.rules[by.at()].known;
        let waited_for = self.hiding.unheard.get(&by).copied();
        match (is_silent, waited_for) {
            (true, None) => self.expect_suppressor(by, now.monotonic.after(SUPPRESSOR_UNKNOWN_MAX_MS), now, out),
            (false, Some(until)) => {
                self.hiding.unheard.remove(&by);
                self.timers.cancel(until, Timer::Suppressor(by));
                out.saved.push(SavedChange::remove("unheard", &self.rule(by).id));
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    fn expect_suppressor(&mut self, by: RuleIx, until: Monotonic, now: Now, out: &mut Effects) {
        self.hiding.unheard.insert(by, until);
        self.timers.set(until, Timer::Suppressor(by));
        let body = SavedBody::Unheard(now.utc_at(until));
        out.saved.push(SavedChange::put("unheard", &self.rule(by).id, body));
    }

    /// The time of an unheard suppressor is over: what it suppresses annunciates.
    pub(super) fn give_up_suppressor(&mut self, by: RuleIx, now: Now, out: &mut Effects) {
        if self.hiding.unheard.get(&by).is_some_and(|until| *until <= now.monotonic) {
            out.saved.push(SavedChange::put("unheard", &self.rule(by).id, SavedBody::Unheard(LONG_AGO)));
            self.settle_suppressed(by, now, out);
        }
    }

    pub(super) fn shelve(&mut self, ix: RuleIx, hiding: Hiding, deadline: Monotonic, now: Now, out: &mut Effects) {
        let term = self.begin(deadline, Timer::Shelf(ix), now.monotonic);
        self.hiding.shelves.insert(ix, Shelf { hiding, term });
        self.save_shelf(ix, now, out);
        self.settle_hiding(ix, now, out);
    }

    /// Ends a shelf: by hand, in time, or because the alarm of a one-shot shelf has returned.
    pub(super) fn unshelve(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        if let Some(shelf) = self.hiding.shelves.remove(&ix) {
            self.timers.cancel(shelf.term.wake, Timer::Shelf(ix));
            out.saved.push(SavedChange::remove("shelf", &self.rule(ix).id));
            self.settle_hiding(ix, now, out);
        }
    }

    pub(super) fn end_one_shot(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        if self.hiding.shelves.get(&ix).is_some_and(|shelf| shelf.hiding.one_shot) {
            self.unshelve(ix, now, out);
        }
    }

    pub(super) fn check_shelf(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let Some(shelf) = self.hiding.shelves.get(&ix) else { return };
        let Term { deadline, wake } = shelf.term;
        if deadline <= now.monotonic {
            return self.unshelve(ix, now, out);
        }
        self.timers.cancel(wake, Timer::Shelf(ix));
        let term = self.begin(deadline, Timer::Shelf(ix), now.monotonic);
        self.hiding.shelves.entry(ix).and_modify(|shelf| shelf.term = term);
        self.save_shelf(ix, now, out);
    }

    pub(super) fn stop(
        &mut self,
        unit: UnitIx,
        stop: UnitStop,
        deadline: Option<Monotonic>,
        now: Now,
        out: &mut Effects,
    ) {
        let term = deadline.map(|deadline| self.begin(deadline, Timer::Stop(unit), now.monotonic));
        self.hiding.stops.insert(unit, Stop { stop, term });
        self.save_stop(unit, now, out);
        self.settle_hiding_of_unit(unit, now, out);
    }

    pub(super) fn resume(&mut self, unit: UnitIx, now: Now, out: &mut Effects) {
        if let Some(stop) = self.hiding.stops.remove(&unit) {
            stop.term.into_iter().for_each(|term| self.timers.cancel(term.wake, Timer::Stop(unit)));
            out.saved.push(SavedChange::remove("stop", &self.site.units[unit.at()].id));
            self.settle_hiding_of_unit(unit, now, out);
        }
    }

    pub(super) fn check_stop(&mut self, unit: UnitIx, now: Now, out: &mut Effects) {
        let Some(Term { deadline, wake }) = self.hiding.stops.get(&unit).and_then(|stop| stop.term) else { return };
        if deadline <= now.monotonic {
            return self.resume(unit, now, out);
        }
        self.timers.cancel(wake, Timer::Stop(unit));
        let term = self.begin(deadline, Timer::Stop(unit), now.monotonic);
        self.hiding.stops.entry(unit).and_modify(|stop| stop.term = Some(term));
        self.save_stop(unit, now, out);
    }

    /// Sets the timer of something that ends by itself.
    pub(super) fn begin(&mut self, deadline: Monotonic, timer: Timer, now: Monotonic) -> Term {
        let wake = deadline.min(now.after(TERM_SAVED_EVERY_MS));
        self.timers.set(wake, timer);
        Term { deadline, wake }
    }

    pub(super) fn save_service(&self, ix: RuleIx, out: &mut Effects) {
        let id = &self.rule(ix).id;
        out.saved.push(match self.hiding.out_of_service.get(&ix) {
            Some(hiding) => SavedChange::put("out_of_service", id, SavedBody::OutOfService(Box::new(hiding.clone()))),
            None => SavedChange::remove("out_of_service", id),
        });
    }

    fn save_shelf(&self, ix: RuleIx, now: Now, out: &mut Effects) {
        if let Some(shelf) = self.hiding.shelves.get(&ix) {
            let left_ms = shelf.term.deadline.since(now.monotonic);
            let ends_at = now.utc_at(shelf.term.deadline);
            let body = SavedShelf { hiding: shelf.hiding.clone(), ends_at, left_ms };
            out.saved.push(SavedChange::put("shelf", &self.rule(ix).id, SavedBody::Shelf(Box::new(body))));
        }
    }

    fn save_stop(&self, unit: UnitIx, now: Now, out: &mut Effects) {
        if let Some(stop) = self.hiding.stops.get(&unit) {
            let deadline = stop.term.map(|term| term.deadline);
            let body = SavedStop {
                stop: stop.stop.clone(),
                ends_at: deadline.map(|deadline| now.utc_at(deadline)),
                left_ms: deadline.map(|deadline| deadline.since(now.monotonic)),
            };
            out.saved.push(SavedChange::put("stop", &self.site.units[unit.at()].id, SavedBody::Stop(Box::new(body))));
        }
    }
}
