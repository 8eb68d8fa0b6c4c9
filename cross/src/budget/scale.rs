//! Plays cases of `e2e_scale`, the test of how much one gateway carries, and reads its table.

use crate::shell;
use anyhow::{Context, Result, ensure};
use std::{path::Path, process::Command};

/// Tags with four limits each, of which every one changes each second.
pub(crate) const CASES: [&str; 3] = ["opcua-1000", "opcua-10000", "opcua-50000"];

/// How long each is measured. With values each second the history writes after 65, 128 and 20 s at these numbers of tags: this is twice the
/// longest, so that what is written in it is what is written in the mean.
pub(crate) const SECONDS: u32 = 256;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Case {
    cells: Vec<(String, String)>,
}

impl Case {
    /// What stands in a column, with its unit.
    pub(crate) fn text(&self, column: &str) -> Result<&str> {
        let cell = self.cells.iter().find(|(name, _)| name == column);
        cell.map(|(_, text)| text.as_str()).with_context(|| format!("the table of e2e_scale has no column {column}"))
    }

    /// The number at its beginning.
    pub(crate) fn number(&self, column: &str) -> Result<f64> {
        let text = self.text(column)?;
        let number = text.split(' ').next().unwrap_or_default();
        number.parse().with_context(|| format!("{column} is no number but {text}"))
    }
}

/// Measures cases with this binary.
pub(crate) fn measure(davy: &Path, cases: &[&str], seconds: u32) -> Result<Vec<Case>> {
    let mut command = Command::new(shell::cargo()?);
    command.current_dir(shell::workspace());
    command.args([
        "test",
        "--locked",
        "--workspace",
        "--test",
        "e2e_scale",
        "--",
        "--nocapture",
        "--test-threads",
        "1",
    ]);
    command.env("DAVY_BIN", davy).env("DAVY_SCALE", cases.join(",")).env("DAVY_SCALE_SECONDS", seconds.to_string());
    let said = shell::output("measure how much one gateway carries", &mut command)?;
    let found = read(&said);
    ensure!(found.len() == cases.len(), "{} of {} cases gave figures: {said}", found.len(), cases.len());
    Ok(found)
}

/// The rows of the table in what the test says.
fn read(said: &str) -> Vec<Case> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut lines = said.lines().skip_while(|line| !line.starts_with("| case |"));
    let heading = lines.next().map(cells).unwrap_or_default();
    lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(cells)
        .filter(|row| row.len() == heading.len())
        .map(|row| Case { cells: heading.iter().cloned().zip(row).collect() })
        .collect()
}

#[test]
fn the_table_is_read_by_its_heading() {
    let said = "- words\n\n| case | tags | MiB |\n|---|---|---|\n| opcua-10 | 10 | 57 |\n| other | failed: no |\n\ntest result: ok";
    let cases = read(said);
    assert_eq!(cases.len(), 1, "a row that failed is none");
    assert_eq!((cases[0].text("case").ok(), cases[0].number("MiB").ok()), (Some("opcua-10"), Some(57.0)));
    assert!(cases[0].number("case").is_err() && cases[0].text("PSS").is_err());
}
