//! The field side: OPC UA servers, Modbus devices, MQTT brokers and the box's own inputs become events of the engine.
//!
//! It can read and nothing else: no code here encodes a write toward a device, and tests see on the wire that none is
//! sent. A device never stops the box: a connector that loses its source says so by [`Event::Source`] and tries again for
//! ever, and one bad node, register, unit or message harms only itself. Nothing is dropped on the way to the engine: when
//! its inbox is full the connector waits, and the waiting reaches the protocol.

mod backoff;
mod board;
#[doc(hidden)]
pub mod fuzz;
mod health;
mod limits;
mod modbus;
mod mqtt;
mod net;
mod opcua;
pub mod probe;
pub mod wire;

pub use crate::opcua::security::{Act, Pki, PkiError, Security, Shown, certificate_facts, fingerprint, span};

use davy_config::SourceConfig;
use davy_core::{
    event::Event,
    health::{PanelHealth, SourceHealth},
    id::SourceIx,
    model::Site,
    time::UtcTime,
};
use health::Monitor;
use std::sync::Arc;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// What every connector is given.
#[derive(Clone, Debug)]
pub struct Context {
    /// The wall clock, for received times.
    pub utc: fn() -> UtcTime,
    /// The engine's inbox. When it is full, connectors wait.
    pub inbox: mpsc::Sender<Event>,
    /// The certificates of OPC UA.
    pub pki: Arc<Pki>,
    /// How the box is doing, whose inputs may be tags; `None` where no box is driven.
    pub panel: Option<watch::Receiver<Arc<PanelHealth>>>,
    /// Who and what messages may name.
    pub site: Arc<Site>,
    /// Ends every connector.
    pub stop: CancellationToken,
    /// Until when sources were heard before these connectors: what has been since is asked of the histories of servers that are
    /// to be asked. `None` where nobody has heard anything before.
    pub heard_until: Option<UtcTime>,
    /// Counts what Modbus and MQTT send, for whoever must see it where no tap can be put.
    pub sent: Option<wire::Recorder>,
}

/// A running connector.
#[derive(Debug)]
pub struct Running {
    /// Its source.
    pub source: SourceIx,
    /// How it is doing.
    pub health: watch::Receiver<SourceHealth>,
    /// Ends after `stop`, when the connection has been closed in order or that took too long.
    pub task: JoinHandle<()>,
}

/// Starts a connector. It cannot fail: a source that is not there is reported down and tried again until it is.
///
/// Must be called within a Tokio runtime.
pub fn start(config: SourceConfig, context: &Context) -> Running {
    let source = match &config {
        SourceConfig::OpcUa(opcua) => opcua.source,
        SourceConfig::Modbus(modbus) => modbus.source,
        SourceConfig::Mqtt(mqtt) => mqtt.source,
        SourceConfig::Board(board) => board.source,
    };
    let monitor = Monitor::new(source, context);
    let health = monitor.watch();
    let task = match config {
        SourceConfig::OpcUa(opcua) => {
            tokio::spawn(opcua::run(opcua, security(source, context), context.heard_until, monitor))
        }
        SourceConfig::Modbus(modbus) => tokio::spawn(modbus::run(modbus, monitor)),
        SourceConfig::Mqtt(mqtt) => {
            tokio::spawn(mqtt::run(mqtt, Arc::clone(&context.site), security(source, context), monitor))
        }
        SourceConfig::Board(board) => tokio::spawn(board::run(board, context.panel.clone(), monitor)),
    };
    Running { source, health, task }
}

fn security(source: SourceIx, context: &Context) -> Security {
    let Context { pki, site, utc, .. } = context;
    let id = site.sources.get(source.at()).map_or_else(String::new, |source| source.id.to_string());
    Security { pki: Arc::clone(pki), source: id, gateway: site.gateway.clone(), utc: *utc }
}
