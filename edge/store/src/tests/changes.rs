//! The history of the alarm table is found among all other rows, whenever it was written.

use super::{batch, block_on, opened};
use crate::{Batch, Row};
use davy_core::time::UtcTime;

pub(super) fn changes(rules: &[&str]) -> Batch {
    let row = |rule: &&str| Row { utc: UtcTime(0), kind: "change", body: format!(r#"{{"rule":{rule}}}"#) };
    Batch { rows: rules.iter().map(row).collect(), saved: Vec::new() }
}

#[test]
fn changes_are_read_newest_first_of_all_rules_or_of_one() {
    let directory = tempfile::tempdir().unwrap();
    let opened = opened(directory.path());
    block_on(async {
        opened.store.commit(changes(&["null", r#""a""#, r#""b""#])).await.unwrap();
        opened.store.commit(batch([4, 5])).await.unwrap();
        opened.store.commit(changes(&["null", r#""a""#])).await.unwrap();
        for (rule, before, limit, expected) in [
            (None, u64::MAX, 9, &[7, 6, 3, 2, 1][..]),
            (None, u64::MAX, 2, &[7, 6]),
            (None, 6, 9, &[3, 2, 1]),
            (Some("a"), u64::MAX, 9, &[7, 2]),
            (Some("a"), 7, 1, &[2]),
            (Some("c"), u64::MAX, 9, &[]),
        ] {
            let rows = opened.store.changes(rule, before, limit).await.unwrap();
            let seqs: Vec<u64> = rows.iter().map(|row| row.seq).collect();
            assert_eq!(seqs, expected, "{rule:?} before {before}");
            assert!(rows.iter().all(|row| row.kind == "change"));
        }
    });
}
