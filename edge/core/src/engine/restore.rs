//! A restart, or a new configuration: saved rows find their objects again by id.

use super::{
    Dirty, Engine, compounds::Due, escalation, open::OpenAlarms, open_tasks::OpenTasks, plans::Plans, put_alarm,
    put_warning,
};
use crate::{
    effect::Effects,
    event::Location,
    id::*,
    index::Index,
    inputs::{Inputs, Stay},
    limits::INITIAL_WAIT_MS,
    model::{PeopleRule, RuleKind, Site},
    record::*,
    rules::{RuleState, Sights},
    saved::{SavedChange, SavedRule, SavedState},
    time::{Now, WallClock},
    timers::{Timer, Timers},
};
use std::{collections::BTreeMap, sync::Arc};

impl Engine {
    /// An engine that goes on from a saved state. Alarms whose rule still exists keep their state; the others are closed
    /// by [`crate::event::Event::Started`], or [`crate::event::Event::Reconfigured`], with the reason `rule removed`. Stale countdowns begin anew.
    #[must_use]
    pub fn restore(site: impl Into<Arc<Site>>, epoch: u32, saved: SavedState, now: Now) -> Self {
        let site = site.into();
        let restarted = !saved.rules.is_empty() || !saved.units.is_empty();
        let mut engine = Self {
            index: Index::new(&site),
            epoch,
            inputs: Inputs::new(&site, now.monotonic),
            timers: Timers::default(),
            due: Due::new(site.rules.len()),
            rules: site.rules.iter().map(|rule| fresh(&rule.kind)).collect(),
            alarms: OpenAlarms::default(),
            measures: vec![None; site.measures.len()],
            warnings: vec![None; site.events.len()],
            escalations: vec![None; site.events.len()],
            units: vec![None; site.units.len()],
            tasks: OpenTasks::default(),
            plans: Plans::default(),
            hazards: BTreeMap::new(),
            hiding: crate::hiding::Hidings::default(),
            first_out: vec![None; site.first_out.len()],
            annunciation: crate::annunciation::Annunciation::default(),
            silenced_until: None,
            saved: saved.engine,
            orphans: SavedState::default(),
            wall_clock: WallClock::default(),
            restarted,
            dirty: Dirty::default(),
            telling: None,
            site,
        };
        engine.take_over(saved, now);
        engine.set_first_timers(now);
        engine.annunciation = engine.annunciate(now);
        engine
    }

    fn take_over(&mut self, mut saved: SavedState, now: Now) {
        self.take_over_people(&saved, now);
        self.take_over_tickets(std::mem::take(&mut saved.tickets), now);
        for at in 0..self.site.rules.len() {
            let id = self.site.rules[at].id.clone();
            if let Some(rule) = saved.rules.remove(&id) {
                self.take_over_rule(RuleIx::from(at), rule, now);
            }
            if let Some(alarm) = saved.alarms.remove(&id) {
                self.take_over_alarm(RuleIx::from(at), alarm);
            }
        }
        self.set_first_conditions();
        for (at, measure) in self.site.measures.iter().enumerate() {
            self.measures[at] = saved.measures.remove(&measure.id);
        }
        for (at, event) in self.site.events.iter().enumerate() {
            self.warnings[at] = saved.warnings.remove(&event.id).map(Arc::new);
            self.escalations[at] = escalation::taken_over(
                self.warnings[at].as_deref(),
                saved.escalations.remove(&event.id),
                &self.site.policy,
                now,
            );
            for listed in self.warnings[at].iter().flat_map(|warning| &warning.alarms) {
                if let Some(rule) = self.alarms.rule_of(&listed.id) {
                    self.alarms.note_left(rule, RiskEventIx::from(at));
                }
            }
        }
        for (at, unit) in self.site.units.iter().enumerate() {
            self.units[at] = saved.units.remove(&unit.id);
        }
        self.tasks = OpenTasks::take_over(std::mem::take(&mut saved.tasks));
        self.plans = Plans::restored(&self.site.plans, &mut saved.plans, saved.engine.plans_seen);
        for at in 0..self.index.rules_of_tasks.len() {
            self.count_overdue(self.index.rules_of_tasks[at]);
        }
        self.hazards = std::mem::take(&mut saved.hazards);
        self.silenced_until =
            saved.engine.silenced_until.map(|until| now.rebase(until, self.site.policy.horn_silence_ms));
        self.take_over_hidings(&mut saved, now);
        self.take_over_watch(std::mem::take(&mut saved.watch), now);
        self.orphans = saved;
    }

    fn take_over_people(&mut self, saved: &SavedState, now: Now) {
        let zone = |id: Option<&ZoneId>| self.site.zones.iter().position(|zone| Some(&zone.id) == id).map(ZoneIx::from);
        for (at, person) in self.site.people.iter().enumerate() {
            let Some(record) = saved.people.get(&person.id) else { continue };
            let location = Location {
                person: PersonIx::from(at),
                zone: zone(record.person.zone.as_ref()),
                position: None,
                sos: record.sos,
                // What is left is told again soon; what was saved may be older than what its alarm is about.
                battery_percent: None,
                source_time: record.source_time,
                received_time: record.received_time,
            };
            // A place that was given up was left in a zone, and the time there goes on if the person is still in it.
            let of_stay = if record.place_unknown { zone(record.from_zone.as_ref()) } else { location.zone };
            let since = record.in_zone_since.unwrap_or(record.received_time);
            self.inputs.take_location(&self.site, location, now);
            self.inputs.people[at].lost = record.place_unknown;
            self.inputs.people[at].stay = of_stay.map(|zone| Stay::go_on(&self.site, zone, since, now));
        }
    }

    fn take_over_rule(&mut self, ix: RuleIx, saved: SavedRule, now: Now) {
        let delays = self.delays(ix);
        let delay_ms = if saved.active { delays.off_ms } else { delays.on_ms };
        let pending = saved.pending_until.map(|until| now.rebase(until, delay_ms));
        // What a tag was before is no word on what it is now.
        let known = saved.known && self.rule(ix).kind.known_from_start();
        self.rules[ix.at()] = RuleState { active: saved.active, known, pending };
        self.take_over_slot(ix, saved.tickets);
        if let Some(compound) = &saved.compound {
            self.inputs.restore_compound(&self.site, ix, compound, now);
        }
        saved.nuisance.iter().for_each(|nuisance| self.inputs.watch.restore_nuisance(ix, nuisance, now));
        if let RuleKind::Video { frame_gap_ms, cooldown_ms, .. } = self.rule(ix).kind {
            let row_until = saved.row_until.filter(|until| *until >= now.utc);
            let sights = Sights {
                frames: saved.frames,
                row_until: row_until.map(|until| now.rebase(until, frame_gap_ms)),
                until: saved.sight_until.map(|until| now.rebase(until, cooldown_ms)),
            };
            self.inputs.sights.insert(ix, sights);
            self.inputs.seen.extend(saved.sight.map(|sight| (ix, *sight)));
        }
        if let (RuleKind::People(PeopleRule::Immobile { after_ms, .. }), Some(rest)) = (&self.rule(ix).kind, saved.rest)
        {
            self.inputs.restore_rest(ix, rest, *after_ms, now);
        }
    }

    fn take_over_alarm(&mut self, ix: RuleIx, alarm: AlarmRecord) {
        let its_event = |event: &crate::model::RiskEvent| Some(&event.id) == alarm.risk_event.as_ref();
        let event = self.site.events.iter().position(its_event).map(RiskEventIx::from);
        // An alarm stands for its rule even if the row of the rule was lost.
        self.rules[ix.at()].active = alarm.condition_holds();
        self.alarms.open(ix, alarm);
        self.alarms.put_into(ix, event);
    }

    fn set_first_timers(&mut self, now: Now) {
        for at in 0..self.site.tags.len() {
            self.wait_for_tag(TagIx::from(at), now.monotonic);
        }
        self.hear_of_all(now.monotonic);
        for at in 0..self.site.sources.len() {
            self.timers.set(now.monotonic.after(INITIAL_WAIT_MS), Timer::Source(SourceIx::from(at)));
        }
        for at in 0..self.site.uplinks.len() {
            self.timers.set(now.monotonic.after(INITIAL_WAIT_MS), Timer::Uplink(UplinkIx::from(at)));
        }
        for at in 0..self.rules.len() {
            let ix = RuleIx::from(at);
            if let Some(deadline) = self.rules[at].pending {
                self.timers.set(deadline, Timer::Delay(ix));
            }
            self.wait_again_whether_it_lasts(ix, now);
            if let Some(until) = self.inputs.sights(ix).until {
                self.timers.set(until, Timer::CoolDown(ix));
            }
        }
        self.inputs.local.look(now.utc);
        self.look_at_clock_again(now);
        if let Some(until) = self.silenced_until {
            self.timers.set(until, Timer::Horn);
        }
    }

    pub(super) fn start_change(&self) -> StatusChange {
        if self.restarted { StatusChange::Restarted } else { StatusChange::FirstStart }
    }

    /// Settles everything once: closes what the configuration no longer knows and says what has happened to the gateway.
    pub(super) fn start(&mut self, change: StatusChange, now: Now, out: &mut Effects) {
        self.tell_changes();
        self.go_on_telling(now, out);
        self.set_due_timers(now);
        self.set_escalation_timers();
        self.close_orphans(now, out);
        self.place_all(out);
        self.dirty.measures.extend((0..self.site.measures.len()).map(MeasureIx::from));
        self.dirty.units.extend((0..self.site.units.len()).map(UnitIx::from));
        self.dirty.events.extend((0..self.site.events.len()).map(RiskEventIx::from));
        let open = self.alarms.iter().filter(|alarm| alarm.is_active()).count();
        out.records.push(Record::Status(StatusRecord {
            change,
            at: now.utc,
            alarms_taken_over: u32::try_from(open).unwrap_or(u32::MAX),
            config_version: self.site.gateway.config_version.clone(),
        }));
        self.judge_all_compounds(now, out);
        self.tell_all_inputs_known(out);
        self.judge_people(now, out);
        self.start_hidings(now, out);
        self.judge_tickets(|_| true, now, out);
        self.start_plans(now, out);
        out.annunciation = Some(self.annunciation);
    }

    /// The configuration may have given a rule another measure, risk event or unit: its open alarm follows, so that a
    /// warning has it. So it does where lives hang on the rule now, which an earlier version did not write down either.
    fn place_all(&mut self, out: &mut Effects) {
        for at in 0..self.rules.len() {
            let ix = RuleIx::from(at);
            let measure = self.rule(ix).measure.map(|measure| self.site.measures[measure.at()].id.clone());
            let never_hidden = self.rule(ix).never_hidden;
            let is_other = |alarm: &AlarmRecord| alarm.measure != measure || alarm.never_hidden != never_hidden;
            let has_other = self.alarms.get(ix).is_some_and(is_other);
            self.alarms.change(ix, |alarm| (alarm.measure, alarm.never_hidden) = (measure, never_hidden));
            let placed = self.place_of(ix).is_some_and(|event| self.place_in(ix, event));
            if placed || has_other {
                self.put_alarm_of(ix, out);
            }
        }
    }

    /// Where an open alarm belongs now; `None` where it stays. One about a person or a ticket stays where it was, if that is
    /// still known: where they are now may be another place.
    fn place_of(&self, ix: RuleIx) -> Option<Option<RiskEventIx>> {
        let (alarm, rule, was) = (self.alarms.get(ix)?, self.rule(ix), self.alarms.event(ix));
        let moves = rule.kind.person().is_some() || matches!(rule.kind, RuleKind::Ticket(_));
        let is_lost = was.is_none() && alarm.risk_event.is_some();
        if !moves || is_lost {
            return Some(self.event_of(ix));
        }
        let its_unit = alarm.unit.as_ref();
        let unit_is_known = its_unit.is_none_or(|unit| self.site.units.iter().any(|known| known.id == *unit));
        let event = was.or(rule.event(&self.site));
        (event.is_some() || !unit_is_known).then_some(event)
    }

    /// Alarms over tags stay what they are, with their inputs unknown until the first value.
    fn tell_all_inputs_known(&mut self, out: &mut Effects) {
        for at in 0..self.rules.len() {
            self.tell_inputs_known(RuleIx::from(at), self.rules[at].known, out);
        }
    }

    /// Where people are is known from the start, and the configuration may have changed what that means.
    fn judge_people(&mut self, now: Now, out: &mut Effects) {
        for at in 0..self.rules.len() {
            if matches!(
                self.site.rules[at].kind,
                RuleKind::Sos { .. }
                    | RuleKind::OverCapacity { .. }
                    | RuleKind::People(_)
                    | RuleKind::InspectionOverdue(_)
            ) {
                self.judge(RuleIx::from(at), now, out);
            }
        }
    }

    fn close_orphans(&mut self, now: Now, out: &mut Effects) {
        let mut orphans = std::mem::take(&mut self.orphans);
        self.close_orphaned_hidings(&mut orphans, out);
        for (_, mut alarm) in orphans.alarms {
            alarm.end("rule removed", now.utc);
            put_alarm(&Arc::new(alarm), out);
        }
        out.saved.extend(orphans.escalations.keys().map(|id| SavedChange::remove("escalation", id)));
        for (_, mut warning) in orphans.warnings {
            warning.state = WarningState::Closed;
            warning.cleared_at = warning.cleared_at.or(Some(now.utc));
            warning.escalates_at = None;
            put_warning(&Arc::new(warning), out);
        }
        out.saved.extend(orphans.rules.keys().map(|id| SavedChange::remove("rule", id)));
        out.saved.extend(orphans.measures.keys().map(|id| SavedChange::remove("measure", id)));
        out.saved.extend(orphans.plans.keys().map(|id| SavedChange::remove("plan", id)));
        out.saved.extend(orphans.units.keys().map(|id| SavedChange::remove("unit", id)));
        let known = |id: &&PersonId| self.site.people.iter().any(|person| person.id == **id);
        let gone = orphans.people.keys().filter(|id| !known(id));
        out.saved.extend(gone.map(|id| SavedChange::remove("person", id)));
    }
}

fn fresh(kind: &RuleKind) -> RuleState {
    RuleState { active: false, known: kind.known_from_start(), pending: None }
}
