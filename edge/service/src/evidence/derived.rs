//! What the journal says about a warning.

use super::{
    Window,
    bounded::Bounded,
    patience::{OVER, Patience},
    people::People,
    scope::Scope,
};
use crate::limits;
use anyhow::bail;
use davy_core::{id::ZoneId, record::*, time::UtcTime};
use davy_store::{JournalRow, Rows as Journal, StoreError};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeSet;

/// A warning as the journal has it.
pub(super) struct Found {
    /// Its last state.
    pub(super) warning: WarningRecord,
    /// Its first row.
    first: u64,
    /// Its last row.
    last: u64,
    /// Whether the row of its raise is among those seen.
    begins: bool,
    pub(super) closed_at: Option<UtcTime>,
    /// The zones of the people that it named.
    pub(super) zones: BTreeSet<ZoneId>,
}

/// Looks for a warning, from the newest row backwards; of the journal only rows about warnings are read. Without all of its
/// rows nothing can be said of it, so this fails when there is no time left.
pub(super) fn find(rows: &Journal, id: &str, patience: Patience) -> anyhow::Result<Option<Found>> {
    let (mut found, mut before) = (None, u64::MAX);
    loop {
        let page = rows.warnings_between(0, before, limits::EVIDENCE_PAGE_ROWS)?;
        let Some(oldest) = page.last() else { return Ok(found) };
        if before != u64::MAX && patience.is_over() {
            bail!("it is not found in the journal back to {}: {OVER}", page[0].utc);
        }
        before = oldest.seq;
        for row in &page {
            if found.as_ref().is_some_and(|found| found.begins && row.utc < found.warning.raised_at) {
                return Ok(found);
            }
            // A cheap look before an expensive one.
            let read = row.body.contains(id).then(|| serde_json::from_str::<WarningRecord>(&row.body).ok()).flatten();
            if let Some(warning) = read.filter(|warning| warning.id.as_str() == id) {
                take_state(&mut found, warning, row);
            }
        }
    }
}

fn take_state(found: &mut Option<Found>, warning: WarningRecord, row: &JournalRow) {
    let zones = warning.people.iter().filter_map(|person| person.zone.clone()).collect::<BTreeSet<_>>();
    let closed_at = (warning.state == WarningState::Closed).then_some(row.utc);
    let found = found.get_or_insert(Found {
        warning,
        first: row.seq,
        last: row.seq,
        begins: false,
        closed_at: None,
        zones: BTreeSet::new(),
    });
    found.first = row.seq;
    found.begins |= row.utc == found.warning.raised_at;
    found.closed_at = closed_at.or(found.closed_at);
    found.zones.extend(zones);
}

/// Rows about a warning, by kind.
pub(super) struct Derived {
    id: String,
    event: String,
    unit: String,
    rules: BTreeSet<String>,
    zones: BTreeSet<ZoneId>,
    /// What people may have done something about.
    about: BTreeSet<String>,
    pub(super) warnings: Bounded<JournaledRow<WarningRecord>>,
    pub(super) alarms: Bounded<JournaledRow<AlarmRecord>>,
    pub(super) audits: Bounded<JournaledRow<AuditRecord>>,
    pub(super) measures: Bounded<JournaledRow<MeasureRecord>>,
    pub(super) tasks: Bounded<JournaledRow<TaskRecord>>,
    pub(super) hazards: Bounded<JournaledRow<HazardRecord>>,
    pub(super) hidden: Bounded<JournaledRow<HiddenRecord>>,
    pub(super) units: Bounded<JournaledRow<UnitRecord>>,
    pub(super) tickets: Bounded<JournaledRow<TicketRecord>>,
    pub(super) gaps: Bounded<JournaledRow<GapRecord>>,
    pub(super) statuses: Bounded<JournaledRow<StatusRecord>>,
    pub(super) people: People,
    pub(super) configurations: Vec<ConfigurationSeen>,
    unreadable: u64,
    notes: Vec<String>,
}

impl Derived {
    /// Reads from what stood before the time to its end.
    pub(super) fn read(
        rows: &Journal,
        found: &Found,
        scope: &Scope,
        window: Window,
        patience: Patience,
    ) -> Result<Self, StoreError> {
        let mut derived = Self::new(found, scope);
        let begin = derived.look_back(rows, found, window, patience.half())?;
        derived.read_from(rows, begin, found, window, patience)?;
        Ok(derived)
    }

    fn new(found: &Found, scope: &Scope) -> Self {
        let warning = &found.warning;
        let mut about: BTreeSet<String> = [warning.id.to_string(), warning.unit.to_string()].into();
        about.extend(warning.alarms.iter().map(|alarm| alarm.id.to_string()));
        about.extend(warning.tasks.iter().map(ToString::to_string));
        let mut rules: BTreeSet<String> = scope.rules.iter().map(ToString::to_string).collect();
        rules.extend(warning.alarms.iter().map(|alarm| alarm.rule.to_string()));
        about.extend(rules.iter().cloned());
        Self {
            id: warning.id.to_string(),
            event: warning.risk_event.to_string(),
            unit: warning.unit.to_string(),
            rules,
            zones: scope.zones.clone(),
            about,
            warnings: list(),
            alarms: list(),
            audits: list(),
            measures: list(),
            tasks: list(),
            hazards: list(),
            hidden: list(),
            units: list(),
            tickets: list(),
            gaps: list(),
            statuses: list(),
            people: People::new(scope.zones.clone()),
            configurations: Vec::new(),
            unreadable: 0,
            notes: Vec::new(),
        }
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let unreadable = (self.unreadable > 0)
            .then(|| format!("{} rows of the journal cannot be read by this version of davy", self.unreadable));
        self.notes.iter().cloned().chain(unreadable).collect()
    }

    /// Goes back to the beginning of the time, and further for what stood then, which is taken. Gives the place of the first
    /// row of the time.
    fn look_back(
        &mut self,
        rows: &Journal,
        found: &Found,
        window: Window,
        patience: Patience,
    ) -> Result<u64, StoreError> {
        let (mut begin, mut earlier, mut seen) = (found.first, Vec::new(), BTreeSet::new());
        let (mut before, mut looked) = (found.first, 0);
        'back: loop {
            let page = rows.before(before, limits::EVIDENCE_PAGE_ROWS)?;
            let Some(oldest) = page.last() else { break };
            before = oldest.seq;
            if patience.is_over() {
                self.notes.push(format!("the journal before {} is not looked through: {OVER}", page[0].utc));
                break;
            }
            for row in page {
                // One from before is the boundary, whatever the clock said still earlier.
                if looked == 0 && row.utc >= window.from {
                    begin = row.seq;
                    continue;
                }
                looked += 1;
                if looked > limits::EVIDENCE_LOOK_BACK_ROWS_MAX {
                    self.notes.push(format!("what stood before is looked for back to {}: earlier tickets and people that nothing was said of since are not listed", row.utc));
                    break 'back;
                }
                if state_key(&row).is_some_and(|key| seen.insert(key)) {
                    earlier.push(row);
                }
            }
        }
        earlier.iter().rev().for_each(|row| self.take_standing(row));
        Ok(begin)
    }

    /// A row that is the last one of its object before the time: taken when there is something left of it.
    fn take_standing(&mut self, row: &JournalRow) {
        match row.kind.as_str() {
            "alarm" if read::<AlarmRecord>(row).is_some_and(|alarm| alarm.state == AlarmState::Normal) => {}
            "ticket" if read::<TicketRecord>(row).is_some_and(|ticket| ticket.is_finished()) => {}
            "hidden" if read::<HiddenRecord>(row).is_some_and(|hidden| hidden.hidden_because.is_empty()) => {}
            _ => self.take(row),
        }
    }

    fn read_from(
        &mut self,
        rows: &Journal,
        begin: u64,
        found: &Found,
        window: Window,
        patience: Patience,
    ) -> Result<(), StoreError> {
        let (mut seq, mut looked) = (begin.saturating_sub(1), 0);
        loop {
            let page = rows.after(seq)?;
            let Some(newest) = page.last() else { return Ok(()) };
            seq = newest.seq;
            let is_over = patience.is_over();
            for row in &page {
                if row.seq > found.last && row.utc > window.until {
                    return Ok(());
                }
                looked += 1;
                if is_over || looked > limits::EVIDENCE_ROWS_READ_MAX {
                    let why = if is_over { OVER } else { "too much was written since" };
                    self.notes.push(format!("the journal is read until {} only: {why}", row.utc));
                    return Ok(());
                }
                self.take(row);
            }
        }
    }

    fn take(&mut self, row: &JournalRow) {
        let unreadable = &mut self.unreadable;
        let (id, event, unit) = (&self.id, &self.event, &self.unit);
        let taken = match row.kind.as_str() {
            "warning" => {
                let people = &mut self.people;
                keep(&mut self.warnings, unreadable, row, |warning: &WarningRecord| {
                    let its_own = warning.id.as_str() == id;
                    if its_own {
                        people.named(&warning.people);
                    }
                    its_own
                })
            }
            "alarm" => {
                let about = &mut self.about;
                keep(&mut self.alarms, unreadable, row, |alarm: &AlarmRecord| {
                    let its_own = alarm.risk_event.as_ref().is_some_and(|its| its.as_str() == event)
                        || about.contains(alarm.id.as_str());
                    if its_own {
                        about.insert(alarm.id.to_string());
                    }
                    its_own
                })
            }
            "measure" => keep(&mut self.measures, unreadable, row, |measure: &MeasureRecord| {
                measure.risk_event.as_str() == event
            }),
            "task" => {
                let about = &mut self.about;
                keep(&mut self.tasks, unreadable, row, |task: &TaskRecord| {
                    let its_own =
                        task.warning.as_ref().is_some_and(|its| its.as_str() == id) || about.contains(task.id.as_str());
                    if its_own {
                        about.insert(task.id.to_string());
                    }
                    its_own
                })
            }
            "hazard" => {
                let about = &mut self.about;
                keep(&mut self.hazards, unreadable, row, |hazard: &HazardRecord| {
                    let its_own = hazard.warning.as_ref().is_some_and(|its| its.as_str() == id);
                    if its_own {
                        about.insert(hazard.id.to_string());
                    }
                    its_own
                })
            }
            "hidden" => {
                let rules = &self.rules;
                keep(&mut self.hidden, unreadable, row, |hidden: &HiddenRecord| rules.contains(hidden.rule.as_str()))
            }
            "unit" => keep(&mut self.units, unreadable, row, |record: &UnitRecord| record.unit.as_str() == unit),
            "ticket" => {
                let zones = &self.zones;
                keep(&mut self.tickets, unreadable, row, |ticket: &TicketRecord| {
                    ticket.unit.as_ref().is_some_and(|its| its.as_str() == unit)
                        || ticket.zone.as_ref().is_some_and(|zone| zones.contains(zone))
                })
            }
            "gap" => keep(&mut self.gaps, unreadable, row, |_: &GapRecord| true),
            "status" => keep(&mut self.statuses, unreadable, row, |_: &StatusRecord| true),
            "audit" => {
                let about = &self.about;
                keep(&mut self.audits, unreadable, row, |audit: &AuditRecord| {
                    audit.object.as_ref().is_none_or(|object| about.contains(object))
                })
            }
            "person" => {
                match read::<PersonRecord>(row) {
                    Some(person) => self.people.take(&person, row.utc),
                    None => self.unreadable += 1,
                }
                false
            }
            _ => false,
        };
        if taken {
            self.see_configuration(row);
        }
    }

    fn see_configuration(&mut self, row: &JournalRow) {
        let Some(Versioned { config_version: Some(config_version) }) = read(row) else { return };
        if !self.configurations.iter().any(|seen| seen.config_version == config_version) {
            self.configurations.push(ConfigurationSeen { config_version, first_seen: row.utc });
        }
    }
}

#[derive(Deserialize)]
struct Versioned {
    config_version: Option<String>,
}

/// The object of a row whose last state before the time is of interest.
fn state_key(row: &JournalRow) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Ids {
        id: Option<String>,
        measure: Option<String>,
        unit: Option<String>,
        rule: Option<String>,
    }
    let ids = || serde_json::from_str::<Ids>(&row.body).ok();
    let id = match row.kind.as_str() {
        "alarm" | "ticket" | "person" => ids()?.id,
        "measure" => ids()?.measure,
        "unit" => ids()?.unit,
        "hidden" => ids()?.rule,
        // The last start says which configuration is in force.
        "status" => Some(String::new()),
        _ => None,
    };
    Some((row.kind.clone(), id?))
}

fn list<T>() -> Bounded<T> {
    Bounded::new(limits::EVIDENCE_ROWS_MAX)
}

fn read<T: DeserializeOwned>(row: &JournalRow) -> Option<T> {
    serde_json::from_str(&row.body).ok()
}

/// Keeps a row that belongs to the warning; says whether it does.
fn keep<T: DeserializeOwned>(
    list: &mut Bounded<JournaledRow<T>>,
    unreadable: &mut u64,
    row: &JournalRow,
    belongs: impl FnOnce(&T) -> bool,
) -> bool {
    let Some(record) = read::<T>(row) else {
        *unreadable += 1;
        return false;
    };
    let belongs = belongs(&record);
    if belongs {
        list.push(JournaledRow { sequence: row.seq, at: row.utc, record });
    }
    belongs
}
