//! The enterprise's side: it keeps every message, in the order of arrival.

use super::in_time;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::task::JoinHandle;

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) retained: bool,
    pub(crate) event: Value,
}

impl Message {
    pub(crate) fn lane(&self) -> &str {
        self.topic.rsplit('/').nth(1).unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.event["id"].as_str().unwrap()
    }

    /// `None` for an announcement, which is no row.
    pub(crate) fn seq(&self) -> Option<u64> {
        self.event["sequence"].as_str().map(|text| text.parse().unwrap())
    }
}

pub(crate) struct Subscriber {
    messages: Arc<Mutex<Vec<Message>>>,
    task: JoinHandle<()>,
}

impl Subscriber {
    /// With a session that the broker keeps. Returns once the subscription is granted.
    pub(crate) async fn start(port: u16, name: &str) -> Self {
        let mut options = MqttOptions::new(name, ("127.0.0.1", port));
        options.set_keep_alive(5).set_clean_session(false).set_max_packet_size(16 << 20, 16 << 20);
        let (client, mut events) = AsyncClient::builder(options).capacity(1000).build();
        client.subscribe("davy/v1/#", QoS::AtLeastOnce).await.unwrap();
        let granted = async { while !matches!(events.poll().await.unwrap(), Event::Incoming(Packet::SubAck(_))) {} };
        in_time("the subscription is granted", granted).await;
        let messages = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(receive(client, events, Arc::clone(&messages)));
        Self { messages, task }
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// The rows that have arrived.
    pub(crate) fn seqs(&self) -> BTreeSet<u64> {
        self.messages.lock().unwrap().iter().filter_map(Message::seq).collect()
    }

    /// Each lane's rows in the order in which they arrived first; a row's resends are left out.
    pub(crate) fn first_deliveries(&self) -> [Vec<u64>; 2] {
        let mut seen = BTreeSet::new();
        let messages = self.messages();
        let first: Vec<&Message> =
            messages.iter().filter(|each| each.seq().is_some() && seen.insert(each.id().to_owned())).collect();
        ["live", "backfill"]
            .map(|lane| first.iter().filter(|each| each.lane() == lane).filter_map(|each| each.seq()).collect())
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(client: AsyncClient, mut events: EventLoop, messages: Arc<Mutex<Vec<Message>>>) {
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
                // A command is no JSON.
                let event = serde_json::from_slice(&publish.payload).unwrap_or_default();
                messages.lock().unwrap().push(Message { topic, retained: publish.retain, event });
            }
            Ok(Event::Incoming(Packet::ConnAck(answer))) if !answer.session_present => {
                client.try_subscribe("davy/v1/#", QoS::AtLeastOnce).unwrap();
            }
            Ok(_) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
