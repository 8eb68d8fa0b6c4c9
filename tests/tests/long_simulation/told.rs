//! What must hang together after every event, followed record by record, so that an event costs what it changes.

use acceptance::desk::Desk;
use davy_core::{
    effect::Effects,
    id::*,
    model::{Policy, Priority, RiskLevel, Site},
    record::*,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The open alarms and warnings as the journal tells them.
#[derive(Default)]
pub(crate) struct Told {
    alarms: BTreeMap<AlarmId, Arc<AlarmRecord>>,
    warnings: BTreeMap<RiskEventId, Arc<WarningRecord>>,
    units: BTreeMap<UnitId, RiskLevel>,
    /// There has been another configuration: an alarm that had returned may have lost its warning, with its event.
    reconfigured: bool,
    /// Alarms that were hidden at any time: their warning may have closed then.
    hidden: BTreeSet<AlarmId>,
}

impl Told {
    /// Another configuration: what it does not know is told no more.
    pub(crate) fn configure(&mut self, site: &Site) {
        self.reconfigured = true;
        self.units.retain(|id, _| site.units.iter().any(|unit| unit.id == *id));
    }

    /// Takes what an event brought about, and checks what it changed.
    pub(crate) fn take(&mut self, effects: &Effects, site: &Site) {
        let mut touched = BTreeSet::new();
        for record in &effects.records {
            if let Record::Alarm(alarm) = record {
                touched.insert(alarm.id.clone());
                if alarm.is_hidden() {
                    self.hidden.insert(alarm.id.clone());
                }
                self.alarms.insert(alarm.id.clone(), alarm.clone());
            } else if let Record::Warning(warning) = record {
                self.warnings.insert(warning.risk_event.clone(), warning.clone());
            } else if let Record::Unit(unit) = record {
                self.units.insert(unit.unit.clone(), unit.colour);
            }
        }
        self.alarms.retain(|_, alarm| alarm.state != AlarmState::Normal);
        self.warnings.retain(|_, warning| warning.state != WarningState::Closed);
        touched.iter().filter_map(|id| self.alarms.get(id)).for_each(|alarm| self.check_alarm(alarm));
        site.units.iter().for_each(|unit| self.check_unit(&unit.id));
    }

    /// An open alarm of a risk event is in the event's warning, whose level is no better.
    fn check_alarm(&self, alarm: &AlarmRecord) {
        let Some(event) = &alarm.risk_event else { return };
        let warning = self.warnings.get(event);
        if self.hidden.contains(&alarm.id) || self.reconfigured && !alarm.is_active() {
            return;
        }
        assert!(warning.is_some_and(|w| w.level >= Policy::level(alarm.priority)), "{alarm:?} is in {warning:?}");
    }

    /// A unit shows the worst of its warnings.
    fn check_unit(&self, id: &UnitId) {
        let levels = self.warnings.values().filter(|warning| warning.unit == *id).map(|warning| warning.level);
        let Some(colour) = self.units.get(id) else { return };
        assert_eq!(*colour, levels.max().unwrap_or(RiskLevel::Blue), "{id}: {:?}", self.warnings);
    }

    /// Whatever nobody has acknowledged is shown and, from its priority on, heard.
    pub(crate) fn check_lamp(&self, desk: &Desk) {
        let shown = desk.engine().annunciation();
        assert_eq!(shown, desk.annunciation, "what the board was told last");
        let latched = [AlarmState::LatchedUnacknowledged, AlarmState::LatchedAcknowledged];
        let held = self.alarms.values().filter(|alarm| alarm.is_active() || latched.contains(&alarm.state));
        let worst = held.map(|alarm| alarm.priority).max();
        let policy = &desk.engine().site().policy;
        assert_eq!(shown.relay, worst >= Some(policy.relay_from), "{worst:?} {shown:?}");
        let unheard = self.alarms.values().filter(|alarm| alarm.state == AlarmState::Unacknowledged);
        let loudest: Option<Priority> = unheard.map(|alarm| alarm.priority).max();
        let calls = loudest >= Some(policy.horn_from);
        assert_eq!(shown.horn, calls && shown.silenced_until.is_none(), "{loudest:?} {shown:?}");
    }
}
