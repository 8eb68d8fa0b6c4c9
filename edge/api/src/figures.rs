//! What can be counted in the live state, once for `kpi` and for the metrics.

use crate::{
    app::App,
    extract::Asked,
    indicators::{View, checked_days},
    problem::{Kind, Problem},
};
use axum::{Json, extract::State};
use davy_core::{
    model::{Priority, RiskLevel},
    quality::Severity,
    record::{AlarmState, HazardState, HiddenRecord, HidingKind, MeasureState},
    snapshot::Snapshot,
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// Counts by name; every name is there, with zero where there is nothing.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Figures {
    /// When the live state was taken.
    pub(crate) at: UtcTime,
    pub(crate) alarms_active: Counts,
    pub(crate) alarms_unacknowledged: Counts,
    pub(crate) rules_hidden: Counts,
    pub(crate) warnings_open: Counts,
    pub(crate) units: Counts,
    pub(crate) measures: Counts,
    pub(crate) tasks_open: u64,
    pub(crate) tasks_overdue: u64,
    pub(crate) hazards_open: Counts,
    pub(crate) people_located: u64,
    pub(crate) people_calling: u64,
    pub(crate) tags: Counts,
    pub(crate) journal: JournalFigures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct JournalFigures {
    pub(crate) head: u64,
    /// Since the start of the process, as are the others below.
    pub(crate) transactions: u64,
    pub(crate) batches: u64,
    pub(crate) rows: u64,
}

/// The figures of the live state, and the indicators of some days beside them.
#[derive(Serialize)]
pub(crate) struct Kpi {
    #[serde(flatten)]
    figures: Figures,
    indicators: View,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedDays {
    days: Option<u32>,
}

pub(crate) async fn kpi(State(app): State<Arc<App>>, Asked(asked): Asked<AskedDays>) -> Result<Json<Kpi>, Problem> {
    let days = checked_days(asked.days)?;
    let counting = Arc::clone(&app);
    let indicators = tokio::task::spawn_blocking(move || counting.indicators(days)).await;
    let indicators = indicators.map_err(|_| Kind::Internal.with("the indicators were not finished"))?;
    Ok(Json(Kpi { figures: app.figures(), indicators }))
}

impl App {
    pub(crate) fn figures(&self) -> Figures {
        let store = self.context.store.figures();
        let journal = JournalFigures {
            head: self.journal_head(),
            transactions: store.transactions,
            batches: store.batches,
            rows: store.rows,
        };
        count(&self.snapshot(), journal)
    }
}

fn count(snapshot: &Snapshot, journal: JournalFigures) -> Figures {
    let Snapshot { at, alarms, warnings, units, measures, tasks, hazards, hidden, people, tags, .. } = snapshot;
    let active = alarms.iter().filter(|alarm| is_active(alarm.state));
    let unacknowledged = alarms.iter().filter(|alarm| is_unacknowledged(alarm.state));
    Figures {
        at: *at,
        alarms_active: by(&PRIORITIES, active.map(|alarm| priority(alarm.priority))),
        alarms_unacknowledged: by(&PRIORITIES, unacknowledged.map(|alarm| priority(alarm.priority))),
        rules_hidden: by(&HIDINGS, hidden.iter().filter_map(hidden_by)),
        warnings_open: by(&LEVELS, warnings.iter().map(|warning| level(warning.level))),
        units: by(&LEVELS, units.iter().map(|unit| level(unit.colour))),
        measures: by(&["effective", "failed", "bypassed", "unknown"], measures.iter().map(|row| measure(row.state))),
        tasks_open: len(tasks.iter()),
        tasks_overdue: len(tasks.iter().filter(|task| task.overdue)),
        hazards_open: by(&["suspected", "confirmed"], hazards.iter().filter_map(|row| hazard(row.state))),
        people_located: len(people.iter()),
        people_calling: len(people.iter().filter(|person| person.sos)),
        tags: by(&["good", "uncertain", "bad"], tags.severities().map(severity)),
        journal,
    }
}

fn by(names: &[&'static str], found: impl Iterator<Item = &'static str>) -> Counts {
    let mut counts: Counts = names.iter().map(|name| (*name, 0)).collect();
    found.for_each(|name| *counts.entry(name).or_default() += 1);
    counts
}

fn len(rows: impl Iterator) -> u64 {
    rows.fold(0, |count, _| count + 1)
}

fn is_active(state: AlarmState) -> bool {
    matches!(state, AlarmState::Unacknowledged | AlarmState::Acknowledged)
}

fn is_unacknowledged(state: AlarmState) -> bool {
    use AlarmState::{LatchedUnacknowledged, ReturnedUnacknowledged, Unacknowledged};
    matches!(state, Unacknowledged | ReturnedUnacknowledged | LatchedUnacknowledged)
}

const PRIORITIES: [&str; 4] = ["low", "medium", "high", "critical"];

fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Medium => "medium",
        Priority::High => "high",
        Priority::Critical => "critical",
    }
}

const LEVELS: [&str; 4] = ["blue", "yellow", "orange", "red"];

fn level(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Blue => "blue",
        RiskLevel::Yellow => "yellow",
        RiskLevel::Orange => "orange",
        RiskLevel::Red => "red",
    }
}

fn measure(state: MeasureState) -> &'static str {
    match state {
        MeasureState::Effective => "effective",
        MeasureState::Failed => "failed",
        MeasureState::Bypassed => "bypassed",
        MeasureState::Unknown => "unknown",
    }
}

const HIDINGS: [&str; 3] = ["out_of_service", "shelved", "suppressed"];

/// A rule that is hidden in several ways counts once, as its alarm would be named.
fn hidden_by(hidden: &HiddenRecord) -> Option<&'static str> {
    let kind = hidden.hidden_because.iter().map(|hiding| hiding.kind).min();
    kind.map(|kind| match kind {
        HidingKind::OutOfService => "out_of_service",
        HidingKind::Shelved => "shelved",
        HidingKind::UnitStopped | HidingKind::SuppressedByRule => "suppressed",
    })
}

/// Only open hazards are in the live state.
fn hazard(state: HazardState) -> Option<&'static str> {
    match state {
        HazardState::Suspected => Some("suspected"),
        HazardState::Confirmed => Some("confirmed"),
        HazardState::Rejected | HazardState::Closed => None,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Good => "good",
        Severity::Uncertain => "uncertain",
        Severity::Bad => "bad",
    }
}
