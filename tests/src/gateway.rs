//! The product: `davy run` on a configuration folder and a data folder, started, killed and started again.

use crate::{
    api::Api,
    clock,
    manager::PATIENCE,
    places,
    process::Process,
    waiting::{self, LONG},
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Instant,
};
use tokio::process::Command;

/// A gateway with its folders.
pub struct Gateway {
    /// The address it printed.
    pub address: String,
    /// What it printed after it, where it speaks TLS.
    pub proof: String,
    /// Its HTTP interface.
    pub api: Api,
    /// When the process was started last.
    pub started: Instant,
    folder: PathBuf,
    process: Process,
}

impl Gateway {
    /// Starts `davy run --config FOLDER/config --data FOLDER/data` and waits for its address; its interface is used with a token.
    pub async fn start(folder: &Path) -> Result<Self> {
        let token = token(folder).await?;
        let started = Instant::now();
        let (mut process, address) = launch(folder).await?;
        let (mut api, mut proof) = (Api::new(&address)?.with_token(&token), String::new());
        if address.starts_with("https://") {
            proof = format!("{} {}", process.line(LONG).await?, process.line(LONG).await?);
            let own = fs::read_to_string(folder.join("data/web/certificate.pem")).context("its own certificate")?;
            api = api.trusting(&own)?;
        }
        Ok(Self { address, proof, api, started, folder: folder.to_owned(), process })
    }

    /// Makes a user whose password is [`PASSWORD`], as an administrator at the console does, and waits until the gateway sees it.
    pub async fn add_user(&self, name: &str, role: &str) -> Result<()> {
        let file = self.folder.join("password");
        fs::write(&file, PASSWORD)?;
        let file = file.to_str().context("a path of letters")?;
        let words = ["user", "add", name, "--role", role, "--password-file", file];
        davy(&self.folder, &words).await?;
        let is_seen = async || self.api.find("users", "name", name).await.map(Some);
        waiting::until(&format!("the gateway knows {name}"), LONG, is_seen).await.map(drop)
    }

    /// `davy …` on its data, beside it or while it is stopped.
    pub async fn console(&self, words: &[&str]) -> Result<String> {
        davy(&self.folder, words).await
    }

    /// The process id.
    pub fn id(&self) -> Result<u32> {
        self.process.id()
    }

    /// SIGKILL: no goodbye, no flush.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await
    }

    /// SIGABRT, as a service manager ends one that is hung.
    pub async fn abort(&mut self) -> Result<()> {
        self.process.signal("ABRT").await
    }

    /// Starts it again on the same folders.
    pub async fn start_again(&mut self) -> Result<()> {
        *self = Self::start(&self.folder).await?;
        Ok(())
    }

    /// SIGHUP: the configuration is read again.
    pub async fn reload(&self) -> Result<()> {
        self.process.signal("HUP").await
    }

    /// SIGTERM, and the exit status.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.process.signal("TERM").await?;
        self.process.end(LONG).await
    }

    /// Waits until it ends by itself, and gives its exit status.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        self.process.end(LONG).await
    }

    /// `davy verify` on the data of a gateway that is stopped: fails unless the journal is whole.
    pub async fn verify(&self) -> Result<()> {
        let mut command = Command::new(places::davy()?);
        let answer = command.arg("verify").arg("--data").arg(self.folder.join("data")).output().await?;
        let said = String::from_utf8_lossy(&answer.stdout);
        ensure!(answer.status.success(), "davy verify: {}: {said}", answer.status);
        Ok(())
    }

    /// What `davy verify` says of the data, as JSON.
    pub async fn verdict(&self) -> Result<Value> {
        let mut command = Command::new(places::davy()?);
        let answer =
            command.args(["verify", "--format", "json", "--data"]).arg(self.folder.join("data")).output().await?;
        serde_json::from_slice(&answer.stdout).context("davy verify --format json")
    }

    /// What it has logged so far, all starts together.
    pub fn log(&self) -> Result<String> {
        let path = log(&self.folder);
        fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }
}

/// The password of every user of a test.
pub const PASSWORD: &str = "罐区夜班交接清楚了吗";

/// The name of the token that the tests use; it stands beside whom they sign for.
pub const TOKEN: &str = "e2e";

/// The token of an administrator for the data of this folder, made once.
async fn token(folder: &Path) -> Result<String> {
    let kept = folder.join("davy-token");
    if let Ok(token) = fs::read_to_string(&kept) {
        return Ok(token);
    }
    let add = async |name: &str| davy(folder, &["token", "add", name, "--role", "administrator"]).await;
    // Data that come from a backup have those of their origin.
    let mut added = add(TOKEN).await;
    for number in 2..10 {
        if added.as_ref().is_err_and(|error| error.to_string().contains("already")) {
            added = add(&format!("{TOKEN}-{number}")).await;
        }
    }
    let token = added?.trim().to_owned();
    fs::write(&kept, &token)?;
    Ok(token)
}

/// What the command line says, on the data of this folder.
async fn davy(folder: &Path, words: &[&str]) -> Result<String> {
    let mut command = Command::new(places::davy()?);
    let output = command.args(words).args(["--by", "试验"]).arg("--data").arg(folder.join("data")).output().await?;
    ensure!(output.status.success(), "davy {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

async fn launch(folder: &Path) -> Result<(Process, String)> {
    let mut command = Command::new(places::davy()?);
    command.arg("run").arg("--config").arg(folder.join("config")).arg("--data").arg(folder.join("data"));
    command.envs(clock::environment(folder)?);
    // Where a test has made it, davy is told that a service manager listens there, and how patient its watchdog is.
    let manager = folder.join("notify");
    if manager.exists() {
        command.env("NOTIFY_SOCKET", manager).env("WATCHDOG_USEC", PATIENCE.as_micros().to_string());
    }
    let mut process = Process::start("davy run", &mut command, &log(folder))?;
    let line = process.line(LONG).await.with_context(|| format!("see {}", log(folder).display()))?;
    let at = line.find("http").with_context(|| format!("the first line has no address: `{line}`"))?;
    let address: String = line[at..].chars().take_while(|letter| !letter.is_whitespace()).collect();
    ensure!(!address.ends_with(":0"), "the address names no port: `{line}`");
    Ok((process, address))
}

fn log(folder: &Path) -> PathBuf {
    folder.join("davy.log")
}
