//! Over a real recording: what goes up of it is the same wherever it is read on from.

use super::*;
use davy_config::ForwardSamples;
use davy_core::{
    event::Backfill,
    id::{SourceIx, TagIx},
    quality::Quality,
    time::{Monotonic, Now, UtcTime},
};
use davy_store::{
    history::TagOfRun,
    recording::{Beginning, Keep, Keeps, open},
};
use proptest::prelude::*;
use std::path::Path;

const BEGAN: UtcTime = UtcTime(1_795_392_000_000);

/// What was told: after so many milliseconds this tag had this value, of this quality; or the configuration was changed.
#[derive(Clone, Debug)]
enum Step {
    Sample { wait_ms: u64, tag: u32, value: f64, quality: Quality },
    Filled { tag: u32, value: f64 },
    Reconfigured,
}

fn keep(bytes_max: u64) -> Keeps {
    let keep = Keep { bytes_max, days_max: 30 };
    Keeps { recording: keep, history: keep }
}

/// Records the steps; each run has the tags in another order.
fn record(directory: &Path, steps: &[Step], bytes_max: u64) -> Following {
    let mut recorder = open(directory, BEGAN).unwrap();
    let (mut ms, mut run) = (0, 0);
    let now = |ms| Now { monotonic: Monotonic(ms), utc: BEGAN.after(ms) };
    let begin = |run: usize, ms| {
        let mut tags = ["TI-1", "LI-1", "PI-1"].map(|id| TagOfRun { id: id.to_owned(), source: 0 });
        tags.rotate_left(run % 3);
        Beginning { now: now(ms), tags: tags.to_vec(), ..Beginning::default() }
    };
    recorder.begin(begin(run, ms), keep(bytes_max));
    for step in steps {
        let sample = |tag, value, quality, ms| Sample {
            tag: TagIx(tag),
            value,
            quality,
            source_time: None,
            received_time: BEGAN.after(ms),
        };
        match *step {
            Step::Sample { wait_ms, tag, value, quality } => {
                ms += wait_ms;
                recorder.put(now(ms), &Event::Samples(vec![sample(tag, value, quality, ms)]));
            }
            Step::Filled { tag, value } => {
                let samples = vec![sample(tag, value, Quality::GOOD, ms / 2)];
                recorder.put(now(ms), &Event::Backfill(Backfill { source: SourceIx(0), samples, filled: None }));
            }
            Step::Reconfigured => {
                run += 1;
                recorder.begin(begin(run, ms), keep(bytes_max));
            }
        }
    }
    recorder.following()
}

fn forward(deadband: f64, min_interval_ms: u64, batch_values: u16) -> Arc<ForwardSamples> {
    let tags = [("TI-1".to_owned(), deadband), ("LI-1".to_owned(), 0.0)].into();
    Arc::new(ForwardSamples { tags, min_interval_ms, max_interval_ms: 60_000, batch_values })
}

/// Everything behind a place, as a session reads it.
fn all(following: &Following, forward: &Arc<ForwardSamples>, mut after: u64) -> Vec<JournalRow> {
    let mut samples = Samples::new(following.clone(), Arc::clone(forward));
    let until = end_of(*following.newest().borrow());
    let mut rows = Vec::new();
    while after < until {
        let (more, reached) = samples.read(after, until).unwrap();
        assert!(reached > after, "reading gets on");
        assert!(more.iter().all(|row| row.seq > after && row.seq <= reached));
        rows.extend(more);
        after = reached;
    }
    rows
}

fn values(rows: &[JournalRow]) -> Vec<(String, f64)> {
    let batches = rows.iter().map(|row| serde_json::from_str::<SampleBatch>(&row.body).unwrap());
    let samples = batches.flat_map(|batch| batch.samples);
    samples.map(|sample| (sample.tag, sample.value.unwrap_or(f64::NAN))).collect()
}

fn sample(wait_ms: u64, tag: u32, value: f64) -> Step {
    Step::Sample { wait_ms, tag, value, quality: Quality::GOOD }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let quality = prop_oneof![4 => Just(Quality::GOOD), 1 => Just(Quality::BAD_TIMEOUT)];
    let wait = prop_oneof![6 => 0_u64..1_500, 1 => 10_000_u64..200_000];
    let sample = (wait, 0_u32..3, 0_u8..8, quality).prop_map(|(wait_ms, tag, value, quality)| Step::Sample {
        wait_ms,
        tag,
        value: f64::from(value),
        quality,
    });
    let filled = (0_u32..3, 0_u8..8).prop_map(|(tag, value)| Step::Filled { tag, value: f64::from(value) });
    prop::collection::vec(prop_oneof![20 => sample, 2 => filled, 1 => Just(Step::Reconfigured)], 1..250)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn wherever_it_is_read_on_from_the_messages_are_the_same(
        steps in steps(), deadband in 0_u8..4, min_interval_ms in prop_oneof![Just(0), Just(1_000)], batch in 1_u16..5,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let following = record(folder.path(), &steps, 1 << 30);
        until_written(&following, folder.path());
        let forward = forward(f64::from(deadband), min_interval_ms, batch);
        let whole = all(&following, &forward, 0);
        for at in 0..whole.len() {
            prop_assert_eq!(&all(&following, &forward, whole[at].seq), &whole[at + 1..], "behind message {}", at);
        }
    }
}

/// The recorder writes on a thread of its own and has been dropped: all of it is there.
fn until_written(following: &Following, directory: &Path) {
    let newest = *following.newest().borrow();
    let there = following.open().unwrap().block(newest + 1, u64::MAX >> 1).unwrap();
    assert_eq!(there, None, "{}", directory.display());
}

#[test]
fn tags_are_known_by_their_ids_in_whatever_order_a_run_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let steps = [sample(0, 0, 1.0), sample(0, 1, 2.0), sample(0, 2, 3.0), Step::Reconfigured, sample(9, 0, 4.0)];
    let following = record(folder.path(), &steps, 1 << 30);
    let rows = all(&following, &forward(0.5, 0, 100), 0);
    let expected = [("TI-1", 1.0), ("LI-1", 2.0), ("LI-1", 4.0)].map(|(tag, value)| (tag.to_owned(), value));
    assert_eq!(values(&rows), expected, "PI-1 does not go up");
    assert!(rows.iter().all(|row| row.kind == "sample"));
}

#[test]
fn in_each_span_of_time_a_tag_goes_up_once_in_any_case() {
    let folder = tempfile::tempdir().unwrap();
    let steps: Vec<Step> = (0..40).map(|_| sample(6_000, 0, 7.0)).collect();
    let following = record(folder.path(), &steps, 1 << 30);
    let rows = all(&following, &forward(0.5, 0, 100), 0);
    assert_eq!(values(&rows).len(), 4, "the blocks begin in four minutes");
}

#[test]
fn values_of_a_gap_go_up_beside_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let steps = [sample(8_000, 0, 1.0), Step::Filled { tag: 0, value: 5.0 }, sample(1_000, 0, 1.1)];
    let following = record(folder.path(), &steps, 1 << 30);
    let rows = all(&following, &forward(0.5, 0, 100), 0);
    assert_eq!(values(&rows), [("TI-1".to_owned(), 1.0), ("TI-1".to_owned(), 5.0)]);
}

#[test]
fn what_had_made_room_before_it_went_up_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let steps: Vec<Step> = (0..60).map(|step| sample(5_000, 0, f64::from(step))).collect();
    let following = record(folder.path(), &steps, 600);
    let rows = all(&following, &forward(0.5, 0, 100), 0);
    let first: SampleBatch = serde_json::from_str(&rows[0].body).unwrap();
    assert!(first.missing > 10, "{first:?}");
    let others = rows[1..].iter().map(|row| serde_json::from_str::<SampleBatch>(&row.body).unwrap().missing);
    assert_eq!(others.sum::<u64>(), 0);
}
