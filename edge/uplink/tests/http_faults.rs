//! The uplink over HTTP: whom it trusts, and a receiver that answers anything at all, for as long as it likes.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_config::{ClientCertificate, Secret};
use davy_core::event::Link;
use peers::{
    certificates::{certificates, expired},
    desk::{Desk, NOW},
    receiver::{Posted, Receiver, Reply},
    until,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

#[tokio::test]
async fn only_a_receiver_that_is_trusted_gets_anything_and_only_from_whom_it_trusts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    certificates(path);
    expired(path);
    let own = ClientCertificate {
        certificate_pem: fs::read(path.join("server.pem")).unwrap(),
        key_pem: Secret(fs::read_to_string(path.join("server.key")).unwrap()),
    };
    let mut desk = Desk::over_http(path, String::new());
    let head = desk.write("alarm", 20).await;
    for (certificate, authority, client, words) in [
        ("expired.pem", "ca.pem", Some(&own), "expired"),
        ("server.pem", "server.pem", Some(&own), "UnknownIssuer"),
        ("server.pem", "ca.pem", None, "ertificate"),
    ] {
        let receiver = Receiver::start_tls(path, certificate).await;
        desk.change_http(|config| {
            config.url = receiver.url().replace("http://", "https://");
            config.ca_pem = Some(fs::read(path.join(authority)).unwrap());
            config.client_certificate = client.cloned();
        });
        let running = desk.start();
        let Link::Down(reason) = desk.link().await else { panic!("{certificate} and {authority} must not do") };
        assert!(reason.contains(words) && reason.contains("ca_file"), "{reason}");
        desk.stop(running).await;
        assert!(receiver.posted().is_empty(), "nothing was said to it");
    }

    let plain = Receiver::start().await;
    desk.change_http(|config| {
        config.url = plain.url().replace("http://", "https://");
        config.client_certificate = Some(own.clone());
    });
    let running = desk.start();
    assert!(matches!(desk.link().await, Link::Down(_)), "https does not become http");
    desk.stop(running).await;
    assert!(plain.posted().is_empty());

    let receiver = Receiver::start_tls(path, "server.pem").await;
    desk.change_http(|config| config.url = receiver.url().replace("http://", "https://"));
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    desk.all_saved(head).await;
    assert_eq!(receiver.seqs().len(), 20);
    desk.stop(running).await;
}

/// One of everything that a receiver may answer, with sense or without.
fn anything(random: &mut StdRng, posted: &Posted) -> Reply {
    match random.random_range(0..20) {
        0..8 => Reply::All,
        8..15 => {
            let mut receipts = Vec::new();
            for id in posted.ids() {
                match random.random_range(0..20) {
                    0 => {}
                    1 => receipts.push((id, "later", "")),
                    2 => receipts.push((id, "refused", "not today")),
                    3 => receipts.extend([(id.clone(), "accepted", ""), (id, "duplicate", "")]),
                    4 => receipts.extend([(id.clone(), "accepted", ""), (id, "refused", "of two minds")]),
                    _ => receipts.push((id, "accepted", "")),
                }
            }
            Reply::Receipts(receipts)
        }
        15 => Reply::status(413),
        16 => Reply::Status(429, vec![("retry-after", "0".to_owned())], String::new()),
        17 => Reply::TakenBut(500),
        18 => Reply::status(503),
        _ => Reply::TakenSilently,
    }
}

async fn survives(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| (config.batch_rows, config.timeout_ms) = (7, 300));
    let mut random = StdRng::seed_from_u64(seed);
    receiver.answer_batches(move |posted, nth| if nth < 40 { anything(&mut random, posted) } else { Reply::All });
    let mut random = StdRng::seed_from_u64(!seed);
    desk.write("alarm", 100).await;
    let mut head = 0;
    let mut running = desk.start();
    for round in 0..8 {
        head = desk.write("warning", random.random_range(1..20)).await;
        let enough = (10 * round).min(receiver.batches().len() + 3);
        until("some batches have come", async || (receiver.batches().len() >= enough).then_some(())).await;
        if round % 3 == 2 {
            running.task.abort();
            let _ = running.task.await;
            running = desk.start();
        }
        while desk.events.try_recv().is_ok() {}
    }
    until("both lanes are through", async || {
        while desk.events.try_recv().is_ok() {}
        (running.health.borrow().head == head && running.health.borrow().backlog == 0).then_some(())
    })
    .await;
    desk.store.retry_parked("enterprise", None, NOW).await.unwrap();
    let all: BTreeSet<u64> = (1..=head).collect();
    until("what was refused is taken as well", async || {
        desk.store.retry_parked("enterprise", None, NOW).await.unwrap();
        (desk.store.parked_count("enterprise").await.unwrap() == 0).then_some(())
    })
    .await;
    assert_eq!(receiver.seqs(), all, "seed {seed}");
    let mut events = BTreeMap::new();
    let mut keys = BTreeMap::new();
    for batch in receiver.batches() {
        assert!(batch.seqs().is_sorted(), "seed {seed}: {:?}", batch.seqs());
        let rows = keys.entry(batch.key().to_owned()).or_insert_with(|| batch.seqs()).clone();
        assert_eq!(rows, batch.seqs(), "seed {seed}: {} stands for other rows", batch.key());
        for event in batch.events {
            let id = event["id"].as_str().unwrap().to_owned();
            assert_eq!(events.entry(id).or_insert_with(|| event.clone()), &event, "seed {seed}: a resend differs");
        }
    }
    desk.stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_answered_no_row_is_skipped_and_none_is_another() {
    futures::future::join_all((0..12).map(survives)).await;
}

/// A receiver that is slow and not too slow: the lane waits for it, and the link stays up.
#[tokio::test]
async fn a_slow_receiver_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    receiver.answer_batches(|_, _| Reply::Late(Duration::from_millis(300), Box::new(Reply::All)));
    desk.write("alarm", 10).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let head = desk.write("alarm", 10).await;
    desk.all_saved(head).await;
    assert_eq!((receiver.seqs().len(), receiver.most_under_way()), (20, 1));
    assert!(desk.events.try_recv().is_err(), "the link was never lost");
    desk.stop(running).await;
}
