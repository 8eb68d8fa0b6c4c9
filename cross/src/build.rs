//! The binaries of gateways, of the profile `dist`.
//!
//! Nothing of the machine that builds gets into them: no folder (paths are mapped to constant ones), no time (`SOURCE_DATE_EPOCH` is
//! that of the commit), no system library (zig brings them, in the version that [`target::GLIBC`] names).

use crate::{
    shell::{self, say},
    size,
    target::{self, Target},
    toolchain::{self, Toolchain},
};
use anyhow::{Context, Result};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Builds for each target and weighs what came out.
pub(crate) fn all(targets: &[Target], desk: bool) -> Result<()> {
    let root = shell::workspace();
    for &target in targets {
        let toolchain = toolchain::ready(target)?;
        page(&root)?;
        let binary = build(&root, target, desk, &toolchain)?;
        say(format!("{}  {}", shell::sha256(&binary)?, binary.display()));
        if !desk {
            size::weigh(target.triple(), &binary, target.appliance_bytes_max())?;
        }
    }
    Ok(())
}

/// The page, which the binary embeds.
pub(crate) fn page(root: &Path) -> Result<()> {
    shell::run("build the page", Command::new(root.join("scripts/setup.sh")).arg("build"))
}

/// Builds the workspace in this folder for a target, and gives `target/dist/TARGET/davy` in it.
pub(crate) fn build(root: &Path, target: Target, desk: bool, toolchain: &Toolchain) -> Result<PathBuf> {
    let scratch = root.join("target/cross");
    let triple = target.triple();
    let mut command = toolchain.cargo("zigbuild")?;
    command.current_dir(root).args(["--locked", "--profile", "dist", "-p", "davy", "--target"]);
    command.arg(format!("{triple}.{}", target::GLIBC));
    if !desk {
        command.args(["--no-default-features", "--features", "rpi"]);
    }
    command.env("CARGO_TARGET_DIR", &scratch).env("SOURCE_DATE_EPOCH", time_of_commit(root));
    command.env("RUSTFLAGS", flags(root, &scratch, toolchain)?);
    shell::run(&format!("build davy for {triple}"), &mut command)?;
    let (from, folder) = (scratch.join(triple).join("dist/davy"), root.join("target/dist").join(triple));
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let to = folder.join(if desk { "davy-desk" } else { "davy" });
    fs::copy(&from, &to).with_context(|| format!("copy {} to {}", from.display(), to.display()))?;
    Ok(to)
}

/// Paths that would differ from machine to machine, under constant names. The last one that fits is taken.
fn flags(root: &Path, scratch: &Path, toolchain: &Toolchain) -> Result<String> {
    let rust = &toolchain.rust;
    let constant = format!("/rustc/{}", rust.commit);
    let mapped = [
        (cargo_home()?, "/cargo"),
        (rust.sysroot.join("lib/rustlib/src/rust"), constant.as_str()),
        (root.to_owned(), "/davy"),
        (scratch.to_owned(), "/target"),
    ];
    let flag = |(from, to): (PathBuf, &str)| format!("--remap-path-prefix={}={to}", from.display());
    Ok(mapped.map(flag).join(" "))
}

fn cargo_home() -> Result<PathBuf> {
    let home = || env::home_dir().map(|home| home.join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).context("neither CARGO_HOME nor HOME is set")
}

/// Seconds since 1970 of the commit that is checked out; of sources that come without their history, zero.
fn time_of_commit(root: &Path) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["log", "-1", "--format=%ct"]);
    shell::output("ask for the time of the commit", &mut git).unwrap_or_else(|_| "0".to_owned())
}
