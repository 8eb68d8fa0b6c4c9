//! One connection to the broker, from its beginning to its end, never mended: whatever goes wrong ends it, and the next one
//! is a new client with nothing of the old one's. The broker keeps what was sent while nobody listened.

use crate::{limits, net};
use davy_config::Broker;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, EventLoop, MqttOptions, QoS, StateError, SubscribeFilter,
    Transport, mqttbytes,
};

/// Begins to connect. A clean session forgets what the broker has kept.
pub(crate) fn begin(broker: &Broker, clean: bool) -> (AsyncClient, EventLoop) {
    let (client, mut events) =
        AsyncClient::builder(options(broker, clean)).capacity(limits::mqtt::REQUESTS_MAX).build();
    let mut network = events.network_options();
    network.set_connection_timeout(limits::CONNECT_MAX.as_secs());
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    (client, events)
}

/// Asks for the topics, with QoS 1. Done after every connect: the broker may have forgotten them, or the configuration
/// may name others now.
///
/// # Errors
/// In words.
pub(crate) fn subscribe(client: &AsyncClient, filters: &[String]) -> Result<(), String> {
    let filters = filters.iter().map(|filter| SubscribeFilter::new(filter.clone(), QoS::AtLeastOnce));
    client.try_subscribe_many(filters).map_err(|error| format!("cannot ask for the topics: {error}"))
}

fn options(broker: &Broker, clean: bool) -> MqttOptions {
    let mut options = MqttOptions::new(&broker.client_id, (broker.host.as_str(), broker.port));
    options
        .set_clean_session(clean)
        .set_keep_alive(u16::try_from(limits::mqtt::KEEP_ALIVE.as_secs()).unwrap_or(u16::MAX))
        .set_max_packet_size(limits::mqtt::PACKET_BYTES_MAX, limits::mqtt::PACKET_BYTES_MAX);
    if let Some(credentials) = &broker.credentials {
        options.set_credentials(&credentials.user, credentials.password.0.clone());
    }
    if let Some(ca) = &broker.ca_pem {
        options.set_transport(Transport::tls(ca.clone(), broker.client_pem(), None));
    }
    options
}

/// Why a connection ended, in words.
pub(crate) fn reason(error: &ConnectionError, broker: &Broker) -> String {
    use ConnectReturnCode::{BadClientId, BadUserNamePassword, NotAuthorized};
    let place = format!("{}:{}", broker.host, broker.port);
    if let ConnectionError::ConnectionRefused(BadUserNamePassword | NotAuthorized) = error {
        return format!("the broker {place} refuses this user or password; check user and password of the source");
    }
    if let ConnectionError::ConnectionRefused(BadClientId) = error {
        return format!("the broker {place} refuses the client id; give the source another client_id");
    }
    if let ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) = error {
        return format!("no connection to the broker {place}: {}", net::words(error));
    }
    if let ConnectionError::Tls(error) = error {
        return format!(
            "no secure connection to the broker {place}: {error}; check its certificate and the source's ca file"
        );
    }
    format!("no connection to the broker {place}: {error}")
}

/// Whether it ended because of a packet that is too long to be taken.
pub(crate) fn was_too_long(error: &ConnectionError) -> bool {
    use mqttbytes::Error::PayloadSizeLimitExceeded;
    matches!(error, ConnectionError::MqttState(StateError::Deserialization(PayloadSizeLimitExceeded(_))))
}
