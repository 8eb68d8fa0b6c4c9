//! Cards: a call for help, silence, the battery.

use super::*;
use crate::event::Location;

const AGE_MAX_MS: u64 = 296_000;
const PEOPLE: usize = 2;
const OFFLINE_MS: u64 = 60_000;

#[derive(Clone, Copy, Debug)]
enum Word {
    /// A card says its person's zone, whether help is called for, and perhaps the battery.
    Heard { person: usize, is_inside: bool, sos: bool, battery: Option<u8> },
    /// The broker comes or goes.
    Broker(bool),
}

/// All that was told, by millisecond; and the time.
struct History<'a>(&'a [(u64, Word)], u64);

impl History<'_> {
    /// What a card said, with the time.
    fn heard(&self, person: usize) -> impl DoubleEndedIterator<Item = (u64, bool, bool, Option<u8>)> {
        self.0.iter().filter_map(move |(at_ms, word)| match *word {
            Word::Heard { person: who, is_inside, sos, battery } if who == person => {
                Some((*at_ms, is_inside, sos, battery))
            }
            Word::Heard { .. } | Word::Broker(_) => None,
        })
    }

    /// From when until when the broker was up.
    fn up(&self) -> Vec<(u64, u64)> {
        let turns: Vec<(u64, bool)> = self
            .0
            .iter()
            .filter_map(|(at_ms, word)| if let Word::Broker(up) = word { Some((*at_ms, *up)) } else { None })
            .collect();
        let until = |at: usize| turns.get(at + 1).map_or(self.1, |(at_ms, _)| *at_ms);
        turns.iter().enumerate().filter(|(_, (_, up))| *up).map(|(at, (from, _))| (*from, until(at))).collect()
    }

    fn is_up(&self) -> bool {
        self.0.iter().rev().find_map(|(_, word)| if let Word::Broker(up) = word { Some(*up) } else { None })
            == Some(true)
    }

    /// Since when the broker is up: cards are waited for from then on.
    fn up_ms(&self) -> u64 {
        self.up().last().map_or(0, |(from, _)| *from)
    }

    /// Whether what comes after a word came since the broker is up.
    fn heard_since_up(&self, person: usize) -> impl DoubleEndedIterator<Item = Option<u8>> {
        let up = self.0.iter().rposition(|(_, word)| matches!(word, Word::Broker(true))).unwrap_or(0);
        History(&self.0[up..], self.1).heard(person).map(|(_, _, _, battery)| battery).collect::<Vec<_>>().into_iter()
    }

    /// A broker that was up was silent about the place for too long.
    fn is_lost(&self, told_ms: u64) -> bool {
        self.up().iter().any(|(from, until)| until.saturating_sub(told_ms.max(*from)) >= AGE_MAX_MS)
    }

    /// Whatever becomes of its place and its broker.
    fn calls(&self, person: usize) -> Says {
        truth(self.heard(person).next_back().is_some_and(|(_, _, sos, _)| sos))
    }

    fn is_offline(&self, person: usize) -> Says {
        if !self.is_up() {
            return Says::Unknown;
        }
        let Some((told_ms, true, _, _)) = self.heard(person).next_back() else { return Says::False };
        let silent_ms = self.1 - told_ms.max(self.up_ms());
        if self.is_lost(told_ms) || silent_ms >= OFFLINE_MS {
            Says::True
        } else if self.heard_since_up(person).next().is_none() {
            Says::Unknown
        } else {
            Says::False
        }
    }

    /// Below 20 % it is low, from 25 % on it is not. What was said before the broker went counts no more.
    fn is_low(&self, person: usize) -> Says {
        let left = self.heard_since_up(person).rev().find_map(|battery| battery);
        match left.filter(|_| self.is_up()) {
            None => Says::Unknown,
            Some(0..20) => Says::True,
            Some(20..25) => Says::Neither,
            Some(_) => Says::False,
        }
    }
}

type Condition = (RuleKind, fn(&History<'_>, usize) -> Says, usize);

fn conditions() -> Vec<Condition> {
    (0..PEOPLE)
        .flat_map(|at| {
            let person = PersonIx::from(at);
            [
                (
                    RuleKind::Sos { person },
                    (|history, person| history.calls(person)) as fn(&History<'_>, usize) -> Says,
                    at,
                ),
                (
                    RuleKind::People(PeopleRule::CardOffline { person, after_ms: OFFLINE_MS }),
                    |history, person| history.is_offline(person),
                    at,
                ),
                (
                    RuleKind::People(PeopleRule::CardBattery { person, below: 20, clear: 25 }),
                    |history, person| history.is_low(person),
                    at,
                ),
            ]
        })
        .collect()
}

fn site_of(conditions: &[Condition], delays: Delays) -> Site {
    let rules = conditions.iter().enumerate().map(|(at, (kind, _, _))| Rule {
        on_delay_ms: delays.on_ms,
        off_delay_ms: delays.off_ms,
        ..rule(&format!("{at}"), kind.clone(), None)
    });
    Site {
        sources: vec![Source { id: "beacons".into(), name: "beacons".to_owned(), kind: SourceKind::Mqtt }],
        zones: vec![Zone::new("yard", "yard")],
        people: (0..PEOPLE).map(|at| Person::new(&format!("p{at}"), "p", "c")).collect(),
        rules: rules.collect(),
        policy: Policy { location_max_age_ms: AGE_MAX_MS, ..Policy::default() },
        ..Site::default()
    }
}

fn word() -> impl Strategy<Value = Word> {
    let battery = prop::option::weighted(0.6, prop::sample::select(vec![0, 19, 20, 24, 25, 90]));
    let heard = (0..PEOPLE, prop::bool::weighted(0.8), prop::bool::weighted(0.2), battery);
    prop_oneof![
        8 => heard.prop_map(|(person, is_inside, sos, battery)| Word::Heard { person, is_inside, sos, battery }),
        2 => any::<bool>().prop_map(Word::Broker),
    ]
}

fn event(word: Word, utc: UtcTime) -> Event {
    match word {
        Word::Broker(true) => Event::Source(SourceIx(0), Link::Up),
        Word::Broker(false) => Event::Source(SourceIx(0), Link::Down("cut".to_owned())),
        Word::Heard { person, is_inside, sos, battery } => Event::Locations(vec![Location {
            person: PersonIx::from(person),
            zone: is_inside.then_some(ZoneIx(0)),
            position: None,
            sos,
            battery_percent: battery,
            source_time: None,
            received_time: utc,
        }]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_cards_follow_from_the_history(
        (on_ms, off_ms) in (prop::sample::select(vec![0, 0, 4_500]), prop::sample::select(vec![0, 0, 4_500])),
        steps in prop::collection::vec((
            prop_oneof![30 => 0..8_u64, 6 => 50..70_u64, 1 => 290..310_u64],
            word(),
        ), 1..40),
    ) {
        let delays = Delays { on_ms, off_ms, through_unknown: false };
        let conditions = conditions();
        let mut bench = Bench::of(site_of(&conditions, delays));
        bench.link(Link::Up);
        let mut told = vec![(0, Word::Broker(true))];
        let mut said: Vec<Vec<(u64, Says)>> = vec![Vec::new(); conditions.len()];
        let mut look = |bench: &Bench, told: &[(u64, Word)], now_ms: u64| {
            let history = History(told, now_ms);
            let all = conditions.iter().zip(&mut said);
            all.for_each(|((_, says, person), said)| said.push((now_ms, says(&history, *person))));
            let expected = said.iter().enumerate().filter(|(_, said)| is_active(said, delays));
            let expected: Vec<String> = expected.map(|(at, _)| format!("{at}")).collect();
            prop_assert_eq!(bench.active(), expected, "at {} of {:?}", now_ms, told);
            Ok(())
        };
        let mut now_ms = 0;
        for (after_s, word) in steps {
            // Delays end between the seconds, so that none of them ends when a card says something.
            for _ in 0..2 * after_s {
                now_ms += 500;
                bench.at_ms(now_ms);
                look(&bench, &told, now_ms)?;
            }
            // A broker that is there already does not come.
            if matches!(word, Word::Broker(up) if up == History(&told, now_ms).is_up()) {
                continue;
            }
            // Nothing is heard through a broker that is not there.
            if matches!(word, Word::Heard { .. }) && !History(&told, now_ms).is_up() {
                continue;
            }
            bench.apply(event(word, bench.now.utc));
            told.push((now_ms, word));
            look(&bench, &told, now_ms)?;
        }
    }
}
