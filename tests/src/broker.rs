//! Mosquitto, as a field broker or as the enterprise's. It keeps its sessions and queues on disk, so that a restart
//! loses nothing that it has acknowledged.

use crate::{places, process::Process, waiting};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::{net::TcpStream, process::Command};

/// The user of consumers, and the password in a file of its own.
pub const CONSUMER: (&str, &str) = ("consumer", "of a test");
/// The same as `mosquitto_passwd` has hashed it.
const CONSUMER_AS_HASHED: &str = "consumer:$7$101$zKF1bmDqEmztl7Aw$2aY8dE/TtKZ5gwhCgjofdBNcaRykZ+SNDnDqBGpqkeuAGvkLjUJyuq402H/5EsDl/MgpDTpsIhVp/DrFI/ZYnA==\n";

/// A broker.
pub struct Broker {
    /// Its port on 127.0.0.1.
    pub port: u16,
    name: String,
    folder: PathBuf,
    process: Process,
}

impl Broker {
    /// Starts it and waits until it accepts connections.
    pub async fn start(name: &str, folder: &Path) -> Result<Self> {
        Self::start_with(name, folder, "allow_anonymous true\n").await
    }

    /// The same with settings of its listener: who may connect, and TLS.
    pub async fn start_with(name: &str, folder: &Path, listener: &str) -> Result<Self> {
        Self::start_with_more(name, folder, listener, "").await
    }

    /// The same with general settings that overrule those of every test's broker.
    pub async fn start_with_more(name: &str, folder: &Path, listener: &str, more: &str) -> Result<Self> {
        let port = places::free_port()?;
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("mosquitto.conf"), configuration(port, &folder, listener) + more)?;
        let process = launch(name, &folder).await?;
        let broker = Self { port, name: name.to_owned(), folder, process };
        broker.accepts().await?;
        Ok(broker)
    }

    /// Stops it in order: it saves its sessions and queues.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.signal("TERM").await?;
        self.process.end(waiting::LONG).await.map(drop)
    }

    /// Forgets what it saved, as after a power cut before it saved anything. It must have stopped.
    pub fn forget(&self) -> Result<()> {
        fs::remove_file(self.folder.join("mosquitto.db")).context("remove what the broker saved")
    }

    /// Starts it again with what it saved, for consumers alone: who is anonymous is refused until [`Self::open`].
    pub async fn start_again_closed(&mut self) -> Result<()> {
        self.admit("false")?;
        self.start_again().await
    }

    /// Lets everybody in.
    pub async fn open(&self) -> Result<()> {
        self.admit("true")?;
        self.process.signal("HUP").await
    }

    /// Whether anonymous clients may connect, in the file that the broker reads at its next start or SIGHUP.
    fn admit(&self, anonymous: &str) -> Result<()> {
        let path = self.folder.join("mosquitto.conf");
        let text = fs::read_to_string(&path)?;
        let lines =
            text.lines().filter(|line| !line.starts_with("allow_anonymous") && !line.starts_with("password_file"));
        let lines: Vec<&str> = lines.collect();
        let passwords = self.folder.join("passwords");
        fs::write(&passwords, CONSUMER_AS_HASHED)?;
        let text =
            format!("{}\nallow_anonymous {anonymous}\npassword_file {}\n", lines.join("\n"), passwords.display());
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))
    }

    /// The process id.
    pub fn id(&self) -> Result<u32> {
        self.process.id()
    }

    /// Starts it again on the same port with what it saved.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = launch(&self.name, &self.folder).await?;
        self.accepts().await
    }

    async fn accepts(&self) -> Result<()> {
        let connect = async || TcpStream::connect(("127.0.0.1", self.port)).await.map(Some);
        waiting::until(&format!("{} accepts connections", self.name), waiting::LONG, connect).await.map(drop)
    }
}

/// `user root`: a broker started by root would otherwise change to a user that cannot read the test's folder. Without
/// root the line has no effect.
fn configuration(port: u16, folder: &Path, listener: &str) -> String {
    let folder = folder.display();
    format!(
        "listener {port} 127.0.0.1\n{listener}user root\npersistence true\n\
         persistence_location {folder}/\nmax_queued_messages 0\nmax_inflight_messages 100\nlog_dest stderr\n\
         log_type error\nlog_type warning\nlog_type notice\n"
    )
}

async fn launch(name: &str, folder: &Path) -> Result<Process> {
    let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];
    let program = program.into_iter().find(|path| Path::new(path).is_file());
    let program = program.context("mosquitto is missing: run `scripts/setup.sh`")?;
    let mut command = Command::new(program);
    command.arg("-c").arg(folder.join("mosquitto.conf"));
    Process::start(name, &mut command, &folder.join("mosquitto.log"))
}
