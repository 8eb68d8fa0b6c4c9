//! OPC UA against asyncua.

use crate::{
    opcua_server::{Server, stand},
    stand::utc,
};
use anyhow::{Result, ensure};
use davy_config::OpcUaSource;
use davy_core::{event::Event, id::TagIx, quality::Quality};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn values_come_with_their_time_and_status() -> Result<()> {
    let rows = [
        ("LI-1", "Double", json!(12.5)),
        ("TI-1", "Float", json!(0.5)),
        ("NI-1", "Int32", json!(-7)),
        ("SI-1", "Boolean", json!(true)),
        ("XI-1", "String", json!("open")),
    ];
    let mut server = Server::start("field_opcua_values", &rows).await?;
    let mut stand = server.stand(&["LI-1", "TI-1", "NI-1", "SI-1", "XI-1"]);
    stand.up().await?;
    let first = [
        (12.5, Quality::GOOD),
        (0.5, Quality::GOOD),
        (-7.0, Quality::GOOD),
        (1.0, Quality::GOOD),
        (0.0, Quality::BAD_TYPE),
    ];
    let mut seen = BTreeSet::new();
    while seen.len() < first.len() {
        for sample in stand.batch().await? {
            assert_eq!((sample.value, sample.quality), first[sample.tag.at()], "{sample:?}");
            assert!(sample.source_time.is_some_and(|time| time <= sample.received_time), "{sample:?}");
            seen.insert(sample.tag);
        }
    }

    let before = utc();
    server.write("LI-1", 99.25, 0x4090_0000).await?;
    let sample = stand.sample(0, |sample| sample.value > 99.0).await?;
    assert_eq!((sample.value, sample.quality), (99.25, Quality(0x4090_0000)));
    assert!(sample.source_time.is_some_and(|time| time >= before && time <= sample.received_time), "{sample:?}");
    // A failed transmitter holds its value: only the status changes.
    server.write("LI-1", 99.25, Quality::BAD_SENSOR.0).await?;
    assert_eq!(stand.sample(0, |sample| sample.quality != Quality(0x4090_0000)).await?.quality, Quality::BAD_SENSOR);

    let health = stand.health();
    assert!(health.up && health.connects == 1 && health.taken >= 7 && health.bad_quality >= 2, "{health:?}");
    assert!(health.notes.iter().any(|note| note.starts_with("publishing interval: ")), "{health:?}");
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_exist_harms_only_itself() -> Result<()> {
    let mut server = Server::start("field_opcua_bad_node", &[("LI-1", "Double", json!(1.0))]).await?;
    let mut stand = server.stand(&["LI-1", "NOWHERE"]);
    stand.up().await?;
    let bad = stand.sample(1, |_| true).await?;
    assert_eq!(bad.quality, Quality::BAD_NODE_UNKNOWN);
    server.write("LI-1", 2.0, 0).await?;
    assert_eq!(stand.sample(0, |sample| sample.value > 1.5).await?.quality, Quality::GOOD);
    let health = stand.health();
    assert_eq!((health.unknown.count, health.connects), (1, 1), "{health:?}");
    assert!(health.unknown.latest.contains("ns=2;s=NOWHERE"), "{health:?}");
    stand.stop().await?;

    let mut none = server.stand(&["NOWHERE"]);
    none.up().await?;
    assert_eq!(none.sample(0, |_| true).await?.quality, Quality::BAD_NODE_UNKNOWN);
    none.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_is_read_again() -> Result<()> {
    let mut server = Server::start("field_opcua_restart", &[("LI-1", "Double", json!(1.0))]).await?;
    let mut stand = server.stand(&["LI-1", "NOWHERE"]);
    stand.up().await?;
    for round in 1..=3 {
        server.script.kill().await?;
        let reason = stand.down().await?;
        ensure!(!reason.is_empty() && !stand.health().up, "{:?}", stand.health());
        server.script.start_again().await?;
        stand.up().await?;
        assert_eq!(stand.sample(1, |_| true).await?.quality, Quality::BAD_NODE_UNKNOWN, "told again");
        server.write("LI-1", 100.0 + f64::from(round), 0).await?;
        stand.sample(0, |sample| sample.value > 99.0 + f64::from(round)).await?;
    }
    assert_eq!(stand.health().unknown.count, 4);
    stand.stop().await
}

/// Whether this machine has an established connection to a port, as the kernel lists it.
fn is_connected_to(port: u16) -> Result<bool> {
    let remote = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let mut rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    Ok(rows.any(|row| row.get(2).is_some_and(|place| place.ends_with(&remote)) && row.get(3) == Some(&"01")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_noticed() -> Result<()> {
    let mut server = Server::start("field_opcua_hang", &[("LI-1", "Double", json!(1.0))]).await?;
    let mut stand = server.stand(&["LI-1"]);
    stand.up().await?;
    server.script.signal("STOP").await?;
    stand.down().await?;
    assert!(is_connected_to(server.tap.port())?, "the engine is told before anybody waits for the goodbye");
    server.script.signal("CONT").await?;
    stand.up().await?;
    server.write("LI-1", 2.0, 0).await?;
    stand.sample(0, |sample| sample.value > 1.5).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_down_in_plain_words() -> Result<()> {
    let mut server = Server::start("field_opcua_absent", &[("LI-1", "Double", json!(1.0))]).await?;
    server.script.kill().await?;
    // A tap would take the connection first.
    let endpoint = format!("opc.tcp://127.0.0.1:{}/", server.port);
    let mut stand = stand(OpcUaSource { endpoint, ..server.opcua(&["LI-1"]) });
    let reason = stand.down().await?;
    assert!(reason.contains("refused, nothing listens there"), "{reason}");
    server.script.start_again().await?;
    stand.up().await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thousand_five_hundred_nodes_in_one_source() -> Result<()> {
    const NODES: usize = 1_500;
    let names: Vec<String> = (0..NODES).map(|number| format!("LI-{number:04}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows: Vec<_> = names.iter().map(|name| (*name, "Double", json!(0.0))).collect();
    let mut server = Server::start("field_opcua_many", &rows).await?;
    let mut stand = server.stand(&names);
    stand.up().await?;
    let mut seen = BTreeSet::new();
    stand.event("every node brings its value", |event| all_seen(event, &mut seen, NODES)).await?;
    for number in [0, 499, 500, 1_000, NODES - 1] {
        server.write(names[number], 7.0, 0).await?;
        stand.sample(number, |sample| sample.value > 6.0).await?;
    }
    let health = stand.health_with("the notes are there", |health| !health.notes.is_empty()).await?;
    assert_eq!(health.notes[0], "nodes: 1500, subscriptions: 3");
    assert_eq!((health.connects, health.bad_quality), (1, 0), "{health:?}");

    server.script.kill().await?;
    stand.down().await?;
    server.script.start_again().await?;
    stand.up().await?;
    seen.clear();
    stand.event("every node brings its value again", |event| all_seen(event, &mut seen, NODES)).await?;
    stand.stop().await
}

pub(crate) fn all_seen(event: &Event, seen: &mut BTreeSet<TagIx>, all: usize) -> Option<()> {
    if let Event::Samples(samples) = event {
        seen.extend(samples.iter().map(|sample| sample.tag));
    }
    (seen.len() == all).then_some(())
}
