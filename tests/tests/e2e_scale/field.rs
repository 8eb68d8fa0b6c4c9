//! What is read: servers of our own that never rest, or ones that this project did not write.

use crate::folder::{Shared, Source};
use acceptance::{
    figures,
    peers::{Modbus, Node, OpcUa},
};
use anyhow::Result;
use davy_core::time::UtcTime;
use davy_plant::bulk::{self, Held, Holds, Items, Registers};
use serde_json::json;
use std::{
    net::SocketAddr,
    path::Path,
    process,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::sleep;

/// Where values of the external servers begin: what they give first is something else.
const REST: u16 = 100;

/// Who serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Our own OPC UA server.
    Items,
    /// Our own Modbus servers, one to a connection.
    Registers,
    /// OPC UA by asyncua.
    Asyncua,
    /// Modbus by pymodbus.
    Pymodbus,
}

/// How much is served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) tags: usize,
    /// In which each value changes once.
    pub(crate) period: Duration,
    pub(crate) connections: usize,
}

/// The servers of a case.
pub(crate) struct Field {
    size: Size,
    shared: Shared,
    running: Running,
}

enum Running {
    Items(Items),
    Registers(Registers),
    Asyncua(OpcUa),
    Pymodbus(Modbus),
}

impl Field {
    pub(crate) async fn start(kind: Kind, size: Size, folder: &Path) -> Result<Self> {
        let Size { tags, period, connections } = size;
        let shared = Shared::new(tags, connections)?;
        let node = |tag| Node { name: name(tag), data_type: "Double", value: json!(REST) };
        let running = match kind {
            Kind::Items => Running::Items(bulk::serve_items(tags, period, utc).await?),
            Kind::Registers => {
                let Shared { registers, stamps } = shared;
                let holds = Holds { registers, stamps, period, utc };
                Running::Registers(bulk::serve_registers(connections, holds).await?)
            }
            Kind::Asyncua => Running::Asyncua(OpcUa::start((0..tags).map(node).collect(), folder).await?),
            Kind::Pymodbus => {
                let span = shared.span();
                let mut device = Modbus::start(json!({"1": {"holding": [[0, span]]}}), folder).await?;
                device.write(1, "holding", 0, &vec![REST; span.into()]).await?;
                Running::Pymodbus(device)
            }
        };
        Ok(Self { size, shared, running })
    }

    /// How the gateway is to read it: twice as often as it changes, so that no change is overtaken by the next, but no oftener
    /// than every 100 ms. Registers that change by being read are read once in a period.
    pub(crate) fn source(&self) -> Source {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let half = (self.size.period / 2).max(Duration::from_millis(100));
        match &self.running {
            Running::Items(items) => Source::OpcUa { server: items.address(), publishing: half },
            Running::Asyncua(server) => Source::OpcUa { server: local(server.port), publishing: half },
            Running::Registers(all) => {
                Source::Modbus { devices: all.addresses().to_vec(), poll: self.size.period, shared: self.shared }
            }
            Running::Pymodbus(device) => {
                Source::Modbus { devices: vec![local(device.port)], poll: half, shared: self.shared }
            }
        }
    }

    /// Nothing changes until it is released, where that is ours to say.
    pub(crate) async fn hold(&self) -> Option<Held> {
        match &self.running {
            Running::Items(items) => Some(items.hold().await),
            Running::Registers(_) | Running::Asyncua(_) | Running::Pymodbus(_) => None,
        }
    }

    /// Lets values change for so long, and holds them again. Gives how many changes were made, where the server counts them.
    pub(crate) async fn change(&mut self, held: Option<Held>, seconds: u32) -> Result<(Option<u64>, Option<Held>)> {
        let window = Duration::from_secs(seconds.into());
        let hertz = u32::try_from(1_000 / self.size.period.as_millis().max(1))?;
        let made = match &mut self.running {
            Running::Items(items) => {
                let before = items.changes();
                held.into_iter().for_each(Held::release);
                sleep(window).await;
                let held = items.hold().await;
                return Ok((Some(items.changes() - before), Some(held)));
            }
            Running::Registers(_) => {
                sleep(window).await;
                None
            }
            Running::Asyncua(server) => {
                let names: Vec<String> = (0..self.size.tags).map(name).collect();
                Some(server.load(&names, hertz, seconds).await?)
            }
            Running::Pymodbus(device) => {
                let Shared { registers, stamps } = self.shared;
                Some(device.load(1, (registers, stamps), hertz, seconds).await?)
            }
        };
        Ok((made, None))
    }

    /// Processor time of the servers so far, in seconds: of a process of their own, or of this one.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        match &self.running {
            Running::Items(_) | Running::Registers(_) => figures::cpu_seconds(process::id()),
            Running::Asyncua(server) => server.cpu_seconds(),
            Running::Pymodbus(device) => device.cpu_seconds(),
        }
    }

    /// Connections that were ever made to it, where the server counts them.
    pub(crate) fn connections(&self) -> Option<u64> {
        match &self.running {
            Running::Registers(devices) => Some(devices.connections()),
            Running::Items(_) | Running::Asyncua(_) | Running::Pymodbus(_) => None,
        }
    }
}

fn name(tag: usize) -> String {
    format!("V-{tag}")
}

/// The clock of this machine, which the gateway reads as well.
pub(crate) fn utc() -> UtcTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcTime(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
