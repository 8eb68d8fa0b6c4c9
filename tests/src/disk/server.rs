//! The process that holds a disk: what it is asked on its standard input, a line of JSON each, and what it answers.

use super::{
    Faults, Survival, WITNESS,
    image::{Image, ROOT},
    kernel::Kernel,
};
use fuser::{BackgroundSession, Config};
use serde::{Deserialize, Serialize};
use std::{
    env,
    io::{self, BufRead as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

#[derive(Serialize, Deserialize)]
pub(super) enum Ask {
    Set(Faults),
    CutBefore(u64, Survival),
    CutNow,
    PowerBack,
    Settle,
    Count,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) operations: u64,
    pub(super) syncs: u64,
    pub(super) used: u64,
    pub(super) cut: bool,
    /// Of a power cut, when the power is back.
    pub(super) witness: String,
    pub(super) failed: Option<String>,
}

/// What the kernel's side and the asker's side share.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
pub(super) struct State {
    pub(super) image: Image,
    pub(super) faults: Faults,
    operations: u64,
    pub(super) syncs: u64,
    planned: Option<(u64, Survival)>,
    cut: Option<(Image, String)>,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as a sync takes, or until syncs take no time any more.
    pub(super) fn wait_for_sync(&self) {
        let state = self.state();
        let takes = state.faults.sync_takes;
        let slow = |state: &mut State| !state.faults.sync_takes.is_zero();
        drop(self.0.1.wait_timeout_while(state, takes, slow).unwrap_or_else(PoisonError::into_inner));
    }

    fn set(&self, faults: Faults) {
        self.state().faults = faults;
        self.0.1.notify_all();
    }
}

impl State {
    /// Counts an operation that may change something; the power may fail before it.
    pub(super) fn operation(&mut self) {
        self.operations += 1;
        if self.planned.is_some_and(|(before, _)| self.operations >= before) {
            self.take_cut();
        }
    }

    fn take_cut(&mut self) {
        if let Some((_, survival)) = self.planned.take() {
            let witness = self.image.content(WITNESS.as_ref()).to_owned();
            self.cut = Some((self.image.after_power_cut(survival), String::from_utf8_lossy(&witness).into_owned()));
        }
    }

    fn count(&self) -> Answer {
        let Self { operations, syncs, .. } = *self;
        Answer { operations, syncs, used: self.image.used(), cut: self.cut.is_some(), ..Answer::default() }
    }
}

/// Serves a disk at the folder that is the only argument until standard input ends.
///
/// # Errors
/// When it cannot be mounted.
pub fn serve() -> io::Result<()> {
    let place = PathBuf::from(env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?);
    let mut server = Server { shared: Shared::default(), session: None, place };
    server.mount()?;
    for line in io::stdin().lock().lines() {
        let answer = server.answer(serde_json::from_str(&line?)?);
        let mut out = io::stdout().lock();
        serde_json::to_writer(&mut out, &answer)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    server.shared.set(Faults::default());
    server.unmount().or_else(|_| detach(&server.place))
}

/// A file on it is still open: the mount goes now, the rest with this process.
fn detach(place: &Path) -> io::Result<()> {
    Command::new("umount").arg("-l").arg(place).status().map(drop)
}

struct Server {
    shared: Shared,
    session: Option<BackgroundSession>,
    place: PathBuf,
}

impl Server {
    fn mount(&mut self) -> io::Result<()> {
        let kernel = Kernel { shared: self.shared.clone() };
        self.session = Some(fuser::spawn_mount(kernel, &self.place, &Config::default())?);
        Ok(())
    }

    fn unmount(&mut self) -> io::Result<()> {
        self.session.take().map_or(Ok(()), BackgroundSession::umount_and_join)
    }

    fn answer(&mut self, ask: Ask) -> Answer {
        match ask {
            Ask::Set(faults) => self.shared.set(faults),
            Ask::CutBefore(operation, survival) => self.shared.state().planned = Some((operation, survival)),
            Ask::CutNow => self.shared.state().take_cut(),
            Ask::Settle => self.shared.state().image.settle(),
            Ask::Count => {}
            Ask::PowerBack => {
                let back = self.power_back();
                let (witness, failed) = back.map_or_else(|why| (String::new(), Some(why)), |witness| (witness, None));
                return Answer { witness, failed, ..self.shared.state().count() };
            }
        }
        self.shared.state().count()
    }

    fn power_back(&mut self) -> Result<String, String> {
        self.unmount().map_err(|error| format!("a file is still open: {error}"))?;
        let (mut image, witness) = self.shared.state().cut.take().ok_or("the power has not failed")?;
        // What is left of it must not be taken for what will be heard next.
        if image.remove(ROOT, WITNESS.as_ref()).is_ok() {
            image.settle();
        }
        self.shared = Shared::default();
        self.shared.state().image = image;
        self.mount().map_err(|error| error.to_string())?;
        Ok(witness)
    }
}
