//! What restarts the gateway when it hangs: the service manager and the hardware watchdog, both fed for as long as the loop that
//! evaluates alarms turns and the disk takes what it writes, and by nothing else.

mod hardware;
mod systemd;

use crate::limits;
use davy_config::BoardConfig;
use davy_core::{health::WatchdogHealth, time::Monotonic};
use hardware::Hardware;
pub(crate) use systemd::Manager;
pub use systemd::ServiceManager;

/// Whether they are to be fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hunger {
    Fed,
    /// The loop that evaluates alarms does not turn.
    LoopHangs,
    /// The loop turns, and the disk takes nothing that it writes.
    DiskHangs,
}

impl Hunger {
    pub(crate) fn of(alive: bool, disk_hangs: bool) -> Self {
        match (alive, disk_hangs) {
            (false, _) => Self::LoopHangs,
            (true, true) => Self::DiskHangs,
            (true, false) => Self::Fed,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Fed => "",
            Self::LoopHangs => "the loop that evaluates alarms does not turn",
            Self::DiskHangs => "the disk takes no write, and a restart is waited for",
        }
    }
}

/// Both.
pub(crate) struct Watchdogs {
    manager: Manager,
    hardware: Option<Hardware>,
    feed_at: Monotonic,
    every_ms: u64,
    hunger: Hunger,
    ready: bool,
    stopping: bool,
}

impl Watchdogs {
    pub(crate) fn open(board: &BoardConfig, manager: Manager, now: Monotonic) -> Self {
        let hardware = board.watchdog.as_deref().map(|path| Hardware::open(path, now));
        let patience = [manager.watchdog_ms(), hardware.as_ref().and_then(Hardware::timeout_ms)];
        let every_ms = patience.into_iter().flatten().map(|ms| ms / 3).chain([limits::FEED_MS]).min();
        Self {
            manager,
            hardware,
            feed_at: now,
            every_ms: every_ms.unwrap_or(limits::FEED_MS),
            hunger: Hunger::LoopHangs,
            ready: false,
            stopping: false,
        }
    }

    /// Feeds them when it is time. That they are to be fed for the first time says that the gateway is ready.
    pub(crate) fn look(&mut self, hunger: Hunger, now: Monotonic) {
        let fed = match hunger {
            Hunger::Fed => true,
            Hunger::LoopHangs => false,
            // A process that waits for a disk cannot be ended, so a service manager alone would end alarming and begin nothing. The
            // hardware resets the disk as well.
            Hunger::DiskHangs => !self.hardware.as_ref().is_some_and(Hardware::is_open),
        };
        if let Some(hardware) = &mut self.hardware {
            hardware.open_again(now);
        }
        if fed && !self.ready {
            self.ready = true;
            self.manager.tell("READY=1");
        }
        if fed && now >= self.feed_at {
            self.feed_at = now.after(self.every_ms);
            self.manager.feed();
            if let Some(hardware) = &mut self.hardware {
                hardware.feed(now);
            }
        }
        self.hunger = if fed { Hunger::Fed } else { hunger };
    }

    /// An orderly stop begins.
    pub(crate) fn tell_stopping(&mut self) {
        if !std::mem::replace(&mut self.stopping, true) {
            self.manager.tell("STOPPING=1");
        }
    }

    /// An orderly stop ends: nobody is to restart what has ended on purpose.
    pub(crate) fn let_go(&mut self) {
        if let Some(hardware) = &mut self.hardware {
            hardware.let_go();
        }
    }

    /// How they are doing.
    pub(crate) fn health(&self) -> Vec<WatchdogHealth> {
        let own = |mut health: WatchdogHealth| {
            if health.detail.is_empty() {
                self.hunger.words().clone_into(&mut health.detail);
            }
            health.fed = health.detail.is_empty();
            health
        };
        self.manager.health().into_iter().chain(self.hardware.as_ref().map(Hardware::health)).map(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::net::UnixDatagram, path::PathBuf};

    fn heard(socket: &UnixDatagram) -> Vec<String> {
        let mut buffer = [0; 256];
        let mut all = Vec::new();
        while let Ok(length) = socket.recv(&mut buffer) {
            all.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
        all
    }

    #[test]
    fn both_are_fed_while_the_loop_turns_and_hear_of_an_orderly_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("notify");
        let socket = UnixDatagram::bind(&at).expect("a socket");
        socket.set_nonblocking(true).expect("it can");
        let device: PathBuf = folder.path().join("watchdog");
        fs::write(&device, []).expect("a file");
        let board = BoardConfig { watchdog: Some(device.clone()), ..BoardConfig::simulated() };
        let manager = Manager::of(Some(at.as_os_str()), Some("1500000"), None);
        let mut watchdogs = Watchdogs::open(&board, manager, Monotonic(0));
        let fed = || fs::read(&device).expect("the file").len();

        watchdogs.look(Hunger::LoopHangs, Monotonic(0));
        assert_eq!((heard(&socket), fed()), (vec![], 0), "nothing before the first turn");
        for at in (0..2_000).step_by(20) {
            watchdogs.look(Hunger::Fed, Monotonic(at));
        }
        // A third of what the manager waits for.
        let words = heard(&socket);
        assert_eq!((words[0].as_str(), words[1..].len(), fed()), ("READY=1", 4, 4), "{words:?}");
        assert!(words[1..].iter().all(|word| word == "WATCHDOG=1"), "{words:?}");
        assert!(watchdogs.health().iter().all(|health| health.fed));

        for at in (2_000..60_000).step_by(20) {
            watchdogs.look(Hunger::LoopHangs, Monotonic(at));
        }
        assert_eq!((heard(&socket), fed()), (vec![], 4), "a hung loop feeds nobody");
        let health = watchdogs.health();
        assert!(health.iter().all(|health| !health.fed && health.detail.contains("does not turn")), "{health:?}");

        for at in (60_000..90_000).step_by(20) {
            watchdogs.look(Hunger::DiskHangs, Monotonic(at));
        }
        assert_eq!((heard(&socket), fed()), (vec![], 4), "a disk that hangs feeds nobody");
        assert!(watchdogs.health().iter().all(|health| !health.fed && health.detail.contains("no write")));

        watchdogs.tell_stopping();
        watchdogs.tell_stopping();
        watchdogs.let_go();
        assert_eq!(heard(&socket), ["STOPPING=1"]);
        assert_eq!(fs::read(&device).expect("the file"), b"\0\0\0\0V");
        watchdogs.look(Hunger::Fed, Monotonic(91_000));
        assert_eq!(fed(), 5, "it stays closed");
    }

    #[test]
    fn a_disk_that_hangs_ends_nothing_where_no_hardware_would_reset_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("notify");
        let socket = UnixDatagram::bind(&at).expect("a socket");
        socket.set_nonblocking(true).expect("it can");
        let manager = Manager::of(Some(at.as_os_str()), Some("1500000"), None);
        let mut watchdogs = Watchdogs::open(&BoardConfig::simulated(), manager, Monotonic(0));
        for at in (0..2_000).step_by(20) {
            watchdogs.look(Hunger::DiskHangs, Monotonic(at));
        }
        assert!(heard(&socket).len() > 3, "alarming goes on");
        assert!(watchdogs.health().iter().all(|health| health.fed));
    }

    #[test]
    fn a_process_that_dies_leaves_the_hardware_running() {
        let folder = tempfile::tempdir().expect("a folder");
        let device = folder.path().join("watchdog");
        fs::write(&device, []).expect("a file");
        let board = BoardConfig { watchdog: Some(device.clone()), ..BoardConfig::simulated() };
        let mut watchdogs = Watchdogs::open(&board, Manager::of(None, None, None), Monotonic(0));
        watchdogs.look(Hunger::Fed, Monotonic(0));
        drop(watchdogs);
        assert_eq!(fs::read(&device).expect("the file"), b"\0", "without the letter by which it stops");
    }

    #[test]
    fn a_watchdog_that_is_not_there_is_told_and_tried_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let device = folder.path().join("watchdog");
        let board = BoardConfig { watchdog: Some(device.clone()), ..BoardConfig::simulated() };
        let mut watchdogs = Watchdogs::open(&board, Manager::of(None, None, None), Monotonic(0));
        watchdogs.look(Hunger::Fed, Monotonic(0));
        let health = watchdogs.health();
        assert!(!health[0].fed && health[0].detail.contains("cannot be opened"), "{health:?}");
        fs::write(&device, []).expect("a file");
        watchdogs.look(Hunger::Fed, Monotonic(limits::CLAIM_AGAIN_MS));
        assert!(watchdogs.health()[0].fed);
    }
}
