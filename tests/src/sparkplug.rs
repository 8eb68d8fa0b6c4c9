//! A Sparkplug host application: `tests/peers/sparkplug_host.py`, and what it has heard.

use crate::{network::Host as Machine, peers::Peer, waiting::LONG};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;

/// The name of the host application.
pub const NAME: &str = "scada";
/// The gateway's group and node.
pub const GROUP: &str = "330100123";
/// See above.
pub const NODE: &str = "gw-1";

/// The host application.
pub struct Host {
    peer: Peer,
    messages: Vec<Value>,
}

impl Host {
    /// Subscribes to everything of the group. It has not said yet that it is online.
    pub async fn start(port: u16, folder: &Path) -> Result<Self> {
        let setup = json!({"port": port, "group": GROUP, "node": NODE, "host": NAME});
        let peer = Peer::start("sparkplug_host.py", setup, Machine::local(), folder).await?;
        Ok(Self { peer, messages: Vec::new() })
    }

    /// Everything of the node so far, in the order in which it came. A message is `{"kind", "device", "seq", "metrics": [{"name",
    /// "alias", "value", "type", "timestamp", "historical", "null", "properties"}]}`, and has a `problem` where it breaks a rule.
    pub async fn messages(&mut self) -> Result<&[Value]> {
        let mut answer = self.peer.ask(json!({"op": "messages", "from": self.messages.len()}), LONG).await?;
        let Value::Array(more) = answer["messages"].take() else { anyhow::bail!("no messages: {answer}") };
        self.messages.extend(more);
        Ok(&self.messages)
    }

    /// The same as it was asked for last.
    #[must_use]
    pub fn so_far(&self) -> &[Value] {
        &self.messages
    }

    /// Waits until the messages behind the first `after` have one of a kind, of a device or of the node itself; gives its place and
    /// the message.
    pub async fn wait(&mut self, kind: &str, device: Option<&str>, after: usize) -> Result<(usize, Value)> {
        self.wait_for(&format!("{kind} of {device:?} behind {after}"), after, |message| {
            message["kind"] == kind && message["device"].as_str() == device
        })
        .await
    }

    /// The same for any test.
    pub async fn wait_for(
        &mut self,
        what: &str,
        after: usize,
        test: impl Fn(&Value) -> bool,
    ) -> Result<(usize, Value)> {
        let found = async || {
            let messages = self.messages().await?;
            let found = messages.iter().enumerate().skip(after).find(|(_, message)| test(message));
            Ok::<_, anyhow::Error>(found.map(|(at, message)| (at, message.clone())))
        };
        crate::waiting::until(what, LONG, found).await
    }

    /// Says, retained, whether it is online.
    pub async fn say(&mut self, online: bool) -> Result<()> {
        self.peer.ask(json!({"op": "state", "online": online}), LONG).await.map(drop)
    }

    /// Wishes for another birth.
    pub async fn rebirth(&mut self) -> Result<()> {
        self.peer.ask(json!({"op": "rebirth"}), LONG).await.map(drop)
    }

    /// Commands a metric of a device, or of the node itself, to be something.
    pub async fn command(&mut self, device: Option<&str>, name: &str, value: Value) -> Result<()> {
        let command = json!({"op": "command", "device": device, "name": name, "value": value});
        self.peer.ask(command, LONG).await.map(drop)
    }
}

/// What every message must keep to: it can be read, none is retained, and the numbers go round without a gap from each birth of the
/// node on.
pub fn keeps_the_rules(messages: &[Value]) -> Result<()> {
    let mut expected = None;
    for message in messages {
        ensure!(message.get("problem").is_none() && message["retained"] == false, "{message}");
        match message["kind"].as_str().context("a kind")? {
            "NDEATH" => ensure!(message["seq"].is_null(), "{message}"),
            kind => {
                let is_right = if kind == "NBIRTH" { message["seq"] == 0 } else { message["seq"].as_u64() == expected };
                ensure!(is_right, "not {expected:?}: {message}");
                expected = message["seq"].as_u64().map(|seq| (seq + 1) % 256);
            }
        }
    }
    Ok(())
}

/// The number of the connection in a birth or death of the node.
pub fn bd_seq(message: &Value) -> Result<u64> {
    metric(message, "bdSeq").and_then(|metric| metric["value"].as_u64()).with_context(|| format!("no bdSeq: {message}"))
}

/// A metric of a message.
#[must_use]
pub fn metric<'m>(message: &'m Value, name: &str) -> Option<&'m Value> {
    message["metrics"].as_array()?.iter().find(|metric| metric["name"] == name)
}
