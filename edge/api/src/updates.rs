//! Updates of the gateway itself: what runs, what is tried, a file that is sent, and the order to install it.

use crate::{
    access::Caller,
    app::App,
    extract::Body,
    limits,
    problem::{Kind, Problem},
};
use axum::{
    Json,
    extract::{Request, State},
    http::header,
};
use davy_core::time::UtcTime;
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::{io::AsyncWriteExt as _, sync::OwnedSemaphorePermit};

/// A file that is written at length goes to the disk in pieces of this many bytes.
pub const SYNC_BYTES: usize = 8 << 20;

/// The media type of a file that is sent.
pub(crate) const RELEASE: &str = "application/octet-stream";

/// Receives and installs releases. Everything here reads and writes the disk.
pub trait Updates: Send + Sync {
    /// What runs, what is tried, what was received.
    ///
    /// # Errors
    /// When the disk does not tell.
    fn state(&self) -> Result<UpdateState, UpdateRefusal>;

    /// A file to write what comes into, of at most so many bytes; one at a time.
    ///
    /// # Errors
    /// When there is none, or no room.
    fn receive(&self, bytes: u64) -> Result<Receiving, UpdateRefusal>;

    /// The whole file is there: it is kept, and that it came is put on record.
    ///
    /// # Errors
    /// When the disk does not take it.
    fn received(&self, receiving: Receiving, by: &str) -> Result<UpdateState, UpdateRefusal>;

    /// Verifies, backs up before, and lays the release beside what runs, so that it is tried within a moment.
    ///
    /// # Errors
    /// Why it is not installed.
    fn install(&self, by: &str, reason: &str) -> Result<UpdateState, UpdateRefusal>;
}

/// A file that is being received.
#[derive(Debug)]
pub struct Receiving {
    /// Open for writing, empty.
    pub file: std::fs::File,
    /// While it is held no other is received.
    pub turn: OwnedSemaphorePermit,
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// Another file is being received or installed.
    Busy,
    /// It is not installed, in words.
    Refused(String),
    /// The disk, in words.
    Failed(String),
}

/// What runs and what is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UpdateState {
    /// The version that answers.
    pub version: String,
    /// What it was built for.
    pub target: &'static str,
    /// Public keys of those whose releases are installed; without one none is.
    pub keys: Vec<String>,
    /// The release that was confirmed last; none where the installed package runs.
    pub active: Option<String>,
    /// The one before it, which is kept.
    pub previous: Option<String>,
    /// The release that is tried now.
    pub trial: Option<String>,
    /// How the last trial ended.
    pub last: Option<ReleaseOutcome>,
    /// How far an installation is, `verifying`, `looking_at_configuration`, `backing_up`, `installing`.
    pub step: Option<&'static str>,
    /// The file that was sent last and is not installed.
    pub received: Option<ReceivedRelease>,
}

/// How a trial ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseOutcome {
    /// Of which release.
    pub version: String,
    /// When.
    pub at: UtcTime,
    /// Whether it stayed; otherwise what ran before runs again.
    pub confirmed: bool,
    /// What it has shown, or what it has not.
    pub words: String,
}

/// A file that was sent, as far as its signed part tells; its program is verified when it is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedRelease {
    /// Its length.
    pub bytes: u64,
    /// Its version; none where it may not be installed.
    pub version: Option<String>,
    /// What is new, in Chinese.
    pub notes_zh: String,
    /// What is new, in English.
    pub notes_en: String,
    /// The public key that has signed it.
    pub key: Option<String>,
    /// Why it may not be installed, as a code.
    pub refused: Option<&'static str>,
    /// The same in words.
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstallUpdate {
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn state(State(app): State<Arc<App>>) -> Result<Json<UpdateState>, Problem> {
    off_the_loop(&app, |updates| updates.state()).await
}

/// The body is the file itself and goes to the disk piece by piece.
pub(crate) async fn receive(
    State(app): State<Arc<App>>,
    who: Caller,
    request: Request,
) -> Result<Json<UpdateState>, Problem> {
    // No foreign page can send this type unasked.
    if request.headers().get(header::CONTENT_TYPE).is_none_or(|media| media != RELEASE) {
        return Err(Kind::Invalid.with(format!("send the file as {RELEASE}")));
    }
    let by = who.sign(None)?;
    let updates = Arc::clone(&app.context.updates);
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = told.unwrap_or(limits::UPDATE_BYTES_MAX as u64);
    if bytes > limits::UPDATE_BYTES_MAX as u64 {
        return Err(too_large());
    }
    let receiving = tokio::task::spawn_blocking(move || updates.receive(bytes)).await.map_err(|_| broken_off())??;
    let Receiving { file, turn } = receiving;
    let mut file = tokio::fs::File::from_std(file);
    if let Err(problem) = pour(request.into_body(), &mut file).await {
        // What came of it is of no use and takes room.
        let _ = file.set_len(0).await;
        return Err(problem);
    }
    let receiving = Receiving { file: file.into_std().await, turn };
    off_the_loop(&app, move |updates| updates.received(receiving, &by)).await
}

fn too_large() -> Problem {
    Kind::BodyTooLarge.with(format!("no release has more than {} bytes", limits::UPDATE_BYTES_MAX))
}

/// To the disk every few megabytes: the journal is on the same one and must not wait until all of a file is written.
async fn pour(body: axum::body::Body, file: &mut tokio::fs::File) -> Result<(), Problem> {
    let unmade = |error: std::io::Error| Kind::FileUnmade.with(error.to_string());
    let (mut body, mut length, mut unsynced) = (body.into_data_stream(), 0, 0);
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| Kind::BadRequest.with(format!("the file did not come whole: {error}")))?;
        length += piece.len();
        unsynced += piece.len();
        if length > limits::UPDATE_BYTES_MAX {
            return Err(too_large());
        }
        file.write_all(&piece).await.map_err(unmade)?;
        if unsynced >= SYNC_BYTES {
            unsynced = 0;
            file.flush().await.map_err(unmade)?;
            file.sync_data().await.map_err(unmade)?;
        }
    }
    file.flush().await.map_err(unmade)
}

pub(crate) async fn install(
    State(app): State<Arc<App>>,
    who: Caller,
    Body(body): Body<InstallUpdate>,
) -> Result<Json<UpdateState>, Problem> {
    let InstallUpdate { by, reason } = body;
    let by = who.sign(by)?;
    if reason.chars().count() > davy_core::limits::TEXT_MAX {
        return Err(Kind::Invalid.with("the reason is too long: shorten it"));
    }
    off_the_loop(&app, move |updates| updates.install(&by, &reason)).await
}

async fn off_the_loop(
    app: &Arc<App>,
    work: impl FnOnce(&dyn Updates) -> Result<UpdateState, UpdateRefusal> + Send + 'static,
) -> Result<Json<UpdateState>, Problem> {
    let updates = Arc::clone(&app.context.updates);
    let done = tokio::task::spawn_blocking(move || work(updates.as_ref())).await.map_err(|_| broken_off())?;
    Ok(Json(done?))
}

fn broken_off() -> Problem {
    Kind::Internal.with("the work on the update was broken off")
}

impl From<UpdateRefusal> for Problem {
    fn from(refusal: UpdateRefusal) -> Self {
        match refusal {
            UpdateRefusal::Busy => Kind::FileBusy.with("another release is being sent or installed"),
            UpdateRefusal::Refused(words) => Kind::UpdateRefused.with(words),
            UpdateRefusal::Failed(words) => Kind::FileUnmade.with(words),
        }
    }
}
