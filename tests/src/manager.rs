//! The service manager as a gateway sees it: a socket that hears its words, and patience that ends.

use crate::waiting;
use anyhow::Result;
use std::{
    os::unix::net::UnixDatagram,
    path::Path,
    time::{Duration, Instant},
};

/// How long the manager of the tests waits for a word; the gateway is told so when it is started.
pub const PATIENCE: Duration = Duration::from_secs(9);

/// Listens where a gateway of this folder looks for its manager; to be there before the gateway starts.
#[derive(Debug)]
pub struct ServiceManager {
    socket: UnixDatagram,
    fed: Instant,
}

impl ServiceManager {
    /// Begins to listen.
    ///
    /// # Errors
    /// When there is no socket to be had.
    pub fn listen(folder: &Path) -> Result<Self> {
        let socket = UnixDatagram::bind(folder.join("notify"))?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, fed: Instant::now() })
    }

    /// The words since the last time.
    pub fn heard(&mut self) -> Vec<String> {
        let mut buffer = [0; 256];
        let mut all = Vec::new();
        while let Ok(length) = self.socket.recv(&mut buffer) {
            all.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
            self.fed = Instant::now();
        }
        all
    }

    /// Waits until nothing was heard for so long that a manager would end the gateway.
    ///
    /// # Errors
    /// When that does not come to pass in time.
    pub async fn loses_patience(&mut self, limit: Duration) -> Result<()> {
        self.fed = Instant::now();
        let silent = async || {
            self.heard();
            Ok(self.fed.elapsed() >= PATIENCE)
        };
        waiting::until_true("the service manager hears nothing any more", limit, silent).await
    }
}
