//! Suspected hazards in the engine: of failures and findings, decided on by people.

use super::Engine;
use crate::{
    effect::{Effects, Rejection},
    event::{ManageType, Rectification, Verdict},
    hazards,
    id::*,
    record::*,
    saved::{SavedBody, SavedChange},
    time::Now,
};

impl Engine {
    /// A measure failed whose failure is a suspicion.
    pub(super) fn suspect_failure(
        &mut self,
        measure: MeasureIx,
        alarm: &AlarmRecord,
        warning: &WarningRecord,
        now: Now,
        out: &mut Effects,
    ) {
        let id = self.site.measures[measure.at()].id.clone();
        if let Some((key, open)) = self.open_hazard(&warning.unit, &id, Some(&alarm.rule)) {
            open.come_back();
            put_hazard(&key, open, out);
            return;
        }
        let id = self.occurrence(id.as_str());
        let description = &self.site.measures[measure.at()].description;
        if let Some(hazard) = hazards::from_failure(id.into(), description, alarm, warning, now.utc) {
            self.suspect(hazard, out);
        }
    }

    /// An inspection found something.
    pub(super) fn suspect_finding(&mut self, task: &TaskRecord, now: Now, out: &mut Effects) {
        if let Some((key, open)) = self.open_hazard(&task.unit, &task.measure, task.rule.as_ref()) {
            open.add_finding(task, now.utc);
            put_hazard(&key, open, out);
            return;
        }
        let id = self.occurrence(task.measure.as_str()).into();
        self.suspect(hazards::from_finding(id, task, now.utc), out);
    }

    fn suspect(&mut self, hazard: HazardRecord, out: &mut Effects) {
        let key = hazard.id.to_string();
        put_hazard(&key, &hazard, out);
        self.hazards.insert(key, hazard);
    }

    fn open_hazard(
        &mut self,
        unit: &UnitId,
        measure: &MeasureId,
        rule: Option<&RuleId>,
    ) -> Option<(String, &mut HazardRecord)> {
        let mut open = self.hazards.iter_mut();
        open.find(|(_, hazard)| hazard.is_of(unit, measure, rule)).map(|(key, hazard)| (key.clone(), hazard))
    }

    pub(super) fn review(
        &mut self,
        id: &HazardId,
        by: &str,
        (verdict, note): (Verdict, &str),
        rectification: &Rectification,
        now: Now,
        out: &mut Effects,
    ) -> Result<(), Rejection> {
        super::commands::check_text("note", note, true)?;
        let open = self.hazards.iter_mut().find(|(_, hazard)| hazard.id == *id);
        let (key, hazard) = open.ok_or_else(|| Rejection::NotFound(format!("hazard {id} is not open")))?;
        if hazard.state == HazardState::Confirmed && verdict != Verdict::Closed {
            return Err(Rejection::Conflict(format!("hazard {id} is confirmed already; it can only be closed")));
        }
        if hazard.state == HazardState::Suspected && verdict == Verdict::Closed {
            return Err(Rejection::Conflict(format!("hazard {id} is only suspected: confirm or reject it first")));
        }
        rectification.check(verdict, hazard)?;
        hazard.review(by, verdict, note, rectification, now.utc);
        put_hazard(key, hazard, out);
        if !hazard.is_open() {
            let key = key.clone();
            self.hazards.remove(&key);
        }
        Ok(())
    }
}

impl Rectification {
    /// A person gives it with a confirmation; 限期整改 needs somebody who does it and until when.
    fn check(&self, verdict: Verdict, hazard: &HazardRecord) -> Result<(), Rejection> {
        if verdict != Verdict::Confirmed && *self != Self::default() {
            return Err(Rejection::Invalid(
                "level, manage type, liable person and deadline go with a confirmation".into(),
            ));
        }
        if let Some(person) = &self.liable_person {
            super::commands::check_text("liable person", person, true)?;
        }
        let is_complete = self.liable_person.is_some() && self.deadline.is_some();
        if self.manage_type == Some(ManageType::ByDeadline) && !is_complete {
            return Err(Rejection::Invalid(
                "rectification by a deadline needs a liable person and the deadline".into(),
            ));
        }
        if self.deadline.is_some_and(|deadline| deadline < hazard.suspected_at) {
            return Err(Rejection::Invalid("the deadline is before the hazard was suspected: correct it".into()));
        }
        Ok(())
    }
}

fn put_hazard(key: &str, hazard: &HazardRecord, out: &mut Effects) {
    out.records.push(Record::Hazard(hazard.clone()));
    out.saved.push(if hazard.is_open() {
        SavedChange::put("hazard", key, SavedBody::Hazard(Box::new(hazard.clone())))
    } else {
        SavedChange::remove("hazard", key)
    });
}
