//! Rows that a receiver refuses: parked with their reason, holding nothing up, tried again, never forgotten.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use davy_core::{event::Link, time::UtcTime};
use davy_store::ParkedChange;
use peers::{
    desk::{Desk, NOW},
    receiver::{Posted, Receiver, Reply},
    until,
    watching::{arrived, assert_in_order, lost, receipts},
};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering},
};

#[tokio::test]
async fn receipts_that_come_twice_or_contradict_each_other_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    let head = desk.write("alarm", 6).await;
    receiver.answer_batches(|posted, nth| {
        let Reply::Receipts(mut all) = receipts(posted, |_| Some("accepted")) else { unreachable!() };
        if nth == 0 {
            all.extend(receipts_of(posted, &[1, 2], "duplicate"));
            all.extend(receipts_of(posted, &[2], "accepted"));
            all.extend(receipts_of(posted, &[4], "refused"));
            all.extend(receipts_of(posted, &[5], "later"));
        }
        Reply::Receipts(all)
    });
    let running = desk.start();
    desk.all_saved(head).await;
    let sent: Vec<Vec<u64>> = receiver.batches().iter().map(Posted::seqs).collect();
    assert_eq!(sent, [vec![1, 2, 3, 4, 5, 6], vec![5]]);
    let parked = desk.store.parked("enterprise", 0, 10).await.unwrap();
    assert_eq!(parked.iter().map(|row| row.seq).collect::<Vec<_>>(), [4], "refused weighs more than accepted");
    desk.stop(running).await;
}

fn receipts_of(posted: &Posted, seqs: &[u64], status: &'static str) -> Vec<(String, &'static str, &'static str)> {
    let rows = posted.ids().into_iter().zip(posted.seqs());
    rows.filter(|(_, seq)| seqs.contains(seq)).map(|(id, _)| (id, status, "because")).collect()
}

static CLOCK: AtomicI64 = AtomicI64::new(NOW.0);

#[tokio::test]
async fn a_refused_row_is_parked_with_its_reason_until_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.clock(|| UtcTime(CLOCK.load(Ordering::Relaxed)));
    let head = desk.write("alarm", 20).await;
    let refuse = |seqs: &'static [u64]| {
        move |posted: &Posted, _: usize| {
            receipts(posted, |seq| Some(if seqs.contains(&seq) { "refused" } else { "accepted" }))
        }
    };
    receiver.answer_batches(refuse(&[4, 9, 12]));
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    desk.all_saved(head).await;
    until("the health shows them", async || (running.health.borrow().parked == 3).then_some(())).await;
    let parked = async |desk: &Desk| {
        let rows = desk.store.parked("enterprise", 0, 10).await.unwrap();
        rows.into_iter().map(|row| (row.seq, row.tries)).collect::<Vec<_>>()
    };
    let row = desk.store.parked("enterprise", 0, 1).await.unwrap().pop().unwrap();
    assert_eq!(
        (row.reason.as_str(), row.lane.as_str(), row.since, row.next),
        ("because", "backfill", NOW, UtcTime(NOW.0 + 60_000))
    );
    let more = desk.write("alarm", 5).await;
    desk.all_saved(more).await;
    assert_eq!(receiver.seqs().len(), 22, "they hold nothing up");

    // What is parked is tried when a person asks for it, …
    receiver.answer_batches(refuse(&[4]));
    desk.store.retry_parked("enterprise", Some(4), NOW).await.unwrap();
    until("it was refused again", async || (parked(&desk).await[0] == (4, 2)).then_some(())).await;
    desk.store.retry_parked("enterprise", Some(9), NOW).await.unwrap();
    until("it was taken", async || (parked(&desk).await == [(4, 2), (12, 1)]).then_some(())).await;
    let again = receiver.batches().pop().unwrap();
    assert_eq!((again.key(), again.seqs()), ("GW-01/1/parked/9-1", vec![9]));
    assert_eq!(again.events[0]["lane"], "backfill", "it is the same event");
    desk.stop(running).await;

    // … and by itself at its time, also after a new start. The one that was refused twice rests for longer.
    CLOCK.fetch_add(60_000, Ordering::Relaxed);
    let running = desk.start();
    until("it was taken by itself", async || (parked(&desk).await == [(4, 2)]).then_some(())).await;
    until("the health shows one", async || (running.health.borrow().parked == 1).then_some(())).await;
    receiver.answer(|_| Reply::All);
    desk.store.retry_parked("enterprise", None, NOW).await.unwrap();
    arrived(&receiver, more).await;
    until("nothing is parked", async || (running.health.borrow().parked == 0).then_some(())).await;
    assert_eq!(desk.store.parked_count("enterprise").await.unwrap(), 0);
    desk.stop(running).await;
}

#[tokio::test]
async fn a_row_that_is_too_large_or_cannot_be_read_is_found_and_parked_alone() {
    for status in [413, 400, 422] {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start().await;
        let mut desk = Desk::over_http(folder.path(), receiver.url());
        let head = desk.write("alarm", 50).await;
        receiver.answer_batches(move |posted, _| {
            let odd = posted.seqs().iter().any(|seq| [17, 18, 50].contains(seq));
            // A limit that the whole batch passes as well.
            let large = status == 413 && posted.events.len() > 20;
            if odd || large { Reply::Status(status, vec![], "too odd".to_owned()) } else { Reply::All }
        });
        let running = desk.start();
        assert_eq!(desk.link().await, Link::Up);
        desk.all_saved(head).await;
        let parked = desk.store.parked("enterprise", 0, 10).await.unwrap();
        let parked: Vec<_> = parked.into_iter().map(|row| (row.seq, row.reason)).collect();
        let reason = format!("answered with {status}: too odd");
        assert_eq!(parked, [17, 18, 50].map(|seq| (seq, reason.clone())));
        let others: BTreeSet<u64> = (1..=head).filter(|seq| ![17, 18, 50].contains(seq)).collect();
        assert_eq!(receiver.seqs(), others);
        assert_in_order(&receiver);
        desk.stop(running).await;
    }
}

/// The bound on parked rows: beyond it nothing is passed over.
#[tokio::test]
async fn with_too_many_rows_parked_the_uplink_stops_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start().await;
    let mut desk = Desk::over_http(folder.path(), receiver.url());
    desk.write("alarm", 10).await;
    let (lane, next) = ("live".to_owned(), UtcTime(NOW.0 + 1_000_000));
    let parked = (1_000..11_000).map(|seq| ParkedChange::Refused {
        seq,
        lane: lane.clone(),
        reason: String::new(),
        at: NOW,
        next,
    });
    desk.store.save_uplink("enterprise", None, parked.collect()).await.unwrap();
    receiver.answer_batches(|posted, _| receipts(posted, |seq| Some(if seq == 6 { "refused" } else { "accepted" })));
    let running = desk.start();
    let reason = lost(&mut desk).await;
    assert!(reason.contains("10000 are parked already") && reason.contains("because"), "{reason}");
    desk.stop(running).await;
    let cursor = desk.store.cursor("enterprise").await.unwrap().unwrap();
    let cursor = davy_uplink::Cursor::read(&cursor).unwrap();
    assert_eq!(cursor.backfill, 5, "the cursor stands before the row that is refused");
    assert_eq!(desk.store.parked_count("enterprise").await.unwrap(), 10_000);
}
