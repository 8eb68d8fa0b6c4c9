//! The history of the tags: what went in comes out, whatever the clocks did and whenever the gateway was killed; what is too
//! much for a picture comes as steps that lose no spike; the oldest makes room.

use davy_core::{
    event::{Backfill, Event, Link, Sample},
    id::{SourceIx, TagIx},
    quality::Quality,
    time::{Monotonic, Now, UtcTime},
};
use davy_store::{
    history::{Answer, History, Mark, TagOfRun, Value},
    recording::{Beginning, Keep, Keeps, Recorder, Recording, open},
};
use proptest::prelude::*;
use std::{path::Path, time::Duration};

const PLENTY: Keep = Keep { bytes_max: 1 << 30, days_max: 30 };
const BEGAN: i64 = 1_795_392_000_000;
const EVER: (UtcTime, UtcTime) = (UtcTime(i64::MIN), UtcTime(i64::MAX));

fn at(ms: i64) -> Now {
    Now { monotonic: Monotonic(ms.unsigned_abs()), utc: UtcTime(BEGAN + ms) }
}

/// Three tags of the first source, two of the second.
fn tags() -> Vec<TagOfRun> {
    (0..5).map(|tag| TagOfRun { id: format!("TI-{tag}"), source: u32::from(tag > 2) }).collect()
}

fn begin(directory: &Path, ms: i64, history: Keep) -> Recorder {
    let mut recorder = open(directory, at(ms).utc).expect("the files can be opened");
    let beginning = Beginning { now: at(ms), tags: tags(), ..Beginning::default() };
    recorder.begin(beginning, Keeps { recording: PLENTY, history });
    recorder
}

fn sample(tag: u32, ms: i64, value: f64) -> Sample {
    let (source_time, received_time) = (Some(at(ms - 40).utc), at(ms).utc);
    Sample { tag: TagIx(tag), value, quality: Quality::GOOD, source_time, received_time }
}

fn read(history: &History, tag: &str, (from, until): (UtcTime, UtcTime), points: usize) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(history.read(tag, from, until, points)).expect("the history can be read").unwrap_or_default()
}

/// Everything, from the file alone.
fn all(directory: &Path, tag: &str) -> Vec<Value> {
    read(&History::open(directory).expect("there is a history"), tag, EVER, 20_000).values
}

/// As a kill leaves it: the last batch is in the recording only. The thread is left behind and writes nothing any more.
fn kill(directory: &Path, mut recorder: Recorder, ms: i64) {
    let last = at(ms + 60_000);
    recorder.put(last, &Event::Tick);
    let reaches = || Recording::open(directory).and_then(|recording| recording.told_until()).expect("it can be read");
    while reaches() != Some(last.utc) {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::mem::forget(recorder);
}

#[test]
fn what_went_in_comes_out() {
    let directory = tempfile::tempdir().unwrap();
    let mut recorder = begin(directory.path(), 0, PLENTY);
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE, f64::MAX];
    let samples: Vec<Sample> = (0..).zip(odd).map(|(ms, value)| sample(0, ms, value)).collect();
    recorder.put(at(10), &Event::Samples(samples.clone()));
    let absurd = Sample { source_time: Some(UtcTime(0)), quality: Quality::UNCERTAIN, ..sample(1, 20, 1.0) };
    let timeless = Sample { source_time: None, ..sample(1, 30, 2.0) };
    recorder.put(at(30), &Event::Samples(vec![absurd, timeless, sample(99, 30, 3.0)]));
    let old = Sample { source_time: Some(at(-5_000).utc), ..sample(1, 40, 4.0) };
    recorder.put(at(40), &Event::Backfill(Backfill { source: SourceIx(0), samples: vec![old], filled: None }));
    drop(recorder);

    let bits = |values: &[Value]| values.iter().map(|value| value.value.to_bits()).collect::<Vec<_>>();
    let first = all(directory.path(), "TI-0");
    assert_eq!(bits(&first), odd.map(f64::to_bits));
    assert!(
        first.iter().zip(&samples).all(|(value, sample)| (Some(value.time), value.received_time)
            == (sample.source_time, sample.received_time)
            && value.mark == Mark::Sourced)
    );
    let value = |time, received, value, quality, mark| Value {
        time: at(time).utc,
        received_time: at(received).utc,
        value,
        quality,
        mark,
    };
    let expected = [
        value(-5_000, 40, 4.0, Quality::GOOD, Mark::Backfilled),
        value(20, 20, 1.0, Quality::UNCERTAIN, Mark::Received),
        value(30, 30, 2.0, Quality::GOOD, Mark::Received),
    ];
    assert_eq!(all(directory.path(), "TI-1"), expected);
    assert_eq!(all(directory.path(), "TI-2"), []);
    assert_eq!(all(directory.path(), "no such tag"), []);
}

#[test]
fn times_without_values_are_gaps() {
    let directory = tempfile::tempdir().unwrap();
    let mut recorder = begin(directory.path(), 0, PLENTY);
    recorder.put(at(100), &Event::Samples((0..5).map(|tag| sample(tag, 100, 1.0)).collect()));
    recorder.put(at(200), &Event::Source(SourceIx(1), Link::Down("no answer".to_owned())));
    recorder.put(at(300), &Event::Source(SourceIx(1), Link::Down("refused".to_owned())));
    recorder.put(at(900), &Event::Samples(vec![sample(4, 900, 2.0)]));
    drop(recorder);
    // A restart within seconds is no gap, one after a minute is.
    drop(begin(directory.path(), 4_000, PLENTY));
    let mut recorder = begin(directory.path(), 60_000, PLENTY);
    recorder.put(at(60_100), &Event::Samples(vec![sample(0, 60_100, 3.0)]));
    drop(recorder);

    let history = History::open(directory.path()).unwrap();
    let gaps = |tag| {
        let gaps = read(&history, tag, EVER, 100).gaps;
        gaps.iter()
            .map(|gap| (gap.from.since(UtcTime(BEGAN)), gap.until.map(|until| until.since(UtcTime(BEGAN)))))
            .collect::<Vec<_>>()
    };
    assert_eq!(gaps("TI-0"), [(900, Some(60_060))]);
    assert_eq!(gaps("TI-4"), [(200, Some(860)), (900, None)]);
    assert_eq!(gaps("TI-3"), [(200, None)], "it had ended before");
}

#[test]
fn what_a_kill_left_in_the_recording_is_not_missed() {
    let directory = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for life in 0..3 {
        let ms = life * 100_000;
        let mut recorder = begin(directory.path(), ms, PLENTY);
        for step in 0..50 {
            let ms = ms + step * 10;
            recorder.put(at(ms), &Event::Samples(vec![sample(0, ms, step as f64)]));
            expected.push(step as f64);
        }
        let live = recorder.history().expect("there is one");
        if life == 1 {
            drop(recorder);
        } else {
            kill(directory.path(), recorder, ms + 1_000);
            // The history hears a block right after the recording has it.
            let seen = || read(&live, "TI-0", EVER, 20_000).values.into_iter().filter(Value::is_usable).count();
            while seen() < expected.len() {
                std::thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(seen(), expected.len(), "a reader beside the writer sees each once");
        }
    }
    drop(begin(directory.path(), 400_000, PLENTY));
    let values = all(directory.path(), "TI-0");
    let usable: Vec<f64> = values.iter().filter(|value| value.is_usable()).map(|value| value.value).collect();
    assert_eq!(usable, expected);
}

#[test]
fn the_oldest_makes_room() {
    let directory = tempfile::tempdir().unwrap();
    let noise = |ms: i64| ms.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) as f64;
    let days_max = 2;
    for (bytes_max, spared) in [(u64::MAX, 3), (10_000, 1)] {
        for day in 0..4 {
            let began = day * 86_400_000;
            let mut recorder = begin(directory.path(), began, Keep { bytes_max, days_max });
            for ms in (began..began + 4_000).step_by(2) {
                recorder.put(at(ms), &Event::Samples(vec![sample(0, ms, noise(ms))]));
            }
            drop(recorder);
        }
        let values = all(directory.path(), "TI-0").into_iter().filter(Value::is_usable).count();
        assert_eq!(values, spared * 2_000, "{bytes_max}");
        std::fs::remove_file(directory.path().join("history.db")).unwrap();
        std::fs::remove_file(directory.path().join("recording.db")).unwrap();
    }
}

#[test]
fn a_damaged_file_is_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("history.db"), "no database at all".repeat(999)).unwrap();
    let mut recorder = begin(directory.path(), 0, PLENTY);
    recorder.put(at(1), &Event::Samples(vec![sample(0, 1, 1.0)]));
    drop(recorder);
    assert_eq!(all(directory.path(), "TI-0").len(), 1);
    let names = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().starts_with("history.db.set-aside")).count(), 1);
}

/// A step of a random life.
#[derive(Clone, Debug)]
enum Step {
    Value { tag: u32, after: i64, value: i8, good: bool },
    Backfill { tag: u32, before: i64 },
    Stop,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        30 => (0..5u32, -50..150i64, any::<i8>(), prop::bool::weighted(0.9))
            .prop_map(|(tag, after, value, good)| Step::Value { tag, after, value, good }),
        2 => (0..5u32, 0..5_000i64).prop_map(|(tag, before)| Step::Backfill { tag, before }),
        1 => Just(Step::Stop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Against a list of everything: the same values, and steps that hold the same in short.
    #[test]
    fn as_a_list_of_everything(steps in prop::collection::vec(step(), 0..300), points in 1..60usize, from in 0..4_000i64, span in 0..30_000i64) {
        let directory = tempfile::tempdir().unwrap();
        let mut recorder = begin(directory.path(), 0, PLENTY);
        let (mut ms, mut told) = (0, Vec::new());
        for step in steps {
            match step {
                Step::Value { tag, after, value, good } => {
                    ms += after;
                    let quality = if good { Quality::GOOD } else { Quality::BAD };
                    let sample = Sample { quality, ..sample(tag, ms, value.into()) };
                    told.push((tag, sample.source_time.unwrap(), sample));
                    recorder.put(at(ms), &Event::Samples(vec![sample]));
                }
                Step::Backfill { tag, before } => {
                    let sample = Sample { source_time: Some(at(ms - before).utc), ..sample(tag, ms, 0.5) };
                    told.push((tag, sample.source_time.unwrap(), sample));
                    recorder.put(at(ms), &Event::Backfill(Backfill { source: SourceIx(0), samples: vec![sample], filled: None }));
                }
                Step::Stop => {
                    drop(recorder);
                    recorder = begin(directory.path(), ms, PLENTY);
                }
            }
        }
        drop(recorder);
        let history = History::open(directory.path()).unwrap();
        let (from, until) = (at(from).utc, at(from + span).utc);
        for tag in 0..5 {
            let answer = read(&history, &format!("TI-{tag}"), (from, until), points);
            let mut expected: Vec<(UtcTime, Sample)> = told.iter().filter(|(of, ..)| *of == tag).map(|(_, time, sample)| (*time, *sample)).collect();
            expected.sort_by_key(|(time, _)| *time);
            let before = expected.iter().rfind(|(time, _)| *time < from).map(|(time, _)| *time);
            prop_assert_eq!(answer.before.map(|value| value.time), before);
            expected.retain(|(time, _)| (from..=until).contains(time));
            prop_assert_eq!(answer.count, expected.len() as u64);
            if expected.len() <= points {
                let given: Vec<_> = answer.values.iter().map(|value| (value.time, value.received_time, value.value, value.quality)).collect();
                let expected: Vec<_> = expected.iter().map(|(time, sample)| (*time, sample.received_time, sample.value, sample.quality)).collect();
                prop_assert_eq!(given, expected);
            } else {
                prop_assert!(answer.values.is_empty() && answer.buckets.len() <= points);
                for (begins, bucket) in &answer.buckets {
                    let within: Vec<_> = expected.iter().filter(|(time, _)| (0..answer.step_ms as i64).contains(&time.since(*begins))).collect();
                    let usable: Vec<f64> = within.iter().filter(|(_, sample)| sample.quality.is_usable()).map(|(_, sample)| sample.value).collect();
                    prop_assert_eq!((bucket.count, bucket.bad), (usable.len() as u64, (within.len() - usable.len()) as u64));
                    let extremes = bucket.range.map(|range| (range.min, range.max));
                    let least = usable.iter().copied().reduce(f64::min);
                    prop_assert_eq!(extremes, least.zip(usable.iter().copied().reduce(f64::max)));
                }
                let held: u64 = answer.buckets.iter().map(|(_, bucket)| bucket.count + bucket.bad).sum();
                prop_assert_eq!(held, expected.len() as u64);
            }
        }
    }
}
