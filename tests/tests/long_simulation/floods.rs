//! Floods of ten thousand alarms: on a plant of twenty thousand limits, of which each value can be beyond two.

use super::{Named, first_seed, number};
use crate::{
    invariants::Ledger,
    plant, random,
    step::{Step, Value},
    watch::Watch,
    world::{World, start},
};
use acceptance::desk::Desk;
use davy_core::{
    event::{Command, CommandKind, Event, Link, Sample},
    id::*,
    model::Site,
    quality::Quality,
    record::Record,
    time::UtcTime,
};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::SliceRandom};
use std::thread;

const TAGS: usize = 5_000;

const SEEDS: u64 = 2;

/// Steps of the plant's own life, among which it floods.
const STEPS: usize = 150;

/// Each seed floods so often.
const FLOODS: usize = 2;

/// Tags of which one notification speaks.
const BATCH: usize = 100;

/// The whole live state is looked at after one event in so many, at random; each record is folded after every event.
const WHOLE_OF: u32 = 8;

/// At moments of the seed everything goes beyond its limits within seconds, while the process may die; then the plant lives on,
/// with people who acknowledge, shelve and silence, with stepped clocks and restarts, until everything is calm again.
#[test]
fn a_plant_floods_at_any_moment() {
    let site = plant::site(TAGS);
    let seeds = number("DAVY_SEED").map_or_else(|| first_seed()..first_seed() + SEEDS, |seed| seed..seed + 1);
    thread::scope(|scope| {
        for seed in seeds {
            let site = &site;
            scope.spawn(move || {
                let _named = Named(seed);
                play(site, seed);
            });
        }
    });
}

fn play(site: &Site, seed: u64) {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut world = World::watched(site.clone(), start(seed), Some(Watch::new(seed, WHOLE_OF)));
    let moments: Vec<usize> = (0..FLOODS).map(|_| rng.random_range(1..STEPS)).collect();
    let plan = random::Plan { clock_steps: true, restarts: true };
    for (at, step) in random::steps(site, seed, STEPS, plan).iter().enumerate() {
        if moments.contains(&at) {
            flood(&mut world, &mut rng);
        }
        world.apply(step);
        world.desk.journal.clear();
    }
    polls(&mut rng, |_| plant::CALM).iter().for_each(|step| drop(world.apply(step)));
    let watch = world.watch.expect("it was there from the start");
    eprintln!(
        "flooded seed {seed}: {} events, {} records, the whole looked at {} times",
        watch.events, watch.records, watch.wholes
    );
}

fn flood(world: &mut World, rng: &mut SmallRng) {
    world.apply(&Step::Source(SourceIx(0), Link::Up));
    let rises = rng.random_bool(0.7);
    for poll in polls(rng, |rng| if rises || rng.random_bool(0.5) { 95.0 } else { 5.0 }) {
        let died = rng.random_ratio(1, 50);
        let (after, lost) = (rng.random_range(0..2), rng.random_range(0..2));
        world.apply(&if died { Step::Die { after, lost, amid: Box::new(poll) } } else { poll });
        world.apply(&Step::Pass { ms: rng.random_range(0..100) });
        world.desk.journal.clear();
    }
    let alarms = world.desk.engine().snapshot(world.desk.now.utc).alarms;
    let active = alarms.iter().filter(|alarm| alarm.condition_holds()).count();
    assert!(active >= 2 * TAGS, "{active} alarms are no flood");
}

/// One value of every tag, in any order.
fn polls(rng: &mut SmallRng, value: impl Fn(&mut SmallRng) -> f64) -> Vec<Step> {
    let mut tags: Vec<TagIx> = (0..TAGS).map(TagIx::from).collect();
    tags.shuffle(rng);
    let mut told = |tag: &TagIx| Value { tag: *tag, value: value(rng), quality: Quality::GOOD, age_ms: Some(0) };
    tags.chunks(BATCH).map(|tags| Step::Samples(tags.iter().map(&mut told).collect())).collect()
}

/// Tag by tag, with a restart amid them, and each of them acknowledged.
#[test]
fn a_flood_is_acknowledged_alarm_by_alarm() {
    let site = plant::site(TAGS);
    let mut desk = Desk::new(site.clone(), UtcTime::parse("2026-11-23T08:00:00Z").expect("a time"));
    let mut ledger = Ledger::default();
    let mut apply = |desk: &mut Desk, event: Event| {
        let effects = desk.apply(event.clone());
        ledger.take(&event, &effects);
        effects.records
    };
    apply(&mut desk, Event::Started);
    apply(&mut desk, Event::Source(SourceIx(0), Link::Up));
    let mut raised = Vec::new();
    for value in [50.0, 95.0] {
        for at in 0..TAGS {
            let (tag, utc) = (TagIx::from(at), desk.now.utc);
            let sample = Sample { tag, value, quality: Quality::GOOD, source_time: Some(utc), received_time: utc };
            let records = apply(&mut desk, Event::Samples(vec![sample]));
            let alarm = |record| if let Record::Alarm(alarm) = record { Some(alarm.id.clone()) } else { None };
            raised.extend(records.into_iter().filter_map(alarm));
        }
    }
    assert_eq!(raised.len(), 2 * TAGS);
    desk.restart(site);
    apply(&mut desk, Event::Started);
    for alarm in raised {
        let kind = CommandKind::AcknowledgeAlarm { alarm };
        apply(&mut desk, Event::Command(Command { request: 1, by: "张伟".to_owned(), kind }));
    }
    ledger.check_told(&desk);
}
