//! First out: of the alarms of a group the one that came first, or that its source says came first within the window, where both
//! are of one source.

use super::*;

const TAGS: usize = 4;
const WINDOW_MS: u64 = 60;
/// From this tag on they are of another source.
const OTHERS: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Word {
    /// A tag goes beyond its limit, so many milliseconds ago by the source's clock.
    Beyond(i64),
    Back,
    Acknowledge,
}

/// What was told: the millisecond, the tag, what.
type Told = (u64, usize, Word);

/// Which alarms are open after all that was told, and which one is the first out of them: the tag, and the how manieth alarm of it.
fn first_out(told: &[Told]) -> (Vec<usize>, Option<(usize, u32)>) {
    let mut beyond = [false; TAGS];
    let mut acknowledged = [false; TAGS];
    let mut open: Vec<usize> = Vec::new();
    let mut raised = [0; TAGS];
    // The first, since when its source says so, and when the row of alarms began.
    let mut first: Option<((usize, u32), i64, u64)> = None;
    for (at_ms, tag, word) in told.iter().copied() {
        match word {
            Word::Beyond(ago_ms) if !beyond[tag] => {
                beyond[tag] = true;
                if !open.contains(&tag) {
                    raised[tag] += 1;
                    let source_ms = at_ms as i64 - ago_ms;
                    let this = (tag, raised[tag]);
                    first = match first {
                        Some((other, other_ms, began_ms)) if !open.is_empty() => {
                            let in_window = at_ms - began_ms <= WINDOW_MS;
                            let one_clock = (tag < OTHERS) == (other.0 < OTHERS);
                            let is_earlier = in_window && one_clock && source_ms < other_ms;
                            Some(if is_earlier { (this, source_ms, began_ms) } else { (other, other_ms, began_ms) })
                        }
                        _ => Some((this, source_ms, at_ms)),
                    };
                    open.push(tag);
                }
                acknowledged[tag] = false;
            }
            Word::Back => beyond[tag] = false,
            Word::Acknowledge => acknowledged[tag] = open.contains(&tag),
            Word::Beyond(_) => {}
        }
        open.retain(|tag| beyond[*tag] || !acknowledged[*tag]);
    }
    (open, first.map(|(first, _, _)| first))
}

fn group() -> Site {
    let mut site = site();
    site.policy.first_out_window_ms = WINDOW_MS;
    let tag = Tag { stale_after_ms: None, ..site.tags[0].clone() };
    site.tags = (0..TAGS)
        .map(|at| Tag { id: format!("t{at}").as_str().into(), source: SourceIx::from(at / OTHERS), ..tag.clone() })
        .collect();
    site.sources.truncate(1);
    site.sources.push(Source { id: "sis".into(), ..site.sources[0].clone() });
    let limit = Limit { kind: LimitKind::H, trip: 80.0, clear: 80.0 };
    let kind = |at| RuleKind::Limit { tag: TagIx::from(at), limit };
    site.rules = (0..TAGS).map(|at| rule(&format!("t{at}"), kind(at), None)).collect();
    let rules = (0..TAGS).map(RuleIx::from).collect();
    site.first_out = vec![FirstOutGroup { id: "group".into(), name: "group".to_owned(), rules }];
    site
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_first_out_follows_from_the_history(
        steps in prop::collection::vec((
            prop_oneof![8 => prop::sample::select(vec![0, 1, 20, 40, 59, 60, 61, 100]), 1 => 1_000..70_000_u64],
            0..TAGS,
            prop_oneof![5 => prop::sample::select(vec![0, 40, 41, 60, 100, 150]).prop_map(Word::Beyond), 2 => Just(Word::Back), 3 => Just(Word::Acknowledge)],
        ), 1..40),
    ) {
        let mut bench = Bench::of(group());
        bench.link(Link::Up).apply(Event::Source(SourceIx(1), Link::Up));
        let (mut told, mut now_ms) = (Vec::<Told>::new(), 0);
        let mut ids: Vec<Vec<AlarmId>> = vec![Vec::new(); TAGS];
        for (after_ms, tag, word) in steps {
            now_ms += after_ms;
            bench.at_ms(now_ms);
            let utc = bench.now.utc;
            let sample = |value, ago_ms: i64| {
                let source_time = Some(UtcTime(utc.0 - ago_ms));
                let tag = TagIx::from(tag);
                Event::Samples(vec![Sample { tag, value, quality: Quality::GOOD, source_time, received_time: utc }])
            };
            match word {
                Word::Beyond(ago_ms) => bench.apply(sample(90.0, ago_ms)),
                Word::Back => bench.apply(sample(50.0, 0)),
                Word::Acknowledge => {
                    let alarm = ids[tag].last().cloned().unwrap_or_else(|| "none~1.1".into());
                    bench.ask(CommandKind::AcknowledgeAlarm { alarm })
                }
            };
            told.push((now_ms, tag, word));
            let alarms = bench.engine.snapshot(utc).alarms;
            for alarm in &alarms {
                let ids = &mut ids[alarm.rule.as_str()[1..].parse::<usize>().unwrap()];
                if ids.last() != Some(&alarm.id) {
                    ids.push(alarm.id.clone());
                }
            }
            let (mut open, first) = first_out(&told);
            let first = first.map(|(tag, nth)| ids[tag][nth as usize - 1].clone());
            open.sort_unstable();
            let mut got: Vec<usize> = alarms.iter().map(|alarm| alarm.rule.as_str()[1..].parse().unwrap()).collect();
            got.sort_unstable();
            prop_assert_eq!(got, open, "open after {:?}", told);
            for alarm in &alarms {
                let named = if alarm.first_out { Some(&alarm.id) } else { alarm.first_out_alarm.as_ref() };
                prop_assert_eq!(named, first.as_ref(), "{} after {:?}", alarm.id, told);
            }
        }
    }
}
