//! What runs, what ran before and what is on trial: a pure value that changes by events, and the file that keeps it. The file is written
//! before whatever it speaks of is done, so that a power cut at any moment leaves something that starts.

use super::version::Version;
use crate::{configuration::folder::sync, limits};
use anyhow::Context as _;
use davy_core::{
    event::{Note, NoteAct},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// The folder of the releases within the data.
pub(crate) const FOLDER: &str = "releases";
const FILE: &str = "state.json";
const LOCK: &str = "state.lock";
const TURN: &str = "install.lock";

/// The shape of the file. A program that does not know it leaves it alone and runs itself.
const FORMAT: u32 = 1;

/// What runs and what is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    format: u32,
    /// The release that was confirmed last; `None` for the program that was installed as a package.
    pub(crate) active: Option<Version>,
    /// The one before it, which is kept.
    pub(crate) previous: Option<Version>,
    pub(crate) trial: Option<Trial>,
    /// How often the active release was started since it last ran for a while.
    #[serde(default)]
    pub(crate) starts: u32,
    /// How the last trial ended.
    pub(crate) last: Option<Outcome>,
    /// What was done and is not in the journal yet.
    pub(crate) untold: Vec<Told>,
}

/// A release that has to show that it alarms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trial {
    pub(crate) version: Version,
    /// Who wanted it.
    pub(crate) by: String,
    pub(crate) asked_at: UtcTime,
    /// It has so long, in seconds, to show it.
    pub(crate) confirm_within_s: u64,
    /// How often it was started, counted before each start.
    pub(crate) attempts: u32,
    /// What stood when alarms were evaluated last.
    pub(crate) before: Option<Before>,
}

/// What stood when the program before the trial ended in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Before {
    /// When alarms were evaluated last.
    pub(crate) at: UtcTime,
    /// The journal's epoch.
    pub(crate) epoch: u32,
    /// Alarms that were not normal.
    pub(crate) alarms: Vec<String>,
    /// Sources that were connected.
    pub(crate) sources: Vec<String>,
    /// Outputs of the box that did what they were to do; none of a simulated one.
    #[serde(default)]
    pub(crate) outputs: Vec<String>,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) version: Version,
    pub(crate) at: UtcTime,
    pub(crate) confirmed: bool,
    /// What was shown, or what was not.
    pub(crate) words: String,
}

/// Something for the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) by: String,
    pub(crate) note: Note,
}

/// What happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A release lies there, verified, and is to be tried.
    Asked(Trial),
    /// The program before it ends in order.
    Ended(Before),
    /// It is about to be started.
    Starting,
    /// It has shown that it alarms.
    Confirmed { at: UtcTime, words: String },
    /// It has not.
    Failed { at: UtcTime, words: String },
    /// The active release is about to be started.
    Begins,
    /// It has run for a while.
    Runs,
    /// It cannot be run, and the one before it takes its place.
    Dropped { at: UtcTime, words: String },
}

/// Who speaks in the journal where no person does: the gateway itself, whose name no user can have.
pub(crate) const LAUNCHER: &str = "davy";

impl Default for State {
    fn default() -> Self {
        Self { format: FORMAT, active: None, previous: None, trial: None, starts: 0, last: None, untold: Vec::new() }
    }
}

/// The state after an event.
///
/// # Errors
/// In words, when it makes no sense now; the state stays what it was.
pub(crate) fn next(mut state: State, event: Event) -> Result<State, String> {
    match event {
        Event::Begins => state.starts = state.starts.saturating_add(1),
        Event::Runs => state.starts = 0,
        Event::Dropped { at, words } => drop_active(&mut state, at, words)?,
        of_trial @ (Event::Asked(_)
        | Event::Ended(_)
        | Event::Starting
        | Event::Confirmed { .. }
        | Event::Failed { .. }) => return next_of_trial(state, of_trial),
    }
    Ok(state)
}

/// A release that was confirmed and cannot run makes way for the one before it.
fn drop_active(state: &mut State, at: UtcTime, words: String) -> Result<(), String> {
    let dropped = state.active.take().ok_or("no release is active")?;
    (state.active, state.starts) = (state.previous.take(), 0);
    state.tell(NoteAct::RollBackUpdate, dropped, state.active, &words);
    state.last = Some(Outcome { version: dropped, at, confirmed: false, words });
    Ok(())
}

fn next_of_trial(mut state: State, event: Event) -> Result<State, String> {
    match (event, state.trial.take()) {
        (Event::Asked(trial), None) => state.trial = Some(trial),
        (Event::Asked(_), Some(trial)) => {
            return Err(format!("{} is on trial: wait until it is confirmed or rolled back", trial.version));
        }
        (Event::Ended(_) | Event::Starting | Event::Confirmed { .. } | Event::Failed { .. }, None) => {
            return Err("no release is on trial".to_owned());
        }
        (Event::Ended(before), Some(trial)) => state.trial = Some(Trial { before: Some(before), ..trial }),
        (Event::Starting, Some(trial)) if trial.attempts >= limits::UPDATE_ATTEMPTS_MAX => {
            return Err(format!("{} was started {} times", trial.version, trial.attempts));
        }
        (Event::Starting, Some(trial)) => {
            // An alarm that stood before the first start need not stand before the second: the trial ran in between. Journal and
            // sources are what they were.
            let is_first = trial.attempts == 0;
            let before = trial.before.map(|before| match is_first {
                true => before,
                false => Before { alarms: Vec::new(), ..before },
            });
            state.trial = Some(Trial { attempts: trial.attempts + 1, before, ..trial });
        }
        (Event::Confirmed { at, words }, Some(trial)) => {
            state.tell(NoteAct::ConfirmUpdate, trial.version, state.active, &words);
            state.previous = state.active.replace(trial.version);
            state.starts = 0;
            state.last = Some(Outcome { version: trial.version, at, confirmed: true, words });
        }
        (Event::Begins | Event::Runs | Event::Dropped { .. }, trial) => state.trial = trial,
        (Event::Failed { at, words }, Some(trial)) => {
            state.tell(NoteAct::RollBackUpdate, trial.version, state.active, &words);
            state.last = Some(Outcome { version: trial.version, at, confirmed: false, words });
        }
    }
    Ok(state)
}

impl State {
    /// Remembers it for the journal; beyond the limit the oldest are given up.
    pub(crate) fn remember(&mut self, told: Told) {
        self.untold.push(told);
        let more = self.untold.len().saturating_sub(limits::UPDATE_UNTOLD_MAX);
        self.untold.drain(..more);
    }

    fn tell(&mut self, act: NoteAct, version: Version, active: Option<Version>, words: &str) {
        let base = || "the installed package".to_owned();
        let runs = active.map_or_else(base, |version| version.to_string());
        let (before, after) =
            if act == NoteAct::RollBackUpdate { (version.to_string(), runs) } else { (runs, version.to_string()) };
        let object = Some(version.to_string());
        let note = Note { act, object, before: Some(before), after: Some(after), note: words.to_owned() };
        self.remember(Told { by: LAUNCHER.to_owned(), note });
    }
}

/// Where the releases of some data lie.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(PathBuf);

impl Shelf {
    pub(crate) fn of(data: &Path) -> Self {
        Self(data.join(FOLDER))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of a release.
    pub(crate) fn release(&self, version: Version) -> PathBuf {
        self.0.join(version.to_string())
    }

    /// Makes the folder, for its owner only.
    pub(crate) fn create(&self) -> anyhow::Result<()> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        made.with_context(|| format!("create {}", self.0.display()))
    }

    /// The right to install, which one process has at a time.
    ///
    /// # Errors
    /// When another has it.
    pub(crate) fn turn(&self) -> anyhow::Result<File> {
        self.create()?;
        let path = self.0.join(TURN);
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.with_context(|| format!("open {}", path.display()))?;
        file.try_lock().map_err(|_| anyhow::anyhow!("another release is being installed: wait until it is"))?;
        Ok(file)
    }

    /// What is written there; nothing where no release ever came.
    ///
    /// # Errors
    /// When it cannot be read or was written by a program of another kind.
    pub(crate) fn read(&self) -> anyhow::Result<State> {
        let path = self.0.join(FILE);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::default()),
            text => text.with_context(|| format!("read {}", path.display()))?,
        };
        let state: State = serde_json::from_slice(&text).with_context(|| format!("read {}", path.display()))?;
        anyhow::ensure!(state.format == FORMAT, "{} has the format {}", path.display(), state.format);
        Ok(state)
    }

    /// Changes it as a whole, one process at a time, and gives what is written now.
    ///
    /// # Errors
    /// When the change makes no sense, or the disk does not take it: then it is as it was.
    pub(crate) fn change(&self, change: impl FnOnce(State) -> Result<State, String>) -> anyhow::Result<State> {
        self.create()?;
        let path = self.0.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.and_then(|file| file.lock().map(|()| file));
        let _lock = lock.with_context(|| format!("lock {}", path.display()))?;
        let before = self.read()?;
        let state = change(before.clone()).map_err(anyhow::Error::msg)?;
        if state != before {
            self.write(&state)?;
        }
        Ok(state)
    }

    /// Lets something happen.
    pub(crate) fn happen(&self, event: Event) -> anyhow::Result<State> {
        self.change(|state| next(state, event))
    }

    fn write(&self, state: &State) -> anyhow::Result<()> {
        let doing = || format!("write {}", self.0.join(FILE).display());
        let mut part = tempfile::NamedTempFile::new_in(&self.0).with_context(doing)?;
        part.write_all(&serde_json::to_vec_pretty(state)?).with_context(doing)?;
        part.as_file().sync_all().with_context(doing)?;
        part.persist(self.0.join(FILE)).with_context(doing)?;
        sync(&self.0)
    }
}

#[cfg(test)]
mod tests;
