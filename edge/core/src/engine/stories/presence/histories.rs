//! Overstay and immobility against models that know nothing but the whole history of what a card has said, and work out
//! from it, each time anew, whether there is an alarm now.

use super::*;
use proptest::prelude::*;

const AGE_MAX_S: u64 = 290;
const STILL_AFTER_S: u64 = 60;
const WITHIN_M: f64 = 1.0;

/// What a card said, and when.
#[derive(Clone, Copy, Debug)]
struct Said {
    at_s: u64,
    zone: Option<usize>,
    position: Option<(f64, f64)>,
}

fn site() -> Site {
    let person = PersonIx(WANG);
    let immobile = PeopleRule::Immobile { person, within_m: WITHIN_M, after_ms: STILL_AFTER_S * 1000 };
    let policy = Policy { location_max_age_ms: AGE_MAX_S * 1000, ..Policy::default() };
    Site { policy, ..plant(vec![PeopleRule::Overstay { person }, immobile]) }
}

fn is_hazardous(zone: Option<usize>) -> bool {
    matches!(zone, Some(TANKS | REACTOR))
}

/// Whether the last zone has been kept for too long, as far as was known: from the first word of the last row in which no
/// other zone was said, until now or until the last word was too old.
fn overstays(history: &[Said], now_s: u64) -> bool {
    let Some(last) = history.last() else { return false };
    let most_s = match last.zone {
        Some(TANKS) => 600,
        Some(REACTOR) => 60,
        _ => return false,
    };
    let row = history.iter().rev().take_while(|said| said.zone == last.zone);
    let since_s = row.last().map_or(now_s, |said| said.at_s);
    now_s.min(last.at_s + AGE_MAX_S) - since_s >= most_s
}

/// Whether the person was immobile when that could be said last, since they are where it matters. Every position belongs to
/// a rest; it begins one where it is too far from where the last began, and after a silence that was too long. The first
/// rest of a row may have begun before it: only that it is too long can be said of it.
fn is_immobile(history: &[Said]) -> bool {
    let from = history.iter().rposition(|said| !is_hazardous(said.zone)).map_or(0, |at| at + 1);
    let row = &history[from..];
    // Of each position, by its place in the row: where its rest began, and where its sight did.
    let mut begun: Vec<Option<(usize, usize)>> = Vec::new();
    for (at, said) in row.iter().enumerate() {
        let silent_from = (1..=at).rev().find(|at| row[*at].at_s - row[*at - 1].at_s >= AGE_MAX_S).unwrap_or(0);
        let last = begun[silent_from..].iter().rev().flatten().next().copied();
        begun.push(said.position.map(|(x, y)| match last {
            None => (at, at),
            Some((rest, sight)) => {
                let (from_x, from_y) = row[rest].position.expect("a rest begins at a position");
                if (x - from_x).hypot(y - from_y) <= WITHIN_M { (rest, sight) } else { (at, sight) }
            }
        }));
    }
    let words = row.iter().zip(&begun).rev().filter_map(|(said, begun)| {
        let (rest, sight) = (*begun)?;
        let is_long = said.at_s - row[rest].at_s >= STILL_AFTER_S;
        (is_long || rest != sight).then_some(is_long)
    });
    words.into_iter().next().unwrap_or(false)
}

/// How many seconds go by, and what the card says then, if anything.
fn step() -> impl Strategy<Value = (u64, Option<Said>)> {
    let after_s = prop_oneof![12 => 1..15_u64, 4 => 15..70_u64, 1 => 280..320_u64, 1 => 320..700_u64];
    let zone = prop_oneof![6 => Just(Some(TANKS)), 4 => Just(Some(REACTOR)), 1 => Just(Some(ROOM)), 1 => Just(None)];
    let metres = || prop_oneof![4 => Just(0.0), 2 => Just(0.7), 1 => Just(1.5)];
    let position = prop::option::weighted(0.85, (metres(), metres()));
    let said = (zone, position).prop_map(|(zone, position)| Said { at_s: 0, zone, position });
    (after_s, prop::option::weighted(0.8, said))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn stays_and_rests_follow_from_the_history(steps in prop::collection::vec(step(), 1..60)) {
        let mut bench = Bench::of(site());
        bench.link(Link::Up);
        let (mut history, mut now_s) = (Vec::new(), 0);
        for (after_s, said) in steps {
            for _ in 0..after_s {
                now_s += 1;
                bench.at(now_s);
                prop_assert_eq!(alarms(&bench), (overstays(&history, now_s), is_immobile(&history)), "at {} of {:?}", now_s, history);
            }
            if let Some(said) = said {
                history.push(Said { at_s: now_s, ..said });
                bench.says(WANG, said.zone, said.position, None);
                prop_assert_eq!(alarms(&bench), (overstays(&history, now_s), is_immobile(&history)), "at {} of {:?}", now_s, history);
            }
        }
    }
}

/// Whether each of the two is active.
fn alarms(bench: &Bench) -> (bool, bool) {
    let alarms = bench.engine.snapshot(bench.now.utc).alarms;
    let is_active = |rule: &str| alarms.iter().any(|alarm| alarm.rule.as_str() == rule && alarm.is_active());
    (is_active("overstay"), is_active("immobile"))
}
