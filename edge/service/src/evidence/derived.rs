//! What the journal says about a warning.

use crate::limits;
use davy_core::{record::WarningRecord, time::UtcTime};
use davy_store::{JournalRow, Rows, StoreError};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Rows about a warning.
pub(super) struct Derived {
    pub(super) records: Vec<Value>,
    /// Rows beyond the limit.
    pub(super) left_out: u64,
}

/// The last state of a warning.
pub(super) fn warning(rows: &Rows, id: &str) -> Result<Option<WarningRecord>, StoreError> {
    let mut last = None;
    each(rows, |row| {
        // A cheap look before an expensive one.
        if row.kind == "warning" && row.body.contains(id) {
            let read = serde_json::from_str::<WarningRecord>(&row.body).ok();
            last = read.filter(|warning| warning.id.as_str() == id).or(last.take());
        }
    })?;
    Ok(last)
}

/// Every row about the warning, its alarms, tasks and hazards, its measures and its unit; and, within its time, who moved
/// in or out, what was missing and what the gateway itself went through.
pub(super) fn read(rows: &Rows, warning: &WarningRecord, window: (UtcTime, UtcTime)) -> Result<Derived, StoreError> {
    let mut about: BTreeSet<String> = [warning.id.to_string()].into();
    about.extend(warning.alarms.iter().map(|alarm| alarm.id.to_string()));
    about.extend(warning.tasks.iter().map(ToString::to_string));
    let mut derived = Derived { records: Vec::new(), left_out: 0 };
    each(rows, |row| {
        if row.utc < window.0 || row.utc > window.1 {
            return;
        }
        let Ok(body) = serde_json::from_str::<Value>(&row.body) else { return };
        if !concerns(&row.kind, &body, warning, &mut about) {
            return;
        }
        if derived.records.len() < limits::EVIDENCE_RECORDS_MAX {
            derived.records.push(json!({"sequence": row.seq, "time": row.utc, "kind": row.kind, "data": body}));
        } else {
            derived.left_out += 1;
        }
    })?;
    Ok(derived)
}

fn concerns(kind: &str, body: &Value, warning: &WarningRecord, about: &mut BTreeSet<String>) -> bool {
    let is = |key: &str, id: &str| body[key].as_str() == Some(id);
    let (event, unit) = (warning.risk_event.as_str(), warning.unit.as_str());
    let its_own = match kind {
        "warning" => is("id", warning.id.as_str()),
        "alarm" => is("risk_event", event),
        "task" | "hazard" => is("warning", warning.id.as_str()),
        "measure" => is("risk_event", event),
        "unit" | "ticket" => is("unit", unit),
        "gap" | "status" | "person" => true,
        "audit" => body["object"].as_str().is_some_and(|object| about.contains(object)),
        _ => false,
    };
    // What people do later names the object that came earlier.
    if its_own && let Some(id) = body["id"].as_str() {
        about.insert(id.to_owned());
    }
    its_own
}

fn each(rows: &Rows, mut take: impl FnMut(&JournalRow)) -> Result<(), StoreError> {
    let mut seq = 0;
    loop {
        let page = rows.after(seq)?;
        let Some(last) = page.last() else { return Ok(()) };
        seq = last.seq;
        page.iter().for_each(&mut take);
    }
}
