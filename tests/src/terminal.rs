//! A person at a terminal: `tests/peers/terminal.py`.

use crate::{places, process::Process, waiting::LONG};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::path::Path;
use tokio::process::Command;

/// Runs the product with these words in a pseudo-terminal and answers its questions in their order; gives what was on the screen,
/// and fails where the command does.
pub async fn davy(words: &[&str], answers: &[[&str; 2]], folder: &Path) -> Result<String> {
    let product = places::davy()?;
    let command: Vec<&str> =
        std::iter::once(product.to_str().context("a path of letters")?).chain(words.iter().copied()).collect();
    let mut python = Command::new(places::python()?);
    python.arg(places::workspace().join("tests/peers/terminal.py"));
    let mut terminal = Process::start("a terminal", &mut python, &folder.join("terminal.log"))?;
    let seen = terminal.ask(&json!({"command": command, "answers": answers}), LONG).await?;
    let screen = seen["output"].as_str().unwrap_or_default().replace("\r\n", "\n");
    ensure!(seen["status"] == 0, "{words:?}: {}\n{screen}", seen["status"]);
    Ok(screen)
}
