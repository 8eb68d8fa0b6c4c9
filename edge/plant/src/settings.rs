//! What the plant is started with, where it can be reached, and why a start can fail.

use crate::limits;
use davy_core::time::UtcTime;
use std::net::{Ipv4Addr, SocketAddr};
use tokio_util::sync::CancellationToken;

/// What the plant is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Story seconds per second, 0.05 to 60; 1.0 is real time.
    pub speed: f64,
    /// The wall clock, for source times.
    pub utc: fn() -> UtcTime,
    /// Ends the plant.
    pub stop: CancellationToken,
    /// Where the OPC UA server listens.
    pub opcua_listen: SocketAddr,
    /// Where the Modbus TCP server listens.
    pub modbus_listen: SocketAddr,
    /// Where the broker of the field side listens.
    pub field_listen: SocketAddr,
    /// Where the link to the enterprise listens; the enterprise broker behind it takes a free port.
    pub enterprise_listen: SocketAddr,
    /// The gateway's web page, written into the configuration.
    pub web_listen: SocketAddr,
}

impl Settings {
    /// Normal speed, free loopback ports, web page on 127.0.0.1:8080.
    #[must_use]
    pub fn new(utc: fn() -> UtcTime, stop: CancellationToken) -> Self {
        let free = loopback(0);
        Self {
            speed: 1.0,
            utc,
            stop,
            opcua_listen: free,
            modbus_listen: free,
            field_listen: free,
            enterprise_listen: free,
            web_listen: loopback(8080),
        }
    }

    pub(crate) fn check(&self) -> Result<(), PlantError> {
        match limits::SPEED.contains(&self.speed) {
            true => Ok(()),
            false => Err(PlantError::Speed(self.speed)),
        }
    }
}

/// Where the plant can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The OPC UA server; see [`Endpoints::opcua_url`].
    pub opcua: SocketAddr,
    /// The Modbus TCP server, unit ids 1 and 2.
    pub modbus: SocketAddr,
    /// The broker of the field side: beacons and cameras.
    pub field: SocketAddr,
    /// The enterprise broker, through the link that the story cuts.
    pub enterprise: SocketAddr,
}

impl Endpoints {
    /// `opc.tcp://host:port/`.
    #[must_use]
    pub fn opcua_url(&self) -> String {
        format!("opc.tcp://{}/", self.opcua)
    }
}

impl Default for Endpoints {
    /// The ports of the configuration in `config/demo`: each protocol's usual one, and 1884 for the enterprise.
    fn default() -> Self {
        Self { opcua: loopback(4840), modbus: loopback(5020), field: loopback(1883), enterprise: loopback(1884) }
    }
}

/// Why the plant could not start.
#[derive(Debug, thiserror::Error)]
pub enum PlantError {
    /// The speed is out of range.
    #[error("the speed {0} is not between 0.05 and 60; choose one in that range")]
    Speed(f64),
    /// An address cannot be listened on.
    #[error("cannot listen on {address} for {what}: choose another address or end the program that holds it")]
    Listen {
        /// For what.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A broker does not accept connections.
    #[error("the {what} broker does not accept connections on {address}: choose another address")]
    Broker {
        /// Which.
        what: &'static str,
        /// Where.
        address: SocketAddr,
    },
    /// The OPC UA server could not be built.
    #[error("cannot start the OPC UA server: {reason}")]
    OpcUa {
        /// The stack's reason.
        reason: String,
    },
    /// An MQTT client of ours could not be built.
    #[error("cannot prepare the MQTT client {client}: {reason}")]
    Mqtt {
        /// Its client id.
        client: &'static str,
        /// The stack's reason.
        reason: String,
    },
}

pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
