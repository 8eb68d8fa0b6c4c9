//! Very many gateways publish into one Mosquitto, and a group of the reference consumer takes it into one database: how many
//! messages pass, how long each takes, what it costs and whom; and how all come back when the broker does.
//!
//! `DAVY_FLEET` sets the gateways, `DAVY_FLEET_SECONDS` how long each journals a row a second, `DAVY_FLEET_BACKLOG` the rows that
//! each has when the broker comes back, `DAVY_FLEET_GROUPS` the members of the group in each run, such as `0,1,2,4`, where 0 is a subscriber
//! that only counts.

use acceptance::{
    broker::Broker,
    consumer::Gap,
    figures::{self, percentile},
    places, waiting,
    waiting::LONG,
};
use anyhow::{Context as _, Result, ensure};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    time::{Duration, Instant},
};

#[path = "e2e_fleet/bare.rs"]
mod bare;
#[path = "e2e_fleet/gateways.rs"]
mod gateways;
#[path = "e2e_fleet/platform.rs"]
mod platform;
use gateways::{Fleet, Written};
use platform::Platform;

const LISTENER: &str = "allow_anonymous true\nset_tcp_nodelay true\n";
/// By default a broker queues so many messages for a subscriber, and drops the next ones.
const QUEUED_BY_DEFAULT: u64 = 1_000;
/// So many are beside them on their way to a member: its Receive Maximum.
const IN_FLIGHT: u64 = 1_000;

struct Plan {
    gateways: usize,
    seconds: u32,
    backlog: u64,
    groups: Vec<usize>,
}

impl Plan {
    fn read() -> Result<Self> {
        let groups = env::var("DAVY_FLEET_GROUPS").unwrap_or_else(|_| "2".to_owned());
        Ok(Self {
            gateways: number("DAVY_FLEET", 50)?,
            seconds: number("DAVY_FLEET_SECONDS", 3)?,
            backlog: number("DAVY_FLEET_BACKLOG", 100)?,
            groups: groups.split(',').map(|text| text.parse().context("DAVY_FLEET_GROUPS")).collect::<Result<_>>()?,
        })
    }
}

fn number<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T> {
    let Ok(text) = env::var(name) else { return Ok(otherwise) };
    text.parse().ok().with_context(|| format!("{name}={text} is no number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_takes_what_many_gateways_say() -> Result<()> {
    let plan = Plan::read()?;
    let mut lines = vec![
        format!(
            "{} gateways, a row a second each for {} s; then {} rows each when the broker comes back.",
            plan.gateways, plan.seconds, plan.backlog
        ),
        String::new(),
        HEADING.to_owned(),
    ];
    let mut herds = Vec::new();
    for members in &plan.groups {
        let (row, herd) = run(&plan, *members).await.with_context(|| format!("with {members} members"))?;
        lines.push(row);
        herds.push(herd);
    }
    lines.push(String::new());
    lines.append(&mut herds);
    figures::report("Many gateways, one broker", &lines)
}

const HEADING: &str = "| members | p50 | p99 | s for a million: broker | gateways | consumers | burst, rows/s | s for a million: broker | \
    gateways | consumers | MiB: broker | gateways | consumers |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|";

/// With a group of so many members; gives a row of the table and what is to be said of the broker's return.
async fn run(plan: &Plan, members: usize) -> Result<(String, String)> {
    let folder = fresh(&format!("fleet-{members}"))?;
    let mut broker = Broker::start_with("enterprise", &folder, LISTENER).await?;
    let mut platform = Platform::start(&folder, broker.port, members).await?;
    let mut fleet = Fleet::open(&folder, plan.gateways)?;
    let connected = fleet.connect(broker.port).await?;

    let meter = Meter::begin(Some(&broker), &platform)?;
    let written = fleet.steady(plan.seconds).await?;
    platform.has(written.len() as u64, LONG).await?;
    let steady = meter.per_million(&broker, &platform, written.len() as u64)?;
    let late = latencies(&written, &platform)?;

    broker.stop().await?;
    fleet.all_down().await?;
    fleet.write(plan.backlog).await?;
    let meter = Meter::begin(None, &platform)?;
    // The members first: Mosquitto forgets shared subscriptions, and what comes before them would be for nobody.
    broker.start_again_closed().await?;
    platform.subscribed_again().await?;
    broker.open().await?;
    let returned = Instant::now();
    fleet.all_up().await?;
    let (back, _) = fleet.back_after(returned);
    let rows = plan.backlog * plan.gateways as u64;
    platform.has(written.len() as u64 + rows, LONG * 4).await?;
    let took = returned.elapsed();
    let burst = meter.per_million(&broker, &platform, rows)?;
    fleet.acknowledged().await?;
    platform.is_whole(&fleet.heads()).await?;
    let (_, lost_again) = fleet.back_after(returned);

    let mib = |kib: u64| kib / 1024;
    let row = format!(
        "| {} | {} ms | {} ms | {steady} | {:.0} | {burst} | {} | {} | {} |",
        platform.name(),
        percentile(&late, 50).as_millis(),
        percentile(&late, 99).as_millis(),
        rows as f64 / took.as_secs_f64(),
        mib(figures::peak_kib(broker.id()?)?),
        mib(figures::resident_kib(process::id())?),
        mib(platform.resident_kib()?),
    );
    let name = platform.name();
    fleet.end().await?;
    let (times, all) = platform.times()?;
    platform.end().await?;
    broker.stop().await?;
    fs::remove_dir_all(&folder).context("remove the journals")?;
    let herd = format!(
        "- {name}: connected at first within {:.1} s; after the broker's return half of them after {:.1} s, all after {:.1} s, at most {} in a \
         second, {} lost again{}; every row there once by id, {} repeated deliveries",
        connected.as_secs_f64(),
        percentile(&back, 50).as_secs_f64(),
        percentile(&back, 100).as_secs_f64(),
        most_in_a_second(&back),
        lost_again.len(),
        lost_again.first().map(|reason| format!(" ({reason})")).unwrap_or_default(),
        all - times.len() as u64,
    );
    Ok((row, herd))
}

/// With the queue that a broker has by default, consumers that hang cost rows, though the gateways have been told that each was
/// taken: `gaps.py` names them all.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_queue_drops_is_named() -> Result<()> {
    let gateways = Plan::read()?.gateways;
    let folder = fresh("fleet-queue")?;
    // The last setting of a name counts.
    let broker =
        Broker::start_with_more("enterprise", &folder, LISTENER, &format!("max_queued_messages {QUEUED_BY_DEFAULT}\n"))
            .await?;
    let platform = Platform::start(&folder, broker.port, 2).await?;
    let mut fleet = Fleet::open(&folder, gateways)?;
    fleet.connect(broker.port).await?;
    platform.signal("STOP").await?;
    let rows = (2 * 2 * (QUEUED_BY_DEFAULT + IN_FLIGHT)).div_ceil(gateways as u64);
    fleet.write(rows).await?;
    fleet.acknowledged().await?;
    platform.signal("CONT").await?;
    let heads_there = async || {
        // A later row shows that one before it is missing.
        fleet.write(1).await?;
        fleet.acknowledged().await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        platform.has_newest(&fleet.heads())
    };
    waiting::until_true("the newest row of each gateway is there", LONG, heads_there).await?;
    let lost = fleet.heads().iter().sum::<u64>() - platform.rows()?;
    let named: u64 = platform.gaps().await?.iter().map(length).sum();
    ensure!(lost > 0, "the queue was too long to drop anything");
    assert_eq!(named, lost);
    figures::report(
        "A broker's queue as it is by default",
        &[format!(
            "- {} rows of {gateways} gateways while both consumers hung: {lost} dropped by the broker, which had acknowledged them; \
             all {named} named by gaps.py",
            rows * gateways as u64
        )],
    )?;
    fleet.end().await?;
    platform.end().await?;
    fs::remove_dir_all(&folder).context("remove the journals")
}

fn length(gap: &Gap) -> u64 {
    assert_eq!(gap.state, "missing", "{gap:?}");
    gap.last - gap.first + 1
}

/// For a measurement in memory, where there is such a file system: what is measured is neither this machine's disk nor a thousand of
/// them.
fn fresh(name: &str) -> Result<PathBuf> {
    let memory = Path::new("/dev/shm");
    if env::var_os("DAVY_FLEET").is_none() || !memory.is_dir() {
        return places::fresh(name);
    }
    let folder = memory.join(format!("davy-{name}"));
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    Ok(folder)
}

/// Processor seconds used so far.
#[derive(Clone, Copy)]
struct Used {
    broker: f64,
    gateways: f64,
    consumers: f64,
}

impl Used {
    /// The subscriber that only counts is a part of this process.
    fn now(broker: Option<&Broker>, platform: &Platform) -> Result<Self> {
        let consumers = platform.cpu_seconds()?;
        let within = if matches!(platform, Platform::Bare(_)) { consumers } else { 0.0 };
        let broker = broker.map_or(Ok(0.0), |broker| figures::cpu_seconds(broker.id()?))?;
        Ok(Self { broker, gateways: figures::cpu_seconds(process::id())? - within, consumers })
    }
}

struct Meter {
    used: Used,
}

impl Meter {
    /// Without a broker: one that starts later has used nothing yet.
    fn begin(broker: Option<&Broker>, platform: &Platform) -> Result<Self> {
        Ok(Self { used: Used::now(broker, platform)? })
    }

    /// Since it began, for a million rows; three cells of the table.
    fn per_million(&self, broker: &Broker, platform: &Platform, rows: u64) -> Result<String> {
        let (now, rows) = (Used::now(Some(broker), platform)?, rows as f64 / 1e6);
        let Used { broker, gateways, consumers } = self.used;
        let each = [now.broker - broker, now.gateways - gateways, now.consumers - consumers].map(|used| used / rows);
        Ok(each.map(|used| format!("{used:.0}")).join(" | "))
    }
}

/// From the commit in the gateway's journal to that in the platform's database.
fn latencies(written: &[Written], platform: &Platform) -> Result<Vec<Duration>> {
    let (times, _) = platform.times()?;
    let late = |row: &Written| {
        let at = times
            .get(&(row.gateway, row.seq))
            .with_context(|| format!("row {} of {} is missing", row.seq, row.gateway))?;
        Ok(Duration::from_millis(u64::try_from(at - row.at).unwrap_or(0)))
    };
    written.iter().map(late).collect()
}

fn most_in_a_second(back: &[Duration]) -> usize {
    let within =
        |from: &Duration| back.iter().filter(|at| (*from..*from + Duration::from_secs(1)).contains(*at)).count();
    back.iter().map(within).max().unwrap_or(0)
}
