//! MQTT against Mosquitto.

use crate::stand::Stand;
use acceptance::{broker::Broker, places, receiver::Publisher};
use anyhow::{Context, Result};
use davy_config::{LocationMapping, MqttSource, MqttVersion, Pick, SourceConfig, VideoMapping};
use davy_core::{
    event::{Event, Location, VideoSight},
    id::{CameraIx, PersonIx, SourceIx, ZoneIx},
    model::{Camera, Person, Site, Zone},
    time::UtcTime,
};
use davy_field::Pki;
use rumqttc::{AsyncClient, MqttOptions, Packet, PublishOptions, QoS};
use serde_json::json;
use std::sync::Arc;

fn site() -> Site {
    Site {
        people: (1..=3)
            .map(|number| Person::new(&format!("P-{number}"), &format!("人员{number}"), &format!("C-{number}")))
            .collect(),
        zones: vec![Zone::new("Z-1", "罐区")],
        cameras: vec![Camera { id: "CAM-1".into(), name: "一号".to_owned(), zone: None }],
        ..Site::default()
    }
}

pub(crate) const VERSIONS: [MqttVersion; 2] = [MqttVersion::V3, MqttVersion::V5];

pub(crate) fn stand(port: u16) -> Stand {
    stand_with(port, |_| ())
}

pub(crate) fn stand_with(port: u16, change: impl FnOnce(&mut MqttSource)) -> Stand {
    stand_trusting(port, Arc::new(Pki::new("/nonexistent".as_ref())), change)
}

pub(crate) fn stand_trusting(port: u16, pki: Arc<Pki>, change: impl FnOnce(&mut MqttSource)) -> Stand {
    let pointer = |text: &str| Pick::Pointer(text.to_owned());
    let broker = davy_config::Broker {
        host: "127.0.0.1".to_owned(),
        port,
        ca_pem: None,
        client_certificate: None,
        client_id: "davy-field-test".to_owned(),
        credentials: None,
    };
    let location = LocationMapping {
        topic: "site/location/+".to_owned(),
        records: Some("/data".to_owned()),
        card: Pick::TopicLevel(2),
        person: None,
        zone: Some(pointer("/zone")),
        areas: Vec::new(),
        sos: Some(pointer("/sos")),
        battery: None,
        position: None,
        floor: None,
        time: Some(pointer("/time")),
    };
    let video = VideoMapping {
        topic: "site/video/+".to_owned(),
        records: None,
        camera: Pick::TopicLevel(2),
        algorithm: pointer("/algorithm"),
        algorithms: vec![("yanwu".to_owned(), "smoke".to_owned())],
        confidence: pointer("/confidence"),
        picture: None,
        time: None,
    };
    let mut config = MqttSource {
        source: SourceIx(0),
        broker,
        version: MqttVersion::V3,
        keeps_session: true,
        location: Some(location),
        video: Some(video),
        ticket: None,
    };
    change(&mut config);
    Stand::start_with(SourceConfig::Mqtt(config), site(), pki)
}

pub(crate) async fn location(stand: &mut Stand, person: u32) -> Result<Location> {
    let of_person = |event: &Event| {
        let Event::Locations(locations) = event else { return None };
        locations.iter().find(|location| location.person == PersonIx(person)).copied()
    };
    stand.event(&format!("person {person} is located"), of_person).await
}

async fn sight(stand: &mut Stand) -> Result<VideoSight> {
    let seen = |event: &Event| {
        let Event::Video(sight) = event else { return None };
        Some(sight.clone())
    };
    stand.event("a camera sees something", seen).await
}

#[tokio::test(flavor = "multi_thread")]
async fn good_messages_pass_and_the_others_are_counted() -> Result<()> {
    let folder = places::fresh("field_mqtt_messages")?;
    let broker = Broker::start("field", &folder).await?;
    let devices = Publisher::start(broker.port).await?;
    let mut stand = stand(broker.port);
    stand.up().await?;

    devices.send("site/location/C-1", "{not json").await?;
    devices.send("site/location/C-1", vec![0xFF, 0x00, 0xC3]).await?;
    devices.send("site/location/C-1", "[]").await?;
    devices.send_json("site/location/C-777", &json!({"zone": "Z-1", "sos": true})).await?;
    devices.send_json("site/location/C-3", &json!({"zone": "Z-9", "sos": true})).await?;
    devices.send_json("site/video/CAM-777", &json!({"algorithm": "smoke", "confidence": 0.9})).await?;
    devices.send_json("site/video/CAM-1", &json!({"algorithm": "smoke", "confidence": "很高"})).await?;
    devices
        .send_json("site/location/C-1", &json!({"zone": "Z-1", "sos": true, "time": "2026-11-23T00:00:00Z"}))
        .await?;
    devices.send_json("site/location/C-2", &json!({"zone": "", "sos": 0})).await?;
    devices.send_json("site/video/CAM-1", &json!({"algorithm": "yanwu", "confidence": 90})).await?;

    let lost = location(&mut stand, 2).await?;
    assert_eq!((lost.zone, lost.sos), (None, true), "SOS passes even in a zone that nobody knows");
    let first = location(&mut stand, 0).await?;
    assert_eq!((first.zone, first.sos), (Some(ZoneIx(0)), true));
    assert_eq!(first.source_time, Some(UtcTime(1_795_392_000_000)));
    let second = location(&mut stand, 1).await?;
    assert_eq!((second.zone, second.sos, second.source_time), (None, false, None));
    let sight = sight(&mut stand).await?;
    assert_eq!((sight.camera, sight.algorithm.as_str(), sight.confidence), (CameraIx(0), "smoke", 0.9));

    let health = stand.health();
    assert_eq!((health.malformed.count, health.unknown.count), (4, 3), "{health:?}");
    assert!(health.malformed.latest.starts_with("site/video/CAM-1: the confidence is \"很高\""), "{health:?}");
    assert!(health.unknown.latest.starts_with("site/video/CAM-777: camera CAM-777"), "{health:?}");
    assert_eq!((health.taken, health.connects, health.up), (5, 1, true), "{health:?}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_records_of_a_message_come_together_and_a_bad_one_harms_only_itself() -> Result<()> {
    let folder = places::fresh("field_mqtt_records")?;
    let broker = Broker::start("field", &folder).await?;
    let devices = Publisher::start(broker.port).await?;
    let by_record = |config: &mut MqttSource| {
        let location = config.location.as_mut().expect("beacons are read");
        (location.card, location.time) =
            (Pick::Pointer("/card".to_owned()), Some(Pick::MessagePointer("/time".to_owned())));
    };
    let mut stand = stand_with(broker.port, by_record);
    stand.up().await?;
    let records = json!([{"card": "C-1", "zone": "Z-1"}, {"card": 7}, 5, {"card": "C-2", "zone": null, "sos": true}]);
    devices.send_json("site/location/all", &json!({"time": 1_795_392_000, "data": records})).await?;
    let together = |event: &Event| {
        let Event::Locations(locations) = event else { return None };
        Some(locations.clone())
    };
    let locations = stand.event("people are located", together).await?;
    let told: Vec<_> = locations.iter().map(|location| (location.person, location.zone, location.sos)).collect();
    assert_eq!(told, [(PersonIx(0), Some(ZoneIx(0)), false), (PersonIx(1), None, true)]);
    assert_eq!(locations[0].source_time, Some(UtcTime(1_795_392_000_000)));

    let health = stand.health();
    assert_eq!((health.malformed.count, health.unknown.count), (1, 1), "{health:?}");
    let kept: Vec<_> = health.quarantine.latest().map(|kept| (kept.reason.as_str(), kept.payload.as_str())).collect();
    assert_eq!(kept, [("no card at /card", "5"), ("card 7", r#"{"card":7}"#)]);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_is_counted_and_a_call_for_help_is_told() -> Result<()> {
    let folder = places::fresh("field_mqtt_late")?;
    let broker = Broker::start("field", &folder).await?;
    let devices = Publisher::start(broker.port).await?;
    let mut stand = stand(broker.port);
    stand.up().await?;
    for (zone, sos, time) in [("Z-1", false, 20), ("", false, 10), ("", true, 15), ("", false, 30)] {
        let payload = json!({"zone": zone, "sos": sos, "time": 1_795_392_000 + time});
        devices.send_json("site/location/C-1", &payload).await?;
    }
    let mut told = Vec::new();
    for _ in 0..3 {
        let location = location(&mut stand, 0).await?;
        told.push((location.zone, location.sos));
    }
    assert_eq!(told, [(Some(ZoneIx(0)), false), (Some(ZoneIx(0)), true), (None, false)], "the call moves nobody");
    let health = stand.health();
    assert_eq!((health.outdated.count, health.taken), (1, 3), "{health:?}");
    assert_eq!(health.outdated.latest, "site/location/C-1: 10000 ms older than the last one");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_broker_goes_and_comes() -> Result<()> {
    let folder = places::fresh("field_mqtt_restart")?;
    let mut broker = Broker::start("field", &folder).await?;
    for version in VERSIONS {
        let mut stand = stand_with(broker.port, |config| config.version = version);
        stand.up().await?;
        for _ in 0..2 {
            broker.stop().await?;
            let reason = stand.down().await?;
            assert!(reason.contains(&format!("127.0.0.1:{}", broker.port)), "{reason}");
            broker.start_again().await?;
            stand.up().await?;
            let devices = Publisher::start(broker.port).await?;
            devices.send_json("site/location/C-1", &json!({"zone": "Z-1"})).await?;
            location(&mut stand, 0).await?;
        }
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_while_nobody_listened_still_comes() -> Result<()> {
    let folder = places::fresh("field_mqtt_session")?;
    let broker = Broker::start("field", &folder).await?;
    for version in VERSIONS {
        let beacons = || stand_with(broker.port, |config| config.version = version);
        let mut first = beacons();
        first.up().await?;
        first.stop().await?;
        let devices = Publisher::start(broker.port).await?;
        devices.send_json("site/location/C-1", &json!({"zone": "Z-1", "sos": true})).await?;
        let mut second = beacons();
        assert!(location(&mut second, 0).await?.sos);
        second.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_of_version_5_keeps_back_what_is_too_long() -> Result<()> {
    let folder = places::fresh("field_mqtt_5")?;
    let broker = Broker::start("field", &folder).await?;
    let mut stand = stand_with(broker.port, |config| config.version = MqttVersion::V5);
    stand.up().await?;
    publish_large(broker.port).await?;
    let devices = Publisher::start(broker.port).await?;
    devices.send_json("site/location/C-1", &json!({"zone": "Z-1"})).await?;
    location(&mut stand, 0).await?;
    let health = stand.health();
    assert_eq!((health.malformed.count, health.connects), (0, 1), "{health:?}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_long_to_be_taken_is_not_delivered_for_ever() -> Result<()> {
    let folder = places::fresh("field_mqtt_too_long")?;
    let broker = Broker::start("field", &folder).await?;
    let mut stand = stand(broker.port);
    stand.up().await?;
    publish_large(broker.port).await?;
    stand.down().await?;
    stand.up().await?;
    let devices = Publisher::start(broker.port).await?;
    devices.send_json("site/location/C-1", &json!({"zone": "Z-1"})).await?;
    location(&mut stand, 0).await?;
    let health = stand.health();
    assert_eq!((health.malformed.count, health.connects), (1, 2), "{health:?}");
    stand.stop().await
}

async fn publish_large(port: u16) -> Result<()> {
    let mut options = MqttOptions::new("camera-with-large-pictures", ("127.0.0.1", port));
    options.set_max_packet_size(32 << 20, 32 << 20);
    let (client, mut events) = AsyncClient::builder(options).capacity(10).build();
    client.publish("site/video/CAM-1", vec![b' '; 17 << 20], PublishOptions::new(QoS::AtLeastOnce)).await?;
    while !matches!(events.poll().await.context("publish")?, rumqttc::Event::Incoming(Packet::PubAck(_))) {}
    Ok(())
}
