use super::*;
use crate::limits::mqtt::PAYLOAD_BYTES_MAX;
use davy_config::{Broker, MqttVersion, Pick, PositionMapping, ZoneArea};
use davy_core::{
    id::{PersonIx, SourceIx},
    model::{BlindPlate, Camera, GasAnalysis, Person, Position, TicketStatus, WorkType, Zone},
};
use proptest::prelude::*;
use serde_json::json;

const RECEIVED: UtcTime = UtcTime(1_795_392_000_000);

fn pointer(text: &str) -> Pick {
    Pick::Pointer(text.to_owned())
}

fn mapping() -> Mapping {
    mapping_with(|_| ())
}

fn mapping_with(change: impl FnOnce(&mut LocationMapping)) -> Mapping {
    let zone = |id: &str, name: &str| Zone::new(id, name);
    let person = |id: &str, card: &str| Person::new(id, id, card);
    let site = Site {
        zones: vec![zone("Z-1", "罐区"), zone("Z-2", "Z-3"), zone("Z-3", "泵房"), zone("7", "装卸站")],
        people: vec![person("P-1", "C-1"), person("P-2", "2002")],
        cameras: vec![Camera { id: "CAM-1".into(), name: "一号".to_owned(), zone: None }],
        ..Site::default()
    };
    let broker = Broker {
        host: "localhost".to_owned(),
        port: 1883,
        ca_pem: None,
        client_certificate: None,
        client_id: "t".to_owned(),
        credentials: None,
    };
    let mut location = LocationMapping {
        topic: "site/location/+".to_owned(),
        records: None,
        card: Pick::TopicLevel(2),
        person: None,
        zone: Some(pointer("/zone")),
        areas: Vec::new(),
        sos: Some(pointer("/sos")),
        battery: Some(pointer("/battery")),
        position: Some(PositionMapping::Plane { x: pointer("/x"), y: pointer("/y") }),
        floor: Some(pointer("/floor")),
        time: Some(pointer("/time")),
    };
    change(&mut location);
    let video = VideoMapping {
        topic: "site/video/#".to_owned(),
        records: Some("/targets".to_owned()),
        camera: pointer("/camera"),
        algorithm: pointer("/result/type"),
        algorithms: vec![("yanwu".to_owned(), "smoke".to_owned())],
        confidence: pointer("/result/score"),
        picture: Some(pointer("/picture")),
        time: Some(pointer("/time")),
    };
    let config = MqttSource {
        source: SourceIx(0),
        broker,
        version: MqttVersion::V3,
        keeps_session: true,
        location: Some(location),
        video: Some(video),
        ticket: Some(tickets()),
    };
    Mapping::new(&config, &site)
}

/// By the national names, with the fields that those do not have.
fn tickets() -> TicketMapping {
    TicketMapping {
        topic: "site/ticket/+".to_owned(),
        records: None,
        id: pointer("/ID"),
        work: pointer("/TICKETTYPE"),
        status: pointer("/TICKETSTATUS"),
        zone: pointer("/TICKETPOSITION"),
        unit: Some(pointer("/UNIT")),
        content: pointer("/TICKETCONTENT"),
        start: pointer("/STARTTIME"),
        end: pointer("/ENDTIME"),
        gas_name: pointer("/GASNAME"),
        gas_time: pointer("/GASTIME"),
        gas_value: pointer("/GASVALUE"),
        space_records: Some(pointer("/RECORDS")),
        supervisor: Some(pointer("/SUPERVISOR")),
        supervisor_name: pointer("/SUPERVISORNAME"),
        worker_names: pointer("/WORKERNAME"),
        blind_plate: Some(pointer("/PLATE")),
        changed: pointer("/ISCHANGED"),
        cancelled: pointer("/ISCANCELLED"),
        deleted: pointer("/DELETED"),
        time: pointer("/UPDATEDATE"),
    }
}

#[test]
fn a_ticket_is_read_by_the_national_names() {
    let payload = json!({
        "ID": "DH-1", "TICKETTYPE": "01", "TICKETSTATUS": "2", "TICKETPOSITION": "罐区", "TICKETCONTENT": "焊接",
        "STARTTIME": "20261123080000", "ENDTIME": "20261123160000", "GASNAME": ["甲烷", "O2"],
        "GASTIME": ["20261123075000", "20261123075500"], "GASVALUE": [0.1, "20.8"], "RECORDS": "20261123100000",
        "SUPERVISORNAME": "P-1", "WORKERNAME": "P-2、某人", "PLATE": "抽堵", "ISCHANGED": 1, "UPDATEDATE": "20261123080001",
    });
    let Ok(Reading::Ticket { update, oddity }) = read("site/ticket/T-1", payload) else { panic!("no ticket") };
    let analysis =
        |ms, gas: &str, value| GasAnalysis { time: Some(UtcTime(ms)), gas: gas.to_owned(), value: Some(value) };
    let expected = TicketUpdate {
        id: "DH-1".into(),
        work: WorkType("01".to_owned()),
        status: TicketStatus::InWork,
        zone: Some(ZoneIx(0)),
        unit: None,
        content: "焊接".to_owned(),
        start: Some(RECEIVED),
        end: Some(RECEIVED.after(8 * 3_600_000)),
        analyses: vec![analysis(RECEIVED.0 - 600_000, "甲烷", 0.1), analysis(RECEIVED.0 - 300_000, "O2", 20.8)],
        space_records: vec![RECEIVED.after(2 * 3_600_000)],
        supervisor: Some(PersonIx(0)),
        supervisor_name: "P-1".to_owned(),
        workers: vec![PersonIx(1)],
        worker_names: vec!["P-2".to_owned(), "某人".to_owned()],
        blind_plate: Some(BlindPlate::Both),
        changed: true,
        cancelled: false,
        source_time: Some(RECEIVED.after(1_000)),
        received_time: RECEIVED,
    };
    assert_eq!((*update, oddity), (expected, None));
}

#[test]
fn a_ticket_is_not_lost_for_a_word() {
    let with = |key: &str, value: Value| {
        let mut payload = json!({"ID": 7, "TICKETTYPE": 99, "TICKETSTATUS": 1});
        payload[key] = value;
        read("site/ticket/T-1", payload)
    };
    let malformed = |text: &str| Oddity::Malformed(text.to_owned());
    for (key, value, why) in [
        ("TICKETPOSITION", json!("月球"), Oddity::Unknown("zone 月球".to_owned())),
        ("UNIT", json!("U-9"), Oddity::Unknown("unit U-9".to_owned())),
        ("SUPERVISOR", json!("P-9"), Oddity::Unknown("person P-9".to_owned())),
        ("ENDTIME", json!("明天"), malformed("the end is \"明天\"")),
        ("GASTIME", json!(["?"]), malformed("the gas_time is \"?\"")),
        ("RECORDS", json!({}), malformed("the space_records is {}")),
        ("PLATE", json!("无"), malformed("the blind_plate is 无")),
        ("ISCANCELLED", json!("maybe"), malformed("the flag is \"maybe\"")),
    ] {
        let Ok(Reading::Ticket { update, oddity }) = with(key, value.clone()) else { panic!("{key} {value}") };
        assert_eq!((update.id.as_str(), update.work.0.as_str(), oddity), ("7", "99", Some(why)), "{key} {value}");
        assert_eq!((update.zone, update.end, update.supervisor, update.cancelled), (None, None, None, false));
    }
    for (key, value, why) in [
        ("TICKETSTATUS", json!(7), "the status is 7"),
        ("TICKETSTATUS", json!("作业中"), "the status is \"作业中\""),
        ("ID", json!(""), "the id is empty"),
        ("TICKETTYPE", json!(null), "the work is null"),
    ] {
        assert_eq!(with(key, value.clone()), Err(malformed(why)), "{key} {value}");
    }
    let Ok(Reading::Ticket { update, .. }) = with("DELETED", json!(1)) else { panic!("no ticket") };
    assert_eq!(update.status, TicketStatus::Revoked);
}

fn read(topic: &str, payload: Value) -> Result<Reading, Oddity> {
    one(mapping().read(topic, payload.to_string().as_bytes(), RECEIVED))
}

/// What a message with one record says.
fn one(mut records: Vec<Record>) -> Result<Reading, Oddity> {
    assert_eq!(records.len(), 1, "{records:?}");
    records.remove(0).reading
}

fn location(payload: Value) -> Location {
    match read("site/location/C-1", payload) {
        Ok(Reading::Location(location)) => location,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_beacon_says_where_its_person_is() {
    let payload = json!({"zone": "Z-1", "sos": true, "battery": 79.6, "x": "12.5", "y": -3, "floor": "2F", "time": "2026-11-22T23:59:59Z"});
    assert_eq!(
        location(payload),
        Location {
            person: PersonIx(0),
            zone: Some(ZoneIx(0)),
            position: Some(Position { x: 12.5, y: -3.0, floor: 2 }),
            sos: true,
            battery_percent: Some(80),
            source_time: Some(UtcTime(1_795_391_999_000)),
            received_time: RECEIVED,
        }
    );
    for half in [json!({"zone": "Z-1", "x": 1}), json!({"zone": "Z-1", "x": 1, "y": "?"}), json!({"zone": "Z-1"})] {
        assert_eq!(location(half).position, None);
    }
    let bare = location(json!({"zone": null}));
    assert_eq!((bare.zone, bare.sos, bare.battery_percent, bare.source_time), (None, false, None, None));
}

#[test]
fn zones_go_by_id_before_name_and_empty_is_outside() {
    for (zone, expected) in [
        (json!("Z-1"), Some(ZoneIx(0))),
        (json!("罐区"), Some(ZoneIx(0))),
        (json!("Z-3"), Some(ZoneIx(2))),
        (json!(7), Some(ZoneIx(3))),
        (json!(" "), None),
        (json!(""), None),
        (json!(null), None),
    ] {
        assert_eq!(location(json!({"zone": zone})).zone, expected, "{zone}");
    }
}

#[test]
fn a_call_for_help_depends_on_no_other_field() {
    let malformed = |text: &str| Oddity::Malformed(text.to_owned());
    for (payload, sos, oddity) in [
        (json!({"zone": "Z-99", "sos": 1}), true, Oddity::Unknown("zone Z-99".to_owned())),
        (json!({"sos": true}), true, malformed("no zone at /zone")),
        (json!({"zone": ["Z-1"], "sos": "true"}), true, malformed("the zone is [\"Z-1\"]")),
        (json!({"zone": {"id": "Z-1"}, "sos": true}), true, malformed("the zone is {\"id\":\"Z-1\"}")),
        (json!({"zone": true, "sos": true}), true, malformed("the zone is true")),
        (json!({"zone": "Z-99", "sos": "help"}), true, malformed("the sos is \"help\"")),
        (json!({"sos": []}), true, malformed("the sos is []")),
        (json!({"sos": false}), false, malformed("no zone at /zone")),
        (json!([]), false, malformed("no zone at /zone")),
    ] {
        let read = read("site/location/2002", payload.clone());
        let Ok(Reading::OddLocation { location, oddity: why, says_where }) = read else {
            panic!("{payload}: {read:?}")
        };
        assert_eq!((location.person, location.zone, location.sos, why), (PersonIx(1), None, sos, oddity), "{payload}");
        let named = payload["zone"] == "Z-99";
        assert_eq!(says_where, named, "a message without a zone moves nobody: {payload}");
    }
}

#[test]
fn an_sos_that_is_neither_yes_nor_no_is_pressed() {
    for written in [json!("help"), json!("on"), json!(2), json!(-1), json!([]), json!({"pressed": false})] {
        let read = read("site/location/C-1", json!({"zone": "Z-1", "sos": written}));
        let Ok(Reading::OddLocation { location, oddity: why, .. }) = read else { panic!("{written}: {read:?}") };
        assert_eq!((location.zone, location.sos), (Some(ZoneIx(0)), true), "{written}");
        assert_eq!(why, Oddity::Malformed(format!("the sos is {written}")));
    }
    for (written, pressed) in [(json!(null), false), (json!(""), false), (json!("0"), false), (json!("1"), true)] {
        assert_eq!(location(json!({"zone": "Z-1", "sos": written})).sos, pressed, "{written}");
    }
    assert!(!location(json!({"zone": "Z-1"})).sos);
}

#[test]
fn a_camera_says_what_it_saw() {
    let payload = json!({"camera": "CAM-1", "result": {"type": "yanwu", "score": 87}, "picture": "p/1.jpg", "time": 1_795_391_999});
    let read = read("site/video/a/b", payload);
    assert_eq!(
        read,
        Ok(Reading::Sight(VideoSight {
            camera: CameraIx(0),
            algorithm: "smoke".to_owned(),
            confidence: 0.87,
            picture: Some("p/1.jpg".to_owned()),
            source_time: Some(UtcTime(1_795_391_999_000)),
            received_time: RECEIVED,
        }))
    );
}

#[test]
fn a_name_that_is_not_listed_is_taken_as_it_is_and_no_picture_is_too_long() {
    let long = "x".repeat(PICTURE_CHARS_MAX + 1);
    let payload = json!({"camera": "CAM-1", "result": {"type": "fire", "score": 0.5}, "picture": long});
    let Ok(Reading::Sight(sight)) = read("site/video/1", payload) else { panic!("no sight") };
    assert_eq!((sight.algorithm.as_str(), sight.picture), ("fire", None));
}

#[test]
fn what_is_wrong_is_said() {
    let malformed = |text: &str| Err(Oddity::Malformed(text.to_owned()));
    let unknown = |text: &str| Err(Oddity::Unknown(text.to_owned()));
    for (topic, payload, expected) in [
        ("site/location/C-9", json!({"zone": "Z-1"}), unknown("card C-9")),
        ("site/location/", json!({"zone": "Z-1"}), malformed("the card is empty")),
        ("site/video/1", json!({"camera": "CAM-9"}), unknown("camera CAM-9")),
        ("site/video/1", json!({"camera": "CAM-1"}), malformed("no algorithm at /result/type")),
        (
            "site/video/1",
            json!({"camera": "CAM-1", "result": {"type": "fire", "score": "很高"}}),
            malformed("the confidence is \"很高\""),
        ),
        ("elsewhere", json!({}), unknown("no mapping reads this topic")),
    ] {
        assert_eq!(read(topic, payload.clone()), expected, "{topic} {payload}");
    }
    for payload in [b"{not json".as_slice(), &[0xFF, 0x00, 0xC3], b"", "[".repeat(100_000).as_bytes()] {
        let read = one(mapping().read("site/location/C-1", payload, RECEIVED));
        assert!(matches!(read, Err(Oddity::Malformed(_))), "{read:?}");
    }
    let large = vec![b' '; PAYLOAD_BYTES_MAX + 1];
    assert!(matches!(one(mapping().read("site/video/1", &large, RECEIVED)), Err(Oddity::Malformed(_))));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC*".prop_map(Value::from),
        prop::sample::select(vec!["C-1", "Z-1", "CAM-1", "yanwu", "2026-11-23T00:00:00Z", "1e999"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let key = prop::sample::select(vec![
            "zone",
            "sos",
            "battery",
            "time",
            "camera",
            "result",
            "type",
            "score",
            "picture",
            "ID",
            "TICKETTYPE",
            "TICKETSTATUS",
            "TICKETPOSITION",
            "ENDTIME",
            "GASNAME",
            "GASTIME",
            "GASVALUE",
            "WORKERNAME",
            "ISCANCELLED",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())),
        ]
    })
}

/// Where the card and the person of a record are named in it.
fn listed(mapping: &mut LocationMapping) {
    mapping.records = Some("/data".to_owned());
    mapping.card = pointer("/card");
    mapping.person = Some(pointer("/person"));
    mapping.time = Some(Pick::MessagePointer("/time".to_owned()));
}

#[test]
fn a_list_is_read_record_by_record() {
    let payload = json!({"time": "2026-11-23T00:00:00Z", "data": [
        {"card": "C-1", "zone": "Z-1"}, {"card": "C-9"}, 7, {"card": "2002", "zone": "Z-9", "sos": 1},
    ]});
    let read = mapping_with(listed).read("site/location/1", payload.to_string().as_bytes(), RECEIVED);
    let [first, unknown, odd, calling] = read.as_slice() else { panic!("{read:?}") };
    let Ok(Reading::Location(location)) = &first.reading else { panic!("{first:?}") };
    assert_eq!((location.person, location.zone, location.source_time), (PersonIx(0), Some(ZoneIx(0)), Some(RECEIVED)));
    assert_eq!(first.odd, None);
    assert_eq!(unknown.reading, Err(Oddity::Unknown("card C-9".to_owned())));
    assert_eq!(unknown.odd.as_deref(), Some(r#"{"card":"C-9"}"#), "the record and not the whole message");
    assert_eq!(odd.reading, Err(Oddity::Malformed("no card at /card".to_owned())));
    let Ok(Reading::OddLocation { location, .. }) = &calling.reading else { panic!("{calling:?}") };
    assert!(location.sos && location.person == PersonIx(1));
}

#[test]
fn the_payload_may_be_the_list_itself() {
    let payload = json!([{"zone": "Z-1"}, {"zone": null}]).to_string();
    let read = mapping().read("site/location/C-1", payload.as_bytes(), RECEIVED);
    assert_eq!(read.len(), 2);
    let payload = json!({"targets": [{"camera": "CAM-1", "result": {"type": "fire", "score": 1}}, {}]}).to_string();
    let read = mapping().read("site/video/1", payload.as_bytes(), RECEIVED);
    assert!(matches!(read[0].reading, Ok(Reading::Sight(_))) && read[1].reading.is_err(), "{read:?}");
}

#[test]
fn records_beyond_the_limit_are_counted_and_not_read() {
    let payload = Value::from(vec![json!({"zone": "Z-1"}); RECORDS_MAX + 1]).to_string();
    let read = mapping().read("site/location/C-1", payload.as_bytes(), RECEIVED);
    let (last, records) = read.split_last().unwrap();
    assert!(records.len() == RECORDS_MAX && records.iter().all(|record| record.reading.is_ok()));
    assert_eq!(
        last.reading,
        Err(Oddity::Malformed(format!("{} records, and {RECORDS_MAX} are read", RECORDS_MAX + 1)))
    );
}

/// C-1 is the card of P-1, 2002 that of P-2. Each line: card and person of a message, whose it is, what is odd.
#[test]
fn a_card_is_whose_the_messages_say() {
    let mut mapping = mapping_with(listed);
    let swapped = "card C-1 is carried by P-2, people.csv gives it to P-1";
    for (card, person, expected, odd) in [
        ("C-1", json!(null), Some(0), None),
        ("C-1", json!("P-1"), Some(0), None),
        ("C-1", json!("P-2"), Some(1), Some(swapped)),
        ("C-1", json!("P-2"), Some(1), None),
        ("C-1", json!(null), Some(1), None),
        ("C-1", json!(""), Some(1), None),
        ("C-1", json!("P-7"), Some(1), Some("person P-7")),
        ("C-1", json!({}), Some(1), Some("the person is {}")),
        ("2002", json!(null), Some(1), None),
        ("C-1", json!("P-1"), Some(0), None),
        ("C-1", json!(null), Some(0), None),
        ("C-9", json!(null), None, Some("card C-9")),
        ("C-9", json!("P-7"), None, Some("person P-7")),
        ("C-9", json!("P-1"), Some(0), Some("card C-9 is carried by P-1, people.csv gives it to nobody")),
        ("C-9", json!(null), Some(0), None),
    ] {
        let payload = json!({"card": card, "person": person, "zone": "Z-1"}).to_string();
        let (read_person, oddity) = match one(mapping.read("site/location/1", payload.as_bytes(), RECEIVED)) {
            Ok(Reading::Location(location)) => (Some(location.person), None),
            Ok(Reading::OddLocation { location, oddity, says_where: true }) => (Some(location.person), Some(oddity)),
            Err(oddity) => (None, Some(oddity)),
            other => panic!("{other:?}"),
        };
        let reason = oddity.map(|oddity| match oddity {
            Oddity::Malformed(reason) | Oddity::Unknown(reason) => reason,
        });
        assert_eq!((read_person, reason.as_deref()), (expected.map(PersonIx), odd), "{payload}");
    }
}

fn area(zone: u32, floor: Option<i32>, [west, south, east, north]: [f64; 4]) -> ZoneArea {
    let outline = geo::Rect::new((west, south), (east, north)).to_polygon().into();
    ZoneArea { zone: ZoneIx(zone), floor, outline }
}

/// A hall on all floors, with a room on the second.
fn areas(mapping: &mut LocationMapping) {
    mapping.areas = vec![area(2, Some(2), [0.0, 0.0, 10.0, 10.0]), area(0, None, [0.0, 0.0, 100.0, 50.0])];
}

#[test]
fn a_position_without_a_zone_finds_one() {
    for (payload, expected) in [
        (json!({"x": 5, "y": 5}), Some(0)),
        (json!({"x": 5, "y": 5, "floor": "2F"}), Some(2)),
        (json!({"x": 10, "y": 10, "floor": 2}), Some(2)),
        (json!({"x": 5, "y": 5, "floor": "B1"}), Some(0)),
        (json!({"x": 50, "y": 50, "zone": null}), Some(0)),
        (json!({"x": 5, "y": 51, "zone": ""}), None),
        (json!({"x": 5, "y": 5, "floor": 2, "zone": "Z-2"}), Some(1)),
        (json!({"zone": null}), None),
        (json!({"x": "?", "y": 5, "zone": ""}), None),
    ] {
        let read = one(mapping_with(areas).read("site/location/C-1", payload.to_string().as_bytes(), RECEIVED));
        let Ok(Reading::Location(location)) = read else { panic!("{payload}: {read:?}") };
        assert_eq!(location.zone, expected.map(ZoneIx), "{payload}");
    }
}

#[test]
fn where_no_zone_is_named_a_position_is_needed() {
    let by_position = |mapping: &mut LocationMapping| {
        areas(mapping);
        mapping.zone = None;
    };
    let read = |payload: Value| {
        one(mapping_with(by_position).read("site/location/C-1", payload.to_string().as_bytes(), RECEIVED))
    };
    let Ok(Reading::Location(location)) = read(json!({"x": 5, "y": 5})) else { panic!("no location") };
    assert_eq!(location.zone, Some(ZoneIx(0)));
    let Ok(Reading::OddLocation { location, says_where, .. }) = read(json!({"x": 5, "sos": true})) else {
        panic!("no location")
    };
    assert_eq!((location.zone, location.sos, says_where), (None, true, false));
}

#[test]
fn degrees_find_a_zone_as_they_are() {
    let in_degrees = |mapping: &mut LocationMapping| {
        let origin = (121.5, 29.9);
        mapping.position =
            Some(PositionMapping::Geographic { longitude: pointer("/x"), latitude: pointer("/y"), origin });
        mapping.areas = vec![area(2, None, [121.500, 29.900, 121.501, 29.901])];
    };
    for (x, y, expected) in [(121.5005, 29.9005, Some(2)), (121.5011, 29.9005, None), (29.9005, 121.5005, None)] {
        let payload = json!({"x": x, "y": y, "zone": null}).to_string();
        let Ok(Reading::Location(location)) =
            one(mapping_with(in_degrees).read("site/location/C-1", payload.as_bytes(), RECEIVED))
        else {
            panic!("{payload}")
        };
        assert_eq!(location.zone, expected.map(ZoneIx), "{payload}");
    }
}

proptest! {
    #[test]
    fn no_message_panics(payload in any_json(), topic in prop::sample::select(vec!["site/location/C-1", "site/video/1", "site/ticket/T-1", ""])) {
        for record in mapping().read(topic, payload.to_string().as_bytes(), RECEIVED) {
            match record.reading {
                Ok(Reading::Sight(sight)) => prop_assert!((0.0..=1.0).contains(&sight.confidence)),
                Ok(Reading::Location(location) | Reading::OddLocation { location, .. }) => {
                    prop_assert!(location.battery_percent.is_none_or(|battery| battery <= 100));
                }
                Ok(Reading::Ticket { .. }) | Err(_) => {}
            }
        }
    }

    #[test]
    fn no_bytes_panic(payload in prop::collection::vec(any::<u8>(), 0..200), topic in "\\PC*") {
        let _ = mapping().read(&topic, &payload, RECEIVED);
        let _ = mapping().read("site/location/C-1", &payload, RECEIVED);
        let _ = mapping().read("site/ticket/T-1", &payload, RECEIVED);
    }

    #[test]
    fn no_bytes_fail_in_any_mapping(payload in prop::collection::vec(any::<u8>(), 0..400)) {
        crate::fuzz::mqtt_message(&payload);
    }

    #[test]
    fn no_json_fails_in_any_mapping(payload in any_json(), way in any::<u8>()) {
        let bytes: Vec<u8> = [way].into_iter().chain(payload.to_string().into_bytes()).collect();
        crate::fuzz::mqtt_message(&bytes);
    }
}
