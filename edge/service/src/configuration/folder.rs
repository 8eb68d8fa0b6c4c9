//! The configuration folder takes another configuration as a whole, whenever the power goes.
//!
//! What is to be there is first written beside the files, in a hidden folder that nobody looks into until it has its name: that is the
//! moment at which the change is made. From then on the files take their places one by one, and whoever starts in between
//! brings it to its end. The hidden folder goes when the change is on record, so that a start in between can tell that as well.

use crate::{limits, replace, versions::About};
use anyhow::{Context as _, bail};
use davy_config::{Files, scaffold::GATEWAY_TOML};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, File},
    io::{ErrorKind, Read as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

/// The change while it is written, …
const PART: &str = ".davy-change.part";
/// … and when it is made.
const CHANGE: &str = ".davy-change";
/// What is to become of each file. Without it the folder says nothing.
const MANIFEST: &str = "manifest.json";

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    made: Made,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    /// Under which name its content lies in the hidden folder; `None` for a file that goes.
    content: Option<String>,
}

/// A change that was made, and is perhaps not on record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Made {
    pub(crate) about: About,
    /// The version before.
    pub(crate) before: String,
    /// Whether it takes back another one, of which there is nothing to tell.
    pub(crate) takes_back: bool,
}

/// One thing done to the disk; after each of them the power may go.
#[derive(Debug)]
enum Step {
    Begin,
    Write {
        at: String,
        bytes: Vec<u8>,
        like: PathBuf,
    },
    /// The hidden folder gets its name.
    Make,
    Take(Entry),
    Sync,
}

/// Puts a configuration in the place of the one there is.
///
/// # Errors
/// In words, when that cannot be; then everything is as it was, or [`finish`] brings it to its end.
pub(crate) fn put(folder: &Path, present: &Files, proposed: &Files, made: &Made) -> anyhow::Result<()> {
    let steps = steps(folder, present, proposed, made)?;
    let writing = steps.iter().take_while(|step| !matches!(step, Step::Make)).count();
    let (write, make) = steps.split_at(writing);
    write.iter().try_for_each(|step| step.run(folder)).with_context(|| {
        format!(
            "write beside the files of {}: check the free space of the disk, and whether the gateway may write its configuration folder",
            folder.display()
        )
    })?;
    if Files::from_dir(folder).ok().as_ref() != Some(present) {
        fs::remove_dir_all(folder.join(PART))?;
        bail!("the configuration folder was changed in the meantime and is left as it is; do it once more");
    }
    make.iter().try_for_each(|step| step.run(folder))
}

/// Brings a change to its end that was made and cut short; one that was not made is forgotten.
///
/// # Errors
/// In words: without it the folder may hold one half of each.
pub(crate) fn finish(folder: &Path) -> anyhow::Result<Option<Made>> {
    remove(&folder.join(PART))?;
    let Some(manifest) = manifest(folder)? else {
        remove(&folder.join(CHANGE))?;
        return Ok(None);
    };
    manifest.entries.into_iter().map(Step::Take).chain([Step::Sync]).try_for_each(|step| step.run(folder))?;
    Ok(Some(manifest.made))
}

/// The change is on record, or taken back: nothing is left to tell.
///
/// # Errors
/// In words; then it is told once more after the next start.
pub(crate) fn forget(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(CHANGE).join(MANIFEST);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("remove {}", path.display()));
        }
        Ok(()) | Err(_) => {}
    }
    remove(&folder.join(CHANGE))?;
    sync(folder)
}

fn manifest(folder: &Path) -> anyhow::Result<Option<Manifest>> {
    let path = folder.join(CHANGE).join(MANIFEST);
    let file = match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.with_context(|| format!("read {}", path.display()))?,
    };
    let mut text = String::new();
    file.take(limits::VERSION_BYTES_MAX)
        .read_to_string(&mut text)
        .with_context(|| format!("read {}", path.display()))?;
    let manifest = serde_json::from_str(&text);
    manifest.map(Some).with_context(|| {
        format!("{} cannot be understood: have the version of davy that wrote it end what it began", path.display())
    })
}

fn steps(folder: &Path, present: &Files, proposed: &Files, made: &Made) -> anyhow::Result<Vec<Step>> {
    let names = super::lines::differing(present, proposed);
    let mut entries = Vec::new();
    let mut steps = vec![Step::Begin];
    for (at, name) in names.enumerate() {
        let content = proposed.0.get(name).map(|bytes| (at.to_string(), bytes));
        let place = place(folder, name);
        one_file_system(folder, &place)?;
        if let Some((at, bytes)) = &content {
            let like = if place.exists() { place } else { folder.join(GATEWAY_TOML) };
            steps.push(Step::Write { at: at.clone(), bytes: bytes.to_vec(), like });
        }
        entries.push(Entry { name: name.clone(), content: content.map(|(at, _)| at) });
    }
    let manifest = Manifest { made: made.clone(), entries };
    let bytes = serde_json::to_vec(&manifest).context("write down what is to change")?;
    steps.push(Step::Write { at: MANIFEST.to_owned(), bytes, like: folder.join(GATEWAY_TOML) });
    steps.push(Step::Make);
    steps.extend(manifest.entries.into_iter().map(Step::Take));
    steps.push(Step::Sync);
    Ok(steps)
}

/// Where a file is written: a link stays a link to what it names.
fn place(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let within = || {
        let parent = fs::canonicalize(path.parent()?).ok()?;
        Some(parent.join(path.file_name()?))
    };
    fs::canonicalize(&path).ok().or_else(within).unwrap_or(path)
}

/// Elsewhere a file cannot take its place at one stroke.
fn one_file_system(folder: &Path, place: &Path) -> anyhow::Result<()> {
    let device = |path: &Path| fs::metadata(path).map(|meta| meta.dev()).ok();
    let home = place.parent().and_then(device);
    if home.is_some() && home != device(folder) {
        bail!("{} lies on another file system than {}: put it there", place.display(), folder.display());
    }
    Ok(())
}

impl Step {
    fn run(&self, folder: &Path) -> anyhow::Result<()> {
        match self {
            Self::Begin => {
                remove(&folder.join(PART))?;
                let path = folder.join(PART);
                DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("make {}", path.display()))
            }
            Self::Write { at, bytes, like } => replace::write(&folder.join(PART).join(at), bytes, like),
            Self::Make => make(folder),
            Self::Take(entry) => take(folder, entry),
            Self::Sync => {
                let risk = folder.join("risk");
                if risk.is_dir() {
                    sync(&fs::canonicalize(&risk).unwrap_or(risk))?;
                }
                sync(folder)
            }
        }
    }
}

/// What it holds must be on the disk before its name says so.
fn make(folder: &Path) -> anyhow::Result<()> {
    let (part, change) = (folder.join(PART), folder.join(CHANGE));
    sync(&part)?;
    // A change that is on record and was not forgotten. It is in force, so nothing of it is missing.
    remove(&change)?;
    fs::rename(&part, &change).with_context(|| format!("rename {} to {}", part.display(), change.display()))?;
    sync(folder)
}

/// What has taken its place already does so no more.
fn take(folder: &Path, Entry { name, content }: &Entry) -> anyhow::Result<()> {
    if !Files::may_have(name) && !Files::is_plan(name) {
        bail!("{name} is no file of a configuration");
    }
    let place = place(folder, name);
    let done = match content {
        Some(at) => {
            if let Some(parent) = place.parent().filter(|parent| !parent.exists()) {
                let mode = fs::metadata(folder).map_or(0o755, |meta| meta.mode() & 0o777);
                DirBuilder::new().mode(mode).create(parent).with_context(|| format!("make {}", parent.display()))?;
            }
            fs::rename(folder.join(CHANGE).join(at), &place)
        }
        None => fs::remove_file(&place),
    };
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("put {} in its place: check whose folder it is", place.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("remove {}", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

pub(crate) fn sync(folder: &Path) -> anyhow::Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("write {} to the disk", folder.display()))
}

#[cfg(test)]
mod tests;
