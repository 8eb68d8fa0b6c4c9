//! The life of an alarm after ISA-18.2 / IEC 62682 (GB/T 41261): raised, acknowledged, returned, normal.
//!
//! Condition and acknowledgement are facts of their own; the standard's name is derived from the two. An alarm that
//! comes back before anyone acknowledged is the same occurrence, raised once more.

use crate::{
    id::AlarmId,
    model::{Rule, Site},
    record::{AlarmRecord, AlarmState},
    time::UtcTime,
    trigger::Trigger,
};

/// A new occurrence.
pub(crate) fn raise(site: &Site, rule: &Rule, id: AlarmId, trigger: Trigger, now: UtcTime) -> AlarmRecord {
    AlarmRecord {
        id,
        rule: rule.id.clone(),
        name: rule.name.clone(),
        rule_kind: rule.kind_name().to_owned(),
        priority: rule.priority,
        state: AlarmState::Unacknowledged,
        inputs_known: true,
        unit: rule.unit.map(|unit| site.units[unit.at()].id.clone()),
        measure: rule.measure.map(|measure| site.measures[measure.at()].id.clone()),
        risk_event: None,
        raised_at: now,
        latest_raised_at: now,
        raised_count: 1,
        returned_at: None,
        acknowledged_at: None,
        acknowledged_by: None,
        trigger,
        guidance: rule.guidance.clone(),
        ended_because: None,
        config_version: site.gateway.config_version.clone(),
    }
}

impl AlarmRecord {
    pub(crate) fn raise_again(&mut self, trigger: Trigger, now: UtcTime) {
        self.latest_raised_at = now;
        self.raised_count = self.raised_count.saturating_add(1);
        self.returned_at = None;
        self.trigger = trigger;
        self.inputs_known = true;
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

    /// Whether the condition holds.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self.state, AlarmState::Unacknowledged | AlarmState::Acknowledged)
    }

    /// Whether somebody has acknowledged it.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged_at.is_some()
    }

    fn derive_state(&mut self) {
        self.state = match (self.returned_at.is_none(), self.is_acknowledged()) {
            (true, false) => AlarmState::Unacknowledged,
            (true, true) => AlarmState::Acknowledged,
            (false, false) => AlarmState::ReturnedUnacknowledged,
            (false, true) => AlarmState::Normal,
        };
    }
}
