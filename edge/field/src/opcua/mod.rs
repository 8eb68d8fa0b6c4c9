//! OPC UA by subscription: the server sends what has changed, with its time and status code.
//!
//! | file | does |
//! |---|---|
//! | `session` | one session with the server |
//! | `security` | who the server is, who the gateway is, and who decides |
//! | `subscribe` | subscriptions and their items |
//! | `granted` | what the server made of them; pure |
//! | `convert` | from a notification to samples; pure |
//! | `supervise` | keeps watch over a session: it ends when the server, a subscription or the network falls silent |
//!
//! Whatever ends a session, the next one begins from scratch.

mod convert;
mod granted;
pub(crate) mod security;
mod session;
mod subscribe;
mod supervise;

pub(crate) use session::host_and_port;

use crate::{backoff::Backoff, health::Monitor};
use davy_config::OpcUaSource;
use security::Security;
use std::sync::Arc;
use subscribe::Wanted;
use supervise::{End, Supervisor};
use tokio::time::sleep;

/// Reads the server for ever.
pub(crate) async fn run(config: OpcUaSource, security: Security, mut monitor: Monitor) {
    let wanted = Arc::new(Wanted::new(&config));
    let stop = monitor.stop();
    let mut backoff = Backoff::new();
    loop {
        let opened = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            opened = session::open(&config, &security) => opened,
        };
        let end = match opened {
            Ok((session, events, notes)) => {
                monitor.about(notes);
                let wanted = Arc::clone(&wanted);
                Supervisor::new(&config, session, events, wanted, &mut monitor, &mut backoff).until_end().await
            }
            Err(reason) => End::Lost(reason),
        };
        let End::Lost(reason) = end else { return };
        monitor.down(&reason).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(backoff.wait()) => {}
        }
    }
}
