//! Special-work tickets: what is heard of them, and which of them stands in which slot of a rule.

use super::Engine;
use crate::{
    effect::Effects,
    event::TicketUpdate,
    id::*,
    limits::TICKETS_MAX,
    model::{RuleKind, TicketKind, TicketRule},
    record::{AlarmRecord, Record},
    rules::Verdict,
    saved::{SavedBody, SavedChange, SavedTicket},
    tickets::{Ticket, record},
    time::Now,
    timers::Timer,
};
use std::collections::BTreeMap;

impl Engine {
    /// Takes what the ticket system says of a ticket. The same again, or what is older than what is known by its own time,
    /// changes nothing; a finished ticket that is said to be in work again is watched again.
    pub(super) fn take_ticket(&mut self, update: &TicketUpdate, now: Now, out: &mut Effects) {
        let room = self.room();
        let tickets = &mut self.inputs.tickets;
        let id = match tickets.held.get_mut(&update.id) {
            Some(known) if known.is_newer_than(update) || known.says_the_same(&self.site, update) => return,
            Some(known) => {
                known.take(&self.site, update, now);
                update.id.clone()
            }
            None => match room {
                Some(forgotten) => self.admit(update, forgotten, now, out),
                None => return out.records.push(Record::Ticket(record(&self.site, update, false))),
            },
        };
        self.put_ticket(&id, now, out);
        self.judge_tickets(|_| true, now, out);
        self.place_ticket(&id, out);
    }

    /// `None` when there is no room for another ticket; else which has to be forgotten for it, if any: of those that are
    /// finished and about which no alarm is open the one that was heard of longest ago.
    fn room(&self) -> Option<Option<TicketId>> {
        let tickets = &self.inputs.tickets;
        if tickets.held.len() < TICKETS_MAX {
            return Some(None);
        }
        let finished = tickets.held.values().filter(|ticket| ticket.record.is_finished());
        let forgettable = finished.filter(|ticket| !self.has_alarm(&ticket.record.id));
        forgettable.min_by_key(|ticket| ticket.order).map(|ticket| Some(ticket.record.id.clone()))
    }

    fn has_alarm(&self, ticket: &TicketId) -> bool {
        self.inputs.tickets.rows.iter().any(|row| {
            (0..row.slots.len()).any(|slot| row.slots[slot].tickets.contains(ticket) && !self.is_idle(row.rule(slot)))
        })
    }

    /// Begins to watch a new ticket, in the place of one that is forgotten.
    fn admit(&mut self, update: &TicketUpdate, forgotten: Option<TicketId>, now: Now, out: &mut Effects) -> TicketId {
        let tickets = &mut self.inputs.tickets;
        if let Some(forgotten) = forgotten {
            tickets.held.remove(&forgotten);
            out.saved.push(SavedChange::remove("ticket", &forgotten));
        }
        let ticket = Ticket::new(&self.site, update, now);
        let id = ticket.record.id.clone();
        tickets.held.insert(id.clone(), ticket);
        id
    }

    fn put_ticket(&mut self, id: &TicketId, now: Now, out: &mut Effects) {
        let tickets = &mut self.inputs.tickets;
        let Some(ticket) = tickets.held.get_mut(id) else { return };
        tickets.order += 1;
        ticket.order = tickets.order;
        tickets.latest = Some(id.clone());
        out.records.push(Record::Ticket(ticket.record.clone()));
        out.saved.push(SavedChange::put("ticket", id, SavedBody::Ticket(Box::new(ticket.saved(now)))));
    }

    /// An alarm goes where its ticket is now.
    fn place_ticket(&mut self, id: &TicketId, out: &mut Effects) {
        for row in 0..self.inputs.tickets.rows.len() {
            for slot in 0..self.inputs.tickets.rows[row].slots.len() {
                let ix = self.inputs.tickets.rows[row].rule(slot);
                let is_its = self.inputs.tickets.rows[row].slots[slot].tickets.last() == Some(id);
                if is_its && self.rules[ix.at()].active && self.place(ix) {
                    self.put_alarm_of(ix, out);
                }
            }
        }
    }

    /// Follows the wall clock: when it was stepped the saved tickets get its new relation to their own clocks, so that a
    /// restart goes on from there; and when it reads something possible for the first time, the clocks of tickets that
    /// came before are set forward to it.
    pub(super) fn set_tickets_to_wall_clock(&mut self, now: Now, out: &mut Effects) {
        let mut was_set = false;
        for ticket in self.inputs.tickets.held.values_mut() {
            was_set |= ticket.clock.set_when_possible(now);
            let body = SavedBody::Ticket(Box::new(ticket.saved(now)));
            out.saved.push(SavedChange::put("ticket", &ticket.record.id, body));
        }
        if was_set {
            self.judge_tickets(|_| true, now, out);
        }
    }

    pub(super) fn take_over_tickets(&mut self, saved: BTreeMap<TicketId, SavedTicket>, now: Now) {
        let tickets = &mut self.inputs.tickets;
        for (id, saved) in saved {
            let ticket = Ticket::restored(&self.site, saved, now);
            if ticket.order >= tickets.order {
                tickets.order = ticket.order;
                tickets.latest = Some(id.clone());
            }
            tickets.held.insert(id, ticket);
        }
    }

    /// The tickets in the slot of a rule.
    pub(super) fn tickets_in(&self, ix: RuleIx) -> Vec<TicketId> {
        let RuleKind::Ticket(rule) = &self.rule(ix).kind else { return Vec::new() };
        self.inputs.tickets.slot(rule.table, rule.slot).map_or_else(Vec::new, |slot| slot.tickets.clone())
    }

    /// An alarm over tickets is called by its ticket, so that the alarms of one table are told apart wherever they stand.
    pub(super) fn name_ticket(&mut self, ix: RuleIx) {
        let RuleKind::Ticket(rule) = &self.site.rules[ix.at()].kind else { return };
        let Some(ticket) = self.inputs.ticket_of(rule) else { return };
        let name = format!("{}（{}）", self.site.rules[ix.at()].name, ticket.record.id);
        self.alarms.change(ix, |alarm| alarm.name = name.into());
    }

    pub(super) fn take_over_slot(&mut self, ix: RuleIx, mut bound: Vec<TicketId>) {
        let RuleKind::Ticket(TicketRule { table, slot, .. }) = self.rule(ix).kind else { return };
        bound.retain(|ticket| self.inputs.tickets.held.contains_key(ticket));
        if let Some(slot) = self.inputs.tickets.slot_mut(table, slot) {
            slot.tickets = bound;
        }
    }

    /// Judges the tables whose kind is chosen.
    pub(super) fn judge_tickets(&mut self, chosen: impl Fn(&TicketKind) -> bool, now: Now, out: &mut Effects) {
        for row in 0..self.inputs.tickets.rows.len() {
            if self.ticket_rule(row).is_some_and(|rule| chosen(&rule.kind)) {
                self.judge_ticket_row(row, now, out);
            }
        }
    }

    /// The value of a detector changed, or what is known of it.
    pub(super) fn judge_tickets_of_tag(&mut self, tag: TagIx, now: Now, out: &mut Effects) {
        if self.inputs.tickets.held.is_empty() {
            return;
        }
        for at in 0..self.inputs.tickets.rows_of_tag[tag.at()].len() {
            self.judge_ticket_row(self.inputs.tickets.rows_of_tag[tag.at()][at], now, out);
        }
    }

    /// A rule began or ended, or what is known of it changed.
    pub(super) fn judge_tickets_of_rule(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let of_unit = self.rule(ix).unit.map(|unit| &self.inputs.tickets.gas_rules[unit.at()]);
        if of_unit.is_some_and(|rules| rules.binary_search(&ix).is_ok()) {
            self.judge_tickets(|kind| matches!(kind, TicketKind::HotWorkGasAlarm), now, out);
        }
    }

    fn ticket_rule(&self, row: usize) -> Option<&TicketRule> {
        let RuleKind::Ticket(rule) = &self.rule(self.inputs.tickets.rows[row].first).kind else { return None };
        Some(rule)
    }

    pub(super) fn judge_ticket_row(&mut self, row: usize, now: Now, out: &mut Effects) {
        self.free_shared(row, now, out);
        while let Some(ticket) = self.offender(row, now) {
            self.seat(row, ticket, now, out);
        }
        for slot in 0..self.inputs.tickets.rows[row].slots.len() {
            let ix = self.inputs.tickets.rows[row].rule(slot);
            let was_active = self.rules[ix.at()].active;
            self.judge_slot(row, slot, now, out);
            if was_active && !self.rules[ix.at()].active {
                // Free now: the last one says what is not known of the others.
                self.judge_slot(row, slot, now, out);
            }
        }
        self.look_again(row, now);
    }

    fn judge_slot(&mut self, row: usize, slot: usize, now: Now, out: &mut Effects) {
        let verdict = self.slot_verdict(row, slot, now);
        self.inputs.tickets.rows[row].slots[slot].verdict = verdict;
        self.judge(self.inputs.tickets.rows[row].rule(slot), now, out);
    }

    /// A slot that is shared lets those go that do not offend; one always stays, until another ticket needs its place.
    fn free_shared(&mut self, row: usize, now: Now, out: &mut Effects) {
        for slot in 0..self.inputs.tickets.rows[row].slots.len() {
            let mut changed = false;
            while let Some(at) = self.innocent(row, slot, now) {
                self.inputs.tickets.rows[row].slots[slot].tickets.remove(at);
                changed = true;
            }
            if changed {
                self.save_rule(self.inputs.tickets.rows[row].rule(slot), now, out);
            }
        }
    }

    fn innocent(&self, row: usize, slot: usize, now: Now) -> Option<usize> {
        let tickets = &self.inputs.tickets.rows[row].slots[slot].tickets;
        let is_innocent = |id: &TicketId| self.standing(row, id, true, now) == Some(Verdict::False);
        tickets.iter().position(is_innocent).filter(|_| tickets.len() > 1)
    }

    /// Neither active nor about to be, and without an open alarm.
    fn is_idle(&self, ix: RuleIx) -> bool {
        let state = self.rules[ix.at()];
        !state.active && state.pending.is_none() && self.alarms.get(ix).is_none()
    }

    /// A ticket that offends and has no slot.
    fn offender(&self, row: usize, now: Now) -> Option<TicketId> {
        let seats = &self.inputs.tickets.rows[row];
        let waiting = self.inputs.tickets.held.keys().filter(|id| !seats.holds(id));
        waiting.into_iter().find(|id| self.standing(row, id, false, now) == Some(Verdict::True)).cloned()
    }

    /// Gives a ticket a slot: a free one that nobody has shelved or stopped, and rather one whose last ticket has left no task and no hazard open, so that
    /// its own are not taken for a recurrence of those.
    fn seat(&mut self, row: usize, ticket: TicketId, now: Now, out: &mut Effects) {
        let seats = &self.inputs.tickets.rows[row];
        let is_innocent = |id: &TicketId| self.standing(row, id, true, now) == Some(Verdict::False);
        let is_free = |slot: &usize| {
            let ix = seats.rule(*slot);
            self.is_idle(ix) && !self.hiding.hides(ix) && seats.slots[*slot].tickets.iter().all(is_innocent)
        };
        let leaves_nothing = |slot: &usize| {
            let rule = &self.rule(seats.rule(*slot)).id;
            let task = self.tasks.iter().any(|task| task.rule.as_ref() == Some(rule));
            !task && !self.hazards.values().any(|hazard| hazard.rule.as_ref() == Some(rule))
        };
        let mut free = (0..seats.slots.len()).filter(is_free);
        let slot = free.clone().find(leaves_nothing).or_else(|| free.next());
        let shared = slot.is_none();
        let shown = || (0..seats.slots.len()).rfind(|slot| !self.hiding.hides(seats.rule(*slot)));
        let slot = slot.or_else(shown).unwrap_or(seats.slots.len() - 1);
        let ix = seats.rule(slot);
        // Who does not offend makes room at once: the alarm that is raised now names those who do.
        let mut its = seats.slots[slot].tickets.clone();
        its.retain(|id| !is_innocent(id));
        its.push(ticket);
        self.inputs.tickets.rows[row].slots[slot].tickets = its;
        self.save_rule(ix, now, out);
        if shared && self.rules[ix.at()].active {
            // Not by the rule's state, which goes on: the alarm is told anew, for whoever acknowledged it without this one.
            if self.alarms.get(ix).is_some_and(AlarmRecord::is_acknowledged) {
                self.end_alarm(ix, "another ticket", now, out);
            }
            self.raise(ix, now, out);
        }
    }

    /// What a slot's tickets say. The last slot, while it is free, says for those without a slot that they are unknown; while
    /// its alarm is active it speaks of its own alone, or the alarm would outlast its ticket.
    fn slot_verdict(&self, row: usize, slot: usize, now: Now) -> Option<Verdict> {
        let seats = &self.inputs.tickets.rows[row];
        let its = fold(seats.slots[slot].tickets.iter().map(|id| self.standing(row, id, true, now)));
        let is_free = !self.rules[seats.rule(slot).at()].active;
        if its != Some(Verdict::False) || slot + 1 < seats.slots.len() || !is_free {
            return its;
        }
        let others = self.inputs.tickets.held.keys().filter(|id| !seats.holds(id));
        fold(others.map(|id| self.standing(row, id, false, now).filter(|verdict| *verdict != Verdict::Hold)))
    }

    fn standing(&self, row: usize, id: &TicketId, seated: bool, now: Now) -> Option<Verdict> {
        let Some((ticket, rule)) = self.inputs.tickets.held.get(id).zip(self.ticket_rule(row)) else {
            return Some(Verdict::False);
        };
        if ticket.record.is_finished() && rule.kind != TicketKind::TooMany {
            return Some(Verdict::False);
        }
        if rule.unit.is_some() && rule.unit != ticket.unit {
            return Some(Verdict::False);
        }
        if rule.kind == TicketKind::HotWorkGasAlarm {
            return self.gas_alarm_verdict(ticket, now);
        }
        if rule.kind == TicketKind::TooMany {
            return Some(self.too_many_verdict(row, id, seated));
        }
        self.inputs.ticket_verdict(&self.site, &rule.kind, ticket, now)
    }

    /// It names the ticket that was heard of last when there were too many.
    fn too_many_verdict(&self, row: usize, id: &TicketId, seated: bool) -> Verdict {
        let tickets = &self.inputs.tickets;
        let names_one = tickets.rows[row].slots.iter().any(|slot| !slot.tickets.is_empty());
        let is_named = seated || (!names_one && tickets.latest.as_ref() == Some(id));
        if is_named && tickets.is_full() { Verdict::True } else { Verdict::False }
    }

    /// Whether a rule over combustible gas in the ticket's unit is active while hot work goes on.
    fn gas_alarm_verdict(&self, ticket: &Ticket, now: Now) -> Option<Verdict> {
        if !ticket.is_hot_in_work() {
            return Some(Verdict::False);
        }
        let Some(unit) = ticket.unit else { return Some(Verdict::Unknown) };
        fold(self.inputs.tickets.gas_rules[unit.at()].iter().map(|ix| {
            if self.rules[ix.at()].active {
                return Some(Verdict::True);
            }
            let verdict = self.inputs.verdict(&self.site, *ix, now.monotonic)?;
            Some(if verdict == Verdict::Unknown { Verdict::Unknown } else { Verdict::False })
        }))
    }

    /// Sets the timer for the first ticket that time alone makes offend.
    fn look_again(&mut self, row: usize, now: Now) {
        let due = self.ticket_rule(row).and_then(|rule| {
            let held = self.inputs.tickets.held.values();
            let due = held.filter_map(|ticket| Some(ticket.clock.when(ticket.due(&rule.kind, now)?)));
            due.filter(|at| *at > now.monotonic).min()
        });
        let row_ = &mut self.inputs.tickets.rows[row];
        if row_.again == due {
            return;
        }
        row_.again.into_iter().for_each(|at| self.timers.cancel(at, Timer::Tickets(row)));
        due.into_iter().for_each(|at| self.timers.set(at, Timer::Tickets(row)));
        row_.again = due;
    }

    pub(super) fn look_at_tickets(&mut self, row: usize, now: Now, out: &mut Effects) {
        self.inputs.tickets.rows[row].again = None;
        self.judge_ticket_row(row, now, out);
    }
}

/// The worst of several: one that offends is enough, and none is innocent while another is not known.
fn fold(verdicts: impl Iterator<Item = Option<Verdict>>) -> Option<Verdict> {
    let rank = |verdict: &Option<Verdict>| match verdict {
        Some(Verdict::False) => 0,
        Some(Verdict::Hold) => 1,
        Some(Verdict::Unknown) => 2,
        None => 3,
        Some(Verdict::True) => 4,
    };
    verdicts.max_by_key(rank).unwrap_or(Some(Verdict::False))
}
