//! What a power cut must not have touched.

use super::{batches, promised::Promised};
use davy_store::{JournalRow, Opened, Store, recording::Recording, verify};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Looks at everything that was promised; says what is broken.
pub(crate) async fn check(data: &Path, opened: &Opened, promised: &Promised) -> Result<(), String> {
    if promised.nothing() {
        return Ok(());
    }
    ensure(opened.set_aside.is_none(), || format!("set aside: {:?}", opened.set_aside))?;
    ensure(promised.epoch.is_none_or(|epoch| epoch == opened.epoch), || {
        format!("epoch {} after {:?}", opened.epoch, promised.epoch)
    })?;
    let rows = read_all(&opened.store).await?;
    batches_are_whole(&rows, opened, promised)?;
    nothing_sent_is_gone(&rows, promised)?;
    cursor_is_right(&opened.store, promised).await?;
    chain_verifies(data)
}

/// What was seen on the disk of the recording is still there.
pub(crate) fn recording(data: &Path, promised: &Promised) -> Result<(), String> {
    let Some(until) = promised.recorded_until else { return Ok(()) };
    let told = Recording::open(data).and_then(|recording| recording.told_until());
    let told = told.map_err(|error| format!("the recording: {error}"))?;
    ensure(told >= Some(until), || format!("recorded until {until:?}, and {told:?} is left"))?;
    let beside = std::fs::read_dir(data).map_err(|error| error.to_string())?.flatten();
    let names: Vec<_> = beside.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let aside = names.into_iter().find(|name| name.starts_with("recording") && name.contains("set-aside"));
    ensure(aside.is_none(), || format!("set aside: {aside:?}"))
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

async fn read_all(store: &Store) -> Result<Vec<JournalRow>, String> {
    let mut rows: Vec<JournalRow> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row.seq);
        let more = store.read(after, u64::MAX, 10_000).await.map_err(|error| error.to_string())?;
        if more.is_empty() {
            return Ok(rows);
        }
        rows.extend(more);
    }
}

/// Every batch is there whole and once or not at all, an acknowledged one is where it was said to be, and the saved state
/// is of the same transaction.
fn batches_are_whole(rows: &[JournalRow], opened: &Opened, promised: &Promised) -> Result<(), String> {
    let (mut ends, mut latest) = (BTreeMap::new(), BTreeMap::new());
    let (mut seen, mut expected) = (BTreeSet::new(), None);
    for row in rows.iter().skip(promised.earlier_rows as usize) {
        let (n, i, of) = batches::place(&row.body).ok_or_else(|| format!("row {} is nobody's", row.seq))?;
        let right = expected.map_or(i == 0 && seen.insert(n), |next| next == (n, i, of));
        ensure(right, || format!("row {} is {i} of {of} of batch {n}, after {expected:?}", row.seq))?;
        expected = (i + 1 < of).then_some((n, i + 1, of));
        ends.insert(n, row.seq);
        latest.insert(batches::saved_key(n), n.to_string());
    }
    ensure(expected.is_none(), || format!("the journal ends before {expected:?}"))?;
    let lost: Vec<_> = promised.batches.iter().filter(|(n, head)| ends.get(n) != Some(head)).collect();
    ensure(lost.is_empty(), || format!("{} acknowledged batches are lost: {lost:?}", lost.len()))?;
    let saved = opened.saved.iter().filter(|(key, _)| key.starts_with("writer"));
    let saved: BTreeMap<_, _> = saved.map(|(key, body)| (key.clone(), body.clone())).collect();
    ensure(saved == latest, || format!("the saved state is {saved:?} and the journal's end {latest:?}"))
}

fn nothing_sent_is_gone(rows: &[JournalRow], promised: &Promised) -> Result<(), String> {
    let rows: BTreeMap<u64, String> = rows.iter().map(|row| (row.seq, batches::mark(&row.body))).collect();
    let wrong = promised.sent.iter().find(|(seq, mark)| rows.get(seq) != Some(mark));
    ensure(wrong.is_none(), || format!("{wrong:?} was sent, and there is {:?}", wrong.map(|(seq, _)| rows.get(seq))))
}

async fn cursor_is_right(store: &Store, promised: &Promised) -> Result<(), String> {
    let cursor = store.cursor("consumer").await.map_err(|error| error.to_string())?;
    let cursor = cursor.map_or(0, |cursor| cursor.parse::<u64>().expect("a number, as it was written"));
    ensure((promised.cursor..=promised.received()).contains(&cursor), || {
        format!("the cursor is {cursor}; {} was acknowledged, {} received", promised.cursor, promised.received())
    })
}

fn chain_verifies(data: &Path) -> Result<(), String> {
    let verdict = verify(data).map_err(|error| error.to_string())?;
    let whole = verdict.broken_at.is_none() && verdict.gaps.is_empty();
    let history = verdict.changes_missing.count == 0 && verdict.changes_extra.count == 0;
    ensure(whole && history, || format!("{verdict:?}"))
}
