//! Whether a commit gives the same bytes wherever it is built.

use crate::{
    build,
    shell::{self, say},
    target::Target,
    toolchain::{self, Toolchain},
};
use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where the clone lies: its path has another length and another depth than the workspace's, so that a path which gets into the binary
/// moves what stands behind it.
const CLONE: &str = "target/reproduce/a-clone/with-a-longer-name";

/// Builds the commit that is checked out twice, page and binary: in the workspace, and from nothing in a clone.
pub(crate) fn reproduce(target: Target) -> Result<()> {
    let root = shell::workspace();
    let mut git = Command::new("git");
    git.arg("-C").arg(&root).args(["status", "--porcelain"]);
    let changed = shell::output("ask for what is not committed", &mut git)?;
    ensure!(changed.is_empty(), "what is not committed cannot be built from a clone; commit or stash it: {changed}");
    let toolchain = toolchain::ready(target)?;
    let one = Built::in_folder(&root, target, &toolchain)?;
    let other = Built::in_folder(&clone(&root)?, target, &toolchain)?;
    let names = one.page.keys().chain(other.page.keys());
    let differing: Vec<&String> = names.filter(|name| one.page.get(*name) != other.page.get(*name)).collect();
    ensure!(differing.is_empty(), "files of the page differ: {differing:?}; compare web-ui/dist here and in {CLONE}");
    say(format!("the page: {} files, the same in both", one.page.len()));
    ensure!(
        one.binary == other.binary,
        "the binaries differ, {} and {}: compare target/dist here and in {CLONE}, with `diffoscope` if it is there",
        one.binary,
        other.binary
    );
    say(format!("{}: the same bytes in both, SHA-256 {}", target.triple(), one.binary));
    Ok(())
}

/// The commit that is checked out, without anything that was built.
fn clone(root: &Path) -> Result<PathBuf> {
    let clone = root.join(CLONE);
    if clone.exists() {
        fs::remove_dir_all(&clone).with_context(|| format!("empty {}", clone.display()))?;
    }
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--depth", "1"]).arg(format!("file://{}", root.display())).arg(&clone);
    shell::run("clone the commit that is checked out", &mut git)?;
    Ok(clone)
}

/// Digests of what was built.
struct Built {
    page: BTreeMap<String, String>,
    binary: String,
}

impl Built {
    fn in_folder(root: &Path, target: Target, toolchain: &Toolchain) -> Result<Self> {
        build::page(root)?;
        let binary = build::build(root, target, false, toolchain)?;
        Ok(Self { page: digests(&root.join("web-ui/dist"))?, binary: shell::sha256(&binary)? })
    }
}

/// The digest of each file below a folder, by its path in it.
fn digests(folder: &Path) -> Result<BTreeMap<String, String>> {
    let (mut digests, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("list {}", next.display()))? {
            let path: PathBuf = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                digests.insert(path.strip_prefix(folder)?.display().to_string(), shell::sha256(&path)?);
            }
        }
    }
    Ok(digests)
}
