//! The service manager's own protocol (`sd_notify(3)`): one datagram a word, to a socket that it names in the environment.

use davy_core::health::WatchdogHealth;
use std::{
    ffi::OsStr,
    io,
    os::{
        linux::net::SocketAddrExt as _,
        unix::{ffi::OsStrExt as _, net::SocketAddr, net::UnixDatagram},
    },
};

/// The service manager, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Manager {
    socket: Option<UnixDatagram>,
    watchdog_ms: Option<u64>,
    trouble: Option<String>,
}

impl Manager {
    /// From `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`; the last names a process other than this one where the watchdog is not
    /// for it.
    pub(crate) fn of(socket: Option<&OsStr>, watchdog_usec: Option<&str>, watchdog_pid: Option<&str>) -> Self {
        let Some(name) = socket.filter(|name| !name.is_empty()) else { return Self::default() };
        let is_ours = watchdog_pid.is_none_or(|pid| pid.parse() == Ok(std::process::id()));
        let watchdog_ms = watchdog_usec.filter(|_| is_ours).and_then(|usec| usec.parse::<u64>().ok());
        let watchdog_ms = watchdog_ms.map(|usec| usec / 1_000).filter(|ms| *ms > 0);
        match connect(name) {
            Ok(socket) => Self { socket: Some(socket), watchdog_ms, trouble: None },
            Err(error) => {
                let trouble = format!("systemd cannot be told that davy is alive ({error}): check NOTIFY_SOCKET");
                tracing::error!(target: "davy::board", "{trouble}");
                Self { socket: None, watchdog_ms, trouble: Some(trouble) }
            }
        }
    }

    pub(crate) fn watchdog_ms(&self) -> Option<u64> {
        self.watchdog_ms
    }

    pub(crate) fn feed(&mut self) {
        if self.watchdog_ms.is_some() {
            self.tell("WATCHDOG=1");
        }
    }

    pub(crate) fn tell(&mut self, word: &str) {
        let Some(socket) = &self.socket else { return };
        let trouble = socket.send(word.as_bytes()).err().map(|error| {
            format!("systemd cannot be told that davy is alive ({error}): look at `systemctl status davy`")
        });
        if let Some(why) = trouble.as_ref().filter(|_| self.trouble.is_none()) {
            tracing::error!(target: "davy::board", "{why}");
        }
        self.trouble = trouble;
    }

    /// How its watchdog is doing, where it has one for this service.
    pub(crate) fn health(&self) -> Option<WatchdogHealth> {
        let timeout_s = Some(self.watchdog_ms? / 1_000);
        let detail = self.trouble.clone().unwrap_or_default();
        Some(WatchdogHealth { name: "systemd".to_owned(), fed: false, timeout_s, detail })
    }
}

/// The service manager as whoever starts the gateway feeds it, until the gateway itself does.
#[derive(Debug)]
pub struct ServiceManager(UnixDatagram);

impl ServiceManager {
    /// The one that the environment names; `None` where there is none, or it cannot be reached.
    #[must_use]
    pub fn of_environment() -> Option<Self> {
        let name = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty())?;
        connect(&name).ok().map(Self)
    }

    /// Says that all is well. Nothing waits for it, and nothing is lost where nobody hears it.
    pub fn feed(&self) {
        let _ = self.0.send(b"WATCHDOG=1");
    }
}

/// A name that begins with `@` is none of the file system.
fn connect(name: &OsStr) -> io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    match name.as_bytes().strip_prefix(b"@") {
        Some(name) => socket.connect_addr(&SocketAddr::from_abstract_name(name)?)?,
        None => socket.connect(name)?,
    }
    // A manager that does not read must not hold the panel up.
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_manager_nothing_is_told_and_nothing_is_wrong() {
        let mut manager = Manager::of(None, Some("30000000"), None);
        manager.tell("READY=1");
        assert_eq!((manager.watchdog_ms(), manager.health()), (None, None));
    }

    #[test]
    fn an_abstract_name_is_understood_and_the_watchdog_of_another_process_is_not_fed() {
        let name = format!("davy-board-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(name.as_bytes()).expect("a name");
        let socket = UnixDatagram::bind_addr(&address).expect("a socket");
        socket.set_nonblocking(true).expect("it can");
        let mut manager = Manager::of(Some(OsStr::new(&format!("@{name}"))), Some("30000000"), Some("1"));
        manager.feed();
        manager.tell("READY=1");
        let mut buffer = [0; 64];
        let length = socket.recv(&mut buffer).expect("one word");
        assert_eq!((&buffer[..length], manager.watchdog_ms()), (&b"READY=1"[..], None));
    }

    #[test]
    fn a_manager_that_is_gone_is_told_as_a_trouble() {
        let manager = Manager::of(Some(OsStr::new("/nowhere/notify")), Some("30000000"), None);
        let health = manager.health().expect("it has a watchdog");
        assert!(health.detail.contains("cannot be told"), "{health:?}");
    }
}
