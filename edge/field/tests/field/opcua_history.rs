//! A gap is filled from the server's own history, beside what comes now.

use crate::{
    opcua_server::{Server, stand},
    stand::Stand,
};
use anyhow::{Result, ensure};
use davy_config::{OpcUaMode, OpcUaSource, SourceConfig};
use davy_core::{
    event::{Event, Filled, Sample},
    health::SourceHealth,
    model::Site,
    quality::Quality,
    time::UtcTime,
};
use davy_field::Pki;
use serde_json::{Value, json};
use std::sync::Arc;

const TAGS: [&str; 3] = ["LI-1", "LI-2", "LI-3"];

async fn server(test: &str, more: Value) -> Result<Server> {
    let rows: Vec<_> = TAGS.iter().map(|name| (*name, "Double", json!(0.0))).collect();
    Server::start_with(test, &rows, more).await
}

/// Cuts the connections, gives LI-1 so many values and LI-2 one that is bad, lets LI-3 rest, and takes connections again.
async fn cut(server: &mut Server, values: u32) -> Result<()> {
    let value = |number: u32| json!({"node": "LI-1", "value": f64::from(number)});
    let mut rows: Vec<Value> = (1..=values).map(value).collect();
    rows.push(json!({"node": "LI-2", "value": 7.0, "status": Quality::BAD_SENSOR.0}));
    rows.push(json!({"node": "LI-2", "value": 8.0}));
    server.ask(json!({"op": "leave"})).await?;
    server.ask(json!({"op": "write", "values": rows})).await?;
    server.ask(json!({"op": "return"})).await.map(drop)
}

/// Whatever comes from history, until the gap is filled; and whether anything of it came as if it were news.
async fn backfill(stand: &mut Stand) -> Result<(Vec<Sample>, Filled, Vec<f64>)> {
    let (mut old, mut news) = (Vec::new(), Vec::new());
    let filled = stand
        .event("the gap is filled", |event| {
            if let Event::Samples(samples) = event {
                news.extend(samples.iter().filter(|sample| sample.tag.0 == 0).map(|sample| sample.value));
            }
            let Event::Backfill(backfill) = event else { return None };
            old.extend(backfill.samples.clone());
            backfill.filled
        })
        .await?;
    Ok((old, filled, news))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_heard_is_read_from_history_and_is_no_news() -> Result<()> {
    // Asyncua stops at the number of values asked for, and gives a point to go on from only at a limit of its own.
    let cases = [
        (OpcUaMode::Subscribe, json!({"history": true, "limits": {"history": 1}})),
        (OpcUaMode::Poll { interval_ms: 100 }, json!({"history": true, "history_values": 300})),
    ];
    for (mode, more) in cases {
        let mut server = server("field_opcua_history", more).await?;
        let mut stand = stand(OpcUaSource { history: true, mode, ..server.opcua(&TAGS) });
        stand.up().await?;
        stand.samples(3).await?;
        let before = crate::stand::utc();
        cut(&mut server, 2_500).await?;
        stand.down().await?;
        let (old, filled, mut news) = backfill(&mut stand).await?;
        let level: Vec<f64> = old.iter().filter(|sample| sample.tag.0 == 0).map(|sample| sample.value).collect();
        let all: Vec<f64> = (1..2_500).map(f64::from).collect();
        ensure!(level == all, "{} values of {}, more than one answer holds", level.len(), all.len());
        let second = old.iter().filter(|sample| sample.tag.0 == 1).map(|sample| sample.quality);
        assert_eq!(second.collect::<Vec<_>>(), [Quality::BAD_SENSOR], "with its own quality");
        ensure!(old.iter().all(|sample| sample.source_time.is_some_and(|time| time < sample.received_time)));
        news.dedup();
        assert_eq!(news, [2_500.0], "only the last one is news");
        ensure!(filled.from < filled.until && filled.until > UtcTime(before.0) && filled.values == 2_500, "{filled:?}");
        let said =
            |health: &SourceHealth| health.notes.iter().any(|note| note.contains(": 2500 values from the server"));
        stand.health_with("it is said", said).await?;
        stand.stop().await?;
    }
    Ok(())
}

/// The gateway itself was off: the one that comes after it asks for what it has not heard either.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_heard_while_the_gateway_was_off_is_read_from_history() -> Result<()> {
    let mut server = server("field_opcua_history_off", json!({"history": true})).await?;
    let source = OpcUaSource { history: true, ..server.opcua(&TAGS) };
    let mut before = stand(source.clone());
    before.up().await?;
    before.samples(3).await?;
    before.stop().await?;
    let heard_until = crate::stand::utc();
    let values: Vec<Value> = (1..=500).map(|number| json!({"node": "LI-1", "value": f64::from(number)})).collect();
    server.ask(json!({"op": "write", "values": values})).await?;
    let (source, pki) = (SourceConfig::OpcUa(source), Arc::new(Pki::new("/nonexistent".as_ref())));
    let mut after = Stand::start_after(source, Site::default(), pki, Some(heard_until));
    let (old, filled, news) = backfill(&mut after).await?;
    let level: Vec<f64> = old.iter().filter(|sample| sample.tag.0 == 0).map(|sample| sample.value).collect();
    ensure!(level == (1..500).map(f64::from).collect::<Vec<_>>(), "{} values", level.len());
    ensure!(old.iter().all(|sample| sample.tag.0 == 0), "the others have rested");
    assert_eq!((filled.from, filled.values), (heard_until, 499));
    ensure!(news.iter().all(|value| (*value - 500.0).abs() < f64::EPSILON), "only the last one is news: {news:?}");
    after.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_history_is_read_all_the_same() -> Result<()> {
    let mut server = server("field_opcua_no_history", json!({})).await?;
    let mut stand = stand(OpcUaSource { history: true, ..server.opcua(&TAGS) });
    stand.up().await?;
    stand.samples(3).await?;
    cut(&mut server, 3).await?;
    stand.down().await?;
    stand.up().await?;
    let said = |health: &SourceHealth| health.notes.iter().any(|note| note.starts_with("gap from "));
    let health = stand.health_with("it is said", said).await?;
    ensure!(health.up && health.connects == 2, "{health:?}");
    server.write("LI-1", 9.0, 0).await?;
    stand.value(0, 9.0).await?;
    stand.stop().await
}
