//! From a file to a release that is to be tried: looked at, tried for what it says of the configuration, backed up before, laid beside
//! what runs. Up to the last step nothing is changed that a start would see.

use super::{
    release::{self, Here, MANIFEST, PROGRAM, Refused, Release},
    state::{Event, Shelf, State, Told, Trial},
    version::Version,
};
use crate::{
    backup::{self, Made, Wanted},
    clock,
    configuration::folder::sync,
    limits,
};
use anyhow::{Context as _, ensure};
use davy_core::event::{Note, NoteAct};
use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Instant,
};

/// How the names of half-made releases begin.
const PART: &str = ".part-";

/// Who wants what installed where.
pub(crate) struct Order {
    pub(crate) data: PathBuf,
    pub(crate) config: PathBuf,
    /// Public keys of those who make releases.
    pub(crate) keys: Vec<String>,
    pub(crate) confirm_within_s: u64,
    pub(crate) by: String,
    pub(crate) reason: String,
}

/// How far it is, for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Verifying,
    LookingAtConfiguration,
    BackingUp,
    Installing,
}

impl Step {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Verifying => "verifying",
            Self::LookingAtConfiguration => "looking_at_configuration",
            Self::BackingUp => "backing_up",
            Self::Installing => "installing",
        }
    }
}

/// Installs the release in a file, so that the gateway tries it at its next start; that it was refused goes on record as well.
pub(crate) fn install(file: &Path, order: &Order, step: impl Fn(Step)) -> anyhow::Result<State> {
    let shelf = Shelf::of(&order.data);
    let installed = try_install(file, order, &shelf, step);
    if let Err(error) = &installed {
        let words = format!("{error:#}");
        let note = Note {
            act: NoteAct::RefuseUpdate,
            object: Some(name_of(file)),
            before: None,
            after: None,
            note: short(&words),
        };
        let noted = shelf.change(|mut state| {
            state.remember(Told { by: order.by.clone(), note });
            Ok(state)
        });
        if let Err(error) = noted {
            tracing::warn!("that an update was refused will not be on record: {error:#}");
        }
    }
    installed
}

fn try_install(file: &Path, order: &Order, shelf: &Shelf, step: impl Fn(Step)) -> anyhow::Result<State> {
    step(Step::Verifying);
    let running = shelf.read()?;
    ensure!(running.trial.is_none(), "a release is on trial: wait until it is confirmed or rolled back");
    let here = Here::now();
    let here = Here { runs: running.active.unwrap_or(here.runs).max(here.runs), ..here };
    let open = || File::open(file).with_context(|| format!("open {}", file.display()));
    let release = Release::look(open()?, &order.keys, here)?;
    ensure_room_to_install(&order.data, release.manifest.program.bytes)?;
    let _turn = shelf.turn()?;
    sweep(shelf);
    let part = tempfile::Builder::new().prefix(PART).tempdir_in(shelf.path()).context("write beside the data")?;
    let program = part.path().join(PROGRAM);
    release.unpack(open()?, &program)?;
    write(&part.path().join(MANIFEST), &release.signed)?;
    write(&part.path().join(format!("{MANIFEST}.minisig")), release.signature.as_bytes())?;

    step(Step::LookingAtConfiguration);
    look_at(&program, release.manifest.version, &order.config)?;

    step(Step::BackingUp);
    let version = release.manifest.version;
    let (backup, contents) = back_up(order, shelf, version)?;

    step(Step::Installing);
    sync(part.path())?;
    let told = [
        note(order, NoteAct::TakeBackup, &backup, &contents, "before an update"),
        note(order, NoteAct::InstallUpdate, &version.to_string(), &words_of(&release), &order.reason),
    ];
    let trial = Trial {
        version,
        by: order.by.clone(),
        asked_at: clock::utc(),
        confirm_within_s: order.confirm_within_s,
        attempts: 0,
        before: None,
    };
    shelf.change(|state| {
        let mut state = super::state::next(state, Event::Asked(trial))?;
        take_place(part.path(), shelf, version).map_err(|error| format!("{error:#}"))?;
        told.into_iter().for_each(|told| state.remember(told));
        Ok(state)
    })
}

/// Lays an unpacked release where it belongs; one of the same version that was rolled back before makes room.
fn take_place(part: &Path, shelf: &Shelf, version: Version) -> anyhow::Result<()> {
    let folder = shelf.release(version);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("remove {}", folder.display()))?;
    }
    fs::rename(part, &folder).with_context(|| format!("move {} to {}", part.display(), folder.display()))?;
    sync(shelf.path())
}

fn note(order: &Order, act: NoteAct, object: &str, after: &str, words: &str) -> Told {
    let (object, after) = (Some(object.to_owned()), Some(after.to_owned()));
    Told { by: order.by.clone(), note: Note { act, object, before: None, after, note: short(words) } }
}

fn words_of(release: &Release) -> String {
    let Release { manifest, key, .. } = release;
    format!(
        "davy {} for {}, SHA-256 of the program {}, signed by the key {key}",
        manifest.version, manifest.target, manifest.program.sha256
    )
}

/// As long as a note may be.
pub(crate) fn short(words: &str) -> String {
    words.chars().take(davy_core::limits::TEXT_MAX).collect()
}

/// The name of a file without its folder.
pub(crate) fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The program, and the journal twice for the backup.
fn ensure_room_to_install(data: &Path, program_bytes: u64) -> anyhow::Result<()> {
    let entries = fs::read_dir(data).with_context(|| format!("look into {}", data.display()))?;
    let is_journal = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("davy-");
    let journal: u64 =
        entries.flatten().filter(is_journal).filter_map(|entry| entry.metadata().ok()).map(|about| about.len()).sum();
    ensure_room(data, program_bytes.saturating_add(journal.saturating_mul(2)))
}

/// Room beside the data for so many bytes; what the journal needs to go on stays free.
pub(super) fn ensure_room(data: &Path, bytes: u64) -> anyhow::Result<()> {
    let about = rustix::fs::statvfs(data).with_context(|| format!("see how full {} is", data.display()))?;
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    let wanted = bytes.saturating_add(limits::UPKEEP_ROOM_BYTES);
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    ensure!(
        free >= wanted,
        "the update takes {} MB beside the data and {} MB are free: make room, or mount a larger disk",
        megabytes(wanted),
        megabytes(free)
    );
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.with_context(|| format!("write {}", path.display()))
}

/// The new program says what it is and reads the configuration, before anything is stopped for it.
fn look_at(program: &Path, version: Version, config: &Path) -> Result<(), Refused> {
    let fails = |error: std::io::Error| Refused::DoesNotRun(error.to_string());
    let (status, said, _) = ask(Command::new(program).arg("--version")).map_err(fails)?;
    if !status.success() || said.split_whitespace().next_back() != Some(version.to_string().as_str()) {
        return Err(Refused::DoesNotRun(format!("it calls itself `{}`, {status}", short(said.trim()))));
    }
    let (status, _, why) = ask(Command::new(program).arg("check").arg("--config").arg(config)).map_err(fails)?;
    match status.success() {
        true => Ok(()),
        false => Err(Refused::Configuration(short(why.trim()))),
    }
}

/// Runs it to its end within the time there is.
fn ask(command: &mut Command) -> std::io::Result<(ExitStatus, String, String)> {
    let mut child = start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    // Both are read at the same time: a program whose output is not read does not end.
    let out = child.stdout.take().map(|out| thread::spawn(move || read(out)));
    let errors = child.stderr.take().map(|errors| thread::spawn(move || read(errors)));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > limits::UPDATE_LOOK_MAX {
            child.kill()?;
            child.wait()?;
            return Err(std::io::Error::new(ErrorKind::TimedOut, "it did not end in time"));
        }
        thread::sleep(limits::UPDATE_LOOK_PAUSE);
    };
    let text = |reader: Option<thread::JoinHandle<String>>| reader.and_then(|reader| reader.join().ok());
    Ok((status, text(out).unwrap_or_default(), text(errors).unwrap_or_default()))
}

/// While another thread starts a program, that holds the file open which was just written, for a moment.
fn start(command: &mut Command) -> std::io::Result<Child> {
    for _ in 0..limits::UPDATE_BUSY_TRIES {
        match command.spawn() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::sleep(limits::UPDATE_LOOK_PAUSE),
            started => return started,
        }
    }
    command.spawn()
}

fn read(from: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    // What was read until then is worth having.
    let _ = from.take(limits::UPDATE_SAID_BYTES_MAX).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A backup beside the releases, for the case that nothing else helps; gives its name and what is in it.
fn back_up(order: &Order, shelf: &Shelf, version: Version) -> anyhow::Result<(String, String)> {
    let work = backup::work_folder(&order.data)?;
    let wanted = Wanted { data: &order.data, config: Some(&order.config), samples: false };
    let Made { part, files, copied } = backup::make(&wanted, work.path()).context("take a backup before the update")?;
    let name = backup_name(version);
    let to = shelf.path().join(&name);
    part.persist(&to).with_context(|| format!("write {}", to.display()))?;
    Ok((name, format!("{files} files, the journal of epoch {} up to row {}", copied.epoch, copied.head)))
}

fn backup_name(version: Version) -> String {
    format!("before-{version}.tar.zst")
}

/// Takes away what no start needs any more: releases other than those that run, ran before or are tried, their backups, and what was
/// left half-made.
pub(crate) fn tidy(shelf: &Shelf) -> anyhow::Result<()> {
    if !shelf.path().is_dir() {
        return Ok(());
    }
    shelf.change(|state| {
        remove_old(shelf, &state).map_err(|error| format!("{error:#}"))?;
        Ok(state)
    })?;
    Ok(())
}

fn remove_old(shelf: &Shelf, state: &State) -> anyhow::Result<()> {
    let trial = state.trial.as_ref().map(|trial| trial.version);
    let kept: Vec<Version> = [state.active, state.previous, trial].into_iter().flatten().collect();
    let backups: Vec<String> = kept.iter().map(|version| backup_name(*version)).collect();
    for entry in fs::read_dir(shelf.path()).context("look at the releases")?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if name.parse::<Version>().is_ok_and(|version| !kept.contains(&version)) {
            fs::remove_dir_all(&path).with_context(|| format!("remove {}", path.display()))?;
        } else if name.starts_with("before-") && !backups.contains(&name) {
            fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    Ok(())
}

/// What an installation left that was cut short.
fn sweep(shelf: &Shelf) {
    for entry in fs::read_dir(shelf.path()).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PART) {
            // It costs room and stands in nobody's way.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the program of an installed release may be started.
pub(crate) fn is_whole(shelf: &Shelf, version: Version) -> anyhow::Result<PathBuf> {
    let folder = shelf.release(version);
    release::is_whole(&folder)?;
    Ok(folder.join(PROGRAM))
}
