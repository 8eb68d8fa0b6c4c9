//! One case from start to stop: a gateway on so many tags, which all are good before anything is counted.

use crate::{
    field::{Field, Kind, Size, utc},
    folder,
    seen::{self, Seen},
};
use acceptance::{figures, gateway::Gateway, places, waiting, watched::Watched};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long reading, connecting and the first values of very many tags may take.
const GOOD_MAX: Duration = Duration::from_secs(300);
/// How long the last changes may be on their way; what comes later counts as missed.
const DRAIN_MAX: Duration = Duration::from_secs(15);
/// Nothing was taken for so long: all that was on its way has come.
const QUIET: Duration = Duration::from_millis(1_500);

/// What was measured.
pub(crate) struct Outcome {
    /// From the start of the process until it answers.
    pub(crate) answers: Duration,
    /// From the start of the process until every tag was good.
    pub(crate) all_good: Duration,
    /// For so many seconds the server made changes.
    pub(crate) window: f64,
    /// Changes that the server made, where it counts them.
    pub(crate) made: Option<u64>,
    /// Values by the gateway's own count.
    pub(crate) taken: u64,
    /// The same since its start.
    pub(crate) taken_in_all: u64,
    pub(crate) seen: Seen,
    /// Processor time of the gateway, in seconds.
    pub(crate) cpu: f64,
    /// … and of the servers; of those that are none of their own, with the test.
    pub(crate) server_cpu: f64,
    /// Bytes that it had written to the disk.
    pub(crate) written: u64,
    pub(crate) resident_kib: u64,
    /// The same, with pages that others have as well counted by their share.
    pub(crate) proportional_kib: u64,
    /// The most that it ever was.
    pub(crate) peak_kib: u64,
    /// The slowest of the last polls, in milliseconds.
    pub(crate) poll_ms: Option<u64>,
    /// Connections, by the count of whoever counts most.
    pub(crate) connections: u64,
}

/// Plays a case, through taps if `watched`: those take their share of the machine.
pub(crate) async fn run(name: &str, kind: Kind, size: Size, seconds: u32, watched: bool) -> Result<Outcome> {
    let folder = places::fresh(&format!("scale-{name}"))?;
    let mut field = Field::start(kind, size, &folder).await?;
    let mut source = field.source();
    let taps = if watched { source.watch().await? } else { Vec::new() };
    folder::write(&folder, &source, size.tags)?;
    let mut gateway = Gateway::start(&folder).await?;
    let answers = gateway.started.elapsed();
    every_tag_is_good(&gateway, size.tags).await?;
    let all_good = gateway.started.elapsed();
    let held = field.hold().await;
    if held.is_some() {
        is_quiet(&gateway).await?;
    }
    let (before, begun) = (Counts::read(&gateway, &field).await?, Instant::now());
    let from = utc();
    let (made, _held) = field.change(held, seconds).await?;
    let (window, changed) = (begun.elapsed().as_secs_f64(), utc());
    drained(&gateway, before.taken + made.unwrap_or_default()).await?;
    let (after, until) = (Counts::read(&gateway, &field).await?, utc());
    let sources = gateway.api.list("sources").await?;
    let connects: u64 = sources.iter().filter_map(|source| source["connects"].as_u64()).sum();
    let id = gateway.id()?;
    let (resident_kib, peak_kib) = (figures::resident_kib(id)?, figures::peak_kib(id)?);
    let proportional_kib = figures::proportional_kib(id)?;
    ensure!(gateway.stop().await?.success(), "an orderly stop");
    taps.iter().try_for_each(Watched::only_reads)?;
    Ok(Outcome {
        answers,
        all_good,
        window,
        made,
        taken: after.taken - before.taken,
        taken_in_all: after.taken,
        seen: seen::read(&folder, size.tags, from..until, changed)?,
        cpu: after.cpu - before.cpu,
        server_cpu: after.server_cpu - before.server_cpu,
        written: after.written - before.written,
        resident_kib,
        proportional_kib,
        peak_kib,
        poll_ms: sources.iter().filter_map(poll_ms).max(),
        connections: connects.max(field.connections().unwrap_or_default()),
    })
}

struct Counts {
    taken: u64,
    cpu: f64,
    server_cpu: f64,
    written: u64,
}

impl Counts {
    async fn read(gateway: &Gateway, field: &Field) -> Result<Self> {
        let (taken, id) = (taken(gateway).await?, gateway.id()?);
        let (cpu, server_cpu) = (figures::cpu_seconds(id)?, field.cpu_seconds()?);
        Ok(Self { taken, cpu, server_cpu, written: figures::written_bytes(id)? })
    }
}

async fn taken(gateway: &Gateway) -> Result<u64> {
    let sources = gateway.api.list("sources").await?;
    Ok(sources.iter().filter_map(|source| source["taken"].as_u64()).sum())
}

async fn every_tag_is_good(gateway: &Gateway, tags: usize) -> Result<()> {
    let good = async || {
        let figures = gateway.api.get("kpi").await?;
        let good = figures["tags"]["good"].as_u64().with_context(|| format!("no good tags in {figures}"))?;
        Ok(good == tags as u64)
    };
    waiting::until_true("every tag is good", GOOD_MAX, good).await
}

/// Waits until nothing is on its way any more.
async fn is_quiet(gateway: &Gateway) -> Result<()> {
    let (mut last, mut since) = (0, Instant::now());
    let quiet = async || {
        let taken = taken(gateway).await?;
        if taken != last {
            (last, since) = (taken, Instant::now());
        }
        Ok(since.elapsed() > QUIET)
    };
    waiting::until_true("nothing is taken while nothing changes", GOOD_MAX, quiet).await
}

/// Waits for the last of the changes, but not for ever: what is missed never comes.
async fn drained(gateway: &Gateway, expected: u64) -> Result<()> {
    let begun = Instant::now();
    let come = async || Ok(taken(gateway).await? >= expected || begun.elapsed() > DRAIN_MAX);
    waiting::until_true("the last changes are taken", GOOD_MAX, come).await
}

/// From a note such as `poll: 12 ms of 1000 ms, 8 requests`.
fn poll_ms(source: &Value) -> Option<u64> {
    let notes = source["notes"].as_array()?.iter().filter_map(Value::as_str);
    notes.filter_map(|note| note.strip_prefix("poll: ")?.split(' ').next()?.parse().ok()).max()
}
