//! A broker that can be stopped, frozen and started again on its port.

use super::until;
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command},
};
use tokio::net::TcpStream;

pub(crate) struct Broker {
    pub(crate) port: u16,
    folder: PathBuf,
    child: Child,
}

impl Broker {
    /// It lets everybody in.
    pub(crate) async fn start(folder: &Path) -> Self {
        Self::start_with(folder, "allow_anonymous true\n").await
    }

    /// With settings of its listener. It keeps its sessions and queues on disk.
    pub(crate) async fn start_with(folder: &Path, settings: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "listener {port} 127.0.0.1\n{settings}user root\npersistence true\npersistence_location {}/\n\
             max_queued_messages 0\nlog_dest none\n",
            folder.display()
        );
        fs::write(folder.join("mosquitto.conf"), text).unwrap();
        let broker = Self { port, child: launch(folder), folder: folder.to_owned() };
        broker.accepts().await;
        broker
    }

    /// In order, so that it saves what it has acknowledged and not yet delivered: what it is sent while it ends is lost.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        self.child.wait().unwrap();
    }

    pub(crate) async fn start_again(&mut self) {
        self.child = launch(&self.folder);
        self.accepts().await;
    }

    /// `TERM`, `STOP` or `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success(), "kill -{name}");
    }

    async fn accepts(&self) {
        until("the broker accepts connections", async || TcpStream::connect(("127.0.0.1", self.port)).await.ok()).await;
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(folder: &Path) -> Child {
    let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];
    let program = program.into_iter().find(|path| Path::new(path).is_file());
    let program = program.expect("mosquitto is missing: run `scripts/setup.sh`");
    let log = fs::File::options().create(true).append(true).open(folder.join("mosquitto.log")).unwrap();
    Command::new(program).arg("-c").arg(folder.join("mosquitto.conf")).stderr(log).spawn().unwrap()
}
