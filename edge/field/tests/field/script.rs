//! A Python server as a process in the test's own hands, to be killed, started again and stopped in its tracks.

use acceptance::{places, process::Process, waiting::LONG};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::process::Command;

pub(crate) struct Script {
    name: &'static str,
    setup: Value,
    log: PathBuf,
    process: Process,
    requests: u64,
}

impl Script {
    /// Starts it on the port of the set-up and waits until it listens.
    pub(crate) async fn start(name: &'static str, setup: Value, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let process = launch(name, &setup, &log).await?;
        Ok(Self { name, setup, log, process, requests: 0 })
    }

    pub(crate) async fn ask(&mut self, mut request: Value) -> Result<Value> {
        self.requests += 1;
        request["id"] = json!(self.requests);
        let answer = self.process.ask(&request, LONG).await?;
        ensure!(answer["ok"] == true, "{}: {answer}", self.name);
        Ok(answer)
    }

    /// What the next start is told otherwise.
    pub(crate) fn set(&mut self, key: &str, value: Value) {
        self.setup[key] = value;
    }

    pub(crate) async fn kill(&mut self) -> Result<()> {
        self.process.kill().await
    }

    pub(crate) async fn start_again(&mut self) -> Result<()> {
        self.process = launch(self.name, &self.setup, &self.log).await?;
        self.requests = 0;
        Ok(())
    }

    /// `STOP` makes it hang with its connections open, `CONT` lets it go on.
    pub(crate) async fn signal(&self, signal: &str) -> Result<()> {
        self.process.signal(signal).await
    }
}

async fn launch(name: &str, setup: &Value, log: &Path) -> Result<Process> {
    let mut command = Command::new(places::python()?);
    command.arg(places::workspace().join("tests/peers").join(name));
    let mut process = Process::start(name, &mut command, log)?;
    let ready = process.ask(setup, LONG).await?;
    ensure!(ready["ready"] == setup["port"], "{name}: not ready but {ready}");
    Ok(process)
}
