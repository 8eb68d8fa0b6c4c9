//! Three days without the enterprise, time-lapsed: as many rows as five events a second leave in the journal, then the link
//! comes back. The backlog drains in order and whole, and alarms go up beside it.
//!
//! `DAVY_BACKLOG` sets the rows (72 h are 1 296 000), `DAVY_BACKFILL` the most that drain in a second.

use acceptance::{
    deliveries, figures,
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result, ensure};
use davy_core::time::UtcTime;
use davy_store::{Batch, Row};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::{
    env, fs,
    ops::RangeInclusive,
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};

#[path = "e2e_backlog/consumer.rs"]
mod consumer;
use consumer::Consumer;

const ROWS: u64 = 40_000;
const BACKFILL_PER_SECOND: u64 = 2_000;
/// Calls for help whose way is timed, without the backlog and beside it.
const CALLS: usize = 100;
/// The time from one event to the next, at five a second.
const STEP_MS: i64 = 200;
/// More messages than this are counted but not kept to be compared.
const KEPT_MAX: u64 = 100_000;
const ROWS_OF_A_BATCH: u64 = 5_000;

#[tokio::test(flavor = "multi_thread")]
async fn alarms_go_up_beside_a_backlog_of_three_days() -> Result<()> {
    let rows = from_environment("DAVY_BACKLOG", ROWS)?;
    let rate = from_environment("DAVY_BACKFILL", BACKFILL_PER_SECOND)?;
    let mut site =
        Site::start("backlog", Size { levels: 1, gases: 1, people: 2 * CALLS, zones: 1, ..Size::default() }).await?;
    let mut consumer = Consumer::start(site.enterprise.port).await?;
    let alone = calls(&site, &mut consumer, 1..=CALLS).await?;
    site.drained().await?;

    if rows > KEPT_MAX {
        site.receiver.keep_no_more();
    }
    let before = outage(&mut site, rows, rate).await?;
    let returned = Instant::now();
    site.enterprise.start_again().await?;
    site.gateway.start_again().await?;
    site.reads_everything().await?;
    let uplink_up = async || Ok(site.gateway.api.find("uplinks", "uplink", "enterprise").await?["up"] == true);
    waiting::until_true("the uplink is back", LONG, uplink_up).await?;
    let beside = calls(&site, &mut consumer, CALLS + 1..=2 * CALLS).await?;
    let left = (before + rows).saturating_sub(consumer.backfill());
    let limit = LONG + Duration::from_secs(rows / rate.min(1_000));
    let all = async || Ok(consumer.backfill() >= before + rows);
    waiting::until_true("the backlog has drained", limit, all).await?;
    let took = returned.elapsed();
    site.drained().await?;

    let heard = consumer.heard();
    ensure!(heard.problems.is_empty(), "{:?}", heard.problems);
    ensure!(heard.missing() == 0, "{} rows never came", heard.missing());
    if rows <= KEPT_MAX {
        assert_eq!(deliveries::problems(&site.receiver.messages()), Vec::<String>::new());
    }
    report(rows, rate, left, took, [&alone, &beside])?;
    site.end().await?;
    site.gateway.verify().await
}

fn from_environment(name: &str, otherwise: u64) -> Result<u64> {
    env::var(name).map_or(Ok(otherwise), |number| number.parse()).context(name.to_owned())
}

/// The link is lost, time passes, and the journal grows. Gives the newest row of before.
async fn outage(site: &mut Site, rows: u64, rate: u64) -> Result<u64> {
    site.enterprise.stop().await?;
    let lost = async || site.gateway.api.find("alarms", "rule_kind", "uplink_lost").await.map(Some);
    waiting::until("the link is lost", LONG, lost).await?;
    ensure!(site.gateway.stop().await?.success(), "an orderly stop");
    let config = site.folder.join("config/gateway.toml");
    let text = fs::read_to_string(&config)?;
    let text = text.replace("[[uplink.mqtt]]", &format!("[[uplink.mqtt]]\nbackfill_per_second = {rate}"));
    fs::write(&config, text)?;
    let data = site.folder.join("data");
    grow(&data, rows).await
}

/// Rows of the length that a record of an alarm has.
async fn grow(data: &Path, rows: u64) -> Result<u64> {
    let now = now()?;
    let store = davy_store::open(data, now)?.store;
    let before = *store.head().borrow();
    for first in (0..rows).step_by(usize::try_from(ROWS_OF_A_BATCH)?) {
        let row = |n: u64| Row {
            utc: UtcTime(now.0 - (rows - n).cast_signed() * STEP_MS),
            kind: "audit",
            body: format!(
                r#"{{"action":"acknowledge","object":"LI-{n}.HH~1.{n}","by":"张伟","refused":null,"text":"{}"}}"#,
                "液位".repeat(60)
            ),
        };
        let batch = (first..rows.min(first + ROWS_OF_A_BATCH)).map(row).collect();
        store.commit(Batch { rows: batch, saved: Vec::new() }).await?;
    }
    store.close().await;
    Ok(before)
}

fn now() -> Result<UtcTime> {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH)?;
    Ok(UtcTime(i64::try_from(since.as_millis())?))
}

/// People call for help one after the other; gives how long each call took to the enterprise.
async fn calls(site: &Site, consumer: &mut Consumer, people: RangeInclusive<usize>) -> Result<Vec<Duration>> {
    let mut random = StdRng::seed_from_u64(1);
    let mut latencies = Vec::new();
    for person in people {
        sleep(Duration::from_millis(random.random_range(20..150))).await;
        let called = Instant::now();
        site::locate(&site.devices, person, "", true).await?;
        let rule = format!("sos-P-{person:03}");
        let arrived =
            timeout(LONG, consumer.live_alarm(&rule)).await.with_context(|| format!("{rule} never came"))??;
        latencies.push(arrived - called);
    }
    Ok(latencies)
}

fn report(rows: u64, rate: u64, left: u64, took: Duration, [alone, beside]: [&Vec<Duration>; 2]) -> Result<()> {
    let ms = |sample: &Vec<Duration>, percent| figures::percentile(sample, percent).as_secs_f64() * 1_000.0;
    figures::report(
        "Three days without the enterprise, time-lapsed",
        &[
            format!(
                "- {rows} rows drained in {:.1} s, {:.0} rows/s (at most {rate}/s are allowed), none missing, none out of order in its lane",
                took.as_secs_f64(),
                rows as f64 / took.as_secs_f64()
            ),
            format!(
                "- {CALLS} calls for help to the enterprise: without a backlog p50 {:.1} ms, p99 {:.1} ms; beside it p50 {:.1} ms, \
                 p99 {:.1} ms ({left} rows were still waiting after the last); p99 ratio {:.2}",
                ms(alone, 50),
                ms(alone, 99),
                ms(beside, 50),
                ms(beside, 99),
                ms(beside, 99) / ms(alone, 99)
            ),
        ],
    )
}
