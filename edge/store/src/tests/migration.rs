//! Every earlier version of the file opens, with its rows, state, cursors and chain.

use super::{batch, block_on, opened};
use crate::{JournalRow, StoreError, open, schema, verify};
use davy_core::time::UtcTime;
use rusqlite::Connection;

/// What `v{n}.sql` builds: a journal of three rows with a saved state and a cursor.
const GOLDEN: &[&str] = &[
    include_str!("../../tests/golden/v1.sql"),
    include_str!("../../tests/golden/v2.sql"),
    include_str!("../../tests/golden/v3.sql"),
    include_str!("../../tests/golden/v4.sql"),
];

#[test]
fn there_is_a_golden_file_for_each_version() {
    assert_eq!(GOLDEN.len(), schema::VERSION);
}

#[test]
fn each_version_opens_and_goes_on() {
    for (at, sql) in GOLDEN.iter().enumerate() {
        let directory = tempfile::tempdir().unwrap();
        Connection::open(directory.path().join("davy-5.db")).unwrap().execute_batch(sql).unwrap();
        let opened = opened(directory.path());
        assert_eq!((opened.epoch, opened.first_start), (5, false), "version {}", at + 1);
        assert_eq!(opened.saved.get("engine").map(String::as_str), Some(r#"{"alarms":1}"#));
        block_on(async {
            let rows = opened.store.read(0, 1, 9).await.unwrap();
            let first = JournalRow {
                seq: 1,
                utc: UtcTime(1_795_392_000_123),
                kind: "alarm".to_owned(),
                body: r#"{"name":"液位高高"}"#.to_owned(),
            };
            assert_eq!(rows, [first]);
            assert_eq!(opened.store.cursor("enterprise").await.unwrap().as_deref(), Some(r#"{"next":3}"#));
            let parked = opened.store.parked("enterprise", 0, 9).await.unwrap();
            assert_eq!(parked.iter().map(|row| row.seq).collect::<Vec<_>>(), if at < 2 { vec![] } else { vec![2] });
            let known = opened.store.command("c-1").await.unwrap().known.map(|known| known.seq);
            assert_eq!(known, if at < 3 { None } else { Some(1) });
            assert_eq!(opened.store.commit(batch([4])).await.unwrap(), 4);
            assert_eq!(opened.store.changes(None, u64::MAX, 9).await.unwrap(), []);
            opened.store.close().await;
        });
        let verdict = verify(directory.path()).unwrap();
        assert_eq!((verdict.rows, verdict.head, verdict.broken_at), (4, 4, None), "version {}", at + 1);
    }
}

/// A program that was rolled back goes on with the file of the later one, where that says that it can.
#[test]
fn the_file_of_a_later_version_opens_where_it_says_so() {
    let later = schema::VERSION + 1;
    for (usable_from, opens) in [(Some(schema::VERSION), true), (Some(later), false), (None, false)] {
        let directory = tempfile::tempdir().unwrap();
        let first = opened(directory.path());
        block_on(async {
            first.store.commit(batch([1])).await.unwrap();
            first.store.close().await;
        });
        let file = Connection::open(directory.path().join("davy-1.db")).unwrap();
        file.pragma_update(None, "user_version", later as i64).unwrap();
        file.execute("DELETE FROM meta WHERE key = 'usable_from'", []).unwrap();
        for said in usable_from {
            file.execute("INSERT INTO meta (key, value) VALUES ('usable_from', ?1)", [said.to_string()]).unwrap();
        }
        drop(file);
        match open(directory.path(), UtcTime(1_795_392_000_123)) {
            Ok(again) => block_on(async {
                assert!(opens && again.set_aside.is_none(), "{usable_from:?}");
                assert_eq!(again.store.commit(batch([2])).await.unwrap(), 2);
                again.store.close().await;
            }),
            Err(error) => assert!(!opens && matches!(error, StoreError::Foreign { .. }), "{usable_from:?}: {error}"),
        }
        let version: i64 = Connection::open(directory.path().join("davy-1.db"))
            .unwrap()
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, later as i64, "the later program finds it as it was");
    }
}
