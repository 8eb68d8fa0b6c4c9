//! What holds of hidden alarms after every event: nothing is hidden for longer than its limit, lives are never hidden, and
//! whatever shows again is unacknowledged.

use acceptance::desk::Desk;
use davy_core::{
    id::{AlarmId, RuleId},
    limits::TERM_SAVED_EVERY_MS,
    record::*,
    snapshot::Snapshot,
    time::Monotonic,
};
use std::collections::{BTreeMap, BTreeSet};

/// What was hidden when, on a clock that nobody steps.
#[derive(Clone, Default)]
pub(crate) struct Hides {
    last: Monotonic,
    running_ms: u64,
    pub(crate) restarts: u64,
    /// Since when each rule is shelved, and how many restarts there had been then.
    shelved: BTreeMap<RuleId, (u64, u64)>,
    /// The hidden alarms whose condition held after the event before.
    pub(crate) held: BTreeMap<RuleId, (AlarmId, u32)>,
    /// Every alarm that was hidden at any time.
    ever: BTreeSet<AlarmId>,
}

impl Hides {
    /// Looks at the live state after an event with its records.
    pub(crate) fn check(&mut self, live: &Snapshot, desk: &Desk) {
        self.follow_clock(desk.now.monotonic);
        self.check_terms(live, desk);
        check_lives(live, desk);
        check_states(live);
        self.check_shown(live);
    }

    /// Remembers that an alarm was hidden.
    pub(crate) fn note(&mut self, alarm: &AlarmRecord) {
        if alarm.is_hidden() {
            self.ever.insert(alarm.id.clone());
        }
    }

    /// Whether an alarm was hidden at any time: its warning may have closed then.
    pub(crate) fn had(&self, alarm: &AlarmId) -> bool {
        self.ever.contains(alarm)
    }

    fn follow_clock(&mut self, now: Monotonic) {
        if now < self.last {
            self.last = Monotonic(0);
        }
        self.running_ms += now.since(self.last);
        self.last = now;
    }

    /// A shelf ends in time, whatever the wall clock did; a restart may cost it the time since what was left was saved.
    fn check_terms(&mut self, live: &Snapshot, desk: &Desk) {
        let is_shelved = |rule: &RuleId| {
            let hidden = live.hidden.iter().find(|hidden| hidden.rule == *rule);
            hidden.is_some_and(|hidden| hidden.hidden_because.iter().any(|why| why.kind == HidingKind::Shelved))
        };
        self.shelved.retain(|rule, _| is_shelved(rule));
        for hidden in live.hidden.iter().filter(|hidden| is_shelved(&hidden.rule)) {
            let (since_ms, restarts) =
                *self.shelved.entry(hidden.rule.clone()).or_insert((self.running_ms, self.restarts));
            let most_ms = desk.engine().site().policy.shelve_max_ms + (self.restarts - restarts) * TERM_SAVED_EVERY_MS;
            assert!(self.running_ms - since_ms <= most_ms, "shelved for too long: {hidden:?}");
        }
    }

    /// What was hidden and active and shows now is another occurrence, and nobody has acknowledged it.
    fn check_shown(&mut self, live: &Snapshot) {
        for (rule, (was, raised_count)) in &self.held {
            if let Some(alarm) = live.alarms.iter().find(|alarm| alarm.rule == *rule && alarm.is_active()) {
                assert_eq!(alarm.state, AlarmState::Unacknowledged, "{alarm:?}");
                // One notification may bring its end, with that of a shelf for once, and raise it again.
                let came_back = alarm.raised_count > *raised_count;
                assert!(alarm.id != *was || came_back, "what shows again is a new alarm: {alarm:?}");
            }
        }
        let held = live.alarms.iter().filter(|alarm| alarm.is_hidden() && alarm.condition_holds());
        self.held = held.map(|alarm| (alarm.rule.clone(), (alarm.id.clone(), alarm.raised_count))).collect();
    }
}

/// SOS and other rules on which lives hang are never hidden.
fn check_lives(live: &Snapshot, desk: &Desk) {
    for hidden in &live.hidden {
        let rule = desk.engine().site().rules.iter().find(|rule| rule.id == hidden.rule);
        assert!(rule.is_some_and(|rule| !rule.never_hidden), "{hidden:?}");
        assert!(!hidden.hidden_because.is_empty(), "{hidden:?}");
        assert!(
            hidden.hidden_because.iter().all(|why| why.by.is_some() != why.suppressor.is_some()),
            "a person or a rule answers for it: {hidden:?}"
        );
    }
}

/// What bypasses a measure although nobody has hidden anything.
fn is_sis_bypass(alarm: &AlarmRecord) -> bool {
    alarm.rule_kind == "sis_bypass" && alarm.returned_at.is_none()
}

/// An alarm says that it is hidden while its rule is, and a bypassed measure says why.
fn check_states(live: &Snapshot) {
    let hidden = |rule: &RuleId| live.hidden.iter().find(|hidden| hidden.rule == *rule);
    for alarm in &live.alarms {
        let because = hidden(&alarm.rule).map_or(&[][..], |hidden| &hidden.hidden_because);
        assert_eq!(alarm.hidden_because, because, "{alarm:?}");
        let by_state = matches!(alarm.state, AlarmState::Shelved | AlarmState::Suppressed | AlarmState::OutOfService);
        assert_eq!(by_state, !because.is_empty(), "{alarm:?}");
    }
    for measure in &live.measures {
        let visibly_failed = measure.state == MeasureState::Failed;
        assert_eq!(measure.state == MeasureState::Bypassed, !measure.bypassed_rules.is_empty() && !visibly_failed);
        let stands = |rule: &RuleId| live.alarms.iter().any(|alarm| alarm.rule == *rule && is_sis_bypass(alarm));
        for bypassed in &measure.bypassed_rules {
            assert_eq!(hidden(&bypassed.rule).is_some(), !bypassed.hidden_because.is_empty(), "{measure:?}");
            assert!(!bypassed.hidden_because.is_empty() || stands(&bypassed.rule), "{measure:?}");
        }
    }
    for rule in live.hidden.iter().filter(|hidden| hidden.measure.is_some()) {
        let measure = live.measures.iter().find(|measure| Some(&measure.measure) == rule.measure.as_ref());
        assert!(measure.is_some_and(|measure| measure.state != MeasureState::Effective), "{rule:?} {measure:?}");
    }
}
