//! Kafka's reference library as the far side: its cluster of mock brokers, and a consumer that keeps everything.

use super::door::Doors;
use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    consumer::{Consumer as _, StreamConsumer},
    message::Headers,
    mocking::MockCluster,
    producer::DefaultProducerContext,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};
use rumqttc::tokio_rustls::rustls::ServerConfig;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};
use tokio::task::JoinHandle;

pub(crate) const TOPIC: &str = "davy.v1";
pub(crate) const PARTITIONS: i32 = 4;
const BROKERS: i32 = 3;

pub(crate) struct Cluster {
    pub(crate) mock: MockCluster<'static, DefaultProducerContext>,
    pub(crate) doors: Doors,
}

impl Cluster {
    /// Three brokers with one topic.
    pub(crate) async fn start() -> Self {
        let cluster = Self::behind(None, None).await;
        cluster.topic(TOPIC);
        cluster
    }

    /// Without a topic, perhaps behind TLS and a password.
    pub(crate) async fn behind(tls: Option<ServerConfig>, password: Option<String>) -> Self {
        let mock = MockCluster::new(BROKERS).unwrap();
        let port = |address: &str| address.rsplit(':').next().unwrap().parse().unwrap();
        let ports: Vec<u16> = mock.bootstrap_servers().split(',').map(port).collect();
        Self { mock, doors: Doors::open(&ports, tls, password).await }
    }

    pub(crate) fn topic(&self, name: &str) {
        self.mock.create_topic(name, PARTITIONS, BROKERS).unwrap();
    }

    /// The next requests to produce are answered so.
    pub(crate) fn refuse(&self, errors: &[RDKafkaRespErr]) {
        self.mock.request_errors(RDKafkaApiKey::Produce, errors);
    }

    /// Every broker hangs up and listens no more.
    pub(crate) fn down(&self) {
        self.mock.broker_down(-1).unwrap();
    }

    pub(crate) fn up(&self) {
        self.mock.broker_up(-1).unwrap();
    }

    /// Keeps what is there and what comes, of these topics.
    pub(crate) fn consumer(&self, topics: &[&str]) -> Consumer {
        let consumer: StreamConsumer = ClientConfig::new()
            .set("bootstrap.servers", self.mock.bootstrap_servers())
            .set("group.id", "enterprise")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "20")
            .set("reconnect.backoff.max.ms", "100")
            .create()
            .unwrap();
        let mut all = TopicPartitionList::new();
        for topic in topics {
            for partition in 0..PARTITIONS {
                all.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
            }
        }
        consumer.assign(&all).unwrap();
        let messages = Arc::<Mutex<Vec<Message>>>::default();
        let kept = Arc::clone(&messages);
        let task = tokio::spawn(async move {
            loop {
                if let Ok(message) = consumer.recv().await {
                    kept.lock().unwrap().push(Message::of(&message));
                }
            }
        });
        Consumer { messages, task }
    }
}

/// A record as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) event: Value,
}

impl Message {
    fn of(message: &rdkafka::message::BorrowedMessage<'_>) -> Self {
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
        let headers = message.headers().unwrap().iter();
        Self {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            key: text(message.key()),
            headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
            event: serde_json::from_slice(message.payload().unwrap()).unwrap(),
        }
    }

    pub(crate) fn seq(&self) -> u64 {
        self.event["sequence"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn lane(&self) -> &str {
        self.event["lane"].as_str().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.event["id"].as_str().unwrap()
    }
}

/// The enterprise's side.
pub(crate) struct Consumer {
    messages: Arc<Mutex<Vec<Message>>>,
    task: JoinHandle<()>,
}

impl Consumer {
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// What the table of a consumer that upserts by id holds: each id once.
    pub(crate) fn rows(&self) -> BTreeMap<String, Message> {
        self.messages().into_iter().map(|message| (message.id().to_owned(), message)).collect()
    }

    /// The rows that have arrived.
    pub(crate) fn seqs(&self) -> BTreeSet<u64> {
        self.messages.lock().unwrap().iter().map(Message::seq).collect()
    }

    /// In each partition, of each key and lane: in order where a row arrived first; a key is in one partition alone.
    pub(crate) fn assert_in_order(&self) {
        let (mut seen, mut last, mut places) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        for message in self.messages() {
            let place = places.entry(message.key.clone()).or_insert(message.partition);
            assert_eq!(*place, message.partition, "{message:?}");
            if seen.insert(message.id().to_owned()) {
                let before = last.insert((message.key.clone(), message.lane().to_owned()), message.seq());
                assert!(before < Some(message.seq()), "row {before:?} came before {message:?}");
            }
        }
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
