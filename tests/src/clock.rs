//! The wall clock of a gateway, set while it runs. A library before the C library gives the process another time of day, which a
//! file in the test's folder says; the monotonic clock stays the machine's.

use anyhow::{Context as _, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn file(folder: &Path) -> PathBuf {
    folder.join("clock")
}

/// Sets the clock so many seconds ahead of the machine's, or behind it. A gateway that starts in the folder from now on has this
/// clock, and one that started so goes by it at once.
pub fn set(folder: &Path, ahead_s: i64) -> Result<()> {
    // In one step: a file that is half written is no time.
    let (new, path) = (folder.join("clock.new"), file(folder));
    fs::write(&new, format!("{ahead_s:+}s\n"))?;
    fs::rename(new, path).context("set the clock")
}

/// What a process is to be started with; nothing where no clock was set.
pub(crate) fn environment(folder: &Path) -> Result<Vec<(&'static str, String)>> {
    let file = file(folder);
    if !file.is_file() {
        return Ok(Vec::new());
    }
    Ok(vec![
        ("LD_PRELOAD", library()?.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ])
}

/// For programs of several threads.
fn library() -> Result<PathBuf> {
    let folders = fs::read_dir("/usr/lib")?.filter_map(Result::ok).map(|entry| entry.path());
    let mut paths = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    paths.find(|path| path.is_file()).context("libfaketime is missing: run `scripts/setup.sh`")
}
