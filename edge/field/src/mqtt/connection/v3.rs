//! MQTT 3.1.1.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only the reasons that somebody can act on have words of their own"
)]

use super::{Ended, Heard, Message, Words, keep_alive_s, network, transport};
use crate::limits;
use davy_config::Broker;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Outgoing, Packet, QoS, StateError,
    SubscribeFilter, SubscribeReasonCode, TlsConfiguration, Transport, mqttbytes,
};

pub(crate) struct Connection {
    client: AsyncClient,
    events: EventLoop,
    broker: Broker,
}

impl Connection {
    pub(super) fn begin(broker: &Broker, clean: bool, tls: Option<TlsConfiguration>) -> Self {
        let (client, mut events) =
            AsyncClient::builder(options(broker, clean, tls)).capacity(limits::mqtt::REQUESTS_MAX).build();
        events.set_network_options(network(events.network_options()));
        Self { client, events, broker: broker.clone() }
    }

    pub(super) async fn next(&mut self) -> Result<Heard, Ended> {
        match self.events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => Ok(Heard::Connected),
            Ok(Event::Incoming(Packet::SubAck(granted))) => {
                Ok(Heard::Granted(granted.return_codes.iter().map(judge).collect()))
            }
            Ok(Event::Incoming(Packet::Publish(message))) => Ok(Heard::Message(Message {
                topic: String::from_utf8_lossy(&message.topic).into_owned(),
                payload: message.payload.into(),
                dup: message.dup,
                retain: message.retain,
            })),
            Ok(Event::Outgoing(packet)) => Ok(sent(&packet).map_or(Heard::Other, Heard::Sent)),
            Ok(_) => Ok(Heard::Other),
            Err(error) => Err(Ended { reason: reason(&error, &self.broker), too_long: is_too_long(&error) }),
        }
    }

    pub(super) fn subscribe(&self, filters: &[String]) -> Result<(), String> {
        let filters = filters.iter().map(|filter| SubscribeFilter::new(filter.clone(), QoS::AtLeastOnce));
        self.client.try_subscribe_many(filters).map_err(|error| format!("cannot ask for the topics: {error}"))
    }

    pub(super) fn disconnect(&self) -> bool {
        self.client.try_disconnect_now().is_ok()
    }
}

fn options(broker: &Broker, clean: bool, tls: Option<TlsConfiguration>) -> MqttOptions {
    let mut options = MqttOptions::new(&broker.client_id, (broker.host.as_str(), broker.port));
    options
        .set_clean_session(clean)
        .set_keep_alive(keep_alive_s())
        .set_max_packet_size(limits::mqtt::PACKET_BYTES_MAX, limits::mqtt::PACKET_BYTES_MAX);
    if let Some(credentials) = &broker.credentials {
        options.set_credentials(&credentials.user, credentials.password.0.clone());
    }
    if let Some(tls) = transport(broker, tls) {
        options.set_transport(Transport::tls_with_config(tls));
    }
    options
}

/// The type of a packet, as in the upper half of its first byte.
fn sent(packet: &Outgoing) -> Option<u8> {
    Some(match packet {
        Outgoing::Publish(_) => 3,
        Outgoing::PubAck(_) => 4,
        Outgoing::PubRec(_) => 5,
        Outgoing::PubRel(_) => 6,
        Outgoing::PubComp(_) => 7,
        Outgoing::Subscribe(_) => 8,
        Outgoing::Unsubscribe(_) => 10,
        Outgoing::PingReq => 12,
        Outgoing::PingResp => 13,
        Outgoing::Disconnect => 14,
        Outgoing::AwaitAck(_) => return None,
    })
}

/// This version does not say why.
fn judge(code: &SubscribeReasonCode) -> Result<(), String> {
    if *code == SubscribeReasonCode::Failure { Err("check what its user may read".to_owned()) } else { Ok(()) }
}

fn reason(error: &ConnectionError, broker: &Broker) -> String {
    use ConnectReturnCode::{BadClientId, BadUserNamePassword, NotAuthorized};
    let words = Words(broker);
    match error {
        ConnectionError::ConnectionRefused(BadUserNamePassword | NotAuthorized) => words.user(),
        ConnectionError::ConnectionRefused(BadClientId) => words.client_id(),
        ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) => words.io(error),
        ConnectionError::MqttState(StateError::AwaitPingResp) => words.silent(),
        ConnectionError::Tls(error) => words.tls(error),
        error => words.other(error),
    }
}

fn is_too_long(error: &ConnectionError) -> bool {
    use mqttbytes::Error::PayloadSizeLimitExceeded;
    matches!(error, ConnectionError::MqttState(StateError::Deserialization(PayloadSizeLimitExceeded(_))))
}
