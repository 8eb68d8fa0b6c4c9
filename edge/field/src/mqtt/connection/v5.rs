//! MQTT 5. It says why: what a refusal or an end means is told in words.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only the reasons that somebody can act on have words of their own"
)]

use super::{Ended, Heard, Message, Words, keep_alive_s, network, transport};
use crate::limits;
use davy_config::Broker;
use rumqttc5::{
    AsyncClient, ConnectReturnCode, ConnectionError, Disconnect, DisconnectReasonCode, Event, EventLoop, MqttOptions,
    Outgoing, Packet, PersistedAckMode, PersistedSession, QoS, SessionStore, SessionStoreError, SessionStoreKey,
    StateError, SubscribeFilter, SubscribeReasonCode, TlsConfiguration, Transport,
};
use std::pin::Pin;

type Stored<'a, T> = Pin<Box<dyn Future<Output = Result<T, SessionStoreError>> + Send + 'a>>;

pub(crate) struct Connection {
    client: AsyncClient,
    events: EventLoop,
    broker: Broker,
}

impl Connection {
    /// The broker keeps the session beyond the connection only if asked to (MQTT 5.0, 3.1.2.11.2).
    pub(super) fn begin(broker: &Broker, clean: bool, keeps_session: bool, tls: Option<TlsConfiguration>) -> Self {
        let options = options(broker, clean, keeps_session, tls);
        let (client, events) = AsyncClient::builder(options).capacity(limits::mqtt::REQUESTS_MAX).build();
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
            // After it only the closed connection would be heard, which says nothing.
            Ok(Event::Incoming(Packet::Disconnect(Disconnect { reason_code, properties }))) => {
                let said = properties.as_ref().and_then(|properties| properties.reason_string.as_deref());
                Err(Ended { reason: end(reason_code, said, &Words(&self.broker)), too_long: false })
            }
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

fn options(broker: &Broker, clean: bool, keeps_session: bool, tls: Option<TlsConfiguration>) -> MqttOptions {
    let mut options = MqttOptions::new(&broker.client_id, (broker.host.as_str(), broker.port));
    options
        .set_clean_start(clean)
        .set_session_expiry_interval(keeps_session.then_some(limits::mqtt::SESSION_KEPT_S))
        .set_keep_alive(keep_alive_s())
        .set_max_packet_size(u32::try_from(limits::mqtt::PACKET_BYTES_MAX).ok());
    if keeps_session && !clean {
        options.set_session_store(NothingUnderWay);
    }
    let network = network(options.network_options());
    options.set_network_options(network);
    if let Some(credentials) = &broker.credentials {
        options.set_credentials(&credentials.user, credentials.password.0.clone());
    }
    if let Some(tls) = transport(broker, tls) {
        options.set_transport(Transport::tls_with_config(tls));
    }
    options
}

/// The client's part of a session that the broker has kept: the gateway publishes nothing and receives with QoS 1, so that
/// nothing of its own is ever under way. Without this the library takes the broker's part for somebody else's.
#[derive(Debug)]
struct NothingUnderWay;

impl SessionStore for NothingUnderWay {
    fn load<'a>(&'a self, key: &'a SessionStoreKey) -> Stored<'a, Option<PersistedSession>> {
        let session = PersistedSession {
            format_version: 1,
            client_id: key.client_id().to_owned(),
            clean_start: false,
            session_expiry_interval: Some(limits::mqtt::SESSION_KEPT_S),
            outgoing_inflight_upper_limit: None,
            ack_mode: PersistedAckMode::Automatic,
            last_pkid: 0,
            last_puback: 0,
            replay: Vec::new(),
            incoming_qos2: Vec::new(),
        };
        Box::pin(async { Ok(Some(session)) })
    }

    fn save<'a>(&'a self, _: &'a SessionStoreKey, _: &'a PersistedSession) -> Stored<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn clear<'a>(&'a self, _: &'a SessionStoreKey) -> Stored<'a, ()> {
        Box::pin(async { Ok(()) })
    }
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
        Outgoing::Auth => 15,
        Outgoing::AwaitAck(_) => return None,
    })
}

fn judge(code: &SubscribeReasonCode) -> Result<(), String> {
    use SubscribeReasonCode::{
        Failure, NotAuthorized, QuotaExceeded, Success, TopicFilterInvalid, WildcardSubscriptionsNotSupported,
    };
    let reason = match code {
        Success(_) => return Ok(()),
        Failure | NotAuthorized => "check what its user may read".to_owned(),
        TopicFilterInvalid => "it does not accept such a topic; check its spelling".to_owned(),
        QuotaExceeded => "it allows no more subscriptions; ask for more of them there".to_owned(),
        WildcardSubscriptionsNotSupported => "it knows no wildcards; write the topic without + and #".to_owned(),
        other => format!("it says {other:?}"),
    };
    Err(reason)
}

fn reason(error: &ConnectionError, broker: &Broker) -> String {
    let words = Words(broker);
    match error {
        ConnectionError::ConnectionRefused(code)
        | ConnectionError::MqttState(StateError::ConnFail { reason: code }) => refusal(*code, &words),
        ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, reason_string }) => {
            end(*reason_code, reason_string.as_deref(), &words)
        }
        ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) => words.io(error),
        ConnectionError::MqttState(StateError::AwaitPingResp) => words.silent(),
        ConnectionError::Tls(error) => words.tls(error),
        error => words.other(error),
    }
}

fn refusal(code: ConnectReturnCode, words: &Words<'_>) -> String {
    use ConnectReturnCode::{
        BadClientId, BadUserNamePassword, ClientIdentifierNotValid, NotAuthorized, RefusedProtocolVersion,
        UnsupportedProtocolVersion,
    };
    match code {
        BadUserNamePassword | NotAuthorized => words.user(),
        BadClientId | ClientIdentifierNotValid => words.client_id(),
        RefusedProtocolVersion | UnsupportedProtocolVersion => {
            format!("the broker {} does not speak MQTT 5; write version = \"3.1.1\" in the source", words.place())
        }
        code => format!("the broker {} refuses the connection: {code:?}", words.place()),
    }
}

fn end(code: DisconnectReasonCode, said: Option<&str>, words: &Words<'_>) -> String {
    let place = words.place();
    let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
    match code {
        DisconnectReasonCode::SessionTakenOver => format!(
            "the broker {place} let somebody else in with the same client id{said}; give the source a client_id of its own"
        ),
        DisconnectReasonCode::ServerShuttingDown => format!("the broker {place} is being stopped{said}"),
        DisconnectReasonCode::NotAuthorized => words.user(),
        code => format!("the broker {place} ended the connection: {code:?}{said}"),
    }
}

/// A broker that was told the limit and sends more all the same.
fn is_too_long(error: &ConnectionError) -> bool {
    matches!(error, ConnectionError::MqttState(StateError::IncomingPacketTooLarge { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn broker() -> Broker {
        Broker {
            host: "10.0.0.5".to_owned(),
            port: 1883,
            ca_pem: None,
            client_certificate: None,
            client_id: "davy".to_owned(),
            credentials: None,
        }
    }

    #[test]
    fn an_end_is_told_with_the_broker_and_what_to_do() {
        let refused = ConnectionError::ConnectionRefused;
        let ended = |reason_code| {
            ConnectionError::MqttState(StateError::ServerDisconnect {
                reason_code,
                reason_string: Some("so it is".to_owned()),
            })
        };
        for (error, expected) in [
            (refused(ConnectReturnCode::BadUserNamePassword), "check user and password"),
            (refused(ConnectReturnCode::ClientIdentifierNotValid), "another client_id"),
            (refused(ConnectReturnCode::UnsupportedProtocolVersion), "write version = \"3.1.1\""),
            (refused(ConnectReturnCode::Banned), "Banned"),
            (ended(DisconnectReasonCode::SessionTakenOver), "(so it is); give the source a client_id of its own"),
            (ended(DisconnectReasonCode::ServerShuttingDown), "is being stopped (so it is)"),
            (ended(DisconnectReasonCode::QuotaExceeded), "QuotaExceeded (so it is)"),
        ] {
            let reason = reason(&error, &broker());
            assert!(reason.contains(expected) && reason.contains("10.0.0.5:1883"), "{reason}");
        }
    }

    /// Mosquitto 2.0 hangs up without a word where the standard lets a broker say why (MQTT 5.0, 4.13), so these are its bytes.
    #[tokio::test]
    async fn a_broker_that_takes_leave_is_heard_before_it_hangs_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let broker = Broker { host: "127.0.0.1".to_owned(), port: listener.local_addr().unwrap().port(), ..broker() };
        let server = async {
            let (mut gateway, _) = listener.accept().await.unwrap();
            gateway.read_u8().await.unwrap();
            let (accepted, session_taken_over) = ([0x20, 3, 0, 0, 0], [0xE0, 2, 0x8E, 0]);
            gateway.write_all(&[&accepted[..], &session_taken_over[..]].concat()).await.unwrap();
            gateway
        };
        let gateway = async {
            let mut connection = Connection::begin(&broker, true, false, None);
            loop {
                if let Err(ended) = connection.next().await {
                    return ended.reason;
                }
            }
        };
        let (_open, reason) = tokio::join!(server, gateway);
        assert!(reason.contains("with the same client id"), "{reason}");
    }

    #[test]
    fn a_refused_topic_says_why() {
        assert_eq!(judge(&SubscribeReasonCode::Success(QoS::AtMostOnce)), Ok(()));
        for (code, expected) in [
            (SubscribeReasonCode::NotAuthorized, "may read"),
            (SubscribeReasonCode::WildcardSubscriptionsNotSupported, "without + and #"),
            (SubscribeReasonCode::PkidInUse, "PkidInUse"),
        ] {
            assert!(judge(&code).unwrap_err().contains(expected));
        }
    }
}
