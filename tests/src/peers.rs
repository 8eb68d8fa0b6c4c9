//! The field's servers that this project did not write, driven through JSON lines: asyncua and pymodbus.

use crate::{figures, network::Host, places, process::Process, waiting::LONG};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// A Python peer: the script, its port and its set-up, so that it can be started again as it was.
pub struct Peer {
    script: &'static str,
    setup: Value,
    host: Host,
    log: PathBuf,
    process: Process,
    requests: u64,
}

impl Peer {
    pub(crate) async fn start(script: &'static str, setup: Value, host: Host, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{script}.log"));
        let process = launch(script, &setup, &host, &log).await?;
        Ok(Self { script, setup, host, log, process, requests: 0 })
    }

    /// Asks for something; the answer's `ok` has been checked.
    pub async fn ask(&mut self, mut request: Value, limit: Duration) -> Result<Value> {
        self.requests += 1;
        request["id"] = json!(self.requests);
        let answer = self.process.ask(&request, limit).await?;
        ensure!(answer["ok"] == true && answer["id"] == self.requests, "{}: {answer}", self.script);
        Ok(answer)
    }

    /// Processor time that it has used, in seconds.
    fn cpu_seconds(&self) -> Result<f64> {
        figures::cpu_seconds(self.process.id()?)
    }

    /// Stops it the hard way; its port refuses connections from now on.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.kill().await
    }

    /// Starts it again on the same port.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = launch(self.script, &self.setup, &self.host, &self.log).await?;
        Ok(())
    }
}

async fn launch(script: &str, setup: &Value, host: &Host, log: &Path) -> Result<Process> {
    let mut command = host.command(places::python()?);
    command.arg(places::workspace().join("tests/peers").join(script));
    let mut process = Process::start(script, &mut command, log)?;
    let ready = process.ask(setup, LONG).await?;
    ensure!(ready["ready"] == setup["port"], "{script}: not ready but {ready}");
    Ok(process)
}

/// A node of the OPC UA server.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name; the node id is `ns=2;s=` and the name.
    pub name: String,
    /// `Double`, `Float`, `Int16`, `Int32`, `Boolean`, `String`.
    pub data_type: &'static str,
    /// Its value, kept over a restart of the server.
    pub value: Value,
}

/// The OPC UA server.
pub struct OpcUa {
    /// Its port, on 127.0.0.1 unless it was started elsewhere.
    pub port: u16,
    nodes: BTreeMap<String, Node>,
    setup: Setup,
    peer: Peer,
}

impl OpcUa {
    /// Starts it with these nodes.
    pub async fn start(nodes: Vec<Node>, folder: &Path) -> Result<Self> {
        Self::start_secured(nodes, Value::Null, folder).await
    }

    /// Starts it with certificates and users; `security` is that of `tests/peers/opcua_security.py`, `clock_ahead_s` among it.
    pub async fn start_secured(nodes: Vec<Node>, security: Value, folder: &Path) -> Result<Self> {
        Self::start_described(nodes, Value::Null, security, folder).await
    }

    /// The same with what the nodes say of themselves: `{"LI-1": {"range": [0, 100], "unit": "%", "description": "…"}}`.
    pub async fn start_described(nodes: Vec<Node>, more: Value, security: Value, folder: &Path) -> Result<Self> {
        Self::start_on(Setup { more, security, ..Setup::new(Host::local())? }, nodes, folder).await
    }

    /// Starts it so that it keeps a history of every node.
    pub async fn start_with_history(nodes: Vec<Node>, folder: &Path) -> Result<Self> {
        Self::start_on(Setup { history: true, ..Setup::new(Host::local())? }, nodes, folder).await
    }

    /// Starts it on another host, without security.
    pub async fn start_at(host: Host, nodes: Vec<Node>, folder: &Path) -> Result<Self> {
        Self::start_on(Setup::new(host)?, nodes, folder).await
    }

    async fn start_on(setup: Setup, nodes: Vec<Node>, folder: &Path) -> Result<Self> {
        let peer = Peer::start("opcua_server.py", setup.with(nodes.iter()), setup.host.clone(), folder).await?;
        let nodes = nodes.into_iter().map(|node| (node.name.clone(), node)).collect();
        Ok(Self { port: setup.port, nodes, setup, peer })
    }

    /// Writes a good value; the source time is that of the write.
    pub async fn write(&mut self, name: &str, value: impl Into<Value>) -> Result<()> {
        self.write_as(name, value, 0).await
    }

    /// Writes a value with a status code.
    pub async fn write_as(&mut self, name: &str, value: impl Into<Value>, status: u32) -> Result<()> {
        let value = value.into();
        if let Some(node) = self.nodes.get_mut(name) {
            node.value = value.clone();
        }
        let row = json!({"node": name, "value": value, "status": status});
        self.peer.ask(json!({"op": "write", "values": [row]}), LONG).await.map(drop)
    }

    /// Changes every node of the list `hz` times a second; gives the number of values written.
    pub async fn load(&mut self, names: &[String], hz: u32, seconds: u32) -> Result<u64> {
        let request = json!({"op": "load", "nodes": names, "hz": hz, "seconds": seconds});
        let answer = self.peer.ask(request, LONG + Duration::from_secs(seconds.into())).await?;
        Ok(answer["written"].as_u64().unwrap_or_default())
    }

    /// The value that the server has.
    pub async fn read(&mut self, name: &str) -> Result<Value> {
        let answer = self.peer.ask(json!({"op": "read", "nodes": [name]}), LONG).await?;
        Ok(answer["values"][0].clone())
    }

    /// How many requests that would change something ever came over the wire.
    pub async fn writes_seen(&mut self) -> Result<u64> {
        let answer = self.peer.ask(json!({"op": "written"}), LONG).await?;
        Ok(answer["count"].as_u64().unwrap_or(u64::MAX))
    }

    /// Processor time that it has used, in seconds.
    pub fn cpu_seconds(&self) -> Result<f64> {
        self.peer.cpu_seconds()
    }

    /// Stops it the hard way.
    pub async fn stop(&mut self) -> Result<()> {
        self.peer.stop().await
    }

    /// Starts it again with the values it had, on the same port, as a plant's server comes back.
    pub async fn start_again(&mut self) -> Result<()> {
        self.peer.setup = self.setup.with(self.nodes.values());
        self.peer.start_again().await
    }
}

/// What does not change when it is started again.
struct Setup {
    host: Host,
    port: u16,
    more: Value,
    security: Value,
    history: bool,
}

impl Setup {
    fn new(host: Host) -> Result<Self> {
        let port = places::free_port()?;
        Ok(Self { host, port, more: Value::Null, security: Value::Null, history: false })
    }

    fn with<'a>(&self, nodes: impl Iterator<Item = &'a Node>) -> Value {
        let Self { host, port, more, security, history } = self;
        let row = |node: &Node| {
            let mut row = json!({"node": node.name, "type": node.data_type, "value": node.value});
            for (key, value) in more[&node.name].as_object().into_iter().flatten() {
                row[key] = value.clone();
            }
            row
        };
        let nodes = nodes.map(row).collect::<Vec<_>>();
        let mut setup = json!({
            "host": host.address, "port": port, "nodes": nodes, "security": security, "history": history,
            "folder_max": 500,
        });
        if let Some(ahead_s) = security.get("clock_ahead_s") {
            setup["clock_ahead_s"] = ahead_s.clone();
        }
        setup
    }
}

/// The Modbus TCP server.
pub struct Modbus {
    /// Its port, on 127.0.0.1 unless it was started elsewhere.
    pub port: u16,
    peer: Peer,
}

impl Modbus {
    /// Starts it. `devices` is `{"1": {"holding": [[0, 100]], …}}`: spans of address and count by unit id and table.
    pub async fn start(devices: Value, folder: &Path) -> Result<Self> {
        Self::start_at(Host::local(), devices, folder).await
    }

    /// Starts it on another host.
    pub async fn start_at(host: Host, devices: Value, folder: &Path) -> Result<Self> {
        let port = places::free_port()?;
        let setup = json!({"host": host.address, "port": port, "devices": devices});
        Ok(Self { port, peer: Peer::start("modbus_server.py", setup, host, folder).await? })
    }

    /// Writes words (or 0 and 1) at once.
    pub async fn write(&mut self, device: u8, table: &str, address: u16, words: &[u16]) -> Result<()> {
        let row = json!({"device": device, "table": table, "address": address, "words": words});
        self.peer.ask(json!({"op": "write", "values": [row]}), LONG).await.map(drop)
    }

    /// Changes `count` holding registers from 0 on, and `stamps` of four registers behind them, `hz` times a second; a stamp is
    /// the time of the change in milliseconds since 1970. Gives the number of values written.
    pub async fn load(&mut self, device: u8, (count, stamps): (u16, u16), hz: u32, seconds: u32) -> Result<u64> {
        let request = json!({"op": "load", "device": device, "table": "holding", "address": 0, "count": count,
            "stamps": stamps, "hz": hz, "seconds": seconds});
        let answer = self.peer.ask(request, LONG + Duration::from_secs(seconds.into())).await?;
        Ok(answer["written"].as_u64().unwrap_or_default())
    }

    /// Processor time that it has used, in seconds.
    pub fn cpu_seconds(&self) -> Result<f64> {
        self.peer.cpu_seconds()
    }

    /// Stops it the hard way.
    pub async fn stop(&mut self) -> Result<()> {
        self.peer.stop().await
    }

    /// Starts it again on the same port, with its registers as they were at first.
    pub async fn start_again(&mut self) -> Result<()> {
        self.peer.start_again().await
    }

    /// How many requests other than the four reads ever came over the wire.
    pub async fn writes_seen(&mut self) -> Result<u64> {
        let answer = self.peer.ask(json!({"op": "written"}), LONG).await?;
        Ok(answer["count"].as_u64().unwrap_or(u64::MAX))
    }
}

/// A float as two registers, the low word first, each word big-endian (CDAB).
#[must_use]
pub fn float_cdab(value: f32) -> [u16; 2] {
    let bits = value.to_bits();
    [u16::try_from(bits & 0xFFFF).expect("masked to 16 bits"), u16::try_from(bits >> 16).expect("shifted to 16 bits")]
}
