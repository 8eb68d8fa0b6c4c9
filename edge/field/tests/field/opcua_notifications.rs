//! Notifications that do not come, items that bring nothing, queues that overflow and deadbands.

use crate::opcua_server::{Server, stand};
use anyhow::{Result, ensure};
use davy_config::OpcUaDeadband;
use davy_core::{health::SourceHealth, quality::Quality};
use serde_json::json;

fn says(health: &SourceHealth, what: &str) -> bool {
    health.notes.iter().any(|note| note.contains(what))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_did_not_come_is_asked_for_again() -> Result<()> {
    let rows = [("LI-1", "Double", json!(0.0)), ("LI-2", "Double", json!(0.0))];
    let mut server = Server::start("field_opcua_missed", &rows).await?;
    let mut stand = server.stand(&["LI-1", "LI-2"]);
    stand.up().await?;
    stand.samples(2).await?;
    for (forget, what) in [(false, "1 notifications sent again"), (true, "1 notifications lost")] {
        let lost = if forget { 2.0 } else { 1.0 };
        server.ask(json!({"op": "swallow", "count": 1, "forget": forget})).await?;
        server.write("LI-1", lost, 0).await?;
        // The sign of life that came instead has the number of what comes next, so the missing one shows at once.
        let sample = stand.value(0, lost).await?;
        assert_eq!(sample.quality, Quality::GOOD);
        stand.health_with(what, |health| says(health, what)).await?;
    }
    server.write("LI-2", 3.0, 0).await?;
    stand.value(1, 3.0).await?;
    assert_eq!(stand.health().connects, 1);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_brings_nothing_is_read_instead() -> Result<()> {
    let mute = json!({"mute": true});
    let mut server = Server::start_with("field_opcua_mute", &[("LI-1", "Double", json!(1.0))], mute).await?;
    let mut stand = server.stand(&["LI-1"]);
    stand.up().await?;
    stand.value(0, 1.0).await?;
    stand.health_with("it is said", |health| says(health, "1 nodes that bring no value by subscription")).await?;
    server.write("LI-1", 2.0, 0).await?;
    stand.value(0, 2.0).await?;
    assert_eq!(stand.health().connects, 1);
    stand.stop().await
}

/// The subscription lives and says so; only the values have stopped.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_stops_bringing_values_is_noticed() -> Result<()> {
    let rows = [("LI-1", "Double", json!(1.0)), ("LI-2", "Double", json!(1.0))];
    let mut server = Server::start("field_opcua_stops", &rows).await?;
    let mut stand = server.stand(&["LI-1", "LI-2"]);
    stand.up().await?;
    stand.samples(2).await?;
    server.ask(json!({"op": "mute"})).await?;
    server.write("LI-1", 2.0, 0).await?;
    stand.value(0, 2.0).await?;
    let what = "1 nodes that bring no value by subscription";
    stand.health_with("it is said, and of that one alone", |health| says(health, what)).await?;
    server.write("LI-1", 3.0, 0).await?;
    stand.value(0, 3.0).await?;
    assert_eq!(stand.health().connects, 1);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_of_the_queue_comes_and_an_overflow_is_counted() -> Result<()> {
    let mut server = Server::start("field_opcua_queue", &[("LI-1", "Double", json!(0.0))]).await?;
    let mut source = server.opcua(&["LI-1"]);
    source.publishing_interval_ms = 1_000;
    let mut stand = stand(source);
    stand.up().await?;
    stand.sample(0, |_| true).await?;
    // The server marks the value after the overflow; asyncua never does, so the test writes the mark.
    let overflow = 0x0480;
    let values = [(1.0, 0), (2.0, 0), (3.0, overflow)];
    let rows: Vec<_> =
        values.iter().map(|(value, status)| json!({"node": "LI-1", "value": value, "status": status})).collect();
    server.ask(json!({"op": "write", "values": rows})).await?;
    let mut seen = Vec::new();
    while seen.last() != Some(&3.0) {
        seen.extend(stand.batch().await?.iter().map(|sample| sample.value));
    }
    assert_eq!(seen, [1.0, 2.0, 3.0], "an excursion between two publishes is seen");
    let said = |health: &SourceHealth| says(health, "1 values marked as the first after an overflow");
    stand.health_with("the overflow is said", said).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadband_holds_back_and_is_done_without_where_the_server_has_none() -> Result<()> {
    for no_deadband in [false, true] {
        let rows = [("LI-1", "Double", json!(0.0)), ("LI-2", "Double", json!(0.0))];
        let more = json!({"no_deadband": no_deadband});
        let mut server = Server::start_with("field_opcua_deadband", &rows, more).await?;
        let mut source = server.opcua(&["LI-1", "LI-2"]);
        source.items[0].deadband = Some(OpcUaDeadband::Absolute(1.0));
        let mut stand = stand(source);
        stand.up().await?;
        stand.samples(2).await?;
        // LI-2 is written after it, so that what has not come with it never will.
        let rows = json!([{"node": "LI-1", "value": 0.5}, {"node": "LI-2", "value": 0.5}]);
        server.ask(json!({"op": "write", "values": rows})).await?;
        let mut came = Vec::new();
        while !came.contains(&1) {
            came.extend(stand.batch().await?.iter().map(|sample| sample.tag.0));
        }
        assert_eq!(came.contains(&0), no_deadband, "{came:?}");
        server.write("LI-1", 5.0, 0).await?;
        stand.value(0, 5.0).await?;
        let health = stand.health();
        ensure!(says(&health, "1 nodes without the filter") == no_deadband && health.connects == 1, "{health:?}");
        ensure!(health.unknown.count == 0, "no item is refused: {health:?}");
        stand.stop().await?;
    }
    Ok(())
}
