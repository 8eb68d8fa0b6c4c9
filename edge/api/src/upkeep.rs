//! Files that a person takes away from the gateway: a backup, and a bundle for whoever looks for a fault. Each is made whole, put on
//! record with its size and hash, and only then handed out.

mod bundle;
mod names;
mod sending;

pub use names::Names;

use crate::{
    access::Caller,
    app::App,
    extract::Body,
    problem::{Kind, Problem},
};
use axum::{extract::State, response::Response};
use davy_core::{
    event::{CommandKind, Note, NoteAct},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// The media type of a backup: a tar archive, compressed by zstd (RFC 8878).
pub(crate) const BACKUP: &str = "application/zstd";

/// The media type of a support bundle.
pub(crate) const BUNDLE: &str = "application/zip";

/// Makes the files. Everything here reads and writes the disk and may take minutes; one file is made and sent at a time.
pub trait Upkeep: Send + Sync {
    /// Makes a backup, with the samples or without.
    ///
    /// # Errors
    /// Why there is none.
    fn backup(&self, samples: bool) -> Result<MadeFile, NotMade>;

    /// A backup is on record and goes out.
    fn backed_up(&self, backup: &LastBackup);

    /// The last backup that was taken, here or on the command line, as far as the data folder tells.
    fn last_backup(&self) -> Option<LastBackup>;

    /// Makes a bundle of these parts and of what the disk has to say.
    ///
    /// # Errors
    /// Why there is none.
    fn bundle(&self, parts: Vec<BundlePart>, names: &Names) -> Result<MadeFile, NotMade>;
}

/// A file that nobody but whoever holds it can reach: it is gone from the disk when this is dropped.
#[derive(Debug)]
pub struct MadeFile {
    /// Open for reading, at its beginning.
    pub file: std::fs::File,
    /// What a browser saves it as: letters, digits, `-` and `.`.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// What is in it, in words, for the record.
    pub contents: String,
    /// While it is held no other file is made.
    pub turn: OwnedSemaphorePermit,
}

/// Why no file was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// Another one is being made or sent.
    Busy,
    /// The disk has not enough room, in words.
    NoRoom(String),
    /// Something else, in words.
    Failed(String),
}

/// What is known of the last backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    /// When.
    pub at: UtcTime,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundlePart {
    /// Its name in the bundle.
    pub name: &'static str,
    /// What it is, in a line for the README.
    pub about: &'static str,
    /// What it says.
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TakeBackup {
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    samples: bool,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakeBundle {
    #[serde(default)]
    by: Option<String>,
    /// Whether people's names stay in it.
    #[serde(default)]
    names: bool,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn backup(
    State(app): State<Arc<App>>,
    who: Caller,
    Body(body): Body<TakeBackup>,
) -> Result<Response, Problem> {
    let TakeBackup { by, samples, reason } = body;
    let by = who.sign(by)?;
    let made = off_the_loop(&app, move |upkeep| upkeep.backup(samples)).await??;
    app.on_record(by, NoteAct::TakeBackup, &made, reason).await?;
    let taken = LastBackup { at: (app.context.utc)(), bytes: made.bytes, sha256: made.sha256.clone() };
    off_the_loop(&app, move |upkeep| upkeep.backed_up(&taken)).await?;
    Ok(sending::send(made, BACKUP))
}

pub(crate) async fn bundle(
    State(app): State<Arc<App>>,
    who: Caller,
    Body(body): Body<MakeBundle>,
) -> Result<Response, Problem> {
    let MakeBundle { by, names, reason } = body;
    let by = who.sign(by)?;
    let names = if names { Names::Kept } else { Names::without(app.people_names()) };
    let parts = app.bundle_parts(&names).await?;
    let made = off_the_loop(&app, move |upkeep| upkeep.bundle(parts, &names)).await??;
    app.on_record(by, NoteAct::MakeSupportBundle, &made, reason).await?;
    Ok(sending::send(made, BUNDLE))
}

impl App {
    /// Nothing goes out of which the journal does not know.
    async fn on_record(&self, by: String, act: NoteAct, made: &MadeFile, note: String) -> Result<(), Problem> {
        let after = format!("{}, {} bytes, SHA-256 {}", made.contents, made.bytes, made.sha256);
        let note = Note { act, object: Some(made.name.clone()), before: None, after: Some(after), note };
        self.ask(by, CommandKind::Note(note)).await.map(drop)
    }
}

async fn off_the_loop<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&dyn Upkeep) -> T + Send + 'static,
) -> Result<T, Problem> {
    let upkeep = Arc::clone(&app.context.upkeep);
    let work = tokio::task::spawn_blocking(move || work(upkeep.as_ref())).await;
    work.map_err(|_| Kind::Internal.with("the work on the file was broken off"))
}

impl From<NotMade> for Problem {
    fn from(why: NotMade) -> Self {
        match why {
            NotMade::Busy => Kind::FileBusy.with("a backup or a support bundle is on its way"),
            NotMade::NoRoom(words) => Kind::NoRoom.with(words),
            NotMade::Failed(words) => Kind::FileUnmade.with(words),
        }
    }
}
