//! What would have been raised under another configuration: `davy replay` as a process of its own, so that it never holds up an alarm,
//! whatever becomes of it. One at a time; the latest result is kept in memory.

mod child;

use crate::{clock, limits};
use child::Ended;
use davy_api::{AskWhatIf, ConfigRefusal, WhatIf, WhatIfState};
use davy_config::Files;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// The proposal's files while it is played, within the data folder.
const FOLDER: &str = "what-if";

/// The latest what-if.
pub(crate) struct WhatIfs {
    data: PathBuf,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    shown: WhatIf,
    /// Until its process has ended and its files are gone, whatever is shown of it.
    busy: bool,
    stop: CancellationToken,
}

impl WhatIfs {
    /// What the last process has left is taken away.
    pub(crate) fn open(data: &Path) -> Self {
        let this = Self { data: data.to_owned(), state: Arc::default() };
        if let Err(error) = remove(&this.data.join(FOLDER)) {
            tracing::warn!(%error, "the files of an earlier what-if stay in the data folder");
        }
        this
    }

    pub(crate) fn now(&self) -> WhatIf {
        lock(&self.state).shown.clone()
    }

    /// Whether the next may be asked for.
    pub(crate) fn is_free(&self) -> Result<(), ConfigRefusal> {
        let state = lock(&self.state);
        if !state.busy {
            return Ok(());
        }
        let by = state.shown.asked_by.as_deref().unwrap_or_default();
        Err(ConfigRefusal::WhatIfRunning(format!("{by} has asked for one that is still running")))
    }

    /// Begins one. To be called where tasks can be started.
    pub(crate) fn ask(&self, ask: &AskWhatIf, files: &Files) -> Result<WhatIf, ConfigRefusal> {
        let stop = CancellationToken::new();
        let shown = WhatIf {
            state: WhatIfState::Running,
            asked_by: Some(ask.by.clone()),
            asked_at: Some(clock::utc()),
            version: Some(files.version()),
            from: ask.from,
            to: ask.to,
            ..WhatIf::default()
        };
        {
            let mut state = lock(&self.state);
            if state.busy {
                return Err(ConfigRefusal::WhatIfRunning("another one is running".to_owned()));
            }
            *state = State { shown: shown.clone(), busy: true, stop: stop.clone() };
        }
        let folder = self.data.join(FOLDER);
        if let Err(error) = write(&folder, files) {
            self.end(Ended::Failed(format!("write the proposal in {}: {error}", folder.display())));
            return Err(ConfigRefusal::Failed(format!("write the proposal in {}: {error}", folder.display())));
        }
        let (this, ask) = (Self { data: self.data.clone(), state: Arc::clone(&self.state) }, ask.clone());
        tokio::spawn(async move {
            let ended = child::run(&this.data, &folder, (ask.from, ask.to), &stop, |done| this.tell(done)).await;
            if let Err(error) = remove(&folder) {
                tracing::warn!(%error, "the files of a what-if stay in the data folder until the next start");
            }
            this.end(ended);
        });
        Ok(shown)
    }

    /// Ends the one that is running.
    pub(crate) fn stop(&self) -> WhatIf {
        let mut state = lock(&self.state);
        state.stop.cancel();
        if state.shown.state == WhatIfState::Running {
            state.shown.state = WhatIfState::Stopped;
        }
        state.shown.clone()
    }

    fn tell(&self, done: f64) {
        lock(&self.state).shown.done = Some(done);
    }

    fn end(&self, ended: Ended) {
        let mut state = lock(&self.state);
        state.busy = false;
        let shown = &mut state.shown;
        match ended {
            Ended::Done(result) => {
                (shown.state, shown.done, shown.result) = (WhatIfState::Done, Some(1.0), Some(result))
            }
            Ended::Failed(words) => (shown.state, shown.error) = (WhatIfState::Failed, Some(words)),
            Ended::Stopped => shown.state = WhatIfState::Stopped,
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(folder: &Path, files: &Files) -> io::Result<()> {
    remove(folder)?;
    for (name, bytes) in &files.0 {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// So much of a complaint is shown.
fn short(words: &str) -> String {
    let lines: Vec<&str> = words.lines().rev().take(10).collect();
    let kept = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
    kept.chars().take(limits::RECEIPT_DETAIL_CHARS_MAX * 5).collect()
}
