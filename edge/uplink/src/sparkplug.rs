//! Sparkplug B (Eclipse Sparkplug 3.0.0): the gateway is an edge node, each source a device, each forwarded tag a metric.
//!
//! `payload` is what lies in the messages and `node` which message comes when: both are pure. `ears` hears what hosts say, and lets
//! two things through: "be born again", and whether the primary host is there. `plant` is what the gateway knows now. `session` sends
//! over one connection, which is the one of `mqtt`.
//!
//! Everything is published with QoS 1, where the standard says 0 (4.2): so a batch of values is acknowledged, and the cursor moves by
//! that alone, as on every way up.

mod ears;
mod node;
mod payload;
mod plant;
mod session;

use crate::{
    mqtt::Connection,
    uplink::{Ended, Uplink},
};
use davy_config::SparkplugUplink;
use ears::Hearing;
use node::Node;
use session::Session;
use std::sync::Arc;

/// Connects, and sends until the connection is lost or the gateway stops. The number of the connection is on the disk before the
/// broker is told the last will that bears it.
pub(crate) async fn connect(uplink: &mut Uplink, config: &SparkplugUplink) -> Ended {
    let node = Node::new(config, uplink.bd_seq().await);
    let (hearing, heard) = Hearing::new(config, uplink.deaf.clone());
    let will = node.death(uplink.monitor.now());
    let broker = (&config.broker, config.version);
    let mut connection = Connection::begin(broker, false, node.in_flight_max(), Some(will), Some(Arc::new(hearing)));
    match uplink.showing(connection.accepted()).await {
        None => return Ended::Stopped,
        Some(Err(reason)) => return Ended::Lost(reason),
        Some(Ok(())) => uplink.monitor.connected(),
    }
    uplink.bd_seq = None;
    Session::begin(uplink, config, connection, node, heard).run().await
}
