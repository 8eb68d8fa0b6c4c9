//! One pass along the line measure → warning → task → hazard → unit → annunciation, over what an event has touched.

use super::{Dirty, Engine, put_warning};
use crate::{
    annunciation,
    effect::Effects,
    id::*,
    measures,
    model::RuleKind,
    record::*,
    rules::RuleState,
    saved::{SavedBody, SavedChange},
    time::Now,
    units, warnings,
};
use std::{collections::BTreeMap, sync::Arc};

impl Engine {
    pub(super) fn settle(&mut self, now: Now, out: &mut Effects) {
        self.judge_system(now, out);
        let mut dirty = std::mem::take(&mut self.dirty);
        self.settle_measures(&mut dirty, now, out);
        self.settle_warnings(&mut dirty, now, out);
        self.settle_units(&dirty, now, out);
        if dirty.annunciation {
            self.settle_annunciation(now, out);
        }
        if dirty.counters || self.dirty.counters {
            out.saved.push(SavedChange::put_only("engine", SavedBody::Engine(Box::new(self.saved))));
        }
        dirty.raised.clear();
        self.dirty = Dirty { raised: dirty.raised, ..Dirty::default() };
    }

    fn settle_measures(&mut self, dirty: &mut Dirty, now: Now, out: &mut Effects) {
        for ix in &dirty.measures {
            let rules: Vec<(RuleIx, RuleState)> =
                self.index.rules_of_measure[ix.at()].iter().map(|rule| (*rule, self.rules[rule.at()])).collect();
            let last = self.measures[ix.at()].as_ref();
            let judged =
                measures::judge(&self.site, *ix, &rules, |rule| self.alarms.get(rule), &self.hiding, last, now.utc);
            if judged.as_ref() == last {
                continue;
            }
            let event = self.site.measures[ix.at()].event;
            dirty.units.insert(self.site.events[event.at()].unit);
            if self.warnings[event.at()].is_some() {
                dirty.events.insert(event);
            }
            if let Some(measure) = &judged {
                out.records.push(Record::Measure(measure.clone()));
                out.saved.push(SavedChange::put(
                    "measure",
                    &measure.measure,
                    SavedBody::Measure(Box::new(measure.clone())),
                ));
            }
            self.measures[ix.at()] = judged;
        }
    }

    /// Folds alarms into warnings, lets raised alarms push their tasks and hazards, and journals what came of it.
    fn settle_warnings(&mut self, dirty: &mut Dirty, now: Now, out: &mut Effects) {
        let mut before = BTreeMap::new();
        for event in dirty.events.clone() {
            before.insert(event, self.warnings[event.at()].clone());
            self.fold_warning(event, dirty, now);
        }
        for (event, task) in dirty.issued.drain(..) {
            if let Some(warning) = &mut self.warnings[event.at()] {
                Arc::make_mut(warning).name_task(&task);
            }
        }
        let mut derived = Effects::default();
        for rule in &dirty.raised {
            self.derive_from(*rule, now, &mut derived);
        }
        for (event, before) in before {
            self.follow_escalation(event, before.as_deref(), now, out);
            self.put_changed_warning(event, before, dirty, out);
        }
        out.records.append(&mut derived.records);
        out.saved.append(&mut derived.saved);
    }

    fn fold_warning(&mut self, event: RiskEventIx, dirty: &Dirty, now: Now) {
        let unit = self.site.events[event.at()].unit;
        let last = self.warnings[event.at()].take();
        let id = match &last {
            None => self.next_warning_id(event),
            Some(last) => last.id.clone(),
        };
        let is_of_event = |rule: &RuleIx| self.alarms.event(*rule) == Some(event) && !self.hiding.hides(*rule);
        let is_listed = |rule: &RuleIx| {
            let alarm = self.alarms.get(*rule);
            alarm.zip(last.as_ref()).is_some_and(|(alarm, last)| last.alarms.iter().any(|listed| listed.id == alarm.id))
        };
        let new_alarms = dirty.placed.iter().filter(|rule| is_of_event(rule) && !is_listed(rule)).count();
        let raised = dirty.raised.iter().filter(|rule| is_of_event(rule));
        let raised = raised.filter_map(|rule| self.alarms.get(*rule)).map(|alarm| alarm.id.clone());
        let (hidden, shown): (Vec<_>, Vec<_>) = self.alarms.of_event(event).partition(|alarm| alarm.is_hidden());
        let facts = warnings::Facts {
            event,
            alarms: shown,
            hidden,
            new_alarms: u32::try_from(new_alarms).unwrap_or(u32::MAX),
            raised: raised.collect(),
            elsewhere: last.as_ref().map_or_else(Vec::new, |last| self.moved_on(event, last)),
            failed_measures: self.failed_measures(event),
            people_count: self.inputs.crowd_in(&self.index.zones_of_unit[unit.at()]),
            people: self.inputs.people_in(&self.site, &self.index.zones_of_unit[unit.at()]),
            being_handled: self.is_being_handled(event),
            time_is_up: dirty.unhandled.contains(&event),
        };
        let folded = warnings::fold(&self.site, &facts, last.as_deref(), || id.clone(), now.utc);
        if last.is_none() && folded.is_some() {
            self.saved.occurrences += 1;
            self.dirty.counters = true;
        }
        self.warnings[event.at()] = folded.map(Arc::new);
    }

    /// Alarms that an event's warning lists and that are open in another event now.
    fn moved_on(&self, event: RiskEventIx, warning: &WarningRecord) -> Vec<AlarmId> {
        let is_elsewhere =
            |id: &&AlarmId| self.alarms.rule_of(id).is_some_and(|rule| self.alarms.event(rule) != Some(event));
        warning.alarms.iter().map(|listed| &listed.id).filter(is_elsewhere).cloned().collect()
    }

    /// The id the event's next warning will have; counted only when it is really raised.
    fn next_warning_id(&self, event: RiskEventIx) -> WarningId {
        let event = &self.site.events[event.at()].id;
        format!("{event}~{}.{}", self.epoch, self.saved.occurrences + 1).into()
    }

    fn failed_measures(&self, event: RiskEventIx) -> Vec<MeasureId> {
        let measures = self.index.measures_of_event[event.at()].iter();
        let failed = |measure: &&MeasureRecord| measure.state == MeasureState::Failed;
        measures.filter_map(|ix| self.measures[ix.at()].as_ref()).filter(failed).map(|m| m.measure.clone()).collect()
    }

    /// Whether somebody inspects it: the task may be older than the warning, when its cause has come back.
    fn is_being_handled(&self, event: RiskEventIx) -> bool {
        let id = &self.site.events[event.at()].id;
        let taken = |task: &TaskRecord| task.origin == TaskOrigin::Warning && task.state == TaskState::Accepted;
        self.tasks.iter().any(|task| taken(task) && task.risk_event == *id)
    }

    /// A raised alarm asks for an inspection and raises a suspicion, where its measure says so; one that the same event has
    /// hidden does not.
    fn derive_from(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let Some(measure) = self.rule(ix).measure.filter(|_| !self.hiding.hides(ix)) else { return };
        let (Some(alarm), Some(event)) = (self.alarms.shared(ix).cloned(), self.alarms.event(ix)) else { return };
        let Some(warning) = self.warnings[event.at()].clone() else { return };
        if self.site.measures[measure.at()].inspection.is_some() {
            self.push_task(measure, &alarm, &warning, now, out);
        }
        // Video analytics is an initial screening: it may warn, it never makes a hazard alone.
        let is_video = matches!(self.rule(ix).kind, RuleKind::Video { .. });
        if self.site.measures[measure.at()].hazard_on_failure && !is_video {
            self.suspect_failure(measure, &alarm, &warning, now, out);
        }
    }

    fn put_changed_warning(
        &mut self,
        event: RiskEventIx,
        before: Option<Arc<WarningRecord>>,
        dirty: &mut Dirty,
        out: &mut Effects,
    ) {
        if self.warnings[event.at()] == before {
            return;
        }
        dirty.units.insert(self.site.events[event.at()].unit);
        if let Some(warning) = &self.warnings[event.at()] {
            put_warning(warning, out);
            if warning.state == WarningState::Closed {
                self.warnings[event.at()] = None;
            }
        }
    }

    fn settle_units(&mut self, dirty: &Dirty, now: Now, out: &mut Effects) {
        for ix in &dirty.units {
            let events = &self.index.events_of_unit[ix.at()];
            let warnings = events.iter().filter_map(|event| self.warnings[event.at()].as_deref());
            let measures: Vec<&MeasureRecord> = events
                .iter()
                .flat_map(|event| &self.index.measures_of_event[event.at()])
                .filter_map(|measure| self.measures[measure.at()].as_ref())
                .collect();
            let stopped = self.hiding.stops.get(ix).map(|stop| &stop.stop);
            let unit =
                units::judge(&self.site, *ix, warnings, &measures, stopped, self.units[ix.at()].as_ref(), now.utc);
            if self.units[ix.at()].as_ref() != Some(&unit) {
                out.records.push(Record::Unit(unit.clone()));
                out.saved.push(SavedChange::put("unit", &unit.unit, SavedBody::Unit(Box::new(unit.clone()))));
                self.units[ix.at()] = Some(unit);
            }
        }
    }

    pub(super) fn settle_annunciation(&mut self, now: Now, out: &mut Effects) {
        let annunciation = self.annunciate(now);
        self.inputs.watch.annunciated = true;
        if annunciation != self.annunciation {
            self.annunciation = annunciation;
            out.annunciation = Some(annunciation);
        }
    }

    pub(super) fn annunciate(&self, now: Now) -> crate::annunciation::Annunciation {
        // The record of the silence is taken, not its deadline: converting it anew at each event would let it wander
        // with the wall clock.
        let silenced = self.silenced_until.filter(|until| *until > now.monotonic).and(self.saved.silenced_until);
        annunciation::annunciation(&self.site.policy, self.alarms.shown(), silenced)
    }
}
