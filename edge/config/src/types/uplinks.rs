//! How what is derived leaves the gateway.

use super::{Broker, ClientCertificate, CommandsConfig, MqttVersion, Secret};
use davy_core::id::UplinkIx;

/// How an uplink is reached.
#[derive(Clone, Debug, PartialEq)]
pub enum UplinkConfig {
    /// MQTT.
    Mqtt(MqttUplink),
    /// HTTP.
    Http(HttpUplink),
}

/// An MQTT uplink.
#[derive(Clone, Debug, PartialEq)]
pub struct MqttUplink {
    /// Its place in `site.uplinks`.
    pub uplink: UplinkIx,
    /// The broker.
    pub broker: Broker,
    /// The version of the protocol.
    pub version: MqttVersion,
    /// Messages of a lane that may wait for their acknowledgement at once.
    pub inflight_max: u16,
    /// The most that the backfill lane sends, in messages a second.
    pub backfill_per_s: u32,
    /// Kinds of record that go up; empty means all.
    pub kinds: Vec<String>,
    /// What the platform may ask for; `None` for nothing.
    pub commands: Option<CommandsConfig>,
}

/// An HTTP uplink.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpUplink {
    /// Its place in `site.uplinks`.
    pub uplink: UplinkIx,
    /// Where batches are posted to, `https://…` or `http://…`.
    pub url: String,
    /// The certificate authorities to trust, PEM, for `https://`; `None` for `http://`.
    pub ca_pem: Option<Vec<u8>>,
    /// What the gateway shows of itself.
    pub client_certificate: Option<ClientCertificate>,
    /// The bearer token (RFC 6750).
    pub token: Option<Secret>,
    /// Rows of one batch.
    pub batch_rows: u16,
    /// How batches are compressed.
    pub compress: Compress,
    /// How long the receiver may take to answer, in milliseconds.
    pub timeout_ms: u64,
    /// The most that the backfill lane sends, in rows a second.
    pub backfill_per_s: u32,
    /// Kinds of record that go up; empty means all.
    pub kinds: Vec<String>,
    /// What the platform may ask for; `None` for nothing.
    pub commands: Option<CommandsConfig>,
}

/// How a batch is compressed, as in `Content-Encoding` (RFC 9110, 8.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compress {
    /// Not at all.
    None,
    /// gzip (RFC 1952).
    #[default]
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl UplinkConfig {
    /// Its place in `site.uplinks`.
    #[must_use]
    pub fn uplink(&self) -> UplinkIx {
        match self {
            Self::Mqtt(mqtt) => mqtt.uplink,
            Self::Http(http) => http.uplink,
        }
    }

    /// The same at another place.
    #[must_use]
    pub fn at(mut self, uplink: UplinkIx) -> Self {
        match &mut self {
            Self::Mqtt(mqtt) => mqtt.uplink = uplink,
            Self::Http(http) => http.uplink = uplink,
        }
        self
    }

    /// Kinds of record that go up; empty means all.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        match self {
            Self::Mqtt(mqtt) => &mqtt.kinds,
            Self::Http(http) => &http.kinds,
        }
    }

    /// What the platform may ask for; `None` for nothing.
    #[must_use]
    pub fn commands(&self) -> Option<&CommandsConfig> {
        match self {
            Self::Mqtt(mqtt) => mqtt.commands.as_ref(),
            Self::Http(http) => http.commands.as_ref(),
        }
    }
}
