//! Random operations against a naive model: what is committed is there, in order, after whatever number of reopenings.

use super::{block_on, opened};
use crate::{Batch, JournalRow, Opened, Row, verify};
use davy_core::time::UtcTime;
use proptest::prelude::*;
use std::{collections::BTreeMap, path::Path};

#[derive(Clone, Debug)]
enum Action {
    Commit(Vec<Batch>),
    Reopen { orderly: bool },
    Read { after: u64, until: u64, limit: usize },
    SetCursor(String, String),
    Delete(u64),
}

#[derive(Default)]
struct Model {
    rows: Vec<JournalRow>,
    saved: BTreeMap<String, String>,
    cursors: BTreeMap<String, String>,
    /// Rows that have made room.
    deleted: u64,
}

impl Model {
    fn commit(&mut self, batch: &Batch) -> u64 {
        for row in &batch.rows {
            let seq = self.rows.len() as u64 + 1;
            self.rows.push(JournalRow { seq, utc: row.utc, kind: row.kind.to_owned(), body: row.body.clone() });
        }
        for (key, body) in &batch.saved {
            match body {
                Some(body) => drop(self.saved.insert(key.clone(), body.clone())),
                None => drop(self.saved.remove(key)),
            }
        }
        self.rows.len() as u64
    }

    fn read(&self, after: u64, until: u64, limit: usize) -> Vec<JournalRow> {
        let after = after.max(self.deleted);
        self.rows.iter().filter(|row| row.seq > after && row.seq <= until).take(limit).cloned().collect()
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let kind = prop_oneof![Just("alarm"), Just("warning"), Just("audit")];
    let row = (any::<i64>(), kind, ".{0,40}").prop_map(|(utc, kind, body)| Row { utc: UtcTime(utc), kind, body });
    proptest::collection::vec(row, 0..5)
}

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    let saved = proptest::collection::vec(("[a-c]", proptest::option::of("[0-9]{1,3}")), 0..4);
    let batch = (rows(), saved).prop_map(|(rows, saved)| Batch { rows, saved });
    proptest::collection::vec(batch, 1..6)
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => batches().prop_map(Action::Commit),
        1 => any::<bool>().prop_map(|orderly| Action::Reopen { orderly }),
        2 => (0..40_u64, prop_oneof![0..40_u64, Just(u64::MAX)], 0..20_usize)
            .prop_map(|(after, until, limit)| Action::Read { after, until, limit }),
        2 => ("[a-c]", "[0-9]{1,3}").prop_map(|(name, body)| Action::SetCursor(name, body)),
        1 => (0..40_u64).prop_map(Action::Delete),
    ]
}

async fn step(directory: &Path, mut now: Opened, model: &mut Model, action: Action) -> Opened {
    match action {
        Action::Commit(batches) => {
            let heads = batches.iter().map(|batch| model.commit(batch)).collect::<Vec<_>>();
            let mut answers = Vec::new();
            for batch in batches {
                let store = now.store.clone();
                answers.push(tokio::spawn(async move { store.commit(batch).await.unwrap() }));
            }
            for (answer, head) in answers.into_iter().zip(heads) {
                assert_eq!(answer.await.unwrap(), head);
            }
        }
        Action::Reopen { orderly } => {
            reopen(directory, &mut now, orderly).await;
            assert_eq!((now.epoch, now.first_start, &now.set_aside), (1, model.rows.is_empty(), &None));
            assert_eq!(now.saved, model.saved);
        }
        Action::Read { after, until, limit } => {
            assert_eq!(now.store.read(after, until, limit).await.unwrap(), model.read(after, until, limit));
        }
        Action::SetCursor(name, body) => {
            now.store.set_cursor(&name, body.clone()).await.unwrap();
            model.cursors.insert(name.clone(), body);
            assert_eq!(now.store.cursor(&name).await.unwrap().as_ref(), model.cursors.get(&name));
        }
        Action::Delete(until) => {
            let until = until.min((model.rows.len() as u64).saturating_sub(1)).max(model.deleted);
            assert_eq!(now.store.delete(until).await.unwrap(), until - model.deleted);
            model.deleted = until;
        }
    }
    assert_eq!(*now.store.head().borrow(), model.rows.len() as u64);
    now
}

/// Orderly by `close`, or by letting the last handle go, after which the lock is free as soon as the writer has ended.
async fn reopen(directory: &Path, now: &mut Opened, orderly: bool) {
    let elsewhere = tempfile::tempdir().unwrap();
    let old = std::mem::replace(now, opened(elsewhere.path()));
    if orderly {
        old.store.close().await;
        *now = opened(directory);
        return;
    }
    drop(old);
    *now = loop {
        match crate::open(directory, UtcTime(0)) {
            Err(crate::StoreError::InUse { .. }) => tokio::task::yield_now().await,
            result => break result.unwrap(),
        }
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_what_the_model_says(actions in proptest::collection::vec(action(), 1..30)) {
        let directory = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        block_on(async {
            let mut now = opened(directory.path());
            for action in actions {
                now = step(directory.path(), now, &mut model, action).await;
            }
            now.store.close().await;
        });
        let verdict = verify(directory.path()).unwrap();
        prop_assert_eq!(verdict.rows, model.rows.len() as u64 - model.deleted);
        prop_assert_eq!((verdict.broken_at, verdict.gaps, verdict.made_room), (None, vec![], model.deleted));
        prop_assert_eq!(verdict.cursors, model.cursors);
    }
}
