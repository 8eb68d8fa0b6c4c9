//! A whole site for one test: the field's servers and brokers, the enterprise's broker and receiver, and the gateway
//! between them.

use crate::{
    broker::Broker,
    clock,
    folder::{self, Folder},
    gateway::Gateway,
    peers::{Modbus, Node, OpcUa, float_cdab},
    places,
    platform::Platform,
    receiver::{Publisher, Receiver},
    waiting::{self, LONG},
    watched::Watched,
};
use anyhow::{Result, ensure};
use davy_field::wire::Protocol;
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// Beyond the first limit of the detectors.
const GAS_BEYOND: f32 = 40.0;

/// How large a site is; see [`Folder`].
#[derive(Clone, Debug, Default)]
pub struct Size {
    /// Levels over OPC UA.
    pub levels: usize,
    /// Gas detectors over Modbus.
    pub gases: usize,
    /// People with beacons.
    pub people: usize,
    /// Zones.
    pub zones: usize,
    /// Cameras.
    pub cameras: usize,
    /// See [`Folder::places`].
    pub places: bool,
    /// Kinds of commands that the platform may send, whose key is made with the site.
    pub commands: Vec<&'static str>,
    /// Further rows of `tags.csv`.
    pub more_tags: Vec<String>,
    /// Further OPC UA nodes, doubles.
    pub more_nodes: Vec<String>,
    /// Where the data lie, if not beside the configuration.
    pub data: Option<PathBuf>,
    /// Whether the gateway's wall clock can be set, see [`crate::clock`].
    pub clock: bool,
}

/// The site, running.
pub struct Site {
    /// Its folder, with configuration, data and every log.
    pub folder: PathBuf,
    /// asyncua.
    pub opcua: OpcUa,
    /// pymodbus.
    pub modbus: Modbus,
    /// Mosquitto of the field side.
    pub field: Broker,
    /// Between the gateway and each of the three.
    taps: Taps,
    /// Mosquitto of the enterprise.
    pub enterprise: Broker,
    /// The enterprise's subscriber.
    pub receiver: Receiver,
    /// Beacons and cameras.
    pub devices: Publisher,
    /// Who sends commands, where some are taken.
    pub platform: Option<Platform>,
    /// The product.
    pub gateway: Gateway,
}

impl Site {
    /// Starts everything with every value calm, and waits until the gateway reads all of it.
    pub async fn start(test: &str, size: Size) -> Result<Self> {
        let folder = places::fresh(test)?;
        let peers = Peers::start(&folder, &size).await?;
        let taps = Taps::open(&peers).await?;
        let platform = match size.commands.as_slice() {
            [] => None,
            _ => Some(Platform::start("platform", peers.enterprise.port, &folder).await?),
        };
        let config = Folder {
            web: places::free_port()?,
            opcua: taps.opcua.port(),
            modbus: taps.modbus.port(),
            field: taps.field.port(),
            enterprise: peers.enterprise.port,
            levels: size.levels,
            gases: size.gases,
            people: size.people,
            zones: size.zones,
            cameras: size.cameras,
            places: size.places,
            uplink: uplink(&size.commands),
            more_tags: size.more_tags,
            ..Folder::default()
        };
        config.write(&folder)?;
        if let Some(data) = size.data {
            std::os::unix::fs::symlink(data, folder.join("data"))?;
        }
        if size.clock {
            clock::set(&folder, 0)?;
        }
        let gateway = Gateway::start(&folder).await?;
        let Peers { opcua, modbus, field, enterprise, receiver, devices } = peers;
        let site = Self { folder, opcua, modbus, field, taps, enterprise, receiver, devices, platform, gateway };
        site.reads_everything().await?;
        Ok(site)
    }

    /// Waits until every source is up and every numbered tag has a good value.
    pub async fn reads_everything(&self) -> Result<()> {
        let all_up = async || {
            let sources = self.gateway.api.list("sources").await?;
            let tags = self.gateway.api.list("tags").await?;
            let ready = |tag: &Value| tag["severity"] == "good" || !is_numbered(&tag["tag"]);
            Ok(sources.iter().all(|source| source["up"] == true) && tags.iter().all(ready))
        };
        waiting::until_true("every source is read", LONG, all_up).await
    }

    /// Nothing but reads has gone toward the field, by the servers' own count and by what was seen on the wire, where
    /// all of it could be read.
    async fn only_reads(&mut self) -> Result<()> {
        let writes = self.opcua.writes_seen().await? + self.modbus.writes_seen().await?;
        ensure!(writes == 0, "the field's servers have seen {writes} requests that would change something");
        self.taps.all().iter().try_for_each(|tap| tap.only_reads())
    }

    /// Has levels and detectors cross their limits and waits until their alarms are open; gives the longest that one took.
    pub async fn cross(&mut self, numbers: impl Iterator<Item = usize>) -> Result<Duration> {
        let mut slowest = Duration::ZERO;
        for number in numbers {
            let begun = Instant::now();
            self.opcua.write(&folder::level(number), folder::level_rule(number).1).await?;
            write_gas(&mut self.modbus, number, GAS_BEYOND).await?;
            for rule in [folder::level_rule(number).0, format!("{}.H", folder::gas(number))] {
                let open = async || self.gateway.api.find("alarms", "rule", &rule).await.map(Some);
                waiting::until(&format!("the alarm {rule} is open"), LONG, open).await?;
            }
            slowest = slowest.max(begun.elapsed());
        }
        Ok(slowest)
    }

    /// An orderly stop of the gateway, which has only read.
    pub async fn end(&mut self) -> Result<()> {
        ensure!(self.gateway.stop().await?.success(), "an orderly stop");
        self.only_reads().await
    }

    /// Cuts the cables between the gateway and the field, or mends them: nothing passes, and nobody is told.
    pub fn cut_cables(&self, cut: bool) {
        self.taps.all().iter().for_each(|tap| tap.cut(cut));
    }

    /// Waits until the enterprise has acknowledged the whole journal.
    pub async fn drained(&self) -> Result<()> {
        let drained = async || {
            let uplink = self.gateway.api.find("uplinks", "uplink", "enterprise").await?;
            Ok(uplink["up"] == true && uplink["backlog"] == 0 && uplink["earlier"] == 0)
        };
        waiting::until_true("the journal is acknowledged", LONG, drained).await
    }
}

/// The lines of the uplink that take commands.
fn uplink(kinds: &[&str]) -> String {
    if kinds.is_empty() {
        String::new()
    } else {
        format!("commands = {{ keys = [\"platform.pub.pem\"], kinds = {kinds:?} }}")
    }
}

/// Writes a gas detector's value.
pub async fn write_gas(modbus: &mut Modbus, number: usize, value: f32) -> Result<()> {
    let (unit_id, table, address) = folder::gas_place(number);
    modbus.write(unit_id, table, address, &float_cdab(value)).await
}

/// A beacon's message: the person `number` is in `zone` (empty: outside).
pub async fn locate(devices: &Publisher, number: usize, zone: &str, sos: bool) -> Result<()> {
    devices.send_json(&format!("site/location/C-{number:03}"), &json!({"zone": zone, "sos": sos})).await
}

/// A camera's message.
pub async fn see(devices: &Publisher, camera: usize, algorithm: &str, confidence: f64) -> Result<()> {
    let message = json!({"algorithm": algorithm, "confidence": confidence});
    devices.send_json(&format!("site/video/CAM-{camera:03}"), &message).await
}

struct Taps {
    opcua: Watched,
    modbus: Watched,
    field: Watched,
}

impl Taps {
    async fn open(peers: &Peers) -> Result<Self> {
        Ok(Self {
            opcua: Watched::open("OPC UA", Protocol::OpcUa, peers.opcua.port).await?,
            modbus: Watched::open("Modbus", Protocol::ModbusTcp, peers.modbus.port).await?,
            field: Watched::open("MQTT", Protocol::Mqtt, peers.field.port).await?,
        })
    }

    fn all(&self) -> [&Watched; 3] {
        [&self.opcua, &self.modbus, &self.field]
    }
}

struct Peers {
    opcua: OpcUa,
    modbus: Modbus,
    field: Broker,
    enterprise: Broker,
    receiver: Receiver,
    devices: Publisher,
}

impl Peers {
    async fn start(folder: &std::path::Path, size: &Size) -> Result<Self> {
        let names = (1..=size.levels).map(folder::level).chain(size.more_nodes.iter().cloned());
        let nodes = names.map(|name| Node { name, data_type: "Double", value: json!(folder::CALM) }).collect();
        let registers = 2 * size.gases + 2;
        let devices = json!({"1": {"holding": [[0, registers]]}, "2": {"input": [[0, registers]]}});
        let field = Broker::start("field", folder).await?;
        let enterprise = Broker::start("enterprise", folder).await?;
        Ok(Self {
            opcua: OpcUa::start(nodes, folder).await?,
            modbus: Modbus::start(devices, folder).await?,
            receiver: Receiver::start(enterprise.port).await?,
            devices: Publisher::start(field.port).await?,
            field,
            enterprise,
        })
    }
}

fn is_numbered(tag: &Value) -> bool {
    tag.as_str().is_some_and(|tag| tag.starts_with("LI-") || tag.starts_with("GT-"))
}
