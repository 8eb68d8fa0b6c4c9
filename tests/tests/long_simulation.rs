//! Millions of events: the simulated plant, day after day, with restarts and other configurations at any moment, with clocks
//! that start in 1970 and are stepped, with deaths amid a step, and with floods, of ten thousand alarms in [`floods`]. `DAVY_EVENTS=n` says how many (`make test` plays five million),
//! `DAVY_SOAK_MINUTES=n` plays fresh seeds for so long instead (`make soak`). A seed that fails is printed; `DAVY_SEED=n`
//! plays it alone.

#[path = "simulation/command.rs"]
mod command;
#[path = "simulation/compare.rs"]
#[expect(dead_code, reason = "the short simulation compares whole journals")]
mod compare;
#[path = "simulation/invariants.rs"]
#[expect(dead_code, reason = "the short simulation checks restarts by themselves")]
mod invariants;
#[path = "../../edge/core/benches/plant/mod.rs"]
#[expect(dead_code, reason = "of the plant only the site is used here")]
mod plant;
#[path = "simulation/life.rs"]
mod life;
#[path = "simulation/places.rs"]
mod places;
#[path = "simulation/random.rs"]
mod random;
#[path = "long_simulation/fewer.rs"]
mod fewer;
#[path = "long_simulation/floods.rs"]
mod floods;
#[path = "long_simulation/reconfigured.rs"]
mod reconfigured;
#[path = "simulation/step.rs"]
mod step;
#[path = "simulation/tickets.rs"]
mod tickets;
#[path = "simulation/watch.rs"]
mod watch;
#[path = "simulation/world.rs"]
#[expect(dead_code, reason = "the short simulation looks at all records of a step")]
mod world;

use acceptance::places as folders;
use davy_core::model::Site;
use places::Places;
use rand::{Rng, SeedableRng, rngs::SmallRng};
use std::{
    env,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};
use step::Step;
use watch::Watch;
use world::{World, start};

/// Steps of one seed.
const STEPS: usize = 5_000;

/// Tags of the large plant, each with four limits.
const LARGE_TAGS: usize = 250;

/// One seed in so many plays it: an event costs as much there as ten elsewhere.
const LARGE_OF: usize = 64;

/// On the large plant the whole live state is looked at after one event in so many, at random; on the others after each.
const LARGE_WHOLE_OF: u32 = 50;

/// Without `DAVY_EVENTS`: enough to see that it plays.
const EVENTS: u64 = 50_000;

#[test]
fn millions_of_events() {
    let plants = plants();
    let total = Count::default();
    let seed = AtomicU64::new(first_seed());
    let (begun, goal) = (Instant::now(), Goal::read());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while goal.goes_on(begun, &total) {
                    let seed = seed.fetch_add(1, Ordering::Relaxed);
                    let _named = Named(seed);
                    total.add(&play(plant_of(&plants, seed), seed));
                    total.tell_progress(begun);
                    if env::var_os("DAVY_SEED").is_some() {
                        break;
                    }
                }
            });
        }
    });
    eprintln!("simulated {}", total.words(begun));
}

/// One seed: random steps, and among them another configuration or the first one again.
fn play(plant: &Plant, seed: u64) -> Count {
    let count = Count::default();
    let mut rng = SmallRng::seed_from_u64(!seed);
    let watch = Watch::new(seed, plant.whole_of);
    let mut world = World::watched(plant.site.clone(), start(seed), Some(watch));
    for step in random::steps(&plant.site, seed, STEPS, random::Plan { clock_steps: true, restarts: true }) {
        if rng.random_ratio(1, 200) {
            let other = fewer::any(&plant.site, &plant.fewer, &mut rng);
            let places = Places::of(&plant.site, other);
            let other = if rng.random() { other.clone() } else { reconfigured::site(other, &mut rng) };
            world.configure(places, other, rng.random());
            count.configurations.fetch_add(1, Ordering::Relaxed);
        }
        world.apply(&step);
        let restarts = matches!(step, Step::Restart { .. } | Step::Die { .. });
        count.restarts.fetch_add(u64::from(restarts), Ordering::Relaxed);
        world.desk.journal.clear();
    }
    let watch = world.watch.expect("it was there from the start");
    for (of, seen) in [(&count.events, watch.events), (&count.records, watch.records), (&count.wholes, watch.wholes)] {
        of.fetch_add(seen, Ordering::Relaxed);
    }
    count.seeds.fetch_add(1, Ordering::Relaxed);
    count
}

/// What has been played.
#[derive(Default)]
struct Count {
    events: AtomicU64,
    records: AtomicU64,
    wholes: AtomicU64,
    restarts: AtomicU64,
    configurations: AtomicU64,
    seeds: AtomicU64,
}

impl Count {
    fn each(&self) -> [&AtomicU64; 6] {
        [&self.events, &self.records, &self.wholes, &self.restarts, &self.configurations, &self.seeds]
    }

    fn add(&self, other: &Self) {
        for (mine, theirs) in self.each().into_iter().zip(other.each()) {
            mine.fetch_add(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    fn words(&self, begun: Instant) -> String {
        let [events, records, wholes, restarts, configurations, seeds] =
            self.each().map(|count| count.load(Ordering::Relaxed));
        let seconds = begun.elapsed().as_secs_f64();
        let rate = events as f64 / seconds;
        format!(
            "{events} events of {seeds} seeds, {records} records, the whole looked at {wholes} times, {restarts} restarts, {configurations} other configurations, in {seconds:.0} s: {rate:.0} events a second"
        )
    }

    fn tell_progress(&self, begun: Instant) {
        if env::var_os("DAVY_SOAK_MINUTES").is_some() && self.seeds.load(Ordering::Relaxed).is_multiple_of(100) {
            eprintln!("so far {}", self.words(begun));
        }
    }
}

/// How long to play.
enum Goal {
    Events(u64),
    Minutes(u64),
}

impl Goal {
    fn read() -> Self {
        number("DAVY_SOAK_MINUTES").map_or_else(|| Self::Events(number("DAVY_EVENTS").unwrap_or(EVENTS)), Self::Minutes)
    }

    fn goes_on(&self, begun: Instant, total: &Count) -> bool {
        match self {
            Self::Events(events) => total.events.load(Ordering::Relaxed) < *events,
            Self::Minutes(minutes) => begun.elapsed() < Duration::from_secs(minutes * 60),
        }
    }
}

/// A soak plays seeds that no one has played.
fn first_seed() -> u64 {
    let fresh = || SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs() << 20);
    let soaks = env::var_os("DAVY_SOAK_MINUTES").is_some();
    number("DAVY_SEED").unwrap_or_else(|| if soaks { fresh() } else { 0 })
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// Everything that a site can have.
const SITES: [&str; 10] = [
    "site",
    "site-rules",
    "site-life",
    "site-signals",
    "site-compound",
    "site-people",
    "site-tickets",
    "site-tasks",
    "site-watch",
    "site-escalation",
];

/// Configurations of each of them that lack something.
const FEWER: usize = 6;

/// What is played.
struct Plant {
    site: Site,
    fewer: Vec<Site>,
    whole_of: u32,
}

/// The large plant stands last.
fn plant_of(plants: &[Plant], seed: u64) -> &Plant {
    let (large, small) = plants.split_last().expect("there are some");
    let seed = usize::try_from(seed).expect("64 bits");
    if seed % LARGE_OF == 7 { large } else { &small[seed % small.len()] }
}

fn plants() -> Vec<Plant> {
    let mut rng = SmallRng::seed_from_u64(0);
    let mut read = |name: &str| {
        let folder = folders::workspace().join("tests/scenarios").join(name);
        let site = match davy_config::read_dir(&folder) {
            Ok(checked) => checked.configuration.site,
            Err(errors) => panic!("{} does not read:\n{errors}", folder.display()),
        };
        let fewer: Vec<Site> = (0..4 * FEWER).filter_map(|_| fewer::site(&folder, &mut rng)).take(FEWER).collect();
        assert!(!fewer.is_empty(), "{name} makes sense with fewer objects");
        Plant { site, fewer, whole_of: 1 }
    };
    let mut plants: Vec<Plant> = SITES.into_iter().map(&mut read).collect();
    plants.push(Plant { site: plant::site(LARGE_TAGS), fewer: Vec::new(), whole_of: LARGE_WHOLE_OF });
    plants
}

/// Names the seed when it fails.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the seed is {}: play it alone with DAVY_SEED={}", self.0, self.0);
        }
    }
}
