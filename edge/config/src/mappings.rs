//! How field messages over MQTT are read: which topics, and where in topic and payload each thing stands.

use crate::{
    addresses,
    documents::Section,
    finding::Spot,
    text::Text,
    types::{LocationMapping, Pick, PositionMapping, TicketMapping, VideoMapping},
};

const LOCATION_KEYS: [&str; 14] = [
    "topic",
    "records",
    "card",
    "person",
    "zone",
    "sos",
    "battery",
    "x",
    "y",
    "longitude",
    "latitude",
    "origin",
    "floor",
    "time",
];
const VIDEO_KEYS: [&str; 8] =
    ["topic", "records", "camera", "algorithm", "confidence", "picture", "time", "algorithms"];
const TICKET_KEYS: [&str; 22] = [
    "topic",
    "records",
    "id",
    "work",
    "status",
    "zone",
    "unit",
    "content",
    "start",
    "end",
    "gas_name",
    "gas_time",
    "gas_value",
    "space_records",
    "supervisor",
    "supervisor_name",
    "worker_names",
    "blind_plate",
    "changed",
    "cancelled",
    "deleted",
    "time",
];
const TOPIC_LEVELS_MAX: u64 = 127;

/// Beacon messages.
pub(crate) fn location(section: &Section<'_>) -> LocationMapping {
    section.knows(&LOCATION_KEYS);
    let topic = topic(section, "site/location/+");
    let position = position(section, &topic);
    LocationMapping {
        records: topic.records(),
        card: topic.needed_pick("card"),
        person: topic.pick("person"),
        zone: zone(section, &topic, position.is_some()),
        areas: Vec::new(),
        sos: topic.pick("sos"),
        battery: topic.pick("battery"),
        position,
        floor: topic.pick("floor"),
        time: topic.pick("time"),
        topic: topic.filter,
    }
}

/// May be left out where positions are said, from which it is found.
fn zone(section: &Section<'_>, topic: &Topic<'_>, has_position: bool) -> Option<Pick> {
    if section.key("zone").is_none() && !has_position {
        section.missing(
            "zone",
            "zone = { pointer = \"/zone\" }, or x and y (or longitude and latitude) with polygons in zones.csv",
        );
    }
    topic.pick("zone")
}

/// Either metres or degrees, both of the pair.
fn position(section: &Section<'_>, topic: &Topic<'_>) -> Option<PositionMapping> {
    let plane = both(section, topic, ["x", "y"]);
    let degrees = both(section, topic, ["longitude", "latitude"]);
    if let (Some(spot), true) = (section.key("longitude"), plane.is_some()) {
        spot.error("longitude: x and y say the position already; remove one of the two pairs");
    }
    if let (Some(spot), None) = (section.key("origin"), &degrees) {
        spot.error("origin: is for longitude and latitude; remove it, or write both of them");
    }
    match (plane, degrees) {
        (Some([x, y]), _) => Some(PositionMapping::Plane { x, y }),
        (None, Some([longitude, latitude])) => {
            Some(PositionMapping::Geographic { longitude, latitude, origin: origin(section) })
        }
        (None, None) => None,
    }
}

fn both(section: &Section<'_>, topic: &Topic<'_>, keys: [&'static str; 2]) -> Option<[Pick; 2]> {
    let [one, other] = keys;
    for (key, pair) in [(one, other), (other, one)] {
        if section.key(key).is_none() && section.key(pair).is_some() {
            section.missing(key, format_args!("{key} = {{ pointer = \"/{key}\" }}, or remove {pair}"));
        }
    }
    Some([topic.pick(one)?, topic.pick(other)?])
}

/// Where the plane begins; near the site, so that metres are true.
fn origin(section: &Section<'_>) -> (f64, f64) {
    let Some(table) = section.section("origin") else {
        section.missing("origin", "origin = { longitude = 121.5, latitude = 29.9 }, a point of the site in degrees");
        return (0.0, 0.0);
    };
    table.knows(&["longitude", "latitude"]);
    (degrees(&table, "longitude", 180.0), degrees(&table, "latitude", 85.0))
}

fn degrees(table: &Section<'_>, key: &'static str, most: f64) -> f64 {
    if table.key(key).is_none() {
        table.missing(key, format_args!("{key} of the origin in degrees"));
    }
    let Some((text, degrees)) = table.number(key) else { return 0.0 };
    if degrees.abs() > most {
        text.wrong(format_args!("{degrees} is out of range; write degrees from -{most} to {most}"));
    }
    degrees
}

/// Video messages.
pub(crate) fn video(section: &Section<'_>) -> VideoMapping {
    section.knows(&VIDEO_KEYS);
    let topic = topic(section, "site/video/+");
    VideoMapping {
        records: topic.records(),
        camera: topic.needed_pick("camera"),
        algorithm: topic.needed_pick("algorithm"),
        algorithms: algorithms(section),
        confidence: topic.needed_pick("confidence"),
        picture: topic.pick("picture"),
        time: topic.pick("time"),
        topic: topic.filter,
    }
}

/// Messages of special-work tickets; the defaults are the names of AQ 3064.2-2025, A.1.
pub(crate) fn ticket(section: &Section<'_>) -> TicketMapping {
    section.knows(&TICKET_KEYS);
    let topic = topic(section, "site/ticket/+");
    let pick = |key, name: &str| topic.pick(key).unwrap_or_else(|| Pick::Pointer(name.to_owned()));
    TicketMapping {
        records: topic.records(),
        id: pick("id", "/ID"),
        work: pick("work", "/TICKETTYPE"),
        status: pick("status", "/TICKETSTATUS"),
        zone: pick("zone", "/TICKETPOSITION"),
        unit: topic.pick("unit"),
        content: pick("content", "/TICKETCONTENT"),
        start: pick("start", "/STARTTIME"),
        end: pick("end", "/ENDTIME"),
        gas_name: pick("gas_name", "/GASNAME"),
        gas_time: pick("gas_time", "/GASTIME"),
        gas_value: pick("gas_value", "/GASVALUE"),
        space_records: topic.pick("space_records"),
        supervisor: topic.pick("supervisor"),
        supervisor_name: pick("supervisor_name", "/SUPERVISORNAME"),
        worker_names: pick("worker_names", "/WORKERNAME"),
        blind_plate: topic.pick("blind_plate"),
        changed: pick("changed", "/ISCHANGED"),
        cancelled: pick("cancelled", "/ISCANCELLED"),
        deleted: pick("deleted", "/DELETED"),
        time: pick("time", "/UPDATEDATE"),
        topic: topic.filter,
    }
}

struct Topic<'a> {
    section: &'a Section<'a>,
    filter: String,
}

fn topic<'a>(section: &'a Section<'a>, example: &str) -> Topic<'a> {
    let filter = section.needed_text("topic", example).and_then(|text| text.parse(addresses::topic_filter));
    Topic { section, filter: filter.unwrap_or_default() }
}

impl Topic<'_> {
    fn needed_pick(&self, key: &'static str) -> Pick {
        if self.section.key(key).is_none() {
            self.section
                .missing(key, format_args!("{key} = {{ pointer = \"/{key}\" }} or {key} = {{ topic_level = 2 }}"));
        }
        self.pick(key).unwrap_or(Pick::TopicLevel(0))
    }

    fn pick(&self, key: &'static str) -> Option<Pick> {
        let place = self.section.section(key)?;
        place.knows(&["pointer", "message_pointer", "topic_level"]);
        let pointer = |key| place.text(key)?.parse(addresses::json_pointer);
        match (place.key("pointer"), place.key("message_pointer"), place.key("topic_level")) {
            (Some(_), None, None) => pointer("pointer").map(Pick::Pointer),
            (None, Some(_), None) => pointer("message_pointer").map(Pick::MessagePointer),
            (None, None, Some(spot)) => {
                let level = usize::try_from(place.whole("topic_level", 0..=TOPIC_LEVELS_MAX, 0)).ok()?;
                self.check_level(spot, level);
                Some(Pick::TopicLevel(level))
            }
            _ => {
                place.spot().error(format_args!("{key}: give exactly one of pointer, message_pointer and topic_level; write {{ pointer = \"/{key}\" }} or {{ topic_level = 2 }}"));
                None
            }
        }
    }

    /// Where the list of records is.
    fn records(&self) -> Option<String> {
        let place = self.section.section("records")?;
        place.knows(&["pointer"]);
        place.needed_text("pointer", "/data")?.parse(addresses::json_pointer)
    }

    fn check_level(&self, spot: Spot<'_>, level: usize) {
        let levels = self.filter.split('/').count();
        if !self.filter.is_empty() && !self.filter.ends_with('#') && level >= levels {
            spot.error(format_args!(
                "topic_level: the topic {} has the levels 0 to {}; correct it",
                self.filter,
                levels - 1
            ));
        }
    }
}

fn algorithms(section: &Section<'_>) -> Vec<(String, String)> {
    let entries = section.section("algorithms").map(|table| table.entries()).unwrap_or_default();
    let pair = |(vendor, code): (&str, Text<'_>)| Some((vendor.to_owned(), code.code()?.to_owned()));
    entries.into_iter().filter_map(pair).collect()
}
