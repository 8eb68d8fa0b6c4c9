//! The evidence of a warning: what was measured before, during and after it, with quality and both times, who was in the
//! unit, what cameras saw, which tickets were in force, what was derived and what people did, as one JSON document with a
//! hash. Put together from journal and recording, on request and when the warning closes; then the document is kept as a file
//! and the journal names its hash, so that a file that was changed later shows. Nothing here is ever in the way of the loop.

mod bounded;
mod command;
mod derived;
mod folder;
mod keeper;
mod patience;
mod people;
mod scope;
mod seal;
mod told;

#[cfg(test)]
mod tests;

pub(crate) use command::command;
pub(crate) use keeper::Keeper;

use crate::{clock, limits};
use anyhow::Context as _;
use davy_core::{record::EvidencePacket, time::UtcTime};
use davy_store::{Rows, StoreError, recording::Recording};
use derived::{Derived, Found};
use folder::Kept;
use patience::Patience;
use scope::Scope;
use seal::Sealed;
use std::path::Path;
use told::Told;

/// The evidence of a warning for whoever asks over HTTP: in time for the answer, and in words that do not say where the files
/// of the gateway are.
///
/// # Errors
/// As [`on_request`], and when the time is over before the warning is found.
pub(crate) fn answer(data: &Path, warning: &str) -> Result<Option<String>, String> {
    on_request(data, warning, Patience::of(limits::EVIDENCE_ANSWER_MAX)).map_err(|error| {
        let error = format!("{error:#}");
        tracing::warn!(warning, error, "the evidence cannot be put together");
        without_folder(data, &error)
    })
}

/// The evidence of a warning as text: the kept file where it is whole, else put together now. `None` when the journal knows
/// no such warning.
///
/// # Errors
/// When the journal cannot be read.
fn on_request(data: &Path, warning: &str, patience: Patience) -> anyhow::Result<Option<String>> {
    let note = match folder::kept(data, warning)? {
        Kept::Whole(text) => return Ok(Some(text)),
        Kept::Changed(why) => Some(why),
        Kept::Never => None,
    };
    Ok(assemble(data, warning, clock::utc(), note, patience)?.map(|sealed| sealed.text))
}

/// Puts the packet of a warning together from journal and recording; `None` when the journal knows no such warning.
fn assemble(
    data: &Path,
    warning: &str,
    now: UtcTime,
    note: Option<String>,
    patience: Patience,
) -> anyhow::Result<Option<Sealed>> {
    let rows = Rows::open(data).with_context(|| format!("open the journal in {}", data.display()))?;
    let Some(found) = derived::find(&rows, warning, patience)? else { return Ok(None) };
    let window = Window::of(&found, now);
    let mut told = Told::default();
    let scope = read_recording(data, &found, window, &mut told, patience.half());
    let derived = Derived::read(&rows, &found, &scope, window, patience)?;
    let mut notes: Vec<String> = note.into_iter().collect();
    notes.extend(window.notes(&found, now));
    notes.extend(told.notes());
    Ok(Some(seal::seal(packet(rows.epoch(), now, found, window, scope, told, derived, notes))))
}

/// Without a recording there is still the journal: what cannot be read is said in the notes.
fn read_recording(data: &Path, found: &Found, window: Window, told: &mut Told, patience: Patience) -> Scope {
    let why = |error: StoreError| {
        tracing::warn!(%error, warning = %found.warning.id, "its evidence is not complete");
        without_folder(data, &error)
    };
    let mut read = || -> Result<Scope, StoreError> {
        let recording = Recording::open(data)?;
        let scope = Scope::read(data, &recording, found, window)?;
        if let Err(error) = told.read(&recording, &scope, window, patience) {
            told.note(format!("the values are not complete: {}", why(error)));
        }
        Ok(scope)
    };
    read().unwrap_or_else(|error| Scope::unknown(found, &why(error)))
}

/// An error for a document that goes elsewhere: files by their names alone. A folder given from where davy was started says
/// nothing of the machine.
fn without_folder(data: &Path, error: &impl ToString) -> String {
    let (error, folder) = (error.to_string(), data.components().as_path().display().to_string());
    if !data.is_absolute() {
        return error;
    }
    error.replace(&format!("{folder}/"), "").replace(&folder, "the data directory")
}

#[expect(clippy::too_many_arguments, reason = "the document is made of as many parts")]
fn packet(
    epoch: u32,
    assembled_at: UtcTime,
    found: Found,
    window: Window,
    scope: Scope,
    told: Told,
    derived: Derived,
    mut notes: Vec<String>,
) -> EvidencePacket {
    notes.extend(scope.notes);
    notes.extend(derived.notes());
    let (people, people_left_out) = derived.people.finish();
    let (sights, sights_left_out) = told.sights.finish();
    EvidencePacket {
        sha256: String::new(),
        format: EvidencePacket::FORMAT.to_owned(),
        company_code: scope.company_code,
        gateway_id: scope.gateway_id,
        epoch,
        assembled_at,
        from: window.from,
        until: window.until,
        warning: found.warning,
        closed_at: found.closed_at,
        configurations: derived.configurations,
        samples: told.tags.into_values().map(told::Series::finish).collect(),
        people,
        people_left_out,
        sights,
        sights_left_out,
        tickets: derived.tickets.rows(),
        warnings: derived.warnings.rows(),
        alarms: derived.alarms.rows(),
        audits: derived.audits.rows(),
        measures: derived.measures.rows(),
        tasks: derived.tasks.rows(),
        hazards: derived.hazards.rows(),
        hidden: derived.hidden.rows(),
        units: derived.units.rows(),
        gaps: derived.gaps.rows(),
        statuses: derived.statuses.rows(),
        notes,
    }
}

/// The time that a packet is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    from: UtcTime,
    until: UtcTime,
    /// Values are read until then.
    values_until: UtcTime,
}

impl Window {
    fn of(found: &Found, now: UtcTime) -> Self {
        let from = before(found.warning.raised_at, limits::EVIDENCE_BEFORE_MS);
        let until = found.closed_at.map_or(now, |closed| closed.after(limits::EVIDENCE_AFTER_MS));
        let cleared = found.warning.cleared_at.map(|cleared| cleared.after(limits::EVIDENCE_AFTER_MS));
        Self { from, until, values_until: cleared.map_or(until, |cleared| cleared.min(until)) }
    }

    /// The spans of which values are read: the whole, or of a long one the beginning and the end.
    fn values(&self) -> Vec<(UtcTime, UtcTime)> {
        let half = limits::EVIDENCE_VALUES_MS;
        if self.values_until.since(self.from) <= i64::try_from(2 * half).unwrap_or(i64::MAX) {
            return vec![(self.from, self.values_until)];
        }
        vec![(self.from, self.from.after(half)), (before(self.values_until, half), self.values_until)]
    }

    fn notes(&self, found: &Found, now: UtcTime) -> Vec<String> {
        let mut notes = Vec::new();
        if found.closed_at.is_none() {
            notes.push(
                "the warning is open: the last seconds before the assembly may not be on the disk yet".to_owned(),
            );
        } else if now < self.until.after(limits::EVIDENCE_SETTLE_MS) {
            notes
                .push("put together before the time was over: values and records at its end may be missing".to_owned());
        }
        if let [(_, left_out_from), (left_out_until, _)] = self.values()[..] {
            notes.push(format!(
                "the time is long: values and sights from {left_out_from} to {left_out_until} are left out"
            ));
        }
        notes
    }
}

fn before(time: UtcTime, ms: u64) -> UtcTime {
    UtcTime(time.0.saturating_sub_unsigned(ms))
}
