//! What the box says of itself: its uplink, its clock, its certificates.

use super::*;
use crate::{
    event::{CertificateEnd, ClockState},
    limits::INITIAL_WAIT_MS,
};

const OFFSET_MAX_MS: u64 = 2_000;
const UNSYNCHRONISED_S: u64 = 20;
const BEFORE_DAYS: u32 = 30;
const BEFORE_S: i64 = 30 * 86_400;

#[derive(Clone, Copy, Debug)]
enum Word {
    Uplink(bool),
    /// Whether somebody sets the clock, and how far it is off.
    Clock(Option<bool>, Option<i64>),
    /// How long the certificate that ends first has left, in seconds; there may be none.
    Certificate(Option<i64>),
}

type Told = [(u64, Word)];

fn last<T>(told: &Told, what: impl Fn(Word) -> Option<T>) -> Option<T> {
    told.iter().rev().find_map(|(_, word)| what(*word))
}

/// Down as well when nothing has been heard of it for as long as it may take to come up.
fn uplink_lost(told: &Told, now_s: u64) -> Says {
    match last(told, |word| if let Word::Uplink(up) = word { Some(up) } else { None }) {
        Some(up) => truth(!up),
        None if now_s * 1000 >= INITIAL_WAIT_MS => Says::True,
        None => Says::Unknown,
    }
}

fn clock(told: &Told, now_s: u64) -> Says {
    let word =
        |word| if let Word::Clock(synchronised, offset_ms) = word { Some((synchronised, offset_ms)) } else { None };
    let Some((synchronised, offset_ms)) = last(told, word) else { return Says::Unknown };
    // Since the first word of it after somebody set the clock; not to know is no word.
    let set = told.iter().rposition(|(_, word)| matches!(word, Word::Clock(Some(true), _))).map_or(0, |at| at + 1);
    let since = told[set..].iter().find(|(_, word)| matches!(word, Word::Clock(Some(false), _)));
    let too_long = since.is_some_and(|(since_s, _)| now_s - since_s >= UNSYNCHRONISED_S);
    let is_wrong = offset_ms.map(|ms| ms.unsigned_abs() > OFFSET_MAX_MS);
    if is_wrong == Some(true) || synchronised == Some(false) && too_long {
        Says::True
    } else if synchronised.is_none() {
        Says::Unknown
    } else if is_wrong == Some(false) || synchronised == Some(true) {
        Says::False
    } else {
        Says::Neither
    }
}

fn certificate(told: &Told, _: u64) -> Says {
    let first = last(told, |word| if let Word::Certificate(left_s) = word { Some(left_s) } else { None });
    first.map_or(Says::Unknown, |left_s| truth(left_s.is_some_and(|left_s| left_s < BEFORE_S)))
}

/// A kind of rule, and what its condition says by definition.
type Rules = [(RuleKind, fn(&Told, u64) -> Says); 3];

const RULES: Rules = [
    (RuleKind::UplinkLost { uplink: UplinkIx(0) }, uplink_lost),
    (
        RuleKind::System(SystemRule::ClockUnsynchronised {
            offset_max_ms: OFFSET_MAX_MS,
            unsynchronised_ms: UNSYNCHRONISED_S * 1000,
        }),
        clock,
    ),
    (RuleKind::System(SystemRule::CertificateExpiring { before_days: BEFORE_DAYS }), certificate),
];

fn box_of(delays: Delays) -> Site {
    let rules = RULES.into_iter().enumerate().map(|(at, (kind, _))| Rule {
        on_delay_ms: delays.on_ms,
        off_delay_ms: delays.off_ms,
        ..rule(&format!("{at}"), kind, None)
    });
    Site { uplinks: vec![Uplink { id: "north".into(), name: "north".to_owned() }], rules: rules.collect(), ..site() }
}

fn word() -> impl Strategy<Value = Word> {
    let offset_ms = prop::option::of(prop::sample::select(vec![-2_001, -2_000, 0, 2_000, 2_001, i64::MIN]));
    let synchronised = prop_oneof![2 => Just(Some(false)), 1 => Just(Some(true)), 1 => Just(None)];
    let left_s = prop::option::weighted(0.9, prop::sample::select(vec![-1, 0, BEFORE_S - 1, BEFORE_S, i64::MAX]));
    prop_oneof![
        1 => any::<bool>().prop_map(Word::Uplink),
        3 => (synchronised, offset_ms).prop_map(|(synchronised, offset_ms)| Word::Clock(synchronised, offset_ms)),
        1 => left_s.prop_map(Word::Certificate),
    ]
}

fn event(word: Word) -> Event {
    match word {
        Word::Uplink(true) => Event::Uplink(UplinkIx(0), Link::Up),
        Word::Uplink(false) => Event::Uplink(UplinkIx(0), Link::Down("cut".to_owned())),
        Word::Clock(synchronised, offset_ms) => Event::Clock(ClockState { synchronised, offset_ms }),
        Word::Certificate(left_s) => {
            Event::Certificates(left_s.map(|left_s| CertificateEnd { left_s, ..CertificateEnd::default() }))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_the_box_follow_from_the_history(
        (on_ms, off_ms) in (prop::sample::select(vec![0, 0, 3_000]), prop::sample::select(vec![0, 0, 3_000])),
        steps in prop::collection::vec((prop_oneof![6 => 0..6_u64, 2 => 17..23_u64, 1 => 28..32_u64], word()), 1..40),
    ) {
        let delays = Delays { on_ms, off_ms, through_unknown: false };
        let mut bench = Bench::of(box_of(delays));
        bench.link(Link::Up);
        let (mut told, mut now_s) = (Vec::new(), 0);
        let mut said: Vec<Vec<(u64, Says)>> = vec![Vec::new(); RULES.len()];
        let mut look = |bench: &Bench, told: &Told, now_s: u64| {
            RULES.iter().zip(&mut said).for_each(|((_, says), said)| said.push((now_s * 1000, says(told, now_s))));
            let expected = said.iter().enumerate().filter(|(_, said)| is_active(said, delays));
            let expected: Vec<String> = expected.map(|(at, _)| format!("{at}")).collect();
            prop_assert_eq!(bench.active(), expected, "at {} of {:?}", now_s, told);
            Ok(())
        };
        for (after_s, word) in steps {
            for _ in 0..after_s {
                now_s += 1;
                bench.at(now_s);
                look(&bench, &told, now_s)?;
            }
            bench.apply(event(word));
            told.push((now_s, word));
            look(&bench, &told, now_s)?;
        }
    }
}
