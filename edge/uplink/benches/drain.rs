//! How fast a backlog drains, as a ratio within one run: the uplink from a real journal, cursor and all, against a bare client of
//! the same library that sends the same bytes from memory to the same broker or receiver.
//!
//! `DAVY_BENCH_ROWS` (100 000) makes it smaller or larger.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement stops at the first surprise and prints")]

#[path = "../tests/peers/mod.rs"]
mod peers;

use axum::{Router, body::Bytes, routing::post};
use davy_config::{Compress, MqttVersion};
use davy_core::event::Link;
use davy_store::{Batch, JournalRow, Row};
use davy_uplink::{
    Lane,
    cloudevent::{Message, Origin},
};
use futures::{StreamExt, stream::FuturesUnordered};
use peers::{
    broker::Broker,
    desk::{Desk, NOW, gateway},
};
use rumqttc::{AsyncClient, MqttOptions, PublishNoticeError, PublishOptions, PublishResult, QoS};
use std::{
    env,
    time::{Duration, Instant},
};

/// Messages that wait for their acknowledgement at once, on both sides.
const WINDOW: u16 = 100;
const BATCH: u16 = 500;
const ROUNDS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let rows = env::var("DAVY_BENCH_ROWS").map_or(100_000, |rows| rows.parse().unwrap());
    runtime.block_on(async {
        over_mqtt(rows, MqttVersion::V3).await;
        over_http(rows).await;
    });
}

fn body(n: u64) -> String {
    format!(r#"{{"id":"LI-1101.HH~1.{n}","state":"unacknowledged","text":"{}"}}"#, "x".repeat(500))
}

async fn fill(desk: &Desk, rows: u64) {
    for first in (0..rows).step_by(1_000) {
        let row = |n| Row { utc: NOW, kind: "alarm", body: body(n) };
        let rows = (first..rows.min(first + 1_000)).map(row).collect();
        desk.store.commit(Batch { rows, saved: Vec::new() }).await.unwrap();
    }
}

/// What the uplink sends.
fn messages(rows: u64) -> Vec<Message> {
    let origin = Origin::new(&gateway(), 1);
    let row = |n| JournalRow { seq: n + 1, utc: NOW, kind: "alarm".to_owned(), body: body(n) };
    (0..rows).map(|n| origin.message(Lane::Backfill, &row(n)).unwrap()).collect()
}

async fn over_mqtt(rows: u64, version: MqttVersion) {
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let broker = Broker::start(folder.path()).await;
        let mut desk = Desk::new(folder.path(), broker.port, 100_000);
        desk.change(|config| (config.version, config.inflight_max) = (version, WINDOW));
        fill(&desk, rows).await;
        let ours = drained(&mut desk, rows).await;
        let bare = bare_mqtt(broker.port, messages(rows)).await;
        ratios.push(report("MQTT, QoS 1", rows, ours, bare));
    }
    median("MQTT", ratios);
}

/// From the link's first sign of life until the last row is acknowledged.
async fn drained(desk: &mut Desk, rows: u64) -> Duration {
    let began = Instant::now();
    let mut running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    running.health.wait_for(|health| health.acknowledged == rows).await.unwrap();
    let took = began.elapsed();
    desk.stop(running).await;
    took
}

async fn bare_mqtt(port: u16, messages: Vec<Message>) -> Duration {
    let mut options = MqttOptions::new("bare", ("127.0.0.1", port));
    options.set_inflight(WINDOW).set_max_packet_size(1 << 20, 1 << 20);
    let began = Instant::now();
    let (client, mut events) = AsyncClient::builder(options).capacity(usize::from(WINDOW)).build();
    let driver = tokio::spawn(async move { while events.poll().await.is_ok() {} });
    let mut waiting = FuturesUnordered::new();
    for message in messages {
        while waiting.len() >= usize::from(WINDOW) {
            let taken: Result<PublishResult, PublishNoticeError> = waiting.next().await.unwrap();
            taken.unwrap();
        }
        let options = PublishOptions::new(QoS::AtLeastOnce);
        let notice = client.publish_tracked(message.topic, message.payload, options).await.unwrap();
        waiting.push(notice.wait_async());
    }
    while let Some(taken) = waiting.next().await {
        taken.unwrap();
    }
    let took = began.elapsed();
    driver.abort();
    took
}

async fn over_http(rows: u64) {
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let take = post(async |body: Bytes| drop(body));
        let receiver = Router::new().route("/events", take.layer(axum::extract::DefaultBodyLimit::disable()));
        let receiver = tokio::spawn(async move { axum::serve(listener, receiver).await });
        let mut desk = Desk::over_http(folder.path(), url.clone());
        desk.change_http(|config| (config.batch_rows, config.compress) = (BATCH, Compress::None));
        fill(&desk, rows).await;
        let ours = drained(&mut desk, rows).await;
        let bare = bare_http(&url, &messages(rows)).await;
        receiver.abort();
        ratios.push(report("HTTP, 500 rows a batch", rows, ours, bare));
    }
    median("HTTP", ratios);
}

/// One batch after the other, as a lane sends them.
async fn bare_http(url: &str, messages: &[Message]) -> Duration {
    let batch = |rows: &[Message]| {
        let rows: Vec<&[u8]> = rows.iter().map(|message| &*message.payload).collect();
        [b"[", &*rows.join(&b','), b"]"].concat()
    };
    let batches: Vec<Vec<u8>> = messages.chunks(usize::from(BATCH)).map(batch).collect();
    let began = Instant::now();
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap();
    for body in batches {
        let answer = client.post(url).header("content-type", "application/cloudevents-batch+json").body(body).send();
        assert!(answer.await.unwrap().status().is_success());
    }
    began.elapsed()
}

fn report(what: &str, rows: u64, ours: Duration, bare: Duration) -> f64 {
    let per_s = |took: Duration| rows as f64 / took.as_secs_f64();
    let ratio = bare.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{what}: the uplink drains {:.0} rows/s from its journal, a bare client sends {:.0}/s from memory, ratio {ratio:.2}",
        per_s(ours),
        per_s(bare)
    );
    ratio
}

fn median(what: &str, mut ratios: Vec<f64>) {
    ratios.sort_by(f64::total_cmp);
    println!("{what}: median ratio {:.2} of {ROUNDS} rounds", ratios[ROUNDS / 2]);
}
