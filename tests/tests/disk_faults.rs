//! Every way in which a disk fails, one after the other, while rows are written: what cannot be kept is refused in words, what
//! was acknowledged stays, and all goes on when the disk is back. The power fails afterwards in each case.

#[path = "disk_faults/damage.rs"]
mod damage;
#[path = "disk_faults/desk.rs"]
mod desk;

use acceptance::disk::{self, Disk, Faults, Survival};
use davy_core::time::UtcTime;
use davy_store::{StoreError, open, verify};
use desk::{DATA, batch, block_on, large, numbers};
use std::{path::Path, time::Duration};

/// What fails, and what the store says to a commit meanwhile.
struct Case {
    name: &'static str,
    fault: Fault,
    said: &'static [&'static str],
}

/// Full and nearly full are counted from what is used at that moment.
enum Fault {
    Of(Faults),
    /// So many bytes are left.
    Left(u64),
}

fn cases() -> Vec<Case> {
    let of = |fault| Fault::Of(fault);
    vec![
        Case { name: "full", fault: Fault::Left(0), said: &["full"] },
        Case { name: "nearly full", fault: Fault::Left(9_000), said: &["full"] },
        Case {
            name: "mounted read-only",
            fault: of(Faults { read_only: true, ..Faults::default() }),
            said: &["read-only", "readonly", "disk I/O error"],
        },
        Case {
            name: "writes fail",
            fault: of(Faults { write_fails: true, ..Faults::default() }),
            said: &["disk I/O error"],
        },
        Case {
            name: "syncs fail, and what they were to keep is forgotten",
            fault: of(Faults { sync_fails: true, ..Faults::default() }),
            said: &["disk I/O error"],
        },
    ]
}

#[test]
fn what_cannot_be_kept_is_refused_and_all_goes_on_when_the_disk_is_back() {
    if !disk::available() {
        return;
    }
    for case in cases() {
        for survival in desk::survivals() {
            block_on(refused(&case, survival));
        }
    }
}

async fn refused(case: &Case, survival: Survival) {
    let name = case.name;
    let disk = Disk::new();
    let data = disk.path().join(DATA);
    let store = open(&data, UtcTime(0)).expect(name).store;
    store.commit(batch(1..=50)).await.expect(name);
    disk.set(match &case.fault {
        Fault::Of(faults) => faults.clone(),
        Fault::Left(bytes) => Faults { capacity: Some(disk.used() + bytes), ..Faults::default() },
    });
    for _ in 0..3 {
        let error = store.commit(large(51..=100)).await.expect_err(name);
        assert!(matches!(error, StoreError::Write { .. }), "{name}: {error}");
        let words = error.to_string();
        assert!(case.said.iter().any(|said| words.contains(said)) && words.contains("check"), "{name}: {words}");
        assert_eq!(*store.head().borrow(), 50, "{name}: nothing of it is told to anybody");
        assert_eq!(numbers(&store).await, (1..=50).collect::<Vec<_>>(), "{name}: what is there can be read");
    }
    disk.set(Faults::default());
    assert_eq!(store.commit(batch(51..=60)).await.expect(name), 60, "{name}: it goes on");
    disk.cut_before(0, survival);
    disk.cut_now();
    store.close().await;
    disk.power_back();
    whole(name, &disk, 60).await;
}

/// Opens what is left: rows 1 to `rows` and no other.
async fn whole(name: &str, left: &Disk, rows: u64) {
    let data = left.path().join(DATA);
    let opened = open(&data, UtcTime(0)).expect(name);
    assert_eq!((opened.epoch, &opened.set_aside), (1, &None), "{name}");
    assert_eq!(numbers(&opened.store).await, (1..=rows).collect::<Vec<_>>(), "{name}");
    opened.store.close().await;
    chain_holds(name, &data);
}

fn chain_holds(name: &str, data: &Path) {
    let verdict = verify(data).expect(name);
    assert_eq!((verdict.broken_at, &verdict.gaps), (None, &vec![]), "{name}");
}

#[test]
fn what_cannot_be_read_is_an_error_and_is_read_when_the_disk_is_back() {
    if !disk::available() {
        return;
    }
    let disk = Disk::new();
    let data = disk.path().join(DATA);
    block_on(async {
        let store = open(&data, UtcTime(0)).expect("open").store;
        store.commit(batch(1..=50)).await.expect("commit");
        store.close().await;
        disk.set(Faults { read_fails: true, ..Faults::default() });
        let error = open(&data, UtcTime(0)).expect_err("nothing can be read").to_string();
        assert!(error.contains("cannot open the journal") && error.contains("I/O"), "{error}");
        disk.set(Faults::default());
        // A disk that could not be read is no reason to begin anew.
        let opened = open(&data, UtcTime(0)).expect("open again");
        assert_eq!((opened.epoch, &opened.set_aside), (1, &None));
        disk.set(Faults { read_fails: true, ..Faults::default() });
        let error = opened.store.read(0, 50, 100).await.expect_err("nothing can be read").to_string();
        assert!(error.contains("cannot read the journal"), "{error}");
        disk.set(Faults::default());
        assert_eq!(numbers(&opened.store).await, (1..=50).collect::<Vec<_>>());
        assert_eq!(opened.store.commit(batch(51..=60)).await.expect("commit"), 60);
        opened.store.close().await;
        chain_holds("reads fail", &data);
    });
}

#[test]
fn a_slow_disk_is_waited_for_and_readers_are_not() {
    if !disk::available() {
        return;
    }
    let disk = Disk::new();
    let data = disk.path().join(DATA);
    block_on(async {
        let store = open(&data, UtcTime(0)).expect("open").store;
        store.commit(batch(1..=50)).await.expect("commit");
        // The reader has opened its file: that would wait, by the way in which FUSE syncs.
        assert_eq!(numbers(&store).await, (1..=50).collect::<Vec<_>>());
        let syncs = disk.syncs();
        disk.set(Faults { sync_takes: Duration::from_secs(3_600), ..Faults::default() });
        let commit = tokio::spawn({
            let store = store.clone();
            async move { store.commit(batch(51..=60)).await }
        });
        while disk.syncs() == syncs {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(numbers(&store).await, (1..=50).collect::<Vec<_>>(), "readers do not wait for the writer");
        assert_eq!((*store.head().borrow(), commit.is_finished()), (50, false), "nothing is told before it is durable");
        disk.set(Faults::default());
        assert_eq!(commit.await.expect("it ends").expect("commit"), 60);
        store.close().await;
        chain_holds("slow", &data);
    });
}
