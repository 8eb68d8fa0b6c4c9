//! One ticket: what it says and what has become of it.

use super::clock::{TicketClock, is_possible};
use crate::{
    event::TicketUpdate,
    id::{PersonIx, UnitIx, ZoneIx},
    limits::{PEOPLE_NAMED_MAX, SOURCE_TIME_AHEAD_MAX_MS, TEXT_MAX, TICKET_ENTRIES_MAX, TICKET_SPAN_MAX_MS},
    model::{GasAnalysis, Site, TicketStatus, WorkType},
    record::TicketRecord,
    saved::SavedTicket,
    time::{Now, UtcTime},
};

/// A ticket that is watched.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) record: TicketRecord,
    pub(crate) zone: Option<ZoneIx>,
    pub(crate) unit: Option<UnitIx>,
    pub(crate) supervisor: Option<PersonIx>,
    pub(crate) clock: TicketClock,
    /// When work began, on its clock.
    pub(crate) began: Option<UtcTime>,
    /// Since when work is interrupted without an analysis, on its clock.
    paused: Option<UtcTime>,
    /// For how long it had been when it went on; an analysis makes up for it.
    pub(crate) interrupted_ms: Option<u64>,
    pub(crate) order: u64,
}

impl Ticket {
    pub(crate) fn new(site: &Site, update: &TicketUpdate, now: Now) -> Self {
        let record = record(site, update, true);
        let mut ticket = Self {
            zone: update.zone,
            unit: unit_of(site, update),
            supervisor: update.supervisor,
            clock: TicketClock::new(now),
            began: None,
            paused: None,
            interrupted_ms: None,
            order: 0,
            record,
        };
        ticket.set_clock(now);
        let reads = ticket.clock.reading(now.monotonic);
        if ticket.record.status.has_begun() {
            ticket.began = ticket.record.start.filter(|start| is_possible(*start)).or(Some(reads));
        }
        if ticket.record.status == TicketStatus::Suspended {
            ticket.paused = Some(ticket.moment(now));
        }
        ticket
    }

    pub(crate) fn restored(site: &Site, saved: SavedTicket, now: Now) -> Self {
        let SavedTicket { record, reads, at, began, paused, interrupted_ms, order } = saved;
        let zone = record.zone.as_ref().and_then(|id| site.zones.iter().position(|zone| zone.id == *id));
        let unit = record.unit.as_ref().and_then(|id| site.units.iter().position(|unit| unit.id == *id));
        let supervisor =
            record.supervisor.as_ref().and_then(|id| site.people.iter().position(|person| person.id == *id));
        Self {
            zone: zone.map(ZoneIx::from),
            unit: unit.map(UnitIx::from),
            supervisor: supervisor.map(PersonIx::from),
            clock: TicketClock::restored(reads, at, now),
            began,
            paused,
            interrupted_ms,
            order,
            record,
        }
    }

    pub(crate) fn saved(&self, now: Now) -> SavedTicket {
        SavedTicket {
            record: self.record.clone(),
            reads: self.clock.reading(now.monotonic),
            at: now.utc,
            began: self.began,
            paused: self.paused,
            interrupted_ms: self.interrupted_ms,
            order: self.order,
        }
    }

    /// Takes what the ticket system says now.
    pub(crate) fn take(&mut self, site: &Site, update: &TicketUpdate, now: Now) {
        let before = std::mem::replace(&mut self.record, record(site, update, true));
        (self.zone, self.unit, self.supervisor) = (update.zone, unit_of(site, update), update.supervisor);
        self.set_clock(now);
        let moment = self.moment(now);
        let newest = |record: &TicketRecord| record.analyses.iter().filter_map(|analysis| analysis.time).max();
        let analysed = newest(&self.record) > newest(&before);
        if !before.status.has_begun() && self.record.status.has_begun() {
            self.began = Some(moment);
            (self.paused, self.interrupted_ms) = (None, None);
        }
        if analysed {
            self.interrupted_ms = None;
            self.paused = self.paused.map(|_| moment);
        }
        match (self.record.status, self.paused) {
            (TicketStatus::Suspended, None) => self.paused = Some(moment),
            (TicketStatus::InWork, Some(paused)) => {
                self.paused = None;
                let lasted_ms = u64::try_from(moment.since(paused)).unwrap_or(0);
                // One interruption that was too long is not made good by a short one.
                self.interrupted_ms = self.interrupted_ms.max(Some(lasted_ms));
            }
            _ => {}
        }
    }

    /// Whether the same was said before; when it was said does not count.
    pub(crate) fn says_the_same(&self, site: &Site, update: &TicketUpdate) -> bool {
        let mut said = record(site, update, true);
        said.received_time = self.record.received_time;
        said.source_time = self.record.source_time;
        said == self.record
    }

    /// Whether the message says of itself that it is older than what is known.
    pub(crate) fn is_newer_than(&self, update: &TicketUpdate) -> bool {
        self.record.source_time.zip(update.source_time).is_some_and(|(known, said)| said < known)
    }

    /// The end, where it means anything.
    pub(crate) fn end(&self) -> Option<UtcTime> {
        let end = self.record.end.filter(|end| is_possible(*end))?;
        let too_long = self.record.start.is_some_and(|start| end.since(start) > TICKET_SPAN_MAX_MS);
        (!too_long).then_some(end)
    }

    /// When work began, or is to begin.
    pub(crate) fn begins(&self) -> Option<UtcTime> {
        self.began.or(self.record.start.filter(|start| is_possible(*start)))
    }

    /// The newest analysis whose time can be believed.
    pub(crate) fn newest_analysis(&self, now: Now) -> Option<&GasAnalysis> {
        let believed = |analysis: &&GasAnalysis| analysis.time.is_some_and(|time| self.believes(time, now));
        self.record.analyses.iter().filter(believed).max_by_key(|analysis| analysis.time)
    }

    /// The newest record of a confined space that can be believed.
    pub(crate) fn newest_space_record(&self, now: Now) -> Option<UtcTime> {
        self.record.space_records.iter().copied().filter(|time| self.believes(*time, now)).max()
    }

    fn believes(&self, stamp: UtcTime, now: Now) -> bool {
        self.clock.believes(stamp, self.end(), now.monotonic)
    }

    /// When what it says happened, on its clock.
    fn moment(&self, now: Now) -> UtcTime {
        let reads = self.clock.reading(now.monotonic);
        self.record.source_time.filter(|time| is_possible(*time) && *time <= reads).unwrap_or(reads)
    }

    /// Sets its clock forward to what must have passed.
    fn set_clock(&mut self, now: Now) {
        let reads = self.clock.reading(now.monotonic);
        // Work may begin a little before its time; when that is an hour off, or this box has no time, the ticket is right.
        let is_off = |start: &UtcTime| !self.clock.is_set || start.since(reads) > SOURCE_TIME_AHEAD_MAX_MS;
        let begun = self.record.start.filter(|start| self.record.status.has_begun() && is_off(start));
        let analyses = self.record.analyses.iter().filter_map(|analysis| analysis.time);
        let stamps = begun.into_iter().chain(self.record.source_time).chain(analyses);
        let stamps = stamps.chain(self.record.space_records.iter().copied());
        let newest = stamps.filter(|stamp| self.believes(*stamp, now)).max();
        if let Some(newest) = newest {
            self.clock.is_at_least(newest, now.monotonic);
        }
    }
}

/// The ticket's unit, or else that of its zone.
fn unit_of(site: &Site, update: &TicketUpdate) -> Option<UnitIx> {
    update.unit.or_else(|| update.zone.and_then(|zone| site.zones[zone.at()].unit))
}

/// The update as it is published, within bounds whatever was said.
pub(crate) fn record(site: &Site, update: &TicketUpdate, watched: bool) -> TicketRecord {
    let mut analyses = update.analyses.clone();
    analyses.iter_mut().for_each(|analysis| analysis.time = written(analysis.time));
    analyses.sort_by_key(|analysis| analysis.time);
    let mut space_records: Vec<UtcTime> = update.space_records.iter().filter_map(|time| written(Some(*time))).collect();
    space_records.sort_unstable();
    keep_newest(&mut analyses);
    keep_newest(&mut space_records);
    analyses.iter_mut().for_each(|analysis| {
        analysis.gas = cut(&analysis.gas);
        analysis.value = analysis.value.filter(|value| value.is_finite());
    });
    let person = |person: PersonIx| site.people[person.at()].id.clone();
    TicketRecord {
        id: cut(update.id.as_str()).into(),
        work: WorkType(cut(&update.work.0)),
        status: update.status,
        unit: unit_of(site, update).map(|unit| site.units[unit.at()].id.clone()),
        zone: update.zone.map(|zone| site.zones[zone.at()].id.clone()),
        content: cut(&update.content),
        start: written(update.start),
        end: written(update.end),
        analyses,
        space_records,
        supervisor: update.supervisor.map(person),
        supervisor_name: cut(&update.supervisor_name),
        workers: update.workers.iter().take(PEOPLE_NAMED_MAX).copied().map(person).collect(),
        worker_names: update.worker_names.iter().take(PEOPLE_NAMED_MAX).map(|name| cut(name)).collect(),
        blind_plate: update.blind_plate,
        changed: update.changed,
        cancelled: update.cancelled,
        watched,
        source_time: written(update.source_time),
        received_time: update.received_time,
    }
}

/// A time that can be written with a year of four digits; any other is none.
fn written(time: Option<UtcTime>) -> Option<UtcTime> {
    time.filter(|time| (0..=YEAR_9999_MS).contains(&time.0))
}

/// The end of the year 9999.
const YEAR_9999_MS: i64 = 253_402_300_799_999;

fn keep_newest<T>(entries: &mut Vec<T>) {
    let beyond = entries.len().saturating_sub(TICKET_ENTRIES_MAX);
    entries.drain(..beyond);
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}
