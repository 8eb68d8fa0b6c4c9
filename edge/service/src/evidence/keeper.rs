//! Keeps the evidence of each warning that closes, a while later, when what came after it has been recorded. An observer of the
//! journal: it looks for rows about closed warnings, at the start for those of before as well, so that a gateway that died
//! between the close and the keeping keeps it then. The loop knows nothing of it and is told of a kept packet as of anything.

use super::folder;
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
            let kept = match worked.await {
                Ok((back, kept)) => {
                    shelf = back;
                    kept
                }
                Err(error) => return tracing::error!(%error, "no evidence is kept any more: restart the gateway"),
            };
            for kept in kept {
                // The loop has ended when nobody takes it; the next start keeps it again.
                drop(self.inbox.send(Event::Evidence(kept)).await);
            }
        }
    }
}

/// What waits.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The newest row about a warning that was looked at; zero before the first look.
    looked_at: u64,
    /// When each warning closed.
    closed: BTreeMap<WarningId, UtcTime>,
    /// After a failure not before then.
    retry_at: Option<UtcTime>,
}

impl Shelf {
    /// Keeps what is due. What goes wrong is said once, and tried again.
    pub(super) fn work(&mut self, data: &Path, now: UtcTime) -> Vec<EvidenceKept> {
        let mut kept = Vec::new();
        let was_failing = self.retry_at.is_some();
        // A clock that was set back must not hold it up.
        if self.retry_at.is_some_and(|at| now < at && at < now.after(2 * limits::EVIDENCE_RETRY_MS)) {
            return kept;
        }
        match self.look(data, now).and_then(|()| self.keep_due(data, now, &mut kept)) {
            Ok(()) => {
                if was_failing {
                    tracing::info!("the evidence of closed warnings is kept again");
                }
                self.retry_at = None;
            }
            Err(error) => {
                if !was_failing {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "the evidence of a closed warning cannot be kept: it is tried again; `davy evidence` puts it together on request"
                    );
                }
                self.retry_at = Some(now.after(limits::EVIDENCE_RETRY_MS));
            }
        }
        kept
    }

    fn look(&mut self, data: &Path, now: UtcTime) -> anyhow::Result<()> {
        let rows = Rows::open(data).with_context(|| format!("open the journal in {}", data.display()))?;
        let head = rows.warnings_before(u64::MAX, 1)?.first().map_or(0, |row| row.seq);
        if head == self.looked_at {
            return Ok(());
        }
        let first_look = self.looked_at == 0;
        let oldest = super::before(now, limits::EVIDENCE_RECOVER_MS);
        let since = |row: &JournalRow| row.seq > self.looked_at && (!first_look || row.utc >= oldest);
        let mut found = BTreeMap::new();
        backwards(
            |before| rows.warnings_before(before, limits::EVIDENCE_PAGE_ROWS),
            since,
            |row, warning: WarningRecord| {
                if warning.state == WarningState::Closed {
                    found.insert(warning.id, row.utc);
                }
            },
        )?;
        if first_look {
            let mut kept = BTreeSet::new();
            let pages = |before| rows.evidence_before(before, limits::EVIDENCE_PAGE_ROWS);
            backwards(pages, since, |_, record: EvidenceRecord| {
                kept.insert(record.warning);
            })?;
            found.retain(|warning, _| !kept.contains(warning));
        }
        for (warning, at) in found {
            if self.closed.len() < limits::EVIDENCE_WAITING_MAX {
                self.closed.insert(warning, at);
            } else {
                tracing::warn!(%warning, "its evidence is not kept as a file: too many warnings closed at once; `davy evidence` puts it together on request");
            }
        }
        self.looked_at = head;
        Ok(())
    }

    fn keep_due(&mut self, data: &Path, now: UtcTime, kept: &mut Vec<EvidenceKept>) -> anyhow::Result<()> {
        let wait = limits::EVIDENCE_AFTER_MS + limits::EVIDENCE_SETTLE_MS;
        let is_due = |closed: &UtcTime| now >= closed.after(wait) || now < *closed;
        let due: Vec<WarningId> = self.closed.iter().filter(|(_, at)| is_due(at)).map(|(id, _)| id.clone()).collect();
        // One that fails holds no other one up.
        let mut failed = Ok(());
        for warning in due {
            match keep(data, &warning, now) {
                Ok(one) => {
                    kept.extend(one);
                    self.closed.remove(&warning);
                }
                Err(error) => failed = failed.and(Err(error)),
            }
        }
        failed
    }
}

/// Rows from the newest back to the first that is too old, within bounds. What cannot be read is of another version.
fn backwards<T: DeserializeOwned>(
    page: impl Fn(u64) -> Result<Vec<JournalRow>, davy_store::StoreError>,
    since: impl Fn(&JournalRow) -> bool,
    mut take: impl FnMut(&JournalRow, T),
) -> anyhow::Result<()> {
    let (mut before, mut looked) = (u64::MAX, 0);
    loop {
        let rows = page(before)?;
        let Some(oldest) = rows.last() else { return Ok(()) };
        before = oldest.seq;
        for row in &rows {
            looked += 1;
            if looked > limits::EVIDENCE_RECOVER_ROWS_MAX || !since(row) {
                return Ok(());
            }
            if let Ok(record) = serde_json::from_str(&row.body) {
                take(row, record);
            }
        }
    }
}

/// `None` when the journal has been set aside since.
fn keep(data: &Path, warning: &WarningId, now: UtcTime) -> anyhow::Result<Option<EvidenceKept>> {
    let assembled = super::assemble(data, warning.as_str(), now, None);
    let Some(sealed) = assembled.with_context(|| format!("put the evidence of {warning} together"))? else {
        return Ok(None);
    };
    folder::write(data, warning.as_str(), &sealed.text)?;
    let bytes = sealed.text.len() as u64;
    Ok(Some(EvidenceKept { warning: warning.clone(), kept_at: clock::utc(), sha256: sealed.sha256, bytes }))
}
