//! What needs the writer's own connection or the file itself: full disk, damage, migration, shared flushes, the model.

mod backwards;
mod changes;
mod commands;
mod damage;
mod full_disk;
mod group_commit;
mod migration;
mod model;
mod retention;
mod parked;

use crate::{Batch, Opened, Row, open};
use davy_core::time::UtcTime;
use std::{future::Future, path::Path};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn opened(directory: &Path) -> Opened {
    open(directory, UtcTime(1_795_392_000_123)).unwrap()
}

fn row(n: u64) -> Row {
    Row { utc: UtcTime(n.cast_signed()), kind: "alarm", body: format!("{{\"n\":{n}}}") }
}

fn batch(rows: impl IntoIterator<Item = u64>) -> Batch {
    Batch { rows: rows.into_iter().map(row).collect(), saved: Vec::new() }
}
