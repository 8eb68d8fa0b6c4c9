//! The wall clock is set an hour ahead and an hour back while the link to the enterprise is lost and comes back: no alarm is late,
//! lost or told twice, and the lanes stay in order.

use acceptance::{
    clock, deliveries, figures,
    folder::{self, level_rule},
    site::{Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Context as _, Result};
use davy_core::time::UtcTime;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HOUR_S: i64 = 3_600;
/// How far the clock is ahead from then on: two steps of an hour each way, one of two hours, and right again.
const STEPS: [i64; 5] = [HOUR_S, 0, -HOUR_S, HOUR_S, 0];
/// Levels and detectors that cross before and after each step.
const IN_EACH_HALF: usize = 3;
const ALL: usize = 2 * IN_EACH_HALF * STEPS.len();

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_costs_no_alarm_and_delays_none() -> Result<()> {
    let size = Size { levels: ALL, gases: ALL, people: 2, zones: 1, clock: true, ..Size::default() };
    let mut site = Site::start("clock", size).await?;
    let mut numbers = 1..=ALL;
    let mut slowest = Duration::ZERO;
    for ahead_s in STEPS {
        site.enterprise.stop().await?;
        slowest = slowest.max(site.cross(numbers.by_ref().take(IN_EACH_HALF)).await?);
        clock::set(&site.folder, ahead_s)?;
        clock_shows(&site, ahead_s).await?;
        slowest = slowest.max(site.cross(numbers.by_ref().take(IN_EACH_HALF)).await?);
        site.enterprise.start_again().await?;
        site.drained().await?;
    }
    let messages = site.receiver.messages();
    assert_eq!(deliveries::problems(&messages), Vec::<String>::new());
    let alarms = deliveries::objects(&messages, "alarm", "rule");
    for number in 1..=ALL {
        for rule in [level_rule(number).0, format!("{}.H", folder::gas(number))] {
            assert_eq!(alarms.get(&rule).map(std::collections::BTreeSet::len), Some(1), "alarms of {rule}");
        }
    }
    figures::report(
        "Clock",
        &[format!(
            "- wall clock set {} times by up to two hours, each time in an outage of the enterprise: {} alarms, each there once, in order; the slowest was active {} ms after its value was written",
            STEPS.len(),
            2 * ALL,
            slowest.as_millis()
        )],
    )?;
    site.end().await?;
    site.gateway.verify().await
}

/// The gateway goes by the clock as it was set: otherwise nothing would be shown here.
async fn clock_shows(site: &Site, ahead_s: i64) -> Result<()> {
    let is_set = async || {
        let system = site.gateway.api.get("system").await?;
        let at = system["at"].as_str().and_then(UtcTime::parse).context("a time")?;
        let machine = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        Ok((at.0 - machine).abs_diff(ahead_s * 1_000) < 60_000)
    };
    waiting::until_true("the gateway's clock is set", LONG, is_set).await
}
