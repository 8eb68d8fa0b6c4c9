//! Hot work beside gas: detectors of its unit at a tighter limit, and alarms over them.

use super::*;
use crate::event::TicketUpdate;

/// The first two are of the work's unit, the last is of another.
const DETECTORS: usize = 3;
const HERE: [usize; 2] = [0, 1];

#[derive(Clone, Copy, Debug)]
enum Word {
    Status(TicketStatus),
    /// A detector says so much, or that it cannot say.
    Reads(usize, Option<f64>),
    Link(bool),
}

/// The kind of work, whether it has a unit, and all that was told.
struct History<'a>(&'static str, bool, &'a [Word]);

impl History<'_> {
    fn is_hot_in_work(&self) -> bool {
        let status =
            self.2.iter().rev().find_map(|word| if let Word::Status(status) = word { Some(status) } else { None });
        self.0 != "70" && status == Some(&TicketStatus::InWork)
    }

    /// What a detector said last, since its source is up.
    fn reads(&self, detector: usize) -> Option<f64> {
        let since = self.2.iter().rposition(|word| matches!(word, Word::Link(_))).map_or(0, |at| at + 1);
        let of_it = |word: &Word| match word {
            Word::Reads(which, value) if *which == detector => Some(*value),
            Word::Reads(..) | Word::Status(_) | Word::Link(_) => None,
        };
        self.2[since..].iter().rev().find_map(of_it).flatten()
    }

    /// At or beyond the limit of one, or at or below what ends it for all.
    fn says(&self, detectors: &[usize], (trip, clear): (f64, f64)) -> Says {
        let all: Vec<Option<f64>> = detectors.iter().map(|detector| self.reads(*detector)).collect();
        if all.iter().flatten().any(|value| *value >= trip) {
            Says::True
        } else if all.contains(&None) {
            Says::Unknown
        } else if all.iter().flatten().all(|value| *value <= clear) {
            Says::False
        } else {
            Says::Neither
        }
    }

    fn of_work(&self, says: impl Fn() -> Says) -> Says {
        match (self.is_hot_in_work(), self.1) {
            (false, _) => Says::False,
            (true, false) => Says::Unknown,
            (true, true) => says(),
        }
    }
}

fn high((trip, clear): (f64, f64)) -> Limit {
    Limit { kind: LimitKind::H, trip, clear }
}

const ORDINARY: (f64, f64) = (25.0, 23.0);
const TIGHTER: (f64, f64) = (10.0, 8.0);

fn works() -> Site {
    let mut site = site();
    let tag = Tag { engineering_unit: "%LEL".into(), stale_after_ms: None, ..site.tags[0].clone() };
    let unit_of = |detector| UnitIx::from(usize::from(!HERE.contains(&detector)));
    let detector = |at: usize| Tag { id: format!("gt{at}").as_str().into(), unit: Some(unit_of(at)), ..tag.clone() };
    site.tags = (0..DETECTORS).map(detector).collect();
    site.units.push(Unit { id: "other".into(), ..site.units[0].clone() });
    let limit = |at| Rule {
        unit: Some(unit_of(at)),
        ..rule(&format!("gt{at}"), RuleKind::Limit { tag: TagIx::from(at), limit: high(ORDINARY) }, None)
    };
    let limits = (0..DETECTORS).map(|at| (TagIx::from(at), high(TIGHTER))).collect();
    let kinds = [TicketKind::HotWorkGas { limits }, TicketKind::HotWorkGasAlarm];
    let kinds = kinds.into_iter().zip(0..).map(|(kind, table)| {
        let id = kind.name();
        rule(id, RuleKind::Ticket(TicketRule { kind, unit: None, table, slot: 0 }), None)
    });
    site.rules = (0..DETECTORS).map(limit).chain(kinds).collect();
    site
}

fn word() -> impl Strategy<Value = Word> {
    let status = prop_oneof![3 => Just(TicketStatus::InWork), 1 => Just(TicketStatus::Suspended), 1 => Just(TicketStatus::Accepted)];
    let value =
        prop::option::weighted(0.9, prop::sample::select(vec![0.0, 7.9, 8.0, 8.1, 9.9, 10.0, 22.9, 23.0, 24.0, 25.0]));
    prop_oneof![
        3 => status.prop_map(Word::Status),
        9 => (0..DETECTORS, value).prop_map(|(detector, value)| Word::Reads(detector, value)),
        1 => any::<bool>().prop_map(Word::Link),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_hot_work_follow_from_the_history(
        work in prop::sample::select(vec!["01", "01", "03", "70"]),
        has_unit in prop::bool::weighted(0.9),
        words in prop::collection::vec(word(), 1..40),
    ) {
        let mut bench = Bench::of(works());
        bench.link(Link::Up);
        let mut update = TicketUpdate::new("T-1".into(), WorkType(work.to_owned()), bench.now.utc);
        update.unit = has_unit.then_some(UnitIx(0));
        bench.apply(Event::Ticket(Box::new(update.clone())));
        let mut told = Vec::new();
        let mut said: [Vec<(u64, Says)>; DETECTORS + 2] = Default::default();
        let mut is_up = true;
        for (second, word) in words.into_iter().enumerate() {
            bench.at(second as u64);
            match word {
                Word::Reads(..) if !is_up => continue,
                Word::Reads(detector, value) => {
                    let quality = if value.is_some() { Quality::GOOD } else { Quality::BAD_SENSOR };
                    let (tag, value, utc) = (TagIx::from(detector), value.unwrap_or(0.0), bench.now.utc);
                    bench.apply(Event::Samples(vec![Sample { tag, value, quality, source_time: None, received_time: utc }]));
                }
                Word::Link(up) if up == is_up => continue,
                Word::Link(up) => {
                    is_up = up;
                    bench.link(if up { Link::Up } else { Link::Down("cut".to_owned()) });
                }
                Word::Status(status) => {
                    (update.status, update.received_time) = (status, bench.now.utc);
                    bench.apply(Event::Ticket(Box::new(update.clone())));
                }
            }
            told.push(word);
            let history = History(work, has_unit, &told);
            for (detector, said) in said.iter_mut().enumerate().take(DETECTORS) {
                said.push((0, history.says(&[detector], ORDINARY)));
            }
            let is_high = |detector: &usize| is_active(&said[*detector], Delays::default());
            // What an alarm is about is known while its detector is; one that stands through bad quality is one all the same.
            let alarm = history.of_work(|| {
                if HERE.iter().any(is_high) {
                    Says::True
                } else if HERE.iter().any(|detector| history.reads(*detector).is_none()) {
                    Says::Unknown
                } else {
                    Says::False
                }
            });
            said[DETECTORS].push((0, history.of_work(|| history.says(&HERE, TIGHTER))));
            said[DETECTORS + 1].push((0, alarm));
            let active = |at: usize| is_active(&said[at], Delays::default());
            let ids = ["gt0", "gt1", "gt2", "hot_work_gas", "hot_work_gas_alarm"];
            let expected: Vec<&str> = ids.into_iter().enumerate().filter(|(at, _)| active(*at)).map(|(_, id)| id).collect();
            prop_assert_eq!(bench.active(), expected, "of {:?}", told);
        }
    }
}
