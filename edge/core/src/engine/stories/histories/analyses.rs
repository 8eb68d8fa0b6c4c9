//! Special-work tickets, minute by minute: how old their analyses are and what they say, interruptions, the next day, blind plates.

use super::*;
use crate::event::TicketUpdate;

const MINUTE_MS: u64 = 60_000;
const BEFORE_MIN: i64 = 12;
const MAJOR_MIN: i64 = 5;
const MINOR_MIN: i64 = 9;
/// The story begins at eight o'clock in China, and a day so many minutes later.
const DAY_MIN: i64 = 60;
const EIGHT_MS: u64 = 8 * 3_600_000;

/// What the ticket system says of the ticket in a minute.
#[derive(Clone, Debug)]
struct Minute {
    status: TicketStatus,
    /// Of how many minutes ago, of which gas, and how much.
    analysis: Option<(i64, &'static str, Option<f64>)>,
}

/// The kind of work, its plate, the minute in which it is to begin, and the minutes.
struct History<'a>(&'static str, Option<BlindPlate>, Option<i64>, &'a [Minute]);

fn has_begun(status: TicketStatus) -> bool {
    matches!(status, TicketStatus::InWork | TicketStatus::Suspended)
}

impl History<'_> {
    fn status(&self, minute: usize) -> TicketStatus {
        self.3[minute].status
    }

    fn now(&self) -> usize {
        self.3.len() - 1
    }

    fn is_in_work(&self) -> bool {
        self.status(self.now()) == TicketStatus::InWork
    }

    fn is_signed(&self) -> bool {
        has_begun(self.status(self.now())) || self.status(self.now()) == TicketStatus::Issued
    }

    fn needs_analysis(&self) -> bool {
        matches!(self.0, "01" | "03" | "70")
    }

    /// The analyses up to a minute: of which minute, of what, how much.
    fn analyses(&self, until: usize) -> Vec<(i64, &'static str, Option<f64>)> {
        let of =
            |(at, minute): (usize, &Minute)| minute.analysis.map(|(ago, gas, value)| (at as i64 - ago, gas, value));
        self.3[..=until].iter().enumerate().filter_map(of).collect()
    }

    fn newest(&self, until: usize) -> Option<i64> {
        self.analyses(until).into_iter().map(|(of, _, _)| of).max()
    }

    /// The minute in which work began last.
    fn began(&self) -> Option<usize> {
        (1..=self.now()).rev().find(|at| has_begun(self.status(*at)) && !has_begun(self.status(at - 1)))
    }

    fn begins(&self) -> Option<i64> {
        self.began().map(|began| began as i64).or(self.2)
    }

    fn gas_overdue(&self) -> Says {
        if !self.is_signed() || !self.needs_analysis() {
            return Says::False;
        }
        let Some(newest) = self.newest(self.now()) else { return Says::False };
        self.begins().map_or(Says::Unknown, |begins| truth(begins - newest > BEFORE_MIN))
    }

    /// One that was too long, of those since the work began, and no analysis since it ended or late enough in it.
    fn interruption(&self) -> Says {
        if !self.is_in_work() || !self.needs_analysis() {
            return Says::False;
        }
        let most = if self.0 == "01" { MAJOR_MIN } else { MINOR_MIN };
        let is_new = |minute: usize| minute > 0 && self.newest(minute) > self.newest(minute - 1);
        let from = self.began().unwrap_or(0);
        let goes_on = (from + 1..=self.now())
            .filter(|at| self.status(*at) == TicketStatus::InWork && self.status(at - 1) == TicketStatus::Suspended);
        truth(goes_on.into_iter().any(|on| {
            let paused =
                (from..on).rev().take_while(|at| self.status(*at) == TicketStatus::Suspended).last().unwrap_or(on);
            let analysed = (paused..=self.now()).rev().find(|at| is_new(*at));
            on as i64 - analysed.unwrap_or(paused) as i64 > most
        }))
    }

    /// The newest analysis, or the beginning, is of the day before.
    fn next_day(&self) -> Says {
        if !self.is_in_work() || self.0 != "03" {
            return Says::False;
        }
        let of = self.newest(self.now()).or(self.begins());
        of.map_or(Says::Unknown, |of| truth(of < DAY_MIN && DAY_MIN <= self.now() as i64))
    }

    fn blind_plate(&self) -> Says {
        match self.1 {
            _ if !self.is_signed() || self.0 != "50" => Says::False,
            None => Says::Unknown,
            Some(plate) => truth(plate == BlindPlate::Both),
        }
    }

    fn gas_over_limit(&self) -> Says {
        if !self.is_signed() || !self.needs_analysis() {
            return Says::False;
        }
        let all = self.analyses(self.now());
        let newest =
            GASES.into_iter().filter_map(|gas| all.iter().filter(|(_, of, _)| *of == gas).max_by_key(|one| one.0));
        let values: Vec<(&str, Option<f64>)> = newest.map(|(_, gas, value)| (*gas, *value)).collect();
        let is_over = |(gas, value): &(&str, Option<f64>)| match (*gas, value) {
            ("甲烷", Some(value)) => *value > 0.5,
            ("苯", Some(value)) => *value > 0.2,
            ("o2", Some(value)) => self.0 == "70" && (*value < 19.5 || *value > 21.0),
            _ => false,
        };
        if values.iter().any(is_over) {
            Says::True
        } else if values.iter().any(|(_, value)| value.is_none()) {
            Says::Unknown
        } else {
            Says::False
        }
    }
}

/// One whose lower explosive limit is high, one whose is low, oxygen, and one that is no fuel.
const GASES: [&str; 4] = ["甲烷", "苯", "o2", "氮气"];

fn gas_limits() -> GasLimits {
    let names = |name: &str| vec![name.to_owned()];
    GasLimits {
        high_lel: names("甲烷"),
        high_lel_max: 0.5,
        low_lel_max: 0.2,
        others: names("氮气"),
        oxygen: names("O2"),
        oxygen_min: 19.5,
        oxygen_max: 21.0,
    }
}

/// A kind of rule, and what its condition says by definition.
type Rules = Vec<(TicketKind, fn(&History<'_>) -> Says)>;

fn rules() -> Rules {
    let (major_ms, minor_ms) = (MAJOR_MIN.unsigned_abs() * MINUTE_MS, MINOR_MIN.unsigned_abs() * MINUTE_MS);
    vec![
        (TicketKind::GasOverdue { before_ms: BEFORE_MIN.unsigned_abs() * MINUTE_MS }, |history| history.gas_overdue()),
        (TicketKind::Interruption { major_ms, minor_ms }, |history| history.interruption()),
        (TicketKind::NextDay { day_begins_ms: EIGHT_MS + DAY_MIN.unsigned_abs() * MINUTE_MS }, |history| {
            history.next_day()
        }),
        (TicketKind::BlindPlate, |history| history.blind_plate()),
        (TicketKind::GasOverLimit(gas_limits()), |history| history.gas_over_limit()),
    ]
}

fn works() -> Site {
    let kinds = rules().into_iter().zip(0..).map(|((kind, _), table)| {
        rule(&format!("{table}"), RuleKind::Ticket(TicketRule { kind, unit: None, table, slot: 0 }), None)
    });
    Site { rules: kinds.collect(), ..site() }
}

fn minute() -> impl Strategy<Value = Minute> {
    let status = prop_oneof![
        1 => Just(TicketStatus::Unissued),
        2 => Just(TicketStatus::Issued),
        8 => Just(TicketStatus::InWork),
        5 => Just(TicketStatus::Suspended),
        1 => Just(TicketStatus::Accepted),
    ];
    let value =
        prop::option::weighted(0.9, prop::sample::select(vec![0.1, 0.2, 0.21, 0.5, 0.51, 19.4, 19.5, 21.0, 21.1]));
    let ago = prop_oneof![2 => Just(0), 1 => 0..20_i64];
    let analysis = prop::option::weighted(0.4, (ago, prop::sample::select(GASES.to_vec()), value));
    (status, analysis).prop_map(|(status, analysis)| Minute { status, analysis })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn alarms_over_what_tickets_say_follow_from_the_history(
        work in prop::sample::select(vec!["01", "03", "03", "70", "50", "10"]),
        plate in prop::option::of(prop::sample::select(vec![BlindPlate::Insert, BlindPlate::Remove, BlindPlate::Both])),
        start in prop::option::of(0..30_i64),
        runs in prop::collection::vec((minute(), 1..15_usize), 1..14),
    ) {
        let mut bench = Bench::of(works());
        bench.link(Link::Up);
        let began = bench.now.utc;
        let mut update = TicketUpdate::new("T-1".into(), WorkType(work.to_owned()), began);
        (update.blind_plate, update.start) = (plate, start.map(|minute| UtcTime(began.0 + minute * 60_000)));
        let rules = rules();
        let mut said: Vec<Vec<(u64, Says)>> = vec![Vec::new(); rules.len()];
        // It is there before it is signed. An analysis is made once, in the first minute of a run.
        let first = Minute { status: TicketStatus::Unissued, analysis: None };
        let again = |minute: &Minute| Minute { analysis: None, ..minute.clone() };
        let runs = runs.iter().flat_map(|(minute, count)| {
            std::iter::once(minute.clone()).chain(std::iter::repeat_n(again(minute), count - 1))
        });
        let minutes: Vec<Minute> = std::iter::once(first).chain(runs).collect();
        for (at, minute) in minutes.iter().enumerate() {
            bench.at(at as u64 * 60);
            let utc = bench.now.utc;
            let analysis = minute.analysis.map(|(ago, gas, value)| GasAnalysis {
                time: Some(UtcTime(utc.0 - ago * 60_000)), gas: gas.to_owned(), value,
            });
            update.analyses.extend(analysis);
            (update.status, update.received_time) = (minute.status, utc);
            bench.apply(Event::Ticket(Box::new(update.clone())));
            let history = History(work, plate, start, &minutes[..=at]);
            rules.iter().zip(&mut said).for_each(|((_, says), said)| said.push((at as u64, says(&history))));
            let active = said.iter().enumerate().filter(|(_, said)| is_active(said, Delays::default()));
            let expected: Vec<String> = active.map(|(at, _)| format!("{at}")).collect();
            prop_assert_eq!(bench.active(), expected, "in {} of {} {:?} {:?} {:?}", at, work, plate, start, &minutes[..=at]);
        }
    }
}
