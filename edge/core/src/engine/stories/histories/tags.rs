//! Limits with deadband and delays, gas, ranges, deviation, mismatch, states, bypasses, quality, staleness, rest and lost sources.

use super::*;

/// Between two seconds, so that it never coincides with the end of a delay.
const STALE_AFTER_MS: u64 = 10_500;
const FIRST_AFTER_S: u64 = 30;
const FROZEN_AFTER_S: u64 = 8;
const DEAD_ZONE: f64 = 0.5;

/// What was told of one of two tags, each of a source of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Value(f64, Quality),
    Up,
    Down,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    at_s: u64,
    tag: usize,
    word: Word,
}

/// A kind of rule over the two, and what its condition says by definition.
struct Watch {
    kind: RuleKind,
    delays: Delays,
    says: fn(&[Told], u64) -> Says,
}

/// The values of a tag that can be used, since something was told last that broke off their row.
fn row(told: &[Told], tag: usize) -> Vec<(u64, f64)> {
    let of_tag = told.iter().rev().filter(|told| told.tag == tag && told.word != Word::Up);
    let usable = of_tag.map_while(|told| match told.word {
        Word::Value(value, quality) if quality.is_usable() && value.is_finite() => Some((told.at_s, value)),
        Word::Value(..) | Word::Up | Word::Down => None,
    });
    let mut row: Vec<(u64, f64)> = usable.collect();
    row.reverse();
    row
}

/// The value of a tag now, if it can be used. Only the first tag must come every so often.
fn value(told: &[Told], tag: usize, now_s: u64) -> Option<f64> {
    let (at_s, value) = *row(told, tag).last()?;
    (tag == 1 || (now_s - at_s) * 1000 < STALE_AFTER_MS).then_some(value)
}

fn of_a(told: &[Told], now_s: u64, says: impl Fn(f64) -> Says) -> Says {
    value(told, 0, now_s).map_or(Says::Unknown, says)
}

fn of_both(told: &[Told], now_s: u64, says: impl Fn(f64, f64) -> Says) -> Says {
    value(told, 0, now_s).zip(value(told, 1, now_s)).map_or(Says::Unknown, |(a, b)| says(a, b))
}

/// True at or beyond 20, false at 18 or less.
fn high(value: f64) -> Says {
    if value >= 20.0 {
        Says::True
    } else if value <= 18.0 {
        Says::False
    } else {
        Says::Neither
    }
}

/// True at or below 5, false at 7 or more.
fn low(value: f64) -> Says {
    if value <= 5.0 {
        Says::True
    } else if value >= 7.0 {
        Says::False
    } else {
        Says::Neither
    }
}

fn is_up(told: &[Told], tag: usize) -> bool {
    told.iter().rev().find(|told| told.tag == tag && matches!(told.word, Word::Up | Word::Down)).map(|told| told.word)
        == Some(Word::Up)
}

/// Since the source is up: the seconds of the values, and when it came up.
fn heard(told: &[Told], tag: usize) -> (Vec<u64>, u64) {
    let of_tag: Vec<&Told> = told.iter().filter(|told| told.tag == tag).collect();
    let from = of_tag.iter().rposition(|told| told.word == Word::Down).map_or(0, |at| at + 1);
    let up_s = of_tag[from..].iter().find(|told| told.word == Word::Up).map_or(0, |told| told.at_s);
    let values = of_tag[from..].iter().filter(|told| matches!(told.word, Word::Value(..))).map(|told| told.at_s);
    (values.collect(), up_s)
}

fn stale(told: &[Told], now_s: u64) -> Says {
    if !is_up(told, 0) {
        return Says::Unknown;
    }
    let (values, up_s) = heard(told, 0);
    match values.last() {
        Some(last_s) => truth((now_s - last_s) * 1000 >= STALE_AFTER_MS),
        None if now_s - up_s >= FIRST_AFTER_S => Says::True,
        None => Says::Unknown,
    }
}

fn bad_quality(told: &[Told], now_s: u64) -> Says {
    match stale(told, now_s) {
        Says::True => Says::Neither,
        Says::False => truth(row(told, 0).is_empty()),
        Says::Neither | Says::Unknown => Says::Unknown,
    }
}

/// A bad value is no end of the doubt, and no beginning.
fn uncertain_quality(told: &[Told], now_s: u64) -> Says {
    match stale(told, now_s) {
        Says::True => Says::Neither,
        Says::False => {
            let quality = |told: &Told| if let Word::Value(_, quality) = told.word { Some(quality) } else { None };
            let last = told.iter().rev().filter(|told| told.tag == 0).find_map(quality);
            if last.is_some_and(|last| !last.is_usable()) {
                Says::Neither
            } else {
                truth(last == Some(Quality::UNCERTAIN))
            }
        }
        Says::Neither | Says::Unknown => Says::Unknown,
    }
}

/// The last rest of the row: when it began, and whether it was seen to begin.
fn frozen(told: &[Told], now_s: u64) -> Says {
    let row = row(told, 1);
    let Some(first) = row.first() else { return Says::Unknown };
    let (mut rest, mut moved) = (*first, false);
    for (at_s, value) in &row {
        if (value - rest.1).abs() > DEAD_ZONE {
            (rest, moved) = ((*at_s, *value), true);
        }
    }
    match (now_s - rest.0 >= FROZEN_AFTER_S, moved) {
        (true, _) => Says::True,
        (false, false) => Says::Neither,
        (false, true) => Says::False,
    }
}

/// A state is a whole number.
fn is_one(state: f64) -> bool {
    (state - 1.0).abs() < f64::EPSILON
}

fn watched(on_ms: u64, off_ms: u64) -> Vec<Watch> {
    let (a, b) = (TagIx(0), TagIx(1));
    let delays = Delays { on_ms, off_ms, through_unknown: false };
    let h = Limit { kind: LimitKind::H, trip: 20.0, clear: 18.0 };
    let l = Limit { kind: LimitKind::L, trip: 5.0, clear: 7.0 };
    let gas = |gas, limit| RuleKind::Signal(SignalRule::Gas { tag: a, gas, limit });
    let state = |meaning, differs| {
        let test = StateTest { state: 1, differs, words: Vec::new() };
        RuleKind::Signal(SignalRule::State { tag: a, test, meaning })
    };
    let watch = |kind, says| Watch { kind, delays, says };
    let bypass = |stage, on_ms| Watch {
        kind: state(StateMeaning::SisBypass(stage), false),
        delays: Delays { on_ms, off_ms, through_unknown: stage != BypassStage::Begun },
        says: |told, now_s| of_a(told, now_s, |a| truth(is_one(a))),
    };
    vec![
        watch(RuleKind::Limit { tag: a, limit: h }, |told, now_s| of_a(told, now_s, high)),
        watch(RuleKind::Limit { tag: a, limit: l }, |told, now_s| of_a(told, now_s, low)),
        watch(gas(Gas::Combustible, h), |told, now_s| of_a(told, now_s, high)),
        watch(gas(Gas::Oxygen, l), |told, now_s| of_a(told, now_s, low)),
        watch(RuleKind::OutOfRange { tag: a, low: 1.0, high: 25.0 }, |told, now_s| {
            of_a(told, now_s, |a| truth(!(1.0..=25.0).contains(&a)))
        }),
        watch(RuleKind::Deviation { tag: a, other: b, difference: 5.0, clear: 2.0 }, |told, now_s| {
            of_both(told, now_s, |a, b| {
                let apart = if a > b { a - b } else { b - a };
                if apart > 5.0 {
                    Says::True
                } else if apart <= 2.0 {
                    Says::False
                } else {
                    Says::Neither
                }
            })
        }),
        watch(RuleKind::Mismatch { command: a, feedback: b }, |told, now_s| {
            of_both(told, now_s, |a, b| truth((a == 0.0) != (b == 0.0)))
        }),
        watch(state(StateMeaning::State, true), |told, now_s| of_a(told, now_s, |a| truth(!is_one(a)))),
        watch(state(StateMeaning::SisTrip, false), |told, now_s| of_a(told, now_s, |a| truth(is_one(a)))),
        bypass(BypassStage::Begun, on_ms),
        bypass(BypassStage::Reminder, 12_000),
        bypass(BypassStage::Overdue, 20_000),
        watch(RuleKind::BadQuality { tag: a }, bad_quality),
        watch(RuleKind::UncertainQuality { tag: a }, uncertain_quality),
        watch(RuleKind::SourceLost { source: SourceIx(0) }, |told, _| truth(!is_up(told, 0))),
        watch(RuleKind::Stale { tag: a }, stale),
        watch(RuleKind::Frozen { tag: b, dead_zone: DEAD_ZONE, after_ms: FROZEN_AFTER_S * 1000 }, frozen),
    ]
}

fn site_of(watched: &[Watch]) -> Site {
    let mut site = Site { cameras: Vec::new(), units: Vec::new(), events: Vec::new(), ..site() };
    site.sources.push(Source { id: "plc".into(), name: "PLC".to_owned(), kind: SourceKind::Modbus });
    site.tags[0].stale_after_ms = Some(STALE_AFTER_MS);
    site.tags[1] = Tag { source: SourceIx(1), stale_after_ms: None, ..site.tags[1].clone() };
    site.rules = watched
        .iter()
        .enumerate()
        .map(|(at, watch)| Rule {
            on_delay_ms: watch.delays.on_ms,
            off_delay_ms: watch.delays.off_ms,
            ..rule(&format!("{at:02}"), watch.kind.clone(), None)
        })
        .collect();
    site
}

fn word() -> impl Strategy<Value = Word> {
    let marks = [0.0, 0.0, 1.0, 1.0, 1.5, 2.0, 4.9, 5.0, 5.1, 6.9, 7.0, 17.9, 18.0, 18.1, 19.9, 20.0, 25.0, 25.1];
    let quality = prop_oneof![9 => Just(Quality::GOOD), 3 => Just(Quality::UNCERTAIN), 2 => Just(Quality::BAD_SENSOR)];
    prop_oneof![
        20 => (prop::sample::select(marks.to_vec()), quality).prop_map(|(value, quality)| Word::Value(value, quality)),
        1 => Just(Word::Down),
        2 => Just(Word::Up),
    ]
}

fn event(tag: usize, word: Word, utc: UtcTime) -> Event {
    let source = SourceIx::from(tag);
    match word {
        Word::Up => Event::Source(source, Link::Up),
        Word::Down => Event::Source(source, Link::Down("cut".to_owned())),
        Word::Value(value, quality) => {
            let tag = TagIx::from(tag);
            Event::Samples(vec![Sample { tag, value, quality, source_time: Some(utc), received_time: utc }])
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_tags_follow_from_the_history(
        (on_ms, off_ms) in (prop::sample::select(vec![0, 0, 1_000, 5_000]), prop::sample::select(vec![0, 0, 1_000, 5_000])),
        steps in prop::collection::vec((prop_oneof![9 => 0..4_u64, 1 => 4..35_u64], 0..2_usize, word()), 1..40),
    ) {
        let watched = watched(on_ms, off_ms);
        let mut bench = Bench::of(site_of(&watched));
        let mut told = Vec::new();
        let mut said: Vec<Vec<(u64, Says)>> = vec![Vec::new(); watched.len()];
        let mut look = |bench: &Bench, told: &[Told], now_s: u64| {
            for (watch, said) in watched.iter().zip(&mut said) {
                said.push((now_s * 1000, (watch.says)(told, now_s)));
            }
            let expected = watched.iter().zip(&said).enumerate().filter(|(_, (watch, said))| is_active(said, watch.delays));
            let expected: Vec<String> = expected.map(|(at, _)| format!("{at:02}")).collect();
            prop_assert_eq!(bench.active(), expected, "at {} of {:?}", now_s, told);
            Ok(())
        };
        for tag in 0..2 {
            bench.apply(event(tag, Word::Up, bench.now.utc));
            told.push(Told { at_s: 0, tag, word: Word::Up });
        }
        let mut now_s = 0;
        for (after_s, tag, word) in steps {
            for _ in 0..after_s {
                now_s += 1;
                bench.at(now_s);
                look(&bench, &told, now_s)?;
            }
            if matches!(word, Word::Value(..)) && !is_up(&told, tag) || matches!(word, Word::Up) && is_up(&told, tag) {
                continue;
            }
            bench.apply(event(tag, word, bench.now.utc));
            told.push(Told { at_s: now_s, tag, word });
            look(&bench, &told, now_s)?;
        }
    }
}
