//! What a checked configuration is: plain types in which everything is there, in range and points somewhere.

use crate::files::Files;
use davy_core::{id::*, model::Site};
use std::{fmt, net::SocketAddr};

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
    pub recording: RecordingConfig,
    /// What it was read from; no secret is in it.
    pub files: Files,
    /// The disk.
    pub storage: StorageConfig,
}

/// The disk that holds the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StorageConfig {
    /// What the journal may take, in bytes; `None` for all that the file system has.
    pub budget_bytes: Option<u64>,
}

/// How a source is reached.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a gateway has a handful of sources, made once")]
pub enum SourceConfig {
    /// OPC UA.
    OpcUa(OpcUaSource),
    /// Modbus TCP.
    Modbus(ModbusSource),
    /// MQTT.
    Mqtt(MqttSource),
}

/// An OPC UA server, read by subscription.
#[derive(Clone, Debug)]
pub struct OpcUaSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// `opc.tcp://host:port/path`; connected to as written, whatever the server advertises.
    pub endpoint: String,
    /// The security policy. There is no fall-back to a weaker one.
    pub security: OpcUaSecurity,
    /// Publishing interval asked for.
    pub publishing_interval_ms: u32,
    /// Sampling interval asked for.
    pub sampling_interval_ms: u32,
    /// Queue of each item on the server; more than one, so that a short excursion between two publishes is seen.
    pub queue_size: u32,
    /// What to read.
    pub items: Vec<OpcUaItem>,
}

/// The security of an OPC UA connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpcUaSecurity {
    /// Policy None, anonymous: said on purpose, for a network that is separated otherwise.
    None,
}

/// A monitored item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcUaItem {
    /// The tag.
    pub tag: TagIx,
    /// `ns=2;s=…`, `ns=2;i=…`; its syntax has been checked.
    pub node: String,
}

/// A Modbus TCP device or gateway, read by polling.
#[derive(Clone, Debug)]
pub struct ModbusSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How often everything is read.
    pub poll_interval_ms: u64,
    /// How long one request may take.
    pub timeout_ms: u64,
    /// Registers that may be read for nothing between two wanted ones, so that they share a request.
    pub gap_max: u16,
    /// What to read.
    pub items: Vec<ModbusItem>,
}

/// A Modbus value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModbusItem {
    /// The tag.
    pub tag: TagIx,
    /// Unit id on the line, 0 to 255.
    pub unit_id: u8,
    /// Which of the four tables.
    pub table: ModbusTable,
    /// 0-based address, as on the wire.
    pub address: u16,
    /// How to read it.
    pub data: ModbusData,
    /// Order of bytes and words.
    pub order: ByteOrder,
    /// The engineering value is `raw * scale + offset`.
    pub scale: f64,
    /// See `scale`.
    pub offset: f64,
}

/// The four tables, read with function codes 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModbusTable {
    /// Function code 1.
    Coil,
    /// Function code 2.
    Discrete,
    /// Function code 3.
    Holding,
    /// Function code 4.
    Input,
}

/// The type of a Modbus value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModbusData {
    /// A coil or discrete input, or the lowest bit of a register.
    Bool,
    /// 16 bits unsigned.
    U16,
    /// 16 bits signed.
    I16,
    /// 32 bits unsigned.
    U32,
    /// 32 bits signed.
    I32,
    /// IEEE 754, 32 bits.
    F32,
    /// 64 bits unsigned.
    U64,
    /// 64 bits signed.
    I64,
    /// IEEE 754, 64 bits.
    F64,
}

impl ModbusData {
    /// How many registers the value takes.
    #[must_use]
    pub fn registers(self) -> u16 {
        match self {
            Self::Bool | Self::U16 | Self::I16 => 1,
            Self::U32 | Self::I32 | Self::F32 => 2,
            Self::U64 | Self::I64 | Self::F64 => 4,
        }
    }
}

/// The order of bytes in a value of several registers, written as the bytes of a 32-bit value appear on the wire, `A`
/// being the most significant. For 64 bits the same swaps apply (`Cdab`: words reversed, bytes kept).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Big-endian, the Modbus default.
    Abcd,
    /// Words swapped.
    Cdab,
    /// Bytes swapped within each word.
    Badc,
    /// Little-endian.
    Dcba,
}

/// An MQTT broker of the field side.
#[derive(Clone, Debug)]
pub struct MqttSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// The broker.
    pub broker: Broker,
    /// Beacon messages.
    pub location: Option<LocationMapping>,
    /// Video messages.
    pub video: Option<VideoMapping>,
    /// Special-work tickets.
    pub ticket: Option<TicketMapping>,
}

/// An MQTT broker.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The certificate authority to trust, PEM, for `mqtts://`; `None` for `mqtt://`.
    pub ca_pem: Option<Vec<u8>>,
    /// The client id.
    pub client_id: String,
    /// User name and password.
    pub credentials: Option<Credentials>,
}

/// A user name and a password that was read from a file or the environment.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// A secret that no log shows.
#[derive(Clone)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where something stands in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// A JSON pointer (RFC 6901) into the payload.
    Pointer(String),
    /// A level of the topic, 0 being the first.
    TopicLevel(usize),
}

/// How beacon messages are read. The card finds the person, the zone's id or name finds the zone.
#[derive(Clone, Debug)]
pub struct LocationMapping {
    /// Topic filter, `+` and `#` allowed.
    pub topic: String,
    /// The card.
    pub card: Pick,
    /// The zone; an empty text or null is outside all zones.
    pub zone: Pick,
    /// Whether SOS is pressed: a boolean, 0/1, or absent.
    pub sos: Option<Pick>,
    /// The battery in percent.
    pub battery: Option<Pick>,
    /// Where on the local plane.
    pub position: Option<PositionMapping>,
    /// The floor: a number, or as on a lift button, `2F`, `F2`, `B1`.
    pub floor: Option<Pick>,
    /// When: RFC 3339, or milliseconds or seconds since 1970.
    pub time: Option<Pick>,
}

/// Where a beacon message says the position.
#[derive(Clone, Debug, PartialEq)]
pub enum PositionMapping {
    /// In metres on the plane of the location system.
    Plane {
        /// Metres to the east.
        x: Pick,
        /// Metres to the north.
        y: Pick,
    },
    /// In degrees; the plane begins at the origin.
    Geographic {
        /// Degrees east.
        longitude: Pick,
        /// Degrees north.
        latitude: Pick,
        /// The origin's longitude and latitude in degrees.
        origin: (f64, f64),
    },
}

/// How video messages are read.
#[derive(Clone, Debug)]
pub struct VideoMapping {
    /// Topic filter, `+` and `#` allowed.
    pub topic: String,
    /// The camera's id.
    pub camera: Pick,
    /// The vendor's name of the algorithm.
    pub algorithm: Pick,
    /// The vendor's name → our code; a name that is not listed is taken as it is.
    pub algorithms: Vec<(String, String)>,
    /// 0 to 1, or 0 to 100 when it is above 1.
    pub confidence: Pick,
    /// A reference to the snapshot.
    pub picture: Option<Pick>,
    /// When.
    pub time: Option<Pick>,
}

/// How messages of special-work tickets are read; without a word about it, by the names of AQ 3064.2-2025, A.1. Times are
/// `yyyyMMddHHmmss` in the time of China, RFC 3339, or seconds or milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct TicketMapping {
    /// Topic filter, `+` and `#` allowed.
    pub topic: String,
    /// The ticket's id.
    pub id: Pick,
    /// The code of the kind of work.
    pub work: Pick,
    /// 0 to 6.
    pub status: Pick,
    /// The zone's id or name.
    pub zone: Pick,
    /// The unit's id.
    pub unit: Option<Pick>,
    /// What is done.
    pub content: Pick,
    /// When work may begin.
    pub start: Pick,
    /// Until when it may go on.
    pub end: Pick,
    /// The gas of an analysis, or a list.
    pub gas_name: Pick,
    /// When its sample was taken, or a list.
    pub gas_time: Pick,
    /// Its value in % vol, or a list.
    pub gas_value: Pick,
    /// When readings in a confined space were written down: a time or a list.
    pub space_records: Option<Pick>,
    /// The supervisor's number or card.
    pub supervisor: Option<Pick>,
    /// The supervisor's name; one that only one person has is enough.
    pub supervisor_name: Pick,
    /// Workers' names: a list, or a text.
    pub worker_names: Pick,
    /// What is done to a blind plate: insert, remove, both, or a text with 堵 or 抽.
    pub blind_plate: Option<Pick>,
    /// Whether it was changed.
    pub changed: Pick,
    /// Whether it is cancelled.
    pub cancelled: Pick,
    /// Whether it is deleted: then it is revoked.
    pub deleted: Pick,
    /// When the ticket system sent it.
    pub time: Pick,
}

/// How an uplink is reached.
#[derive(Clone, Debug)]
pub enum UplinkConfig {
    /// MQTT 3.1.1.
    Mqtt(MqttUplink),
}

/// An MQTT uplink.
#[derive(Clone, Debug)]
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

/// The web page and API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebConfig {
    /// Where to listen. Until there are users, only loopback is allowed.
    pub listen: SocketAddr,
}

/// How much is kept of what the engine was told, for `davy replay` and evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordingConfig {
    /// Megabytes of 1 000 000 bytes; beyond them the oldest make room.
    pub megabytes_max: u32,
    /// Days; what is older makes room.
    pub days_max: u32,
}

/// The box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardConfig {
    /// Lamp, horn and relays on the page and in the log.
    Simulated,
}
