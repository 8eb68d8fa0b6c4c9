//! SIGKILL in the middle of writing: what was acknowledged is there, every batch is whole, the chain verifies.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use davy_core::time::UtcTime;
use davy_store::{Batch, JournalRow, Row, open, verify};
use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

const DIRECTORY: &str = "DAVY_STORE_KILL_TEST_DIRECTORY";
const ROUNDS: u64 = 300;

/// Kills in one directory, so that journals stay short enough to be read whole each time.
const ROUNDS_OF_A_DIRECTORY: u64 = 20;

/// Rows of batch `n`; sizes differ so that a torn batch would show.
fn size(n: u64) -> u64 {
    n % 7 + 1
}

fn batch(n: u64) -> Batch {
    let row = |i| Row { utc: UtcTime(0), kind: "alarm", body: format!("{n} {i}") };
    Batch { rows: (0..size(n)).map(row).collect(), saved: vec![("last".to_owned(), Some(n.to_string()))] }
}

/// Not a test of its own: the process that gets killed. It goes on where the saved state says.
#[test]
#[expect(clippy::print_stdout, reason = "its parent counts what was acknowledged")]
fn child_that_writes() {
    let Ok(directory) = env::var(DIRECTORY) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let opened = open(Path::new(&directory), UtcTime(0)).unwrap();
        let first = opened.saved.get("last").map_or(0, |last| last.parse::<u64>().unwrap() + 1);
        for round in 0.. {
            let tasks: Vec<_> = (0..4)
                .map(|i| {
                    let store = opened.store.clone();
                    let n = first + round * 4 + i;
                    tokio::spawn(async move { (n, store.commit(batch(n)).await.unwrap()) })
                })
                .collect();
            for task in tasks {
                let (n, head) = task.await.unwrap();
                println!("acknowledged {n} {head}");
            }
        }
    });
}

fn start_child(directory: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "child_that_writes", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kills after `count` acknowledgements; gives the last one that was heard.
fn kill_after(directory: &Path, count: u64) -> u64 {
    let mut child = start_child(directory);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut acknowledged = lines.filter_map(|line| {
        let (_, figures) = line.split_once("acknowledged ")?;
        figures.split_once(' ')?.0.parse::<u64>().ok()
    });
    let last = acknowledged.by_ref().nth(usize::try_from(count).unwrap()).expect("the child writes until it is killed");
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged.last().unwrap_or(last)
}

fn whole_batches(rows: &[JournalRow]) -> u64 {
    let mut expected = (0..).flat_map(|n| (0..size(n)).map(move |i| (n, i)));
    let mut last = None;
    for row in rows {
        let (n, i) = expected.next().unwrap();
        assert_eq!(row.body, format!("{n} {i}"));
        last = (i + 1 == size(n)).then_some(n);
    }
    last.expect("the journal ends with a whole batch")
}

#[test]
#[expect(clippy::print_stdout, reason = "figures are what this is for")]
fn killed_again_and_again() {
    let (mut directory, mut rows) = (tempfile::tempdir().unwrap(), 0);
    for round in 0..ROUNDS {
        if round.is_multiple_of(ROUNDS_OF_A_DIRECTORY) {
            directory = tempfile::tempdir().unwrap();
        }
        rows += killed_once(directory.path(), round * 17 % 90);
    }
    println!("{ROUNDS} kills, {rows} rows looked at, none of an acknowledged batch lost");
}

/// Gives the rows that were looked at.
fn killed_once(directory: &Path, after: u64) -> u64 {
    let heard = kill_after(directory, after);
    let verdict = verify(directory).unwrap();
    assert_eq!((verdict.broken_at, &verdict.gaps), (None, &vec![]));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let opened = open(directory, UtcTime(0)).unwrap();
    assert_eq!((opened.epoch, opened.set_aside), (1, None));
    let rows = runtime.block_on(read_all(&opened.store));
    let last = whole_batches(&rows);
    assert!(last >= heard, "batch {heard} was acknowledged and {last} is the last in the journal");
    assert_eq!(opened.saved["last"], last.to_string(), "state and rows are of one transaction");
    runtime.block_on(opened.store.close());
    rows.len() as u64
}

async fn read_all(store: &davy_store::Store) -> Vec<JournalRow> {
    let mut rows: Vec<JournalRow> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row.seq);
        let more = store.read(after, u64::MAX, 1_000).await.unwrap();
        if more.is_empty() {
            return rows;
        }
        rows.extend(more);
    }
}
