//! Keeps the evidence of each warning that closes, a while later, when what came after it has been recorded. An observer of the
//! journal: it looks for rows about closed warnings, at the start for those of before as well, so that a gateway that died
//! between the close and the keeping keeps it then. The loop knows nothing of it and is told of a kept packet as of anything.

use super::{folder, patience::Patience};
use crate::{clock, limits};
use anyhow::Context as _;
use davy_core::{
    event::{Event, EvidenceKept},
    id::WarningId,
    record::{EvidenceRecord, WarningRecord, WarningState},
    time::UtcTime,
};
use davy_store::{JournalRow, Rows};
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

/// Who keeps.
pub(crate) struct Keeper {
    data: PathBuf,
    inbox: mpsc::Sender<Event>,
}

impl Keeper {
    pub(crate) fn new(data: &Path, inbox: mpsc::Sender<Event>) -> Self {
        Self { data: data.to_owned(), inbox }
    }

    /// Looks now and again until told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut shelf = Shelf::default();
        loop {
            tokio::select! { () = stop.cancelled() => return, () = sleep(limits::EVIDENCE_LOOK) => {} }
            let data = self.data.clone();
            let worked = tokio::task::spawn_blocking(move || {
                let kept = shelf.work(&data, clock::utc());
                (shelf, kept)
            });
            match worked.await {
                Ok((back, kept)) => {
                    shelf = back;
                    if let Some(kept) = kept {
                        // The loop has ended when nobody takes it; the next start keeps it again.
                        drop(self.inbox.send(Event::Evidence(kept)).await);
                    }
                }
                Err(error) => return tracing::error!(%error, "no evidence is kept any more: restart the gateway"),
            }
        }
    }
}

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The newest row of the journal that was looked at; `None` before the first look.
    looked_at: Option<u64>,
    closed: BTreeMap<WarningId, Waiting>,
    /// After a failure.
    pause: Option<Pause>,
}

/// A closed warning, in the order in which they are kept: one that failed lets the others go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    failed: u32,
    closed_at: UtcTime,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: UtcTime,
    ms: u64,
}

impl Pause {
    /// The first, or one after another: twice as long.
    fn after(last: Option<Self>, now: UtcTime) -> Self {
        let ms = last.map_or(limits::EVIDENCE_RETRY_MS, |last| (2 * last.ms).min(limits::EVIDENCE_RETRY_MAX_MS));
        Self { until: now.after(ms), ms }
    }

    /// A clock that was set back must not hold it up.
    fn holds(self, now: UtcTime) -> bool {
        now < self.until && self.until <= now.after(2 * self.ms)
    }
}

impl Shelf {
    /// Keeps the next one that is due: one only, because nobody can stop it and because what is kept is told at once. What goes
    /// wrong is said once, and tried again.
    pub(super) fn work(&mut self, data: &Path, now: UtcTime) -> Option<EvidenceKept> {
        if self.pause.is_some_and(|pause| pause.holds(now)) {
            return None;
        }
        match self.look(data, now).and_then(|()| self.keep_next(data, now)) {
            Ok(kept) => {
                if self.pause.take().is_some() {
                    tracing::info!("the evidence of closed warnings is kept again");
                }
                kept
            }
            Err(error) => {
                if self.pause.is_none() {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "the evidence of a closed warning cannot be kept: it is tried again; `davy evidence` puts it together on request"
                    );
                }
                self.pause = Some(Pause::after(self.pause, now));
                None
            }
        }
    }

    fn look(&mut self, data: &Path, now: UtcTime) -> anyhow::Result<()> {
        let rows = Rows::open(data).with_context(|| format!("open the journal in {}", data.display()))?;
        let Some(head) = rows.before(u64::MAX, 1)?.first().map(|row| row.seq) else { return Ok(()) };
        let found = match self.looked_at {
            Some(looked_at) => closed_since(&rows, looked_at, head)?,
            None => left_over(&rows, head, now)?,
        };
        for (warning, closed_at) in found {
            if self.closed.len() < limits::EVIDENCE_WAITING_MAX {
                self.closed.insert(warning, Waiting { failed: 0, closed_at });
            } else {
                tracing::warn!(%warning, "its evidence is not kept as a file: too many warnings closed at once; `davy evidence` puts it together on request");
            }
        }
        self.looked_at = Some(head);
        Ok(())
    }

    fn keep_next(&mut self, data: &Path, now: UtcTime) -> anyhow::Result<Option<EvidenceKept>> {
        let due = self.closed.iter().filter(|(_, waiting)| is_due(waiting.closed_at, now));
        let Some(warning) = due.min_by_key(|(_, waiting)| **waiting).map(|(warning, _)| warning.clone()) else {
            return Ok(None);
        };
        let kept = keep(data, &warning, now);
        match (&kept, self.closed.get_mut(&warning)) {
            (Err(_), Some(waiting)) => waiting.failed += 1,
            _ => drop(self.closed.remove(&warning)),
        }
        kept
    }
}

/// A clock that was set back further than one waits anyway must not hold it up; a little back is no reason to keep less.
fn is_due(closed_at: UtcTime, now: UtcTime) -> bool {
    let wait = limits::EVIDENCE_AFTER_MS + limits::EVIDENCE_SETTLE_MS;
    now >= closed_at.after(wait) || now.after(wait) < closed_at
}

/// What closed after a place, up to and with another.
fn closed_since(rows: &Rows, after: u64, until: u64) -> anyhow::Result<BTreeMap<WarningId, UtcTime>> {
    let mut closed = BTreeMap::new();
    let page = |before| rows.warnings_between(after, before, limits::EVIDENCE_PAGE_ROWS);
    backwards(until, page, |row, warning: WarningRecord| {
        if warning.state == WarningState::Closed {
            closed.insert(warning.id, row.utc);
        }
        true
    })?;
    Ok(closed)
}

/// What closed before the gateway started and was not kept: however long ago that was, back to one that was kept, and of the
/// last day all, because one that failed is overtaken.
fn left_over(rows: &Rows, until: u64, now: UtcTime) -> anyhow::Result<BTreeMap<WarningId, UtcTime>> {
    let after = until.saturating_sub(limits::EVIDENCE_RECOVER_JOURNAL_ROWS_MAX);
    let mut kept = BTreeSet::new();
    let page = |before| rows.evidence_between(after, before, limits::EVIDENCE_PAGE_ROWS);
    backwards(until, page, |_, record: EvidenceRecord| {
        kept.insert(record.warning);
        true
    })?;
    let recent = super::before(now, limits::EVIDENCE_RECOVER_MS);
    let mut left = BTreeMap::new();
    let page = |before| rows.warnings_between(after, before, limits::EVIDENCE_PAGE_ROWS);
    backwards(until, page, |row, warning: WarningRecord| {
        if warning.state != WarningState::Closed {
            return true;
        }
        if kept.contains(&warning.id) {
            return row.utc >= recent;
        }
        left.insert(warning.id, row.utc);
        left.len() < limits::EVIDENCE_WAITING_MAX
    })?;
    Ok(left)
}

/// Rows from a place back to where `take` says that it is enough, within bounds. What cannot be read is of another version.
fn backwards<T: DeserializeOwned>(
    until: u64,
    page: impl Fn(u64) -> Result<Vec<JournalRow>, davy_store::StoreError>,
    mut take: impl FnMut(&JournalRow, T) -> bool,
) -> anyhow::Result<()> {
    let (mut before, mut looked) = (until + 1, 0);
    loop {
        let rows = page(before)?;
        let Some(oldest) = rows.last() else { return Ok(()) };
        before = oldest.seq;
        for row in &rows {
            looked += 1;
            if looked > limits::EVIDENCE_RECOVER_ROWS_MAX {
                return Ok(());
            }
            if let Ok(record) = serde_json::from_str(&row.body)
                && !take(row, record)
            {
                return Ok(());
            }
        }
    }
}

/// `None` when the journal has been set aside since.
fn keep(data: &Path, warning: &WarningId, now: UtcTime) -> anyhow::Result<Option<EvidenceKept>> {
    let assembled = super::assemble(data, warning.as_str(), now, None, Patience::ENDLESS);
    let Some(sealed) = assembled.with_context(|| format!("put the evidence of {warning} together"))? else {
        return Ok(None);
    };
    folder::write(data, warning.as_str(), &sealed.text)?;
    let bytes = sealed.text.len() as u64;
    Ok(Some(EvidenceKept { warning: warning.clone(), kept_at: clock::utc(), sha256: sealed.sha256, bytes }))
}
