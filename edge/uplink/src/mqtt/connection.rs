//! One connection to the broker, from its beginning to its end, never mended: whatever goes wrong ends it, and the next one
//! is a new client with nothing of the old one's.
//!
//! The session is clean. A broker that keeps a session could only deliver what the cursor sends again anyhow, and a client
//! that keeps one resends in an order that is not ours. So the cursor alone says what is due.

use crate::{cloudevent::Message, limits};
use davy_config::Broker;
use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Packet, PublishOptions,
    QoS, Transport,
};
use std::{future::Future, io::ErrorKind, time::Duration};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

/// A connection.
pub(crate) struct Connection {
    client: AsyncClient,
    accepted: Option<oneshot::Receiver<()>>,
    /// Ends with the reason, in words.
    driver: Option<AbortOnDropHandle<String>>,
}

impl Connection {
    /// Begins to connect. At most `in_flight_max` messages may be waiting for their answer.
    pub(crate) fn begin(broker: &Broker, in_flight_max: u16, will: Message) -> Self {
        let options = options(broker, in_flight_max, will);
        let (client, mut events) = AsyncClient::builder(options).capacity(usize::from(in_flight_max)).build();
        let mut network = events.network_options();
        network.set_connection_timeout(limits::CONNECT_MAX.as_secs());
        network.set_tcp_nodelay(true);
        events.set_network_options(network);
        let (accepted, answer) = oneshot::channel();
        let place = format!("{}:{}", broker.host, broker.port);
        let driver = Some(AbortOnDropHandle::new(tokio::spawn(drive(events, accepted, place))));
        Self { client, accepted: Some(answer), driver }
    }

    /// Waits until the broker has accepted the connection.
    ///
    /// # Errors
    /// In words, when it has not.
    pub(crate) async fn accepted(&mut self) -> Result<(), String> {
        let Some(answer) = self.accepted.take() else { return Ok(()) };
        match tokio::time::timeout(limits::CONNECT_MAX, answer).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(self.ended().await),
            Err(_) => {
                Err(format!("the broker has not accepted the connection within {} s", limits::CONNECT_MAX.as_secs()))
            }
        }
    }

    /// Sends a message with QoS 1. The answer is whether the broker has it; anything but `true` means that it is due again.
    ///
    /// # Errors
    /// In words, when the connection takes no more.
    pub(crate) fn publish(&self, message: Message) -> Result<impl Future<Output = bool> + Send + use<>, String> {
        let options = PublishOptions::new(QoS::AtLeastOnce).retain(message.retain);
        let notice = self.client.try_publish_tracked(message.topic, message.payload, options);
        let notice = notice.map_err(|error| format!("cannot hand a message to the connection: {error}"))?;
        Ok(async move { notice.wait_async().await.is_ok() })
    }

    /// Waits for the end; the reason in words.
    pub(crate) async fn ended(&mut self) -> String {
        let Some(driver) = &mut self.driver else { return "the connection is over".to_owned() };
        let reason = driver.await.unwrap_or_else(|error| format!("the connection's task ended: {error}"));
        self.driver = None;
        reason
    }

    /// Says goodbye, so that the broker does not publish the last will.
    pub(crate) async fn goodbye(mut self, within: Duration) {
        if self.client.try_disconnect_now().is_ok() {
            // Whether it was heard or not, the connection is over.
            let _ = tokio::time::timeout(within, self.ended()).await;
        }
    }

    /// Drops everything on its way: every answer that is still awaited is then given, as not acknowledged.
    pub(crate) async fn abandon(self) {
        if let Some(driver) = self.driver {
            driver.abort();
            let _ = driver.await;
        }
        drop(self.client);
    }
}

fn options(broker: &Broker, in_flight_max: u16, will: Message) -> MqttOptions {
    let mut options = MqttOptions::new(&broker.client_id, (broker.host.as_str(), broker.port));
    options
        .set_clean_session(true)
        .set_keep_alive(u16::try_from(limits::KEEP_ALIVE.as_secs()).unwrap_or(u16::MAX))
        .set_inflight(in_flight_max)
        .set_max_request_batch(limits::WRITES_TOGETHER)
        .set_max_packet_size(limits::INCOMING_BYTES_MAX, limits::MESSAGE_BYTES_MAX + limits::PACKET_OVERHEAD_BYTES)
        .set_last_will(LastWill::new(will.topic, will.payload, QoS::AtLeastOnce, will.retain));
    if let Some(credentials) = &broker.credentials {
        options.set_credentials(&credentials.user, credentials.password.0.clone());
    }
    if let Some(ca) = &broker.ca_pem {
        options.set_transport(Transport::tls(ca.clone(), broker.client_pem(), None));
    }
    options
}

async fn drive(mut events: EventLoop, accepted: oneshot::Sender<()>, place: String) -> String {
    let mut accepted = Some(accepted);
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => drop(accepted.take().map(|accepted| accepted.send(()))),
            Ok(_) => {}
            Err(error) => return reason(&error, &place),
        }
    }
}

fn reason(error: &ConnectionError, place: &str) -> String {
    use ConnectReturnCode::{BadClientId, BadUserNamePassword, NotAuthorized};
    if let ConnectionError::ConnectionRefused(BadUserNamePassword | NotAuthorized) = error {
        return format!("the broker {place} refuses this user or password; check user and password of the uplink");
    }
    if let ConnectionError::ConnectionRefused(BadClientId) = error {
        return format!("the broker {place} refuses the client id; give the uplink another client_id");
    }
    format!("no connection to the broker {place}: {}", words(error))
}

/// What to look at, for the errors that are known; the library's own words for the others.
fn words(error: &ConnectionError) -> String {
    let ConnectionError::Io(error) = error else { return error.to_string() };
    if error.kind() == ErrorKind::ConnectionRefused {
        return "refused, nothing listens there; check the port and whether the broker runs".to_owned();
    }
    if matches!(error.kind(), ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::TimedOut) {
        return format!("{error}; check the address, the network settings of this box and the firewall");
    }
    error.to_string()
}
