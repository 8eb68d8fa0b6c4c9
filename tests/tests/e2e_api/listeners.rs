//! Two hundred who listen to the event stream while alarms come and go: all get what happens, and the gateway's memory stays what it was.

use super::seconds;
use acceptance::{
    figures, folder,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use futures::StreamExt as _;
use reqwest::Client;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};

const LISTENERS: usize = 200;
/// Memory is read so often.
const LOOKS: u32 = 20;
/// Beyond this share of what it was in the second quarter memory in the last one is not flat.
const GROWTH_MAX: f64 = 1.15;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_listen_and_memory_stays_flat() -> Result<()> {
    let time = seconds("DAVY_STREAM_SECONDS", 20)?;
    let mut site = Site::start("api-listeners", Size { levels: 20, gases: 2, ..Size::default() }).await?;
    let before = figures::resident_kib(site.gateway.id()?)?;
    let token = fs::read_to_string(site.folder.join("davy-token")).context("the token of the tests")?;
    let heard: Vec<Arc<Heard>> = (0..LISTENERS).map(|_| Arc::default()).collect();
    let mut listening = JoinSet::new();
    for (number, heard) in heard.iter().enumerate() {
        let of_changes = if number % 2 == 0 { "?changes=true" } else { "" };
        let url = format!("{}/api/v1/stream{of_changes}", site.gateway.address.trim_end_matches('/'));
        listening.spawn(listen(url, token.trim().to_owned(), Arc::clone(heard)));
    }
    let all = async || Ok(heard.iter().all(|heard| heard.beats.load(Ordering::Relaxed) > 0));
    waiting::until_true("everybody hears a beat", LONG, all).await?;
    let memory = watch_memory(&mut site, time).await?;
    while let Some(ended) = listening.try_join_next() {
        ended?.context("a stream has ended before its time")?;
    }
    listening.shutdown().await;
    tell(before, &memory, &heard, time)?;
    site.end().await
}

/// What one listener has got.
#[derive(Default)]
struct Heard {
    beats: AtomicU64,
    alarms: AtomicU64,
    bytes: AtomicU64,
}

async fn listen(url: String, token: String, heard: Arc<Heard>) -> Result<()> {
    let response = Client::new().get(url).bearer_auth(token).send().await?.error_for_status()?;
    let mut pieces = response.bytes_stream();
    let mut line = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        heard.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
        for byte in piece {
            if byte != b'\n' {
                // Names of events are short, data is not looked at.
                if line.len() < 32 {
                    line.push(byte);
                }
                continue;
            }
            match &*line {
                b"event: beat" => heard.beats.fetch_add(1, Ordering::Relaxed),
                b"event: alarms" => heard.alarms.fetch_add(1, Ordering::Relaxed),
                _ => 0,
            };
            line.clear();
        }
    }
    anyhow::bail!("the stream has ended")
}

/// Levels go over their limits and back all the time.
async fn watch_memory(site: &mut Site, time: Duration) -> Result<Vec<u64>> {
    let (begun, mut memory, mut turn) = (Instant::now(), Vec::new(), 0_usize);
    while memory.len() < LOOKS as usize {
        let level = turn % 20 + 1;
        let value = if turn / 20 % 2 == 0 { folder::level_rule(level).1 } else { folder::CALM };
        site.opcua.write(&folder::level(level), value).await?;
        turn += 1;
        sleep(Duration::from_millis(100)).await;
        if begun.elapsed() >= time * (memory.len() as u32 + 1) / LOOKS {
            memory.push(figures::resident_kib(site.gateway.id()?)?);
        }
    }
    Ok(memory)
}

fn tell(before: u64, memory: &[u64], heard: &[Arc<Heard>], time: Duration) -> Result<()> {
    let quarter = memory.len() / 4;
    let most = |part: &[u64]| part.iter().copied().max().unwrap_or_default();
    let (early, late) = (most(&memory[quarter..2 * quarter]), most(&memory[memory.len() - quarter..]));
    let least = |count: fn(&Heard) -> &AtomicU64| {
        heard.iter().map(|heard| count(heard).load(Ordering::Relaxed)).min().unwrap_or_default()
    };
    let bytes: u64 = heard.iter().map(|heard| heard.bytes.load(Ordering::Relaxed)).sum();
    let mib = |kib: u64| kib as f64 / 1024.0;
    figures::report(
        "Two hundred listen to the event stream",
        &[format!(
            "{} streams for {} s, {:.1} MB/s together; the least that one got: {} beats, {} changes of the alarms; memory before \
             {:.0} MiB, in the second quarter {:.0} MiB, in the last {:.0} MiB",
            heard.len(),
            time.as_secs(),
            bytes as f64 / 1e6 / time.as_secs_f64(),
            least(|heard| &heard.beats),
            least(|heard| &heard.alarms),
            mib(before),
            mib(early),
            mib(late),
        )],
    )?;
    ensure!(least(|heard| &heard.alarms) > 1, "everybody heard of alarms");
    ensure!(late as f64 <= early as f64 * GROWTH_MAX, "memory grows: {memory:?} KiB");
    Ok(())
}
