//! How what is derived leaves the gateway.

use super::Broker;
use davy_core::id::UplinkIx;

/// How an uplink is reached.
#[derive(Clone, Debug, PartialEq)]
pub enum UplinkConfig {
    /// MQTT 3.1.1.
    Mqtt(MqttUplink),
}

/// An MQTT uplink.
#[derive(Clone, Debug, PartialEq)]
pub struct MqttUplink {
    /// Its place in `site.uplinks`.
    pub uplink: UplinkIx,
    /// The broker.
    pub broker: Broker,
    /// Messages of a lane that may wait for their acknowledgement at once.
    pub inflight_max: u16,
    /// The most that the backfill lane sends, in messages a second.
    pub backfill_per_s: u32,
    /// Kinds of record that go up; empty means all.
    pub kinds: Vec<String>,
}

impl UplinkConfig {
    /// Its place in `site.uplinks`.
    #[must_use]
    pub fn uplink(&self) -> UplinkIx {
        match self {
            Self::Mqtt(mqtt) => mqtt.uplink,
        }
    }

    /// The same at another place.
    #[must_use]
    pub fn at(mut self, uplink: UplinkIx) -> Self {
        match &mut self {
            Self::Mqtt(mqtt) => mqtt.uplink = uplink,
        }
        self
    }

    /// Kinds of record that go up; empty means all.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        match self {
            Self::Mqtt(mqtt) => &mqtt.kinds,
        }
    }
}
