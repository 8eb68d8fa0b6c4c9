//! The power fails at random moments, on a disk that forgets what was not synced and tears what was being written: all that
//! was acknowledged is there, nothing that was sent is gone or another, and the gateway opens its files again.
//!
//! `DAVY_CUTS` sets how often; `DAVY_SEED` plays one series of cuts again, which is what a failure names.

#[path = "power_cut/batches.rs"]
mod batches;
#[path = "power_cut/check.rs"]
mod check;
#[path = "power_cut/load.rs"]
mod load;
#[path = "power_cut/promised.rs"]
mod promised;

use acceptance::disk::{self, Disk, Faults, Survival};
use promised::Promised;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::{env, path::Path, time::Instant};

const CUTS: u64 = 320;

/// Cuts from one disk to the next, so that journals stay short enough to be looked at whole each time.
const CUTS_OF_A_DISK: u64 = 8;

/// What earlier versions of the journal wrote, to be migrated while the power fails.
const EARLIER: [&str; 2] =
    [include_str!("../../edge/store/tests/golden/v1.sql"), include_str!("../../edge/store/tests/golden/v2.sql")];

/// When the power fails, in operations of the file system.
#[derive(Clone, Copy)]
struct Plan {
    /// When the gateway is told to stop in order, if it is.
    stop_after: Option<u64>,
    cut_before: u64,
    survival: Survival,
}

#[derive(Default)]
struct Figures {
    cuts: u64,
    operations: u64,
    syncs: u64,
    batches: u64,
    rows: u64,
}

#[test]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
fn what_was_acknowledged_survives_every_power_cut() {
    if !disk::available() {
        return;
    }
    let begun = Instant::now();
    let mut all = Figures::default();
    let again = env::var("DAVY_SEED").ok().map(|seed| seed.parse::<u64>().expect("DAVY_SEED is a number"));
    let cuts = env::var("DAVY_CUTS").map_or(CUTS, |cuts| cuts.parse().expect("DAVY_CUTS is a number"));
    for seed in again.map_or(0..cuts.div_ceil(CUTS_OF_A_DISK), |seed| seed..seed + 1) {
        let figures = series(seed, Faults::default());
        let figures = figures.unwrap_or_else(|problem| panic!("DAVY_SEED={seed}: {problem}"));
        all.cuts += figures.cuts;
        all.operations += figures.operations;
        all.syncs += figures.syncs;
        all.batches += figures.batches;
        all.rows += figures.rows;
    }
    println!(
        "{} power cuts among {} operations and {} syncs: {} batches acknowledged, {} rows, none lost; {:.1} s",
        all.cuts,
        all.operations,
        all.syncs,
        all.batches,
        all.rows,
        begun.elapsed().as_secs_f64()
    );
}

/// The same load on a disk whose syncs do nothing, which is what `synchronous = OFF` amounts to.
#[test]
#[expect(clippy::print_stdout, reason = "what was lost is worth seeing")]
fn a_disk_that_lies_about_syncing_is_found_out() {
    if !disk::available() {
        return;
    }
    let lies = Faults { sync_lies: true, ..Faults::default() };
    let found: Vec<String> = (0..6).filter_map(|seed| series(seed, lies.clone()).err()).collect();
    println!("a disk that lies about syncing: {found:#?}");
    assert!(found.len() >= 5, "of six series only these were found out: {found:?}");
}

/// One disk, and the power failing on it again and again.
fn series(seed: u64, faults: Faults) -> Result<Figures, String> {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut promised, mut figures) = (Promised::default(), Figures::default());
    let disk = Disk::new();
    if let Some(sql) = [None, Some(EARLIER[0]), Some(EARLIER[1])][random.random_range(0..3)] {
        earlier(disk.path(), sql);
        disk.settle();
        promised.earlier_rows = 3;
    }
    for cut in 0..CUTS_OF_A_DISK {
        disk.set(faults.clone());
        let at_cut = load::until_the_power_fails(&disk, Plan::new(&mut random), promised);
        figures.operations += disk.operations();
        figures.syncs += disk.syncs();
        figures.cuts += 1;
        promised = at_cut.map_err(|why| format!("cut {cut}: {why}"))?.told(&disk.power_back());
    }
    load::look(&disk, &promised).map_err(|why| format!("after the last cut: {why}"))?;
    figures.batches = promised.batches.len() as u64;
    figures.rows = promised.sent.len() as u64;
    Ok(figures)
}

/// Writes a journal as an earlier version left it.
fn earlier(disk: &Path, sql: &str) {
    let data = disk.join(load::DATA);
    std::fs::create_dir(&data).expect("a folder for the data");
    rusqlite::Connection::open(data.join("davy-5.db")).expect("a file").execute_batch(sql).expect("a journal");
}

impl Plan {
    /// A cut while the files are opened or migrated, in the middle of work, after checkpoints, or around an orderly stop.
    fn new(random: &mut StdRng) -> Self {
        let survival = Survival {
            seed: random.random(),
            percent: [0, 10, 50, 90, 100][random.random_range(0..5)],
            sector: [512, 4096][random.random_range(0..2)],
        };
        let (stop_after, cut_before) = match random.random_range(0..8) {
            0 | 1 => (None, random.random_range(1..80)),
            2..=5 => (None, random.random_range(80..1_500)),
            6 => (None, random.random_range(1_500..6_000)),
            _ => {
                let stop = random.random_range(80..1_500);
                (Some(stop), stop + random.random_range(0..400))
            }
        };
        Self { stop_after, cut_before, survival }
    }
}
