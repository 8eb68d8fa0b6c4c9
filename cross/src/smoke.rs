//! The whole gateway as an ARM binary under QEMU, seen from outside by the tests that see it on the machine at hand, with the same peers.

use crate::{
    build, emulate,
    shell::{self, say},
    target::Target,
    toolchain,
};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Of the appliance: every crossing is seen and told, nothing is lost when it is killed, what it missed is read from the history.
const APPLIANCE: &[&str] = &["e2e_crossings", "e2e_kills", "e2e_history"];
/// Of the binary with the simulated plant: the whole story of `davy demo`.
const DESK: &[&str] = &["e2e_demo"];

/// Plays them for each target.
pub(crate) fn smoke(targets: &[Target]) -> Result<()> {
    let root = shell::workspace();
    build::page(&root)?;
    for &target in targets {
        let toolchain = toolchain::ready(target)?;
        for (desk, tests) in [(false, APPLIANCE), (true, DESK)] {
            let binary = build::build(&root, target, desk, &toolchain)?;
            play(target, tests, &wrapper(target, &binary)?)?;
        }
        say(format!("{}, emulated: {} and {} passed", target.triple(), APPLIANCE.join(", "), DESK.join(", ")));
    }
    Ok(())
}

fn play(target: Target, tests: &[&str], davy: &Path) -> Result<()> {
    let mut command = Command::new(shell::cargo()?);
    command.current_dir(shell::workspace()).args(["test", "--locked", "--workspace"]);
    for test in tests {
        command.args(["--test", test]);
    }
    command.args(["--", "--nocapture", "--test-threads", "1"]).env("DAVY_BIN", davy);
    shell::run(&format!("{} with the binary for {}", tests.join(", "), target.triple()), &mut command)
}

/// A program that is the binary under its emulator.
fn wrapper(target: Target, binary: &Path) -> Result<PathBuf> {
    let folder = shell::scratch().join("emulated").join(target.triple());
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let davy = folder.join("davy");
    shell::program(&davy, &format!("exec {} '{}' \"$@\"", emulate::runner(target)?, binary.display()))?;
    Ok(davy)
}
