//! Tampering is named, a corrupt file is set aside, a foreign one is left alone, two processes do not share.

use super::{batch, block_on, changes::changes, opened};
use crate::{Places, StoreError, open, verify};
use davy_core::time::UtcTime;
use rusqlite::Connection;
use std::{fs, path::Path};

fn journal_of(directory: &Path, rows: u64) {
    block_on(async {
        let store = opened(directory).store;
        store.commit(batch(1..=rows)).await.unwrap();
        store.close().await;
    });
}

fn tamper(directory: &Path, sql: &str) {
    Connection::open(directory.join("davy-1.db")).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn tampering_is_named() {
    for (sql, broken_at, gaps) in [
        ("SELECT 1", None, vec![]),
        ("UPDATE journal SET body = '{\"n\":0}' WHERE seq = 7", Some(7), vec![]),
        ("UPDATE journal SET utc = utc + 1 WHERE seq = 1", Some(1), vec![]),
        ("UPDATE journal SET kind = 'audit' WHERE seq = 10", Some(10), vec![]),
        ("UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 3) WHERE seq = 4", Some(4), vec![]),
        ("DELETE FROM journal WHERE seq IN (5, 6)", Some(7), vec![(5, 6)]),
        ("DELETE FROM journal WHERE seq < 4", None, vec![(1, 3)]),
        ("UPDATE meta SET value = '2' WHERE key = 'epoch'", Some(1), vec![]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        journal_of(directory.path(), 10);
        tamper(directory.path(), sql);
        let verdict = verify(directory.path()).unwrap();
        assert_eq!((verdict.broken_at, verdict.gaps, verdict.head), (broken_at, gaps, 10), "{sql}");
    }
}

#[test]
fn a_history_of_the_alarm_table_that_is_not_the_journals_is_named() {
    let places =
        |seqs: &[u64]| Places { count: seqs.len() as u64, first: seqs.first().copied(), last: seqs.last().copied() };
    for (sql, missing, extra) in [
        ("SELECT 1", &[][..], &[][..]),
        ("DELETE FROM change", &[3, 4, 5], &[]),
        ("DELETE FROM change WHERE seq = 4", &[4], &[]),
        ("INSERT INTO change VALUES (2, 'a')", &[], &[2]),
        ("UPDATE change SET rule = 'b' WHERE seq = 5", &[5], &[5]),
        ("UPDATE change SET seq = 9 WHERE seq = 3", &[3], &[9]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        block_on(async {
            let store = opened(directory.path()).store;
            store.commit(batch([1, 2])).await.unwrap();
            store.commit(changes(&["null", r#""a""#, r#""a""#])).await.unwrap();
            store.close().await;
        });
        tamper(directory.path(), sql);
        let verdict = verify(directory.path()).unwrap();
        assert_eq!((verdict.changes_missing, verdict.changes_extra), (places(missing), places(extra)), "{sql}");
        assert_eq!((verdict.broken_at, &verdict.gaps), (None, &vec![]), "{sql}");
    }
}

#[test]
fn a_corrupt_file_is_set_aside_and_ids_never_repeat() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("no database at all", |path| {
            fs::write(path, "not a database, but long enough to have a header".repeat(100)).unwrap()
        }),
        ("cut to nothing", |path| fs::write(path, "").unwrap()),
        ("a page of zeros", |path| {
            let mut bytes = fs::read(path).unwrap();
            let last_page = bytes.len() - 4096;
            bytes[4096..last_page].fill(0);
            fs::write(path, bytes).unwrap();
        }),
        ("its tables gone", |path| {
            fs::remove_file(path).unwrap();
            Connection::open(path).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
        }),
    ];
    for (what, damage) in damages {
        let directory = tempfile::tempdir().unwrap();
        for epoch in 1..=3_u32 {
            let opened = opened(directory.path());
            assert_eq!(opened.epoch, epoch, "{what}");
            assert!(opened.first_start, "{what}");
            assert_eq!(opened.set_aside.is_some(), epoch > 1, "{what}");
            block_on(async {
                opened.store.commit(batch(1..=500)).await.unwrap();
                opened.store.close().await;
            });
            if let Some(aside) = opened.set_aside {
                assert!(aside.exists(), "{what}: {}", aside.display());
            }
            damage(&directory.path().join(format!("davy-{epoch}.db")));
        }
        assert_eq!(opened(directory.path()).epoch, 4, "{what}");
    }
}

#[test]
fn a_foreign_or_later_file_is_refused_and_left_as_it_is() {
    for (sql, words) in [
        ("PRAGMA user_version = 99; DELETE FROM meta WHERE key = 'usable_from'", "later davy"),
        ("PRAGMA application_id = 7", "another program"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        journal_of(directory.path(), 1);
        tamper(directory.path(), sql);
        let error = open(directory.path(), UtcTime(0)).unwrap_err();
        assert!(matches!(error, StoreError::Foreign { .. }) && error.to_string().contains(words), "{error}");
        assert!(directory.path().join("davy-1.db").exists());
    }
}

#[test]
fn a_directory_belongs_to_one_process_until_it_closes() {
    let directory = tempfile::tempdir().unwrap();
    let first = opened(directory.path());
    assert!(matches!(open(directory.path(), UtcTime(0)), Err(StoreError::InUse { .. })));
    let other = first.store.clone();
    block_on(first.store.close());
    assert!(matches!(block_on(other.commit(batch([1]))), Err(StoreError::Closed)));
    assert!(matches!(block_on(other.read(0, 1, 1)), Err(StoreError::Closed)));
    let again = opened(directory.path());
    assert_eq!((again.epoch, again.first_start), (1, true));
}

#[test]
fn a_directory_that_cannot_be_made_is_told_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open(&file.join("data"), UtcTime(0)).unwrap_err().to_string();
    assert!(error.contains("cannot use the data directory") && error.contains("file/data"), "{error}");
    let error = verify(directory.path()).unwrap_err().to_string();
    assert!(error.contains("there is no journal"), "{error}");
}
