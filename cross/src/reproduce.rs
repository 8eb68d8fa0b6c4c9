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

/// Names of different lengths at different depths, so that a path which gets in moves what stands behind it.
const FOLDERS: [&str; 2] = ["a", "another/one/with-a-longer-name"];

/// Builds the commit that is checked out in two folders, page and binary, from nothing, and compares.
pub(crate) fn reproduce(target: Target) -> Result<()> {
    let toolchain = toolchain::ready(target)?;
    let built = FOLDERS.map(|folder| Built::from_nothing(folder, target, &toolchain));
    let [one, other] = built;
    let (one, other) = (one?, other?);
    let differing: Vec<&String> =
        one.page.keys().chain(other.page.keys()).filter(|name| one.page.get(*name) != other.page.get(*name)).collect();
    ensure!(
        differing.is_empty(),
        "files of the page differ from build to build: {differing:?}; compare them in target/reproduce"
    );
    say(format!("the page: {} files, the same in both", one.page.len()));
    ensure!(
        one.binary == other.binary,
        "the binaries differ: {} and {}; compare target/reproduce/*/target/dist, with `diffoscope` if it is there",
        one.binary,
        other.binary
    );
    say(format!("{}: the same bytes in both, SHA-256 {}", target.triple(), one.binary));
    Ok(())
}

/// Digests of what was built.
struct Built {
    page: BTreeMap<String, String>,
    binary: String,
}

impl Built {
    fn from_nothing(folder: &str, target: Target, toolchain: &Toolchain) -> Result<Self> {
        let root = shell::workspace().join("target/reproduce").join(folder);
        if root.exists() {
            fs::remove_dir_all(&root).with_context(|| format!("empty {}", root.display()))?;
        }
        let mut clone = Command::new("git");
        clone.args(["clone", "--quiet", "--no-local", "--depth", "1"]);
        clone.arg(format!("file://{}", shell::workspace().display())).arg(&root);
        shell::run("clone the commit that is checked out", &mut clone)?;
        build::page(&root)?;
        let binary = build::build(&root, target, false, toolchain)?;
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
