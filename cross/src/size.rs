//! How large the binary may be.

use crate::{
    shell::{self, say},
    target::Target,
};
use anyhow::{Context, Result, ensure};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The binary for desks, with the plant's OPC UA server and brokers, in bytes.
const DESK_BYTES_MAX: u64 = 64 << 20;

/// Builds the release binary of the machine at hand with and without the plant, and weighs both.
pub(crate) fn both() -> Result<()> {
    let appliance = release(&["--no-default-features", "--features", "rpi"])?;
    weigh("appliance, without the plant", &appliance, Target::X86_64.appliance_bytes_max())?;
    weigh("desk, with the plant", &release(&[])?, DESK_BYTES_MAX)
}

fn release(features: &[&str]) -> Result<PathBuf> {
    let mut command = Command::new(shell::cargo()?);
    command.args(["build", "--locked", "--release", "-p", "davy"]).args(features);
    shell::run("build davy", &mut command)?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    Ok(target.join("release/davy"))
}

/// Holds a binary against its budget.
pub(crate) fn weigh(what: &str, path: &Path, bytes_max: u64) -> Result<()> {
    let bytes = fs::metadata(path).with_context(|| format!("measure {}", path.display()))?.len();
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    say(format!("{what}: {:.1} MiB of {:.0} MiB", mib(bytes), mib(bytes_max)));
    ensure!(
        bytes <= bytes_max,
        "the binary ({what}) is larger than its budget: find out what grew, or raise the budget on purpose"
    );
    Ok(())
}
