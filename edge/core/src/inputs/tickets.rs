//! What the inputs say about a ticket.

use super::{Inputs, Reading, truth};
use crate::{
    id::*,
    limits::REASONS_MAX,
    model::{BlindPlate, GasAnalysis, GasLimits, Limit, Site, TicketKind, TicketRule, Zone},
    rules::{Verdict, limit_verdict},
    tickets::Ticket,
    time::{Now, UtcTime},
    trigger::{TicketTrigger, Trigger},
};

impl Inputs {
    /// What a rule says about a ticket; `None` while there is nothing to say yet.
    pub(crate) fn ticket_verdict(&self, site: &Site, kind: &TicketKind, ticket: &Ticket, now: Now) -> Option<Verdict> {
        let record = &ticket.record;
        let analysed = record.status.is_signed() && record.work.needs_analysis();
        Some(match kind {
            TicketKind::GasMissing if analysed => gas_missing(ticket, now),
            TicketKind::GasOverdue { before_ms } if analysed => gas_overdue(ticket, *before_ms, now),
            TicketKind::GasOverLimit(limits) if analysed => over_limit(ticket, limits),
            TicketKind::Interruption { major_ms, minor_ms } if ticket.is_in_work() && record.work.needs_analysis() => {
                let is_minor = record.work.is_second_class_hot() || record.work.is_confined_space();
                let most_ms = if is_minor { *minor_ms } else { *major_ms };
                truth(ticket.interrupted_ms.is_some_and(|lasted_ms| lasted_ms > most_ms))
            }
            TicketKind::NextDay { .. } if ticket.is_in_work() && record.work.is_second_class_hot() => {
                is_due(ticket, kind, now)
            }
            TicketKind::RecordOverdue { .. } if ticket.is_in_work() && record.work.is_confined_space() => {
                is_due(ticket, kind, now)
            }
            TicketKind::Expired if ticket.is_in_work() => is_due(ticket, kind, now),
            TicketKind::ExpiredWithPeople if record.status.has_begun() => match is_due(ticket, kind, now) {
                Verdict::True if has_place(ticket) => truth(self.crowd_of_ticket(site, ticket) > 0),
                Verdict::True | Verdict::Unknown => Verdict::Unknown,
                not_yet @ (Verdict::False | Verdict::Hold) => not_yet,
            },
            TicketKind::BlindPlate if record.status.is_signed() && record.work.is_blind_plate() => {
                record.blind_plate.map_or(Verdict::Unknown, |plate| truth(plate == BlindPlate::Both))
            }
            TicketKind::SupervisorAway if ticket.is_in_work() => self.supervisor_away(site, ticket),
            TicketKind::HotWorkGas { limits } if ticket.is_hot_in_work() => {
                return self.hot_work_gas(site, ticket, limits);
            }
            TicketKind::GasMissing
            | TicketKind::GasOverdue { .. }
            | TicketKind::GasOverLimit(_)
            | TicketKind::Interruption { .. }
            | TicketKind::NextDay { .. }
            | TicketKind::RecordOverdue { .. }
            | TicketKind::Expired
            | TicketKind::ExpiredWithPeople
            | TicketKind::BlindPlate
            | TicketKind::SupervisorAway
            | TicketKind::HotWorkGas { .. }
            | TicketKind::HotWorkGasAlarm
            | TicketKind::TooMany => Verdict::False,
        })
    }

    /// Whoever has never been located is not known to be away.
    fn supervisor_away(&self, site: &Site, ticket: &Ticket) -> Verdict {
        let located = ticket.supervisor.filter(|person| self.people[person.at()].location.is_some());
        match located.filter(|_| has_place(ticket)) {
            Some(person) => truth(!self.people[person.at()].zone().is_some_and(|zone| is_place(site, ticket, zone))),
            None => Verdict::Unknown,
        }
    }

    /// The worst of the detectors in the ticket's unit.
    fn hot_work_gas(&self, site: &Site, ticket: &Ticket, limits: &[(TagIx, Limit)]) -> Option<Verdict> {
        let Some(unit) = ticket.unit else { return Some(Verdict::Unknown) };
        let mut worst = Some(Verdict::False);
        for (tag, limit) in limits.iter().filter(|(tag, _)| site.tags[tag.at()].unit == Some(unit)) {
            let verdict = match self.reading(site, *tag) {
                Reading::Waiting => None,
                Reading::Unusable => Some(Verdict::Unknown),
                Reading::Is(value) => Some(limit_verdict(*limit, value)),
            };
            worst = match (worst, verdict) {
                (Some(Verdict::True), _) | (_, Some(Verdict::True)) => Some(Verdict::True),
                (None, _) | (_, None) => None,
                (Some(Verdict::Unknown), _) | (_, Some(Verdict::Unknown)) => Some(Verdict::Unknown),
                (Some(Verdict::Hold), _) | (_, Some(Verdict::Hold)) => Some(Verdict::Hold),
                (Some(Verdict::False), Some(Verdict::False)) => Some(Verdict::False),
            };
        }
        worst
    }

    fn crowd_of_ticket(&self, site: &Site, ticket: &Ticket) -> u32 {
        if let Some(zone) = ticket.zone {
            return self.crowd[zone.at()];
        }
        site.zones.iter().zip(&self.crowd).filter(|(zone, _)| is_of(ticket, zone)).map(|(_, count)| count).sum()
    }

    /// The ticket of a slot that was added last: the one its alarm is about.
    pub(crate) fn ticket_of(&self, rule: &TicketRule) -> Option<&Ticket> {
        self.tickets.held.get(self.tickets.slot(rule.table, rule.slot)?.tickets.last()?)
    }

    pub(super) fn ticket_trigger(&self, site: &Site, rule: &TicketRule, now: UtcTime) -> Trigger {
        let slot = self.tickets.slot(rule.table, rule.slot);
        let others = slot.map_or(&[][..], |slot| &slot.tickets[..slot.tickets.len().saturating_sub(1)]);
        let ticket = self.ticket_of(rule).expect("a rule over tickets turns active only with one in its slot");
        let record = &ticket.record;
        let detector = self.detector_of(site, &rule.kind, ticket);
        let is_about_supervisor = rule.kind == TicketKind::SupervisorAway;
        Trigger::Ticket(Box::new(TicketTrigger {
            ticket: record.id.clone(),
            work: record.work.clone(),
            status: record.status,
            alarm_type: rule.kind.alarm_type().map(str::to_owned),
            content: record.content.clone(),
            zone: record.zone.clone(),
            unit: record.unit.clone(),
            start: record.start,
            end: record.end,
            analysis: analysis_of(&rule.kind, ticket),
            supervisor_name: record.supervisor_name.clone(),
            supervisor: ticket.supervisor.filter(|_| is_about_supervisor).map(|person| self.person_ref(site, person)),
            people_count: self.crowd_of_ticket(site, ticket),
            people: self.people_in(site, &zones_of(site, ticket)),
            limit: detector.and_then(|tag| limit_of(&rule.kind, tag)),
            detector: detector.map(|tag| self.paired(site, tag)),
            further: others.iter().rev().take(REASONS_MAX).cloned().collect(),
            received_time: record.received_time.max(if rule.kind.reads_detectors() {
                now
            } else {
                record.received_time
            }),
        }))
    }

    /// Of the detectors in the ticket's unit that can be used the one that reads highest.
    fn detector_of(&self, site: &Site, kind: &TicketKind, ticket: &Ticket) -> Option<TagIx> {
        let tags = (0..site.tags.len()).map(TagIx::from).filter(|_| kind.reads_detectors());
        let readings = tags.filter_map(|tag| {
            let about = &site.tags[tag.at()];
            let is_of_unit = about.is_combustible_gas() && about.unit.is_some() && about.unit == ticket.unit;
            let Reading::Is(value) = self.reading(site, tag) else { return None };
            is_of_unit.then_some((tag, value))
        });
        readings.max_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(highest, _)| highest)
    }
}

/// What a rule over tickets holds a detector against; that which follows other alarms has no limit of its own.
fn limit_of(kind: &TicketKind, detector: TagIx) -> Option<f64> {
    let TicketKind::HotWorkGas { limits } = kind else { return None };
    limits.iter().find(|(tag, _)| *tag == detector).map(|(_, limit)| limit.trip)
}

fn has_place(ticket: &Ticket) -> bool {
    ticket.zone.is_some() || ticket.unit.is_some()
}

/// Whether a zone is the ticket's, or one of its unit where it names none.
fn is_place(site: &Site, ticket: &Ticket, zone: ZoneIx) -> bool {
    match ticket.zone {
        Some(its) => its == zone,
        None => is_of(ticket, &site.zones[zone.at()]),
    }
}

fn is_of(ticket: &Ticket, zone: &Zone) -> bool {
    ticket.unit.is_some() && zone.unit == ticket.unit
}

fn zones_of(site: &Site, ticket: &Ticket) -> Vec<ZoneIx> {
    (0..site.zones.len()).map(ZoneIx::from).filter(|zone| is_place(site, ticket, *zone)).collect()
}

fn is_due(ticket: &Ticket, kind: &TicketKind, now: Now) -> Verdict {
    let due = ticket.due(kind, now);
    due.map_or(Verdict::Unknown, |due| truth(ticket.clock.reading(now.monotonic) >= due))
}

fn gas_missing(ticket: &Ticket, now: Now) -> Verdict {
    let none = ticket.record.analyses.is_empty();
    if none || ticket.newest_analysis(now).is_some() { truth(none) } else { Verdict::Unknown }
}

/// An analysis that was made after work began makes good for one that was too old.
fn gas_overdue(ticket: &Ticket, before_ms: u64, now: Now) -> Verdict {
    if ticket.record.analyses.is_empty() {
        return Verdict::False;
    }
    let newest = ticket.newest_analysis(now).and_then(|analysis| analysis.time);
    let age_ms = newest.zip(ticket.begins()).map(|(newest, begins)| begins.since(newest));
    age_ms.map_or(Verdict::Unknown, |age_ms| truth(u64::try_from(age_ms).is_ok_and(|age_ms| age_ms > before_ms)))
}

/// Of each gas the newest analysis counts.
fn over_limit(ticket: &Ticket, limits: &GasLimits) -> Verdict {
    let confined = ticket.record.work.is_confined_space();
    let counted = || newest_of_each(&ticket.record.analyses);
    if counted().any(|analysis| limits.is_exceeded(analysis, confined)) {
        return Verdict::True;
    }
    if counted().any(|analysis| analysis.value.is_none()) { Verdict::Unknown } else { Verdict::False }
}

fn newest_of_each(analyses: &[GasAnalysis]) -> impl Iterator<Item = &GasAnalysis> {
    // They stand in the order of their times.
    let is_newest = |at: &usize| analyses[at + 1..].iter().all(|later| later.gas != analyses[*at].gas);
    (0..analyses.len()).filter(is_newest).map(|at| &analyses[at])
}

fn analysis_of(kind: &TicketKind, ticket: &Ticket) -> Option<GasAnalysis> {
    let newest = ticket.record.analyses.last();
    let TicketKind::GasOverLimit(limits) = kind else { return newest.cloned() };
    let confined = ticket.record.work.is_confined_space();
    let mut counted = newest_of_each(&ticket.record.analyses);
    counted.find(|analysis| limits.is_exceeded(analysis, confined)).or(newest).cloned()
}

impl GasLimits {
    fn is_exceeded(&self, analysis: &GasAnalysis, confined: bool) -> bool {
        let Some(value) = analysis.value else { return false };
        let is_among = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case(&analysis.gas));
        if is_among(&self.others) {
            false
        } else if is_among(&self.oxygen) {
            confined && !(self.oxygen_min..=self.oxygen_max).contains(&value)
        } else {
            value > if is_among(&self.high_lel) { self.high_lel_max } else { self.low_lel_max }
        }
    }
}
