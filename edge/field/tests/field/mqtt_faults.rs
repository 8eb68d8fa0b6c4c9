//! Mosquitto behind a line that is slow or half-open, and beacons with positions and cards that change hands.

use crate::{
    mqtt::{VERSIONS, location, stand, stand_with},
    relay::Relay,
};
use acceptance::{broker::Broker, places, receiver::Publisher, watched::Watched};
use anyhow::{Context as _, Result, ensure};
use davy_config::{MqttSource, Pick, PositionMapping, ZoneArea};
use davy_core::{event::Event, id::ZoneIx};
use davy_field::wire::Protocol;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_behind_a_slow_line_is_heard() -> Result<()> {
    let broker = Broker::start("field", &places::fresh("field_mqtt_slow")?).await?;
    let relay = Relay::to(broker.port).await?;
    relay.slow(Duration::from_millis(700));
    let devices = Publisher::start(broker.port).await?;
    let mut stand = stand(relay.port);
    stand.up().await?;
    for zone in ["Z-1", "", "Z-1"] {
        devices.send_json("site/location/C-1", &json!({"zone": zone})).await?;
        assert_eq!(location(&mut stand, 0).await?.zone.is_some(), !zone.is_empty());
    }
    assert_eq!(stand.health().connects, 1, "slow is not lost");
    stand.stop().await
}

/// Nothing passes and nobody is told, as when a switch loses its power.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_half_open_is_noticed_and_what_was_sent_meanwhile_comes() -> Result<()> {
    for version in VERSIONS {
        let broker = Broker::start("field", &places::fresh("field_mqtt_half_open")?).await?;
        let tap = Watched::open("MQTT", Protocol::Mqtt, broker.port).await?;
        let devices = Publisher::start(broker.port).await?;
        let mut stand = stand_with(tap.port(), |config| config.version = version);
        stand.up().await?;
        tap.cut(true);
        devices.send_json("site/location/C-1", &json!({"zone": "Z-1", "sos": true})).await?;
        let reason = stand.down().await?;
        ensure!(reason.contains("does not answer any more"), "{version:?}: {reason}");
        tap.cut(false);
        let told = location(&mut stand, 0).await?;
        ensure!(told.sos, "{told:?}");
        stand.stop().await?;
        tap.only_reads()?;
    }
    Ok(())
}

fn pointer(text: &str) -> Option<Pick> {
    Some(Pick::Pointer(text.to_owned()))
}

/// A yard of ten metres with a shed in its corner, whose ground floor alone is the zone.
fn with_outlines(config: &mut MqttSource) {
    let square = |side: f64| {
        let ring = vec![(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)];
        geo::MultiPolygon::from(geo::Polygon::new(ring.into(), Vec::new()))
    };
    let location = config.location.as_mut().expect("the source has locations");
    location.areas = vec![ZoneArea { zone: ZoneIx(0), floor: Some(1), outline: square(10.0) }];
    location.position =
        Some(PositionMapping::Plane { x: pointer("/x").expect("a pointer"), y: pointer("/y").expect("a pointer") });
    location.floor = pointer("/floor");
    location.person = pointer("/person");
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_become_zones_by_their_outlines() -> Result<()> {
    let broker = Broker::start("field", &places::fresh("field_mqtt_outlines")?).await?;
    let devices = Publisher::start(broker.port).await?;
    let mut stand = stand_with(broker.port, with_outlines);
    stand.up().await?;
    for (x, y, floor, inside) in [
        (5.0, 5.0, json!(1), true),
        (10.0, 10.0, json!("1F"), true),
        (10.1, 5.0, json!(1), false),
        (5.0, 5.0, json!(2), false),
        (5.0, 5.0, json!(null), false),
    ] {
        devices.send_json("site/location/C-1", &json!({"x": x, "y": y, "floor": floor})).await?;
        let told = location(&mut stand, 0).await?;
        assert_eq!(told.zone, inside.then_some(ZoneIx(0)), "{x} {y} {floor}");
        let place = told.position.context("the position is told")?;
        assert_eq!((place.x, place.y), (x, y));
    }
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_given_to_another_person_is_that_persons() -> Result<()> {
    let broker = Broker::start("field", &places::fresh("field_mqtt_card")?).await?;
    let devices = Publisher::start(broker.port).await?;
    let mut stand = stand_with(broker.port, with_outlines);
    stand.up().await?;
    for (person, expected) in [(json!(null), 0), (json!("P-2"), 1), (json!(null), 1), (json!("P-1"), 0)] {
        devices.send_json("site/location/C-1", &json!({"zone": "Z-1", "person": person})).await?;
        let told = |event: &Event| {
            let Event::Locations(locations) = event else { return None };
            locations.first().map(|location| location.person.0)
        };
        assert_eq!(stand.event("somebody is located", told).await?, expected, "{person}");
    }
    stand.stop().await
}
