//! One anomaly warning 异常预警 for each risk event, folding many alarms.
//!
//! The level starts from the worst active alarm and gets one step worse when people are inside the unit and one more
//! when a second measure of the event has failed. While a warning is open its level only gets worse: a level that falls
//! when people have been evacuated, or when one of two gas alarms dips under its limit, would hide what happened.
//!
//! A warning that stays raised, with nobody acknowledging or handling it, gets one step worse each time that the policy's
//! time for its level has passed since it was raised or last got worse. Such a step counts beside the other reasons from
//! then on. Whoever acknowledges or takes the task stops the time; a new alarm lets it begin anew.

use crate::{
    id::*,
    limits::REASONS_MAX,
    model::{Policy, RiskLevel, Site},
    record::*,
    time::UtcTime,
    trigger::PersonRef,
    words::Words,
};

/// What a warning is made from.
pub(crate) struct Facts<'a> {
    pub(crate) event: RiskEventIx,
    /// The alarms of the event that are not normal, save those that are hidden: these raise and keep no warning.
    pub(crate) alarms: Vec<&'a AlarmRecord>,
    /// Those that are hidden; a warning that has folded one before it was hidden lists it so.
    pub(crate) hidden: Vec<&'a AlarmRecord>,
    /// How many of them are occurrences that the warning has not counted yet.
    pub(crate) new_alarms: u32,
    /// Those that were raised just now. One may be over already: two values of one notification, out and in again.
    pub(crate) raised: Vec<AlarmId>,
    /// Of the alarms it lists, those that are open in another event now.
    pub(crate) elsewhere: Vec<AlarmId>,
    pub(crate) failed_measures: Vec<MeasureId>,
    pub(crate) people_count: u32,
    pub(crate) people: Vec<PersonRef>,
    /// Whether a task raised by it has been accepted and is not done.
    pub(crate) being_handled: bool,
    /// Whether the time has passed after which an unhandled warning gets worse.
    pub(crate) time_is_up: bool,
}

impl Facts<'_> {
    /// Whether an alarm makes the level: while it is active, and in any case in the event that raised it.
    fn counts(&self, alarm: &AlarmRecord) -> bool {
        alarm.is_active() || self.raised.contains(&alarm.id)
    }
}

impl WarningRecord {
    /// Whether nobody has acknowledged its alarms and nobody handles it.
    pub(crate) fn is_unhandled(&self) -> bool {
        self.state == WarningState::Raised
    }

    /// One step worse than it is, whatever it is made from now: what its level was made from may be gone.
    fn escalate(&mut self) {
        self.level = self.level.worse();
        self.unhandled_steps = self.unhandled_steps.saturating_add(1);
        if !self.level_reasons.contains(&LevelReason::Unhandled) {
            self.level_reasons.push(LevelReason::Unhandled);
        }
    }

    pub(crate) fn name_task(&mut self, task: &TaskId) {
        if self.tasks.len() < REASONS_MAX && !self.tasks.contains(task) {
            self.tasks.push(task.clone());
        }
    }
}

/// The warning as the facts have it; `None` when there is none and nothing was raised.
pub(crate) fn fold(
    site: &Site,
    facts: &Facts<'_>,
    last: Option<&WarningRecord>,
    new_id: impl FnOnce() -> WarningId,
    now: UtcTime,
) -> Option<WarningRecord> {
    let any_active = facts.alarms.iter().any(|alarm| alarm.is_active());
    let any_counts = facts.alarms.iter().any(|alarm| facts.counts(alarm));
    let mut warning = match last {
        Some(last) => last.clone(),
        None if any_counts => empty(site, facts.event, new_id(), now),
        None => return None,
    };
    warning.state = state(facts, any_active);
    if facts.time_is_up && last.is_some_and(WarningRecord::is_unhandled) && warning.is_unhandled() {
        warning.escalate();
    }
    let (level, reasons) = level(facts, warning.unhandled_steps);
    if level >= warning.level && any_counts {
        (warning.level, warning.level_reasons) = (level, reasons);
    }
    if last.is_none_or(|last| last.level != warning.level) {
        warning.level_since = Some(now);
    }
    warning.escalates_at = escalates_at(&site.policy, &warning, last, now);
    warning.cleared_at = if any_active { None } else { warning.cleared_at.or(Some(now)) };
    fold_alarms(&mut warning, facts);
    warning.failed_measures.clone_from(&facts.failed_measures);
    warning.people_count = facts.people_count;
    warning.people.clone_from(&facts.people);
    follow_configuration(&mut warning, site, facts.event);
    Some(warning)
}

/// Another configuration may have given the event another name or unit.
fn follow_configuration(warning: &mut WarningRecord, site: &Site, event: RiskEventIx) {
    let event = &site.events[event.at()];
    let unit = &site.units[event.unit.at()];
    warning.name.clone_from(&event.name);
    warning.unit.clone_from(&unit.id);
    warning.unit_name.clone_from(&unit.name);
    warning.config_version.clone_from(&site.gateway.config_version);
}

fn empty(site: &Site, event: RiskEventIx, id: WarningId, now: UtcTime) -> WarningRecord {
    let event = &site.events[event.at()];
    let unit = &site.units[event.unit.at()];
    WarningRecord {
        id,
        risk_event: event.id.clone(),
        name: event.name.clone(),
        unit: unit.id.clone(),
        unit_name: unit.name.clone(),
        state: WarningState::Raised,
        level: RiskLevel::Blue,
        level_reasons: Vec::new(),
        level_since: None,
        unhandled_steps: 0,
        escalates_at: None,
        raised_at: now,
        cleared_at: None,
        alarms: Vec::new(),
        alarm_count: 0,
        failed_measures: Vec::new(),
        people_count: 0,
        people: Vec::new(),
        tasks: Vec::new(),
        config_version: Words::default(),
    }
}

/// When an unhandled warning gets worse. The time goes on while the warning stays raised with its level, and begins anew
/// with every other.
fn escalates_at(
    policy: &Policy,
    warning: &WarningRecord,
    last: Option<&WarningRecord>,
    now: UtcTime,
) -> Option<UtcTime> {
    let after_ms = policy.escalate_after.of(warning.level).filter(|_| warning.is_unhandled())?;
    let goes_on = last.filter(|last| last.is_unhandled() && last.level == warning.level);
    goes_on.and_then(|last| last.escalates_at).or(Some(now.after(after_ms)))
}

fn level(facts: &Facts<'_>, unhandled_steps: u8) -> (RiskLevel, Vec<LevelReason>) {
    let worst = facts.alarms.iter().filter(|alarm| facts.counts(alarm)).map(|alarm| alarm.priority).max();
    let mut level = worst.map_or(RiskLevel::Blue, Policy::level);
    let mut reasons = vec![LevelReason::AlarmPriority];
    for (steps, reason) in [
        (u8::from(facts.people_count > 0), LevelReason::PeopleInside),
        (u8::from(facts.failed_measures.len() > 1), LevelReason::SecondMeasureFailed),
        (unhandled_steps, LevelReason::Unhandled),
    ] {
        if steps > 0 {
            level = (0..steps).fold(level, |level, _| level.worse());
            reasons.push(reason);
        }
    }
    (level, reasons)
}

fn state(facts: &Facts<'_>, any_active: bool) -> WarningState {
    let open = |alarm: &&&AlarmRecord| alarm.state != AlarmState::Normal;
    if facts.alarms.iter().filter(open).count() == 0 {
        WarningState::Closed
    } else if !any_active {
        WarningState::Cleared
    } else if facts.being_handled {
        WarningState::BeingHandled
    } else if facts.alarms.iter().filter(|alarm| alarm.is_active()).all(|alarm| alarm.is_acknowledged()) {
        WarningState::Acknowledged
    } else {
        WarningState::Raised
    }
}

/// Brings the folded alarms up to date. One that is over stays in the list with its last state, so that the warning can
/// be read alone; so does a call for help that has moved on to another event. When the list is full the first-out stays, and the oldest of those that are over makes room.
fn fold_alarms(warning: &mut WarningRecord, facts: &Facts<'_>) {
    for folded in &mut warning.alarms {
        match facts.alarms.iter().chain(&facts.hidden).find(|alarm| alarm.id == folded.id) {
            Some(alarm) => *folded = fold_alarm(alarm),
            None if facts.elsewhere.contains(&folded.id) => {}
            None => folded.state = AlarmState::Normal,
        }
    }
    for alarm in &facts.alarms {
        if warning.alarms.iter().all(|folded| folded.id != alarm.id) {
            make_room(&mut warning.alarms);
            if warning.alarms.len() < REASONS_MAX {
                warning.alarms.push(fold_alarm(alarm));
            }
        }
    }
    warning.alarm_count = warning.alarm_count.saturating_add(facts.new_alarms);
}

fn make_room(folded: &mut Vec<WarningAlarm>) {
    let over = folded.iter().skip(1).position(|alarm| alarm.state == AlarmState::Normal);
    if let (true, Some(over)) = (folded.len() >= REASONS_MAX, over) {
        folded.remove(over + 1);
    }
}

fn fold_alarm(alarm: &AlarmRecord) -> WarningAlarm {
    WarningAlarm {
        id: alarm.id.clone(),
        rule: alarm.rule.clone(),
        name: alarm.name.clone(),
        priority: alarm.priority,
        state: alarm.state,
        trigger: alarm.trigger.clone(),
        guidance: alarm.guidance.clone(),
    }
}
