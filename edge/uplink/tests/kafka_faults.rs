//! What a cluster refuses is told in words, nothing is passed over, and the uplink never gives up.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_config::{ClientCertificate, Credentials, Sasl, Secret};
use davy_core::event::Link;
use peers::{
    certificates::certificates,
    cluster::{Cluster, TOPIC},
    desk::Desk,
    receiver::tls,
    until,
    watching::{is_up, lost},
};
use rdkafka::types::RDKafkaRespErr as Code;
use std::fs;

#[tokio::test]
async fn a_cluster_that_is_not_there_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    cluster.down();
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    let head = desk.write("alarm", 3).await;
    let running = desk.start();
    let reason = lost(&mut desk).await;
    assert!(cluster.doors.addresses().iter().all(|address| reason.contains(address)), "{reason}");
    until("the health shows the backlog", async || {
        let health = running.health.borrow().clone();
        (!health.up && health.backlog == head && health.detail.contains("no answer")).then_some(())
    })
    .await;
    cluster.up();
    is_up(&mut desk).await;
    desk.all_saved(head).await;
    desk.stop(running).await;
}

#[tokio::test]
async fn a_topic_that_is_missing_is_told_before_a_row_comes_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    desk.change_kafka(|config| config.topic = "plant".to_owned());
    let running = desk.start();
    let reason = lost(&mut desk).await;
    assert!(reason.contains("no topic plant") && reason.contains("have it created"), "{reason}");
    desk.stop(running).await;
    cluster.topic("plant");
    let running = desk.start();
    is_up(&mut desk).await;
    desk.stop(running).await;
}

/// The row stays due, and the link counts as lost until it is through.
#[tokio::test]
async fn a_message_that_the_cluster_refuses_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let consumer = cluster.consumer(&[TOPIC]);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    let running = desk.start();
    is_up(&mut desk).await;
    cluster.refuse(&[Code::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE]);
    let row = desk.write("alarm", 1).await;
    let reason = lost(&mut desk).await;
    assert!(reason.contains("too large") && reason.contains("max.message.bytes"), "{reason}");
    until("it is still due", async || (running.health.borrow().backlog == 1).then_some(())).await;
    desk.stop(running).await;
    let running = desk.start();
    is_up(&mut desk).await;
    desk.all_saved(row).await;
    until("it has arrived", async || consumer.seqs().contains(&row).then_some(())).await;
    desk.stop(running).await;
}

#[tokio::test]
async fn a_gateway_that_may_not_write_says_what_to_grant() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    let running = desk.start();
    is_up(&mut desk).await;
    cluster.refuse(&[Code::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED]);
    desk.write("alarm", 1).await;
    let reason = lost(&mut desk).await;
    assert!(reason.contains("Write and Describe") && reason.contains(TOPIC), "{reason}");
    desk.stop(running).await;
}

#[tokio::test]
async fn a_cluster_that_hangs_is_noticed_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start().await;
    let consumer = cluster.consumer(&[TOPIC]);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    let running = desk.start();
    is_up(&mut desk).await;
    cluster.doors.hang(true);
    let head = desk.write("alarm", 100).await;
    let reason = lost(&mut desk).await;
    assert!(reason.contains("Kafka"), "{reason}");
    cluster.doors.hang(false);
    is_up(&mut desk).await;
    desk.all_saved(head).await;
    until("all have arrived", async || (consumer.rows().len() == 100).then_some(())).await;
    consumer.assert_in_order();
    desk.stop(running).await;
}

#[tokio::test]
async fn only_brokers_of_the_uplinks_own_authority_get_anything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    certificates(path);
    let cluster = Cluster::behind(Some(tls(path, "server.pem")), None).await;
    cluster.topic(TOPIC);
    let mut desk = Desk::to_kafka(path, cluster.doors.addresses());
    let head = desk.write("alarm", 20).await;
    let read = |name: &str| fs::read(path.join(name)).unwrap();
    let shown = ClientCertificate {
        certificate_pem: read("server.pem"),
        key_pem: Secret(String::from_utf8(read("server.key")).unwrap()),
    };
    desk.change_kafka(|config| config.client_certificate = Some(shown));

    // The broker's own certificate is no authority; and what speaks TLS is not spoken to without it.
    for authority in [Some("server.pem"), None] {
        desk.change_kafka(|config| config.ca_pem = authority.map(read));
        let running = desk.start();
        let reason = lost(&mut desk).await;
        let words = if authority.is_some() { "ca_file" } else { "whether they ask for TLS" };
        assert!(reason.contains(words), "{reason}");
        desk.stop(running).await;
    }

    desk.change_kafka(|config| config.ca_pem = Some(read("ca.pem")));
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    desk.all_saved(head).await;
    desk.stop(running).await;
}

#[tokio::test]
async fn a_password_that_is_refused_is_told_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::behind(None, Some("\0gateway\0secret".to_owned())).await;
    cluster.topic(TOPIC);
    let mut desk = Desk::to_kafka(folder.path(), cluster.doors.addresses());
    let head = desk.write("alarm", 20).await;
    let login = |password: &str, sasl| {
        Some((Credentials { user: "gateway".to_owned(), password: Secret(password.to_owned()) }, sasl))
    };
    // SCRAM is not what this cluster takes.
    for (password, sasl) in [("wrong", Sasl::Plain), ("secret", Sasl::ScramSha512)] {
        desk.change_kafka(|config| config.login = login(password, sasl));
        let running = desk.start();
        let reason = lost(&mut desk).await;
        assert!(reason.contains("check user, password and sasl"), "{reason}");
        assert!(!reason.contains(password), "no password is told: {reason}");
        desk.stop(running).await;
    }
    desk.change_kafka(|config| config.login = login("secret", Sasl::Plain));
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    desk.all_saved(head).await;
    desk.stop(running).await;
}
