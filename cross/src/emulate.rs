//! Tests as ARM binaries under QEMU: that numbers, alignment and sizes of 32 bits and of another processor change nothing. It says nothing
//! about speed, and the kernel is that of the machine at hand.

use crate::{
    shell::{self, say},
    target::{self, Target},
    toolchain,
};
use anyhow::{Context, Result, ensure};
use std::{path::Path, process::Command, time::Instant};

/// Tests of a crate.
struct Suite {
    package: &'static str,
    /// Which, as `cargo test` takes them.
    which: &'static [&'static str],
    /// Parts of the names of tests that take minutes when they are emulated: `make cross` alone has them.
    long: &'static [&'static str],
    /// Where every test run has the others.
    short: &'static [Target],
}

const SUITES: [Suite; 3] = [
    // Long are those that make up hundreds of histories and compare them with naive references.
    Suite {
        package: "davy-core",
        which: &["--lib"],
        long: &["histories", "reference::", "where_more_rules_change"],
        short: &[Target::Armv7],
    },
    // Not the test that kills: it starts itself as a child, which the emulator would have to be told of.
    Suite {
        package: "davy-store",
        which: &["--lib", "--test", "history", "--test", "recording"],
        long: &[],
        short: &[],
    },
    // The decoders and all else that needs no peer.
    Suite { package: "davy-field", which: &["--lib"], long: &[], short: &[] },
];

/// Builds and runs them.
pub(crate) fn tests(targets: &[Target], short: bool) -> Result<()> {
    for &target in targets {
        for suite in SUITES.iter().filter(|suite| !short || suite.short.contains(&target)) {
            let begun = Instant::now();
            run(target, suite, if short { suite.long } else { &[] })?;
            say(format!(
                "{} on {}: passed, {} s with the build",
                suite.package,
                target.triple(),
                begun.elapsed().as_secs()
            ));
        }
    }
    Ok(())
}

fn run(target: Target, suite: &Suite, without: &[&str]) -> Result<()> {
    let toolchain = toolchain::ready(target)?;
    let mut command = toolchain.cargo("test")?;
    command.current_dir(shell::workspace()).args(["--locked", "--quiet", "-p", suite.package, "--target"]);
    command.arg(format!("{}.{}", target.triple(), target::GLIBC)).args(suite.which).arg("--");
    for name in without {
        command.args(["--skip", name]);
    }
    command.env("CARGO_TARGET_DIR", shell::scratch());
    command.env(format!("CARGO_TARGET_{}_RUNNER", target.variable()), runner(target)?);
    shell::run(&format!("tests of {} on {}", suite.package, target.triple()), &mut command)
}

/// The command line that runs binaries of a target here.
pub(crate) fn runner(target: Target) -> Result<String> {
    shell::run("get the emulator", Command::new(shell::workspace().join("scripts/setup.sh")).arg("emulate"))?;
    let (emulator, library) = target.emulator().with_context(|| format!("{} is not emulated", target.triple()))?;
    ensure!(Path::new(library).is_dir(), "{library} is missing: run `scripts/setup.sh emulate`");
    Ok(format!("{emulator} -L {library}"))
}
