//! How many instructions of the processor a value costs, by Valgrind's callgrind: a count that no other program on the machine changes.
//!
//! The gateway is run twice, once for longer; what it did more, divided by the values that it took more, leaves its start out.

use super::scale::{self, Case};
use crate::shell;
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Few enough for a gateway that runs fifty times slower.
const CASE: &str = "opcua-1000";
/// How long the two runs are measured, in seconds.
const RUNS: [u32; 2] = [20, 80];

/// What was counted.
pub(crate) struct Instructions {
    /// For a value, with all that the gateway does in the meantime.
    pub(crate) of_value: f64,
    /// Values by which the two runs differ.
    pub(crate) values: f64,
}

pub(crate) fn measure(davy: &Path) -> Result<Instructions> {
    let folder = shell::scratch().join("callgrind");
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    let wrapper = wrapper(davy, &folder)?;
    let mut counted = Vec::new();
    for seconds in RUNS {
        let cases = scale::measure(&wrapper, &[CASE], seconds)?;
        counted.push((total(&folder.join(format!("scale-{CASE}")))?, taken(&cases)?));
    }
    let [(few, few_values), (many, many_values)] = counted.as_slice() else { unreachable!("two runs") };
    let values = many_values - few_values;
    ensure!(values > 0.0 && many > few, "the longer run took no more values: {few_values} and {many_values}");
    Ok(Instructions { of_value: (many - few) / values, values })
}

fn taken(cases: &[Case]) -> Result<f64> {
    cases.first().context("no case")?.number("taken in all")
}

/// A program that is the gateway under callgrind, and the binary itself for any other command. What it counts lies in a file that is
/// called as the folder of the run.
fn wrapper(davy: &Path, folder: &Path) -> Result<PathBuf> {
    let path = folder.join("davy");
    let lines = format!(
        "[ \"$1\" = run ] || exec '{davy}' \"$@\"\n\
         exec valgrind --quiet --tool=callgrind \"--callgrind-out-file={folder}/$(basename \"$(dirname \"$5\")\")\" '{davy}' \"$@\"",
        davy = davy.display(),
        folder = folder.display()
    );
    shell::program(&path, &lines)?;
    Ok(path)
}

/// The sum that callgrind writes at the end of its file.
fn total(file: &Path) -> Result<f64> {
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    let number = line.with_context(|| format!("{} has no totals", file.display()))?;
    number.trim().parse().with_context(|| format!("the total in {} is no number: {number}", file.display()))
}
