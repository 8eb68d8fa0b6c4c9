//! A configuration that comes over the network is put in force: the files first, as a whole, so that what is in force is what the next
//! start finds; then the gateway turns to it; then it is on record who did it and why. When it cannot be put in force, the files
//! go back.

use super::live::Live;
use crate::{
    certificates::on_record,
    clock,
    configuration::{InForce, Prepared, Shared, folder, of_all, prepare},
    replace, update,
    versions::{About, Part, Shelf},
};
use anyhow::Context as _;
use davy_api::{Apply, ConfigRefusal, ConfigVersion, How, Request};
use davy_config::{Checked, Configuration, Files, STAND_IN, scaffold::GATEWAY_TOML};
use davy_core::{
    event::{CommandKind, Note, NoteAct},
    model::Change,
};
use folder::Made;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::mpsc;

/// What is known of configurations, and where that is kept.
pub(crate) struct Record {
    /// `None` in the demonstration.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) in_force: Shared,
    pub(crate) shelf: Arc<Shelf>,
    /// To the loop, which puts on record.
    pub(crate) commands: mpsc::Sender<Request>,
}

impl Live {
    /// Does what somebody asked for over the API.
    pub(crate) async fn apply(&mut self, apply: Apply) -> Result<ConfigVersion, ConfigRefusal> {
        let Some(folder) = self.record.folder.clone() else {
            let words = "this gateway has no configuration folder: it is a demonstration";
            return Err(ConfigRefusal::Conflict(words.to_owned()));
        };
        if let Some(words) = update::stands_still(&self.data) {
            return Err(ConfigRefusal::Conflict(words));
        }
        let (in_force, shelf) = (self.record.in_force.now(), Arc::clone(&self.record.shelf));
        let prepared = blocking(move || prepare(&in_force, &apply, (&folder, &shelf), clock::utc())).await;
        let prepared = prepared.map_err(|error| ConfigRefusal::Failed(format!("{error:#}")))??;
        let put = self.put_in_force(prepared).await;
        let about = put.map_err(|error| {
            tracing::error!("a configuration is refused: {error:#}");
            ConfigRefusal::Failed(format!("{error:#}"))
        })?;
        let number = Some(about.number);
        Ok(about.on_the_wire(number))
    }

    /// Gives it as it is kept.
    pub(super) async fn put_in_force(&mut self, prepared: Prepared) -> anyhow::Result<About> {
        let folder = self.record.folder.clone().context("there is a configuration folder")?;
        let Prepared { checked, secrets, about } = prepared;
        let in_force = self.record.in_force.now();
        let (shelf, files, of) = (Arc::clone(&self.record.shelf), checked.configuration.files.clone(), folder.clone());
        let before = Arc::clone(&in_force);
        let put = blocking(move || {
            let part = shelf.prepare(about, &files).context("keep what is to be in force")?;
            let made = Made { about: part.about.clone(), before: before.version(), takes_back: false };
            let mut written = Vec::new();
            let put =
                keep_secrets(&of, &secrets, &mut written).and_then(|()| folder::put(&of, &before.files, &files, &made));
            put.inspect_err(|_| {
                shelf.drop_part(&part);
                forget_secrets(&written);
            })?;
            anyhow::Ok((part, written))
        });
        let (part, written) = put.await??;
        let about = part.about.clone();
        let files = checked.configuration.files.clone();
        if let Err(error) = self.turn_to(checked, Some(about.clone())).await {
            self.record.drop_part(part).await;
            let of = folder.clone();
            let back = blocking(move || {
                take_back(&of, &files, &in_force)?;
                forget_secrets(&written);
                anyhow::Ok(())
            });
            back.await?.context("put the old files back")?;
            return Err(error);
        }
        self.record.end(Some(part), true).await;
        self.record.tell(&Made { about: about.clone(), before: in_force.version(), takes_back: false }).await;
        Ok(about)
    }
}

impl Record {
    /// What is in force at the start, with what is known of how it came to be.
    pub(crate) async fn start(
        (folder, data): (Option<PathBuf>, &Path),
        checked: &Checked,
        made: Option<&Made>,
        commands: mpsc::Sender<Request>,
    ) -> Self {
        let (at, known) = (data.to_owned(), made.filter(|made| !made.takes_back).map(|made| made.about.clone()));
        let checked_now = checked.clone();
        let begun = blocking(move || {
            let shelf = Shelf::open(&at);
            let about = known.unwrap_or_else(|| of_start(&shelf, &checked_now));
            let kept = kept(&shelf, about.clone(), &checked_now.configuration.files);
            (shelf, about, kept)
        });
        let (shelf, about, kept) = begun.await.unwrap_or_else(|_| {
            let about = About::of(How::Start, checked.configuration.files.version(), clock::utc());
            (Shelf::open(data), about, None)
        });
        let (about, number) = match kept {
            Some(about) => (about.clone(), Some(about.number)),
            None => (about, None),
        };
        let in_force = Shared::new(InForce::of(checked, about, number));
        Self { folder, in_force, shelf: Arc::new(shelf), commands }
    }

    /// Begins to keep what is about to be in force by another way than an order. Without room it comes in force all the same.
    pub(crate) async fn begin(&self, checked: &Checked, how: How) -> Option<Part> {
        let in_force = self.in_force.now();
        let files = checked.configuration.files.clone();
        if files == in_force.files {
            return None;
        }
        let now = &checked.configuration;
        let stated = stated(now.site.gateway.change.as_ref(), in_force.site.gateway.change.as_ref());
        let (by, reason) = stated.unzip();
        let changes = of_all((&in_force.site, &in_force.sources), (&now.site, &now.sources));
        let about = About { by, reason, changes, ..About::of(how, files.version(), clock::utc()) };
        let shelf = Arc::clone(&self.shelf);
        let part = blocking(move || shelf.prepare(about, &files)).await.and_then(|part| part);
        part.inspect_err(|error| tracing::error!(event = "version_not_kept", "this version is not kept: {error:#}"))
            .ok()
    }

    /// It is in force, or it is not.
    pub(crate) async fn end(&self, part: Option<Part>, in_force: bool) {
        let Some(part) = part else { return };
        if !in_force {
            return self.drop_part(part).await;
        }
        let shelf = Arc::clone(&self.shelf);
        let kept = blocking(move || shelf.keep(&part)).await.and_then(|kept| kept);
        if let Err(error) = kept {
            tracing::error!(event = "version_not_kept", "this version is not kept: {error:#}");
        }
    }

    async fn drop_part(&self, part: Part) {
        let shelf = Arc::clone(&self.shelf);
        drop(blocking(move || shelf.drop_part(&part)).await);
    }

    /// What is in force next; without `about` it is the version that was in force.
    pub(crate) fn next(&self, checked: &Checked, about: Option<About>) -> InForce {
        let now = self.in_force.now();
        let (about, number) = match about {
            Some(about) => (about.clone(), Some(about.number)),
            None if checked.configuration.files == now.files => (now.about.clone(), now.number),
            None => (About::of(How::Console, checked.configuration.files.version(), clock::utc()), None),
        };
        InForce::of(checked, about, number)
    }

    /// On record, and then the folder has nothing left to tell. A gateway that ends in between tells it once more after its start:
    /// better twice than never.
    pub(crate) async fn tell(&self, made: &Made) {
        let Some(folder) = self.folder.clone() else { return };
        if let Some((by, note)) = note(made)
            && !on_record(&self.commands, &by, CommandKind::Note(note)).await
        {
            tracing::error!(
                event = "configuration_not_on_record",
                "who changed it goes on record after the next start"
            );
            return;
        }
        let forgotten = blocking(move || folder::forget(&folder)).await.and_then(|forgotten| forgotten);
        if let Err(error) = forgotten {
            tracing::warn!("who changed the configuration will be on record twice: {error:#}");
        }
    }

    /// Tells, beside everything else, what the last process had no time to.
    pub(crate) fn tell_later(&self, made: Option<Made>) {
        let Some(made) = made else { return };
        let (folder, in_force) = (self.folder.clone(), self.in_force.clone());
        let record = Self { folder, in_force, shelf: Arc::clone(&self.shelf), commands: self.commands.clone() };
        tokio::spawn(async move { record.tell(&made).await });
    }
}

/// Who changed it, what it was and why. A platform's command is on record by itself.
fn note(made: &Made) -> Option<(String, Note)> {
    let Made { about, before, takes_back } = made;
    let act = match about.how {
        How::Page => NoteAct::ApplyConfiguration,
        How::Rollback => NoteAct::RollBackConfiguration,
        How::Start | How::Console | How::Platform => return None,
    };
    let note = Note {
        act,
        object: Some(about.back_to.unwrap_or(about.number).to_string()),
        before: Some(before.clone()),
        after: Some(about.version.clone()),
        note: about.reason.clone().unwrap_or_default(),
    };
    (!takes_back).then(|| (about.by.clone().unwrap_or_default(), note))
}

/// What was in force when the last process ended, or what somebody has made of the folder since.
fn of_start(shelf: &Shelf, checked: &Checked) -> About {
    let Configuration { site, sources, files, .. } = &checked.configuration;
    let newest = shelf.newest().ok().flatten();
    if let Some(about) = newest.clone().filter(|about| about.version == files.version()) {
        return about;
    }
    let then = newest.and_then(|about| shelf.read(about.number).ok());
    let then = then.and_then(|files| davy_config::read(&files, &|_| Ok(STAND_IN.to_owned())).ok());
    let then = then.map(|checked| checked.configuration);
    let before = then.as_ref().and_then(|then| then.site.gateway.change.as_ref());
    let (by, reason) = stated(site.gateway.change.as_ref(), before).unzip();
    let changes = then.map(|then| of_all((&then.site, &then.sources), (site, sources))).unwrap_or_default();
    About { by, reason, changes, ..About::of(How::Start, files.version(), clock::utc()) }
}

/// Who and why as the configuration itself says, unless it said so before.
fn stated(now: Option<&Change>, before: Option<&Change>) -> Option<(String, String)> {
    now.filter(|change| before != Some(*change)).map(|change| (change.author.clone(), change.reason.clone()))
}

/// As it is kept, now or already.
fn kept(shelf: &Shelf, about: About, files: &Files) -> Option<About> {
    let newest = shelf.newest().ok().flatten();
    if newest.as_ref().is_some_and(|newest| newest.version == about.version) {
        return newest;
    }
    let part = shelf.prepare(about, files).and_then(|part| shelf.keep(&part).map(|()| part.about));
    part.inspect_err(|error| tracing::error!(event = "version_not_kept", "this version is not kept: {error:#}")).ok()
}

fn keep_secrets(folder: &Path, secrets: &BTreeMap<String, String>, written: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for (name, text) in secrets {
        let path = folder.join(name);
        replace::secret(&path, text.as_bytes(), &folder.join(GATEWAY_TOML))?;
        written.push(path);
    }
    Ok(())
}

/// Nothing names them: what they were for did not come in force.
fn forget_secrets(written: &[PathBuf]) {
    for path in written {
        if let Err(error) = fs::remove_file(path) {
            tracing::warn!(%error, path = %path.display(), "a password that nothing needs stays");
        }
    }
}

fn take_back(folder: &Path, put: &Files, in_force: &InForce) -> anyhow::Result<()> {
    let made = Made { about: in_force.about.clone(), before: put.version(), takes_back: true };
    folder::put(folder, put, &in_force.files, &made)?;
    folder::forget(folder)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await.context("the work was broken off")
}
