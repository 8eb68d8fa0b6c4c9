//! The cables between the gateway and the field are cut: packets go nowhere and no connection is reset. Each source is told lost
//! within its time, nothing that was true before counts as true meanwhile, and afterwards everything is read again.
//!
//! Once for every source by taps that hold back what they get, whose kernels go on acknowledging it; and once for OPC UA and
//! Modbus as it is in a plant, by a router between network namespaces that drops every packet (`acceptance::network`).

#[path = "e2e_cable/dropped.rs"]
mod dropped;

use acceptance::{
    figures,
    folder::{gas, level, level_rule},
    receiver::Message,
    site::{Site, Size, write_gas},
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::Instant;

/// Longer than any connection goes on without an answer.
const CUT: Duration = Duration::from_secs(20);
const SOURCES: [&str; 3] = ["dcs", "gds", "people"];

async fn states(site: &Site) -> Result<Vec<Value>> {
    site.gateway.api.list("sources").await
}

/// A gap that ended after the cut, of a source.
fn gap<'m>(gaps: &'m [Message], source: &str) -> Option<&'m Message> {
    gaps.iter().find(|gap| gap.text("source") == source)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_without_cables_is_told_and_over_when_they_are_mended() -> Result<()> {
    let size = Size { levels: 2, gases: 2, people: 1, zones: 1, ..Size::default() };
    let mut site = Site::start("cable", size).await?;
    site.devices.send_json("site/location/C-001", &json!({"zone": "Z-001"})).await?;
    let before = site.gateway.api.find("sources", "source", "dcs").await?["connects"].clone();

    let begun = Instant::now();
    site.cut_cables(true);
    let all_down = async || Ok(states(&site).await?.iter().all(|source| source["up"] == false));
    waiting::until_true("every source is lost", LONG, all_down).await?;
    let lost_after = begun.elapsed();
    let unusable = async || {
        let tags = site.gateway.api.list("tags").await?;
        Ok(tags.iter().all(|tag| tag["severity"] == "bad"))
    };
    waiting::until_true("no value counts as good", LONG, unusable).await?;
    let people = site.gateway.api.find("sources", "source", "people").await?;
    ensure!(people["detail"].as_str().is_some_and(|words| words.contains("does not answer any more")), "{people}");
    for source in SOURCES {
        site.receiver.wait_for_alarm(&format!("source-lost-{source}")).await.with_context(|| source.to_owned())?;
    }
    // What happens meanwhile is known as soon as it can be.
    let (rule, beyond) = level_rule(1);
    site.opcua.write(&level(1), beyond).await?;
    write_gas(&mut site.modbus, 1, 60.0).await?;
    site.devices.send_json("site/location/C-001", &json!({"zone": "Z-001", "sos": true})).await?;
    tokio::time::sleep(CUT.saturating_sub(begun.elapsed())).await;
    for open in [rule.as_str(), &format!("{}.H", gas(1)), "sos-P-001"] {
        ensure!(site.receiver.of("alarm").iter().all(|alarm| alarm.text("rule") != open), "{open} cannot be known yet");
    }

    let mended = Instant::now();
    site.cut_cables(false);
    site.receiver.wait_for_alarm(&rule).await?;
    site.receiver.wait_for_alarm(&format!("{}.H", gas(1))).await?;
    site.receiver.wait_for_alarm("sos-P-001").await?;
    site.reads_everything().await?;
    let back_after = mended.elapsed();
    let all_gaps = async || Ok(SOURCES.iter().all(|source| gap(&site.receiver.of("gap"), source).is_some()));
    waiting::until_true("the gaps are told", LONG, all_gaps).await?;
    let after = site.gateway.api.find("sources", "source", "dcs").await?["connects"].clone();
    let raised: BTreeSet<String> = site.receiver.of("alarm").iter().map(|alarm| alarm.text("id").to_owned()).collect();
    assert_eq!(raised.len(), SOURCES.len() + 3, "each once: {raised:?}");
    figures::report(
        "Cables cut",
        &[
            format!(
                "- {} s without a packet: all three sources told lost after {} ms",
                CUT.as_secs(),
                lost_after.as_millis()
            ),
            format!(
                "- all values and what happened meanwhile {} ms after the cables were mended",
                back_after.as_millis()
            ),
            format!("- OPC UA connections made: {before} before, {after} after"),
        ],
    )?;
    site.end().await?;
    site.gateway.verify().await
}
