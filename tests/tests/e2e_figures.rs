//! What the gateway costs: size, start, memory, processor time for each sample. Nothing is asserted about time; the
//! figures are printed so that later work can compare.

use acceptance::{
    figures, folder, places,
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::Result;
use std::{fs, time::Instant};

const LEVELS: usize = 500;
const GASES: usize = 60;
const HZ: u32 = 4;
const SECONDS: u32 = 15;

#[tokio::test(flavor = "multi_thread")]
async fn what_it_costs() -> Result<()> {
    let mut site = Site::start(
        "figures",
        Size { levels: LEVELS, gases: GASES, people: 10, zones: 2, cameras: 4, ..Size::default() },
    )
    .await?;
    site.gateway.kill().await?;
    site.gateway.start_again().await?;
    let (listening, first_sample) = start_to_first_sample(&site).await?;
    site.reads_everything().await?;
    let id = site.gateway.id()?;
    let idle_kib = figures::resident_kib(id)?;
    let (before, cpu_before, begun) = (taken(&site).await?, figures::cpu_seconds(id)?, Instant::now());
    let names: Vec<String> = (1..=LEVELS).map(folder::level).collect();
    // Registers of the low halves of the floats: the values change all the time and stay far from their limits.
    let (levels, gases) = tokio::join!(site.opcua.load(&names, HZ, SECONDS), site.modbus.load(1, (1, 0), HZ, SECONDS));
    let written = levels? + gases?;
    let (samples, cpu) = (taken(&site).await? - before, figures::cpu_seconds(id)? - cpu_before);
    let seconds = begun.elapsed().as_secs_f64();
    let (loaded_kib, bytes) = (figures::resident_kib(id)?, fs::metadata(places::davy()?)?.len());
    let alarms = site.gateway.api.list("alarms").await?;
    assert!(alarms.is_empty(), "noise inside the limits raises nothing: {alarms:?}");
    site.end().await?;
    figures::report(
        "What the gateway costs",
        &[
            format!("- binary: {:.1} MB", bytes as f64 / 1e6),
            format!("- start to listening: {listening} ms; to the first sample: {first_sample} ms"),
            format!(
                "- resident memory: {} MB idle, {} MB under load, {LEVELS} + {GASES} tags",
                idle_kib / 1024,
                loaded_kib / 1024
            ),
            format!(
                "- load: {written} values written, {samples} samples taken in {seconds:.1} s ({:.0}/s)",
                samples as f64 / seconds
            ),
            format!(
                "- processor: {cpu:.2} s, {:.1} s for a million samples, {:.1} % of one core",
                cpu / samples as f64 * 1e6,
                cpu / seconds * 100.0
            ),
        ],
    )
}

/// Milliseconds from the start of the process to its address, and to the first sample of any source.
async fn start_to_first_sample(site: &Site) -> Result<(u128, u128)> {
    let listening = site.gateway.started.elapsed().as_millis();
    let some = async || Ok(taken(site).await? > 0);
    waiting::until_true("the first sample", LONG, some).await?;
    Ok((listening, site.gateway.started.elapsed().as_millis()))
}

async fn taken(site: &Site) -> Result<u64> {
    let sources = site.gateway.api.list("sources").await?;
    Ok(sources.iter().filter_map(|source| source["taken"].as_u64()).sum())
}
