//! The words and tables of the budget.

use super::{instructions::Instructions, scale::Case};
use crate::{shell, target::Target};
use anyhow::{Context, Result};
use std::{fmt::Write as _, fs, path::PathBuf, process::Command, thread};

/// The memory of the box.
const BOX_MIB: f64 = 1024.0;
/// What the system of such a box leaves to the gateway, and what it must not pass.
const MEMORY_MIB_MAX: f64 = 512.0;
/// Clock of the box; instructions that a Cortex-A53 does in a cycle of code like this, which waits for memory. Assumed, not measured.
const HERTZ: f64 = 1.2e9;
const INSTRUCTIONS_OF_CYCLE: f64 = 0.5;
/// Terabytes that an eMMC of 32 GB bears: 3 000 cycles of multi-level cells, a third of it left for what the flash writes beside the data.
const FLASH_TERABYTES: f64 = 32.0;

/// What the figures are made of.
pub(super) struct Measured {
    /// The binary that was measured.
    pub(super) davy: PathBuf,
    /// How long each case was measured.
    pub(super) seconds: u32,
    /// The load of the machine before.
    pub(super) load_before: String,
    pub(super) cases: Vec<Case>,
    pub(super) instructions: Instructions,
}

/// All of it.
pub(super) fn text(measured: &Measured) -> Result<String> {
    let Measured { cases, instructions, .. } = measured;
    let mut text = String::from(
        "# Resource budget\n\nFor a box of four Cortex-A53 with 1 GiB. Written by `cargo xtask budget`, not by hand: it measures on the \
         machine at hand and says what is measured and what is estimated.\n\n",
    );
    text += &conditions(measured)?;
    text += &memory(cases)?;
    text += &start_up(cases)?;
    text += &flash(cases)?;
    text += &counted(instructions);
    text += &estimated(cases, instructions)?;
    text += &sizes();
    Ok(text)
}

fn conditions(measured: &Measured) -> Result<String> {
    let Measured { davy, seconds, load_before, .. } = measured;
    let processor = fs::read_to_string("/proc/cpuinfo").context("read /proc/cpuinfo")?;
    let model = processor.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = shell::output("ask for the kernel", Command::new("uname").arg("-sr"))?;
    let root = shell::workspace();
    let commit = Command::new("git").arg("-C").arg(&root).args(["log", "-1", "--format=%h of %cs"]).output();
    let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    Ok(format!(
        "## Conditions\n\n\
         - Measured on x86-64: {}, {cores} cores, {kernel}. The load of the machine was {load_before} before and {} after (1, 5 and 15 \
         minutes): what others take changes times, not memory, bytes and counted instructions.\n\
         - The binary `{}`, SHA-256 `{}`; the sources are at commit {commit}.\n\
         - OPC UA; every tag has four limits and a measure, six rules in all; **every value changes every second**, which is far more \
         than a plant does. Servers and gateway on one machine. {seconds} s after every tag is good.\n\n",
        model.unwrap_or("a processor without a name"),
        load()?,
        davy.strip_prefix(&root).unwrap_or(davy).display(),
        shell::sha256(davy)?,
    ))
}

/// The load of the machine over 1, 5 and 15 minutes.
pub(super) fn load() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg").context("read /proc/loadavg")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(", "))
}

fn memory(cases: &[Case]) -> Result<String> {
    let mut text = format!(
        "## Memory and processor, measured\n\n\
         Peak is the most that was ever resident (`VmHWM`), mostly while the configuration is read; PSS counts pages that others have as \
         well by their share. The budget is {MEMORY_MIB_MAX:.0} MiB of the {BOX_MIB:.0}.\n\n\
         | tags | resident MiB | PSS MiB | peak MiB | within the budget | of one core | processor s for a million values | delivered |\n\
         |---|---|---|---|---|---|---|---|\n"
    );
    for case in cases {
        let peak = case.number("peak")?;
        let within = if peak <= MEMORY_MIB_MAX { "yes" } else { "**no**" };
        let cells = ["tags", "MiB", "PSS", "peak"].map(|column| case.text(column));
        for cell in cells {
            _ = write!(text, "| {} ", cell?);
        }
        let [core, million, delivered] = ["core", "s/million", "delivered"].map(|column| case.text(column));
        _ = writeln!(text, "| {within} | {} | {} | {} |", core?, million?, delivered?);
    }
    Ok(text + "\n")
}

fn start_up(cases: &[Case]) -> Result<String> {
    let mut text = String::from(
        "## Start, measured\n\nFrom the start of the process, on an empty data folder, until the page answers, and until every tag has been read \
         and is good.\n\n| tags | answers after | every tag good after |\n|---|---|---|\n",
    );
    for case in cases {
        let [tags, answers, good] = ["tags", "answers after", "all good after"].map(|column| case.text(column));
        _ = writeln!(text, "| {} | {} | {} |", tags?, answers?, good?);
    }
    Ok(text + "\n")
}

fn flash(cases: &[Case]) -> Result<String> {
    let mut text = format!(
        "## Flash\n\nMeasured: `write_bytes` of `/proc/PID/io`, which counts whole pages that the gateway has had written, recording, history, \
         journal and saved state together, without what file system and flash add. A day is that rate × 86 400 s. Years: {FLASH_TERABYTES:.0} TB, \
         which an eMMC of 32 GB is assumed to bear (3 000 cycles of each cell, a third of them left for the data), by that day.\n\n\
         | tags | measured KiB/s | bytes a value | GB a day | years, estimated |\n|---|---|---|---|---|\n"
    );
    for case in cases {
        let (rate, values) = (case.number("written")?, case.number("values/s")?);
        let gigabytes = rate * 1024.0 * 86_400.0 / 1e9;
        let years = FLASH_TERABYTES * 1e3 / gigabytes / 365.0;
        let bytes = rate * 1024.0 / values.max(1.0);
        _ = writeln!(text, "| {} | {rate:.1} | {bytes:.1} | {gigabytes:.1} | {years:.0} |", case.text("tags")?);
    }
    text += "\nPlants report by exception: a tag that changes once a minute writes a sixtieth of the values.\n\n";
    Ok(text)
}

fn counted(instructions: &Instructions) -> String {
    format!(
        "## Instructions, counted\n\n{:.0} x86-64 instructions for a value at 1 000 values a second, in user space, with all that the gateway does \
         in the meantime: the difference of two runs under Valgrind's callgrind, {:.0} values apart. QEMU as Debian packs it has no plugin that \
         counts ARM's, and a virtual machine without performance counters gives `perf stat` none.\n\n",
        instructions.of_value, instructions.values
    )
}

fn estimated(cases: &[Case], instructions: &Instructions) -> Result<String> {
    let first = cases.first().context("no case")?;
    let rate_here = instructions.of_value / (first.number("s/million")? / 1e6);
    let rate_there = HERTZ * INSTRUCTIONS_OF_CYCLE;
    let factor = rate_here / rate_there;
    let mut text = format!(
        "## Processor of the box, estimated\n\n**Not measured.** A Cortex-A53 at {:.1} GHz is assumed to do {INSTRUCTIONS_OF_CYCLE} instructions a cycle, \
         and as many instructions for a value as x86-64. So one second here, with {:.1} thousand million instructions a second (counted instructions of a \
         value ÷ measured seconds of a value at 1 000 tags), is {factor:.1} s there:\n\n\
         share there = share here × (instructions of a value ÷ seconds of a value here) ÷ (clock × instructions of a cycle)\n\n\
         | tags | of one core of four, estimated |\n|---|---|\n",
        HERTZ / 1e9,
        rate_here / 1e9,
    );
    for case in cases {
        _ = writeln!(text, "| {} | {:.0} % |", case.text("tags")?, case.number("core")? * factor);
    }
    Ok(text + "\n")
}

/// Of the binaries that have been built.
fn sizes() -> String {
    let mut text = String::from("## Binaries\n\n| target | MiB | budget MiB |\n|---|---|---|\n");
    for target in [Target::Aarch64, Target::Armv7, Target::X86_64] {
        let path = shell::workspace().join("target/dist").join(target.triple()).join("davy");
        let size = fs::metadata(path).map(|file| format!("{:.1}", file.len() as f64 / f64::from(1 << 20)));
        let size = size.unwrap_or_else(|_| "not built here".to_owned());
        _ = writeln!(text, "| {} | {size} | {} |", target.triple(), target.appliance_bytes_max() >> 20);
    }
    text
}
