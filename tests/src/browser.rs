//! A headless Chromium on the gateway's page, driven through `tests/browser/page.mjs`.

use crate::{places, process::Process, waiting::LONG};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// The browser with one page. Places on the page are CSS selectors, mostly `[data-testid=warning]`.
pub struct Browser {
    process: Process,
    pictures: PathBuf,
}

impl Browser {
    /// Starts it; pictures and its log go to `folder`.
    pub async fn start(folder: &Path) -> Result<Self> {
        Self::launch(folder, None).await
    }

    /// The same, with a certificate, a PEM file, whose key a person has looked at and trusts, and no other.
    pub async fn start_trusting(folder: &Path, certificate: &Path) -> Result<Self> {
        Self::launch(folder, Some(certificate)).await
    }

    async fn launch(folder: &Path, certificate: Option<&Path>) -> Result<Self> {
        let script = places::workspace().join("tests/browser/page.mjs");
        let mut command = Command::new("node");
        command.arg(script).args(certificate);
        let mut process = Process::start("the browser", &mut command, &folder.join("browser.log"))?;
        process.line(LONG).await.context("the browser does not start: run `scripts/setup.sh`, see browser.log")?;
        let pictures = places::target()?.join("e2e/pictures");
        fs::create_dir_all(&pictures)?;
        Ok(Self { process, pictures })
    }

    async fn ask(&mut self, request: Value) -> Result<Value> {
        let answer = self.process.ask(&request, LONG).await?;
        ensure!(answer["ok"] == true, "{request}: {answer}");
        Ok(answer["value"].clone())
    }

    /// Opens an address.
    pub async fn open(&mut self, url: &str) -> Result<()> {
        self.ask(json!({"op": "open", "url": url})).await.map(drop)
    }

    /// Logs in on the page that is open, and waits until it shows the live state.
    pub async fn log_in(&mut self, name: &str, password: &str) -> Result<()> {
        self.fill("[data-testid=login-name]", name).await?;
        self.fill("[data-testid=login-password]", password).await?;
        self.click("[data-testid=send]").await?;
        self.visible("[data-testid=who]").await?;
        self.visible("[data-testid=connection][data-live=true]").await
    }

    /// Waits until a place can be seen.
    pub async fn visible(&mut self, at: &str) -> Result<()> {
        self.ask(json!({"op": "visible", "at": at})).await.map(drop)
    }

    /// Waits until a place can be seen no more.
    pub async fn hidden(&mut self, at: &str) -> Result<()> {
        self.ask(json!({"op": "hidden", "at": at})).await.map(drop)
    }

    /// An attribute of a place.
    pub async fn attribute(&mut self, at: &str, name: &str) -> Result<String> {
        let value = self.ask(json!({"op": "attribute", "at": at, "name": name})).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// The words of a place.
    pub async fn text(&mut self, at: &str) -> Result<String> {
        Ok(self.ask(json!({"op": "text", "at": at})).await?.as_str().unwrap_or_default().to_owned())
    }

    /// How many places there are.
    pub async fn count(&mut self, at: &str) -> Result<u64> {
        Ok(self.ask(json!({"op": "count", "at": at})).await?.as_u64().unwrap_or_default())
    }

    /// Clicks.
    pub async fn click(&mut self, at: &str) -> Result<()> {
        self.ask(json!({"op": "click", "at": at})).await.map(drop)
    }

    /// Types into a field.
    pub async fn fill(&mut self, at: &str, value: &str) -> Result<()> {
        self.ask(json!({"op": "fill", "at": at, "value": value})).await.map(drop)
    }

    /// Chooses what has this value in a list to choose from.
    pub async fn select(&mut self, at: &str, value: &str) -> Result<()> {
        self.ask(json!({"op": "select", "at": at, "value": value})).await.map(drop)
    }

    /// Gives a file to a field that takes one.
    pub async fn upload(&mut self, at: &str, path: &Path) -> Result<()> {
        self.ask(json!({"op": "upload", "at": at, "path": path})).await.map(drop)
    }

    /// Presses a key, as the browser names it, at a place.
    pub async fn press(&mut self, at: &str, key: &str) -> Result<()> {
        self.ask(json!({"op": "press", "at": at, "key": key})).await.map(drop)
    }

    /// What an expression of JavaScript is worth in the page; a promise is waited for.
    pub async fn evaluate(&mut self, code: &str) -> Result<Value> {
        self.ask(json!({"op": "evaluate", "code": code})).await
    }

    /// Takes a picture, `target/e2e/pictures/NAME.png`.
    pub async fn picture(&mut self, name: &str) -> Result<()> {
        let path = self.pictures.join(format!("{name}.png"));
        self.ask(json!({"op": "screenshot", "path": path})).await.map(drop)
    }

    /// Errors that the page's own code threw.
    pub async fn troubles(&mut self) -> Result<Value> {
        self.ask(json!({"op": "troubles"})).await
    }
}
