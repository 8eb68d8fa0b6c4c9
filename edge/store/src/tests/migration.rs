//! Every earlier version of the file opens, with its rows, state, cursors and chain.

use super::{batch, block_on, opened};
use crate::{JournalRow, schema, verify};
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
