//! MQTT 5. It says why: what a refusal or an end means is told in words. Messages do not expire, and no property is sent that a
//! broker could do without.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only the reasons that somebody can act on have words of their own"
)]

use super::{Answer, NotTaken, Place, keep_alive_s};
use crate::{cloudevent::Message, limits, mqtt::Ears};
use davy_config::Broker;
use futures::FutureExt;
use rumqttc5::{
    AsyncClient, ConnectReturnCode, ConnectionError, Disconnect, DisconnectReasonCode, Event, EventLoop, MqttOptions,
    Packet, PubAckReason, PublishNoticeError, PublishOptions, PublishResult, QoS, StateError, SubscribeReasonCode,
    Transport,
    mqttbytes::{self, v5::LastWill},
};
use std::sync::Arc;
use tokio::sync::oneshot;

pub(super) fn begin(
    broker: &Broker,
    (in_flight_max, incoming_max): (u16, usize),
    will: Option<Message>,
) -> (AsyncClient, EventLoop) {
    let options = options(broker, (in_flight_max, incoming_max), will);
    AsyncClient::builder(options).capacity(usize::from(in_flight_max)).build()
}

/// A message is acknowledged with a reason code below 0x80 (MQTT 5.0, 3.4.2.1): `success`, or that nobody has subscribed. A broker
/// that says so has dropped it, which is the gateway's affair where `needs_subscriber`; what is retained is kept in any case. With
/// any other code the broker has not taken it.
pub(super) fn publish(client: &AsyncClient, message: Message, needs_subscriber: bool) -> Result<Answer, String> {
    let options = PublishOptions::new(QoS::AtLeastOnce).retain(message.retain);
    let needs_subscriber = needs_subscriber && !message.retain;
    let topic = message.topic.clone();
    let notice = client.try_publish_tracked(message.topic, message.payload, options);
    let notice = notice.map_err(|error| error.to_string())?;
    Ok(async move {
        match notice.wait_async().await {
            Ok(PublishResult::Qos1(answer)) => judge(answer.reason, needs_subscriber, &topic),
            Ok(_) => Ok(()),
            Err(error) => Err(refused(&error, &topic)),
        }
    }
    .boxed())
}

fn judge(reason: PubAckReason, needs_subscriber: bool, topic: &str) -> Result<(), NotTaken> {
    match reason {
        PubAckReason::Success => Ok(()),
        PubAckReason::NoMatchingSubscribers if !needs_subscriber => Ok(()),
        PubAckReason::NoMatchingSubscribers => Err(NotTaken::Refused(format!(
            "nobody has subscribed to {topic} at the broker, which drops what comes; check whether the platform's consumer runs"
        ))),
        reason => Err(refused(&PublishNoticeError::V5PubAck(reason), topic)),
    }
}

/// Asks for what is published under a filter.
pub(super) fn subscribe(client: &AsyncClient, filter: String) -> Result<(), String> {
    client.try_subscribe(filter, QoS::AtLeastOnce).map(drop).map_err(|error| error.to_string())
}

pub(super) async fn drive(
    mut events: EventLoop,
    accepted: oneshot::Sender<()>,
    place: Place,
    ears: Option<Arc<dyn Ears>>,
) -> String {
    let mut accepted = Some(accepted);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => drop(accepted.take().map(|accepted| accepted.send(()))),
            // After it only the closed connection would be heard, which says nothing.
            Ok(Event::Incoming(Packet::Disconnect(Disconnect { reason_code, properties }))) => {
                let said = properties.as_ref().and_then(|properties| properties.reason_string.as_deref());
                return end(reason_code, said, &place);
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                if let Some(ears) = &ears {
                    ears.hear(&publish.topic, &publish.payload);
                }
            }
            Ok(Event::Incoming(Packet::SubAck(answer))) if answer.return_codes.iter().any(is_refusal) => {
                place.say_not_subscribed();
            }
            Ok(_) => {}
            Err(error) => {
                if let (true, Some(ears)) = (is_too_large(&error), &ears) {
                    ears.turn_deaf();
                }
                return reason(&error, &place);
            }
        }
    }
}

fn is_refusal(code: &SubscribeReasonCode) -> bool {
    !matches!(code, SubscribeReasonCode::Success(_))
}

fn is_too_large(error: &ConnectionError) -> bool {
    matches!(
        error,
        ConnectionError::MqttState(
            StateError::IncomingPacketTooLarge { .. }
                | StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded { .. })
        )
    )
}

fn options(broker: &Broker, (in_flight_max, incoming_max): (u16, usize), will: Option<Message>) -> MqttOptions {
    let mut options = MqttOptions::new(&broker.client_id, (broker.host.as_str(), broker.port));
    options
        .set_clean_start(true)
        .set_keep_alive(keep_alive_s())
        .set_outgoing_inflight_upper_limit(in_flight_max)
        .set_max_request_batch(limits::WRITES_TOGETHER)
        .set_max_packet_size(u32::try_from(incoming_max).ok());
    let mut network = options.network_options();
    network.set_connection_timeout(limits::CONNECT_MAX.as_secs());
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    if let Some(will) = will {
        options.set_last_will(LastWill::new(will.topic, will.payload, QoS::AtLeastOnce, will.retain, None));
    }
    if let Some(credentials) = &broker.credentials {
        options.set_credentials(&credentials.user, credentials.password.0.clone());
    }
    if let Some(ca) = &broker.ca_pem {
        options.set_transport(Transport::tls(ca.clone(), broker.client_pem(), None));
    }
    options
}

fn refused(error: &PublishNoticeError, topic: &str) -> NotTaken {
    let reason = match error {
        PublishNoticeError::V5PubAck(reason) => reason,
        PublishNoticeError::Recv | PublishNoticeError::SessionReset => return NotTaken::Dropped,
        error => return NotTaken::Refused(format!("a message on {topic} cannot be published: {error}")),
    };
    let advice = match reason {
        PubAckReason::NotAuthorized => "it does not let this gateway publish there; check what its user may write",
        PubAckReason::QuotaExceeded => "its quota is exceeded; ask for more of it there",
        PubAckReason::TopicNameInvalid => "it does not accept such a topic; check what it allows",
        PubAckReason::PayloadFormatInvalid => "it does not accept what is in it; check what it allows",
        reason => &format!("it says {reason:?}"),
    };
    NotTaken::Refused(format!("the broker refuses a message on {topic}: {advice}"))
}

fn reason(error: &ConnectionError, place: &Place) -> String {
    match error {
        ConnectionError::ConnectionRefused(code)
        | ConnectionError::MqttState(StateError::ConnFail { reason: code }) => refusal(*code, place),
        ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, reason_string }) => {
            end(*reason_code, reason_string.as_deref(), place)
        }
        ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) => place.io(error),
        error => place.other(error),
    }
}

fn refusal(code: ConnectReturnCode, place: &Place) -> String {
    use ConnectReturnCode::{
        BadClientId, BadUserNamePassword, ClientIdentifierNotValid, NotAuthorized, RefusedProtocolVersion,
        UnsupportedProtocolVersion,
    };
    match code {
        BadUserNamePassword | NotAuthorized => place.user(),
        BadClientId | ClientIdentifierNotValid => place.client_id(),
        RefusedProtocolVersion | UnsupportedProtocolVersion => {
            format!("the broker {} does not speak MQTT 5; write version = \"3.1.1\" in the uplink", place.0)
        }
        code => format!("the broker {} refuses the connection: {code:?}", place.0),
    }
}

fn end(code: DisconnectReasonCode, said: Option<&str>, place: &Place) -> String {
    let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
    match code {
        DisconnectReasonCode::SessionTakenOver => format!(
            "the broker {} let somebody else in with the same client id{said}; give the uplink a client_id of its own",
            place.0
        ),
        DisconnectReasonCode::ServerShuttingDown => format!("the broker {} is being stopped{said}", place.0),
        DisconnectReasonCode::NotAuthorized => place.user(),
        code => format!("the broker {} ended the connection: {code:?}{said}", place.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_told_with_what_to_do() {
        let place = Place("10.0.0.5:1883".to_owned());
        let said = |code| end(code, Some("so it is"), &place);
        for (words, expected) in [
            (refusal(ConnectReturnCode::BadUserNamePassword, &place), "check user and password of the uplink"),
            (refusal(ConnectReturnCode::ClientIdentifierNotValid, &place), "another client_id"),
            (refusal(ConnectReturnCode::UnsupportedProtocolVersion, &place), "write version = \"3.1.1\""),
            (refusal(ConnectReturnCode::Banned, &place), "Banned"),
            (said(DisconnectReasonCode::SessionTakenOver), "(so it is); give the uplink a client_id of its own"),
            (said(DisconnectReasonCode::ServerShuttingDown), "is being stopped (so it is)"),
            (said(DisconnectReasonCode::QuotaExceeded), "QuotaExceeded (so it is)"),
        ] {
            assert!(words.contains(expected) && words.contains("10.0.0.5:1883"), "{words}");
        }
    }

    #[test]
    fn a_refused_message_says_why() {
        assert_eq!(refused(&PublishNoticeError::SessionReset, "davy/v1/a"), NotTaken::Dropped);
        for (reason, expected) in [
            (PubAckReason::NotAuthorized, "check what its user may write"),
            (PubAckReason::QuotaExceeded, "quota"),
            (PubAckReason::TopicNameInvalid, "such a topic"),
            (PubAckReason::UnspecifiedError, "UnspecifiedError"),
        ] {
            let NotTaken::Refused(words) = refused(&PublishNoticeError::V5PubAck(reason), "davy/v1/a") else {
                panic!("{reason:?}")
            };
            assert!(words.contains(expected) && words.contains("davy/v1/a"), "{words}");
        }
    }
}
