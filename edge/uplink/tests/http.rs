//! The uplink over HTTP against a real receiver: nothing is lost, nothing is out of order, whatever it answers.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_config::{Compress, Secret};
use davy_core::event::Link;
use davy_uplink::{Lane, cloudevent::Origin};
use peers::{
    desk::Desk,
    in_time,
    receiver::{Posted, Receiver, Reply},
    until,
    watching::{arrived, assert_in_order, is_up, lost, receipts},
};
use std::{collections::BTreeSet, time::Duration};

#[tokio::test]
async fn rows_go_up_in_batches_as_they_are_written() {
    for (compress, encoding) in [(Compress::Gzip, "gzip"), (Compress::Zstd, "zstd"), (Compress::None, "")] {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start().await;
        let mut desk = Desk::over_http(folder.path(), receiver.url());
        desk.change_http(|config| (config.compress, config.token) = (compress, Some(Secret("s3cret".to_owned()))));
        desk.write("alarm", 250).await;
        let running = desk.start();
        assert_eq!(desk.link().await, Link::Up);
        for _ in 0..20 {
            desk.write("warning", 5).await;
        }
        arrived(&receiver, 350).await;
        desk.all_saved(350).await;
        assert_in_order(&receiver);
        let batches = receiver.batches();
        for batch in &batches {
            let seqs = batch.seqs();
            let lane = batch.events[0]["lane"].as_str().unwrap();
            let (first, last) = (seqs[0], seqs[seqs.len() - 1]);
            assert_eq!(batch.key(), format!("GW-01/1/{lane}/{first}-{last}"));
            assert!(seqs.len() <= 100 && seqs.is_sorted() && batch.events.iter().all(|event| event["lane"] == lane));
            assert_eq!(batch.header("content-type"), "application/cloudevents-batch+json");
            assert_eq!(batch.header("authorization"), "Bearer s3cret");
            assert_eq!(batch.header("content-encoding"), encoding);
        }
        let rows: usize = batches.iter().map(|batch| batch.events.len()).sum();
        assert_eq!((rows, receiver.first_taken("backfill").len()), (350, 250), "each row went up once");
        let row = desk.store.read(6, 7, 1).await.unwrap().pop().unwrap();
        let message = Origin::new(&peers::desk::gateway(), 1).message(Lane::Backfill, &row).unwrap();
        let over_mqtt: serde_json::Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(receiver.row(7), over_mqtt, "it is the very event that goes over MQTT");
        let health = running.health.borrow().clone();
        assert!(health.up && health.connects == 1 && health.parked == 0, "{health:?}");
        desk.stop(running).await;
    }
}

/// Each fault once, at the first batch; then everything is taken.
#[tokio::test]
async fn a_batch_that_was_not_answered_goes_up_again_with_its_rows_and_its_key() {
    let long = "x".repeat(2 << 20);
    let faults: Vec<(&str, Reply, &str)> = vec![
        ("500", Reply::Status(500, vec![], "out of memory".to_owned()), "fails (500: out of memory)"),
        ("502", Reply::status(502), "fails (502)"),
        ("503", Reply::status(503), "takes nothing now (503)"),
        ("429", Reply::status(429), "takes nothing now (429)"),
        ("408", Reply::status(408), "asks to send again (408)"),
        ("taken, but 500", Reply::TakenBut(500), "fails (500)"),
        ("taken and never answered", Reply::TakenSilently, "has not answered within 1000 ms"),
        ("slow", Reply::Late(Duration::from_secs(20), Box::new(Reply::All)), "has not answered within 1000 ms"),
        ("an endless error", Reply::Status(500, vec![], long), "more than"),
    ];
    for (name, fault, words) in faults {
        // An answer that no receiver gives waits for a person, which takes too long here.
        let waits_for_a_person = name == "an endless error";
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start().await;
        let mut desk = Desk::over_http(folder.path(), receiver.url());
        desk.change_http(|config| config.timeout_ms = 1_000);
        desk.write("alarm", 30).await;
        receiver.answer_batches(move |_, nth| if nth == 0 { fault.clone() } else { Reply::All });
        let running = desk.start();
        let reason = lost(&mut desk).await;
        assert!(reason.contains(words) && !reason.contains("secret"), "{name}: {reason}");
        let head = desk.write("task", 5).await;
        if waits_for_a_person {
            assert_eq!(receiver.seqs().len(), 0);
            desk.stop(running).await;
            continue;
        }
        is_up(&mut desk).await;
        arrived(&receiver, head).await;
        desk.all_saved(head).await;
        assert_in_order(&receiver);
        let batches = receiver.batches();
        assert_eq!((batches[0].key(), batches[0].seqs()), (batches[1].key(), batches[1].seqs()), "{name}");
        assert_eq!(batches[1].key(), "GW-01/1/backfill/1-30", "{name}");
        desk.stop(running).await;
    }
}

#[tokio::test]
async fn a_receiver_that_asks_to_wait_is_waited_for() {
    for status in [429, 503] {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start().await;
        let mut desk = Desk::over_http(folder.path(), receiver.url());
        let running = desk.start();
        assert_eq!(desk.link().await, Link::Up);
        receiver.answer_batches(move |_, nth| match nth {
            0 => Reply::Status(status, vec![("retry-after", "1".to_owned())], String::new()),
            _ => Reply::All,
        });
        desk.write("alarm", 3).await;
        until("the first batch is there", async || (!receiver.batches().is_empty()).then_some(())).await;
        let head = desk.write("alarm", 2).await;
        arrived(&receiver, head).await;
        let batches = receiver.batches();
        assert!(batches[1].at.duration_since(batches[0].at) >= Duration::from_secs(1), "it was not waited for");
        assert_eq!(batches[0].key(), batches[1].key());
        assert_eq!(receiver.first_taken("live"), [1, 2, 3, 4, 5], "what is written meanwhile is live");
        assert!(desk.events.try_recv().is_err(), "the link was never lost");
        desk.stop(running).await;
    }
}

#[tokio::test]
async fn a_receiver_that_only_asks_to_wait_is_lost() {
    for (retry_after, requests) in [("0", 2), ("300", 1)] {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start().await;
        let mut desk = Desk::over_http(folder.path(), receiver.url());
        desk.write("alarm", 3).await;
        receiver.answer_batches(move |_, _| {
            Reply::Status(429, vec![("retry-after", retry_after.to_owned())], String::new())
        });
        let running = desk.start();
        let reason = lost(&mut desk).await;
        assert!(reason.contains("asks to wait"), "{reason}");
        assert!(receiver.batches().len() >= requests, "after {retry_after}");
        desk.stop(running).await;
    }
}

#[tokio::test]
async fn rows_that_are_put_off_or_not_receipted_go_up_again_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| config.batch_rows = 10);
    desk.write("alarm", 25).await;
    receiver.answer_batches(|posted, nth| match nth {
        0 => receipts(posted, |seq| match seq {
            3 | 7 => Some("later"),
            5 => None,
            _ => Some("accepted"),
        }),
        // Of the three that are left one is taken, and something is said of rows that were not sent.
        1 => {
            let Reply::Receipts(mut receipts) = receipts(posted, |seq| (seq == 5).then_some("accepted")) else {
                unreachable!()
            };
            receipts.extend(["GW-01/1/24", "GW-01/1/999", "other/1/3"].map(|id| (id.to_owned(), "accepted", "")));
            Reply::Receipts(receipts)
        }
        _ => receipts(posted, |_| Some("accepted")),
    });
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    arrived(&receiver, 25).await;
    desk.all_saved(25).await;
    let sent: Vec<Vec<u64>> = receiver.batches().iter().map(Posted::seqs).collect();
    let expected: [Vec<u64>; 5] =
        [(1..=10).collect(), vec![3, 5, 7], vec![3, 7], (11..=20).collect(), (21..=25).collect()];
    assert_eq!(sent, expected);
    let keys: BTreeSet<String> = receiver.batches().iter().map(|batch| batch.key().to_owned()).collect();
    assert_eq!(keys.len(), 5, "{keys:?}");
    assert!(desk.events.try_recv().is_err(), "the link was never lost");
    desk.stop(running).await;
}

#[tokio::test]
async fn what_only_a_person_can_mend_is_told_in_words_and_costs_nothing() {
    let elsewhere = vec![("location", "/elsewhere".to_owned())];
    for (reply, words) in [
        (Reply::status(401), "does not let this gateway in (401); check token"),
        (Reply::Status(403, vec![], "who are you".to_owned()), "(403: who are you)"),
        (Reply::status(404), "check the url"),
        (Reply::status(415), "write compress"),
        (
            Reply::Status(302, elsewhere.clone(), String::new()),
            "redirects to /elsewhere, and redirects are not followed",
        ),
        (Reply::Status(308, elsewhere, String::new()), "redirects to /elsewhere"),
        (Reply::Status(200, vec![], "<html>Please log in</html>".to_owned()), "what are no receipts"),
        (Reply::Status(200, vec![], r#"{"code":500,"msg":"fail"}"#.to_owned()), "what are no receipts"),
    ] {
        for also_questions in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let receiver = Receiver::start().await;
            let mut desk = Desk::over_http(folder.path(), receiver.url());
            desk.write("alarm", 5).await;
            let answer = reply.clone();
            receiver.answer(
                move |posted| {
                    if also_questions || !posted.events.is_empty() { answer.clone() } else { Reply::All }
                },
            );
            let running = desk.start();
            let reason = lost(&mut desk).await;
            assert!(reason.contains(words), "{reason}");
            assert!(!reason.contains("secret"), "no query is told: {reason}");
            desk.stop(running).await;
            let cursor = desk.store.cursor("enterprise").await.unwrap().unwrap_or_default();
            assert!(
                davy_uplink::Cursor::read(&cursor).is_ok_and(|cursor| cursor.backfill == 0) || cursor.is_empty(),
                "{cursor}"
            );
            assert!(receiver.posted().len() <= 2, "it is not asked again at once");
        }
    }
}

#[tokio::test]
async fn a_receiver_that_is_not_there_or_half_there_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    // A port on which nothing listens, then one that is connected to and says nothing.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut desk = Desk::over_http(folder.path(), format!("http://127.0.0.1:{port}/x"));
    desk.change_http(|config| config.timeout_ms = 300);
    let head = desk.write("alarm", 3).await;
    let running = desk.start();
    let reason = lost(&mut desk).await;
    assert!(reason.contains("nothing listens there") && reason.contains(&format!("127.0.0.1:{port}")), "{reason}");
    until("the health shows the backlog", async || (running.health.borrow().backlog == head).then_some(())).await;

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let (held, _) = in_time("it connects", listener.accept()).await.unwrap();
    until("the health says so", async || {
        running.health.borrow().detail.contains("has not answered within 300 ms").then_some(())
    })
    .await;
    drop((listener, held));

    let receiver = Receiver::start_at(port).await;
    is_up(&mut desk).await;
    arrived(&receiver, head).await;
    desk.all_saved(head).await;
    desk.stop(running).await;
}

/// A receiver that loses its memory, in the middle of a batch: it gets the same batch again, and what follows.
#[tokio::test]
async fn a_receiver_without_its_memory_gets_the_same_ids() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let port = receiver.port;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| (config.timeout_ms, config.batch_rows) = (1_000, 10));
    desk.write("alarm", 35).await;
    receiver.answer_batches(|_, nth| if nth == 1 { Reply::TakenSilently } else { Reply::All });
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    lost(&mut desk).await;
    let before = receiver.batches()[1].clone();
    drop(receiver);
    let receiver = until("the port is free", async || {
        let free = std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
        if free { Some(Receiver::start_at(port).await) } else { None }
    })
    .await;
    is_up(&mut desk).await;
    let expected: BTreeSet<u64> = (11..=35).collect();
    until("all that was not acknowledged is there", async || (receiver.seqs() == expected).then_some(())).await;
    let after = receiver.batches()[0].clone();
    assert_eq!((after.key(), &after.events), (before.key(), &before.events));
    desk.stop(running).await;
}

/// A receiver that fails at one row for ever: what is new goes on, and the link counts as lost all the time, so that it is told.
#[tokio::test]
async fn a_link_that_ends_at_the_same_row_again_and_again_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| config.batch_rows = 10);
    desk.write("alarm", 25).await;
    receiver.answer_batches(|posted, _| if posted.seqs().contains(&15) { Reply::status(500) } else { Reply::All });
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up, "it is, until that row comes");
    assert!(lost(&mut desk).await.contains("fails (500)"));
    let tried = |receiver: &Receiver| receiver.batches().iter().filter(|batch| batch.seqs().contains(&15)).count();
    until("it was tried some times", async || (tried(&receiver) >= 4).then_some(())).await;
    let health = running.health.borrow().clone();
    assert!(!health.up && health.detail.contains("fails (500)"), "{health:?}");
    assert!(desk.events.try_recv().is_err(), "it does not come and go");
    receiver.answer(|_| Reply::All);
    assert_eq!(desk.link().await, Link::Up);
    arrived(&receiver, 25).await;
    desk.stop(running).await;
}

#[tokio::test]
async fn a_new_row_does_not_wait_behind_the_backlog() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| (config.batch_rows, config.backfill_per_s) = (10, 50));
    desk.write("alarm", 200).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    let new = desk.write("alarm", 1).await;
    until("the new row is there", async || receiver.seqs().contains(&new).then_some(())).await;
    assert!(receiver.seqs().len() < 201, "the new row arrived behind the whole backlog");
    arrived(&receiver, new).await;
    assert_in_order(&receiver);
    assert_eq!(receiver.first_taken("live"), [new]);
    desk.stop(running).await;
}

#[tokio::test]
async fn kinds_that_are_not_wanted_are_passed() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| config.kinds = vec!["task".to_owned()]);
    desk.write("alarm", 5_000).await;
    desk.write("task", 3).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    desk.write("alarm", 100).await;
    let head = desk.write("task", 1).await;
    desk.write("alarm", 5).await;
    let wanted = BTreeSet::from([5_001, 5_002, 5_003, head]);
    until("the tasks are there", async || (receiver.seqs() == wanted).then_some(())).await;
    desk.all_saved(head + 5).await;
    desk.stop(running).await;
    assert_eq!(receiver.seqs(), wanted);
}

#[tokio::test]
async fn an_uplink_that_dies_goes_on_from_its_saved_cursor() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| (config.batch_rows, config.backfill_per_s) = (10, 300));
    desk.write("alarm", 300).await;
    for round in 1..=4_usize {
        let running = desk.start();
        is_up(&mut desk).await;
        desk.write("warning", 50).await;
        until("a part has arrived", async || (receiver.seqs().len() >= 60 * round).then_some(())).await;
        running.task.abort();
        assert!(running.task.await.unwrap_err().is_cancelled());
        desk.write("task", 10).await;
    }
    let running = desk.start();
    is_up(&mut desk).await;
    let head = desk.write("hazard", 10).await;
    arrived(&receiver, head).await;
    desk.all_saved(head).await;
    desk.stop(running).await;
    assert!(Lane::ALL.iter().all(|lane| receiver.first_taken(lane.as_str()).is_sorted()));
}

/// With nothing but rows that do not go up, the link is up as soon as the receiver answers.
#[tokio::test]
async fn a_receiver_that_gets_nothing_is_up_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.change_http(|config| config.kinds = vec!["task".to_owned()]);
    desk.write("alarm", 5).await;
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    assert!(receiver.batches().is_empty());
    desk.stop(running).await;
}
