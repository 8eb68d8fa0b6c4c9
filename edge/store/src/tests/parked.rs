//! Parked rows: put there with the cursor or not at all, tried again at their time, gone when they are taken.

use super::{batch, block_on, opened};
use crate::{Parked, ParkedChange, Store};
use davy_core::time::UtcTime;

fn refused(seq: u64, at: i64, next: i64) -> ParkedChange {
    let (lane, reason) = ("live".to_owned(), format!("no at {at}"));
    ParkedChange::Refused { seq, lane, reason, at: UtcTime(at), next: UtcTime(next) }
}

async fn due(store: &Store, now: i64, latest: i64) -> Option<u64> {
    store.parked_due("north", UtcTime(now), UtcTime(latest)).await.unwrap().map(|row| row.seq)
}

#[test]
fn a_refused_row_stays_until_it_is_taken_whatever_is_started_again() {
    let directory = tempfile::tempdir().unwrap();
    block_on(async {
        let store = opened(directory.path()).store;
        store.commit(batch(1..=5)).await.unwrap();
        let changes = vec![refused(2, 10, 100), refused(4, 10, 50)];
        store.save_uplink("north", Some("past 4".to_owned()), changes).await.unwrap();
        store.save_uplink("other", None, vec![refused(1, 10, 1)]).await.unwrap();
        store.close().await;

        let store = opened(directory.path()).store;
        assert_eq!(store.cursor("north").await.unwrap().as_deref(), Some("past 4"));
        assert_eq!(store.parked_count("north").await.unwrap(), 2);
        store.save_uplink("north", None, vec![refused(2, 30, 200)]).await.unwrap();
        let second = Parked {
            seq: 2,
            lane: "live".to_owned(),
            reason: "no at 30".to_owned(),
            since: UtcTime(10),
            tries: 2,
            next: UtcTime(200),
        };
        assert_eq!(store.parked("north", 0, 1).await.unwrap(), [second], "since when and how often are kept");
        assert_eq!(store.parked("north", 2, 9).await.unwrap()[0].seq, 4);

        for (now, latest, expected) in [(49, 999, None), (50, 999, Some(4)), (300, 999, Some(4)), (20, 150, Some(2))] {
            assert_eq!(due(&store, now, latest).await, expected, "at {now}, none later than {latest}");
        }
        store.save_uplink("north", None, vec![ParkedChange::Later { seq: 4, next: UtcTime(900) }]).await.unwrap();
        assert_eq!(due(&store, 899, 999).await, Some(2));
        store.save_uplink("north", None, vec![ParkedChange::Taken { seq: 2 }]).await.unwrap();
        assert_eq!(due(&store, 899, 999).await, None);
        store.retry_parked("north", Some(3), UtcTime(1)).await.unwrap();
        assert_eq!(due(&store, 1, 999).await, None, "no such row is parked");
        store.retry_parked("north", Some(4), UtcTime(1)).await.unwrap();
        assert_eq!(due(&store, 1, 999).await, Some(4));
        store.save_uplink("north", None, vec![refused(3, 1, 500)]).await.unwrap();
        store.retry_parked("north", None, UtcTime(1)).await.unwrap();
        assert_eq!(due(&store, 1, 999).await, Some(3));
        assert_eq!(store.parked("other", 0, 9).await.unwrap()[0].next, UtcTime(1), "another uplink's rows are its own");
        store.close().await;
    });
}
