//! `/dev/watchdog`: once it is open it resets the machine unless something is written into it now and again. The letter V before
//! it is closed stops it (the kernel's `watchdog-api`, magic close); who dies without that is restarted with the machine.

use crate::limits;
use davy_core::{health::WatchdogHealth, time::Monotonic};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The device.
pub(super) struct Hardware {
    path: PathBuf,
    device: Result<File, String>,
    timeout_s: Option<u64>,
    cannot_stop: bool,
    again_at: Monotonic,
    let_go: bool,
}

impl Hardware {
    pub(super) fn open(path: &Path, now: Monotonic) -> Self {
        let device = open(path);
        if let Err(why) = &device {
            tracing::error!(target: "davy::board", "{why}");
        }
        let about = |what| about(path, what);
        Self {
            path: path.to_owned(),
            device,
            timeout_s: about("timeout"),
            cannot_stop: about("nowayout") == Some(1),
            again_at: now.after(limits::CLAIM_AGAIN_MS),
            let_go: false,
        }
    }

    /// Whether it restarts the machine when it is not fed.
    pub(super) fn is_open(&self) -> bool {
        self.device.is_ok() && !self.let_go
    }

    pub(super) fn timeout_ms(&self) -> Option<u64> {
        self.timeout_s.map(|s| s.saturating_mul(1_000)).filter(|ms| *ms > 0)
    }

    /// Tries again what could not be opened.
    pub(super) fn open_again(&mut self, now: Monotonic) {
        if self.device.is_ok() || self.let_go || now < self.again_at {
            return;
        }
        self.again_at = now.after(limits::CLAIM_AGAIN_MS);
        self.device = open(&self.path);
    }

    pub(super) fn feed(&mut self, now: Monotonic) {
        let Ok(device) = &mut self.device else { return };
        if self.let_go {
            return;
        }
        if let Err(error) = device.write_all(b"\0") {
            let why = format!("the watchdog {} cannot be fed ({error}): check the board", self.path.display());
            tracing::error!(target: "davy::board", "{why}");
            self.device = Err(why);
            self.again_at = now.after(limits::CLAIM_AGAIN_MS);
        }
    }

    pub(super) fn let_go(&mut self) {
        self.let_go = true;
        let Ok(mut device) = std::mem::replace(&mut self.device, Err("it was let go".to_owned())) else { return };
        if self.cannot_stop {
            tracing::warn!(target: "davy::board", "the watchdog {} cannot be stopped: the machine restarts unless davy does", self.path.display());
        }
        if let Err(error) = device.write_all(b"V") {
            tracing::error!(target: "davy::board", %error, "the watchdog {} cannot be stopped: the machine will restart", self.path.display());
        }
    }

    pub(super) fn health(&self) -> WatchdogHealth {
        let detail = self.device.as_ref().err().cloned().unwrap_or_default();
        WatchdogHealth { name: self.path.display().to_string(), fed: false, timeout_s: self.timeout_s, detail }
    }
}

fn open(path: &Path) -> Result<File, String> {
    // To append makes no difference to a device, and keeps what a file in its place holds.
    OpenOptions::new().append(true).open(path).map_err(|error| {
        let advice = |kind, advice| (error.kind() == kind).then_some(advice);
        let advice = advice(io::ErrorKind::NotFound, "load its driver, or take watchdog out of the board's description")
            .or_else(|| advice(io::ErrorKind::PermissionDenied, "let the user of davy write it"))
            .or_else(|| {
                advice(io::ErrorKind::ResourceBusy, "something else feeds it, systemd perhaps (RuntimeWatchdogSec): end that, or take watchdog out of the board's description")
            })
            .unwrap_or("check the board");
        format!("the watchdog {} cannot be opened ({error}): {advice}", path.display())
    })
}

/// What the kernel says of it; `/dev/watchdog` is the first one.
fn about(path: &Path, what: &str) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    let name = if name == "watchdog" { "watchdog0" } else { name };
    fs::read_to_string(format!("/sys/class/watchdog/{name}/{what}")).ok()?.trim().parse().ok()
}
