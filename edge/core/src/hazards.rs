//! Suspected hazards 疑似隐患: at most one open for each unit, measure and rule; only people confirm, reject or close.

use crate::{
    event::{Rectification, Verdict},
    id::{HazardId, MeasureId, RuleId, UnitId},
    limits::REASONS_MAX,
    record::*,
    time::UtcTime,
    words::Words,
};

/// A hazard because a measure failed (national source code 9, 管控措施失效).
pub(crate) fn from_failure(
    id: HazardId,
    measure_description: &str,
    alarm: &AlarmRecord,
    warning: &WarningRecord,
    now: UtcTime,
) -> Option<HazardRecord> {
    Some(HazardRecord {
        name: format!("管控措施失效：{measure_description}（{}）", alarm.name),
        measure: alarm.measure.clone()?,
        risk_event: warning.risk_event.clone(),
        unit: warning.unit.clone(),
        warning: Some(warning.id.clone()),
        alarm: Some(alarm.id.clone()),
        rule: Some(alarm.rule.clone()),
        trigger: Some(alarm.trigger.clone()),
        config_version: alarm.config_version.clone(),
        ..blank(id, HazardOrigin::MeasureFailure, now)
    })
}

/// A hazard that an inspection found.
pub(crate) fn from_finding(id: HazardId, task: &TaskRecord, now: UtcTime) -> HazardRecord {
    let mut hazard = HazardRecord {
        name: format!("排查发现：{}", task.note),
        measure: task.measure.clone(),
        risk_event: task.risk_event.clone(),
        unit: task.unit.clone(),
        warning: task.warning.clone(),
        alarm: task.alarm.clone(),
        rule: task.rule.clone(),
        trigger: task.trigger.clone(),
        config_version: task.config_version.clone(),
        ..blank(id, HazardOrigin::TaskFinding, now)
    };
    hazard.add_finding(task, now);
    hazard
}

fn blank(id: HazardId, origin: HazardOrigin, now: UtcTime) -> HazardRecord {
    HazardRecord {
        id,
        state: HazardState::Suspected,
        origin,
        name: String::new(),
        measure: "".into(),
        risk_event: "".into(),
        unit: "".into(),
        warning: None,
        alarm: None,
        rule: None,
        task: None,
        trigger: None,
        findings: Vec::new(),
        recurrences: 0,
        suspected_at: now,
        reviewed_at: None,
        reviewed_by: None,
        verdict: None,
        note: String::new(),
        danger_level: None,
        manage_type: None,
        liable_person: None,
        deadline: None,
        config_version: Words::default(),
    }
}

impl HazardRecord {
    /// Whether it is the one of a unit, a measure and a rule.
    pub(crate) fn is_of(&self, unit: &UnitId, measure: &MeasureId, rule: Option<&RuleId>) -> bool {
        self.unit == *unit && self.measure == *measure && self.rule.as_ref() == rule
    }

    /// Its measure failed once more.
    pub(crate) fn come_back(&mut self) {
        self.recurrences = self.recurrences.saturating_add(1);
    }

    /// An inspection found it; when the list is full the first finding and the latest ones stay.
    pub(crate) fn add_finding(&mut self, task: &TaskRecord, now: UtcTime) {
        self.task = Some(task.id.clone());
        if self.findings.len() >= REASONS_MAX {
            self.findings.remove(1);
        }
        self.findings.push(HazardFinding {
            task: task.id.clone(),
            by: task.finished_by.clone().unwrap_or_default(),
            note: task.note.clone(),
            at: now,
        });
    }

    pub(crate) fn review(&mut self, by: &str, verdict: Verdict, note: &str, about: &Rectification, now: UtcTime) {
        self.state = match verdict {
            Verdict::Confirmed => HazardState::Confirmed,
            Verdict::Rejected => HazardState::Rejected,
            Verdict::Closed => HazardState::Closed,
        };
        self.reviewed_at = Some(now);
        self.reviewed_by = Some(by.to_owned());
        self.verdict = Some(verdict);
        self.note = note.to_owned();
        if verdict == Verdict::Confirmed {
            self.danger_level = about.danger_level;
            self.manage_type = about.manage_type;
            self.liable_person.clone_from(&about.liable_person);
            self.deadline = about.deadline;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of an alarm, and of an inspection that no alarm asked for.
    #[test]
    fn a_hazard_is_that_of_its_unit_its_measure_and_its_rule() {
        let hazard = |rule: Option<&str>| HazardRecord {
            unit: "tanks".into(),
            measure: "guard".into(),
            rule: rule.map(RuleId::from),
            ..blank("guard~1.1".into(), HazardOrigin::MeasureFailure, UtcTime(0))
        };
        for (of, unit, measure, rule, expected) in [
            (Some("tank.H"), "tanks", "guard", Some("tank.H"), true),
            (Some("tank.H"), "pumps", "guard", Some("tank.H"), false),
            (Some("tank.H"), "tanks", "dike", Some("tank.H"), false),
            (Some("tank.H"), "tanks", "guard", Some("tank.HH"), false),
            (Some("tank.H"), "tanks", "guard", None, false),
            (None, "tanks", "guard", None, true),
            (None, "tanks", "dike", None, false),
            (None, "tanks", "guard", Some("tank.H"), false),
        ] {
            let is_of = hazard(of).is_of(&unit.into(), &measure.into(), rule.map(RuleId::from).as_ref());
            assert_eq!(is_of, expected, "{of:?}: {unit} {measure} {rule:?}");
        }
    }
}
