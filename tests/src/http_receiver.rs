//! The enterprise's receiver of the HTTP uplink, written with Python's standard library: it receipts each row of a batch.

use crate::{network::Host, peers::Peer, places, waiting::LONG};
use anyhow::Result;
use serde_json::{Value, json};
use std::path::Path;

/// The receiver.
pub struct HttpReceiver {
    /// Its port on 127.0.0.1.
    pub port: u16,
    peer: Peer,
}

impl HttpReceiver {
    /// Starts it. It refuses rows of these kinds, each for its reason: `{"warning": "why"}`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(refuse: Value, folder: &Path) -> Result<Self> {
        let port = places::free_port()?;
        let setup = json!({"port": port, "refuse": refuse});
        Ok(Self { port, peer: Peer::start("receiver.py", setup, Host::local(), folder).await? })
    }

    /// Refuses these kinds from now on, and no others.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn refuse(&mut self, kinds: Value) -> Result<()> {
        self.peer.ask(json!({"op": "refuse", "kinds": kinds}), LONG).await.map(drop)
    }
}
