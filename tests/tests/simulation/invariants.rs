//! What holds after every event, judged from the outside: the journal is folded here once more, by id.

mod live_state;
pub(crate) mod restarts;

use crate::life::Hides;
use acceptance::desk::Desk;
use davy_core::{
    effect::Effects,
    event::Event,
    id::{AlarmId, PersonId},
    model::{Policy, RiskLevel, Site},
    record::*,
    snapshot::Snapshot,
    time::{Monotonic, UtcTime},
};
use restarts::same;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    sync::Arc,
};

/// Everything the journal has told: the last record of each object that is open, and which ones are over.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    alarms: BTreeMap<String, Arc<AlarmRecord>>,
    warnings: BTreeMap<String, Arc<WarningRecord>>,
    tasks: BTreeMap<String, TaskRecord>,
    tasks_over: BTreeMap<String, TaskRecord>,
    hazards: BTreeMap<String, HazardRecord>,
    /// Alarms, warnings and hazards.
    over: BTreeSet<String>,
    measures: BTreeMap<String, MeasureRecord>,
    units: BTreeMap<String, UnitRecord>,
    occurrences: BTreeSet<String>,
    hidden: BTreeMap<String, HiddenRecord>,
    hides: Hides,
    /// Of the warnings that nobody handles: since when, on the monotonic clock, they have been seen with their level.
    unhandled: BTreeMap<String, (RiskLevel, Monotonic)>,
    /// Plans and the occurrences that were issued.
    planned: BTreeSet<(String, UtcTime)>,
    /// There has been another configuration: an alarm that had returned may have lost its warning, with its event.
    reconfigured: bool,
    /// People who have said nothing since then: the zone that an alarm is about may have gone.
    unheard: BTreeSet<PersonId>,
}

impl Ledger {
    /// Another configuration: measures and units that it does not know are told no more.
    pub(crate) fn configure(&mut self, site: &Site) {
        self.reconfigured = true;
        self.unheard = site.people.iter().map(|person| person.id.clone()).collect();
        self.measures.retain(|id, _| site.measures.iter().any(|measure| measure.id.as_str() == id));
        self.units.retain(|id, _| site.units.iter().any(|unit| unit.id.as_str() == id));
        self.planned.retain(|(id, _)| site.plans.iter().any(|plan| plan.id.as_str() == id));
    }

    /// Whoever is located has been heard.
    pub(crate) fn hear(&mut self, event: &Event, site: &Site) {
        if let Event::Locations(locations) = event {
            let heard = |person: &PersonId| locations.iter().any(|told| site.people[told.person.at()].id == *person);
            self.unheard.retain(|person| !heard(person));
        }
    }

    /// Folds what an event brought about.
    pub(crate) fn take(&mut self, event: &Event, effects: &Effects) {
        let is_command = matches!(event, Event::Command(_) | Event::Platform(_));
        if matches!(event, Event::Started | Event::Reconfigured) {
            // What runs on the monotonic clock is counted anew, from what was saved by the wall clock.
            self.unhandled.clear();
            self.hides.restarts += 1;
        }
        for record in &effects.records {
            match record {
                Record::Alarm(alarm) => self.take_alarm(alarm),
                Record::Warning(warning) => self.take_warning(warning),
                Record::Task(task) => self.take_task(task, is_command),
                Record::Hazard(hazard) => self.take_hazard(hazard, is_command),
                Record::Measure(measure) => drop(self.measures.insert(measure.measure.to_string(), measure.clone())),
                Record::Unit(unit) => drop(self.units.insert(unit.unit.to_string(), unit.clone())),
                Record::Hidden(hidden) => drop(self.hidden.insert(hidden.rule.to_string(), hidden.clone())),
                Record::Evidence(kept) => self.take_evidence(kept),
                Record::Person(_)
                | Record::Ticket(_)
                | Record::Change(_)
                | Record::Gap(_)
                | Record::Status(_)
                | Record::Audit(_) => {}
            }
        }
        self.check_derived_by_shown(effects);
        let audits = effects.records.iter().filter(|record| matches!(record, Record::Audit(_))).count();
        assert_eq!(audits, usize::from(is_command), "each command has one audit record");
        assert_eq!(effects.answers.len(), usize::from(is_command), "each command has one answer");
    }

    /// A hidden rule pushes no task and raises no suspicion; what people find in an inspection is theirs.
    fn check_derived_by_shown(&self, effects: &Effects) {
        let hides = |rule: &davy_core::id::RuleId| {
            self.hidden.get(rule.as_str()).is_some_and(|hidden| !hidden.hidden_because.is_empty())
        };
        for record in &effects.records {
            if let Record::Task(task) = record {
                // A shown alarm may add to the task of a hidden one.
                let is_first = task.recurrences == 0 && task.causes.is_empty() && task.reissue_of.is_none();
                let is_new =
                    task.state == TaskState::Issued && is_first && !task.overdue && task.attachments.is_empty();
                assert!(!is_new || !task.rule.as_ref().is_some_and(&hides), "{task:?}");
            } else if let Record::Hazard(hazard) = record {
                let is_new = hazard.state == HazardState::Suspected && hazard.origin == HazardOrigin::MeasureFailure;
                assert!(!is_new || !hazard.rule.as_ref().is_some_and(&hides) || hazard.task.is_some(), "{hazard:?}");
            }
        }
    }

    fn take_alarm(&mut self, alarm: &Arc<AlarmRecord>) {
        self.hides.note(alarm);
        assert!(!self.over.contains(alarm.id.as_str()), "an alarm that is over stays over: {alarm:?}");
        match self.alarms.insert(alarm.id.to_string(), alarm.clone()) {
            None => {
                self.is_new(&alarm.id);
                let state = if alarm.is_hidden() { alarm.state } else { AlarmState::Unacknowledged };
                let raised = u32::from(!alarm.is_hidden());
                assert_eq!((alarm.state, alarm.raised_count), (state, raised), "{alarm:?}");
            }
            Some(before) => {
                assert!(before.raised_count <= alarm.raised_count, "{alarm:?}");
                assert!(
                    before.acknowledged_by.is_none()
                        || before.acknowledged_by == alarm.acknowledged_by
                        || is_told_anew(&before, alarm),
                    "{alarm:?}"
                );
            }
        }
        if alarm.state == AlarmState::Normal {
            self.alarms.remove(alarm.id.as_str());
            self.over.insert(alarm.id.to_string());
        }
    }

    fn take_warning(&mut self, warning: &Arc<WarningRecord>) {
        assert!(!self.over.contains(warning.id.as_str()), "a closed warning stays closed: {warning:?}");
        match self.warnings.insert(warning.id.to_string(), warning.clone()) {
            None => self.is_new(&warning.id),
            Some(before) => {
                assert!(before.level <= warning.level, "an open warning only gets worse: {warning:?}");
            }
        }
        if warning.state == WarningState::Closed {
            self.warnings.remove(warning.id.as_str());
            self.over.insert(warning.id.to_string());
        }
    }

    fn take_evidence(&mut self, kept: &EvidenceRecord) {
        assert!(self.over.contains(kept.warning.as_str()), "evidence is kept of warnings that are closed: {kept:?}");
    }

    fn take_task(&mut self, task: &TaskRecord, is_command: bool) {
        assert!(!self.tasks_over.contains_key(task.id.as_str()), "a task that is over never reopens: {task:?}");
        match self.tasks.insert(task.id.to_string(), task.clone()) {
            None => {
                self.is_new(&task.id);
                assert_eq!(task.state, TaskState::Issued, "{task:?}");
                self.take_new_task(task, is_command);
            }
            Some(before) => {
                let lapsed = task.origin == TaskOrigin::Plan && task.state == TaskState::Closed;
                assert!(before.state == task.state || is_command || lapsed, "only people move a task: {task:?}");
                assert!(before.escalations <= task.escalations, "a task only goes up: {task:?}");
                assert_eq!(before.planned_at, task.planned_at, "{task:?}");
                assert!(!before.overdue || task.overdue, "overdue stays overdue: {task:?}");
            }
        }
        if !task.is_open() {
            self.tasks.remove(task.id.as_str());
            self.tasks_over.insert(task.id.to_string(), task.clone());
        }
    }

    fn take_new_task(&mut self, task: &TaskRecord, is_command: bool) {
        if let Some(before) = &task.reissue_of {
            let before = &self.tasks_over[before.as_str()];
            assert!(is_command && before.reissue_of.is_none() && before.measure == task.measure, "{task:?}");
        } else if let (Some(plan), Some(planned_at)) = (&task.plan, task.planned_at) {
            let is_new = self.planned.insert((plan.to_string(), planned_at));
            assert!(is_new, "an occurrence of a plan is issued once, whatever the clock does: {task:?}");
            assert!(planned_at <= task.issued_at && task.issued_at < task.due_at, "{task:?}");
        } else {
            let (alarm, warning) = (task.alarm.as_ref().map(AlarmId::as_str), task.warning.as_ref());
            let was_told =
                |id: &str| self.alarms.contains_key(id) || self.warnings.contains_key(id) || self.over.contains(id);
            assert!(alarm.is_some_and(was_told), "the alarm behind it was told: {task:?}");
            assert!(warning.is_some_and(|id| was_told(id.as_str())), "and its warning: {task:?}");
        }
        let same = |open: &&TaskRecord| open.id != task.id && open.origin == task.origin;
        let beside = self.tasks.values().filter(same);
        let twice = beside.filter(|open| match &task.plan {
            None => open.measure == task.measure,
            Some(_) => open.plan == task.plan && open.state == TaskState::Issued,
        });
        assert_eq!(twice.count(), 0, "one open task for each measure of a warning and each plan: {task:?}");
    }

    fn take_hazard(&mut self, hazard: &HazardRecord, is_command: bool) {
        assert!(!self.over.contains(hazard.id.as_str()), "a hazard that is over stays over: {hazard:?}");
        match self.hazards.insert(hazard.id.to_string(), hazard.clone()) {
            None => {
                self.is_new(&hazard.id);
                assert_eq!(hazard.state, HazardState::Suspected, "{hazard:?}");
            }
            Some(before) => {
                let decided = is_command && hazard.reviewed_by.is_some() && !hazard.note.is_empty();
                assert!(before.state == hazard.state || decided, "only people decide on a hazard: {hazard:?}");
            }
        }
        if !hazard.is_open() {
            self.hazards.remove(hazard.id.as_str());
            self.over.insert(hazard.id.to_string());
        }
    }

    /// `{of}~{epoch}.{n}`: the part after the tilde is given out once, whatever it is for.
    fn is_new(&mut self, id: &impl Display) {
        let id = id.to_string();
        let (_, occurrence) = id.rsplit_once('~').unwrap_or_else(|| panic!("no occurrence in {id}"));
        assert!(self.occurrences.insert(occurrence.to_owned()), "the occurrence of {id} was given out before");
    }

    /// The live state after this event is not looked at: what is compared with the event before cannot be, next time.
    pub(crate) fn look_away(&mut self) {
        self.hides.held.clear();
        self.unhandled.clear();
    }

    /// After every event: the live state is right in itself and after the one before.
    pub(crate) fn check(&mut self, desk: &Desk) {
        let live = self.check_told(desk);
        self.check_unhandled(&live, desk);
        self.hides.check(&live, desk);
        live_state::check_gatherings(&live, desk.engine().site(), &self.unheard);
    }

    /// No warning is left unhandled for longer than its level allows. A restart loses the clock that this is measured on:
    /// it is measured anew from there.
    fn check_unhandled(&mut self, live: &Snapshot, desk: &Desk) {
        let (now, policy) = (desk.now.monotonic, &desk.engine().site().policy);
        let seen = |warning: &WarningRecord| {
            let before = self.unhandled.get(warning.id.as_str());
            let since = before.filter(|(level, since)| *level == warning.level && *since <= now);
            (warning.level, since.map_or(now, |(_, since)| *since))
        };
        let raised = live.warnings.iter().filter(|warning| warning.state == WarningState::Raised);
        self.unhandled = raised.map(|warning| (warning.id.to_string(), seen(warning))).collect();
        for warning in &live.warnings {
            let after_ms = policy.escalate_after.of(warning.level);
            let waits = warning.state == WarningState::Raised && after_ms.is_some();
            assert_eq!(warning.escalates_at.is_some(), waits, "{warning:?}");
            let counted = warning.level_reasons.contains(&LevelReason::Unhandled);
            assert_eq!(counted, warning.unhandled_steps > 0, "{warning:?}");
            let since = self.unhandled.get(warning.id.as_str()).map(|(_, since)| now.since(*since));
            if let (Some(after_ms), Some(waited_ms)) = (after_ms, since) {
                assert!(waited_ms < after_ms, "unhandled for {waited_ms} ms: {warning:?}");
            }
        }
    }

    /// The engine's live state is what its journal tells, and the lamp shows it.
    pub(crate) fn check_told(&self, desk: &Desk) -> Snapshot {
        let live = desk.engine().snapshot(desk.now.utc);
        same(&live.alarms, |a| a.id.as_str(), self.alarms.values());
        same(&live.warnings, |w| w.id.as_str(), self.warnings.values());
        same(&live.tasks, |t| t.id.as_str(), self.tasks.values());
        same(&live.hazards, |h| h.id.as_str(), self.hazards.values());
        same(&live.hidden, |h| h.rule.as_str(), self.hidden.values().filter(|h| !h.hidden_because.is_empty()));
        if !self.units.is_empty() {
            same(&live.measures, |m| m.measure.as_str(), self.measures.values());
            same(&live.units, |u| u.unit.as_str(), self.units.values());
        }
        self.check_reasons(&live);
        live_state::check_presence(&live, desk.engine().site(), &self.unheard);
        live_state::check_calls(&live, desk.engine().site(), &self.unheard);
        live_state::check_tickets(&live);
        live_state::check_lamp(&live, desk, desk.engine().site());
        live
    }

    /// Each step says why: ids lead to open or told objects.
    fn check_reasons(&self, live: &Snapshot) {
        for measure in &live.measures {
            let active =
                |id: &davy_core::id::AlarmId| self.alarms.get(id.as_str()).is_some_and(|alarm| alarm.is_active());
            assert!(measure.alarms.iter().all(active), "a measure fails by active alarms: {measure:?}");
            assert_eq!(measure.state == MeasureState::Failed, !measure.alarms.is_empty(), "{measure:?}");
        }
        for unit in &live.units {
            let open = |id: &davy_core::id::WarningId| live.warnings.iter().any(|warning| warning.id == *id);
            assert!(unit.warnings.iter().all(open), "{unit:?}");
            let levels = live.warnings.iter().filter(|warning| warning.unit == unit.unit).map(|warning| warning.level);
            assert_eq!(unit.colour, levels.max().unwrap_or(RiskLevel::Blue), "{unit:?}");
        }
        for alarm in live.alarms.iter().filter(|alarm| !alarm.is_hidden() && !self.hides.had(&alarm.id)) {
            let Some(event) = &alarm.risk_event else { continue };
            let warning = live.warnings.iter().find(|warning| warning.risk_event == *event);
            if self.reconfigured && !alarm.is_active() {
                continue;
            }
            assert!(warning.is_some_and(|w| w.level >= Policy::level(alarm.priority)), "{alarm:?} is in {warning:?}");
        }
    }
}

/// A condition over people that got worse, or went on in another zone, has to be acknowledged again.
fn is_told_anew(before: &AlarmRecord, alarm: &AlarmRecord) -> bool {
    let worse = before.priority < alarm.priority || before.trigger != alarm.trigger;
    let gets_worse = ["zone_breach", "gathering"].contains(&alarm.rule_kind.as_str());
    alarm.state == AlarmState::Unacknowledged && gets_worse && worse
}
