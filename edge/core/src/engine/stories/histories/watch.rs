//! The alarm system itself: floods, chattering, what is over at once, what stands for long, the disk and the journal.

use super::*;
use crate::event::StorageState;

const TAGS: usize = 3;
const WINDOW_S: u64 = 30;
const OFTEN_S: u64 = 10;
const QUIET_S: u64 = 15;
const STANDS_S: u64 = 25;
const BRIEF_S: u64 = 4;
const BRIEFLY_S: u64 = 12;

#[derive(Clone, Copy, Debug)]
enum Word {
    /// A tag goes beyond its limit, or back.
    Turns(usize, bool),
    Disk(u64),
    Journal(bool),
}

/// When each tag went beyond its limit, and since when it is beyond.
fn raises(told: &[(u64, Word)], tag: usize) -> (Vec<u64>, Option<u64>) {
    let turns = told.iter().filter_map(|(at_s, word)| match word {
        Word::Turns(which, beyond) if *which == tag => Some((*at_s, *beyond)),
        Word::Turns(..) | Word::Disk(_) | Word::Journal(_) => None,
    });
    let (mut raises, mut since) = (Vec::new(), None);
    for (at_s, beyond) in turns {
        if beyond && since.is_none() {
            raises.push(at_s);
        }
        since = beyond.then(|| since.unwrap_or(at_s));
    }
    (raises, since)
}

/// Four alarms within the window begin it, fewer than two end it.
fn flood(told: &[(u64, Word)], now_s: u64) -> Says {
    let all = (0..TAGS).flat_map(|tag| raises(told, tag).0);
    let lately = all.filter(|at_s| at_s + WINDOW_S > now_s).count();
    if lately >= 4 {
        Says::True
    } else if lately < 2 {
        Says::False
    } else {
        Says::Neither
    }
}

/// It has come so often within a while, and has not been quiet for as long as it must since.
fn repeats(times: &[u64], count: usize, within_s: u64, now_s: u64) -> bool {
    let mut until_s = 0;
    for (nth, at_s) in times.iter().enumerate() {
        let often = nth + 1 >= count && times[nth + 1 - count] + within_s > *at_s;
        if often || *at_s < until_s {
            until_s = at_s + QUIET_S;
        }
    }
    now_s < until_s
}

/// Some tag has been raised three times within a while.
fn chattering(told: &[(u64, Word)], now_s: u64) -> Says {
    truth((0..TAGS).any(|tag| repeats(&raises(told, tag).0, 3, OFTEN_S, now_s)))
}

/// Some tag has been raised and was over at once twice within a while.
fn fleeting(told: &[(u64, Word)], now_s: u64) -> Says {
    truth((0..TAGS).any(|tag| {
        let lasted = |end: &usize| match (told[*end].1, raises(&told[..*end], tag).1) {
            (Word::Turns(which, false), Some(since_s)) if which == tag => Some((told[*end].0, told[*end].0 - since_s)),
            _ => None,
        };
        let ends = (0..told.len()).filter_map(|end| lasted(&end));
        let brief: Vec<u64> = ends.filter(|(_, lasted_s)| *lasted_s < BRIEF_S).map(|(at_s, _)| at_s).collect();
        repeats(&brief, 2, BRIEFLY_S, now_s)
    }))
}

fn standing(told: &[(u64, Word)], now_s: u64) -> Says {
    truth((0..TAGS).any(|tag| raises(told, tag).1.is_some_and(|since_s| now_s - since_s >= STANDS_S)))
}

/// From 80 % on, until it is below 70 %.
fn disk(told: &[(u64, Word)], _: u64) -> Says {
    let last = told.iter().rev().find_map(|(_, word)| if let Word::Disk(used) = word { Some(*used) } else { None });
    match last {
        None => Says::Unknown,
        Some(80..) => Says::True,
        Some(0..70) => Says::False,
        Some(_) => Says::Neither,
    }
}

fn journal(told: &[(u64, Word)], _: u64) -> Says {
    let last = told.iter().rev().find_map(|(_, word)| if let Word::Journal(up) = word { Some(*up) } else { None });
    last.map_or(Says::Unknown, |up| truth(!up))
}

type Rules = [(&'static str, SystemRule, fn(&[(u64, Word)], u64) -> Says); 6];

const RULES: Rules = [
    ("chattering", SystemRule::Chattering(OFTEN), chattering),
    ("disk", SystemRule::StorageFilling { percent: 80, clear_percent: 70 }, disk),
    ("fleeting", SystemRule::Fleeting { shorter_ms: BRIEF_S * 1000, repeating: BRIEFLY }, fleeting),
    ("flood", SystemRule::Flood(FloodLimits { begins: 4, ends_below: 2, window_ms: WINDOW_S * 1000 }), flood),
    ("journal", SystemRule::JournalNotDurable, journal),
    ("standing", SystemRule::Standing { after_ms: STANDS_S * 1000 }, standing),
];

const OFTEN: Repeating = Repeating { count_min: 3, window_ms: OFTEN_S * 1000, quiet_ms: QUIET_S * 1000 };

const BRIEFLY: Repeating = Repeating { count_min: 2, window_ms: BRIEFLY_S * 1000, ..OFTEN };

fn watched_site() -> Site {
    let mut site = site();
    let tag = Tag { stale_after_ms: None, ..site.tags[0].clone() };
    site.tags = (0..TAGS).map(|at| Tag { id: format!("t{at}").as_str().into(), ..tag.clone() }).collect();
    let limit = Limit { kind: LimitKind::H, trip: 80.0, clear: 80.0 };
    let limits = (0..TAGS).map(|at| rule(&format!("t{at}.H"), RuleKind::Limit { tag: TagIx::from(at), limit }, None));
    let system = RULES.map(|(id, kind, _)| rule(id, RuleKind::System(kind), None));
    site.rules = limits.chain(system).collect();
    site
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        8 => (prop::sample::select(vec![0, 0, 0, 1, 2]), any::<bool>()).prop_map(|(tag, beyond)| Word::Turns(tag, beyond)),
        1 => prop::sample::select(vec![69, 70, 79, 80, 90]).prop_map(Word::Disk),
        1 => any::<bool>().prop_map(Word::Journal),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn alarms_over_the_alarm_system_follow_from_the_history(
        steps in prop::collection::vec((prop_oneof![6 => 0..3_u64, 4 => 3..8_u64, 1 => 8..40_u64], word()), 1..80),
    ) {
        let mut bench = Bench::of(watched_site());
        bench.link(Link::Up);
        let (mut told, mut now_s) = (Vec::new(), 0);
        let mut said: Vec<Vec<(u64, Says)>> = vec![Vec::new(); RULES.len()];
        let mut look = |bench: &Bench, told: &[(u64, Word)], now_s: u64| {
            RULES.iter().zip(&mut said).for_each(|((_, _, says), said)| said.push((now_s, says(told, now_s))));
            let active = said.iter().map(|said| is_active(said, Delays::default()));
            let expected: Vec<&str> = RULES.iter().zip(active).filter(|(_, is)| *is).map(|((id, _, _), _)| *id).collect();
            let mut active = bench.active();
            active.retain(|id| !id.ends_with(".H"));
            prop_assert_eq!(active, expected, "at {} of {:?}", now_s, told);
            Ok(())
        };
        for (after_s, word) in steps {
            for _ in 0..after_s {
                now_s += 1;
                bench.at(now_s);
                look(&bench, &told, now_s)?;
            }
            match word {
                Word::Turns(tag, beyond) => bench.value(TagIx::from(tag), if beyond { 90.0 } else { 50.0 }),
                Word::Disk(used_bytes) => {
                    bench.apply(Event::Storage(StorageState { used_bytes, budget_bytes: Some(100), free_bytes: None }))
                }
                Word::Journal(true) => bench.apply(Event::Journal(Link::Up)),
                Word::Journal(false) => bench.apply(Event::Journal(Link::Down("full".to_owned()))),
            };
            told.push((now_s, word));
            look(&bench, &told, now_s)?;
        }
    }
}
