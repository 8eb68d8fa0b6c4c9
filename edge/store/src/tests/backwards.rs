//! Rows backwards, and those about warnings without a look at the others.

use super::{block_on, opened, row};
use crate::{Batch, Row, Rows, open, reader, rows};
use davy_core::time::UtcTime;

fn fill(directory: &std::path::Path) {
    let of = |n: u64| match n % 10 {
        3 => Row { kind: "warning", ..row(n) },
        7 => Row { kind: "evidence", ..row(n) },
        _ => row(n),
    };
    let batch = Batch { rows: (1..=100).map(of).collect(), saved: Vec::new() };
    let opened = opened(directory);
    block_on(async {
        opened.store.commit(batch).await.unwrap();
        opened.store.close().await;
    });
}

#[test]
fn rows_come_backwards_and_by_kind() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let rows = Rows::open(directory.path()).unwrap();
    let seqs = |rows: Vec<crate::JournalRow>| rows.into_iter().map(|row| row.seq).collect::<Vec<_>>();
    assert_eq!(seqs(rows.before(u64::MAX, 3).unwrap()), [100, 99, 98]);
    assert_eq!(seqs(rows.before(3, 9).unwrap()), [2, 1]);
    assert_eq!(seqs(rows.warnings_between(0, u64::MAX, 3).unwrap()), [93, 83, 73]);
    assert_eq!(seqs(rows.evidence_between(0, 27, 9).unwrap()), [17, 7]);
    assert_eq!(seqs(rows.warnings_between(83, u64::MAX, 9).unwrap()), [93]);
    assert_eq!(seqs(rows.evidence_between(7, 17, 9).unwrap()), [0; 0]);
    assert_eq!(rows.before(2, 9).unwrap()[0].utc, UtcTime(1));
}

#[test]
fn a_kind_is_found_by_its_index_and_without_it() {
    let directory = tempfile::tempdir().unwrap();
    fill(directory.path());
    let rows = rows::Rows::open(directory.path()).unwrap();
    let plan: String = rows
        .connection()
        .query_row(&format!("EXPLAIN QUERY PLAN {}", reader::ROWS_OF_KIND), ("warning", 0, 9, 9), |row| row.get(3))
        .unwrap();
    assert!(plan.contains("journal_kind"), "{plan}");
    let path = directory.path().join("davy-1.db");
    let found = rows.warnings_between(0, u64::MAX, 99).unwrap();
    drop(rows);
    let connection = rusqlite::Connection::open(&path).unwrap();
    assert!(open::has_index(&connection).unwrap());
    connection.execute_batch("DROP INDEX journal_kind").unwrap();
    assert!(!open::has_index(&connection).unwrap());
    drop(connection);
    assert_eq!(Rows::open(directory.path()).unwrap().warnings_between(0, u64::MAX, 99).unwrap(), found);
    // A small file gets it again.
    block_on(opened(directory.path()).store.close());
    assert!(open::has_index(&rusqlite::Connection::open(&path).unwrap()).unwrap());
}
