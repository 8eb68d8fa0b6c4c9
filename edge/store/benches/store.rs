//! What the disk side costs, as ratios within one run: journal rows against bare inserts of the same batches, values of the
//! history against their raw columns, and how long a day's trend takes.
//!
//! `DAVY_BENCH_TAGS` (1 000) and `DAVY_BENCH_HOURS` (24) make it smaller or larger.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise and prints")]

use davy_core::{
    event::{Event, Sample},
    id::TagIx,
    quality::Quality,
    time::{Monotonic, Now, UtcTime},
};
use davy_store::{
    Batch, Row,
    history::{History, TagOfRun},
    recording::{Beginning, Keep, Keeps},
};
use rusqlite::{Connection, params};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

const BEGAN: i64 = 1_795_392_000_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    journal(&runtime);
    history(&runtime);
}

fn journal(runtime: &Runtime) {
    for size in [1, 10, 100] {
        let (batches, body) = (
            2_000 / size,
            format!(r#"{{"alarm":"LI-1101.HH~1.2","state":"unacknowledged","text":"{}"}}"#, "x".repeat(400)),
        );
        let directory = tempfile::tempdir().unwrap();
        let store = davy_store::open(directory.path(), UtcTime(BEGAN)).unwrap().store;
        let row = || Row { utc: UtcTime(BEGAN), kind: "alarm", body: body.clone() };
        let ours = timed(|| {
            for _ in 0..batches {
                let batch = Batch { rows: (0..size).map(|_| row()).collect(), saved: Vec::new() };
                runtime.block_on(store.commit(batch)).unwrap();
            }
        });
        runtime.block_on(store.close());
        let bare = bare_inserts(&directory.path().join("bare.db"), batches, size, &body);
        let per_s = |took: Duration| (batches * size) as f64 / took.as_secs_f64();
        println!(
            "journal, batches of {size:>3} rows, each durable: {:>6.0} rows/s, bare inserts {:>6.0} rows/s, ratio {:.2}",
            per_s(ours),
            per_s(bare),
            bare.as_secs_f64() / ours.as_secs_f64()
        );
    }
}

fn bare_inserts(path: &Path, batches: usize, size: usize, body: &str) -> Duration {
    let mut connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection
        .execute_batch("CREATE TABLE row (seq INTEGER PRIMARY KEY, utc INTEGER, kind TEXT, body TEXT) STRICT")
        .unwrap();
    timed(|| {
        for _ in 0..batches {
            let transaction = connection.transaction().unwrap();
            for _ in 0..size {
                transaction
                    .prepare_cached("INSERT INTO row (utc, kind, body) VALUES (?1, ?2, ?3)")
                    .unwrap()
                    .execute(params![BEGAN, "alarm", body])
                    .unwrap();
            }
            transaction.commit().unwrap();
        }
    })
}

fn history(runtime: &Runtime) {
    let tags = setting("DAVY_BENCH_TAGS", 1_000);
    let seconds = setting("DAVY_BENCH_HOURS", 24) * 3_600;
    let directory = tempfile::tempdir().unwrap();
    let keep = Keep { bytes_max: u64::MAX, days_max: 365 };
    let mut recorder = davy_store::recording::open(directory.path(), UtcTime(BEGAN)).unwrap();
    let tag = |tag| TagOfRun { id: format!("TI-{tag}"), source: 0 };
    let beginning = Beginning { now: at(0), tags: (0..tags).map(tag).collect(), ..Beginning::default() };
    recorder.begin(beginning, Keeps { recording: Keep { bytes_max: 0, days_max: 1 }, history: keep });
    let live = recorder.history().unwrap();
    let mut plant = Plant::new(tags);
    let mut raw = Vec::new();
    let took = timed(|| {
        for second in 0..seconds {
            let samples = plant.step(second);
            raw.extend(samples.iter().filter(|sample| sample.tag.0 < 12).copied());
            recorder.put(at(second * 1_000), &Event::Samples(samples));
            // The day goes by in minutes: nobody may be outrun, or values would be lost.
            if second % 20 == 0 {
                wait_for(runtime, &live, second.saturating_sub(120));
            }
        }
        drop(recorder);
    });
    let history = History::open(directory.path()).unwrap();
    let values = tags * seconds;
    let bytes = std::fs::metadata(directory.path().join("history.db")).unwrap().len();
    println!(
        "history, {tags} tags each second for {} h: {values} values written in {:.0} s",
        seconds / 3_600,
        took.as_secs_f64()
    );
    // A dozen tags have all kinds of values in the proportion of the plant.
    let of = |tag: usize| raw.iter().filter(|sample| sample.tag.at() == tag).copied().collect::<Vec<_>>();
    let columns: usize = (0..12).map(|tag| zstd::bulk::compress(&raw_columns(&of(tag)), 3).unwrap().len()).sum();
    let (ours, zstd) = (bytes as f64 / values as f64, columns as f64 / raw.len() as f64);
    println!(
        "  {ours:.2} bytes a value; raw 17.00 (ratio {:.2}), the raw columns of each tag's whole time through zstd {zstd:.2} (ratio {:.2})",
        ours / 17.0,
        ours / zstd
    );
    let (from, until) = (UtcTime(BEGAN - 1_000), UtcTime(BEGAN).after(seconds as u64 * 1_000));
    let mut times: Vec<Duration> = (0..20)
        .map(|n| {
            let id = format!("TI-{}", n * 31 % tags);
            timed(|| {
                let answer = runtime.block_on(history.read(&id, from, until, 1_000)).unwrap().unwrap();
                assert_eq!(answer.count, seconds as u64, "{id}");
            })
        })
        .collect();
    times.sort();
    println!(
        "  the whole trend of one tag in 1 000 steps: median {:.1} ms, longest of 20 {:.1} ms (aim < 20 ms)",
        ms(times[10]),
        ms(times[19])
    );
}

/// Values as a plant has them: levels that wander with noise, in hundredths; flows; states that rest.
struct Plant {
    state: u64,
    values: Vec<f64>,
}

impl Plant {
    fn new(tags: usize) -> Self {
        Self { state: 88_172_645_463_325_252, values: vec![50.0; tags] }
    }

    fn random(&mut self) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn step(&mut self, second: usize) -> Vec<Sample> {
        (0..self.values.len())
            .map(|tag| {
                let (change, jitter) = (self.random() - 0.5, self.random());
                self.values[tag] += if tag % 4 == 3 { 0.0 } else { change };
                let value = self.values[tag];
                // As transmitters give them: hundredths of a unit, single precision, double precision.
                let value = match tag % 3 {
                    0 => (value * 100.0).round() / 100.0,
                    1 => f64::from(value as f32),
                    _ => value,
                };
                let time = at(second * 1_000).utc;
                let source_time = Some(UtcTime(time.0 - 40 - (jitter * 20.0) as i64));
                Sample { tag: TagIx(tag as u32), value, quality: Quality::GOOD, source_time, received_time: time }
            })
            .collect()
    }
}

/// Until the history has heard what was told up to a second.
fn wait_for(runtime: &Runtime, history: &History, second: usize) {
    let time = UtcTime(at(second * 1_000).utc.0 - 1_000);
    let span = (UtcTime(time.0 - 5_000), UtcTime(time.0 + 2_000));
    while second > 0
        && runtime.block_on(history.read("TI-0", span.0, span.1, 10)).unwrap().is_none_or(|answer| answer.count == 0)
    {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Time 8 bytes, value 8 bytes, quality one.
fn raw_columns(samples: &[Sample]) -> Vec<u8> {
    let times = samples.iter().flat_map(|sample| sample.source_time.unwrap().0.to_le_bytes());
    let values = samples.iter().flat_map(|sample| sample.value.to_le_bytes());
    times.chain(values).chain(samples.iter().map(|_| 0)).collect()
}

fn at(ms: usize) -> Now {
    Now { monotonic: Monotonic(ms as u64), utc: UtcTime(BEGAN).after(ms as u64) }
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
