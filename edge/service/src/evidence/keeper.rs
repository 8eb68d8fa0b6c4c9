//! Keeps the evidence of each warning that closes, a while later, when what came after it has been recorded.

use crate::{clock, limits};
use anyhow::Context as _;
use davy_core::{
    event::{Event, EvidenceKept},
    id::WarningId,
    record::{Record, WarningState},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// How the loop says that a warning has closed.
#[derive(Clone)]
pub(crate) struct Keeper {
    closed: mpsc::Sender<(Instant, WarningId)>,
}

impl Keeper {
    /// Looks for warnings that have closed. Never waits: with too many at once the rest is assembled on request.
    pub(crate) fn look(&self, records: &[Record]) {
        for record in records {
            let Record::Warning(warning) = record else { continue };
            if warning.state == WarningState::Closed {
                let due = Instant::now() + Duration::from_millis(limits::EVIDENCE_AFTER_MS);
                if self.closed.try_send((due, warning.id.clone())).is_err() {
                    tracing::warn!(warning = %warning.id, "its evidence is not kept as a file: too many warnings closed at once; `davy evidence` still assembles it");
                }
            }
        }
    }
}

/// Starts keeping, until told to stop.
pub(crate) fn start(data: &Path, inbox: mpsc::Sender<Event>, stop: CancellationToken) -> Keeper {
    let (closed, mut waiting) = mpsc::channel(limits::EVIDENCE_WAITING_MAX);
    let data = data.to_owned();
    tokio::spawn(async move {
        loop {
            let next = tokio::select! { () = stop.cancelled() => return, next = waiting.recv() => next };
            let Some((due, warning)) = next else { return };
            tokio::select! { () = stop.cancelled() => return, () = sleep_until(due) => {} }
            let data = data.clone();
            let kept = tokio::task::spawn_blocking(move || keep(&data, warning)).await;
            match kept.map_err(anyhow::Error::from).and_then(|kept| kept) {
                Ok(kept) => drop(inbox.send(Event::Evidence(kept)).await),
                Err(error) => tracing::error!(error = format!("{error:#}"), "the evidence of a warning cannot be kept"),
            }
        }
    });
    Keeper { closed }
}

fn keep(data: &Path, warning: WarningId) -> anyhow::Result<EvidenceKept> {
    let packet = super::assemble(data, warning.as_str())?.context("the warning is not in the journal")?;
    let folder = data.join("evidence");
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let path = folder.join(format!("{}.json", file_name(warning.as_str())));
    let half = path.with_extension("part");
    let written = fs::write(&half, &packet.text).and_then(|()| fs::rename(&half, &path));
    written.with_context(|| format!("write {}: check the free space of the disk", path.display()))?;
    make_room(&folder)?;
    let kept_at = clock::utc();
    Ok(EvidenceKept { warning, kept_at, sha256: packet.hash, bytes: packet.text.len() as u64 })
}

/// Letters, digits and `. _ ~ -` stay; whatever else an enterprise has in its ids becomes its code point.
fn file_name(id: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "._~-".contains(letter);
    id.chars()
        .map(|letter| if safe(letter) { letter.to_string() } else { format!("_{:X}", u32::from(letter)) })
        .collect()
}

/// The oldest files go beyond the limit.
fn make_room(folder: &Path) -> anyhow::Result<()> {
    let age = |path: &PathBuf| fs::metadata(path).and_then(|about| about.modified()).ok();
    let entries = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort_by_key(age);
    let surplus = files.len().saturating_sub(limits::EVIDENCE_FILES_MAX);
    for path in &files[..surplus] {
        fs::remove_file(path).with_context(|| format!("remove {}", path.display()))?;
    }
    Ok(())
}
