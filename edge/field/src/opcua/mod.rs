//! OPC UA: the server sends what has changed, with its time and status code, or is polled.
//!
//! | file | does |
//! |---|---|
//! | `places` | the servers of the list, and which of them is in use; pure |
//! | `session` | one session with a server |
//! | `kept` | what outlives a session |
//! | `drive` | a session that is only asked something |
//! | `server` | what it says of itself: limits, namespaces, state, service level |
//! | `address` | from a configured address to a node; pure |
//! | `wanted` | the items by their handles; pure |
//! | `condition` | what an event, or an instance, tells of an alarm condition; pure |
//! | `conditions` | which of both holds; pure |
//! | `instances` | finds the instances and reads them |
//! | `references` | browses |
//! | `security` | who a server is, who the gateway is, and who decides |
//! | `subscribe` | subscriptions and their items |
//! | `granted` | what the server made of them; pure |
//! | `poll` | reading again and again instead |
//! | `convert` | from a notification to samples; pure |
//! | `arrival` | what has not come that should have; pure |
//! | `spot` | whether what is read fits to what was notified; pure |
//! | `jobs` | what is asked of a session while it is watched |
//! | `supervise` | keeps watch over a session: it ends when the server, a subscription or the network falls silent |
//! | `gaps` | between which values something is missing; pure |
//! | `history` | reads that from the server's own history |
//! | `report` | what is said of it; pure |
//!
//! Whatever ends a session, the next one begins from scratch.

pub(crate) mod address;
mod arrival;
mod condition;
mod conditions;
pub(crate) mod convert;
pub(crate) mod drive;
mod gaps;
mod granted;
mod history;
pub(crate) mod instances;
mod jobs;
mod kept;
mod places;
mod poll;
pub(crate) mod references;
mod report;
pub(crate) mod security;
pub(crate) mod server;
pub(crate) mod session;
mod spot;
mod subscribe;
mod supervise;
pub(crate) mod wanted;

pub(crate) use session::host_and_port;

use crate::{backoff::Backoff, health::Monitor};
use davy_config::OpcUaSource;
use davy_core::time::UtcTime;
use kept::Kept;
use places::Places;
use security::Security;
use supervise::{End, Supervisor};
use tokio::time::sleep;

/// Reads the server for ever.
pub(crate) async fn run(config: OpcUaSource, security: Security, heard_until: Option<UtcTime>, mut monitor: Monitor) {
    let mut kept = Kept::new(&config, heard_until);
    let mut places = Places::new(&config);
    let stop = monitor.stop();
    let mut backoff = Backoff::new();
    loop {
        let opened = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            opened = session::open(&config, places.current(), &security) => opened,
        };
        let end = match opened {
            Ok((session, events, notes)) => {
                monitor.about(notes);
                let places = (&places, &security);
                let watch = Supervisor::new(&config, places, (session, events), &mut monitor, &mut backoff, &mut kept);
                watch.until_end().await
            }
            Err(reason) => End::Lost(reason),
        };
        if let Some(gaps) = &mut kept.gaps {
            gaps.lost();
        }
        match end {
            End::Stopped => return,
            End::Better(at) => places.change_to(at),
            End::Lost(reason) => {
                places.change_to_next();
                monitor.down(&reason).await;
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sleep(backoff.wait()) => {}
                }
            }
        }
    }
}
