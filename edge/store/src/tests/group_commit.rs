//! Batches that wait together share a flush.

use super::{batch, block_on, opened};
use std::time::Instant;

const BATCHES: u64 = 2_000;

#[test]
fn batches_that_wait_share_flushes_and_each_hears_its_own_place() {
    let directory = tempfile::tempdir().unwrap();
    block_on(async {
        let store = opened(directory.path()).store;
        let begun = Instant::now();
        let tasks: Vec<_> = (0..BATCHES)
            .map(|n| {
                let store = store.clone();
                tokio::spawn(async move { (n, store.commit(batch([2 * n, 2 * n + 1])).await.unwrap()) })
            })
            .collect();
        for task in tasks {
            let (n, head) = task.await.unwrap();
            let rows = store.read(head - 2, head, 10).await.unwrap();
            let bodies: Vec<_> = rows.iter().map(|row| row.body.clone()).collect();
            assert_eq!(bodies, batch([2 * n, 2 * n + 1]).rows.into_iter().map(|row| row.body).collect::<Vec<_>>());
        }
        let figures = store.figures();
        report("waiting together", begun, figures);
        assert_eq!((figures.batches, figures.rows), (BATCHES, 2 * BATCHES));
        assert!(figures.transactions * 10 < BATCHES, "{figures:?}: fewer than ten batches share a flush");
    });
}

/// Figures for comparison; nothing is asserted on time.
#[test]
fn figures_of_one_writer_that_waits_for_each_flush() {
    let directory = tempfile::tempdir().unwrap();
    block_on(async {
        for (name, size) in [("1 row a flush", 1), ("100 rows a flush", 100)] {
            let data = directory.path().join(size.to_string());
            let store = opened(&data).store;
            let begun = Instant::now();
            for _ in 0..200 {
                store.commit(batch(0..size)).await.unwrap();
            }
            report(name, begun, store.figures());
            assert_eq!(store.figures().transactions, 200);
        }
    });
}

#[expect(clippy::print_stdout, reason = "figures are what this is for")]
fn report(name: &str, begun: Instant, figures: crate::Figures) {
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{name}: {} batches in {} flushes ({:.1} each), {:.0} rows/s, {:.0} commits/s",
        figures.batches,
        figures.transactions,
        figures.batches as f64 / figures.transactions as f64,
        figures.rows as f64 / seconds,
        figures.batches as f64 / seconds,
    );
}
