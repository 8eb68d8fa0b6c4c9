//! The connection of a look.

use crate::{
    Security, limits,
    opcua::{
        drive::{connected, driven},
        server::{self, Server},
        session::{self, Events},
    },
};
use davy_config::OpcUaSource;
use opcua::client::Session;
use std::{future::Future, sync::Arc};
use tokio::time::timeout;

/// A session with a server, made as a source makes it, with the same security.
pub struct Link {
    pub(super) session: Arc<Session>,
    pub(super) server: Server,
    events: Events,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Link {
    /// Connects to the first server of a source; its items do not matter.
    ///
    /// # Errors
    /// In words for a person: unreachable, refused, or no answer in time.
    pub async fn open(config: &OpcUaSource, security: &Security) -> Result<Self, String> {
        let place = config.endpoint.as_str();
        let (session, mut events, _) = session::open(config, place, security).await?;
        match timeout(limits::CONNECT_MAX, connected(&mut events)).await {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => return Err(format!("{place}: {reason}")),
            Err(_) => return Err(format!("{place}: no session within {} s", limits::CONNECT_MAX.as_secs())),
        }
        let met = Arc::clone(&session);
        let server = driven(&mut events, async move { server::ask(&met).await }).await?;
        Ok(Self { session, server, events })
    }

    /// The server's namespaces, in the order of their indices.
    #[must_use]
    pub fn namespaces(&self) -> &[String] {
        &self.server.namespaces
    }

    /// Closes the session in order.
    pub async fn close(mut self) {
        session::close(&self.session, &mut self.events).await;
    }

    /// The result of something asked of the session, which answers only while its events are polled.
    pub(super) async fn drive<T>(&mut self, asked: impl Future<Output = Result<T, String>>) -> Result<T, String> {
        driven(&mut self.events, asked).await
    }
}
