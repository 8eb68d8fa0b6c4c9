//! `cross/BUDGET.md`: what the gateway takes of a small box, from measurements on the machine at hand, and what that lets one expect of four
//! Cortex-A53 with 1 GiB. Measured figures and estimates never stand in one table.

mod document;
mod instructions;
mod scale;

use crate::{build, shell, target::Target, toolchain};
use anyhow::{Context, Result};
use std::fs;

/// Measures and writes the file.
pub(crate) fn write() -> Result<()> {
    let root = shell::workspace();
    let toolchain = toolchain::ready(Target::X86_64)?;
    build::page(&root)?;
    let davy = build::build(&root, Target::X86_64, false, &toolchain)?;
    let load_before = document::load()?;
    let cases = scale::measure(&davy, &scale::CASES, scale::SECONDS)?;
    let instructions = instructions::measure(&davy)?;
    let text = document::text(&davy, &cases, &instructions, &load_before)?;
    let path = root.join("cross/BUDGET.md");
    fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    shell::say(format!("written: {}", path.display()));
    Ok(())
}
