//! `davy run`: the program that was installed as a package looks which release is to run and gives the process over to it. A release on
//! trial it starts as a child and stays beside it; whatever it finds, something runs that alarms.

use super::{
    install,
    state::{Event, Shelf, Trial},
    supervise::{self, Ended},
    version::{self, Version},
};
use crate::{cli::Run, clock, gateway, limits};
use anyhow::Context as _;
use std::{
    env,
    ffi::OsString,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::atomic::{AtomicBool, Ordering},
};

/// Set for a release that the launcher gave the process to.
const RELEASE: &str = "DAVY_RELEASE";
/// Set for a release on trial; its standard input leads to the launcher.
pub(super) const TRIAL: &str = "DAVY_TRIAL";
/// Where the launcher is.
const BASE: &str = "DAVY_BASE";

/// The exit status of a confirmed child that wants the next release to be tried.
pub(super) const AGAIN: u8 = 75;

/// Set for what runs after a trial that could be neither counted nor rolled back, because the disk takes nothing: to try again would
/// end alarming again and again.
const HELD: &str = "DAVY_TRIAL_HELD";

static HOLDS: AtomicBool = AtomicBool::new(false);
static WANTS_AGAIN: AtomicBool = AtomicBool::new(false);
static TOLD_TO_STOP: AtomicBool = AtomicBool::new(false);

/// The gateway ends in order so that the release on trial begins.
pub(super) fn want_again() {
    WANTS_AGAIN.store(true, Ordering::Release);
}

/// Somebody wants the process to end: nothing is to begin after it.
pub(crate) fn told_to_stop() {
    TOLD_TO_STOP.store(true, Ordering::Release);
}

/// Whether the release that waits is to be left alone until the next start.
pub(super) fn holds() -> bool {
    HOLDS.load(Ordering::Acquire) || env::var_os(HELD).is_some()
}

/// Whether this process is a release on trial.
pub(super) fn is_trial() -> bool {
    env::var_os(TRIAL).is_some()
}

/// `davy run`.
pub(crate) fn run(args: &Run) -> anyhow::Result<ExitCode> {
    match env::var_os(RELEASE).is_some() {
        true => run_here(args),
        false => launch(args),
    }
}

/// Runs the gateway in this process, and afterwards what it asked for.
fn run_here(args: &Run) -> anyhow::Result<ExitCode> {
    gateway::command(args)?;
    // Who ends in order has run, for however short a time.
    if !is_trial() && env::var_os(RELEASE).is_some() && Shelf::of(&args.data).happen(Event::Runs).is_err() {
        tracing::warn!("this start goes on being counted");
    }
    if !WANTS_AGAIN.load(Ordering::Acquire) || TOLD_TO_STOP.load(Ordering::Acquire) {
        return Ok(ExitCode::SUCCESS);
    }
    match is_trial() {
        true => Ok(ExitCode::from(AGAIN)),
        false => Err(begin_again()),
    }
}

fn launch(args: &Run) -> anyhow::Result<ExitCode> {
    let shelf = Shelf::of(&args.data);
    let own = version::own();
    let state = match shelf.read() {
        Ok(state) => state,
        Err(error) => {
            tracing::error!("which release is to run cannot be read, and the installed package runs: {error:#}");
            return run_here(args);
        }
    };
    if let Some(trial) = state.trial.filter(|_| !holds())
        && let Some(program) = may_begin(&shelf, &trial, own)
    {
        return match supervise::supervise(&shelf, &trial, &program)? {
            Ended::With(code) => Ok(code),
            Ended::Again => Err(begin_again()),
        };
    }
    while let Some(release) = shelf.read().ok().and_then(|state| state.active).filter(|release| *release > own) {
        let error = begin(&shelf, release);
        if !fall_behind(&shelf, release, &error) {
            break;
        }
    }
    run_here(args)
}

/// Counts a start of the release on trial before it happens. One that may not be started, or that cannot be counted, is rolled back.
fn may_begin(shelf: &Shelf, trial: &Trial, own: Version) -> Option<PathBuf> {
    let begun = || -> anyhow::Result<PathBuf> {
        anyhow::ensure!(trial.version > own, "the installed package is davy {own}, which is not earlier");
        let program = install::is_whole(shelf, trial.version)?;
        let begun = shelf.happen(Event::Starting);
        begun.context("it was not confirmed: it was killed, or the power went")?;
        Ok(program)
    };
    match begun() {
        Ok(program) => Some(program),
        Err(error) => {
            roll_back(shelf, trial.version, &format!("{error:#}"));
            None
        }
    }
}

/// Goes back to what ran before.
pub(super) fn roll_back(shelf: &Shelf, version: Version, words: &str) {
    tracing::error!(event = "update_rolled_back", %version, "the update is rolled back: {words}");
    let failed = Event::Failed { at: clock::utc(), words: install::short(words) };
    if let Err(error) = shelf.happen(failed) {
        tracing::error!("that the update was rolled back cannot be written: {error:#}");
        HOLDS.store(true, Ordering::Release);
    }
}

/// Becomes the active release, unless it has been started too often and never ran for a while; comes back only where it does not.
fn begin(shelf: &Shelf, release: Version) -> anyhow::Error {
    let begun = || -> anyhow::Result<PathBuf> {
        let program = install::is_whole(shelf, release)?;
        let starts = shelf.read()?.starts;
        anyhow::ensure!(starts < limits::UPDATE_STARTS_MAX, "it was started {starts} times and ended within a minute");
        // On a disk that takes nothing it runs uncounted.
        if let Err(error) = shelf.happen(Event::Begins) {
            tracing::warn!("a start of davy {release} is not counted: {error:#}");
        }
        Ok(program)
    };
    match begun() {
        Ok(program) => give_over(&program, release),
        Err(error) => error,
    }
}

/// A confirmed release that cannot run is said loudly and makes way for the one before it; whether it has.
fn fall_behind(shelf: &Shelf, release: Version, error: &anyhow::Error) -> bool {
    tracing::error!(event = "release_unusable", %release, "an earlier release runs: {error:#}");
    let dropped = shelf.happen(Event::Dropped { at: clock::utc(), words: install::short(&format!("{error:#}")) });
    if let Err(error) = &dropped {
        tracing::error!("that a release is unusable cannot be written, and the installed package runs: {error:#}");
    }
    dropped.is_ok()
}

/// Becomes the release; comes back only when that fails.
fn give_over(program: &Path, release: Version) -> anyhow::Error {
    let mut command = as_release(program, release);
    let error = command.exec();
    anyhow::Error::new(error).context(format!("start {}", program.display()))
}

/// The release with the arguments of this process.
pub(super) fn as_release(program: &Path, release: Version) -> Command {
    let mut command = Command::new(program);
    command.args(arguments()).env(RELEASE, release.to_string()).env(BASE, base());
    if holds() {
        command.env(HELD, "1");
    }
    command
}

/// Becomes the launcher anew; comes back only when that fails.
fn begin_again() -> anyhow::Error {
    let base = base();
    let mut command = Command::new(&base);
    command.args(arguments()).env_remove(RELEASE).env_remove(TRIAL).env_remove(BASE);
    match HOLDS.load(Ordering::Acquire) {
        true => command.env(HELD, "1"),
        false => command.env_remove(HELD),
    };
    let error = command.exec();
    anyhow::Error::new(error).context(format!("start {} again", base.display()))
}

fn arguments() -> impl Iterator<Item = OsString> {
    env::args_os().skip(1)
}

/// The program that was installed as a package; where it was replaced meanwhile, what is there now.
fn base() -> PathBuf {
    if let Some(base) = env::var_os(BASE) {
        return base.into();
    }
    let own = env::current_exe().unwrap_or_else(|_| env::args_os().next().unwrap_or_default().into());
    match own.to_string_lossy().strip_suffix(" (deleted)") {
        Some(replaced) => replaced.into(),
        None => own,
    }
}
