//! What the engine allocates: nothing for a value that changes nothing, and a bounded number of bytes for each tag.

#[path = "../benches/plant/mod.rs"]
mod plant;

use allocation_counter::measure;
use davy_core::{Engine, effect::Effects, time::Now};
use plant::{CALM, HIGH, Plant};
use std::hint::black_box;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

#[test]
fn a_value_that_changes_nothing_allocates_nothing() {
    for tags in SIZES {
        let mut plant = Plant::new(tags);
        let polls: Vec<_> = (0..10).flat_map(|round| plant.polls(CALM + f64::from(round % 3))).collect();
        let mut out = Effects::default();
        // No time passes, so that no timer is due.
        let Plant { engine, now, .. } = &mut plant;
        let counted = measure(|| polls.into_iter().for_each(|poll| engine.apply(*now, poll, &mut out)));
        assert_eq!((counted.count_total, out.is_empty()), (0, true), "{counted:?}");
    }
}

/// A minute of polls: each tag's wait is looked at once in its limit of a minute, and that is all.
#[test]
fn time_that_passes_allocates_hardly_anything() {
    for tags in SIZES {
        let mut plant = Plant::new(tags);
        let counted = (0..60).map(|round| {
            let polls = plant.polls(CALM + f64::from(round % 3));
            measure(|| polls.into_iter().for_each(|poll| plant.apply(poll))).count_total
        });
        let each = counted.sum::<u64>() as f64 / (60 * tags) as f64;
        eprintln!("{tags} tags: {each:.4} allocations a sample while a minute passes");
        assert!(each < 0.1, "{each} at {tags} tags");
    }
}

/// With four limits for each tag and half a rule of another kind: the configuration as the engine keeps it, and what it
/// needs to live.
#[test]
fn a_tag_takes_few_bytes() {
    for tags in SIZES {
        let bytes_of_site = measure(|| drop(black_box(plant::site(tags)))).bytes_max;
        let site = plant::site(tags);
        let engine = measure(|| std::mem::forget(black_box(Engine::new(site, 1, Now::default())))).bytes_current;
        let (site, engine) = (bytes_of_site / tags as u64, engine / tags as i64);
        eprintln!("{tags} tags: {site} bytes a tag for its configuration, {engine} bytes a tag beside it");
        assert!(site < 4_500 && engine < 1_100, "{site} + {engine}");
    }
}

/// An alarm raised or ended, with its measure, warning and unit: what is journaled and saved of them is all there is.
#[test]
fn a_transition_allocates_a_bounded_number_of_times() {
    const TAGS: usize = 1_000;
    let mut plant = Plant::new(TAGS);
    let polls: Vec<_> = [HIGH, CALM, HIGH, CALM].into_iter().flat_map(|value| plant.polls(value)).collect();
    let counted = measure(|| polls.into_iter().for_each(|poll| plant.apply(poll)));
    let each = counted.count_total / (4 * TAGS as u64);
    eprintln!("{each} allocations a transition, {} bytes", counted.bytes_total / (4 * TAGS as u64));
    assert!(each < 8, "{counted:?}");
}
