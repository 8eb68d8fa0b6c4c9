//! A test that needs a process, or more, of its own: the running binary plays it again and nothing else.

use anyhow::{Context, Result, ensure};
use std::env;
use tokio::process::Command;

/// Says that a process plays one test alone.
const ALONE: &str = "DAVY_ALONE";

/// Whether this process plays one test alone.
#[must_use]
pub fn is_alone() -> bool {
    env::var_os(ALONE).is_some()
}

/// Plays one test of this binary again, by its whole name; `by` is a command that starts the process, with its words, or empty.
///
/// # Errors
/// When the test fails.
pub async fn alone(by: &[&str], test: &str) -> Result<()> {
    let own = env::current_exe().context("find the running test")?;
    let words = by.iter().map(AsRef::as_ref).chain([own.as_os_str()]).collect::<Vec<_>>();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args([test, "--exact", "--nocapture"]).env(ALONE, "yes").kill_on_drop(true);
    let output = command.output().await.with_context(|| format!("start {:?}", words[0]))?;
    let said = String::from_utf8_lossy(&output.stdout);
    show(&said);
    ensure!(
        output.status.success(),
        "{test} by {by:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    // Or else a name that is none would pass.
    ensure!(said.contains("test result: ok. 1 passed"), "there is no test {test}");
    Ok(())
}

#[expect(clippy::print_stdout, reason = "it is what the test prints")]
fn show(said: &str) {
    print!("{said}");
}
