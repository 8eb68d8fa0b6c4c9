//! What an MQTT source is, and how its messages are read.

use super::Broker;
use davy_core::id::{SourceIx, ZoneIx};
use geo::MultiPolygon;

/// An MQTT broker of the field side.
#[derive(Clone, Debug, PartialEq)]
pub struct MqttSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// The broker.
    pub broker: Broker,
    /// The version of the protocol.
    pub version: MqttVersion,
    /// Whether the broker keeps for this client what is sent while the connection is away. Somebody who only looks leaves
    /// nothing behind.
    pub keeps_session: bool,
    /// Beacon messages.
    pub location: Option<LocationMapping>,
    /// Video messages.
    pub video: Option<VideoMapping>,
    /// Special-work tickets.
    pub ticket: Option<TicketMapping>,
}

/// A version of the MQTT protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MqttVersion {
    /// MQTT 3.1.1 (ISO/IEC 20922).
    #[default]
    V3,
    /// MQTT 5.0.
    V5,
}

/// Where something stands in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// A JSON pointer (RFC 6901) into the record; where a message is no list of records, the whole payload is the record.
    Pointer(String),
    /// A JSON pointer into the whole payload.
    MessagePointer(String),
    /// A level of the topic, 0 being the first.
    TopicLevel(usize),
}

/// How beacon messages are read. The card finds the person, the zone's id or name finds the zone.
#[derive(Clone, Debug, PartialEq)]
pub struct LocationMapping {
    /// Topic filter, `+` and `#` allowed.
    pub topic: String,
    /// A JSON pointer to the list of records.
    pub records: Option<String>,
    /// The card.
    pub card: Pick,
    /// The number of the person who carries it.
    pub person: Option<Pick>,
    /// The zone. Where it is not named, an empty text or null, it is found from the position; without areas that is outside
    /// all zones.
    pub zone: Option<Pick>,
    /// Zones with an outline, the smallest first; none where the source says no positions.
    pub areas: Vec<ZoneArea>,
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

/// Where a zone lies.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneArea {
    /// The zone.
    pub zone: ZoneIx,
    /// Its floor; `None` for all floors.
    pub floor: Option<i32>,
    /// Its outline in the coordinates of position messages: x and y in metres, or longitude and latitude in degrees.
    pub outline: MultiPolygon,
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
#[derive(Clone, Debug, PartialEq)]
pub struct VideoMapping {
    /// Topic filter, `+` and `#` allowed.
    pub topic: String,
    /// A JSON pointer to the list of records.
    pub records: Option<String>,
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
#[derive(Clone, Debug, PartialEq)]
pub struct TicketMapping {
    /// Topic filter, `+` and `#` allowed.
    pub topic: String,
    /// A JSON pointer to the list of records.
    pub records: Option<String>,
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
