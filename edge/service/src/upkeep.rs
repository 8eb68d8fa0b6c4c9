//! Backups and support bundles of a running gateway, for whoever asks over the API. They are made beside the data, one at a time, and
//! only where the disk keeps room enough for the journal: a copy must never cost an alarm its place.

mod bundle;

use crate::{
    backup::{self, Made, Wanted, last},
    clock, limits,
};
use anyhow::Context as _;
use davy_api::{BundlePart, LastBackup, MadeFile, Names, NotMade, Resources};
use std::{
    fs,
    io::{Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};
use tempfile::NamedTempFile;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// See the module.
pub(crate) struct Upkeep {
    data: PathBuf,
    /// The configuration folder; the demonstration has none.
    config: Option<PathBuf>,
    gateway_id: String,
    /// What the disk has and what is on it.
    resources: watch::Receiver<Arc<Resources>>,
    turn: Arc<Semaphore>,
    last: Mutex<Noted>,
}

/// The last backup as it was read, and from which state of its file.
#[derive(Default)]
struct Noted {
    changed: Option<SystemTime>,
    backup: Option<LastBackup>,
}

impl Upkeep {
    pub(crate) fn new(
        data: &Path,
        config: Option<&Path>,
        gateway_id: &str,
        resources: watch::Receiver<Arc<Resources>>,
    ) -> Self {
        sweep(data);
        Self {
            data: data.to_owned(),
            config: config.map(Path::to_owned),
            gateway_id: file_name(gateway_id),
            resources,
            turn: Arc::new(Semaphore::new(1)),
            last: Mutex::default(),
        }
    }

    fn turn(&self) -> Result<OwnedSemaphorePermit, NotMade> {
        Arc::clone(&self.turn).try_acquire_owned().map_err(|_| NotMade::Busy)
    }

    /// A backup is a copy first and an archive then; at worst the one is as large as the other.
    fn ensure_room(&self, bytes: u64) -> Result<(), NotMade> {
        let free = rustix::fs::statvfs(&self.data).ok().map(|about| about.f_bavail.saturating_mul(about.f_frsize));
        let wanted = bytes.saturating_mul(2).saturating_add(limits::UPKEEP_ROOM_BYTES);
        match free {
            Some(free) if free >= wanted => Ok(()),
            free => Err(NotMade::NoRoom(format!(
                "it may take {} MB beside the data and {} MB are free",
                wanted.div_ceil(1_000_000),
                free.unwrap_or_default() / 1_000_000
            ))),
        }
    }

    /// With its contents in words.
    fn take_backup(&self, samples: bool, work: &Path) -> anyhow::Result<(NamedTempFile, String)> {
        let wanted = Wanted { data: &self.data, config: self.config.as_deref(), samples };
        let Made { part, files, copied } = backup::make(&wanted, work)?;
        let samples = if samples { ", with the samples" } else { "" };
        let contents =
            format!("{files} files, the journal of epoch {} up to row {}{samples}", copied.epoch, copied.head);
        Ok((part, contents))
    }

    fn hand_out(
        &self,
        turn: OwnedSemaphorePermit,
        extension: &str,
        make: impl FnOnce(&Path) -> anyhow::Result<(NamedTempFile, String)>,
    ) -> Result<MadeFile, NotMade> {
        let made = || {
            let work = backup::work_folder(&self.data)?;
            let (part, contents) = make(work.path())?;
            // Nobody else reaches it from here on, and whatever happens it is gone with the last who holds it.
            let mut file = part.into_file();
            file.seek(SeekFrom::Start(0)).context("read what was made")?;
            let sha256 = backup::sha256(&mut file).context("read what was made")?;
            file.seek(SeekFrom::Start(0)).context("read what was made")?;
            let bytes = file.metadata().context("look at what was made")?.len();
            let name = format!("{}-{}.{extension}", self.gateway_id, stamp(&clock::utc().to_string()));
            anyhow::Ok(MadeFile { file, name, bytes, sha256, contents, turn })
        };
        made().map_err(|error| NotMade::Failed(format!("{error:#}")))
    }
}

impl davy_api::Upkeep for Upkeep {
    fn backup(&self, samples: bool) -> Result<MadeFile, NotMade> {
        let turn = self.turn()?;
        let disk = self.resources.borrow().disk;
        let of_samples = if samples { disk.recording_bytes + disk.history_bytes } else { 0 };
        self.ensure_room(disk.journal_bytes + disk.evidence_bytes + of_samples)?;
        self.hand_out(turn, "tar.zst", |work| self.take_backup(samples, work))
    }

    fn backed_up(&self, backup: &LastBackup) {
        last::note(&self.data, backup);
    }

    fn last_backup(&self) -> Option<LastBackup> {
        let mut noted = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = fs::metadata(last::path(&self.data)).and_then(|about| about.modified()).ok();
        if changed != noted.changed {
            *noted = Noted { changed, backup: last::read(&self.data) };
        }
        noted.backup.clone()
    }

    fn bundle(&self, parts: Vec<BundlePart>, names: &Names) -> Result<MadeFile, NotMade> {
        let turn = self.turn()?;
        self.ensure_room(0)?;
        self.hand_out(turn, "zip", |work| {
            let parts = bundle::with_the_disks(parts, &self.data, self.config.as_deref(), names);
            bundle::pack(&parts, names, work)
        })
    }
}

/// What an earlier process left half-made.
fn sweep(data: &Path) {
    for entry in fs::read_dir(data).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(backup::WORK);
        if is_ours && let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(%error, path = %entry.path().display(), "a half-made backup cannot be removed: remove it by hand");
        }
    }
}

/// As a file may be called everywhere.
fn file_name(text: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    text.chars().map(|letter| if fits(letter) { letter } else { '-' }).collect()
}

/// `2027-01-02T03:04:05.678Z` as `20270102T030405Z`.
fn stamp(time: &str) -> String {
    let seconds = time.split('.').next().unwrap_or_default();
    seconds.chars().filter(|letter| !matches!(letter, '-' | ':')).chain(['Z']).collect()
}

#[cfg(test)]
mod tests;
