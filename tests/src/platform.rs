//! The enterprise platform as a sender of commands: PyJWT signs them, a client of the enterprise's broker sends them, and their
//! receipts are found among what the receiver got.

use crate::{
    places,
    process::Process,
    receiver::{Message, Publisher, Receiver},
    waiting::LONG,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::process::Command;

/// The gateway that is addressed.
pub const AUDIENCE: &str = "330100123/gw-1";

/// A platform with a key that was made by openssl.
pub struct Platform {
    process: Process,
    sender: Publisher,
    requests: u64,
}

impl Platform {
    /// Makes a key and leaves its public part in the configuration folder, as `{name}.pub.pem`.
    pub async fn start(name: &str, port: u16, folder: &Path) -> Result<Self> {
        let key = folder.join(format!("{name}.pem"));
        openssl(&["genpkey", "-algorithm", "ed25519", "-out", &key.display().to_string()]).await?;
        let public = folder.join("config").join(format!("{name}.pub.pem"));
        fs::create_dir_all(folder.join("config"))?;
        openssl(&["pkey", "-in", &key.display().to_string(), "-pubout", "-out", &public.display().to_string()]).await?;
        let mut command = Command::new(places::python()?);
        command.arg(places::workspace().join("tests/peers/signing.py"));
        let mut process = Process::start(name, &mut command, &folder.join(format!("{name}.log")))?;
        let ready = process.ask(&json!({ "key": key }), LONG).await?;
        ensure!(ready["ready"] == true, "signing.py: {ready}");
        Ok(Self { process, sender: Publisher::start(port).await?, requests: 0 })
    }

    /// Signs claims, perhaps otherwise than it should: `changes` are merged into the request.
    pub async fn sign(&mut self, claims: &Value, changes: &Value) -> Result<String> {
        self.requests += 1;
        let mut request = json!({ "id": self.requests, "claims": claims });
        for (key, value) in changes.as_object().into_iter().flatten() {
            request[key] = value.clone();
        }
        let answer = self.process.ask(&request, LONG).await?;
        Ok(answer["jws"].as_str().with_context(|| format!("signing.py: {answer}"))?.to_owned())
    }

    /// Sends what is signed.
    pub async fn send(&self, kind: &str, jws: &str) -> Result<()> {
        self.sender.send(&format!("davy/v1/{AUDIENCE}/command/{kind}"), jws.as_bytes()).await
    }

    /// Signs and sends a command, and waits for its receipt.
    pub async fn ask(&mut self, receiver: &Receiver, id: &str, kind: &str, data: Value) -> Result<Value> {
        let jws = self.sign(&claims(id, kind, data), &Value::Null).await?;
        self.send(kind, &jws).await?;
        receipt(receiver, id, 1).await
    }
}

/// The claims of a command of this minute.
#[must_use]
pub fn claims(id: &str, kind: &str, data: Value) -> Value {
    let now = seconds();
    json!({ "jti": id, "iss": "platform", "aud": AUDIENCE, "iat": now, "exp": now + 600, "kind": kind, "by": "李四", "data": data })
}

/// Seconds since 1970.
#[must_use]
pub fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Waits until so many receipts of a command have come; gives the last.
pub async fn receipt(receiver: &Receiver, id: &str, count: usize) -> Result<Value> {
    let all = || receiver.messages().into_iter().filter(|message| is_receipt(message, id)).collect::<Vec<_>>();
    let come = async || Ok::<_, anyhow::Error>((all().len() >= count).then(all));
    let all = crate::waiting::until(&format!("receipt {count} of {id}"), LONG, come).await?;
    Ok(all.last().context("there is one")?.data().clone())
}

fn is_receipt(message: &Message, id: &str) -> bool {
    message.topic.contains("/reply/") && message.text("command") == id
}

async fn openssl(arguments: &[&str]) -> Result<()> {
    let done =
        Command::new("openssl").args(arguments).output().await.context("openssl is missing: run `scripts/setup.sh`")?;
    ensure!(done.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}
