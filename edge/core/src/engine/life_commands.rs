//! What people ask for in an alarm's life beside acknowledging: reset, shelve, take out of service, stop a unit.

use super::{Engine, commands::check_text};
use crate::{
    effect::{Effects, Rejection},
    event::Shelving,
    id::*,
    limits::STOP_MAX_MS,
    record::*,
    time::Now,
};

impl Engine {
    pub(super) fn reset(&mut self, id: &AlarmId, by: &str, now: Now, out: &mut Effects) -> Result<(), Rejection> {
        let ix = self.open_alarm(id)?;
        if let Some(words) = self.alarms.get(ix).and_then(not_resettable) {
            return Err(Rejection::Conflict(format!("alarm {id} {words}")));
        }
        self.alarms.change(ix, |alarm| alarm.reset(by, now.utc));
        self.put_alarm_of(ix, out);
        Ok(())
    }

    /// The rule of an open alarm.
    pub(super) fn open_alarm(&self, id: &AlarmId) -> Result<RuleIx, Rejection> {
        self.alarms.rule_of(id).ok_or_else(|| Rejection::NotFound(format!("alarm {id} is not open")))
    }

    /// A rule by its id.
    pub(super) fn rule_called(&self, id: &RuleId) -> Result<RuleIx, Rejection> {
        let known = self.site.rules.iter().position(|rule| rule.id == *id);
        let unknown = || Rejection::NotFound(format!("there is no rule {id}: use an id of the configuration in force"));
        known.map(RuleIx::from).ok_or_else(unknown)
    }

    fn unit_called(&self, id: &UnitId) -> Result<UnitIx, Rejection> {
        let known = self.site.units.iter().position(|unit| unit.id == *id);
        let unknown = || Rejection::NotFound(format!("there is no unit {id}: use an id of the configuration in force"));
        known.map(UnitIx::from).ok_or_else(unknown)
    }

    /// Lives hang on some rules: nobody hides them.
    fn may_hide(&self, ix: RuleIx) -> Result<(), Rejection> {
        let rule = self.rule(ix);
        if rule.never_hidden {
            return Err(Rejection::Conflict(format!(
                "lives hang on rule {}: it can be neither shelved nor taken out of service; silence the horn, and remove the cause",
                rule.id
            )));
        }
        Ok(())
    }

    pub(super) fn shelve_by(
        &mut self,
        ix: RuleIx,
        shelf: &Shelving,
        by: &str,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        check_text("reason", &shelf.reason, true)?;
        self.may_hide(ix)?;
        let most_ms = self.site.policy.shelve_max_ms;
        if shelf.for_ms == 0 || shelf.for_ms > most_ms {
            let most = most_ms as f64 / 60_000.0;
            return Err(Rejection::Invalid(format!(
                "a rule is shelved for more than 0 and at most {most} minutes: choose another time, or take it out of service"
            )));
        }
        if let Some(shelf) = self.hiding.shelves.get(&ix) {
            let by = shelf.hiding.by.as_deref().unwrap_or_default();
            let id = &self.rule(ix).id;
            return Err(Rejection::Conflict(format!("rule {id} is shelved by {by} already: unshelve it first")));
        }
        let deadline = now.monotonic.after(shelf.for_ms);
        let hiding = Hiding {
            until: Some(now.utc_at(deadline)),
            one_shot: shelf.one_shot,
            ..asked(HidingKind::Shelved, by, &shelf.reason, now)
        };
        self.shelve(ix, hiding, deadline, now, out);
        Ok(())
    }

    pub(super) fn unshelve_by(&mut self, ix: RuleIx, now: Now, out: &mut Effects) -> Result<(), Rejection> {
        if !self.hiding.shelves.contains_key(&ix) {
            return Err(Rejection::Conflict(format!("rule {} is not shelved", self.rule(ix).id)));
        }
        self.unshelve(ix, now, out);
        Ok(())
    }

    pub(super) fn take_out_of_service(
        &mut self,
        id: &RuleId,
        reason: &str,
        by: &str,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        check_text("reason", reason, true)?;
        let ix = self.rule_called(id)?;
        self.may_hide(ix)?;
        if self.hiding.out_of_service.contains_key(&ix) {
            return Err(Rejection::Conflict(format!("rule {id} is out of service already")));
        }
        self.hiding.out_of_service.insert(ix, asked(HidingKind::OutOfService, by, reason, now));
        self.follow_service(ix, now, out);
        Ok(())
    }

    pub(super) fn return_to_service(&mut self, id: &RuleId, now: Now, out: &mut Effects) -> Result<(), Rejection> {
        let ix = self.rule_called(id)?;
        if self.hiding.out_of_service.remove(&ix).is_none() {
            return Err(Rejection::Conflict(format!("rule {id} is not out of service")));
        }
        self.follow_service(ix, now, out);
        Ok(())
    }

    fn follow_service(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        self.save_service(ix, out);
        self.settle_hiding(ix, now, out);
        self.settle_suppressed(ix, now, out);
    }

    pub(super) fn stop_unit(
        &mut self,
        id: &UnitId,
        for_ms: Option<u64>,
        reason: &str,
        by: &str,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        check_text("reason", reason, true)?;
        let unit = self.unit_called(id)?;
        if for_ms.is_some_and(|for_ms| !(1..=STOP_MAX_MS).contains(&for_ms)) {
            return Err(Rejection::Invalid(
                "a stop that ends by itself lasts more than 0 and at most 366 days: choose another time, or leave it open"
                    .to_owned(),
            ));
        }
        if let Some(stop) = self.hiding.stops.get(&unit) {
            let by = &stop.stop.by;
            return Err(Rejection::Conflict(format!("unit {id} was stopped by {by} already: resume it first")));
        }
        let deadline = for_ms.map(|for_ms| now.monotonic.after(for_ms));
        let until = deadline.map(|deadline| now.utc_at(deadline));
        let stop = UnitStop { by: by.to_owned(), reason: reason.to_owned(), since: now.utc, until };
        self.stop(unit, stop, deadline, now, out);
        Ok(())
    }

    pub(super) fn resume_unit(&mut self, id: &UnitId, now: Now, out: &mut Effects) -> Result<(), Rejection> {
        let unit = self.unit_called(id)?;
        if !self.hiding.stops.contains_key(&unit) {
            return Err(Rejection::Conflict(format!("unit {id} is not stopped")));
        }
        self.resume(unit, now, out);
        Ok(())
    }
}

/// Why an alarm cannot be reset, and what to do.
fn not_resettable(alarm: &AlarmRecord) -> Option<&'static str> {
    match alarm.state {
        AlarmState::LatchedAcknowledged => None,
        AlarmState::LatchedUnacknowledged => Some("is not acknowledged: acknowledge it first"),
        AlarmState::Shelved | AlarmState::Suppressed | AlarmState::OutOfService => {
            Some("is hidden: let its rule annunciate again first")
        }
        AlarmState::Unacknowledged
        | AlarmState::Acknowledged
        | AlarmState::ReturnedUnacknowledged
        | AlarmState::Normal => Some(if alarm.latched {
            "still holds: it can be reset when its condition is gone"
        } else {
            "does not latch: acknowledge it, and it ends when its condition is gone"
        }),
    }
}

/// What a person asked for.
fn asked(kind: HidingKind, by: &str, reason: &str, now: Now) -> Hiding {
    Hiding {
        kind,
        by: Some(by.to_owned()),
        suppressor: None,
        reason: reason.to_owned(),
        since: now.utc,
        until: None,
        one_shot: false,
    }
}
