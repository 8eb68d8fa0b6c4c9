//! Updates as the API sees and begins them. One file at a time is received and one at a time installed.

use super::{
    install::{self, Order, Step},
    release::{Here, Manifest, Refused, Release, TARGET},
    state::{FOLDER, Shelf, Told},
    version,
};
use crate::{backup, configuration::Shared};
use anyhow::Context as _;
use davy_api::{ReceivedRelease, Receiving, ReleaseOutcome, UpdateRefusal, UpdateState, Updates};
use davy_core::event::{Note, NoteAct};
use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The file that was received, within the folder of the releases.
const RECEIVED: &str = "received.davy";
const RECEIVING: &str = "receiving.part";

/// See the module.
pub(crate) struct ForPage {
    data: PathBuf,
    /// `None` in the demonstration.
    config: Option<PathBuf>,
    in_force: Shared,
    turn: Arc<Semaphore>,
    step: Mutex<Option<Step>>,
}

impl ForPage {
    pub(crate) fn new(data: &Path, config: Option<&Path>, in_force: Shared) -> Self {
        let (turn, step) = (Arc::new(Semaphore::new(1)), Mutex::default());
        Self { data: data.to_owned(), config: config.map(Path::to_owned), in_force, turn, step }
    }

    fn shelf(&self) -> Shelf {
        Shelf::of(&self.data)
    }

    fn keys(&self) -> Vec<String> {
        self.in_force.now().update.keys.clone()
    }

    fn turn(&self) -> Result<OwnedSemaphorePermit, UpdateRefusal> {
        Arc::clone(&self.turn).try_acquire_owned().map_err(|_| UpdateRefusal::Busy)
    }

    fn set_step(&self, step: Option<Step>) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    fn received_file(&self) -> Option<ReceivedRelease> {
        let path = self.data.join(FOLDER).join(RECEIVED);
        let bytes = fs::metadata(&path).ok()?.len();
        let looked = File::open(&path).ok().map(|file| Release::look(file, &self.keys(), Here::now()))?;
        Some(match looked {
            Ok(Release { manifest, key, .. }) => {
                let Manifest { version, notes, .. } = manifest;
                let (version, key) = (Some(version.to_string()), Some(key));
                ReceivedRelease {
                    bytes,
                    version,
                    notes_zh: notes.zh,
                    notes_en: notes.en,
                    key,
                    refused: None,
                    detail: String::new(),
                }
            }
            Err(refused) => ReceivedRelease {
                bytes,
                version: None,
                notes_zh: String::new(),
                notes_en: String::new(),
                key: None,
                refused: Some(refused.code()),
                detail: refused.to_string(),
            },
        })
    }
}

impl Updates for ForPage {
    fn state(&self) -> Result<UpdateState, UpdateRefusal> {
        let state = self.shelf().read().map_err(failed)?;
        let step = self.step.lock().unwrap_or_else(PoisonError::into_inner).map(Step::code);
        let outcome = |last: super::state::Outcome| ReleaseOutcome {
            version: last.version.to_string(),
            at: last.at,
            confirmed: last.confirmed,
            words: last.words,
        };
        Ok(UpdateState {
            version: version::text().to_owned(),
            target: TARGET,
            keys: self.keys(),
            active: state.active.map(|version| version.to_string()),
            previous: state.previous.map(|version| version.to_string()),
            trial: state.trial.map(|trial| trial.version.to_string()),
            last: state.last.map(outcome),
            step,
            received: self.received_file(),
        })
    }

    fn receive(&self, bytes: u64) -> Result<Receiving, UpdateRefusal> {
        let turn = self.turn()?;
        let shelf = self.shelf();
        let room = shelf.create().and_then(|()| install::ensure_room(shelf.path(), bytes));
        room.map_err(|error| UpdateRefusal::Refused(format!("{error:#}")))?;
        let opened = shelf.create().and_then(|()| {
            let path = shelf.path().join(RECEIVING);
            let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
            file.with_context(|| format!("write {}", path.display()))
        });
        Ok(Receiving { file: opened.map_err(failed)?, turn })
    }

    fn received(&self, receiving: Receiving, by: &str) -> Result<UpdateState, UpdateRefusal> {
        let Receiving { file, turn } = receiving;
        let shelf = self.shelf();
        let kept = || -> anyhow::Result<()> {
            let bytes = file.metadata()?.len();
            file.sync_all().context("write what was received to the disk")?;
            let sha256 = backup::sha256(&mut File::open(shelf.path().join(RECEIVING))?)?;
            fs::rename(shelf.path().join(RECEIVING), shelf.path().join(RECEIVED)).context("keep what was received")?;
            let note = Note {
                act: NoteAct::ReceiveUpdate,
                object: None,
                before: None,
                after: Some(format!("{bytes} bytes, SHA-256 {sha256}")),
                note: String::new(),
            };
            let told = Told { by: by.to_owned(), note };
            shelf.change(|mut state| {
                state.remember(told);
                Ok(state)
            })?;
            Ok(())
        };
        let kept = kept();
        drop(turn);
        kept.map_err(failed)?;
        self.state()
    }

    fn install(&self, by: &str, reason: &str) -> Result<UpdateState, UpdateRefusal> {
        let Some(config) = self.config.clone() else {
            return Err(UpdateRefusal::Refused("this gateway is a demonstration and is not updated".to_owned()));
        };
        let _turn = self.turn()?;
        let file = self.data.join(FOLDER).join(RECEIVED);
        if !file.is_file() {
            return Err(UpdateRefusal::Refused("no file of a release was sent yet: send one first".to_owned()));
        }
        let order = Order {
            data: self.data.clone(),
            config,
            keys: self.keys(),
            confirm_within_s: self.in_force.now().update.confirm_within_s,
            by: by.to_owned(),
            reason: reason.to_owned(),
        };
        let installed = install::install(&file, &order, |step| self.set_step(Some(step)));
        self.set_step(None);
        match installed {
            Ok(_) => {
                // It lies there unpacked. Where it stays it costs room and no more.
                let _ = fs::remove_file(&file);
                self.state()
            }
            Err(error) if error.is::<Refused>() => Err(UpdateRefusal::Refused(format!("{error:#}"))),
            Err(error) => Err(failed(error)),
        }
    }
}

fn failed(error: anyhow::Error) -> UpdateRefusal {
    UpdateRefusal::Failed(format!("{error:#}"))
}
