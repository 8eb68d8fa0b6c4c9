//! How what is derived leaves the gateway.

use super::{Broker, ClientCertificate, CommandsConfig, Credentials, MqttVersion, Secret};
use davy_core::id::UplinkIx;
use std::collections::BTreeMap;

/// How an uplink is reached.
#[derive(Clone, Debug, PartialEq)]
pub enum UplinkConfig {
    /// MQTT.
    Mqtt(MqttUplink),
    /// HTTP.
    Http(HttpUplink),
    /// Kafka.
    Kafka(KafkaUplink),
    /// Sparkplug B.
    Sparkplug(SparkplugUplink),
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
    /// Whether a message that nobody has subscribed to counts as not taken; with version 5 alone.
    pub needs_subscriber: bool,
    /// Messages of a lane that may wait for their acknowledgement at once.
    pub inflight_max: u16,
    /// The most that the backfill lane sends, in messages a second.
    pub backfill_per_s: u32,
    /// Kinds of record that go up; empty means all.
    pub kinds: Vec<String>,
    /// The samples that go up in place of records.
    pub samples: Option<ForwardSamples>,
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
    /// The samples that go up in place of records.
    pub samples: Option<ForwardSamples>,
}

/// Which samples go up: by exception, so one that has changed enough.
#[derive(Clone, Debug, PartialEq)]
pub struct ForwardSamples {
    /// The tags that go up, each with the change in its unit from which on a value goes up; 0: with any change.
    pub tags: BTreeMap<String, f64>,
    /// A tag goes up at most so often, changes of its quality excepted, in milliseconds.
    pub min_interval_ms: u64,
    /// In each such span of the wall clock a tag's first value goes up in any case, in milliseconds.
    pub max_interval_ms: u64,
    /// Values of one message.
    pub batch_values: u16,
}

/// A Kafka uplink.
#[derive(Clone, Debug, PartialEq)]
pub struct KafkaUplink {
    /// Its place in `site.uplinks`.
    pub uplink: UplinkIx,
    /// Brokers that are asked for the others, `host:port`; never empty.
    pub brokers: Vec<String>,
    /// What the brokers know the gateway by, in their logs and quotas.
    pub client_id: String,
    /// The topic; `{kind}` in it stands for the kind of the record.
    pub topic: String,
    /// The certificate authorities to trust, PEM; `None` without TLS.
    pub ca_pem: Option<Vec<u8>>,
    /// What the gateway shows of itself.
    pub client_certificate: Option<ClientCertificate>,
    /// Who logs in with SASL (RFC 4422), and how.
    pub login: Option<(Credentials, Sasl)>,
    /// Messages of a lane that may wait for their acknowledgement at once.
    pub inflight_max: u16,
    /// The most that the backfill lane sends, in messages a second.
    pub backfill_per_s: u32,
    /// Kinds of record that go up; empty means all.
    pub kinds: Vec<String>,
    /// The samples that go up in place of records.
    pub samples: Option<ForwardSamples>,
}

/// A Sparkplug B uplink (Eclipse Sparkplug 3.0.0): the gateway is an edge node, each source a device, each forwarded tag a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct SparkplugUplink {
    /// Its place in `site.uplinks`.
    pub uplink: UplinkIx,
    /// The broker.
    pub broker: Broker,
    /// The version of the protocol.
    pub version: MqttVersion,
    /// The group id.
    pub group: String,
    /// The edge node id.
    pub node: String,
    /// The host application without which nothing is sent.
    pub primary_host: Option<String>,
    /// The most that the backfill lane sends, in batches of values a second.
    pub backfill_per_s: u32,
    /// The samples that go up; always there once the tags are known.
    pub samples: Option<ForwardSamples>,
    /// The sources with forwarded tags.
    pub devices: Vec<SparkplugDevice>,
}

/// A source with the tags that go up.
#[derive(Clone, Debug, PartialEq)]
pub struct SparkplugDevice {
    /// The device id: that of the source.
    pub id: String,
    /// Its metrics, never none.
    pub metrics: Vec<SparkplugMetric>,
}

/// A tag that goes up.
#[derive(Clone, Debug, PartialEq)]
pub struct SparkplugMetric {
    /// The metric's name: the tag's id.
    pub tag: String,
    /// The engineering unit; empty for none.
    pub engineering_unit: String,
    /// The instrument's range, in that unit.
    pub range: Option<(f64, f64)>,
}

/// How a password is shown to a broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sasl {
    /// SCRAM-SHA-512 (RFC 5802, RFC 7677): the password itself does not leave the box.
    #[default]
    ScramSha512,
    /// SCRAM-SHA-256 (RFC 7677).
    ScramSha256,
    /// PLAIN (RFC 4616): the broker is told the password.
    Plain,
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
            Self::Kafka(kafka) => kafka.uplink,
            Self::Sparkplug(sparkplug) => sparkplug.uplink,
        }
    }

    /// The same at another place.
    #[must_use]
    pub fn at(mut self, uplink: UplinkIx) -> Self {
        match &mut self {
            Self::Mqtt(mqtt) => mqtt.uplink = uplink,
            Self::Http(http) => http.uplink = uplink,
            Self::Kafka(kafka) => kafka.uplink = uplink,
            Self::Sparkplug(sparkplug) => sparkplug.uplink = uplink,
        }
        self
    }

    /// The samples that go up in place of records.
    #[must_use]
    pub fn samples(&self) -> Option<&ForwardSamples> {
        match self {
            Self::Mqtt(mqtt) => mqtt.samples.as_ref(),
            Self::Http(http) => http.samples.as_ref(),
            Self::Kafka(kafka) => kafka.samples.as_ref(),
            Self::Sparkplug(sparkplug) => sparkplug.samples.as_ref(),
        }
    }

    /// Kinds of record that go up; empty means all.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        match self {
            Self::Mqtt(mqtt) => &mqtt.kinds,
            Self::Http(http) => &http.kinds,
            Self::Kafka(kafka) => &kafka.kinds,
            Self::Sparkplug(_) => &[],
        }
    }

    /// What the platform may ask for; `None` for nothing.
    #[must_use]
    pub fn commands(&self) -> Option<&CommandsConfig> {
        match self {
            Self::Mqtt(mqtt) => mqtt.commands.as_ref(),
            Self::Http(http) => http.commands.as_ref(),
            Self::Kafka(_) | Self::Sparkplug(_) => None,
        }
    }
}
