//! MQTT: each row is a message with QoS 1, acknowledged by the broker's PUBACK.

mod connection;
mod session;

use crate::{
    cloudevent::Presence,
    limits,
    uplink::{Ended, Uplink},
};
use connection::Connection;
use davy_config::MqttUplink;
use session::Session;

/// Connects, and sends until the connection is lost or the gateway stops.
pub(crate) async fn connect(uplink: &mut Uplink, config: &MqttUplink) -> Ended {
    let in_flight_max = config.inflight_max.saturating_mul(2).saturating_add(limits::NOTICES_MAX);
    let will = uplink.origin.presence(Presence::Offline, uplink.monitor.now());
    let will = uplink.tells_presence().then_some(will);
    let intake = uplink.commands.as_ref().and_then(|commands| commands.intake.clone());
    let mut connection = Connection::begin(config, in_flight_max, will, intake);
    match uplink.showing(connection.accepted()).await {
        None => return Ended::Stopped,
        Some(Err(reason)) => return Ended::Lost(reason),
        Some(Ok(())) => uplink.monitor.connected(),
    }
    Session::begin(uplink, config, connection).run().await
}
