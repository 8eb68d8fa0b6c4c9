//! `cargo xtask`: what the workspace does beside building and testing on the machine at hand: binaries for gateways, whether they
//! are the same wherever they are built, how large they are, and whether they work on other processors.

mod budget;
mod build;
mod debian;
mod emulate;
mod reproduce;
mod shell;
mod size;
mod smoke;
mod target;
mod toolchain;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use target::Target;

/// Tasks of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Builds the release binary with and without the simulated plant and holds both against the size budget.
    Size,
    /// Builds the appliance for gateways, into `target/dist/TARGET/davy`, and holds it against its size budget.
    Build {
        /// For which; all of them if not given.
        #[arg(long)]
        target: Vec<Target>,
        /// With the simulated plant, into `target/dist/TARGET/davy-desk`.
        #[arg(long)]
        desk: bool,
    },
    /// Builds the commit that is checked out in two different folders, and compares page and binary byte by byte.
    Reproduce {
        #[arg(long, default_value = "aarch64-unknown-linux-gnu")]
        target: Target,
    },
    /// Runs tests as ARM binaries under QEMU.
    Emulate {
        /// For which; all that can be emulated if not given.
        #[arg(long)]
        target: Vec<Target>,
        /// Those that every test run has, and not all.
        #[arg(long)]
        short: bool,
    },
    /// Plays end-to-end tests and the story of `davy demo` with the whole ARM binaries under QEMU.
    Smoke {
        /// For which; all that can be emulated if not given.
        #[arg(long)]
        target: Vec<Target>,
    },
    /// Measures what the gateway takes of a small box and writes `cross/BUDGET.md`.
    Budget {
        /// Another binary than the one that is shipped.
        #[arg(long)]
        davy: Option<PathBuf>,
        /// How long each case is measured; the history writes every two minutes.
        #[arg(long, default_value_t = budget::SECONDS)]
        seconds: u32,
    },
    /// Builds the standard library for a target from Debian's `rust-src`, as is done where rustup cannot reach its server.
    StdFromDebian {
        #[arg(long)]
        target: Target,
        /// The folder that becomes a `--sysroot`.
        #[arg(long)]
        into: PathBuf,
    },
}

fn main() -> Result<()> {
    match Task::parse() {
        Task::Size => size::both(),
        Task::Build { target, desk } => build::all(&or_all(target, Target::value_variants()), desk),
        Task::Reproduce { target } => reproduce::reproduce(target),
        Task::Emulate { target, short } => emulate::tests(&or_all(target, &Target::EMULATED), short),
        Task::Smoke { target } => smoke::smoke(&or_all(target, &Target::EMULATED)),
        Task::Budget { davy, seconds } => budget::write(davy, seconds),
        Task::StdFromDebian { target, into } => debian::build_std(target, &into),
    }
}

fn or_all(chosen: Vec<Target>, all: &[Target]) -> Vec<Target> {
    if chosen.is_empty() { all.to_vec() } else { chosen }
}
