//! What servers and the client library do that would leave a source silent or reading the wrong thing.

use crate::{
    opcua::all_seen,
    opcua_security::{self, ENCRYPTED},
    opcua_server::{NAMESPACE, Server, levels, nodes, stand},
    relay::Relay,
};
use anyhow::{Result, ensure};
use davy_config::OpcUaIdentity;
use davy_core::{event::Event, quality::Quality};
use serde_json::json;
use std::collections::BTreeSet;

/// The library publishes nothing any more after it has mended a session, and mixes up the subscriptions of a server that
/// numbers them as before; with three subscriptions every node must come back, and go on.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_cut_every_subscription_goes_on() -> Result<()> {
    let names = levels(1_200);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut server = Server::start_levels("field_opcua_cut", names.len(), json!({})).await?;
    let mut stand = server.stand(&names);
    let mut seen = BTreeSet::new();
    for round in 1..=2 {
        stand.up().await?;
        seen.clear();
        stand.event("every node brings its value", |event| all_seen(event, &mut seen, names.len())).await?;
        for number in [0, 500, names.len() - 1] {
            server.write(names[number], 10 * round, 0).await?;
            stand.value(number, f64::from(10 * round)).await?;
        }
        server.ask(json!({"op": "leave"})).await?;
        stand.down().await?;
        server.ask(json!({"op": "return"})).await?;
    }
    stand.up().await?;
    server.write(names[700], 5, 0).await?;
    stand.value(700, 5.0).await?;
    let counts = server.ask(json!({"op": "counts"})).await?;
    ensure!(counts["subscriptions"].as_u64() >= Some(3), "{counts}");
    stand.stop().await
}

/// The library's own limit is 1,000 elements; one more would end the connection again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_notification_of_more_than_a_thousand_values_is_read() -> Result<()> {
    let names = levels(400);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut server = Server::start_levels("field_opcua_large", names.len(), json!({})).await?;
    let mut source = server.opcua(&names);
    source.publishing_interval_ms = 4_000;
    let mut stand = stand(source);
    stand.up().await?;
    // Seven values of each node; at worst a publish divides them in two.
    let mut largest = 0;
    for round in 1..=5 {
        let values = (1..=7).map(|step| f64::from(10 * round + step));
        let rows: Vec<_> =
            values.flat_map(|value| names.iter().map(move |name| json!({"node": name, "value": value}))).collect();
        server.ask(json!({"op": "write", "values": rows})).await?;
        let mut done = BTreeSet::new();
        while done.len() < names.len() {
            let batch = stand.batch().await?;
            largest = largest.max(batch.len());
            let last = f64::from(10 * round) + 6.5;
            done.extend(batch.iter().filter(|sample| sample.value > last).map(|sample| sample.tag));
        }
        if largest > 1_000 {
            break;
        }
    }
    ensure!(largest > 1_000, "the server sent no more than {largest} values at once");
    assert_eq!(stand.health().connects, 1);
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configured_address_is_used_and_not_the_advertised_one() -> Result<()> {
    let advertise = json!({"advertise": "opc.tcp://no-such-plc.invalid:4840/"});
    let server = Server::start_with("field_opcua_advertised", &[("LI-1", "Double", json!(1.0))], advertise).await?;
    let mut stand = server.stand(&["LI-1"]);
    stand.up().await?;
    assert_eq!(stand.health().detail, server.endpoint());
    stand.value(0, 1.0).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_a_restart_took_away_is_bad_until_it_is_back() -> Result<()> {
    let both = [("LI-1", "Double", json!(1.0)), ("LI-2", "Double", json!(2.0))];
    let mut server = Server::start("field_opcua_removed", &both).await?;
    let mut stand = server.stand(&["LI-1", "LI-2"]);
    stand.up().await?;
    stand.value(1, 2.0).await?;
    server.script.kill().await?;
    stand.down().await?;
    server.script.set("nodes", json!(nodes(&both[..1])));
    server.script.start_again().await?;
    stand.up().await?;
    let samples = stand.samples(2).await?;
    assert_eq!((samples[0].value, samples[0].quality), (1.0, Quality::GOOD));
    assert_eq!(samples[1].quality, Quality::BAD_NODE_UNKNOWN);
    // Without a new session: it is asked for again.
    server.ask(json!({"op": "add", "nodes": nodes(&[("LI-2", "Double", json!(3.0))])})).await?;
    assert_eq!(stand.value(1, 3.0).await?.quality, Quality::GOOD);
    assert_eq!(stand.health().connects, 2);
    stand.stop().await
}

/// Before, `ns=2` was the plant; afterwards it is something else, with nodes of the same names.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_by_uri_survives_a_new_order_of_namespaces() -> Result<()> {
    let mut server = Server::start("field_opcua_namespaces", &[("LI-1", "Double", json!(1.0))]).await?;
    let addresses =
        [format!("nsu={NAMESPACE};s=LI-1"), "ns=2;s=LI-1".to_owned(), "nsu=urn:elsewhere;s=LI-1".to_owned()];
    let mut stand = stand(server.reading(addresses.to_vec()));
    stand.up().await?;
    let samples = stand.samples(3).await?;
    let qualities: Vec<Quality> = samples.iter().map(|sample| sample.quality).collect();
    assert_eq!(qualities, [Quality::GOOD, Quality::GOOD, Quality::BAD_NODE_UNKNOWN]);
    let unknown = stand.health().unknown;
    assert!(unknown.latest.contains("it has http://opcfoundation.org/UA/,"), "{unknown:?}");
    assert!(unknown.latest.contains(NAMESPACE), "{unknown:?}");

    server.script.kill().await?;
    stand.down().await?;
    server.script.set("namespaces", json!(["urn:elsewhere"]));
    server.script.start_again().await?;
    stand.up().await?;
    server.write("LI-1", 7.0, 0).await?;
    stand.value(0, 7.0).await?;
    let health = stand.health_with("the new order is said", |health| {
        health.notes.iter().any(|note| note.contains("ns=2 was urn:davy:acceptance; write addresses with nsu="))
    });
    assert_eq!(health.await?.unknown.count, 3, "both others are unknown");
    stand.stop().await
}

/// The library would wait for an answer for ever. It looks like a PLC whose network card lives and whose server does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_the_connection_and_never_answers_is_down() -> Result<()> {
    let mut server = Server::start("field_opcua_deaf", &[("LI-1", "Double", json!(1.0))]).await?;
    server.script.kill().await?;
    let deaf = tokio::net::TcpListener::bind(("127.0.0.1", server.port)).await?;
    let mut stand = server.stand(&["LI-1"]);
    let reason = stand.down().await?;
    ensure!(reason.contains("does not answer within"), "{reason}");
    drop(deaf);
    server.script.start_again().await?;
    stand.up().await?;
    stand.stop().await
}

/// A server that takes few items in one request, whether it says so or not.
#[tokio::test(flavor = "multi_thread")]
async fn requests_are_as_large_as_the_server_takes() -> Result<()> {
    for untold in [false, true] {
        let limits = json!({"limits": {"read": 3, "monitor": 7, "history": 2, "browse": 1}, "untold": untold});
        let limits = if untold { json!({"limits": {"read": 1, "monitor": 7}, "untold": true}) } else { limits };
        let names = levels(60);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut server = Server::start_levels("field_opcua_limits", names.len(), limits).await?;
        let mut stand = server.stand(&names);
        stand.up().await?;
        let mut seen = BTreeSet::new();
        stand.event("every node brings its value", |event| all_seen(event, &mut seen, names.len())).await?;
        assert_eq!(stand.health().connects, 1);
        let largest = server.ask(json!({"op": "counts"})).await?["largest"].clone();
        ensure!(untold || (largest["monitor"] == 7 && largest["read"].as_u64() <= Some(3)), "{largest}");
        stand.stop().await?;
    }
    Ok(())
}

/// The session answers, and keeps doing so; only the subscription has stopped, its signs of life too.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_falls_silent_while_the_session_answers_is_noticed() -> Result<()> {
    let mut server = Server::start("field_opcua_still", &[("LI-1", "Double", json!(1.0))]).await?;
    let mut stand = server.stand(&["LI-1"]);
    stand.up().await?;
    stand.value(0, 1.0).await?;
    let stilled = server.ask(json!({"op": "still"})).await?;
    ensure!(stilled["subscriptions"].as_u64() >= Some(1), "{stilled}");
    let reason = stand.down().await?;
    ensure!(reason.contains("has been silent for"), "{reason}");
    stand.up().await?;
    server.write("LI-1", 2.0, 0).await?;
    stand.value(0, 2.0).await?;
    assert_eq!(stand.health().connects, 2);
    stand.stop().await
}

/// The library cannot go on with a secured session after a cut, and what was sent meanwhile is lost: the next one is new, and
/// the gap is filled from the server's history.
#[tokio::test(flavor = "multi_thread")]
async fn a_secured_session_that_was_cut_is_followed_by_another_and_the_gap_is_filled() -> Result<()> {
    let mut server = opcua_security::Server::start_with_history("field_opcua_secured_cut").await?;
    server.trust().await?;
    let relay = Relay::to(server.port).await?;
    let mut stand = server.stand_with(relay.port, ENCRYPTED, OpcUaIdentity::Anonymous, true);
    stand.up().await?;
    stand.value(0, 12.5).await?;
    for cut in 1..=2 {
        server.script.ask(json!({"op": "leave"})).await?;
        stand.down().await?;
        let value = |step: u32| json!({"node": "LI-1", "value": f64::from(100 * cut + step)});
        server.script.ask(json!({"op": "write", "values": (1..=5).map(value).collect::<Vec<_>>()})).await?;
        server.script.ask(json!({"op": "return"})).await?;
        let mut old = Vec::new();
        let filled = |event: &Event| {
            let Event::Backfill(backfill) = event else { return None };
            old.extend(backfill.samples.iter().map(|sample| sample.value));
            backfill.filled
        };
        stand.event("the gap is filled", filled).await?;
        let expected: Vec<f64> = (1..5).map(|step| f64::from(100 * cut + step)).collect();
        assert_eq!(old, expected);
    }
    assert_eq!(stand.health().connects, 3);
    stand.stop().await
}
