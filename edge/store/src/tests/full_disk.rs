//! A full disk refuses whole batches, and the journal goes on when there is room again.

use super::{batch, block_on, opened};
use crate::{Batch, Row, Store, StoreError, verify};
use davy_core::time::UtcTime;

fn large() -> Batch {
    let row = Row { utc: UtcTime(0), kind: "alarm", body: format!("\"{}\"", "x".repeat(50_000)) };
    Batch { rows: vec![row; 40], saved: vec![("engine".to_owned(), Some("{}".to_owned()))] }
}

async fn set_pages_max(store: &Store, pages: u32) {
    store.writer.run(move |connection| connection.pragma_update(None, "max_page_count", pages).unwrap()).await;
}

#[test]
fn nothing_half_written_and_the_next_commit_succeeds() {
    let directory = tempfile::tempdir().unwrap();
    block_on(async {
        let store = opened(directory.path()).store;
        assert_eq!(store.commit(batch(1..=3)).await.unwrap(), 3);
        set_pages_max(&store, 100).await;

        let error = store.commit(large()).await.unwrap_err();
        assert!(matches!(error, StoreError::Write { .. }), "{error}");
        assert!(error.to_string().contains("full"), "{error}");
        assert_eq!(*store.head().borrow(), 3);
        assert_eq!(store.read(0, u64::MAX, 100).await.unwrap().len(), 3);

        assert_eq!(store.commit(batch([4])).await.unwrap(), 4, "a small batch still fits");
        set_pages_max(&store, 1_000_000).await;
        assert_eq!(store.commit(large()).await.unwrap(), 44);
        store.close().await;
    });
    let verdict = verify(directory.path()).unwrap();
    assert_eq!((verdict.rows, verdict.broken_at, verdict.gaps), (44, None, vec![]));
}
