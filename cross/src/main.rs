//! `cargo xtask`: what the workspace does beside building and testing.

mod update;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use std::{env, fs, path::PathBuf, process::Command};

/// Tasks of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Builds the release binary with and without the simulated plant and holds both against the size budget.
    Size,
    /// Packs a program as the file of an update and signs it.
    Update(update::Update),
    /// Makes the keys by which updates are signed.
    UpdateKey(update::UpdateKey),
}

/// The binary of the appliance, without the simulated plant, in bytes. It shares a small flash with journal and history,
/// and updates travel over slow links.
const APPLIANCE_BYTES_MAX: u64 = 32 << 20;

/// The binary for desks, with the plant's OPC UA server and brokers.
const DESK_BYTES_MAX: u64 = 64 << 20;

fn main() -> Result<()> {
    match Task::parse() {
        Task::Update(args) => update::pack(&args),
        Task::UpdateKey(args) => update::keys(&args),
        Task::Size => {
            weigh(
                "appliance, without the plant",
                &["--no-default-features", "--features", "rpi"],
                APPLIANCE_BYTES_MAX,
            )?;
            weigh("desk, with the plant", &[], DESK_BYTES_MAX)
        }
    }
}

#[expect(clippy::print_stdout, reason = "the figure is what the task is for")]
fn weigh(what: &str, features: &[&str], bytes_max: u64) -> Result<()> {
    let cargo = env::var_os("CARGO").context("CARGO is not set: run this as `cargo xtask size`")?;
    let built = Command::new(cargo).args(["build", "--locked", "--release", "-p", "davy"]).args(features).status()?;
    ensure!(built.success(), "building davy ({what}) failed: see above");
    let path = target().join("release/davy");
    let bytes = fs::metadata(&path).with_context(|| format!("measure {}", path.display()))?.len();
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!("{what}: {:.1} MiB of {:.0} MiB", mib(bytes), mib(bytes_max));
    ensure!(
        bytes <= bytes_max,
        "the binary ({what}) is larger than its budget: find out what grew, or raise the budget on purpose"
    );
    Ok(())
}

fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from)
}
