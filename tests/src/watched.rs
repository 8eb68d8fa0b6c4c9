//! A place that the product reaches through a tap, which has to show that it only reads.

use anyhow::{Result, ensure};
use davy_field::wire::{Counts, Protocol, Tap};

/// A tap in front of a server. When it goes, a test in which anything but reads has passed fails.
#[derive(Debug)]
pub struct Watched {
    name: &'static str,
    tap: Tap,
}

impl Watched {
    /// Opens it in front of a port of this machine; the port need not be listened on yet.
    pub async fn open(name: &'static str, protocol: Protocol, port: u16) -> Result<Self> {
        Ok(Self { name, tap: Tap::open(protocol, "127.0.0.1", port).await? })
    }

    /// Where the product is to connect, on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.tap.port()
    }

    /// What has passed toward the server.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.tap.counts()
    }

    /// Cuts the cable or mends it, see [`Tap::cut`].
    pub fn cut(&self, cut: bool) {
        self.tap.cut(cut);
    }

    /// Something has passed and all of it could be read and only reads.
    pub fn only_reads(&self) -> Result<()> {
        let counts = self.counts();
        let other = counts.iter().find(|(sent, _)| sent.only_reads() != Some(true));
        ensure!(other.is_none(), "{}: {other:?} is no read; of {counts:?}", self.name);
        ensure!(!counts.is_empty(), "{}: nothing was seen on the wire", self.name);
        Ok(())
    }
}

/// What is encrypted cannot be read here; the rest must be reads.
impl Drop for Watched {
    fn drop(&mut self) {
        let counts = self.counts();
        let wrong = counts.iter().find(|(sent, _)| sent.only_reads() == Some(false));
        assert!(wrong.is_none() || std::thread::panicking(), "{}: {wrong:?} is no read; of {counts:?}", self.name);
    }
}
