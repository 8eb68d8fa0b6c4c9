//! What the gateway tells its engine of its own box: whether the wall clock is kept right, how full the disk is, whether
//! the journal reaches it.

use crate::{limits, room::Room};
use davy_api::JournalHealth;
use davy_core::event::{ClockState, Event, Link, StorageState};
use std::{fs, io, path::Path, path::PathBuf};
use tokio::{
    process::Command,
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

/// What is looked at.
pub(crate) struct SelfCheck {
    pub(crate) data: PathBuf,
    pub(crate) budget_bytes: Option<u64>,
    pub(crate) journal: watch::Receiver<JournalHealth>,
    pub(crate) room: Room,
    pub(crate) inbox: mpsc::Sender<Event>,
}

impl SelfCheck {
    /// Looks now and again until told to stop. Of the journal it tells every change at once.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut look = interval(limits::SELF_CHECK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.tell_journal().await;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = self.journal.changed() => match changed {
                    Ok(()) => self.tell_journal().await,
                    Err(_) => return,
                },
                _ = look.tick() => {
                    self.tell(Event::Clock(clock_state().await)).await;
                    self.tell_storage().await;
                }
            }
        }
    }

    async fn tell_journal(&mut self) {
        let JournalHealth { durable, detail } = self.journal.borrow_and_update().clone();
        self.tell(Event::Journal(if durable { Link::Up } else { Link::Down(detail) })).await;
    }

    async fn tell_storage(&self) {
        let (data, budget_bytes) = (self.data.clone(), self.budget_bytes);
        // Unknown counts as none: then the disk looks fuller than it is.
        let free_within = self.room.store.free_bytes().await.unwrap_or_default();
        let looked = tokio::task::spawn_blocking(move || storage_state(&data, budget_bytes, free_within)).await;
        match looked {
            Ok(Ok(state)) => {
                self.tell(Event::Storage(state)).await;
                if let Err(error) = self.room.make(&state).await {
                    tracing::warn!(%error, "the journal cannot make room");
                }
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, path = %self.data.display(), "how full the disk is cannot be told: check the folder")
            }
            Err(error) => tracing::warn!(%error, "how full the disk is could not be looked at"),
        }
    }

    /// The loop has ended when nobody takes it.
    async fn tell(&self, event: Event) {
        drop(self.inbox.send(event).await);
    }
}

/// What the files of the journal take, those that were set aside included and what is free within the file left out, and what the
/// file system has left for it.
fn storage_state(data: &Path, budget_bytes: Option<u64>, free_within: u64) -> io::Result<StorageState> {
    // Samples give way to the journal.
    let (mut used_bytes, mut of_samples) = (0_u64, 0_u64);
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        // SQLite takes its log away when it likes: a file that is gone takes nothing.
        let length = entry.metadata().map_or(0, |about| if about.is_file() { about.len() } else { 0 });
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("davy-") {
            used_bytes = used_bytes.saturating_add(length);
        } else if davy_store::backup::SAMPLES.iter().any(|samples| name == *samples) {
            of_samples = of_samples.saturating_add(length);
        }
    }
    let free_bytes = rustix::fs::statvfs(data).ok().map(|about| about.f_bavail.saturating_mul(about.f_frsize));
    let free_bytes = free_bytes.map(|free| free.saturating_add(of_samples));
    let used_bytes = used_bytes.saturating_sub(free_within);
    Ok(StorageState { used_bytes, budget_bytes, free_bytes })
}

/// Asks the time service: chrony knows the offset, systemd whether the kernel takes the clock for synchronised. Where
/// neither answers it is not known, which is not the same as wrong.
pub(crate) async fn clock_state() -> ClockState {
    if let Some(state) = ask("chronyc", &["-c", "tracking"]).await.and_then(|answer| of_chrony(&answer)) {
        return state;
    }
    let answer = ask("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).await;
    ClockState { synchronised: answer.and_then(|answer| of_systemd(&answer)), offset_ms: None }
}

async fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    // The programs of systemd would speak to the service manager in davy's name.
    let asked = Command::new(program).args(arguments).env_remove("NOTIFY_SOCKET").kill_on_drop(true).output();
    let answer = timeout(limits::TIME_SERVICE_MAX, asked).await.ok()?.ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// `RefID,address,stratum,reference time,offset,…,leap status`; the offset in seconds, positive when the clock is behind.
fn of_chrony(answer: &str) -> Option<ClockState> {
    let fields: Vec<&str> = answer.trim().split(',').collect();
    let (offset, status) = (fields.get(4)?.parse::<f64>().ok()?, fields.last()?);
    let synchronised = *status != "Not synchronised";
    let offset_ms = (synchronised && offset.is_finite()).then_some(-offset * 1000.0);
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and milliseconds are fine enough")]
    Some(ClockState { synchronised: Some(synchronised), offset_ms: offset_ms.map(|ms| ms.round() as i64) })
}

fn of_systemd(answer: &str) -> Option<bool> {
    match answer.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_time_services_say() {
        let chrony = |answer: &str| of_chrony(answer).map(|state| (state.synchronised, state.offset_ms));
        let tracking = "CB00710F,203.0.113.15,3,1795392000.123,1.500400000,0.0001,0.0002,-1.1,0.0,0.1,0.02,0.001,64.2,";
        assert_eq!(chrony(&format!("{tracking}Normal\n")), Some((Some(true), Some(-1500))));
        assert_eq!(chrony(&format!("{tracking}Not synchronised\n")), Some((Some(false), None)));
        for odd in ["", "506 Cannot talk to daemon", "a,b,c,d,e,f", "a,b,c,d"] {
            assert_eq!(chrony(odd), None, "{odd}");
        }
        assert_eq!((of_systemd("yes\n"), of_systemd("no\n"), of_systemd("")), (Some(true), Some(false), None));
    }

    #[test]
    fn counts_what_the_files_take() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("davy-1.db"), [0; 1000]).expect("a file");
        fs::write(folder.path().join("davy-1.db-wal"), [0; 500]).expect("a file");
        fs::write(folder.path().join("recording.db"), [0; 9000]).expect("a file");
        let state = storage_state(folder.path(), Some(3000), 300).expect("the folder is there");
        assert_eq!((state.used_bytes, state.filled_percent()), (1200, Some(40)));
        assert!(state.free_bytes.is_some());
        assert!(storage_state(&folder.path().join("gone"), None, 0).is_err());
    }
}
