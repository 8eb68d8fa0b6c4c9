//! The ticket system of a world: it keeps time by itself, whatever the gateway's wall clock does.

use davy_core::{
    event::TicketUpdate,
    id::*,
    model::{BlindPlate, GasAnalysis, TicketStatus, WorkType},
    time::UtcTime,
};
use rand::{Rng, rngs::SmallRng, seq::IndexedRandom};

/// As many tickets as there are.
const TICKETS: usize = 6;

/// What the ticket system changes of a ticket; times are minutes from its own now, before and after.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    nth: usize,
    work: &'static str,
    status: TicketStatus,
    zone: Option<ZoneIx>,
    supervisor: Option<PersonIx>,
    end_in: Option<i64>,
    analysed: Option<(&'static str, f64, i64)>,
    recorded: Option<i64>,
    blind_plate: Option<BlindPlate>,
    /// How long ago it was sent; what is older than what was told before is no news.
    sent: Option<i64>,
}

/// A random change, or the very same ticket again.
pub(crate) fn change(rng: &mut SmallRng, zones: usize, people: usize) -> Change {
    const STATUSES: [TicketStatus; 7] = [
        TicketStatus::Issued,
        TicketStatus::InWork,
        TicketStatus::InWork,
        TicketStatus::InWork,
        TicketStatus::Suspended,
        TicketStatus::Accepted,
        TicketStatus::Unissued,
    ];
    let ago = |rng: &mut SmallRng| *[0, 10, 40, 130, 1_300].choose(rng).unwrap_or(&0);
    let gas = *[("甲烷", 0.1), ("甲烷", 0.6), ("O2", 20.0), ("O2", 24.0)].choose(rng).unwrap_or(&("甲烷", 0.1));
    Change {
        nth: rng.random_range(0..TICKETS),
        work: ["01", "02", "03", "21", "50", "70", "99"].choose(rng).copied().unwrap_or("01"),
        status: STATUSES.choose(rng).copied().unwrap_or(TicketStatus::InWork),
        zone: rng.random_bool(0.8).then(|| ZoneIx::from(rng.random_range(0..zones))),
        supervisor: rng.random_bool(0.8).then(|| PersonIx::from(rng.random_range(0..people))),
        end_in: rng.random_bool(0.5).then(|| rng.random_range(-30..60)),
        analysed: rng.random_bool(0.5).then(|| (gas.0, gas.1, ago(rng))),
        recorded: rng.random_bool(0.2).then(|| ago(rng)),
        blind_plate: [None, Some(BlindPlate::Insert), Some(BlindPlate::Both)].choose(rng).copied().flatten(),
        sent: [None, Some(0), Some(45), Some(90)].choose(rng).copied().flatten(),
    }
}

/// Tickets as their system has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct TicketSystem {
    tickets: Vec<Option<Ticket>>,
    /// How long the world has been going on, the gateway's absences included.
    pub(crate) elapsed_ms: u64,
}

#[derive(Clone, Debug)]
struct Ticket {
    update: TicketUpdate,
    /// What its clock read, and when.
    began: (UtcTime, u64),
}

impl TicketSystem {
    /// The ticket after a change. Its clock is right when it is told first.
    pub(crate) fn change(&mut self, change: &Change, utc: UtcTime) -> TicketUpdate {
        self.tickets.resize(TICKETS, None);
        let began = (utc, self.elapsed_ms);
        let ticket = self.tickets[change.nth].get_or_insert_with(|| Ticket { update: blank(change.nth), began });
        let now = ticket.began.0.after(self.elapsed_ms - ticket.began.1);
        let from = |minutes: i64| UtcTime(now.0 + minutes * 60_000);
        let update = &mut ticket.update;
        update.work = WorkType(change.work.to_owned());
        (update.status, update.zone, update.supervisor) = (change.status, change.zone, change.supervisor);
        update.start.get_or_insert(from(-150));
        update.end = change.end_in.map(from).or(update.end);
        update.blind_plate = change.blind_plate;
        update.source_time = change.sent.map(from_ago(now));
        let analysis = change.analysed.map(|(gas, value, ago)| GasAnalysis {
            time: Some(from(-ago)),
            gas: gas.to_owned(),
            value: Some(value),
        });
        update.analyses.extend(analysis);
        update.space_records.extend(change.recorded.map(|ago| from(-ago)));
        TicketUpdate { received_time: utc, ..update.clone() }
    }

    /// All of them again, as a broker hands out what it retains.
    pub(crate) fn retained(&self, utc: UtcTime) -> impl Iterator<Item = TicketUpdate> {
        self.tickets.iter().flatten().map(move |ticket| TicketUpdate { received_time: utc, ..ticket.update.clone() })
    }
}

fn from_ago(now: UtcTime) -> impl Fn(i64) -> UtcTime {
    move |minutes| UtcTime(now.0 - minutes * 60_000)
}

fn blank(nth: usize) -> TicketUpdate {
    let blank = TicketUpdate::new(format!("T-{nth}").into(), WorkType(String::new()), UtcTime(0));
    TicketUpdate { content: "作业".to_owned(), ..blank }
}
