//! Alarm conditions of a server as observations.

use crate::{
    opcua_server::{Server, stand},
    stand::{Stand, utc},
};
use anyhow::{Error, Result, ensure};
use davy_core::{health::SourceHealth, model::Gateway, quality::Quality, time::UtcTime};
use davy_field::{
    Pki, Security,
    probe::opcua::{Link, read},
    wire::{Protocol, Sent, Tap},
};
use serde_json::{Value, json};
use std::sync::Arc;

const DISABLED: Quality = Quality(0x8099_0000);
const IN_DOUBT: Quality = Quality(0x4090_0000);
const HIGH_HIGH: &str = "alarm(ns=2;s=LI-1)/HighHigh";

async fn server(test: &str, conditions: Value, more: Value) -> Result<Server> {
    let rows = [("LI-1", "Double", json!(1.0)), ("LI-2", "Double", json!(1.0))];
    let mut setup = more;
    setup["conditions"] = conditions;
    Server::start_with(test, &rows, setup).await
}

/// A source that reads LI-1 as its first tag, and these.
fn reading(server: &Server, addresses: &[&str]) -> Stand {
    let addresses = ["ns=2;s=LI-1"].iter().chain(addresses);
    stand(server.reading(addresses.map(|address| (*address).to_owned()).collect()))
}

/// An alarm of LI-1, HighHigh.
async fn alarm(server: &mut Server, more: Value) -> Result<()> {
    let mut request = json!({"op": "alarm", "source": "LI-1", "name": "HighHigh"});
    for (key, value) in more.as_object().into_iter().flatten() {
        request[key] = value.clone();
    }
    server.ask(request).await.map(drop)
}

/// The other items go on as if there were no conditions, and nothing was sent that only a writer sends.
async fn unharmed(server: &mut Server, stand: &mut Stand, value: f64) -> Result<()> {
    server.write("LI-1", value, 0).await?;
    ensure!(stand.value(0, value).await?.quality == Quality::GOOD);
    let health = stand.health();
    ensure!(health.up && health.connects == 1, "{health:?}");
    ensure!(server.ask(json!({"op": "written"})).await?["count"] == 0, "the field side only reads");
    Ok(())
}

fn says(health: &SourceHealth, what: &str) -> bool {
    health.notes.iter().any(|note| note.contains(what))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_comes_and_goes_with_its_time() -> Result<()> {
    let conditions = json!([{"source": "LI-1", "name": "HighHigh", "instance": "HasCondition"}]);
    let mut server = server("field_opcua_alarm", conditions, json!({})).await?;
    let mut stand = reading(&server, &[HIGH_HIGH]);
    stand.up().await?;
    let first = stand.sample(1, |_| true).await?;
    assert_eq!((first.value, first.quality), (0.0, Quality::GOOD), "before any event its instance is read");
    assert!(first.source_time.is_some_and(|time| time < first.received_time), "{first:?}");
    for (step, (more, value, quality)) in [
        (json!({"active": true}), 1.0, Quality::GOOD),
        (json!({"active": true, "quality": Quality::BAD_SENSOR.0}), 1.0, Quality::BAD_SENSOR),
        (json!({"active": false}), 0.0, Quality::GOOD),
        (json!({"active": true, "enabled": false}), 0.0, DISABLED),
        (json!({"active": null, "retain": false}), 0.0, Quality::GOOD),
        (json!({"active": null, "retain": true}), 0.0, Quality::BAD_TYPE),
        (json!({"active": true}), 1.0, Quality::GOOD),
    ]
    .into_iter()
    .enumerate()
    {
        let time = UtcTime(utc().0 + step as i64);
        // A former state that waits for somebody to acknowledge it, and what concerns others.
        alarm(&mut server, json!({"active": value < 0.5, "branch": true, "only": "event"})).await?;
        server.ask(json!({"op": "alarm", "source": "LI-2", "name": "HighHigh", "active": value < 0.5})).await?;
        server.ask(json!({"op": "alarm", "source": "LI-1", "name": "High", "active": value < 0.5})).await?;
        let mut request = more.clone();
        request["time"] = json!(time);
        alarm(&mut server, request).await?;
        let sample = stand.sample(1, |_| true).await?;
        assert_eq!((sample.value, sample.quality, sample.source_time), (value, quality, Some(time)), "{more}");
    }
    stand.health_with("it is said", |health| says(health, "alarm conditions: 1")).await?;
    unharmed(&mut server, &mut stand, 2.0).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_is_active_when_the_server_is_back_is_read() -> Result<()> {
    let row = |instance: &str, active: bool| json!([{"source": "LI-1", "name": "HighHigh", "instance": instance, "active": active}]);
    for (instance, test) in [("HasCondition", "field_opcua_alarm_back"), ("HasComponent", "field_opcua_alarm_part")] {
        let mut server = server(test, row(instance, false), json!({})).await?;
        let tap = Tap::open(Protocol::OpcUa, "127.0.0.1", server.port).await?;
        let mut source = server.reading(vec![HIGH_HIGH.to_owned()]);
        source.endpoint = format!("opc.tcp://127.0.0.1:{}/", tap.port());
        let mut stand = stand(source);
        stand.up().await?;
        stand.value(0, 0.0).await?;
        server.script.kill().await?;
        stand.down().await?;
        server.script.set("conditions", row(instance, true));
        server.script.start_again().await?;
        stand.up().await?;
        let sample = stand.sample(0, |_| true).await?;
        assert_eq!((sample.value, sample.quality), (1.0, Quality::GOOD));
        alarm(&mut server, json!({"active": false})).await?;
        stand.value(0, 0.0).await?;
        stand.stop().await?;
        let sent = tap.counts();
        assert!(sent.keys().all(|sent| sent.only_reads() == Some(true)), "{sent:?}");
        let paths = Sent::OpcUaService(Some(554));
        assert_eq!(paths.to_string(), "TranslateBrowsePathsToNodeIds");
        assert!(sent.contains_key(&paths), "its parts are looked for: {sent:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_instance_the_state_is_unknown_until_an_event_comes() -> Result<()> {
    let mut server = server("field_opcua_alarm_unseen", json!([]), json!({})).await?;
    let mut stand = reading(&server, &[HIGH_HIGH, "alarm(ns=2;s=LI-1)/HiHi"]);
    stand.up().await?;
    assert_eq!(stand.sample(1, |_| true).await?.quality, Quality::BAD_WAITING, "unknown is not normal");
    let said = |health: &SourceHealth| says(health, "2 alarm conditions without an instance");
    let health = stand.health_with("it is said", said).await?;
    assert_eq!(health.unknown.count, 0, "the address may be right: {health:?}");
    for value in [1.0, 0.0] {
        alarm(&mut server, json!({"active": value > 0.5})).await?;
        assert_eq!(stand.value(1, value).await?.quality, Quality::GOOD);
    }
    let unknown = stand.health().unknown;
    assert!(unknown.count == 1 && unknown.latest.starts_with("alarm(ns=2;s=LI-1)/HiHi"), "{unknown:?}");
    assert!(unknown.latest.contains("its source sent events of HighHigh; correct the name"), "{unknown:?}");
    server.ask(json!({"op": "event", "kind": "EventQueueOverflowEventType"})).await?;
    stand.sample(1, |sample| sample.quality == IN_DOUBT).await?;
    assert_eq!(stand.sample(1, |_| true).await?.quality, Quality::BAD_WAITING, "nobody can tell any more");
    alarm(&mut server, json!({"active": true})).await?;
    stand.value(1, 1.0).await?;
    unharmed(&mut server, &mut stand, 2.0).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_events_were_lost_the_state_is_read() -> Result<()> {
    let row = json!([{"source": "LI-1", "name": "HighHigh", "instance": "HasCondition"}]);
    let mut server = server("field_opcua_alarm_lost", row, json!({})).await?;
    let mut stand = reading(&server, &[HIGH_HIGH]);
    stand.up().await?;
    stand.value(1, 0.0).await?;
    for (times, kind) in [(1, "EventQueueOverflowEventType"), (2, "RefreshRequiredEventType")] {
        alarm(&mut server, json!({"active": true})).await?;
        stand.value(1, 1.0).await?;
        // Its event is lost.
        alarm(&mut server, json!({"active": false, "only": "instance"})).await?;
        server.ask(json!({"op": "event", "kind": kind})).await?;
        let doubted = stand.sample(1, |_| true).await?;
        assert_eq!((doubted.value, doubted.quality), (1.0, IN_DOUBT));
        let sample = stand.sample(1, |_| true).await?;
        assert_eq!((sample.value, sample.quality), (0.0, Quality::GOOD), "{kind}");
        let said = format!("{times} times events may have been lost");
        stand.health_with(&said, |health| says(health, &said)).await?;
    }
    // A notification that the server does not have any more. Its sign of life that comes instead has the next number.
    server.ask(json!({"op": "swallow", "count": 1, "forget": true})).await?;
    alarm(&mut server, json!({"active": true})).await?;
    let doubted = stand.sample(1, |_| true).await?;
    assert_eq!((doubted.value, doubted.quality), (0.0, IN_DOUBT));
    let sample = stand.sample(1, |_| true).await?;
    assert_eq!((sample.value, sample.quality), (1.0, Quality::GOOD));
    unharmed(&mut server, &mut stand, 2.0).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_a_burst_comes_in_its_order() -> Result<()> {
    const EVENTS: usize = 701;
    let row = json!([{"source": "LI-1", "name": "HighHigh", "instance": "HasCondition", "dated": false}]);
    let mut server = server("field_opcua_alarm_burst", row, json!({})).await?;
    let mut stand = reading(&server, &[HIGH_HIGH]);
    stand.up().await?;
    stand.value(1, 0.0).await?;
    server.ask(json!({"op": "burst", "source": "LI-1", "name": "HighHigh", "count": EVENTS})).await?;
    let mut seen = Vec::new();
    while seen.len() < EVENTS {
        let batch = stand.batch().await?;
        seen.extend(batch.iter().filter(|sample| sample.tag.at() == 1).map(|sample| sample.value));
    }
    let expected: Vec<f64> = (0..EVENTS).map(|number| if number % 2 == 0 { 1.0 } else { 0.0 }).collect();
    assert!(seen == expected, "{} events", seen.len());
    unharmed(&mut server, &mut stand, 2.0).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_address_says_what_to_do_and_harms_only_itself() -> Result<()> {
    let conditions = json!([
        {"source": "LI-1", "name": "A1", "called": "HighHigh", "instance": "HasCondition", "active": true},
        {"source": "LI-1", "name": "Low", "instance": "HasCondition"},
        {"source": "LI-2", "name": "High", "instance": "HasComponent"},
    ]);
    // It takes one node to browse, and says so to nobody.
    let limits = json!({"limits": {"browse": 1, "read": 3}, "untold": true});
    let mut server = server("field_opcua_alarm_wrong", conditions, limits).await?;
    for (wrong, quality, words) in [
        ("alarm(ns=2;s=LI-1)/HiHi", Quality::BAD_NODE_UNKNOWN, "it has HighHigh, Low; correct the name"),
        ("alarm(ns=2;s=LI-1)/A1", Quality::BAD_NODE_UNKNOWN, "it has HighHigh, Low; correct the name"),
        ("alarm(ns=2;s=NOWHERE)/High", Quality(0x8033_0000), "correct the node of the condition's source"),
        (
            "alarm(nsu=urn:elsewhere;s=LI-1)/High",
            Quality::BAD_NODE_UNKNOWN,
            "the server has no such namespace; it has http",
        ),
    ] {
        let mut stand = reading(&server, &[wrong, HIGH_HIGH, "alarm(nsu=urn:davy:acceptance;s=LI-2)/High"]);
        stand.up().await?;
        let mut states = Vec::new();
        while states.len() < 3 {
            let batch = stand.batch().await?;
            states.extend(batch.into_iter().filter(|sample| sample.tag.at() > 0));
        }
        states.sort_by_key(|sample| sample.tag);
        let told: Vec<_> = states.iter().map(|sample| (sample.value, sample.quality)).collect();
        assert_eq!(told, [(0.0, quality), (1.0, Quality::GOOD), (0.0, Quality::GOOD)], "{wrong}");
        let health = stand.health_with("it is said", |health| health.unknown.count > 0).await?;
        assert_eq!(health.unknown.count, 1, "{health:?}");
        assert!(health.unknown.latest.starts_with(wrong) && health.unknown.latest.contains(words), "{health:?}");
        let value = server.ask(json!({"op": "read", "nodes": ["LI-1"]})).await?["values"][0].as_f64().unwrap_or(0.0);
        unharmed(&mut server, &mut stand, value + 1.0).await?;
        stand.stop().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_events_is_said_and_harms_no_item() -> Result<()> {
    let row = json!([{"source": "LI-1", "name": "HighHigh", "instance": "HasCondition"}]);
    let mut server = server("field_opcua_alarm_deaf", row, json!({"no_events": true})).await?;
    let mut stand = reading(&server, &[HIGH_HIGH]);
    stand.up().await?;
    assert_eq!(stand.sample(1, |_| true).await?.quality, Quality(0x8035_0000), "BadAttributeIdInvalid");
    let said = |health: &SourceHealth| says(health, "the server gives no events of alarm conditions");
    let health = stand.health_with("it is said", said).await?;
    assert!(!says(&health, "without an instance"), "{health:?}");
    unharmed(&mut server, &mut stand, 2.0).await?;
    assert_eq!(server.ask(json!({"op": "counts"})).await?["subscriptions"], 1, "no empty one is left behind");
    stand.stop().await
}

async fn link(server: &Server) -> Result<Link> {
    let pki = Arc::new(Pki::new("/nonexistent".as_ref()));
    let security = Security { pki, source: "dcs".to_owned(), gateway: Gateway::default(), utc };
    Link::open(&server.reading(Vec::new()), &security).await.map_err(Error::msg)
}

/// Nothing that only conditions need may stand in the way of the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_follows_no_paths_has_events_and_its_nodes() -> Result<()> {
    let row = json!([{"source": "LI-1", "name": "HighHigh", "instance": "HasCondition"}]);
    let mut server = server("field_opcua_alarm_paths", row, json!({"no_paths": true})).await?;
    let mut stand = reading(&server, &[HIGH_HIGH]);
    stand.up().await?;
    let said = |health: &SourceHealth| {
        says(health, "the states of alarm conditions cannot be read: the server follows no paths")
    };
    stand.health_with("it is said", said).await?;
    alarm(&mut server, json!({"active": true})).await?;
    stand.value(1, 1.0).await?;
    unharmed(&mut server, &mut stand, 2.0).await?;
    stand.stop().await?;
    let mut link = link(&server).await?;
    let told = read(&mut link, &[HIGH_HIGH, "ns=2;s=LI-1"].map(str::to_owned)).await.map_err(Error::msg)?;
    assert_eq!([told[0].quality, told[1].quality], [Quality::BAD, Quality::GOOD]);
    assert!(read(&mut link, &[HIGH_HIGH.to_owned()]).await.is_err_and(|words| words.contains("follows no paths")));
    link.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_reads_conditions_beside_nodes() -> Result<()> {
    let conditions = json!([
        {"source": "LI-1", "name": "HighHigh", "instance": "HasCondition", "active": true},
        {"source": "LI-1", "name": "High", "instance": "HasCondition"},
    ]);
    let server = server("field_opcua_alarm_look", conditions, json!({})).await?;
    let mut link = link(&server).await?;
    let addresses = ["alarm(ns=2;s=LI-1)/High", "ns=2;s=LI-2", HIGH_HIGH, "alarm(ns=2;s=LI-2)/High"].map(str::to_owned);
    let told = read(&mut link, &addresses).await.map_err(Error::msg)?;
    let rows: Vec<_> = told.iter().map(|told| (told.value.as_deref(), told.number, told.quality)).collect();
    let expected = [
        (Some("inactive"), Some(0.0), Quality::GOOD),
        (Some("1"), Some(1.0), Quality::GOOD),
        (Some("active"), Some(1.0), Quality::GOOD),
        (None, None, Quality::BAD_WAITING),
    ];
    assert_eq!(rows, expected);
    assert!(told.iter().map(|told| &told.address).eq(&addresses) && told[2].source_time.is_some());
    link.close().await;
    Ok(())
}
