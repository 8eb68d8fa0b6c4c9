//! What a checked configuration is: plain types in which everything is there, in range and points somewhere.

use crate::files::Files;
use davy_core::model::Site;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

mod board;
mod commands;
mod map;
mod modbus;
mod mqtt;
mod opcua;
mod uplinks;

pub use {board::*, commands::*, map::*, modbus::*, mqtt::*, opcua::*, uplinks::*};

/// A whole configuration.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What the engine needs.
    pub site: Site,
    /// How each source is reached, in the order of `site.sources`.
    pub sources: Vec<SourceConfig>,
    /// How each uplink is reached, in the order of `site.uplinks`.
    pub uplinks: Vec<UplinkConfig>,
    /// The web page and API.
    pub web: WebConfig,
    /// The box.
    pub board: BoardConfig,
    /// How much is kept of what the engine was told.
    pub samples: SamplesConfig,
    /// What it was read from; no secret is in it.
    pub files: Files,
    /// The disk.
    pub storage: StorageConfig,
    /// The site as a map.
    pub map: SiteMap,
    /// Updates of the gateway itself.
    pub update: UpdateConfig,
}

/// The disk that holds the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageConfig {
    /// What the journal may take, in bytes; `None` for all that the file system has.
    pub budget_bytes: Option<u64>,
    /// Days that its rows are kept; what an uplink has not got is kept longer.
    pub days_max: u32,
}

/// Updates of the gateway itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateConfig {
    /// Public keys of minisign, in base64, of those whose releases are installed. Without one none is.
    pub keys: Vec<String>,
    /// A new release has so long, in seconds, to show that it alarms.
    pub confirm_within_s: u64,
}

/// How a source is reached.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a gateway has a handful of sources, made once")]
pub enum SourceConfig {
    /// OPC UA.
    OpcUa(OpcUaSource),
    /// Modbus.
    Modbus(ModbusSource),
    /// MQTT.
    Mqtt(MqttSource),
    /// The inputs of the box.
    Board(BoardSource),
}

/// An MQTT broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Broker {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The certificate authority to trust, PEM, for `mqtts://`; `None` for `mqtt://`.
    pub ca_pem: Option<Vec<u8>>,
    /// By which the gateway is known to the broker, for `mqtts://`.
    pub client_certificate: Option<ClientCertificate>,
    /// The client id.
    pub client_id: String,
    /// User name and password.
    pub credentials: Option<Credentials>,
}

impl Broker {
    /// The client's certificate and its key, both PEM.
    #[must_use]
    pub fn client_pem(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let ClientCertificate { certificate_pem, key_pem } = self.client_certificate.as_ref()?;
        Some((certificate_pem.clone(), key_pem.0.clone().into_bytes()))
    }
}

/// A certificate of a client with its private key, both PEM.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientCertificate {
    /// The certificate, and those that lead from it to the authority.
    pub certificate_pem: Vec<u8>,
    /// The key.
    pub key_pem: Secret,
}

/// A user name and a password that was read from a file or the environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// A secret that no log shows.
#[derive(Clone, PartialEq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The web page and API.
#[derive(Clone, Debug, PartialEq)]
pub struct WebConfig {
    /// Where to listen. Without TLS only loopback is allowed.
    pub listen: SocketAddr,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// The site's own certificate; without it the gateway makes one.
    pub certificate: Option<WebCertificate>,
    /// What the gateway is called besides its addresses: host names and addresses.
    pub names: Vec<String>,
    /// Minutes without activity until a session asks for the password again.
    pub idle_minutes: u32,
    /// Hours until a session ends.
    pub session_hours: u32,
    /// From where the live state may be seen without a log-in.
    pub panels: Vec<IpAddr>,
    /// What everybody is told before a log-in, in the site's own words (IEC 62443-4-2, CR 1.12).
    pub notice: Option<String>,
}

/// The site's own certificate for the page, not judged yet: that takes a clock.
#[derive(Clone, Debug, PartialEq)]
pub struct WebCertificate {
    /// The chain, the page's own first, and its private key.
    pub pem: ClientCertificate,
    /// Line and column in `gateway.toml`, both from 1.
    pub place: (u32, u32),
}

/// How much is kept of what the engine was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SamplesConfig {
    /// All of it as it came, for `davy replay` and evidence.
    pub recording: KeepConfig,
    /// The values of the tags, for trends and uplinks.
    pub history: KeepConfig,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepConfig {
    /// Megabytes of 1 000 000 bytes; beyond them the oldest make room.
    pub megabytes_max: u32,
    /// Days; what is older makes room.
    pub days_max: u32,
}
