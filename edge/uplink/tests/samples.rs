//! Samples against real far sides: each message arrives, in order, under the id that it has for ever.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_config::ForwardSamples;
use davy_core::{
    event::{Event, Link, Sample},
    id::TagIx,
    quality::Quality,
    time::{Monotonic, Now},
};
use davy_store::recording::Recorder;
use davy_uplink::SampleBatch;
use peers::{
    broker::Broker,
    desk::{Desk, NOW},
    receiver::Receiver,
    subscriber::{Message, Subscriber},
    until,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

fn forward() -> ForwardSamples {
    let tags = ["TI-1", "LI-1"].map(|id| (id.to_owned(), 0.0)).into();
    ForwardSamples { tags, min_interval_ms: 0, max_interval_ms: 600_000, batch_values: 10 }
}

/// A clock and a plant: each look is a block of its own.
struct Plant {
    recorder: Recorder,
    ms: u64,
}

impl Plant {
    /// Blocks of 25 values, three messages each.
    fn tell(&mut self, blocks: u64) {
        for _ in 0..blocks {
            for _ in 0..25 {
                self.ms += 200;
                let sample = Sample {
                    tag: TagIx(0),
                    value: self.ms as f64,
                    quality: Quality::GOOD,
                    source_time: None,
                    received_time: NOW.after(self.ms),
                };
                self.recorder.put(self.now(), &Event::Samples(vec![sample]));
            }
            self.ms += 5_000;
            self.recorder.hand_over_ripe(self.now());
        }
    }

    fn now(&self) -> Now {
        Now { monotonic: Monotonic(self.ms), utc: NOW.after(self.ms) }
    }

    /// The values told so far.
    fn told(&self) -> BTreeSet<u64> {
        let block = |begin: u64| (1..=25).map(move |n| begin + 200 * n);
        (0..self.ms / 10_000).flat_map(|nth| block(nth * 10_000)).collect()
    }
}

fn values(messages: &[Value]) -> Vec<u64> {
    let batches = messages.iter().map(|event| serde_json::from_value::<SampleBatch>(event["data"].clone()).unwrap());
    batches.flat_map(|batch| batch.samples).map(|sample| sample.value.unwrap() as u64).collect()
}

fn events(subscriber: &Subscriber) -> Vec<Value> {
    subscriber.messages().into_iter().map(|message| message.event).collect()
}

async fn arrived(subscriber: &Subscriber, told: &BTreeSet<u64>) {
    let all = async || (values(&events(subscriber)).into_iter().collect::<BTreeSet<_>>() == *told).then_some(());
    until("every value is at the subscriber", all).await;
}

#[tokio::test]
async fn samples_go_up_once_each_through_outages_beside_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "historian").await;
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| config.samples = Some(forward()));
    let mut plant = Plant { recorder: desk.record(folder.path()), ms: 0 };
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    plant.tell(3);
    arrived(&subscriber, &plant.told()).await;
    broker.stop();
    assert!(matches!(desk.link().await, Link::Down(_)));
    plant.tell(4);
    broker.start_again().await;
    assert_eq!(desk.link().await, Link::Up);
    plant.tell(3);
    arrived(&subscriber, &plant.told()).await;
    let health = running.health.clone();
    until("nothing waits", async || (health.borrow().backlog == 0).then_some(())).await;
    assert!(health.borrow().recording.is_some());
    desk.stop(running).await;
    let again = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    plant.tell(2);
    arrived(&subscriber, &plant.told()).await;
    desk.stop(again).await;
    check(&subscriber.messages());
}

fn violations(published: &str, instance: &Value) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas").join(published);
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.iter_errors(instance).map(|error| error.to_string()).collect()
}

/// One id is one content, whatever was sent again; lanes are in order; nobody says that the gateway is there or not.
fn check(messages: &[Message]) {
    let mut by_id: BTreeMap<&str, &Value> = BTreeMap::new();
    for message in messages {
        let before = by_id.insert(message.id(), &message.event);
        assert!(before.is_none_or(|before| *before == message.event), "{before:?} {message:?}");
        assert!(message.topic.ends_with("/sample") && !message.retained, "{message:?}");
        assert_eq!(violations("cloudevent.json", &message.event), [""; 0]);
        assert_eq!(violations("sample.json", &message.event["data"]), [""; 0]);
    }
    for lane in ["live", "backfill"] {
        let mut seen = BTreeSet::new();
        let of_lane = messages.iter().filter(|message| message.lane() == lane);
        let first: Vec<u64> = of_lane.filter(|each| seen.insert(each.id())).filter_map(Message::seq).collect();
        assert!(first.len() > 5 && first.is_sorted(), "{lane}: {first:?}");
    }
    assert!(messages[0].id().starts_with("GW-01/1/samples/"), "{}", messages[0].id());
}

#[tokio::test]
async fn samples_go_up_over_http_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| config.samples = Some(forward()));
    let mut plant = Plant { recorder: desk.record(folder.path()), ms: 0 };
    plant.tell(2);
    let newest = plant.recorder.following().newest();
    until("both lie on the disk", async || (*newest.borrow() == 2).then_some(())).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    plant.tell(5);
    let told: BTreeSet<u64> = plant.told().into_iter().filter(|ms| *ms > 20_000).collect();
    let all = async || (values(&receiver.events()).into_iter().collect::<BTreeSet<_>>() == told).then_some(());
    until("every value since the uplink was there is at the receiver", all).await;
    desk.stop(running).await;
}

#[tokio::test]
async fn without_a_recording_the_uplink_says_why_nothing_goes_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(folder.path(), 1, 1_000);
    desk.change(|config| config.samples = Some(forward()));
    let running = desk.start();
    let Link::Down(reason) = desk.link().await else { panic!("there is nothing to forward") };
    assert!(reason.contains("nothing is recorded"), "{reason}");
    desk.stop(running).await;
}
