//! What the engine is told, recorded for replay and evidence: each recording begins with the configuration and the saved state
//! that it belongs to.

use davy_config::{Files, RecordingConfig};
use davy_core::{
    model::Gateway,
    time::{Now, UtcTime},
};
use davy_store::{
    Store,
    recording::{Beginning, Keep, Recorder, Recording},
};
use std::{collections::BTreeMap, path::PathBuf};

/// Begins recordings.
pub(crate) struct Recordings {
    pub(crate) data: PathBuf,
    pub(crate) store: Store,
}

impl Recordings {
    /// Begins one. Without it the gateway alarms as well, so a failure is said and stops nothing.
    pub(crate) async fn begin(
        &self,
        gateway: &Gateway,
        files: Files,
        keep: RecordingConfig,
        saved: BTreeMap<String, String>,
        now: Now,
    ) -> Option<Recorder> {
        let beginning = Beginning {
            now,
            epoch: self.store.epoch(),
            head: *self.store.head().borrow(),
            config_version: gateway.config_version.to_string(),
            files: files.0,
            saved,
        };
        let keep = Keep { bytes_max: u64::from(keep.megabytes_max) * 1_000_000, days_max: keep.days_max };
        let data = self.data.clone();
        let begun = tokio::task::spawn_blocking(move || davy_store::recording::record(&data, &beginning, keep)).await;
        let begun = begun.map_err(anyhow::Error::from).and_then(|begun| Ok(begun?));
        begun.inspect_err(|error| tracing::error!(%error, "nothing is recorded for replay and evidence")).ok()
    }

    /// When the engine was told anything last, by what lies on the disk.
    pub(crate) async fn told_until(&self) -> Option<UtcTime> {
        let data = self.data.clone();
        let read = move || Recording::open(&data).and_then(|recording| recording.told_until());
        let told = tokio::task::spawn_blocking(read).await.ok()?;
        // In a first run there is no recording yet.
        told.inspect_err(|error| tracing::debug!(%error, "when sources were heard last is not known")).ok()?
    }

    /// Ends one: what it was told lies on the disk then.
    pub(crate) async fn end(recorder: Option<Recorder>) {
        let _ = tokio::task::spawn_blocking(move || drop(recorder)).await;
    }
}
