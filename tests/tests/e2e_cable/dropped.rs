//! A minute in which every packet to and from the OPC UA and the Modbus server is dropped, while MQTT goes on.

use acceptance::{
    again::is_alone,
    broker::Broker,
    figures,
    folder::{CALM, Folder, gas, level, level_rule},
    gateway::Gateway,
    network::{self, Cable},
    peers::{Modbus, Node, OpcUa},
    places,
    receiver::{Message, Publisher, Receiver},
    site::{locate, write_gas},
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use davy_core::time::UtcTime;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

const CUT: Duration = Duration::from_secs(60);
const CUT_OFF: [&str; 2] = ["dcs", "gds"];
/// `lost_after` of the sources, in milliseconds.
const LOST_AFTER_MS: i64 = 2_000;

/// A gateway and MQTT at the near end of the cable, OPC UA and Modbus at the far end.
struct Plant {
    cable: Cable,
    opcua: OpcUa,
    modbus: Modbus,
    devices: Publisher,
    receiver: Receiver,
    gateway: Gateway,
    _brokers: [Broker; 2],
}

impl Plant {
    async fn start() -> Result<Self> {
        let folder = places::fresh("cable-dropped")?;
        let cable = Cable::lay(&folder).await?;
        let node = |number| Node { name: level(number), data_type: "Double", value: json!(CALM) };
        let opcua = OpcUa::start_at(cable.field.clone(), [1, 2].map(node).into(), &folder).await?;
        let registers = json!({"1": {"holding": [[0, 6]]}, "2": {"input": [[0, 6]]}});
        let modbus = Modbus::start_at(cable.field.clone(), registers, &folder).await?;
        let field = Broker::start("field", &folder).await?;
        let enterprise = Broker::start("enterprise", &folder).await?;
        let receiver = Receiver::start(enterprise.port).await?;
        let devices = Publisher::start(field.port).await?;
        let config = Folder {
            field_host: cable.field.address.clone(),
            opcua: opcua.port,
            modbus: modbus.port,
            field: field.port,
            enterprise: enterprise.port,
            levels: 2,
            gases: 2,
            people: 1,
            zones: 1,
            ..Folder::default()
        };
        config.write(&folder)?;
        let gateway = Gateway::start(&folder).await?;
        Ok(Self { cable, opcua, modbus, devices, receiver, gateway, _brokers: [field, enterprise] })
    }

    /// Whether all tags are as good as this.
    async fn tags_are(&self, severity: &str) -> Result<bool> {
        let tags = self.gateway.api.list("tags").await?;
        Ok(tags.iter().all(|tag| tag["severity"] == severity))
    }

    async fn source(&self, id: &str) -> Result<Value> {
        self.gateway.api.find("sources", "source", id).await
    }

    async fn gap(&self, source: &str) -> Result<Message> {
        self.receiver.wait("a gap", |message| message.kind() == "gap" && message.text("source") == source).await
    }
}

fn time(value: &Value) -> Result<UtcTime> {
    value.as_str().and_then(UtcTime::parse).with_context(|| format!("{value} is no time"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_of_dropped_packets_is_told_and_over_when_they_pass() -> Result<()> {
    if !is_alone() {
        return network::alone("dropped::a_minute_of_dropped_packets_is_told_and_over_when_they_pass").await;
    }
    let mut plant = Plant::start().await?;
    waiting::until_true("every tag is good", LONG, async || plant.tags_are("good").await).await?;
    locate(&plant.devices, 1, "Z-001", false).await?;

    let (begun, passed) = (Instant::now(), plant.cable.dropped().await?);
    plant.cable.cut(true).await?;
    waiting::until_true("no value counts as good", LONG, async || plant.tags_are("bad").await).await?;
    let mut told = Vec::new();
    for source in CUT_OFF {
        let alarm = plant.receiver.wait_for_alarm(&format!("source-lost-{source}")).await?;
        let down = plant.source(source).await?;
        let after_ms = time(&alarm.event["time"])?.0 - time(&down["since"])?.0;
        ensure!(after_ms >= LOST_AFTER_MS, "{source}: told {after_ms} ms after it was lost, and not {LOST_AFTER_MS}");
        told.push(format!(
            "- {source}: told lost {} ms after the cut, {after_ms} ms after it was noticed ({})",
            alarm.at.duration_since(begun.into_std()).as_millis(),
            down["detail"].as_str().unwrap_or_default()
        ));
    }
    // What happens meanwhile is known as soon as it can be: people at once, the rest afterwards.
    let (rule, beyond) = level_rule(1);
    plant.opcua.write(&level(1), beyond).await?;
    write_gas(&mut plant.modbus, 1, 60.0).await?;
    locate(&plant.devices, 1, "Z-001", true).await?;
    plant.receiver.wait_for_alarm("sos-P-001").await?;
    tokio::time::sleep(CUT.saturating_sub(begun.elapsed())).await;
    ensure!(plant.source("people").await?["connects"] == 1, "MQTT was connected all the time");
    for open in [&rule, &format!("{}.H", gas(1))] {
        ensure!(
            plant.receiver.of("alarm").iter().all(|alarm| alarm.text("rule") != open),
            "{open} cannot be known yet"
        );
    }
    let dropped = plant.cable.dropped().await? - passed;
    ensure!(dropped > 0, "packets were dropped");

    let mended = Instant::now();
    plant.cable.cut(false).await?;
    plant.receiver.wait_for_alarm(&rule).await?;
    plant.receiver.wait_for_alarm(&format!("{}.H", gas(1))).await?;
    waiting::until_true("every tag is good", LONG, async || plant.tags_are("good").await).await?;
    let back_after = mended.elapsed();
    for source in CUT_OFF {
        let gap = plant.gap(source).await?;
        let lasted_ms = time(&gap.data()["until"])?.0 - time(&gap.data()["from"])?.0;
        told.push(format!("- {source}: a gap of {lasted_ms} ms recorded, {} filled", gap.data()["filled"]));
    }
    told.push(format!("- {dropped} packets dropped in {} s", CUT.as_secs()));
    told.push(format!("- what happened meanwhile {} ms after packets passed again", back_after.as_millis()));
    figures::report("Packets dropped", &told)?;
    let writes = plant.opcua.writes_seen().await? + plant.modbus.writes_seen().await?;
    ensure!(writes == 0, "the servers have seen {writes} requests that would change something");
    ensure!(plant.gateway.stop().await?.success(), "an orderly stop");
    plant.gateway.verify().await
}
