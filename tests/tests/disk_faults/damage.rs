//! Files that are damaged or taken away: between runs, and while the gateway works.

use crate::desk::{DATA, batch, block_on, numbers};
use acceptance::disk::{self, Disk, Faults};
use davy_core::time::UtcTime;
use davy_store::{Opened, Store, StoreError, open, verify};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const ROWS: u64 = 300;

/// A file of a data directory by the end of its name.
fn file(data: &Path, ending: &str) -> PathBuf {
    data.join(format!("davy-1.db{ending}"))
}

fn opened(data: &Path) -> Opened {
    open(data, UtcTime(0)).expect("a gateway starts whatever has happened to its files")
}

/// A journal that the process left without closing it: as a kill leaves it, whose copy this is.
fn killed(rows: u64) -> (Disk, PathBuf) {
    let disk = Disk::new();
    let living = disk.path().join("living");
    let store = opened(&living).store;
    block_on(store.commit(batch(1..=rows))).expect("commit");
    let data = disk.path().join(DATA);
    fs::create_dir(&data).expect("a folder");
    for entry in fs::read_dir(&living).expect("a folder").flatten() {
        let bytes = fs::read(entry.path()).expect("a file");
        fs::write(data.join(entry.file_name()), bytes).expect("its copy");
    }
    block_on(store.close());
    (disk, data)
}

/// No id that was ever told may come again: a journal that has lost rows is set aside.
#[test]
fn rows_that_were_lost_with_a_file_are_never_counted_again() {
    if !disk::available() {
        return;
    }
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("nothing", |_| {}),
        ("the log is gone", |data| fs::remove_file(file(data, "-wal")).expect("a log")),
        ("the log is cut in the middle", |data| {
            let bytes = fs::read(file(data, "-wal")).expect("a log");
            fs::write(file(data, "-wal"), &bytes[..bytes.len() / 2]).expect("a log");
        }),
        ("a bit of the log", |data| {
            let mut bytes = fs::read(file(data, "-wal")).expect("a log");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 4;
            fs::write(file(data, "-wal"), bytes).expect("a log");
        }),
        ("every file of the journal is gone", |data| {
            ["", "-wal", "-shm"].iter().for_each(|ending| fs::remove_file(file(data, ending)).expect("a file"));
        }),
    ];
    for (what, damage) in damages {
        let (_disk, data) = killed(ROWS);
        damage(&data);
        block_on(async {
            let opened = opened(&data);
            let expected = if what == "nothing" { (1, ROWS) } else { (2, 0) };
            assert_eq!((opened.epoch, *opened.store.head().borrow()), expected, "{what}");
            let aside = ["the log is gone", "the log is cut in the middle", "a bit of the log"].contains(&what);
            assert_eq!(opened.set_aside.is_some(), aside, "{what}: what is left is kept");
            opened.store.commit(batch(1..=3)).await.expect(what);
            opened.store.close().await;
        });
        // It is said once, and the next start is an ordinary one.
        let again = opened(&data);
        assert_eq!((again.epoch, again.set_aside), (if what == "nothing" { 1 } else { 2 }, None), "{what}");
        block_on(again.store.close());
    }
}

/// The disk fails while a journal that has lost rows is set aside: it is not used again when the disk is back.
#[test]
fn a_journal_that_could_not_be_set_aside_is_not_used_again() {
    if !disk::available() {
        return;
    }
    let (disk, data) = killed(ROWS);
    let bytes = fs::read(file(&data, "-wal")).expect("a log");
    fs::write(file(&data, "-wal"), &bytes[..bytes.len() / 2]).expect("a log");
    disk.set(Faults { rename_fails: true, ..Faults::default() });
    let error = open(&data, UtcTime(0)).expect_err("it cannot be set aside").to_string();
    assert!(error.contains("cannot use the data directory"), "{error}");
    disk.set(Faults::default());
    let opened = opened(&data);
    assert_eq!((opened.epoch, opened.first_start, opened.set_aside.is_some()), (2, true, true));
    block_on(opened.store.close());
}

/// Somebody tidies up while the gateway runs.
#[test]
fn a_log_that_is_deleted_while_it_is_used_costs_nothing() {
    if !disk::available() {
        return;
    }
    for endings in [&["-wal"][..], &["-wal", "-shm"]] {
        let disk = Disk::new();
        let data = disk.path().join(DATA);
        let store = opened(&data).store;
        block_on(async {
            for round in 0..4 {
                let from = round * 10 + 1;
                assert_eq!(store.commit(batch(from..from + 10)).await.expect("commit"), from + 9, "{endings:?}");
                assert_eq!(numbers(&store).await, (1..from + 10).collect::<Vec<_>>(), "{endings:?}");
                // The index of the log lives on in memory and has no name any more after the first time.
                let removed = endings.iter().filter(|ending| fs::remove_file(file(&data, ending)).is_ok());
                assert!(removed.count() > 0, "the log has a name again");
            }
            store.commit(batch([41])).await.expect("commit");
            assert_eq!(numbers(&store).await, (1..=41).collect::<Vec<_>>(), "{endings:?}");
        });
        // As a kill leaves it: what was acknowledged is in the files that have names.
        let copy = disk.path().join("copy");
        copy_of(&data, &copy);
        assert_eq!(block_on(numbers_and_close(&opened(&copy).store)), (1..=41).collect::<Vec<_>>(), "{endings:?}");
        block_on(store.close());
        assert_eq!(verify(&data).expect("a journal").rows, 41, "{endings:?}");
    }
}

async fn numbers_and_close(store: &Store) -> Vec<u64> {
    let numbers = numbers(store).await;
    store.clone().close().await;
    numbers
}

fn copy_of(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        fs::write(to.join(entry.file_name()), fs::read(entry.path()).expect("a file")).expect("its copy");
    }
}

/// A journal that has no name any more takes nothing that would be lost with the process.
#[test]
fn a_journal_that_is_deleted_while_it_is_used_takes_no_more_rows() {
    if !disk::available() {
        return;
    }
    let disk = Disk::new();
    let data = disk.path().join(DATA);
    block_on(async {
        let store = opened(&data).store;
        store.commit(batch(1..=10)).await.expect("commit");
        fs::remove_file(file(&data, "")).expect("a journal");
        let error = store.commit(batch([11])).await.expect_err("it has no place");
        assert!(matches!(error, StoreError::Gone { .. }) && error.to_string().contains("restart"), "{error}");
        store.close().await;
        let opened = opened(&data);
        assert_eq!((opened.epoch, opened.first_start), (2, true), "ids do not come again");
        opened.store.close().await;
    });
}

/// One bit anywhere in the file: it is found when the file is opened, or by `verify`, or nothing depends on it.
#[test]
#[expect(clippy::print_stdout, reason = "how each was found is worth seeing")]
fn a_flipped_bit_is_found() {
    if !disk::available() {
        return;
    }
    let disk = Disk::new();
    let original = disk.path().join("original");
    block_on(async {
        let store = opened(&original).store;
        store.commit(batch(1..=ROWS)).await.expect("commit");
        store.close().await;
    });
    let bytes = fs::read(file(&original, "")).expect("a journal");
    let mut found = BTreeMap::<&str, usize>::new();
    for flip in 0..120 {
        let data = disk.path().join(format!("flip-{flip}"));
        fs::create_dir(&data).expect("a folder");
        let mut bytes = bytes.clone();
        let byte = flip * 7_919 % bytes.len();
        bytes[byte] ^= 1 << (flip % 8);
        fs::write(file(&data, ""), bytes).expect("a journal");
        *found.entry(how(&data, byte)).or_default() += 1;
    }
    println!("one bit flipped in each of 120 journals: {found:?}");
    assert!(found["verify"] > 10 && found["open"] > 0, "{found:?}");
}

fn how(data: &Path, byte: usize) -> &'static str {
    match open(data, UtcTime(0)) {
        Err(StoreError::Foreign { .. }) => "refused",
        Err(error) => panic!("byte {byte}: {error}"),
        Ok(opened) if opened.set_aside.is_some() => {
            assert_eq!((opened.epoch, opened.first_start), (2, true), "byte {byte}");
            block_on(opened.store.close());
            "open"
        }
        Ok(opened) => {
            let rows = block_on(numbers_of(&opened.store));
            block_on(opened.store.close());
            match verify(data) {
                Err(_) => "verify",
                Ok(verdict) if verdict.broken_at.is_some() || !verdict.gaps.is_empty() => "verify",
                Ok(_) => {
                    assert_eq!(rows, Some((1..=ROWS).collect()), "byte {byte}: a row is another and nobody knows");
                    "no row was touched"
                }
            }
        }
    }
}

/// `None` when a row is no row any more.
async fn numbers_of(store: &Store) -> Option<Vec<u64>> {
    let rows = store.read(0, u64::MAX, 10_000).await.ok()?;
    rows.iter().map(|row| row.body.strip_prefix(r#"{"n":"#)?.split(',').next()?.parse().ok()).collect()
}
