//! The life of an alarm after ISA-18.2 / IEC 62682 (GB/T 41261): raised, acknowledged, returned, latched, reset, normal;
//! and shelved, suppressed by design, out of service.
//!
//! Condition, acknowledgement, latch and what hides it are facts of their own; the standard's name is derived from them
//! in one place. An alarm that comes back before anyone acknowledged is the same occurrence, raised once more.

use crate::{
    id::AlarmId,
    model::{Priority, Rule, Site},
    record::{AlarmRecord, AlarmState, Hiding, HidingKind},
    time::UtcTime,
    trigger::Trigger,
};
use std::sync::Arc;

/// A new occurrence; one that begins hidden is not raised.
pub(crate) fn raise(
    site: &Site,
    rule: &Rule,
    id: AlarmId,
    trigger: Arc<Trigger>,
    hidden_because: &[Hiding],
    now: UtcTime,
) -> AlarmRecord {
    let mut alarm = AlarmRecord {
        id,
        rule: rule.id.clone(),
        name: rule.name.clone(),
        rule_kind: rule.kind_name().into(),
        priority: rule.priority,
        state: AlarmState::Unacknowledged,
        inputs_known: true,
        unit: rule.unit.map(|unit| site.units[unit.at()].id.clone()),
        measure: rule.measure.map(|measure| site.measures[measure.at()].id.clone()),
        risk_event: None,
        raised_at: now,
        latest_raised_at: now,
        raised_count: 0,
        returned_at: None,
        acknowledged_at: None,
        acknowledged_by: None,
        never_hidden: rule.never_hidden,
        latched: rule.latched,
        reset_at: None,
        reset_by: None,
        hidden_because: hidden_because.to_vec(),
        first_out_group: None,
        first_out: false,
        first_out_alarm: None,
        trigger: Arc::clone(&trigger),
        lasting: false,
        guidance: rule.guidance.clone(),
        ended_because: None,
        config_version: site.gateway.config_version.clone(),
    };
    alarm.raise_again(trigger, now);
    alarm
}

impl AlarmRecord {
    /// The condition holds again. What is hidden is not raised, so it does not count.
    pub(crate) fn raise_again(&mut self, trigger: Arc<Trigger>, now: UtcTime) {
        self.latest_raised_at = now;
        self.raised_count = self.raised_count.saturating_add(u32::from(!self.is_hidden()));
        self.returned_at = None;
        self.lasting = false;
        self.trigger = trigger;
        self.inputs_known = true;
        self.derive_state();
    }

    /// The condition got worse: a higher priority is told to everybody anew, whoever has acknowledged the lower one.
    pub(crate) fn escalate(&mut self, priority: Priority, trigger: Arc<Trigger>, now: UtcTime) {
        self.priority = priority;
        self.latest_raised_at = now;
        self.trigger = trigger;
        (self.acknowledged_at, self.acknowledged_by) = (None, None);
        self.derive_state();
    }

    pub(crate) fn return_to_normal(&mut self, now: UtcTime) {
        self.returned_at = Some(now);
        self.inputs_known = true;
        self.derive_state();
    }

    pub(crate) fn acknowledge(&mut self, by: &str, now: UtcTime) {
        self.acknowledged_at = Some(now);
        self.acknowledged_by = Some(by.to_owned());
        self.derive_state();
    }

    pub(crate) fn reset(&mut self, by: &str, now: UtcTime) {
        self.reset_at = Some(now);
        self.reset_by = Some(by.to_owned());
        self.derive_state();
    }

    /// Takes what hides it now; nothing shows it again.
    pub(crate) fn hide(&mut self, because: &[Hiding]) {
        self.hidden_because = because.to_vec();
        self.derive_state();
    }

    /// Ends the occurrence for another reason than a return to normal.
    pub(crate) fn end(&mut self, because: &str, now: UtcTime) {
        self.state = AlarmState::Normal;
        self.returned_at = self.returned_at.or(Some(now));
        self.ended_because = Some(because.to_owned());
    }

    /// Whether the condition holds and is annunciated.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self.state, AlarmState::Unacknowledged | AlarmState::Acknowledged)
    }

    /// Whether the condition holds, hidden or not.
    #[must_use]
    pub fn condition_holds(&self) -> bool {
        self.returned_at.is_none()
    }

    /// Whether somebody has acknowledged it.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged_at.is_some()
    }

    /// Whether it annunciates nothing because it is shelved, suppressed by design or out of service.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        !self.hidden_because.is_empty()
    }

    /// The one place where the standard's name is made. What a person was once told and nobody answered stays to be
    /// answered, a latch stays to be reset, whatever hid them meanwhile: there this is stricter than the standard, which
    /// lets a returned alarm go when it leaves shelving.
    fn derive_state(&mut self) {
        let is_answered = self.is_acknowledged() || self.raised_count == 0;
        let is_reset = !self.latched || self.reset_at.is_some();
        if !self.condition_holds() && is_answered && is_reset {
            self.state = AlarmState::Normal;
            return;
        }
        let kind = self.hidden_because.iter().map(|hiding| hiding.kind).min();
        self.state = match (kind, self.condition_holds(), self.is_acknowledged()) {
            (Some(HidingKind::OutOfService), _, _) => AlarmState::OutOfService,
            (Some(HidingKind::Shelved), _, _) => AlarmState::Shelved,
            (Some(HidingKind::UnitStopped | HidingKind::SuppressedByRule), _, _) => AlarmState::Suppressed,
            (None, true, false) => AlarmState::Unacknowledged,
            (None, true, true) => AlarmState::Acknowledged,
            (None, false, false) if self.latched => AlarmState::LatchedUnacknowledged,
            (None, false, false) => AlarmState::ReturnedUnacknowledged,
            (None, false, true) => AlarmState::LatchedAcknowledged,
        };
    }
}
