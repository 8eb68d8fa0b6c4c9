//! The master alarm table over configurations: at a start the table in force is compared with the one that was saved, and
//! what differs is journaled, each rule once.
//!
//! A table may be very large, so it is compared a slice at a time, at the start and then at ticks a moment apart: nothing else
//! waits for it, and no more than a slice is in memory.
//!
//! A rule's saved row is written with the record that tells of it, so in one transaction: a process that dies before has
//! told nothing and tells it at its next start, one that dies after has told it. The table as a whole is written with the last
//! slice. Where more rules differ than may be told at once, the saved rows of the others stay as they are, and the next
//! start tells them.

use super::Engine;
use crate::{
    effect::Effects,
    id::RuleId,
    limits::{CHANGES_MAX, CHANGES_SLICE, CHANGES_SLICE_EVERY_MS},
    record::{ChangeCounts, ChangeRecord, Record, TableChange},
    saved::{SavedBody, SavedChange, SavedTable},
    table::{self, RuleRow},
    time::Now,
    timers::Timer,
};
use std::collections::BTreeMap;

/// A comparison that goes on.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    /// The table that was told last; none at the very first start.
    before: Option<SavedTable>,
    /// Its rows that have not been compared.
    saved: BTreeMap<RuleId, RuleRow>,
    /// How many of the site's rules have been compared.
    compared: usize,
    rules: ChangeCounts,
    told: usize,
}

impl Engine {
    /// Begins to tell what has become of the table.
    pub(super) fn tell_changes(&mut self) {
        self.telling = Some(Box::new(Telling {
            before: std::mem::take(&mut self.orphans.table),
            saved: std::mem::take(&mut self.orphans.table_rows),
            compared: 0,
            rules: ChangeCounts { rules: count(self.site.rules.len()), ..ChangeCounts::default() },
            told: 0,
        }));
    }

    /// Tells the next slice.
    pub(super) fn go_on_telling(&mut self, now: Now, out: &mut Effects) {
        let Some(mut telling) = self.telling.take() else { return };
        let head = self.change_record(telling.before.as_ref(), now);
        let slice = self.site.rules.iter().skip(telling.compared).take(CHANGES_SLICE);
        for rule in slice {
            telling.compare(table::row(&self.site, rule), &head, out);
        }
        if telling.compared < self.site.rules.len() {
            self.timers.set(now.monotonic.after(CHANGES_SLICE_EVERY_MS), Timer::Table);
            self.telling = Some(telling);
            return;
        }
        self.end_telling(*telling, head, out);
    }

    fn end_telling(&self, mut telling: Telling, head: ChangeRecord, out: &mut Effects) {
        telling.tell_removed(&head, out);
        let table = SavedTable {
            config_version: self.site.gateway.config_version.clone(),
            change: self.site.gateway.change.clone(),
            later: telling.rules.later,
            policy: table::policy(&self.site.policy),
        };
        out.records.extend(policy_change(&telling, &table, &head));
        if telling.before.as_ref() == Some(&table) && telling.told == 0 {
            return;
        }
        out.records.push(Record::Change(ChangeRecord { counts: Some(telling.rules), ..head }));
        out.saved.push(SavedChange::put_only("table", SavedBody::Table(Box::new(table))));
    }

    /// The record of the whole table, on which those of the rules are made.
    fn change_record(&self, before: Option<&SavedTable>, now: Now) -> ChangeRecord {
        let gateway = &self.site.gateway;
        let is_other = before.is_none_or(|before| before.config_version != gateway.config_version);
        let goes_on = before.is_some_and(|before| before.later > 0);
        let stated = gateway.change.clone().filter(|_| is_other || goes_on);
        ChangeRecord {
            change: TableChange::Configuration,
            rule: None,
            name: gateway.name.clone().into(),
            unit: None,
            fields: Vec::new(),
            counts: None,
            at: now.utc,
            previous_version: before.map(|before| before.config_version.clone()),
            config_version: gateway.config_version.clone(),
            stated_before: is_other && stated.is_some() && before.is_some_and(|before| before.change == stated),
            stated,
        }
    }
}

/// What another policy has changed; it is saved with the whole table, so in the same transaction. A table whose policy was
/// never saved says nothing of what it was.
fn policy_change(telling: &Telling, table: &SavedTable, head: &ChangeRecord) -> Option<Record> {
    let before = telling.before.as_ref().filter(|before| !before.policy.is_empty())?;
    let fields = table::field_changes(&before.policy, &table.policy);
    let change = ChangeRecord { change: TableChange::Policy, fields, ..head.clone() };
    (!change.fields.is_empty()).then_some(Record::Change(change))
}

fn of_rule(head: &ChangeRecord, change: TableChange, before: Option<&RuleRow>, now: Option<&RuleRow>) -> ChangeRecord {
    let row = now.or(before);
    ChangeRecord {
        change,
        rule: row.map(|row| row.rule.clone()),
        name: row.map(|row| row.name.clone()).unwrap_or_default(),
        unit: row.and_then(|row| row.unit.clone()),
        fields: table::differences(before, now),
        ..head.clone()
    }
}

impl Telling {
    fn compare(&mut self, row: RuleRow, head: &ChangeRecord, out: &mut Effects) {
        self.compared += 1;
        let old = self.saved.remove(&row.rule);
        if old.as_ref() == Some(&row) {
            return;
        }
        // At the very first start the table as a whole is new, and no rule of it is a change.
        if self.before.is_some() {
            let change = if old.is_some() { TableChange::Changed } else { TableChange::Added };
            if !self.note(change) {
                return;
            }
            out.records.push(Record::Change(of_rule(head, change, old.as_ref(), Some(&row))));
        }
        out.saved.push(SavedChange::put("table", row.rule.clone(), SavedBody::TableRow(Box::new(row))));
    }

    fn tell_removed(&mut self, head: &ChangeRecord, out: &mut Effects) {
        for (id, old) in std::mem::take(&mut self.saved) {
            if self.note(TableChange::Removed) {
                out.records.push(Record::Change(of_rule(head, TableChange::Removed, Some(&old), None)));
                out.saved.push(SavedChange::remove("table", id));
            }
        }
    }

    /// Counts a change; whether it is told now.
    fn note(&mut self, change: TableChange) -> bool {
        match change {
            TableChange::Added => self.rules.added += 1,
            TableChange::Removed => self.rules.removed += 1,
            TableChange::Changed => self.rules.changed += 1,
            TableChange::Configuration | TableChange::Policy => {}
        }
        let is_told = self.told < CHANGES_MAX;
        self.told += usize::from(is_told);
        self.rules.later += u32::from(!is_told);
        is_told
    }
}

fn count(rules: usize) -> u32 {
    u32::try_from(rules).unwrap_or(u32::MAX)
}
