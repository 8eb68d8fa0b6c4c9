//! The master alarm table over configurations: at a start the table in force is compared with the one that was saved, and
//! what differs is journaled, each rule once.
//!
//! A rule's saved row is written with the record that tells of it, so in one transaction: a process that dies before has
//! told nothing and tells it at its next start, one that dies after has told it. Where more rules differ than may be told
//! at once, the saved rows of the others stay as they are, and the next start tells them.

use super::Engine;
use crate::{
    effect::Effects,
    id::RuleId,
    limits::CHANGES_MAX,
    record::{ChangeCounts, ChangeRecord, Record, TableChange},
    saved::{SavedBody, SavedChange, SavedTable},
    table::{self, RuleRow},
    time::Now,
};
use std::collections::BTreeMap;

impl Engine {
    /// Tells what has become of the table, if anything has.
    pub(super) fn tell_changes(&mut self, now: Now, out: &mut Effects) {
        let before = std::mem::take(&mut self.orphans.table);
        let mut saved = std::mem::take(&mut self.orphans.table_rows);
        let is_first = before.is_none();
        let mut rules = ChangeCounts { rules: count(self.site.rules.len()), ..ChangeCounts::default() };
        let head = self.change_record(before.as_ref(), now);
        let (mut told, mut rows) = (Vec::new(), Vec::new());
        for rule in &self.site.rules {
            let row = table::row(&self.site, rule);
            let old = saved.remove(&rule.id);
            if old.as_ref() == Some(&row) {
                continue;
            }
            if is_first {
                rows.push(put(row));
                continue;
            }
            let change = if old.is_some() { TableChange::Changed } else { TableChange::Added };
            if rules.note(change, told.len()) {
                told.push(of_rule(&head, change, old.as_ref(), Some(&row)));
                rows.push(put(row));
            }
        }
        self.tell_removed(&head, saved, &mut rules, &mut told, &mut rows);
        let table = SavedTable {
            config_version: self.site.gateway.config_version.clone(),
            change: self.site.gateway.change.clone(),
            later: rules.later,
        };
        if before.as_ref() == Some(&table) && told.is_empty() {
            return;
        }
        out.records.extend(told.into_iter().map(Record::Change));
        out.records.push(Record::Change(ChangeRecord { counts: Some(rules), ..head }));
        out.saved.extend(rows);
        out.saved.push(SavedChange::put_only("table", SavedBody::Table(table)));
    }

    fn tell_removed(
        &self,
        head: &ChangeRecord,
        gone: BTreeMap<RuleId, RuleRow>,
        rules: &mut ChangeCounts,
        told: &mut Vec<ChangeRecord>,
        rows: &mut Vec<SavedChange>,
    ) {
        for (id, old) in gone {
            if rules.note(TableChange::Removed, told.len()) {
                told.push(of_rule(head, TableChange::Removed, Some(&old), None));
                rows.push(SavedChange::remove("table", id));
            }
        }
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

fn put(row: RuleRow) -> SavedChange {
    SavedChange::put("table", row.rule.clone(), SavedBody::TableRow(Box::new(row)))
}

fn count(rules: usize) -> u32 {
    u32::try_from(rules).unwrap_or(u32::MAX)
}

impl ChangeCounts {
    /// Counts a rule; whether it is told now.
    fn note(&mut self, change: TableChange, told: usize) -> bool {
        match change {
            TableChange::Added => self.added += 1,
            TableChange::Removed => self.removed += 1,
            TableChange::Changed => self.changed += 1,
            TableChange::Configuration => {}
        }
        self.later += u32::from(told >= CHANGES_MAX);
        told < CHANGES_MAX
    }
}
