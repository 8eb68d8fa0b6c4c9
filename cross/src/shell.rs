//! Programs that are run, folders of the workspace, and what is said.

use anyhow::{Context, Result, ensure};
use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies one folder below the workspace").to_owned()
}

/// Where cross builds are done, apart from those of the machine at hand: other flags, other features.
pub(crate) fn scratch() -> PathBuf {
    workspace().join("target/cross")
}

/// The cargo that runs this.
pub(crate) fn cargo() -> Result<OsString> {
    env::var_os("CARGO").context("CARGO is not set: run this as `cargo xtask …`")
}

/// Runs a program to its end; what it says is seen.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{what}: start {}", command.get_program().display()))?;
    ensure!(status.success(), "{what}: {} ended with {status}; see above", command.get_program().display());
    Ok(())
}

/// Runs a program to its end and gives what it says, without the end of the last line.
pub(crate) fn output(what: &str, command: &mut Command) -> Result<String> {
    let program = command.get_program().to_owned();
    let output = command.output().with_context(|| format!("{what}: start {}", program.display()))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{what}: {} ended with {}: {}", program.display(), output.status, errors.trim());
    Ok(String::from_utf8(output.stdout)
        .with_context(|| format!("{what}: letters of another kind"))?
        .trim_end()
        .to_owned())
}

/// Writes a program for the shell.
pub(crate) fn program(path: &Path, lines: &str) -> Result<()> {
    fs::write(path, format!("#!/bin/sh\n{lines}\n")).with_context(|| format!("write {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("make {} a program", path.display()))
}

/// The SHA-256 of a file, in hexadecimal digits.
pub(crate) fn sha256(path: &Path) -> Result<String> {
    let line = output("take a digest", Command::new("sha256sum").arg("--").arg(path))?;
    Ok(line.split_whitespace().next().context("sha256sum says nothing")?.to_owned())
}

/// Says a line.
#[expect(clippy::print_stdout, reason = "what a task finds is what it is for")]
pub(crate) fn say(line: impl AsRef<str>) {
    println!("{}", line.as_ref());
}
