//! A child process: its standard output read line by line, its standard error kept in a file, killed when dropped.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::{
    fs::OpenOptions,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// A running child.
pub struct Process {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts it; standard error is appended to `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let errors = OpenOptions::new().create(true).append(true).open(log);
        let errors = errors.with_context(|| format!("open {}", log.display()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("start {name}"))?;
        let output = child.stdout.take().context("standard output is piped")?;
        let input = child.stdin.take();
        Ok(Self { name: name.to_owned(), child, input, output: BufReader::new(output).lines() })
    }

    /// The process id; an error once it has ended.
    pub fn id(&self) -> Result<u32> {
        self.child.id().with_context(|| format!("{} has ended", self.name))
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// The next line of standard output.
    pub async fn line(&mut self, limit: Duration) -> Result<String> {
        let line = timeout(limit, self.output.next_line()).await;
        let line = line.with_context(|| format!("{}: no line within {} s", self.name, limit.as_secs()))??;
        line.with_context(|| format!("{}: closed its output", self.name))
    }

    /// Every line that is left, until the output closes.
    pub async fn remaining_lines(&mut self, limit: Duration) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        let read = async {
            while let Some(line) = self.output.next_line().await? {
                lines.push(line);
            }
            Ok::<(), std::io::Error>(())
        };
        timeout(limit, read).await.with_context(|| format!("{}: did not close its output", self.name))??;
        Ok(lines)
    }

    /// Writes one line to standard input.
    pub async fn say(&mut self, line: &str) -> Result<()> {
        let input = self.input.as_mut().context("standard input is piped")?;
        input.write_all(format!("{line}\n").as_bytes()).await.with_context(|| format!("write to {}", self.name))?;
        Ok(input.flush().await?)
    }

    /// Writes a JSON line and reads one back.
    pub async fn ask(&mut self, request: &Value, limit: Duration) -> Result<Value> {
        self.say(&request.to_string()).await?;
        let answer = self.line(limit).await?;
        serde_json::from_str(&answer).with_context(|| format!("{} said `{answer}`", self.name))
    }

    /// SIGKILL, and waits for the end.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.with_context(|| format!("kill {}", self.name))
    }

    /// Sends a signal by name, `TERM` or `INT`.
    pub async fn signal(&self, signal: &str) -> Result<()> {
        let id = self.id()?.to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().await?;
        ensure!(sent.success(), "kill -{signal} {id}: {sent}");
        Ok(())
    }

    /// Waits for the end.
    pub async fn end(&mut self, limit: Duration) -> Result<ExitStatus> {
        match timeout(limit, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!("{}: still running after {} s", self.name, limit.as_secs()),
        }
    }
}
