//! Special-work tickets, minute by minute: analyses that are missing, the end, the supervisor, readings in a confined space.

use super::*;
use crate::event::{Location, TicketUpdate};

const MINUTE_S: u64 = 60;
const RECORD_EVERY_MIN: u64 = 20;
const HERE: usize = 0;

/// What the ticket system says of the ticket in a minute, and where the supervisor and a worker are then.
#[derive(Clone, Debug)]
struct Minute {
    status: TicketStatus,
    analysed: bool,
    recorded: bool,
    /// When it ends, minutes from now.
    ends_in: Option<i64>,
    people: [Option<usize>; 2],
}

/// The hot work or the confined space of a history.
struct History<'a>(&'a [Minute], &'static str);

impl History<'_> {
    fn now(&self) -> i64 {
        self.0.len() as i64 - 1
    }

    fn status(&self) -> TicketStatus {
        self.0[self.0.len() - 1].status
    }

    fn is_in_work(&self) -> bool {
        self.status() == TicketStatus::InWork
    }

    fn last(&self, did: impl Fn(&Minute) -> bool) -> Option<i64> {
        self.0.iter().rposition(did).map(|at| at as i64)
    }

    /// The end as it was changed last.
    fn is_over(&self) -> bool {
        let last = self.0.iter().enumerate().rev().find_map(|(at, minute)| Some(at as i64 + minute.ends_in?));
        last.is_some_and(|end| end <= self.now())
    }

    fn gas_missing(&self) -> Says {
        let is_signed = self.status() != TicketStatus::Unissued;
        truth(is_signed && !self.0.iter().any(|minute| minute.analysed))
    }

    fn expired(&self) -> Says {
        truth(self.is_in_work() && self.is_over())
    }

    fn expired_with_people(&self) -> Says {
        let has_begun = matches!(self.status(), TicketStatus::InWork | TicketStatus::Suspended);
        let is_somebody_here = self.0[self.0.len() - 1].people.contains(&Some(HERE));
        truth(has_begun && self.is_over() && is_somebody_here)
    }

    fn supervisor_away(&self) -> Says {
        truth(self.is_in_work() && self.0[self.0.len() - 1].people[0] != Some(HERE))
    }

    /// Since the last reading, the last analysis, and the beginning of the work.
    fn record_overdue(&self) -> Says {
        if !self.is_in_work() || self.1 != "70" {
            return Says::False;
        }
        let has_begun = |minute: &Minute| matches!(minute.status, TicketStatus::InWork | TicketStatus::Suspended);
        let began = self.last(|minute| !has_begun(minute)).map_or(0, |before| before + 1);
        let last = [self.last(|minute| minute.recorded), self.last(|minute| minute.analysed), Some(began)];
        let last = last.into_iter().flatten().max().unwrap_or(0);
        truth(self.now() - last >= RECORD_EVERY_MIN as i64)
    }
}

/// A kind of rule, and what its condition says by definition.
type Rules = [(TicketKind, fn(&History<'_>) -> Says); 5];

fn rules() -> Rules {
    [
        (TicketKind::GasMissing, |history| history.gas_missing()),
        (TicketKind::Expired, |history| history.expired()),
        (TicketKind::ExpiredWithPeople, |history| history.expired_with_people()),
        (TicketKind::SupervisorAway, |history| history.supervisor_away()),
        (TicketKind::RecordOverdue { every_ms: RECORD_EVERY_MIN * MINUTE_S * 1000 }, |history| {
            history.record_overdue()
        }),
    ]
}

fn works() -> Site {
    let kinds = rules().into_iter().enumerate().map(|(at, (kind, _))| {
        let kind = TicketRule { kind, unit: None, table: u32::try_from(at).unwrap(), slot: 0 };
        rule(&format!("{at}"), RuleKind::Ticket(kind), None)
    });
    Site {
        sources: vec![Source { id: "broker".into(), name: "broker".to_owned(), kind: SourceKind::Mqtt }],
        zones: vec![Zone::new("here", "here"), Zone::new("there", "there")],
        people: vec![Person::new("wang", "wang", "c0"), Person::new("li", "li", "c1")],
        rules: kinds.collect(),
        ..Site::default()
    }
}

fn minute() -> impl Strategy<Value = Minute> {
    let status = prop_oneof![
        1 => Just(TicketStatus::Unissued),
        1 => Just(TicketStatus::Issued),
        6 => Just(TicketStatus::InWork),
        1 => Just(TicketStatus::Suspended),
    ];
    let zone = || prop_oneof![4 => Just(Some(HERE)), 1 => Just(Some(1)), 1 => Just(None)];
    let ends_in = prop::option::weighted(0.1, -3..15_i64);
    let rare = || prop::bool::weighted(0.04);
    (status, rare(), rare(), ends_in, [zone(), zone()]).prop_map(|(status, analysed, recorded, ends_in, people)| {
        Minute { status, analysed, recorded, ends_in, people }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_tickets_follow_from_the_history(
        work in prop::sample::select(vec!["01", "70"]),
        runs in prop::collection::vec((minute(), 1..25_usize), 1..8),
    ) {
        let mut bench = Bench::of(works());
        bench.link(Link::Up);
        let mut update = TicketUpdate::new("T-1".into(), WorkType(work.to_owned()), bench.now.utc);
        (update.zone, update.supervisor) = (Some(ZoneIx::from(HERE)), Some(PersonIx(0)));
        let rules = rules();
        let mut said: Vec<Vec<(u64, Says)>> = vec![Vec::new(); rules.len()];
        // It is there before it is signed. Then minutes repeat themselves for a while, but for what happens once.
        let first = Minute {
            status: TicketStatus::Unissued, analysed: false, recorded: false, ends_in: None, people: [Some(HERE); 2],
        };
        let again = |minute: &Minute| Minute { analysed: false, recorded: false, ends_in: None, ..minute.clone() };
        let runs = runs.iter().flat_map(|(minute, count)| {
            std::iter::once(minute.clone()).chain(std::iter::repeat_n(again(minute), count - 1))
        });
        let minutes: Vec<Minute> = std::iter::once(first).chain(runs).collect();
        for (at, minute) in minutes.iter().enumerate() {
            let second = at as u64 * MINUTE_S;
            bench.at(second);
            let utc = bench.now.utc;
            bench.apply(Event::Locations(minute.people.iter().enumerate().map(|(person, zone)| Location {
                person: PersonIx::from(person),
                zone: zone.map(ZoneIx::from),
                position: None,
                sos: false,
                battery_percent: None,
                source_time: None,
                received_time: utc,
            }).collect()));
            let analysis = GasAnalysis { time: Some(utc), gas: "甲烷".to_owned(), value: Some(0.1) };
            update.analyses.extend(minute.analysed.then_some(analysis));
            update.space_records.extend(minute.recorded.then_some(utc));
            update.end = minute.ends_in.map(|minutes| UtcTime(utc.0 + minutes * 60_000)).or(update.end);
            (update.status, update.received_time) = (minute.status, utc);
            bench.apply(Event::Ticket(Box::new(update.clone())));
            let history = History(&minutes[..=at], work);
            rules.iter().zip(&mut said).for_each(|((_, says), said)| said.push((second, says(&history))));
            let active = said.iter().enumerate().filter(|(_, said)| is_active(said, Delays::default()));
            let expected: Vec<String> = active.map(|(at, _)| format!("{at}")).collect();
            prop_assert_eq!(bench.active(), expected, "at {} of {:?}", at, &minutes[..=at]);
        }
    }
}
