//! The MQTT brokers.
//!
//! The broker library cannot be stopped: its threads, and the port they hold, live until the process ends. A plant that
//! is stopped leaves both brokers behind, silent.

use crate::{
    limits,
    settings::{PlantError, loopback},
};
use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    thread::{Builder, JoinHandle},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

/// Starts a broker, on a free port when the port is 0, and gives the address at which it accepts connections.
pub(crate) async fn start(what: &'static str, listen: SocketAddr) -> Result<SocketAddr, PlantError> {
    let attempts = if listen.port() == 0 { limits::PORT_ATTEMPTS_MAX } else { 1 };
    for _ in 0..attempts {
        let address = free(listen).await.map_err(|source| PlantError::Listen { what, address: listen, source })?;
        let thread = spawn(what, address);
        let thread = thread.map_err(|source| PlantError::Listen { what, address, source })?;
        if accepts(address, &thread).await {
            return Ok(address);
        }
    }
    Err(PlantError::Broker { what, address: listen })
}

/// The address, with a port that was free a moment ago.
async fn free(listen: SocketAddr) -> io::Result<SocketAddr> {
    TcpListener::bind(listen).await?.local_addr()
}

fn spawn(what: &'static str, address: SocketAddr) -> io::Result<JoinHandle<()>> {
    Builder::new().name(format!("plant-broker-{what}")).spawn(move || {
        if let Err(error) = Broker::new(config(what, address)).start() {
            tracing::warn!(%error, %address, "the {what} broker ended");
        }
    })
}

/// Whether the broker answers; it ends at once when another program took the port in between.
async fn accepts(address: SocketAddr, thread: &JoinHandle<()>) -> bool {
    let deadline = Instant::now() + limits::BROKER_START_MAX;
    while Instant::now() < deadline && !thread.is_finished() {
        if TcpStream::connect(address).await.is_ok() {
            return !thread.is_finished();
        }
        sleep(limits::RETRY_PAUSE / 10).await;
    }
    false
}

fn config(what: &str, address: SocketAddr) -> Config {
    let connections = ConnectionSettings {
        connection_timeout_ms: 5_000,
        max_payload_size: limits::PACKET_MAX,
        max_inflight_count: limits::BROKER_INFLIGHT_MAX,
        auth: None,
        external_auth: None,
        dynamic_filters: true,
    };
    let server = ServerSettings {
        name: format!("plant-{what}"),
        listen: address,
        tls: None,
        next_connection_delay_ms: 1,
        connections,
    };
    let router = RouterConfig {
        max_connections: limits::BROKER_CONNECTIONS_MAX,
        max_outgoing_packet_count: limits::BROKER_OUTGOING_MAX,
        max_segment_size: limits::BROKER_SEGMENT_BYTES,
        max_segment_count: limits::BROKER_SEGMENTS_MAX,
        ..RouterConfig::default()
    };
    Config { router, v4: Some(HashMap::from([(what.to_owned(), server)])), ..Config::default() }
}

/// A connection to a broker of ours.
pub(crate) fn client(
    client_id: &'static str,
    broker: SocketAddr,
) -> Result<(rumqttc::AsyncClient, rumqttc::EventLoop), PlantError> {
    let host = if broker.ip().is_unspecified() { loopback(broker.port()) } else { broker };
    let mut options = rumqttc::MqttOptions::new(client_id, (host.ip().to_string(), host.port()));
    options.set_keep_alive(10).set_clean_session(true).set_max_packet_size(limits::PACKET_MAX, limits::PACKET_MAX);
    let built = rumqttc::AsyncClient::builder(options).capacity(limits::FIELD_QUEUE_MAX).try_build();
    built.map_err(|error| PlantError::Mqtt { client: client_id, reason: error.to_string() })
}
