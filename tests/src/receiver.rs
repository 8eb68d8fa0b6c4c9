//! The enterprise's side: a subscriber with a durable session that keeps every message with the moment it arrived.

use crate::waiting::{self, LONG};
use anyhow::{Context, Result, ensure};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, PublishOptions, QoS};
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// A message as it arrived.
#[derive(Clone, Debug)]
pub struct Message {
    /// When, on this machine's monotonic clock.
    pub at: Instant,
    /// `davy/v1/{company_code}/{gateway_id}/{lane}/{kind}`.
    pub topic: String,
    /// Whether the broker gave out a stored copy because this subscriber was new.
    pub retained: bool,
    /// The CloudEvent.
    pub event: Value,
}

impl Message {
    /// `alarm`, `warning`, ….
    #[must_use]
    pub fn kind(&self) -> &str {
        self.topic.rsplit('/').next().unwrap_or_default()
    }

    /// `live` or `backfill`.
    #[must_use]
    pub fn lane(&self) -> &str {
        self.topic.rsplit('/').nth(1).unwrap_or_default()
    }

    /// The CloudEvents id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.event["id"].as_str().unwrap_or_default()
    }

    /// The row in the gateway's journal, the last part of the id.
    #[must_use]
    pub fn seq(&self) -> Option<u64> {
        self.id().rsplit('/').next()?.parse().ok()
    }

    /// When it happened, RFC 3339.
    #[must_use]
    pub fn time(&self) -> &str {
        self.event["time"].as_str().unwrap_or_default()
    }

    /// The record.
    #[must_use]
    pub fn data(&self) -> &Value {
        &self.event["data"]
    }

    /// A text of the record, empty when it is absent.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.data()[field].as_str().unwrap_or_default()
    }
}

/// The subscriber.
pub struct Receiver {
    messages: Arc<Mutex<Vec<Message>>>,
    keeps: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Subscribes to everything of every gateway, and comes back by itself whenever the broker does. Returns once the
    /// broker has granted the subscription.
    pub async fn start(port: u16) -> Result<Self> {
        let (client, mut events) = connect(port, "enterprise-receiver", false);
        client.subscribe("davy/v1/#", QoS::AtLeastOnce).await.context("subscribe")?;
        while !matches!(events.poll().await.context("reach the enterprise broker")?, Event::Incoming(Packet::SubAck(_)))
        {
        }
        let messages = Arc::new(Mutex::new(Vec::new()));
        let keeps = Arc::new(AtomicBool::new(true));
        let task = tokio::spawn(receive(client, events, Arc::clone(&messages), Arc::clone(&keeps)));
        Ok(Self { messages, keeps, task })
    }

    /// From now on it takes messages and keeps none: memory does not hold millions.
    pub fn keep_no_more(&self) {
        self.keeps.store(false, Ordering::Relaxed);
    }

    /// Everything so far.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        lock(&self.messages).clone()
    }

    /// Everything of a kind so far.
    #[must_use]
    pub fn of(&self, kind: &str) -> Vec<Message> {
        lock(&self.messages).iter().filter(|message| message.kind() == kind).cloned().collect()
    }

    /// The first message that satisfies a test.
    #[must_use]
    pub fn first(&self, test: impl Fn(&Message) -> bool) -> Option<Message> {
        lock(&self.messages).iter().find(|message| test(message)).cloned()
    }

    /// Waits for the first message that satisfies a test.
    pub async fn wait(&self, what: &str, test: impl Fn(&Message) -> bool) -> Result<Message> {
        waiting::until(what, LONG, async || Ok::<_, anyhow::Error>(self.first(&test))).await
    }

    /// Waits until a rule's alarm has been raised.
    pub async fn wait_for_alarm(&self, rule: &str) -> Result<Message> {
        let raised = |message: &Message| message.kind() == "alarm" && message.text("rule") == rule;
        self.wait(&format!("the alarm of {rule} arrives"), raised).await
    }

    /// How many messages satisfy a test.
    #[must_use]
    pub fn count(&self, test: impl Fn(&Message) -> bool) -> usize {
        lock(&self.messages).iter().filter(|message| test(message)).count()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(messages: &Mutex<Vec<Message>>) -> MutexGuard<'_, Vec<Message>> {
    messages.lock().expect("nothing panics while it holds the messages")
}

fn connect(port: u16, client_id: &str, clean: bool) -> (AsyncClient, EventLoop) {
    let mut options = MqttOptions::new(client_id, ("127.0.0.1", port));
    options.set_keep_alive(5).set_clean_session(clean).set_max_packet_size(16 << 20, 16 << 20);
    AsyncClient::builder(options).capacity(1000).build()
}

/// The client must live as long as its event loop, or the loop ends.
async fn receive(
    client: AsyncClient,
    mut events: EventLoop,
    messages: Arc<Mutex<Vec<Message>>>,
    keeps: Arc<AtomicBool>,
) {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::Publish(_))) if !keeps.load(Ordering::Relaxed) => {}
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let event = serde_json::from_slice(&publish.payload);
                let topic = String::from_utf8_lossy(&publish.topic).into_owned();
                let event = event.unwrap_or_else(|error| Value::String(format!("not JSON: {error}")));
                lock(&messages).push(Message { at: Instant::now(), topic, retained: publish.retain, event });
            }
            Ok(Event::Incoming(Packet::ConnAck(answer))) if !answer.session_present => {
                if client.try_subscribe("davy/v1/#", QoS::AtLeastOnce).is_err() {
                    return;
                }
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// The field's side: publishes beacons' and cameras' messages.
pub struct Publisher {
    client: AsyncClient,
    task: JoinHandle<()>,
}

impl Publisher {
    /// Connects; returns once the broker has answered.
    pub async fn start(port: u16) -> Result<Self> {
        let (client, mut events) = connect(port, "field-devices", true);
        let first = events.poll().await.context("reach the field broker")?;
        ensure!(matches!(first, Event::Incoming(Packet::ConnAck(_))), "the field broker answered {first:?}");
        let task = tokio::spawn(async move {
            loop {
                if events.poll().await.is_err() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        });
        Ok(Self { client, task })
    }

    /// Publishes a payload with QoS 1.
    pub async fn send(&self, topic: &str, payload: impl Into<Vec<u8>>) -> Result<()> {
        let payload: Vec<u8> = payload.into();
        let options = PublishOptions::new(QoS::AtLeastOnce);
        let notice = self.client.publish_tracked(topic.to_owned(), payload, options).await;
        let notice = notice.with_context(|| format!("publish to {topic}"))?;
        notice.wait_async().await.with_context(|| format!("publish to {topic}")).map(drop)
    }

    /// Publishes JSON.
    pub async fn send_json(&self, topic: &str, payload: &Value) -> Result<()> {
        self.send(topic, payload.to_string()).await
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}
