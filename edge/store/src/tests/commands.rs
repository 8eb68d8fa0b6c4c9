//! The platform's commands are known by the rows of the journal that answer them.

use super::{block_on, opened};
use crate::{Batch, Known, Row, Seen};
use davy_core::time::UtcTime;

fn body(id: usize, outcome: &str) -> String {
    let issued = UtcTime(1_795_392_000_000 + id as i64);
    format!(r#"{{"by":"platform:a/li","command":{{"id":"c-{id}","issued":"{issued}","outcome":"{outcome}"}}}}"#)
}

fn rows(bodies: impl IntoIterator<Item = String>) -> Batch {
    let row = |body| Row { utc: UtcTime(0), kind: "audit", body };
    Batch { rows: bodies.into_iter().map(row).collect(), saved: Vec::new() }
}

#[test]
fn a_command_is_known_with_its_row_and_after_the_file_is_opened_again() {
    let directory = tempfile::tempdir().unwrap();
    let first = body(1, "done");
    block_on(async {
        let store = opened(directory.path()).store;
        assert_eq!(store.command("c-1").await.unwrap(), Seen::default());
        // An audit of a person on site, one that is no JSON, and a command that is said twice: the first answer stays.
        let said = ["{}".to_owned(), "x".to_owned(), first.clone(), body(1, "refused")];
        store.commit(rows(said)).await.unwrap();
        store.close().await;
        let store = opened(directory.path()).store;
        let known = Known { seq: 3, body: first.clone() };
        assert_eq!(store.command("c-1").await.unwrap(), Seen { known: Some(known), forgotten_until: None });
        store.close().await;
    });
}

#[test]
fn the_oldest_are_forgotten_and_what_was_done_then_is_never_done_again() {
    let directory = tempfile::tempdir().unwrap();
    block_on(async {
        let store = opened(directory.path()).store;
        let said = (1..=10_003).map(|id| body(id, if id == 3 { "refused" } else { "done" }));
        store.commit(rows(said)).await.unwrap();
        let [third, fourth] = [store.command("c-3").await.unwrap(), store.command("c-4").await.unwrap()];
        assert_eq!((third.known, fourth.known.map(|known| known.seq)), (None, Some(4)));
        // The third was refused, so it may be asked again.
        assert_eq!(third.forgotten_until.as_deref(), Some("2026-11-23T00:00:00.002Z"));
        store.close().await;
    });
}
