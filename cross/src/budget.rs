//! `cross/BUDGET.md`: what the gateway takes of a small box, from measurements on the machine at hand, and what that lets one expect of four
//! Cortex-A53 with 1 GiB. Measured figures and estimates never stand in one table.

mod document;
mod instructions;
mod scale;

use crate::{build, shell, target::Target, toolchain};
use anyhow::{Context, Result};
pub(crate) use scale::SECONDS;
use std::{fs, path::PathBuf};

/// Measures this binary, or the one that is shipped, and writes the file.
pub(crate) fn write(davy: Option<PathBuf>, seconds: u32) -> Result<()> {
    let davy = match davy {
        Some(davy) => fs::canonicalize(&davy).with_context(|| format!("find {}", davy.display()))?,
        None => shipped()?,
    };
    let load_before = document::load()?;
    let cases = scale::measure(&davy, &scale::CASES, seconds)?;
    let instructions = instructions::measure(&davy)?;
    let text = document::text(&document::Measured { davy, seconds, load_before, cases, instructions })?;
    let path = shell::workspace().join("cross/BUDGET.md");
    fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    shell::say(format!("written: {}", path.display()));
    Ok(())
}

fn shipped() -> Result<PathBuf> {
    let (root, target) = (shell::workspace(), Target::X86_64);
    let toolchain = toolchain::ready(target)?;
    build::page(&root)?;
    build::build(&root, target, false, &toolchain)
}
