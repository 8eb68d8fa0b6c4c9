//! First-out 首出: of rules that follow from each other, the alarm that came first is told apart.
//!
//! Alarms are ordered as they come. A source tells the true order where it can: of two alarms that come within
//! `first_out_window_ms` of the policy the one with the earlier source time is the first, if both source times can be trusted and
//! are of one source: two clocks that nobody compares decide nothing.
//! The group is quiet again when no alarm of it is shown; what is hidden is neither first nor keeps a group from being quiet.

use super::Engine;
use crate::{
    effect::Effects,
    id::*,
    model::Watched,
    record::AlarmRecord,
    saved::{SavedBody, SavedChange, SavedFirstOut},
    time::{Monotonic, Now, UtcTime},
    trigger::Trigger,
};

/// The first out of a group, for as long as another one may still turn out to have been earlier.
#[derive(Clone, Debug)]
pub(super) struct FirstOut {
    alarm: AlarmId,
    source_time: Option<UtcTime>,
    until: Monotonic,
}

impl Engine {
    /// Marks an alarm that has just been raised. Returns the rules of other alarms whose first-out it has become.
    pub(super) fn mark_first_out(&mut self, ix: RuleIx, now: Now, out: &mut Effects) -> Vec<RuleIx> {
        let Some(group) = self.index.first_out_group.get(&ix).copied() else { return Vec::new() };
        let Some(alarm) = self.alarms.get(ix).filter(|alarm| first_of(alarm).is_none()) else { return Vec::new() };
        let (id, source_time) = (alarm.id.clone(), trusted_source_time(&alarm.trigger));
        let others = self.shown_of_group(group, ix);
        let first = others.iter().find_map(|other| self.alarms.get(*other).and_then(first_of));
        let group_id = self.site.first_out[group].id.clone();
        self.alarms.change(ix, |alarm| alarm.first_out_group = Some(group_id));
        match first {
            Some(first) if !self.came_earlier(group, (&first, &others), (ix, source_time), now.monotonic) => {
                self.alarms.change(ix, |alarm| alarm.first_out_alarm = Some(first));
                Vec::new()
            }
            None => {
                self.alarms.change(ix, |alarm| alarm.first_out = true);
                let until = now.monotonic.after(self.site.policy.first_out_window_ms);
                self.keep_first_out(group, FirstOut { alarm: id, source_time, until }, now, out);
                Vec::new()
            }
            Some(_) => {
                self.alarms.change(ix, |alarm| alarm.first_out = true);
                let until = self.first_out[group].as_ref().map_or(now.monotonic, |first| first.until);
                for other in &others {
                    self.alarms.change(*other, |alarm| {
                        alarm.first_out = false;
                        alarm.first_out_alarm = Some(id.clone());
                    });
                }
                self.keep_first_out(group, FirstOut { alarm: id, source_time, until }, now, out);
                others
            }
        }
    }

    fn shown_of_group(&self, group: usize, but: RuleIx) -> Vec<RuleIx> {
        let is_shown = |ix: &RuleIx| self.alarms.get(*ix).is_some_and(|alarm| !alarm.is_hidden());
        self.site.first_out[group].rules.iter().copied().filter(|ix| *ix != but && is_shown(ix)).collect()
    }

    fn came_earlier(
        &self,
        group: usize,
        (first, others): (&AlarmId, &[RuleIx]),
        (ix, source_time): (RuleIx, Option<UtcTime>),
        now: Monotonic,
    ) -> bool {
        let is_first = |other: &&RuleIx| self.alarms.get(**other).is_some_and(|alarm| alarm.id == *first);
        let its_clock = others.iter().find(is_first).and_then(|other| self.clock_of(*other));
        if its_clock.is_none() || its_clock != self.clock_of(ix) {
            return false;
        }
        let known = self.first_out[group].as_ref().filter(|known| known.alarm == *first && now <= known.until);
        known.and_then(|known| known.source_time).zip(source_time).is_some_and(|(first, this)| this < first)
    }

    /// The source by whose clock a rule's alarms are timed.
    fn clock_of(&self, ix: RuleIx) -> Option<SourceIx> {
        let mut source = None;
        self.rule(ix).kind.watches(|watched| {
            if let Watched::Tag(tag) = watched {
                source = source.or(Some(self.site.tags[tag.at()].source));
            }
        });
        source
    }

    fn keep_first_out(&mut self, group: usize, first: FirstOut, now: Now, out: &mut Effects) {
        let FirstOut { alarm, source_time, until } = first.clone();
        let body = SavedFirstOut { alarm, source_time, until: now.utc_at(until) };
        out.saved.push(SavedChange::put(
            "first_out",
            &self.site.first_out[group].id,
            SavedBody::FirstOut(Box::new(body)),
        ));
        self.first_out[group] = Some(first);
    }

    pub(super) fn take_over_first_out(&mut self, group: usize, saved: SavedFirstOut, now: Now) {
        let SavedFirstOut { alarm, source_time, until } = saved;
        let until = now.rebase(until, self.site.policy.first_out_window_ms);
        self.first_out[group] = Some(FirstOut { alarm, source_time, until });
    }
}

/// The first-out that an alarm names: itself or another one.
fn first_of(alarm: &AlarmRecord) -> Option<AlarmId> {
    if alarm.first_out { Some(alarm.id.clone()) } else { alarm.first_out_alarm.clone() }
}

/// When the source says that it happened, where one value alone raised the alarm and its time was not absurd.
fn trusted_source_time(trigger: &Trigger) -> Option<UtcTime> {
    let Trigger::Value { source_time, source_time_replaced: false, .. } = trigger else { return None };
    *source_time
}
