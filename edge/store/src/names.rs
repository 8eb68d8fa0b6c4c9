//! Whether the files that SQLite holds open still have their names. What is written into a file without one is lost with the
//! process, however often it is synced.

use crate::files;
use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// The journal and its log, as they were when they were opened.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) journal: PathBuf,
    log: PathBuf,
    identities: [Option<(u64, u64)>; 2],
}

/// What has lost its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    Nothing,
    Log,
    Journal,
}

impl Names {
    /// Of a journal whose log has been opened.
    pub(crate) fn of(journal: PathBuf) -> Self {
        let log = files::with_suffix(&journal, "-wal");
        let identities = [identity(&journal), identity(&log)];
        Self { journal, log, identities }
    }

    pub(crate) fn lost(&self) -> Lost {
        let [journal, log] = self.identities;
        if identity(&self.journal) != journal {
            Lost::Journal
        } else if identity(&self.log) != log {
            Lost::Log
        } else {
            Lost::Nothing
        }
    }
}

/// Device and number.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}
