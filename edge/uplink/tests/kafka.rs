//! The uplink against Kafka's reference library on the far side: nothing is lost, nothing is out of order.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_core::event::Link;
use peers::{
    cluster::{Cluster, Consumer, TOPIC},
    desk::Desk,
    until,
    watching::is_up,
};
use rdkafka::types::RDKafkaRespErr as Code;
use std::{collections::BTreeSet, time::Duration};

async fn arrived(consumer: &Consumer, head: u64) {
    let all: BTreeSet<u64> = (1..=head).collect();
    until("every row is at the consumer", async || (consumer.seqs() == all).then_some(())).await;
    assert_eq!(consumer.rows().len() as u64, head, "each id once");
    consumer.assert_in_order();
}

/// States of a few objects, again and again.
async fn write(desk: &Desk, count: u64) -> u64 {
    let row = |n: u64| ("alarm", format!("{{\"id\":\"LI-{}~1.1\",\"n\":{n}}}", n % 7));
    desk.write_rows((0..count).map(row)).await
}

#[tokio::test]
async fn rows_go_up_as_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let consumer = cluster.consumer(&[TOPIC]);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    for _ in 0..50 {
        write(&desk, 10).await;
    }
    arrived(&consumer, 500).await;
    assert_eq!(desk.all_saved(500).await.live, 500);
    assert_eq!(consumer.messages().len(), 500, "nothing came twice");
    let message = consumer.rows().remove("GW-01/1/7").unwrap();
    assert_eq!((message.topic.as_str(), message.key.as_str()), (TOPIC, "GW-01/LI-6~1.1"));
    let headers: Vec<(&str, &str)> =
        message.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("ce_id", "GW-01/1/7"),
        ("ce_lane", "live"),
        ("ce_type", "davy.alarm.v1"),
        ("content-type", "application/cloudevents+json; charset=UTF-8"),
    ];
    assert_eq!(headers, expected);
    let health = running.health.clone();
    until("the health says so", async || {
        let health = health.borrow().clone();
        (health.up && health.acknowledged == 500 && health.backlog == 0 && health.connects == 1).then_some(())
    })
    .await;
    desk.stop(running).await;
}

#[tokio::test]
async fn brokers_that_go_and_come_back_cost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let consumer = cluster.consumer(&[TOPIC]);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    desk.change_kafka(|config| config.backfill_per_s = 400);
    write(&desk, 200).await;
    let running = desk.start();
    for round in 1..=2_usize {
        is_up(&mut desk).await;
        write(&desk, 50).await;
        until("a part has arrived", async || (consumer.seqs().len() >= 60 * round).then_some(())).await;
        cluster.down();
        write(&desk, 50).await;
        let Link::Down(reason) = desk.link().await else { panic!("the brokers are down") };
        assert!(reason.contains("no answer from Kafka") && reason.contains("check brokers"), "{reason}");
        write(&desk, 50).await;
        cluster.up();
    }
    is_up(&mut desk).await;
    let head = write(&desk, 50).await;
    arrived(&consumer, head).await;
    desk.all_saved(head).await;
    desk.stop(running).await;
    let cursor = desk.all_saved(head).await;
    assert_eq!((cursor.backfill, cursor.live_spans, cursor.live_from), (head, vec![], None));
}

/// What a cluster says in a bad moment the producer tries again by itself; each row is there once, in its place.
#[tokio::test]
async fn passing_errors_of_the_brokers_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let consumer = cluster.consumer(&[TOPIC]);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let mut head = 0;
    for code in [
        Code::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        Code::RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        Code::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        Code::RD_KAFKA_RESP_ERR__TRANSPORT,
    ] {
        cluster.refuse(&[code, code]);
        for _ in 0..5 {
            head = write(&desk, 20).await;
        }
        until("they are acknowledged", async || (running.health.borrow().acknowledged == head).then_some(())).await;
    }
    arrived(&consumer, head).await;
    assert_eq!(consumer.messages().len() as u64, head, "nothing came twice");
    assert_eq!(running.health.borrow().connects, 1);
    desk.stop(running).await;
}

#[tokio::test]
async fn an_uplink_that_dies_goes_on_from_its_saved_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    cluster.mock.broker_round_trip_time(-1, Duration::from_millis(50)).unwrap();
    let consumer = cluster.consumer(&[TOPIC]);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    desk.change_kafka(|config| config.backfill_per_s = 300);
    write(&desk, 300).await;
    for round in 1..=3_usize {
        let running = desk.start();
        is_up(&mut desk).await;
        write(&desk, 50).await;
        until("a part has arrived", async || (consumer.seqs().len() >= 60 * round).then_some(())).await;
        running.task.abort();
        assert!(running.task.await.unwrap_err().is_cancelled());
        write(&desk, 10).await;
    }
    let running = desk.start();
    is_up(&mut desk).await;
    let head = write(&desk, 10).await;
    arrived(&consumer, head).await;
    desk.all_saved(head).await;
    desk.stop(running).await;
    until("no connection is left over", async || (cluster.doors.inside() == 0).then_some(())).await;
}

#[tokio::test]
async fn a_new_row_does_not_wait_behind_the_backlog() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let consumer = cluster.consumer(&[TOPIC]);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    desk.change_kafka(|config| config.backfill_per_s = 50);
    write(&desk, 200).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let new = write(&desk, 1).await;
    until("the new row is there", async || consumer.seqs().contains(&new).then_some(())).await;
    assert!(consumer.seqs().len() < 201, "the new row arrived behind the whole backlog");
    arrived(&consumer, new).await;
    let live: Vec<u64> =
        consumer.messages().iter().filter(|message| message.lane() == "live").map(|message| message.seq()).collect();
    assert_eq!(live, [new]);
    desk.stop(running).await;
}

#[tokio::test]
async fn each_kind_goes_to_its_topic_and_what_is_not_wanted_is_passed() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::behind(None, None).await;
    let topics = ["plant.task", "plant.hazard"];
    topics.iter().for_each(|topic| cluster.topic(topic));
    let consumer = cluster.consumer(&topics);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    desk.change_kafka(|config| {
        config.topic = "plant.{kind}".to_owned();
        config.kinds = vec!["task".to_owned(), "hazard".to_owned()];
    });
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let hazard = desk.write("hazard", 1).await;
    desk.write("alarm", 300).await;
    let task = desk.write("task", 1).await;
    desk.all_saved(task).await;
    until("both are there", async || (consumer.seqs() == BTreeSet::from([hazard, task])).then_some(())).await;
    let places: BTreeSet<(String, u64)> =
        consumer.messages().iter().map(|message| (message.topic.clone(), message.seq())).collect();
    assert_eq!(places, BTreeSet::from([("plant.hazard".to_owned(), hazard), ("plant.task".to_owned(), task)]));
    desk.stop(running).await;
}
