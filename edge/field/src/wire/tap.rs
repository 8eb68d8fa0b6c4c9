//! A tap between the gateway and a source: it hands on everything both ways and reads what goes toward the source. It can be a
//! cable that is cut: then nothing passes and nobody is told.

use super::{Counts, Protocol, Reader, Recorder};
use std::{io, net::Ipv4Addr};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::task::AbortOnDropHandle;

const BUFFER_BYTES: usize = 16_384;

/// Stands on a loopback port of its own until it is dropped, and with it every connection through it.
#[derive(Debug)]
pub struct Tap {
    port: u16,
    seen: Recorder,
    cut: watch::Sender<bool>,
    _listening: AbortOnDropHandle<()>,
}

impl Tap {
    /// Opens a tap in front of `host:port`. As long as nothing listens there, a connection through the tap is closed.
    ///
    /// # Errors
    /// When no loopback port can be had.
    pub async fn open(protocol: Protocol, host: &str, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let own = listener.local_addr()?.port();
        let seen = Recorder::default();
        let (cut, whole) = watch::channel(false);
        let listening = tokio::spawn(listen(listener, protocol, (host.to_owned(), port), seen.clone(), whole));
        Ok(Self { port: own, seen, cut, _listening: AbortOnDropHandle::new(listening) })
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the cable or mends it. What is sent meanwhile, the end of a connection too, passes when it is mended, as TCP sends
    /// again what was lost.
    pub fn cut(&self, cut: bool) {
        self.cut.send_replace(cut);
    }

    /// What has been sent toward the source.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.seen.counts()
    }
}

async fn listen(
    listener: TcpListener,
    protocol: Protocol,
    target: (String, u16),
    seen: Recorder,
    cut: watch::Receiver<bool>,
) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((near, _)) = accepted {
                connections.spawn(pass(near, target.clone(), Reader::new(protocol), seen.clone(), cut.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Ends when either side does: a half-open connection through a tap would be another one than without it.
async fn pass(
    near: TcpStream,
    (host, port): (String, u16),
    mut reader: Reader,
    seen: Recorder,
    cut: watch::Receiver<bool>,
) {
    let Ok(far) = TcpStream::connect((host.as_str(), port)).await else { return };
    // Small packets are not held back, as they are not without the tap.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        _ = copy(near_in, far_out, cut.clone(), |bytes| reader.take(bytes, |sent| seen.note(sent))) => {}
        _ = copy(far_in, near_out, cut, |_| {}) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut cut: watch::Receiver<bool>,
    mut look: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = from.read(&mut buffer).await?;
        let _ = cut.wait_for(|cut| !cut).await;
        if read == 0 {
            return to.shutdown().await;
        }
        // It is counted before it can have any effect.
        look(&buffer[..read]);
        to.write_all(&buffer[..read]).await?;
    }
}
