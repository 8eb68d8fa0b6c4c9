//! What the engine allocates: nothing for a value that changes nothing, and a bounded number of bytes for each tag.

#[path = "../benches/plant/mod.rs"]
mod plant;

use allocation_counter::measure;
use davy_core::{Engine, effect::Effects, time::Now};
use plant::{CALM, HIGH, Plant};
use std::hint::black_box;

const TAGS: usize = 10_000;

#[test]
fn a_value_that_changes_nothing_allocates_nothing() {
    let mut plant = Plant::new(TAGS);
    let polls: Vec<_> = (0..10).flat_map(|round| plant.polls(CALM + f64::from(round % 3))).collect();
    let mut out = Effects::default();
    // No time passes, so that no timer is due.
    let Plant { engine, now, .. } = &mut plant;
    let counted = measure(|| polls.into_iter().for_each(|poll| engine.apply(*now, poll, &mut out)));
    assert_eq!((counted.count_total, out.is_empty()), (0, true), "{counted:?}");
}

/// With four limits for each tag and half a rule of another kind: the configuration as the engine keeps it, and what it
/// needs to live.
#[test]
fn a_tag_takes_few_bytes() {
    let bytes_of_site = measure(|| drop(black_box(plant::site(TAGS)))).bytes_max;
    let site = plant::site(TAGS);
    let bytes_of_engine = measure(|| std::mem::forget(black_box(Engine::new(site, 1, Now::default())))).bytes_current;
    let (site, engine) = (bytes_of_site / TAGS as u64, bytes_of_engine / TAGS as i64);
    eprintln!("{site} bytes a tag for its configuration, {engine} bytes a tag beside it");
    assert!(site < 4_500 && engine < 1_000, "{site} + {engine}");
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
