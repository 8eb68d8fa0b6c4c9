//! One connection to the broker, from its beginning to its end, never mended: whatever goes wrong ends it, and the next one
//! is a new client with nothing of the old one's. The two versions of the protocol are driven alike.
//!
//! The session is clean. A broker that keeps a session could only deliver what the cursor sends again anyhow, and a client
//! that keeps one resends in an order that is not ours. So the cursor alone says what is due.

mod v3;
mod v5;

use super::Ears;
use crate::{cloudevent::Message, limits};
use davy_config::{Broker, MqttVersion};
use futures::future::BoxFuture;
use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::Duration,
};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

/// A connection.
pub(crate) struct Connection {
    client: Client,
    accepted: Option<oneshot::Receiver<()>>,
    /// Ends with the reason, in words.
    driver: Option<AbortOnDropHandle<String>>,
    needs_subscriber: bool,
}

enum Client {
    V3(rumqttc::AsyncClient),
    V5(rumqttc5::AsyncClient),
}

/// Whether the broker has a message.
pub(crate) type Answer = BoxFuture<'static, Result<(), NotTaken>>;

/// Why the broker does not have a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It refuses it; why, in words.
    Refused(String),
    /// The connection is over.
    Dropped,
}

impl Connection {
    /// Begins to connect. At most `in_flight_max` messages may be waiting for their answer.
    pub(crate) fn begin(
        (broker, version): (&Broker, MqttVersion),
        needs_subscriber: bool,
        in_flight_max: u16,
        will: Option<Message>,
        ears: Option<Arc<dyn Ears>>,
    ) -> Self {
        let (accepted, answer) = oneshot::channel();
        let place = Place::of(broker);
        let incoming_max = ears.as_ref().map_or(limits::INCOMING_BYTES_MAX, |ears| ears.packet_bytes_max());
        let (client, driver) = match version {
            MqttVersion::V3 => {
                let (client, events) = v3::begin(broker, (in_flight_max, incoming_max), will);
                (Client::V3(client), tokio::spawn(v3::drive(events, accepted, place, ears)))
            }
            MqttVersion::V5 => {
                let (client, events) = v5::begin(broker, (in_flight_max, incoming_max), will);
                (Client::V5(client), tokio::spawn(v5::drive(events, accepted, place, ears)))
            }
        };
        let (accepted, driver) = (Some(answer), Some(AbortOnDropHandle::new(driver)));
        Self { client, accepted, driver, needs_subscriber }
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

    /// Why it dropped a message: because it has ended, which it says itself.
    pub(crate) async fn dropped(&mut self) -> String {
        let ended = tokio::time::timeout(limits::STOP_MAX, self.ended()).await;
        ended.unwrap_or_else(|_| "the connection dropped a message".to_owned())
    }

    /// Sends a message with QoS 1. Anything but `Ok` as its answer means that it is due again.
    ///
    /// # Errors
    /// In words, when the connection takes no more.
    pub(crate) fn publish(&self, message: Message) -> Result<Answer, String> {
        let answer = match &self.client {
            Client::V3(client) => v3::publish(client, message),
            Client::V5(client) => v5::publish(client, message, self.needs_subscriber),
        };
        answer.map_err(|what| format!("cannot hand a message to the connection: {what}"))
    }

    /// Asks for what is published under a filter, with QoS 1. A broker that refuses is said in the log.
    ///
    /// # Errors
    /// In words, when the connection takes no more.
    pub(crate) fn subscribe(&self, filter: String) -> Result<(), String> {
        let asked = match &self.client {
            Client::V3(client) => v3::subscribe(client, filter),
            Client::V5(client) => v5::subscribe(client, filter),
        };
        asked.map_err(|what| format!("cannot hand a subscription to the connection: {what}"))
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
        let asked = match &self.client {
            Client::V3(client) => client.try_disconnect_now().is_ok(),
            Client::V5(client) => client.try_disconnect_now().is_ok(),
        };
        if asked {
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

/// Where the broker is, for words.
#[derive(Clone, Debug)]
struct Place(String);

impl Place {
    fn of(broker: &Broker) -> Self {
        Self(format!("{}:{}", broker.host, broker.port))
    }

    fn user(&self) -> String {
        format!("the broker {} refuses this user or password; check user and password of the uplink", self.0)
    }

    fn say_not_subscribed(&self) {
        tracing::error!(
            event = "commands_not_heard",
            "the broker {} does not let this gateway subscribe to what is said to it; check what its user may read",
            self.0
        );
    }

    fn client_id(&self) -> String {
        format!("the broker {} refuses the client id; give the uplink another client_id", self.0)
    }

    fn other(&self, error: &dyn std::fmt::Display) -> String {
        let error = error.to_string();
        let of_trust = error.to_lowercase().contains("certificate");
        let advice =
            if of_trust { "; check the broker's certificate, the uplink's ca_file and this box's clock" } else { "" };
        format!("no connection to the broker {}: {error}{advice}", self.0)
    }

    /// What to look at, for the errors that are known; the library's own words for the others.
    fn io(&self, error: &io::Error) -> String {
        if error.kind() == ErrorKind::ConnectionRefused {
            return self.other(&"refused, nothing listens there; check the port and whether the broker runs");
        }
        if matches!(error.kind(), ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::TimedOut) {
            return self
                .other(&format_args!("{error}; check the address, the network settings of this box and the firewall"));
        }
        self.other(error)
    }
}

fn keep_alive_s() -> u16 {
    u16::try_from(limits::KEEP_ALIVE.as_secs()).unwrap_or(u16::MAX)
}
