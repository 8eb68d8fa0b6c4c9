//! The uplink against a real broker: nothing is lost, nothing is out of order, whatever dies.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_config::MqttVersion;
use davy_core::event::Link;
use peers::{broker::Broker, desk::Desk, subscriber::Subscriber, until};
use std::collections::BTreeSet;

async fn in_both_versions(test: impl AsyncFn(MqttVersion)) {
    for version in [MqttVersion::V3, MqttVersion::V5] {
        test(version).await;
    }
}

async fn arrived(subscriber: &Subscriber, head: u64) {
    let all: BTreeSet<u64> = (1..=head).collect();
    until("every row is at the subscriber", async || (subscriber.seqs() == all).then_some(())).await;
}

fn assert_in_order(subscriber: &Subscriber) {
    for lane in subscriber.first_deliveries() {
        assert!(lane.is_sorted(), "{lane:?}");
    }
}

#[tokio::test]
async fn rows_go_up_as_they_are_written() {
    in_both_versions(rows_go_up_as_they_are_written_in).await;
}

async fn rows_go_up_as_they_are_written_in(version: MqttVersion) {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| config.version = version);
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    for _ in 0..100 {
        desk.write("alarm", 5).await;
    }
    arrived(&subscriber, 500).await;
    assert_eq!(desk.all_saved(500).await.live, 500);
    let [live, backfill] = subscriber.first_deliveries();
    assert_eq!((live.len(), backfill.len()), (500, 0));
    assert_in_order(&subscriber);
    let message = subscriber.messages().into_iter().find(|message| message.seq() == Some(7)).unwrap();
    assert_eq!((message.topic.as_str(), message.id()), ("davy/v1/370612345/GW-01/live/alarm", "GW-01/1/7"));
    let health = running.health.clone();
    until("the health says so", async || {
        let health = health.borrow().clone();
        (health.up && health.acknowledged == 500 && health.backlog == 0 && health.head == 500).then_some(())
    })
    .await;
    assert_eq!(running.health.borrow().connects, 1);
    desk.stop(running).await;
}

#[tokio::test]
async fn a_broker_that_restarts_in_the_middle_costs_nothing() {
    in_both_versions(a_broker_that_restarts_in_the_middle_costs_nothing_in).await;
}

async fn a_broker_that_restarts_in_the_middle_costs_nothing_in(version: MqttVersion) {
    let folder = tempfile::tempdir().unwrap();
    let mut broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    let mut desk = Desk::new(folder.path(), broker.port, 400);
    desk.change(|config| config.version = version);
    desk.write("alarm", 200).await;
    let running = desk.start();
    for round in 1..=3_usize {
        assert_eq!(desk.link().await, Link::Up);
        desk.write("warning", 50).await;
        let enough = 40 * round;
        until("a part has arrived", async || (subscriber.seqs().len() >= enough).then_some(())).await;
        broker.stop();
        assert!(matches!(desk.link().await, Link::Down(_)));
        desk.write("task", 50).await;
        broker.start_again().await;
    }
    assert_eq!(desk.link().await, Link::Up);
    let head = desk.write("hazard", 50).await;
    arrived(&subscriber, head).await;
    desk.all_saved(head).await;
    assert_in_order(&subscriber);
    desk.stop(running).await;
    let cursor = desk.all_saved(head).await;
    assert_eq!((cursor.backfill, cursor.live_spans, cursor.live_from), (head, vec![], None));
}

#[tokio::test]
async fn an_uplink_that_dies_goes_on_from_its_saved_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    let mut desk = Desk::new(folder.path(), broker.port, 300);
    desk.write("alarm", 300).await;
    for round in 1..=4_usize {
        let running = desk.start();
        assert_eq!(desk.link().await, Link::Up);
        desk.write("warning", 50).await;
        until("a part has arrived", async || (subscriber.seqs().len() >= 60 * round).then_some(())).await;
        running.task.abort();
        assert!(running.task.await.unwrap_err().is_cancelled());
        desk.write("task", 10).await;
    }
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let head = desk.write("hazard", 10).await;
    arrived(&subscriber, head).await;
    assert_in_order(&subscriber);
    desk.all_saved(head).await;
    desk.stop(running).await;

    // Everything is saved as acknowledged, so a last start has nothing to send but its announcement.
    let before = subscriber.messages().iter().filter(|message| message.seq().is_some()).count();
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let head = desk.write("alarm", 1).await;
    arrived(&subscriber, head).await;
    let after = subscriber.messages().iter().filter(|message| message.seq().is_some()).count();
    assert_eq!(after, before + 1);
    desk.stop(running).await;
}

#[tokio::test]
async fn a_new_row_does_not_wait_behind_the_backlog() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    let mut desk = Desk::new(folder.path(), broker.port, 50);
    desk.write("alarm", 200).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let new = desk.write("alarm", 1).await;
    until("the new row is there", async || subscriber.seqs().contains(&new).then_some(())).await;
    let rows = subscriber.seqs().len();
    assert!(rows < 201, "the new row arrived behind the whole backlog");
    assert!(running.health.borrow().up);
    arrived(&subscriber, new).await;
    assert_in_order(&subscriber);
    assert_eq!(subscriber.first_deliveries()[0], [new]);
    desk.stop(running).await;
}

#[tokio::test]
async fn kinds_that_are_not_wanted_are_passed() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    let mut desk = Desk::new(folder.path(), broker.port, 100_000);
    desk.change(|config| config.kinds = vec!["task".to_owned()]);
    desk.write("alarm", 2_000).await;
    desk.write("task", 3).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    desk.write("alarm", 100).await;
    let head = desk.write("task", 1).await;
    desk.write("alarm", 5).await;
    let wanted = BTreeSet::from([2_001, 2_002, 2_003, head]);
    until("the tasks are there", async || (subscriber.seqs() == wanted).then_some(())).await;
    desk.all_saved(head + 5).await;
    desk.stop(running).await;
    assert_eq!(subscriber.seqs(), wanted);
}

#[tokio::test]
async fn the_retained_status_says_whether_the_gateway_is_there() {
    in_both_versions(the_retained_status_says_whether_the_gateway_is_there_in).await;
}

async fn the_retained_status_says_whether_the_gateway_is_there_in(version: MqttVersion) {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| config.version = version);
    let retained = async |name: &str, id: &str, link: &str| {
        let subscriber = Subscriber::start(broker.port, name).await;
        until(&format!("{id} is retained"), async || {
            let messages = subscriber.messages();
            let message = messages.iter().find(|message| message.retained && message.id() == id)?;
            assert_eq!((message.lane(), message.event["link"].as_str()), ("live", Some(link)), "{message:?}");
            Some(())
        })
        .await;
    };
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    retained("first", "GW-01/1/online", "online").await;
    let seq = desk.write("status", 1).await;
    desk.all_saved(seq).await;
    retained("second", &format!("GW-01/1/{seq}"), "online").await;
    running.task.abort();
    assert!(running.task.await.is_err());
    until("the broker has published the will", async || {
        let subscriber = Subscriber::start(broker.port, "third").await;
        until("a status is retained", async || subscriber.messages().last().map(|last| last.id() == "GW-01/1/will"))
            .await
            .then_some(())
    })
    .await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    retained("fourth", "GW-01/1/online", "online").await;
    desk.stop(running).await;
    retained("fifth", "GW-01/1/will", "offline").await;
}

#[tokio::test]
async fn a_broker_that_hangs_is_noticed_and_nothing_is_lost() {
    in_both_versions(a_broker_that_hangs_is_noticed_and_nothing_is_lost_in).await;
}

async fn a_broker_that_hangs_is_noticed_and_nothing_is_lost_in(version: MqttVersion) {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| config.version = version);
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    broker.signal("STOP");
    desk.write("alarm", 100).await;
    let Link::Down(reason) = desk.link().await else { panic!("the link is down while the broker hangs") };
    assert!(reason.contains("acknowledged nothing") || reason.contains("connection"), "{reason}");
    broker.signal("CONT");
    assert_eq!(desk.link().await, Link::Up);
    arrived(&subscriber, 100).await;
    assert_in_order(&subscriber);
    desk.stop(running).await;
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_told_in_words() {
    in_both_versions(a_broker_that_is_not_there_is_told_in_words_in).await;
}

async fn a_broker_that_is_not_there_is_told_in_words_in(version: MqttVersion) {
    let folder = tempfile::tempdir().unwrap();
    let mut broker = Broker::start(folder.path()).await;
    broker.stop();
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| config.version = version);
    let head = desk.write("alarm", 3).await;
    let running = desk.start();
    let Link::Down(reason) = desk.link().await else { panic!("nobody is there") };
    assert!(reason.contains(&format!("127.0.0.1:{}", broker.port)), "{reason}");
    until("the health shows the backlog", async || {
        let health = running.health.borrow().clone();
        (!health.up && health.backlog == head && health.detail.contains("no connection")).then_some(())
    })
    .await;
    broker.start_again().await;
    assert_eq!(desk.link().await, Link::Up);
    desk.all_saved(head).await;
    desk.stop(running).await;
}

/// MQTT 5.0, 3.4.2.1: an acknowledgement with a reason code of 0x80 or more is none. In MQTT 3.1.1 a broker cannot say so.
#[tokio::test]
async fn a_message_that_the_broker_refuses_is_not_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let rules = "topic readwrite davy/v1/+/+/live/status\ntopic readwrite davy/v1/+/+/+/alarm\n";
    std::fs::write(path.join("rules"), rules).unwrap();
    let settings = format!("allow_anonymous true\nacl_file {}/rules\n", path.display());
    let mut broker = Broker::start_with(path, &settings).await;
    let mut desk = Desk::new(path, broker.port, 1_000);
    desk.change(|config| config.version = MqttVersion::V5);
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let alarms = desk.write("alarm", 3).await;
    desk.all_saved(alarms).await;
    let head = desk.write("task", 1).await;
    let Link::Down(reason) = desk.link().await else { panic!("the broker has refused the task") };
    assert!(reason.contains("/live/task") && reason.contains("check what its user may write"), "{reason}");
    until("the health shows it", async || (running.health.borrow().backlog == 1).then_some(())).await;
    broker.stop();
    std::fs::write(path.join("rules"), "topic readwrite davy/v1/#\n").unwrap();
    broker.start_again().await;
    desk.all_saved(head).await;
    desk.stop(running).await;
}

/// Without it they would be acknowledged and gone.
#[tokio::test]
async fn rows_that_nobody_has_subscribed_to_wait_where_a_subscriber_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| (config.version, config.needs_subscriber) = (MqttVersion::V5, true));
    let head = desk.write("alarm", 50).await;
    let running = desk.start();
    let mut health = running.health.clone();
    let refused = health.wait_for(|health| !health.up && health.detail.contains("nobody has subscribed")).await;
    assert_eq!(refused.unwrap().acknowledged, 0);
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    arrived(&subscriber, head).await;
    desk.all_saved(head).await;
    assert_in_order(&subscriber);
    desk.stop(running).await;
}
