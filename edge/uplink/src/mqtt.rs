//! MQTT: each row is a message with QoS 1, acknowledged by the broker's PUBACK.

mod connection;
mod ears;
mod session;

pub(crate) use {
    connection::{Answer, Connection, NotTaken},
    ears::{Deaf, Ears},
    session::silence,
};

use crate::{
    cloudevent::Presence,
    limits,
    uplink::{Ended, Uplink},
};
use davy_config::MqttUplink;
use session::Session;
use std::sync::Arc;

/// Connects, and sends until the connection is lost or the gateway stops.
pub(crate) async fn connect(uplink: &mut Uplink, config: &MqttUplink) -> Ended {
    let in_flight_max = config.inflight_max.saturating_mul(2).saturating_add(limits::NOTICES_MAX);
    let will = uplink.origin.presence(Presence::Offline, uplink.monitor.now());
    let will = uplink.tells_presence().then_some(will);
    let intake = uplink.commands.as_ref().and_then(|commands| commands.intake.clone());
    let ears = intake.map(|intake| Arc::new(intake) as Arc<dyn Ears>);
    let broker = (&config.broker, config.version);
    let mut connection = Connection::begin(broker, config.needs_subscriber, in_flight_max, will, ears);
    match uplink.showing(connection.accepted()).await {
        None => return Ended::Stopped,
        Some(Err(reason)) => return Ended::Lost(reason),
        Some(Ok(())) => uplink.monitor.connected(),
    }
    Session::begin(uplink, config, connection).run().await
}
