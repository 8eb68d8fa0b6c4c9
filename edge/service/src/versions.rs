//! The configurations that were in force, each a numbered file in the data folder: what, when, by whom, why, by which way. Written
//! whole or not at all. No secret is in them, as none is in the files of a configuration.

mod command;
mod file;

pub(crate) use command::command;

use crate::limits;
use anyhow::Context as _;
use davy_api::{ConfigVersion, How};
use davy_config::Files;
use davy_core::time::UtcTime;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Their folder within the data folder.
pub(crate) const FOLDER: &str = "versions";

const END: &str = ".tar.zst";

/// What is said of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Counted from 1.
    pub(crate) number: u64,
    /// The digest.
    pub(crate) version: String,
    /// When it came in force.
    pub(crate) at: UtcTime,
    /// Who put it in force.
    pub(crate) by: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// By which way.
    pub(crate) how: How,
    /// Of one that was put in force again: which.
    pub(crate) back_to: Option<u64>,
    /// What it changed, in names.
    pub(crate) changes: Vec<String>,
}

impl About {
    /// One of which nobody said who or why.
    pub(crate) fn of(how: How, version: String, at: UtcTime) -> Self {
        Self { number: 0, version, at, by: None, reason: None, how, back_to: None, changes: Vec::new() }
    }

    pub(crate) fn on_the_wire(self, in_force: Option<u64>) -> ConfigVersion {
        let Self { number, version, at, by, reason, how, back_to, changes } = self;
        ConfigVersion { number, version, at, by, reason, how, back_to, changes, in_force: in_force == Some(number) }
    }
}

/// Why a version cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    Unknown(u64),
    Broken(String),
}

/// Where they are kept. One task writes.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
}

/// A version that is written and has no name yet.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) about: About,
    part: PathBuf,
    path: PathBuf,
}

impl Shelf {
    /// In the data folder. What an earlier attempt has left is taken away. A disk that does not even take this keeps nobody from
    /// being alarmed: it is said, and nothing is kept.
    pub(crate) fn open(data: &Path) -> Self {
        let shelf = Self { folder: data.join(FOLDER) };
        if let Err(error) = shelf.tidy() {
            tracing::error!(event = "versions_unusable", "versions of the configuration cannot be kept: {error:#}");
        }
        shelf
    }

    /// Beside a gateway that may be running, to be read alone.
    pub(crate) fn beside(data: &Path) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    fn tidy(&self) -> anyhow::Result<()> {
        let folder = &self.folder;
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        for name in names(folder)?.into_iter().filter(|name| name.starts_with('.')) {
            fs::remove_file(folder.join(&name)).with_context(|| format!("remove {name} in {}", folder.display()))?;
        }
        Ok(())
    }

    /// What is said of each, the oldest first. One that cannot be read is said in the log and left out.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn list(&self) -> anyhow::Result<Vec<About>> {
        let about = |number: u64| match file::about(&self.path(number)) {
            Ok(about) => Some(About { number, ..about }),
            Err(error) => {
                tracing::warn!(event = "version_unreadable", number, "an earlier configuration is left out: {error:#}");
                None
            }
        };
        Ok(self.numbers()?.into_iter().filter_map(about).collect())
    }

    /// The newest that can be read.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn newest(&self) -> anyhow::Result<Option<About>> {
        Ok(self.list()?.pop())
    }

    /// The files of one.
    ///
    /// # Errors
    /// There is none, or it is not whole.
    pub(crate) fn read(&self, number: u64) -> Result<Files, Unread> {
        let path = self.path(number);
        if !path.is_file() {
            return Err(Unread::Unknown(number));
        }
        file::files(&path).map_err(|error| Unread::Broken(format!("version {number}: {error:#}")))
    }

    /// Writes one under its number, and gives it no name yet.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) fn prepare(&self, about: About, files: &Files) -> anyhow::Result<Part> {
        let number = self.numbers()?.last().copied().unwrap_or_default() + 1;
        let (about, path) = (About { number, ..about }, self.path(number));
        let part = self.folder.join(format!(".{number:06}.part"));
        file::write(&part, &about, files).with_context(|| format!("write {}", part.display()))?;
        Ok(Part { about, part, path })
    }

    /// From here on it is there; the oldest make room.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) fn keep(&self, part: &Part) -> anyhow::Result<()> {
        fs::rename(&part.part, &part.path).with_context(|| format!("rename {}", part.part.display()))?;
        self.make_room()?;
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        synced.with_context(|| format!("write {} to the disk", self.folder.display()))
    }

    /// It did not come in force.
    pub(crate) fn drop_part(&self, part: &Part) {
        if let Err(error) = fs::remove_file(&part.part) {
            tracing::warn!(%error, path = %part.part.display(), "what was written of a configuration stays until the next start");
        }
    }

    fn make_room(&self) -> anyhow::Result<()> {
        let numbers = self.numbers()?;
        let size = |number: &u64| fs::metadata(self.path(*number)).map_or(0, |meta| meta.len());
        let (mut count, mut bytes) = (numbers.len(), numbers.iter().map(size).sum::<u64>());
        let newest = numbers.last().copied();
        for number in numbers.into_iter().filter(|number| Some(*number) != newest) {
            if count <= limits::VERSIONS_MAX && bytes <= limits::VERSIONS_BYTES_MAX {
                break;
            }
            (count, bytes) = (count - 1, bytes - size(&number));
            let path = self.path(number);
            fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        }
        Ok(())
    }

    /// In order.
    fn numbers(&self) -> anyhow::Result<Vec<u64>> {
        let names = names(&self.folder)?;
        let mut numbers: Vec<u64> =
            names.iter().filter_map(|name| name.strip_suffix(END).and_then(|number| number.parse().ok())).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:06}{END}"))
    }
}

fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let doing = || format!("look into {}", folder.display());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(doing)?,
    };
    let name = |entry: std::io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    entries.map(name).collect::<std::io::Result<_>>().with_context(doing)
}

#[cfg(test)]
mod tests;
