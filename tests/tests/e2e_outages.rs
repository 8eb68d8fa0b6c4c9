//! The enterprise broker is away, the OPC UA server restarts, the gateway is killed again and again, and crossings go on
//! all the time: at the receiver every warning and every task is there exactly once, in order within its lane, and the
//! lamp is right after every restart.

use acceptance::{
    deliveries, figures,
    folder::{self, level_rule, pushes_task},
    site::{self, Site, Size},
    waiting::{self, LONG},
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const OUTAGE: Duration = Duration::from_secs(30);
const KILLS: usize = 5;
/// Levels and detectors that cross in each phase.
const DURING_OUTAGE: usize = 12;
const AROUND_RESTART: usize = 8;
const IN_EACH_LIFE: usize = 4;
const ALL: usize = DURING_OUTAGE + AROUND_RESTART + IN_EACH_LIFE * (KILLS + 1);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_doubled() -> Result<()> {
    let size = Size { levels: ALL, gases: ALL, people: 2, zones: 1, ..Size::default() };
    let mut site = Site::start("outages", size).await?;
    let mut numbers = 1..=ALL;
    let back = enterprise_away(&mut site, numbers.by_ref().take(DURING_OUTAGE)).await?;
    opcua_restarts(&mut site, numbers.by_ref().take(AROUND_RESTART)).await?;
    let restarts = killed_again_and_again(&mut site, &mut numbers).await?;
    let rows = everything_arrived(&site).await?;
    let messages = site.receiver.messages();
    figures::report(
        "Outages",
        &[
            format!(
                "- after {} s without the enterprise broker: all delivered {} ms after its return",
                OUTAGE.as_secs(),
                back.as_millis()
            ),
            format!("- killed {KILLS} times: listening again after {restarts:?}"),
            format!(
                "- {rows} rows of the journal, none missing, none out of order; {} repeated deliveries",
                deliveries::repeated(&messages)
            ),
        ],
    )?;
    site.end().await?;
    site.gateway.verify().await
}

/// Crossings spread over the outage; gives how long the backlog took afterwards.
async fn enterprise_away(site: &mut Site, numbers: impl Iterator<Item = usize>) -> Result<Duration> {
    let begun = Instant::now();
    site.enterprise.stop().await?;
    for (at, number) in numbers.enumerate() {
        let moment = OUTAGE * u32::try_from(at)? / u32::try_from(DURING_OUTAGE)?;
        tokio::time::sleep(moment.saturating_sub(begun.elapsed())).await;
        cross(site, number).await?;
    }
    alarmed(site, "uplink_lost").await?;
    tokio::time::sleep(OUTAGE.saturating_sub(begun.elapsed())).await;
    let returned = Instant::now();
    site.enterprise.start_again().await?;
    site.drained().await?;
    Ok(returned.elapsed())
}

async fn opcua_restarts(site: &mut Site, numbers: impl Iterator<Item = usize>) -> Result<()> {
    site.opcua.stop().await?;
    alarmed(site, "source_lost").await?;
    site.opcua.start_again().await?;
    for number in numbers {
        cross(site, number).await?;
        site.receiver.wait_for_alarm(&level_rule(number).0).await?;
    }
    site.reads_everything().await
}

/// In each life some values cross; the last of them is written and the gateway killed at once.
async fn killed_again_and_again(site: &mut Site, numbers: &mut impl Iterator<Item = usize>) -> Result<Vec<Duration>> {
    let mut restarts = Vec::new();
    for life in 0..=KILLS {
        for number in numbers.by_ref().take(IN_EACH_LIFE) {
            cross(site, number).await?;
        }
        if life == KILLS {
            break;
        }
        acknowledge_one(site).await?;
        site.gateway.kill().await?;
        let begun = Instant::now();
        site.gateway.start_again().await?;
        restarts.push(begun.elapsed());
        lamp_is_right(site).await?;
        site.reads_everything().await?;
        lamp_is_right(site).await?;
    }
    Ok(restarts)
}

async fn cross(site: &mut Site, number: usize) -> Result<()> {
    site.opcua.write(&folder::level(number), level_rule(number).1).await?;
    site::write_gas(&mut site.modbus, number, 40.0).await
}

async fn alarmed(site: &Site, rule_kind: &str) -> Result<()> {
    let open = async || site.gateway.api.find("alarms", "rule_kind", rule_kind).await.map(Some);
    waiting::until(&format!("the alarm {rule_kind} is open"), LONG, open).await.map(drop)
}

async fn acknowledge_one(site: &Site) -> Result<()> {
    let alarms = site.gateway.api.list("alarms").await?;
    let open = alarms.iter().find(|alarm| {
        alarm["acknowledged_by"].is_null() && alarm["rule"].as_str().is_some_and(|rule| rule.starts_with("LI-"))
    });
    if let Some(id) = open.and_then(|alarm| alarm["id"].as_str()) {
        site.gateway.api.post(&format!("alarms/{id}/acknowledge"), &json!({"by": "张伟"})).await?;
    }
    Ok(())
}

/// The lamp against the open alarms, at a moment at which neither changes.
async fn lamp_is_right(site: &Site) -> Result<()> {
    let api = &site.gateway.api;
    let still = async || {
        let before = api.list("alarms").await?;
        let annunciation = api.section("annunciation").await?;
        let after = api.list("alarms").await?;
        Ok::<_, anyhow::Error>((before == after).then_some((after, annunciation)))
    };
    let (alarms, annunciation) = waiting::until("alarms and lamp hold still", LONG, still).await?;
    ensure!(!alarms.is_empty(), "alarms survive");
    let shown = |name: &str| annunciation[name].as_str().unwrap_or_default();
    assert_eq!(
        (shown("lamp"), shown("pattern")),
        (colour_of(&alarms), pattern_of(&alarms)),
        "{annunciation}: {alarms:?}"
    );
    Ok(())
}

fn pattern_of(alarms: &[Value]) -> &'static str {
    let any = |state: &str| alarms.iter().any(|alarm| alarm["state"] == state);
    match (any("unacknowledged"), any("returned_unacknowledged")) {
        (true, _) => "flash",
        (false, true) => "slow_flash",
        (false, false) => "steady",
    }
}

fn colour_of(alarms: &[Value]) -> &'static str {
    let worst = |priority: &str| alarms.iter().any(|alarm| alarm["priority"] == priority);
    let colours = [("critical", "red"), ("high", "amber"), ("medium", "yellow"), ("low", "blue")];
    colours.into_iter().find(|(priority, _)| worst(priority)).map_or("green", |(_, colour)| colour)
}

/// Judges what the receiver got; gives the number of journal rows.
async fn everything_arrived(site: &Site) -> Result<usize> {
    for number in 1..=ALL {
        for rule in [level_rule(number).0, format!("{}.H", folder::gas(number))] {
            site.receiver.wait_for_alarm(&rule).await?;
        }
    }
    site.drained().await?;
    let messages = site.receiver.messages();
    assert_eq!(deliveries::problems(&messages), Vec::<String>::new());
    let (alarms, tasks) =
        (deliveries::objects(&messages, "alarm", "rule"), deliveries::objects(&messages, "task", "rule"));
    let warnings = deliveries::objects(&messages, "warning", "risk_event");
    for number in 1..=ALL {
        let (level, gas) = (folder::level(number), folder::gas(number));
        for (rule, tag) in [(level_rule(number).0, level), (format!("{gas}.H"), gas)] {
            let count = |objects: &std::collections::BTreeMap<String, _>, key: &str| {
                objects.get(key).map_or(0, std::collections::BTreeSet::<String>::len)
            };
            assert_eq!(count(&alarms, &rule), 1, "alarms of {rule}");
            assert_eq!(count(&tasks, &rule), usize::from(pushes_task(number)), "tasks of {rule}");
            assert_eq!(count(&warnings, &format!("EV-{tag}")), 1, "warnings of EV-{tag}");
        }
    }
    Ok(deliveries::of_journal(&messages).len() - deliveries::repeated(&messages))
}
