//! One connection to the broker, from its beginning to its end, never mended: whatever goes wrong ends it, and the next one
//! is a new client with nothing of the old one's. The broker keeps what was sent while nobody listened.
//!
//! The two versions of the protocol are heard alike.

mod v3;
mod v5;

use crate::{limits, net};
use davy_config::{Broker, MqttSource, MqttVersion};
use rumqttc::{NetworkOptions, TlsConfiguration};
use std::io;
use tokio::time::timeout;

/// A connection in the version that its source asks for.
pub(crate) enum Connection {
    V3(Box<v3::Connection>),
    V5(Box<v5::Connection>),
}

/// What is heard from the broker.
pub(crate) enum Heard {
    /// It has let the gateway in.
    Connected,
    /// To the subscription, for each filter: granted, or why not, in words.
    Granted(Vec<Result<(), String>>),
    Message(Message),
    /// The gateway's own: it sent a packet of this type.
    Sent(u8),
    /// What keeps the connection alive.
    Other,
}

/// A message as it was published.
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    /// Possibly given out before.
    pub(crate) dup: bool,
    /// A copy that the broker has stored.
    pub(crate) retain: bool,
}

/// Why a connection ended.
pub(crate) struct Ended {
    /// In words, with the broker.
    pub(crate) reason: String,
    /// Because of a packet that is too long to be taken.
    pub(crate) too_long: bool,
}

impl Connection {
    /// Begins to connect. A clean session forgets what the broker has kept.
    pub(crate) fn begin(source: &MqttSource, clean: bool, tls: Option<TlsConfiguration>) -> Self {
        let MqttSource { broker, keeps_session, .. } = source;
        match source.version {
            MqttVersion::V3 => Self::V3(Box::new(v3::Connection::begin(broker, clean, tls))),
            MqttVersion::V5 => Self::V5(Box::new(v5::Connection::begin(broker, clean, *keeps_session, tls))),
        }
    }

    /// Waits for the next thing that is heard.
    pub(crate) async fn next(&mut self) -> Result<Heard, Ended> {
        match self {
            Self::V3(connection) => connection.next().await,
            Self::V5(connection) => connection.next().await,
        }
    }

    /// Asks for the topics, with QoS 1. Done after every connect: the broker may have forgotten them, or the configuration
    /// may name others now.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn subscribe(&self, filters: &[String]) -> Result<(), String> {
        match self {
            Self::V3(connection) => connection.subscribe(filters),
            Self::V5(connection) => connection.subscribe(filters),
        }
    }

    /// Says goodbye, so that the broker knows at once that nobody listens.
    pub(crate) async fn goodbye(mut self) {
        let asked = match &self {
            Self::V3(connection) => connection.disconnect(),
            Self::V5(connection) => connection.disconnect(),
        };
        if asked {
            let ended = async { while self.next().await.is_ok() {} };
            // Whether it was heard or not, the connection is over.
            let _ = timeout(limits::CLOSE_MAX, ended).await;
        }
    }
}

fn network(mut network: NetworkOptions) -> NetworkOptions {
    network.set_connection_timeout(limits::CONNECT_MAX.as_secs());
    network.set_tcp_nodelay(true);
    network
}

/// What is encrypted with, if anything; without a configuration the library makes one, and says what is wrong with its files.
fn transport(broker: &Broker, tls: Option<TlsConfiguration>) -> Option<TlsConfiguration> {
    let ca = broker.ca_pem.clone()?;
    Some(tls.unwrap_or(TlsConfiguration::Simple { ca, alpn: None, client_auth: broker.client_pem() }))
}

fn keep_alive_s() -> u16 {
    u16::try_from(limits::mqtt::KEEP_ALIVE.as_secs()).unwrap_or(u16::MAX)
}

/// The ends of connections that both versions know, in words.
struct Words<'a>(&'a Broker);

impl Words<'_> {
    fn place(&self) -> String {
        format!("{}:{}", self.0.host, self.0.port)
    }

    fn user(&self) -> String {
        format!("the broker {} refuses this user or password; check user and password of the source", self.place())
    }

    fn client_id(&self) -> String {
        format!("the broker {} refuses the client id; give the source another client_id", self.place())
    }

    fn silent(&self) -> String {
        format!("the broker {} does not answer any more; check the network and the broker", self.place())
    }

    fn io(&self, error: &io::Error) -> String {
        format!("no connection to the broker {}: {}", self.place(), net::words(error))
    }

    fn tls(&self, error: &dyn std::fmt::Display) -> String {
        format!(
            "no secure connection to the broker {}: {error}; check its certificate and the source's ca file",
            self.place()
        )
    }

    fn other(&self, error: &dyn std::fmt::Display) -> String {
        format!("no connection to the broker {}: {error}", self.place())
    }
}
