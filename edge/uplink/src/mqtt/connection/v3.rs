//! MQTT 3.1.1.

use super::{Answer, NotTaken, Place, keep_alive_s};
use crate::{cloudevent::Message, limits, mqtt::Ears};
use davy_config::Broker;
use futures::FutureExt;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Packet, PublishOptions,
    QoS, StateError, SubscribeReasonCode, Transport, mqttbytes,
};
use std::sync::Arc;
use tokio::sync::oneshot;

pub(super) fn begin(
    broker: &Broker,
    (in_flight_max, incoming_max): (u16, usize),
    will: Option<Message>,
) -> (AsyncClient, EventLoop) {
    let options = options(broker, (in_flight_max, incoming_max), will);
    let (client, mut events) = AsyncClient::builder(options).capacity(usize::from(in_flight_max)).build();
    let mut network = events.network_options();
    network.set_connection_timeout(limits::CONNECT_MAX.as_secs());
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    (client, events)
}

/// This version does not say why a message is refused: the broker ends the connection.
pub(super) fn publish(client: &AsyncClient, message: Message) -> Result<Answer, String> {
    let options = PublishOptions::new(QoS::AtLeastOnce).retain(message.retain);
    let notice = client.try_publish_tracked(message.topic, message.payload, options);
    let notice = notice.map_err(|error| error.to_string())?;
    Ok(async move { notice.wait_async().await.map(drop).map_err(|_| NotTaken::Dropped) }.boxed())
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
    *code == SubscribeReasonCode::Failure
}

fn is_too_large(error: &ConnectionError) -> bool {
    matches!(
        error,
        ConnectionError::MqttState(StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded(_)))
    )
}

fn options(broker: &Broker, (in_flight_max, incoming_max): (u16, usize), will: Option<Message>) -> MqttOptions {
    let mut options = MqttOptions::new(&broker.client_id, (broker.host.as_str(), broker.port));
    options
        .set_clean_session(true)
        .set_keep_alive(keep_alive_s())
        .set_inflight(in_flight_max)
        .set_max_request_batch(limits::WRITES_TOGETHER)
        .set_max_packet_size(incoming_max, limits::MESSAGE_BYTES_MAX + limits::PACKET_OVERHEAD_BYTES);
    if let Some(will) = will {
        options.set_last_will(LastWill::new(will.topic, will.payload, QoS::AtLeastOnce, will.retain));
    }
    if let Some(credentials) = &broker.credentials {
        options.set_credentials(&credentials.user, credentials.password.0.clone());
    }
    if let Some(ca) = &broker.ca_pem {
        options.set_transport(Transport::tls(ca.clone(), broker.client_pem(), None));
    }
    options
}

fn reason(error: &ConnectionError, place: &Place) -> String {
    use ConnectReturnCode::{BadClientId, BadUserNamePassword, NotAuthorized};
    if let ConnectionError::ConnectionRefused(BadUserNamePassword | NotAuthorized) = error {
        return place.user();
    }
    if let ConnectionError::ConnectionRefused(BadClientId) = error {
        return place.client_id();
    }
    let ConnectionError::Io(error) = error else { return place.other(error) };
    place.io(error)
}
