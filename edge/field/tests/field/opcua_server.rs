//! An OPC UA server of asyncua, and sources that read it.

use crate::{script::Script, stand::Stand};
use acceptance::{places, watched::Watched};
use anyhow::Result;
use davy_config::{OpcUaItem, OpcUaSource, SourceConfig};
use davy_core::{
    id::{SourceIx, TagIx},
    model::Site,
};
use davy_field::wire::Protocol;
use serde_json::{Value, json};

/// The namespace of the nodes.
pub(crate) const NAMESPACE: &str = "urn:davy:acceptance";

/// Its own port, and a tap in front of it through which sources reach it and may do nothing but read.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) tap: Watched,
    pub(crate) script: Script,
}

impl Server {
    /// Every row is a name, a type and a value; the node is `ns=2;s=` and the name.
    pub(crate) async fn start(test: &str, rows: &[(&str, &str, Value)]) -> Result<Self> {
        Self::start_with(test, rows, json!({})).await
    }

    /// The same with further keys of the set-up.
    pub(crate) async fn start_with(test: &str, rows: &[(&str, &str, Value)], more: Value) -> Result<Self> {
        let folder = places::fresh(test)?;
        let port = places::free_port()?;
        let mut setup = json!({"port": port, "nodes": nodes(rows)});
        for (key, value) in more.as_object().into_iter().flatten() {
            setup[key] = value.clone();
        }
        let script = Script::start("opcua_server.py", setup, &folder).await?;
        Ok(Self { port, tap: Watched::open("OPC UA", Protocol::OpcUa, port).await?, script })
    }

    /// Levels from `LI-0000` on, all 0.
    pub(crate) async fn start_levels(test: &str, count: usize, more: Value) -> Result<Self> {
        let names = levels(count);
        let rows: Vec<_> = names.iter().map(|name| (name.as_str(), "Double", json!(0.0))).collect();
        Self::start_with(test, &rows, more).await
    }

    pub(crate) async fn write(&mut self, name: &str, value: impl Into<Value>, status: u32) -> Result<()> {
        let row = json!({"node": name, "value": value.into(), "status": status});
        self.script.ask(json!({"op": "write", "values": [row]})).await.map(drop)
    }

    pub(crate) async fn ask(&mut self, request: Value) -> Result<Value> {
        self.script.ask(request).await
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("opc.tcp://127.0.0.1:{}/", self.tap.port())
    }

    pub(crate) fn opcua(&self, names: &[&str]) -> OpcUaSource {
        let names: Vec<String> = names.iter().map(|name| format!("ns=2;s={name}")).collect();
        self.reading(names)
    }

    /// A source that reads nodes by any addresses.
    pub(crate) fn reading(&self, nodes: Vec<String>) -> OpcUaSource {
        let items = nodes.into_iter().enumerate();
        let items = items.map(|(at, node)| OpcUaItem { tag: TagIx::from(at), node, deadband: None });
        OpcUaSource {
            publishing_interval_ms: 200,
            sampling_interval_ms: 100,
            items: items.collect(),
            ..OpcUaSource::new(SourceIx(0), self.endpoint())
        }
    }

    pub(crate) fn stand(&self, names: &[&str]) -> Stand {
        stand(self.opcua(names))
    }
}

/// A running source.
pub(crate) fn stand(source: OpcUaSource) -> Stand {
    Stand::start(SourceConfig::OpcUa(source), Site::default())
}

/// Rows as the set-up has them.
pub(crate) fn nodes(rows: &[(&str, &str, Value)]) -> Vec<Value> {
    rows.iter().map(|(name, kind, value)| json!({"node": name, "type": kind, "value": value})).collect()
}

pub(crate) fn levels(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("LI-{number:04}")).collect()
}
