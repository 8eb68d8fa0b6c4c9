//! How fast `apply` is, on one core: `make bench`. The fastest of the runs counts, because whatever else the machine does
//! only slows it down. At the end the table says what a sample costs against a loop that only compares four floats.

#[path = "plant/mod.rs"]
mod plant;

use davy_core::event::Event;
use divan::{Bencher, black_box, counter::ItemsCount};
use plant::{CALM, HIGH, Plant};
use std::time::Instant;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const ROUNDS: usize = 20;

fn main() {
    divan::main();
    if std::env::args().any(|argument| argument == "--bench") {
        print_figures();
    }
}

/// Every tag is polled, every value is a little other than the last one, and no rule minds.
#[divan::bench(args = SIZES, sample_count = 20)]
fn nothing_changes(bencher: Bencher<'_, '_>, tags: usize) {
    bench(bencher, tags, [CALM, CALM + 1.0]);
}

/// Every value raises an alarm or ends one, through measure, warning, unit and lamp.
#[divan::bench(args = SIZES, sample_count = 20)]
fn every_sample_is_a_transition(bencher: Bencher<'_, '_>, tags: usize) {
    bench(bencher, tags, [HIGH, CALM]);
}

/// The least that any engine must do: four comparisons for each value.
#[divan::bench(args = SIZES, sample_count = 20)]
fn only_four_comparisons(bencher: Bencher<'_, '_>, tags: usize) {
    let limits = vec![[90.0, 80.0, 20.0, 10.0]; tags];
    let polls = Plant::new(tags).polls(CALM);
    bencher.counter(ItemsCount::new(tags)).bench_local(|| black_box(beyond(&limits, &polls)));
}

/// Polls all tags once a run, with the two values by turns.
fn bench(bencher: Bencher<'_, '_>, tags: usize, values: [f64; 2]) {
    let mut plant = Plant::new(tags);
    let polls = values.map(|value| plant.polls(value));
    let mut turn = 1;
    let mut next = || {
        turn += 1;
        polls[turn % 2].clone()
    };
    let bencher = bencher.counter(ItemsCount::new(tags)).with_inputs(&mut next);
    bencher.bench_local_values(|polls| polls.into_iter().for_each(|event| plant.apply(event)));
}

fn beyond(limits: &[[f64; 4]], polls: &[Event]) -> u64 {
    let mut beyond = 0;
    for event in polls {
        let Event::Samples(samples) = event else { continue };
        for sample in samples {
            let [hh, h, l, ll] = black_box(limits[sample.tag.at()]);
            let value = sample.value;
            beyond += u64::from(value >= hh) + u64::from(value >= h) + u64::from(value <= l) + u64::from(value <= ll);
        }
    }
    beyond
}

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn print_figures() {
    println!(
        "\nOn one core, the fastest of {ROUNDS} rounds; the aims are 20 million samples and 1 million transitions a second."
    );
    println!("| tags | samples that change nothing | transitions | ns a sample | ns for four comparisons | ratio |");
    println!("|---|---|---|---|---|---|");
    for tags in SIZES {
        let mut plant = Plant::new(tags);
        let limits = vec![[90.0, 80.0, 20.0, 10.0]; tags];
        let polls = plant.polls(CALM);
        let bare = best(tags, |_| (), |()| beyond(&limits, &polls));
        let sample = best_of_polls(&mut plant, tags, [CALM, CALM + 1.0]);
        let transition = best_of_polls(&mut plant, tags, [HIGH, CALM]);
        let millions = |ns: f64| 1e3 / ns;
        println!(
            "| {tags} | {:.1} million/s | {:.2} million/s | {sample:.1} | {bare:.1} | {:.1} |",
            millions(sample),
            millions(transition),
            sample / bare
        );
    }
}

fn best_of_polls(plant: &mut Plant, tags: usize, values: [f64; 2]) -> f64 {
    let polls = values.map(|value| plant.polls(value));
    let next = |round: usize| polls[round % 2].clone();
    best(tags, next, |polls| polls.into_iter().for_each(|event| plant.apply(event)))
}

/// Nanoseconds for each of `count` in the fastest round.
#[expect(clippy::disallowed_methods, reason = "the engine is given its time; this measures how long it takes")]
fn best<T, U>(count: usize, prepare: impl Fn(usize) -> T, mut run: impl FnMut(T) -> U) -> f64 {
    let rounds = (0..ROUNDS).map(|round| {
        let input = prepare(round);
        let begun = Instant::now();
        drop(black_box(run(input)));
        begun.elapsed().as_secs_f64() * 1e9 / count as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}
