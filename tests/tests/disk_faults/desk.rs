//! What the cases write and how they look at it.

use acceptance::disk::Survival;
use davy_core::time::UtcTime;
use davy_store::{Batch, Row, Store};

/// The data directory on the disk.
pub(crate) const DATA: &str = "data";

pub(crate) fn batch(numbers: impl IntoIterator<Item = u64>) -> Batch {
    of(numbers, 40)
}

/// Rows that need more room than a nearly full disk has.
pub(crate) fn large(numbers: impl IntoIterator<Item = u64>) -> Batch {
    of(numbers, 4_000)
}

fn of(numbers: impl IntoIterator<Item = u64>, padding: usize) -> Batch {
    let body = |n| format!(r#"{{"n":{n},"text":"{}"}}"#, "x".repeat(padding));
    let row = |n: u64| Row { utc: UtcTime(n.cast_signed()), kind: "alarm", body: body(n) };
    Batch { rows: numbers.into_iter().map(row).collect(), saved: vec![("engine".to_owned(), Some("{}".to_owned()))] }
}

/// The numbers of all rows, in order.
pub(crate) async fn numbers(store: &Store) -> Vec<u64> {
    let rows = store.read(0, u64::MAX, 10_000).await.expect("the journal can be read");
    let number = |body: &str| body.strip_prefix(r#"{"n":"#)?.split(',').next()?.parse().ok();
    rows.iter().map(|row| number(&row.body).expect("every row has a number")).collect()
}

/// All, nothing, and a part of what was not synced.
pub(crate) fn survivals() -> [Survival; 4] {
    [(0, 1), (100, 2), (50, 3), (50, 4)].map(|(percent, seed)| Survival { seed, percent, sector: 512 })
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}
