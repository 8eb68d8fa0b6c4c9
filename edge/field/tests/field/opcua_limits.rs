//! Servers that have little to give, are slow, or fall silent in the middle; and clocks of devices.

use crate::{
    opcua::all_seen,
    opcua_security::{self, ENCRYPTED},
    opcua_server::{Server, levels, stand},
    relay::Relay,
};
use acceptance::watched::Watched;
use anyhow::{Result, ensure};
use davy_config::{OpcUaDeadband, OpcUaIdentity, OpcUaSource};
use davy_core::time::UtcTime;
use davy_field::wire::Protocol;
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};

/// Whether the server tells its limit or shows it only by its answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_holds_as_many_items_as_the_server_takes() -> Result<()> {
    for untold in [false, true] {
        let names = levels(20);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let few = json!({"items": 7, "untold": untold});
        let mut server = Server::start_levels("field_opcua_few_items", names.len(), few).await?;
        let mut stand = server.stand(&names);
        let mut seen = BTreeSet::new();
        stand.event("every node brings its value", |event| all_seen(event, &mut seen, names.len())).await?;
        server.write(names[19], 5.0, 0).await?;
        stand.value(19, 5.0).await?;
        let counts = server.ask(json!({"op": "counts"})).await?;
        ensure!(counts["subscriptions"] == 3, "untold: {untold}: {counts}");
        let health = stand.health();
        assert_eq!((health.connects, health.unknown.count), (1, 0), "{health:?}");
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_free_session_is_down_in_plain_words() -> Result<()> {
    let one = json!({"sessions": 1});
    let server = Server::start_with("field_opcua_few_sessions", &[("LI-1", "Double", json!(1.0))], one).await?;
    let mut first = server.stand(&["LI-1"]);
    first.up().await?;
    let mut second = server.stand(&["LI-1"]);
    let reason = second.down().await?;
    ensure!(reason.contains("no free session"), "{reason}");
    first.stop().await?;
    second.up().await?;
    second.stop().await
}

/// A tenth of the node's range, which is 200.
#[tokio::test(flavor = "multi_thread")]
async fn a_deadband_in_percent_is_one_of_the_nodes_range() -> Result<()> {
    let nodes = json!([
        {"node": "PI-1", "type": "Double", "value": 0.0, "range": [-100.0, 100.0]},
        {"node": "PI-2", "type": "Double", "value": 0.0},
    ]);
    let mut server = Server::start_with("field_opcua_percent", &[], json!({"nodes": nodes})).await?;
    let mut source = server.opcua(&["PI-1", "PI-2"]);
    source.items[0].deadband = Some(OpcUaDeadband::Percent(10.0));
    let mut stand = stand(source);
    stand.up().await?;
    stand.samples(2).await?;
    let mut came = Vec::new();
    for (value, mark) in [(15.0, 1.0), (25.0, 2.0), (10.0, 3.0), (50.0, 4.0)] {
        // The second is written after it, so that what has not come with it never will.
        let rows = json!([{"node": "PI-1", "value": value}, {"node": "PI-2", "value": mark}]);
        server.ask(json!({"op": "write", "values": rows})).await?;
        let mut marked = false;
        while !marked {
            for sample in stand.batch().await? {
                marked |= sample.tag.0 == 1;
                came.extend((sample.tag.0 == 0).then_some(sample.value));
            }
        }
    }
    // From 0 to 25, and from 10, which was not told, to 50: asyncua compares with the value before.
    ensure!(!came.contains(&15.0) && came.contains(&50.0), "{came:?}");
    ensure!(stand.health().notes.iter().all(|note| !note.contains("without the filter")), "{:?}", stand.health());
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_behind_a_slow_line_is_read() -> Result<()> {
    let mut server = Server::start("field_opcua_slow", &[("LI-1", "Double", json!(1.0))]).await?;
    let relay = Relay::to(server.port).await?;
    relay.slow(Duration::from_millis(700));
    let endpoint = format!("opc.tcp://127.0.0.1:{}/", relay.port);
    let mut stand = stand(OpcUaSource { endpoint, ..server.opcua(&["LI-1"]) });
    stand.up().await?;
    for value in [2.0, 3.0, 4.0] {
        server.write("LI-1", value, 0).await?;
        stand.value(0, value).await?;
    }
    assert_eq!(stand.health().connects, 1, "slow is not lost");
    stand.stop().await
}

/// Nothing passes and nobody is told, as when a switch loses its power.
#[tokio::test(flavor = "multi_thread")]
async fn a_secured_connection_that_is_half_open_is_noticed() -> Result<()> {
    let mut server = opcua_security::Server::start("field_opcua_half_open", json!({}), 0).await?;
    server.trust().await?;
    let tap = Watched::open("OPC UA", Protocol::OpcUa, server.port).await?;
    let mut stand = server.stand_at(tap.port(), ENCRYPTED, OpcUaIdentity::Anonymous);
    stand.up().await?;
    stand.value(0, 12.5).await?;
    tap.cut(true);
    stand.down().await?;
    tap.cut(false);
    stand.up().await?;
    server.script.ask(json!({"op": "write", "values": [{"node": "LI-1", "value": 7.0}]})).await?;
    stand.value(0, 7.0).await?;
    stand.stop().await
}

/// A PLC whose battery is flat begins in the year 2000. Its time is told as it is; that of the gateway says when it came.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_reset_is_told_beside_the_received_time() -> Result<()> {
    let mut server = Server::start("field_opcua_2000", &[("LI-1", "Double", json!(1.0))]).await?;
    let mut stand = server.stand(&["LI-1"]);
    stand.up().await?;
    let before = crate::stand::utc();
    let row = json!({"node": "LI-1", "value": 2.0, "source_time": "2000-01-01T00:00:07+00:00"});
    server.ask(json!({"op": "write", "values": [row]})).await?;
    let sample = stand.value(0, 2.0).await?;
    assert_eq!(sample.source_time, Some(UtcTime(946_684_807_000)));
    ensure!(sample.received_time >= before && sample.quality.is_usable(), "{sample:?}");
    stand.stop().await
}
