//! What the engine is told, recorded for replay, evidence and trends: each run begins with the configuration and the saved state
//! that it belongs to.

use crate::clock;
use davy_config::{Files, KeepConfig, SamplesConfig};
use davy_core::{
    event::Event,
    model::Site,
    time::{Now, UtcTime},
};
use davy_store::{
    Store,
    history::{History, TagOfRun},
    recording::{Beginning, Following, Keep, Keeps, Recorder, Recording},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Begins runs and records them. Without a disk it does nothing, and the gateway alarms as well.
pub(crate) struct Recordings {
    store: Store,
    recorder: Option<Recorder>,
}

impl Recordings {
    /// Opens the files; a failure is said and stops nothing.
    pub(crate) async fn open(data: &Path, store: Store) -> Self {
        let data = data.to_owned();
        let opened = tokio::task::spawn_blocking(move || davy_store::recording::open(&data, clock::utc())).await;
        let opened = opened.map_err(anyhow::Error::from).and_then(|opened| Ok(opened?));
        let recorder =
            opened.inspect_err(|error| tracing::error!(%error, "nothing is recorded for replay, evidence and trends"));
        Self { store, recorder: recorder.ok() }
    }

    /// Begins a run.
    pub(crate) fn begin(
        &mut self,
        site: &Site,
        files: Files,
        samples: SamplesConfig,
        saved: BTreeMap<String, String>,
        now: Now,
    ) {
        let Some(recorder) = &mut self.recorder else { return };
        let beginning = Beginning {
            now,
            epoch: self.store.epoch(),
            head: *self.store.head().borrow(),
            config_version: site.gateway.config_version.to_string(),
            files: files.0,
            saved,
            tags: site.tags.iter().map(|tag| TagOfRun { id: tag.id.to_string(), source: tag.source.0 }).collect(),
        };
        let keep =
            |keep: KeepConfig| Keep { bytes_max: u64::from(keep.megabytes_max) * 1_000_000, days_max: keep.days_max };
        recorder.begin(beginning, Keeps { recording: keep(samples.recording), history: keep(samples.history) });
    }

    /// The journal's epoch.
    pub(crate) fn epoch(&self) -> u32 {
        self.store.epoch()
    }

    pub(crate) fn put(&mut self, now: Now, event: &Event) {
        if let Some(recorder) = &mut self.recorder {
            recorder.put(now, event);
        }
    }

    pub(crate) fn hand_over_ripe(&mut self, now: Now) {
        if let Some(recorder) = &mut self.recorder {
            recorder.hand_over_ripe(now);
        }
    }

    /// The history of the tags, where there is one.
    pub(crate) fn history(&self) -> Option<History> {
        self.recorder.as_ref()?.history()
    }

    /// For uplinks that forward samples, where anything is recorded.
    pub(crate) fn following(&self) -> Option<Following> {
        self.recorder.as_ref().map(Recorder::following)
    }

    /// Ends: what was told lies on the disk then.
    pub(crate) async fn end(self) {
        let _ = tokio::task::spawn_blocking(move || drop(self.recorder)).await;
    }
}

/// When the engine was told anything last, by what lies on the disk.
pub(crate) async fn told_until(data: &Path) -> Option<UtcTime> {
    let data: PathBuf = data.to_owned();
    let read = move || Recording::open(&data).and_then(|recording| recording.told_until());
    let told = tokio::task::spawn_blocking(read).await.ok()?;
    // In a first run there is no recording yet.
    told.inspect_err(|error| tracing::debug!(%error, "when sources were heard last is not known")).ok()?
}
