//! The gateway itself was away, stopped in order or killed: what the server recorded meanwhile is read from its history after the
//! start, so that in the end everything was told to the engine once. And all of it goes up to the enterprise, whose broker is away
//! as well for a while.

use acceptance::{
    broker::Broker,
    gateway::Gateway,
    peers::{Node, OpcUa},
    places,
    receiver::Receiver,
    waiting::{self, LONG},
    watched::Watched,
};
use anyhow::{Context as _, Result, ensure};
use davy_core::event::Event;
use davy_field::wire::Protocol;
use davy_store::recording::Recording;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const TAG: &str = "LI-1";
/// Values that the gateway hears in each round, and those that it does not.
const HEARD: usize = 3;
const UNHEARD: usize = 200;

struct Plant {
    server: OpcUa,
    gateway: Gateway,
    enterprise: Broker,
    receiver: Receiver,
    /// The values so far are 1, 2, 3 and so on.
    written: usize,
}

impl Plant {
    async fn write(&mut self) -> Result<()> {
        self.written += 1;
        self.server.write(TAG, self.written as f64).await
    }

    async fn write_and_hear(&mut self) -> Result<()> {
        self.write().await?;
        let last = self.written as f64;
        let has_come = async || Ok(self.gateway.api.find("tags", "tag", TAG).await?["value"] == last);
        waiting::until_true("the value has come", LONG, has_come).await
    }

    /// Whoever looks at the tag's trend sees every value, whichever way it came.
    async fn is_in_the_trend(&self) -> Result<()> {
        let all = async || {
            let trend = self.gateway.api.get(&format!("tags/{TAG}/history?points=10000")).await?;
            let values = trend["values"].as_array().context("a list of values")?;
            let seen: BTreeSet<usize> =
                values.iter().filter_map(|value| value["value"].as_f64()).map(|value| value as usize).collect();
            let from_history = values.iter().filter(|value| value["origin"] == "source_history").count();
            Ok(seen.is_superset(&(1..=self.written).collect()) && from_history >= 2 * UNHEARD - 2)
        };
        waiting::until_true("the trend has every value", LONG, all).await
    }

    /// The enterprise has every value, and whatever it got twice was the same both times.
    async fn is_at_the_enterprise(&self) -> Result<()> {
        let all = async || {
            let batches = self.receiver.of("sample");
            let samples = batches.iter().filter_map(|batch| batch.data()["samples"].as_array()).flatten();
            let seen: BTreeSet<usize> =
                samples.filter_map(|sample| sample["value"].as_f64()).map(|value| value as usize).collect();
            Ok((1..=self.written).all(|value| seen.contains(&value)))
        };
        waiting::until_true("the enterprise has every value", LONG, all).await?;
        let mut by_id = BTreeMap::new();
        for batch in self.receiver.of("sample") {
            let before = by_id.insert(batch.id().to_owned(), batch.event.clone());
            ensure!(before.is_none_or(|before| before == batch.event), "{} came twice and not the same", batch.id());
        }
        Ok(())
    }

    /// The gaps that the journal has as filled.
    async fn filled(&self) -> Result<Vec<Value>> {
        let rows = self.gateway.api.list("journal").await?;
        let gaps = rows.into_iter().filter(|row| row["kind"] == "gap").map(|mut row| row["record"].take());
        Ok(gaps.filter(|gap| gap["filled"].is_u64()).collect())
    }
}

fn configure(folder: &Path, port: u16, enterprise: u16) -> Result<()> {
    fs::create_dir_all(folder)?;
    let gateway = format!(
        r#"
[gateway]
company_code = "330100123"
gateway_id = "gw-1"
name = "历史补读试验"

[web]
listen = "127.0.0.1:0"

[[source.opcua]]
id = "dcs"
name = "DCS"
endpoint = "opc.tcp://127.0.0.1:{port}/"
security = "none"
publishing_interval = "100ms"
history = true

[[uplink.mqtt]]
id = "historian"
name = "实时数据库"
url = "mqtt://127.0.0.1:{enterprise}"
[uplink.mqtt.samples]
min_interval = "0s"
deadband_percent = 0
"#
    );
    fs::write(folder.join("gateway.toml"), gateway)?;
    let tags = format!("位号,名称,数据源,地址,工程单位,量程下限,量程上限\n{TAG},液位,dcs,ns=2;s={TAG},mm,0,9999\n");
    Ok(fs::write(folder.join("tags.csv"), tags)?)
}

/// How often each value was told, as news and as something of the past.
fn told(folder: &Path) -> Result<BTreeMap<usize, (usize, usize)>> {
    let recording = Recording::open(&folder.join("data"))?;
    let mut told: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for run in recording.runs()? {
        recording.play(&run, |part| {
            for event in part.told.into_iter().map(|told| told.event) {
                let (samples, old) = if let Event::Samples(samples) = event {
                    (samples, false)
                } else if let Event::Backfill(backfill) = event {
                    (backfill.samples, true)
                } else {
                    continue;
                };
                for sample in samples.iter().filter(|sample| sample.quality.is_usable()) {
                    let (news, past) = told.entry(sample.value as usize).or_default();
                    *if old { past } else { news } += 1;
                }
            }
            true
        })?;
    }
    Ok(told)
}

/// Which of the values 1, 2, 3 and so on were not.
fn never_told(told: &BTreeMap<usize, (usize, usize)>, written: usize) -> Vec<usize> {
    (1..=written).filter(|value| !told.contains_key(value)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_recorded_while_the_gateway_was_away_is_read_after_its_start() -> Result<()> {
    let folder = places::fresh("history")?;
    let node = Node { name: TAG.to_owned(), data_type: "Double", value: json!(0.0) };
    let server = OpcUa::start_with_history(vec![node], &folder).await?;
    let tap = Watched::open("OPC UA", Protocol::OpcUa, server.port).await?;
    let enterprise = Broker::start("enterprise", &folder).await?;
    let receiver = Receiver::start(enterprise.port).await?;
    configure(&folder.join("config"), tap.port(), enterprise.port)?;
    let gateway = Gateway::start(&folder).await?;
    let mut plant = Plant { server, gateway, enterprise, receiver, written: 0 };
    plant.write_and_hear().await?;
    for (round, killed) in [false, true].into_iter().enumerate() {
        // What is recorded is known after the start; what a killed gateway has heard since comes from the history once more.
        let is_recorded = async || Ok(never_told(&told(&folder)?, plant.written).is_empty());
        waiting::until_true("all that was told is recorded", LONG, is_recorded).await?;
        plant.enterprise.stop().await?;
        for _ in 0..HEARD {
            plant.write_and_hear().await?;
        }
        match killed {
            true => plant.gateway.kill().await?,
            false => ensure!(plant.gateway.stop().await?.success(), "an orderly stop"),
        }
        for _ in 0..UNHEARD {
            plant.write().await?;
        }
        plant.gateway.start_again().await?;
        let is_filled = async || Ok(plant.filled().await?.len() > round);
        waiting::until_true("the gap is filled", LONG, is_filled).await.context(if killed {
            "killed"
        } else {
            "stopped"
        })?;
        plant.write_and_hear().await?;
        plant.enterprise.start_again().await?;
    }
    for gap in plant.filled().await? {
        ensure!(gap["source"] == "dcs" && gap["filled"].as_u64() >= Some(UNHEARD as u64 - 1), "{gap}");
    }
    plant.is_in_the_trend().await?;
    plant.is_at_the_enterprise().await?;
    ensure!(plant.gateway.stop().await?.success(), "an orderly stop");
    plant.gateway.verify().await?;
    tap.only_reads()?;

    let told = told(&folder)?;
    let missing = never_told(&told, plant.written);
    ensure!(missing.is_empty(), "never told: {missing:?}");
    let doubled: Vec<_> = told.iter().filter(|(_, (news, past))| *past > 1 || *past == 1 && *news > 0).collect();
    ensure!(doubled.is_empty(), "told as news and from history, or twice from history: {doubled:?}");
    Ok(())
}
