use super::*;
use crate::{
    mqtt::Deaf,
    samples::SampleValue,
    sparkplug::{
        ears::filters,
        payload::{MetricValue, PropertyValue},
    },
};
use davy_config::{Broker, MqttVersion};
use davy_core::{id::UplinkIx, quality::Quality};

const NOW: UtcTime = UtcTime(9_000);

fn config() -> SparkplugUplink {
    let metric = |tag: &str| SparkplugMetric {
        tag: tag.to_owned(),
        engineering_unit: "%".to_owned(),
        range: Some((0.0, 100.0)),
    };
    let device = |id: &str, tags: &[&str]| SparkplugDevice {
        id: id.to_owned(),
        metrics: tags.iter().copied().map(metric).collect(),
    };
    SparkplugUplink {
        uplink: UplinkIx(0),
        broker: Broker {
            host: "127.0.0.1".to_owned(),
            port: 1883,
            ca_pem: None,
            client_certificate: None,
            client_id: "davy".to_owned(),
            credentials: None,
        },
        version: MqttVersion::V3,
        group: "330100123".to_owned(),
        node: "gw-1".to_owned(),
        primary_host: None,
        backfill_per_s: 20,
        samples: None,
        devices: vec![device("dcs", &["LI-1", "TI-1"]), device("gds", &["GT-1"])],
    }
}

fn value(number: f64, ms: i64) -> Value {
    Value { number: Some(number), quality: Quality::GOOD, time: UtcTime(ms) }
}

fn sample(tag: &str, number: f64, source: Option<i64>, received: i64) -> SampleValue {
    SampleValue {
        tag: tag.to_owned(),
        value: Some(number),
        quality: Quality::GOOD,
        source_time: source.map(UtcTime),
        received_time: UtcTime(received),
    }
}

fn batch(samples: Vec<SampleValue>) -> SampleBatch {
    SampleBatch { from: UtcTime(0), until: NOW, lost: 0, missing: 0, samples }
}

fn read(message: &Message) -> Payload {
    Payload::decode(message.payload.as_slice()).unwrap()
}

/// A node that is born, with every device.
fn born(values: &[Value; 3]) -> (Node, Vec<Message>) {
    let mut node = Node::new(&config(), 7);
    let mut births = vec![node.birth(NOW)];
    births.extend(node.devices().filter_map(|device| node.device_birth(device, values, NOW)));
    (node, births)
}

#[test]
fn births_say_everything_and_death_says_which_connection() {
    let lost = Value { number: None, quality: Quality::BAD_WAITING, time: NOW };
    let (node, births) = born(&[value(50.0, 1_000), lost, value(3.0, 2_000)]);
    let topics: Vec<&str> = births.iter().map(|message| message.topic.as_str()).collect();
    assert_eq!(
        topics,
        ["spBv1.0/330100123/NBIRTH/gw-1", "spBv1.0/330100123/DBIRTH/gw-1/dcs", "spBv1.0/330100123/DBIRTH/gw-1/gds"]
    );
    let payloads: Vec<Payload> = births.iter().map(read).collect();
    assert_eq!(payloads.iter().map(|payload| payload.seq).collect::<Vec<_>>(), [Some(0), Some(1), Some(2)]);
    let of_node: Vec<_> = payloads[0].metrics.iter().map(|metric| (metric.name.as_deref(), &metric.value)).collect();
    assert_eq!(
        of_node,
        [
            (Some("bdSeq"), &Some(MetricValue::Long(7))),
            (Some("Node Control/Rebirth"), &Some(MetricValue::Boolean(false)))
        ]
    );
    let of_dcs: Vec<_> =
        payloads[1].metrics.iter().map(|m| (m.name.as_deref(), m.alias, m.value.clone(), m.timestamp)).collect();
    assert_eq!(
        of_dcs,
        [
            (Some("LI-1"), Some(1), Some(MetricValue::Double(50.0)), Some(1_000)),
            (Some("TI-1"), Some(2), None, Some(9_000))
        ]
    );
    assert_eq!(payloads[1].metrics[1].is_null, Some(true));
    let quality = &payloads[1].metrics[1].properties.as_ref().unwrap().values[0];
    assert_eq!(quality.value, Some(PropertyValue::Int(500)));
    assert_eq!(payloads[2].metrics[0].alias, Some(3), "aliases are of the whole node");

    let death = node.death(NOW);
    assert_eq!((death.topic.as_str(), death.retain), ("spBv1.0/330100123/NDEATH/gw-1", false));
    let death = read(&death);
    assert_eq!((death.seq, &death.metrics[0].value), (None, &Some(MetricValue::Long(7))));
}

#[test]
fn numbers_go_round_over_all_messages_and_begin_anew_with_a_birth() {
    let (mut node, _) = born(&[value(1.0, 0); 3]);
    let both = batch(vec![sample("LI-1", 1.0, None, 10), sample("GT-1", 2.0, None, 10)]);
    let mut expected = 3_u64;
    for round in 0..300 {
        let messages = if round % 10 == 9 {
            let death = node.device_death(1, NOW);
            death.into_iter().chain(node.device_birth(1, &[value(1.0, 0); 3], NOW)).collect()
        } else {
            node.data(Lane::Live, &both, NOW)
        };
        for message in &messages {
            assert_eq!(read(message).seq, Some(expected), "round {round}");
            expected = (expected + 1) % 256;
        }
    }
    assert_eq!(read(&node.birth(NOW)).seq, Some(0));
    assert!(node.devices().all(|device| !node.is_born(device)), "all are to be born again");
}

#[test]
fn data_go_by_alias_to_their_devices_and_the_past_is_marked() {
    for (lane, source, received, is_past) in [
        (Lane::Live, None, 1_001, None),
        (Lane::Live, None, 1_000, None),
        (Lane::Live, None, 999, Some(true)),
        (Lane::Live, Some(1_500), 2_000, None),
        // A source that fills a gap from its own history.
        (Lane::Live, Some(500), 2_000, Some(true)),
        (Lane::Backfill, None, 2_000, Some(true)),
    ] {
        let (mut node, _) = born(&[value(50.0, 1_000); 3]);
        let told = batch(vec![sample("GT-1", 2.5, source, received), sample("ZZ-9", 1.0, None, 2_000)]);
        assert_eq!(node.speaking(&told), BTreeSet::from([1]));
        let messages = node.data(lane, &told, NOW);
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].topic, "spBv1.0/330100123/DDATA/gw-1/gds");
        let payload = read(&messages[0]);
        let metric = &payload.metrics[0];
        assert_eq!((metric.alias, &metric.value, &metric.name), (Some(3), &Some(MetricValue::Double(2.5)), &None));
        assert_eq!(metric.timestamp, Some(source.unwrap_or(received).unsigned_abs()));
        assert_eq!(metric.is_historical, is_past, "{lane:?} {source:?} {received}");
    }
}

#[test]
fn many_devices_find_room() {
    let mut many = config();
    assert_eq!(Node::new(&many, 0).in_flight_max(), 2 * 44 + 8);
    many.devices = vec![many.devices[0].clone(); 3_000];
    assert_eq!(Node::new(&many, 0).in_flight_max(), u16::MAX);
}

#[test]
fn a_clock_that_was_set_back_is_told_by_another_birth_and_a_filled_gap_is_not() {
    for (source, present, expected) in [(400, value(9.0, 400), vec![1]), (500, value(9.0, 2_000), vec![])] {
        let (mut node, _) = born(&[value(50.0, 1_000); 3]);
        node.data(Lane::Live, &batch(vec![sample("GT-1", 9.0, Some(source), 2_000)]), NOW);
        assert!(node.has_doubts());
        let now = [value(50.0, 1_000), value(50.0, 1_000), present];
        assert_eq!(node.set_back(&now), expected);
        assert!(!node.has_doubts(), "it is looked once");
        node.device_birth(1, &now, NOW);
        let told = node.data(Lane::Live, &batch(vec![sample("GT-1", 9.5, Some(present.time.0 + 1), 2_001)]), NOW);
        assert_eq!(read(&told[0]).metrics[0].is_historical, None);
    }
    let (mut node, _) = born(&[value(50.0, 1_000); 3]);
    node.data(Lane::Backfill, &batch(vec![sample("GT-1", 9.0, Some(400), 400)]), NOW);
    assert!(!node.has_doubts(), "the backlog is of the past");
}

#[test]
fn after_a_message_that_was_too_large_the_primary_host_alone_is_listened_to() {
    let mut with_host = config();
    with_host.primary_host = Some("scada".to_owned());
    let state = "spBv1.0/STATE/scada";
    let commands = ["spBv1.0/330100123/NCMD/gw-1", "spBv1.0/330100123/DCMD/gw-1/+"];
    let deaf = Deaf::default();
    assert_eq!(filters(&config(), &deaf), commands);
    assert_eq!(filters(&with_host, &deaf), [commands[0], commands[1], state]);
    deaf.turn();
    assert_eq!(filters(&with_host, &deaf), [state]);
}
