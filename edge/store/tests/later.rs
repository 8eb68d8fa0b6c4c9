//! A program that was rolled back and the file of the later one.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use davy_core::time::UtcTime;
use davy_store::{Batch, JOURNAL_VERSION, Row, StoreError, open};
use rusqlite::Connection;

const NOW: UtcTime = UtcTime(1_795_392_000_123);

fn batch(n: u64) -> Batch {
    Batch { rows: vec![Row { utc: NOW, kind: "alarm", body: format!("{{\"n\":{n}}}") }], saved: Vec::new() }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A program that was rolled back goes on with the file of the later one, where that says that it can.
#[test]
fn the_file_of_a_later_version_opens_where_it_says_so() {
    let later = JOURNAL_VERSION + 1;
    for (usable_from, opens) in [(Some(JOURNAL_VERSION), true), (Some(later), false), (None, false)] {
        let directory = tempfile::tempdir().unwrap();
        let first = open(directory.path(), NOW).unwrap();
        block_on(async {
            first.store.commit(batch(1)).await.unwrap();
            first.store.close().await;
        });
        let file = Connection::open(directory.path().join("davy-1.db")).unwrap();
        file.pragma_update(None, "user_version", later as i64).unwrap();
        file.execute("DELETE FROM meta WHERE key = 'usable_from'", []).unwrap();
        if let Some(said) = usable_from {
            file.execute("INSERT INTO meta (key, value) VALUES ('usable_from', ?1)", [said.to_string()]).unwrap();
        }
        drop(file);
        match open(directory.path(), NOW) {
            Ok(again) => block_on(async {
                assert!(opens && again.set_aside.is_none(), "{usable_from:?}");
                assert_eq!(again.store.commit(batch(2)).await.unwrap(), 2);
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
