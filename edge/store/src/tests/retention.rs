//! What makes room: old rows that every uplink has, and where the bytes force it, others; what is left is still one chain.

use super::{block_on, opened};
use crate::{Batch, Retention, Room, Row, Unsent, verify};
use davy_core::time::UtcTime;

const NOW: i64 = 1_795_392_000_000;
const DAY: i64 = 86_400_000;

/// Rows written so many days ago; `None` for one from before the clock was set.
fn rows(ages: &[Option<i64>]) -> Batch {
    let row = |age: &Option<i64>| Row {
        utc: UtcTime(age.map_or(12_345, |days| NOW - days * DAY)),
        kind: "change",
        body: format!(r#"{{"rule":"R","age":"{age:?}{}"}}"#, "x".repeat(1_000)),
    };
    Batch { rows: ages.iter().map(row).collect(), saved: Vec::new() }
}

fn keep(days: i64, acknowledged: u64, bytes: [Option<u64>; 2]) -> Retention {
    let [bytes_wanted, bytes_max] = bytes;
    Retention { oldest_kept: UtcTime(NOW - days * DAY), acknowledged, bytes_wanted, bytes_max }
}

fn until(until: u64) -> Room {
    Room { until, unsent: None }
}

#[test]
fn what_makes_room() {
    let directory = tempfile::tempdir().unwrap();
    let store = opened(directory.path()).store;
    let ages = [None, Some(500), Some(400), None, Some(390), Some(10), Some(450), Some(2), Some(0)];
    block_on(store.commit(rows(&ages))).unwrap();
    let unsent = |first: u64, last: u64| {
        let written = |seq: u64| UtcTime(ages[seq as usize - 1].map_or(12_345, |days| NOW - days * DAY));
        Room { until: last, unsent: Some(Unsent { first, last, from: written(first), until: written(last) }) }
    };
    for (keep, expected, why) in [
        (keep(600, 9, [None; 2]), until(0), "nothing is old"),
        (keep(395, 9, [None; 2]), until(3), "old rows, and one from before the clock was set that stands among them"),
        (
            keep(365, 9, [None; 2]),
            until(5),
            "up to the first young row: an old time behind it is a clock that was set back",
        ),
        (keep(365, 2, [None; 2]), until(2), "what an uplink has not got stays"),
        (keep(365, 0, [None; 2]), until(0), "even if it is old"),
        (keep(600, 4, [Some(1 << 30); 2]), until(0), "there is room"),
        (keep(600, 4, [Some(1), Some(1 << 30)]), until(4), "too many bytes: what every uplink has, however young"),
        (keep(600, 9, [Some(1); 2]), until(8), "but never the newest"),
        (keep(600, 0, [Some(1), Some(1 << 30)]), until(0), "what has not been sent stays as long as it can"),
        (keep(600, 0, [Some(1); 2]), unsent(1, 8), "and at last what has not been sent"),
    ] {
        assert_eq!(block_on(store.find_room(keep)).unwrap(), expected, "{why}");
    }
    block_on(store.close());
}

#[test]
fn what_is_left_is_one_chain() {
    let directory = tempfile::tempdir().unwrap();
    let mut deleted = 0;
    for life in 0..3 {
        let store = opened(directory.path()).store;
        block_on(async {
            store.commit(rows(&[Some(9); 50])).await.unwrap();
            let before = store.free_bytes().await.unwrap();
            deleted += store.delete(deleted + 45).await.unwrap();
            assert!(store.free_bytes().await.unwrap() > before);
            let first = store.read(0, u64::MAX, 1).await.unwrap()[0].seq;
            assert_eq!((first, *store.head().borrow()), (deleted + 1, 50 * (life + 1)));
            store.close().await;
        });
        let verdict = verify(directory.path()).unwrap();
        let whole = (verdict.broken_at, verdict.gaps.len(), verdict.changes_missing.count, verdict.changes_extra.count);
        assert_eq!(whole, (None, 0, 0, 0));
        assert_eq!((verdict.made_room, verdict.rows), (deleted, 50 * (life + 1) - deleted));
    }
    // The newest row stays, and places go on behind it.
    let store = opened(directory.path()).store;
    assert_eq!(block_on(store.delete(u64::MAX)).unwrap(), 149 - deleted);
    assert_eq!(block_on(store.commit(rows(&[Some(0)]))).unwrap(), 151);
    block_on(store.close());
    assert_eq!(verify(directory.path()).unwrap().broken_at, None);
}

#[test]
fn rows_that_somebody_took_away_are_a_gap() {
    let directory = tempfile::tempdir().unwrap();
    let store = opened(directory.path()).store;
    block_on(async {
        store.commit(rows(&[Some(9); 20])).await.unwrap();
        store.delete(5).await.unwrap();
        store.close().await;
    });
    let path = directory.path().join("davy-1.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("DELETE FROM journal WHERE seq <= 8; DELETE FROM change WHERE seq <= 8").unwrap();
    drop(connection);
    let verdict = verify(directory.path()).unwrap();
    assert_eq!((verdict.gaps, verdict.made_room), (vec![(6, 8)], 5));
}
