//! The story of `davy demo` with the whole binary under QEMU, seen from outside by the test that sees it on the machine at hand.

use crate::{
    build, emulate,
    shell::{self, say},
    target::Target,
    toolchain,
};
use anyhow::{Context, Result};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// Plays it for each target.
pub(crate) fn story(targets: &[Target]) -> Result<()> {
    let root = shell::workspace();
    for &target in targets {
        let toolchain = toolchain::ready(target)?;
        build::page(&root)?;
        let binary = build::build(&root, target, true, &toolchain)?;
        let davy = wrapper(target, &binary)?;
        let mut command = Command::new(shell::cargo()?);
        command.current_dir(&root).args(["test", "--locked", "--workspace", "--test", "e2e_demo", "--", "--nocapture"]);
        shell::run(&format!("the story on {}", target.triple()), command.env("DAVY_BIN", &davy))?;
        say(format!("the story is told on {}, emulated", target.triple()));
    }
    Ok(())
}

/// A program that is the binary under its emulator.
fn wrapper(target: Target, binary: &Path) -> Result<PathBuf> {
    let folder = shell::scratch().join("emulated").join(target.triple());
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let davy = folder.join("davy");
    let script = format!("#!/bin/sh\nexec {} '{}' \"$@\"\n", emulate::runner(target)?, binary.display());
    fs::write(&davy, script).with_context(|| format!("write {}", davy.display()))?;
    fs::set_permissions(&davy, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("make {} a program", davy.display()))?;
    Ok(davy)
}
