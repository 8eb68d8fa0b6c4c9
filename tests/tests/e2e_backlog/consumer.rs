//! An enterprise that keeps little of what it gets: which rows came, in which order, and when an alarm did.

use anyhow::{Context as _, Result};
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, task::JoinHandle};

/// What came.
#[derive(Clone, Default)]
pub(crate) struct Heard {
    backfill: u64,
    pub(crate) problems: Vec<String>,
    last: BTreeMap<String, u64>,
    rows: BTreeSet<u64>,
}

impl Heard {
    /// Rows from the first to the newest that never came.
    pub(crate) fn missing(&self) -> u64 {
        let span = self.rows.first().zip(self.rows.last()).map_or(0, |(first, newest)| newest - first + 1);
        span - self.rows.len() as u64
    }

    fn hear(&mut self, lane: &str, seq: u64) {
        if self.rows.insert(seq) {
            let last = self.last.insert(lane.to_owned(), seq).unwrap_or_default();
            if last >= seq && self.problems.len() < 10 {
                self.problems.push(format!("row {seq} came in {lane} after {last}"));
            }
        }
        if lane == "backfill" {
            self.backfill = self.backfill.max(seq);
        }
    }
}

/// The subscriber.
pub(crate) struct Consumer {
    heard: Arc<Mutex<Heard>>,
    alarms: mpsc::UnboundedReceiver<(String, Instant)>,
    task: JoinHandle<()>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: &'a str,
}

impl Consumer {
    pub(crate) async fn start(port: u16) -> Result<Self> {
        let mut options = MqttOptions::new("backlog-consumer", ("127.0.0.1", port));
        options.set_keep_alive(5).set_clean_session(false).set_max_packet_size(16 << 20, 16 << 20);
        let (client, mut events) = AsyncClient::builder(options).capacity(1_000).build();
        client.subscribe("davy/v1/#", QoS::AtLeastOnce).await.context("subscribe")?;
        while !matches!(events.poll().await?, Event::Incoming(Packet::SubAck(_))) {}
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (alarm, alarms) = mpsc::unbounded_channel();
        let hearing = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            // The client must live as long as its event loop, or the loop ends.
            let _client = client;
            loop {
                match events.poll().await {
                    // Stored copies, which a new subscriber is given, are of before.
                    Ok(Event::Incoming(Packet::Publish(publish))) if !publish.retain => {
                        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
                        take(&topic, &publish.payload, &hearing, &alarm);
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        Ok(Self { heard, alarms, task })
    }

    /// The newest row of the backfill lane.
    pub(crate) fn backfill(&self) -> u64 {
        self.heard.lock().expect("nothing panics while it holds it").backfill
    }

    /// All that came.
    pub(crate) fn heard(&self) -> Heard {
        self.heard.lock().expect("nothing panics while it holds it").clone()
    }

    /// When the alarm of a rule came in the live lane.
    pub(crate) async fn live_alarm(&mut self, rule: &str) -> Result<Instant> {
        loop {
            let (raised, at) = self.alarms.recv().await.context("the consumer has ended")?;
            if raised == rule {
                return Ok(at);
            }
        }
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn take(topic: &str, payload: &[u8], heard: &Mutex<Heard>, alarm: &mpsc::UnboundedSender<(String, Instant)>) {
    let at = Instant::now();
    let Ok(Envelope { id }) = serde_json::from_slice(payload) else { return };
    let (Some(seq), Some(lane)) = (id.rsplit('/').next().and_then(|seq| seq.parse().ok()), topic.rsplit('/').nth(1))
    else {
        return;
    };
    heard.lock().expect("nothing panics while it holds it").hear(lane, seq);
    if lane == "live" && topic.ends_with("/alarm") {
        let event: Value = serde_json::from_slice(payload).unwrap_or_default();
        let rule = event["data"]["rule"].as_str().unwrap_or_default().to_owned();
        let _ = alarm.send((rule, at));
    }
}
