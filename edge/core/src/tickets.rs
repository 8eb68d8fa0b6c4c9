//! The special-work tickets that are watched, and which of them stands in which slot of a rule.
//!
//! A rule over tickets is a row of slots (see [`crate::model::TicketRule`]). A ticket that offends takes a free slot and
//! keeps it while its alarm is open, and beyond that until another ticket needs the place; so each ticket has an alarm of its
//! own, with its own acknowledgement, task and hazard. Only when all slots are taken the last one is shared, and each further
//! ticket in it is a new occurrence, unacknowledged.

mod clock;
mod due;
mod ticket;

pub(crate) use ticket::{Ticket, record};

use crate::{
    id::{RuleIx, TicketId},
    limits::TICKETS_MAX,
    model::{RuleKind, Site, TicketKind},
    rules::Verdict,
    time::Monotonic,
};
use std::collections::BTreeMap;

/// All tickets and the rows of slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tickets {
    pub(crate) held: BTreeMap<TicketId, Ticket>,
    pub(crate) rows: Vec<Row>,
    /// Given to the ticket that is heard of next.
    pub(crate) order: u64,
    /// The ticket that was heard of last.
    pub(crate) latest: Option<TicketId>,
    /// The rows that look at a detector, by tag.
    pub(crate) rows_of_tag: Vec<Vec<usize>>,
    /// The rules over combustible gas, by unit.
    pub(crate) gas_rules: Vec<Vec<RuleIx>>,
}

/// The slots of one table of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The rule of the first slot.
    pub(crate) first: RuleIx,
    pub(crate) slots: Vec<Slot>,
    /// The timer that is set to judge it again.
    pub(crate) again: Option<Monotonic>,
}

/// One slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    /// The tickets in it; more than one only in the last slot.
    pub(crate) tickets: Vec<TicketId>,
    /// What was found last; `None` while there is nothing to say yet.
    pub(crate) verdict: Option<Verdict>,
}

impl Row {
    /// The rule of a slot.
    pub(crate) fn rule(&self, slot: usize) -> RuleIx {
        RuleIx::from(self.first.at() + slot)
    }

    /// Whether a ticket has a slot.
    pub(crate) fn holds(&self, ticket: &TicketId) -> bool {
        self.slots.iter().any(|slot| slot.tickets.contains(ticket))
    }
}

impl Tickets {
    pub(crate) fn new(site: &Site) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        let mut rows_of_tag = vec![Vec::new(); site.tags.len()];
        for (at, rule) in site.rules.iter().enumerate() {
            let RuleKind::Ticket(rule) = &rule.kind else { continue };
            if rule.slot == 0 {
                rows.push(Row { first: RuleIx::from(at), slots: Vec::new(), again: None });
                if let TicketKind::HotWorkGas { limits } = &rule.kind {
                    limits.iter().for_each(|(tag, _)| rows_of_tag[tag.at()].push(rows.len() - 1));
                }
            }
            if let Some(row) = rows.last_mut() {
                row.slots.push(Slot::default());
            }
        }
        let mut gas_rules = vec![Vec::new(); site.units.len()];
        for (at, rule) in site.rules.iter().enumerate().filter(|(_, rule)| rule.kind.is_over_combustible_gas(site)) {
            rule.unit.into_iter().for_each(|unit| gas_rules[unit.at()].push(RuleIx::from(at)));
        }
        Self { rows, rows_of_tag, gas_rules, ..Self::default() }
    }

    /// The slot of a rule.
    pub(crate) fn slot(&self, table: u32, slot: u32) -> Option<&Slot> {
        self.rows.get(table as usize)?.slots.get(slot as usize)
    }

    /// See [`Tickets::slot`].
    pub(crate) fn slot_mut(&mut self, table: u32, slot: u32) -> Option<&mut Slot> {
        self.rows.get_mut(table as usize)?.slots.get_mut(slot as usize)
    }

    /// Whether no further ticket finds room: all of them are open.
    pub(crate) fn is_full(&self) -> bool {
        self.held.len() >= TICKETS_MAX && self.held.values().all(|ticket| !ticket.record.is_finished())
    }
}
