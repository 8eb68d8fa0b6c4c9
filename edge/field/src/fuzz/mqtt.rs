//! Messages of beacons, cameras and ticket systems.

use crate::mqtt::mapping::{Mapping, Reading};
use davy_config::{
    Broker, LocationMapping, MqttSource, MqttVersion, Pick, PositionMapping, TicketMapping, VideoMapping, ZoneArea,
};
use davy_core::{
    id::{SourceIx, ZoneIx},
    model::{Camera, Person, Site, Zone},
    time::UtcTime,
};

const TOPICS: [&str; 4] = ["site/location/C-1", "site/video/CAM-1", "site/ticket/T-1", "site/both/1"];

/// Reads a message: the first byte chooses topic and mapping, the rest is the payload.
///
/// # Panics
/// When a confidence or a battery comes out of its range, or a zone or person that is none.
pub fn mqtt_message(bytes: &[u8]) {
    let [way, payload @ ..] = bytes else { return };
    let site = site();
    let mut mapping = Mapping::new(&source(*way), &site);
    for record in mapping.read(TOPICS[usize::from(*way) % TOPICS.len()], payload, UtcTime(1_795_392_000_000)) {
        match record.reading {
            Ok(Reading::Location(location) | Reading::OddLocation { location, .. }) => {
                assert!(location.person.at() < site.people.len(), "{location:?}");
                assert!(location.zone.is_none_or(|zone| zone.at() < site.zones.len()), "{location:?}");
                assert!(location.battery_percent.is_none_or(|battery| battery <= 100), "{location:?}");
            }
            Ok(Reading::Sight(sight)) => assert!((0.0..=1.0).contains(&sight.confidence), "{sight:?}"),
            Ok(Reading::Ticket { .. }) | Err(_) => {}
        }
    }
}

fn site() -> Site {
    Site {
        zones: vec![Zone::new("Z-1", "罐区"), Zone::new("Z-2", "泵房")],
        people: vec![Person::new("P-1", "甲", "C-1"), Person::new("P-2", "乙", "C-2")],
        cameras: vec![Camera { id: "CAM-1".into(), name: "一号".to_owned(), zone: None }],
        ..Site::default()
    }
}

/// A source whose mappings differ by the bits of a byte.
fn source(way: u8) -> MqttSource {
    let bit = |at: u8| way >> at & 1 == 1;
    let both = way % 4 == 3;
    let pointer = |name: &str| Pick::Pointer(format!("/{name}"));
    let place = |name: &str| if bit(2) { pointer(name) } else { Pick::MessagePointer(format!("/{name}")) };
    let position = if bit(3) {
        PositionMapping::Plane { x: pointer("x"), y: pointer("y") }
    } else {
        PositionMapping::Geographic { longitude: pointer("x"), latitude: pointer("y"), origin: (121.5, 29.9) }
    };
    let outline = geo::Rect::new((0.0, 0.0), (150.0, 50.0)).to_polygon().into();
    let records = bit(4).then(|| "/result".to_owned());
    let topic = |kind: &str| if both { "site/both/+".to_owned() } else { format!("site/{kind}/+") };
    let location = LocationMapping {
        topic: topic("location"),
        records: records.clone(),
        card: if bit(5) { pointer("camera") } else { Pick::TopicLevel(2) },
        person: bit(6).then(|| pointer("ID")),
        zone: bit(7).then(|| pointer("zone")),
        areas: vec![ZoneArea { zone: ZoneIx(1), floor: bit(5).then_some(2), outline }],
        sos: Some(place("sos")),
        battery: Some(place("battery")),
        position: Some(position),
        floor: Some(place("floor")),
        time: Some(place("time")),
    };
    let video = VideoMapping {
        topic: topic("video"),
        records: records.clone(),
        camera: if bit(5) { pointer("camera") } else { Pick::TopicLevel(2) },
        algorithm: place("type"),
        algorithms: vec![("yanwu".to_owned(), "smoke".to_owned())],
        confidence: place("score"),
        picture: Some(place("picture")),
        time: Some(place("time")),
    };
    MqttSource {
        source: SourceIx(0),
        broker: Broker {
            host: "localhost".to_owned(),
            port: 1883,
            ca_pem: None,
            client_certificate: None,
            client_id: "fuzz".to_owned(),
            credentials: None,
        },
        version: MqttVersion::V3,
        keeps_session: true,
        location: Some(location),
        video: Some(video),
        ticket: Some(tickets(records)),
    }
}

fn tickets(records: Option<String>) -> TicketMapping {
    let national = |name: &str| Pick::Pointer(format!("/{name}"));
    TicketMapping {
        topic: "site/ticket/+".to_owned(),
        records,
        id: national("ID"),
        work: national("TICKETTYPE"),
        status: national("TICKETSTATUS"),
        zone: national("TICKETPOSITION"),
        unit: Some(national("UNIT")),
        content: national("TICKETCONTENT"),
        start: national("STARTTIME"),
        end: national("ENDTIME"),
        gas_name: national("GASNAME"),
        gas_time: national("GASTIME"),
        gas_value: national("GASVALUE"),
        space_records: Some(national("RECORDS")),
        supervisor: Some(national("SUPERVISOR")),
        supervisor_name: national("SUPERVISORNAME"),
        worker_names: national("WORKERNAME"),
        blind_plate: Some(national("PLATE")),
        changed: national("ISCHANGED"),
        cancelled: national("ISCANCELLED"),
        deleted: national("DELETED"),
        time: national("UPDATEDATE"),
    }
}
