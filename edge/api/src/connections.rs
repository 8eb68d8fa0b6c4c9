//! Who may connect: no more connections at once than there are places, and no more from one address than its share. What finds
//! no place waits in the kernel; what is beyond its share is closed at once.

use crate::limits;
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};

pub(crate) struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
    shares: Shares,
}

/// A connection; its place and its share are free again when it is dropped. It fails when the other end takes nothing for too long.
pub(crate) struct Connection {
    pub(crate) peer: Peer,
    stream: TcpStream,
    stalls: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
    _share: Share,
}

/// Both ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Where it has come in.
    pub(crate) at: IpAddr,
}

impl Bounded {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(limits::CONNECTIONS_MAX)), shares: Shares::default() }
    }

    /// The next connection that there is a place for.
    pub(crate) async fn accept(&self) -> Connection {
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { continue };
            let (stream, address) = self.next().await;
            let address = SocketAddr::new(address.ip().to_canonical(), address.port());
            let Some(share) = self.shares.take(address.ip()) else {
                tracing::debug!(%address, "a connection beyond the share of its address is closed");
                continue;
            };
            // One that has gone already has no end here.
            let Ok(at) = stream.local_addr() else { continue };
            // Small events must not wait for each other.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps Nagle's delay");
            }
            let peer = Peer { address, at: at.ip().to_canonical() };
            return Connection { peer, stream, stalls: None, _place: place, _share: share };
        }
    }

    async fn next(&self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) if is_of_one(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "the page takes no connections for a moment; has the process too many files open?");
                    sleep(limits::ACCEPT_AGAIN).await;
                }
            }
        }
    }
}

/// Whether it concerns the one connection alone.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Shares(Arc<Mutex<HashMap<IpAddr, usize>>>);

struct Share {
    shares: Shares,
    of: IpAddr,
}

impl Shares {
    fn take(&self, address: IpAddr) -> Option<Share> {
        let of = household(address);
        let max = if address.is_loopback() {
            limits::CONNECTIONS_OF_LOOPBACK_MAX
        } else {
            limits::CONNECTIONS_OF_ADDRESS_MAX
        };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(of).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Share { shares: self.clone(), of })
    }
}

/// One machine has as many addresses of IPv6 as it likes, all in one network of 64 bits (RFC 8981).
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if !v6.is_loopback() => IpAddr::from((v6.to_bits() >> 64 << 64).to_be_bytes()),
        IpAddr::V4(_) | IpAddr::V6(_) => address,
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.of);
            }
        }
    }
}

impl Connection {
    /// The first byte, which stays to be read; `None` when there will be none.
    pub(crate) async fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let read = self.stream.peek(&mut first).await?;
        Ok((read > 0).then_some(first[0]))
    }

    fn unless_stalled<T>(&mut self, cx: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.stalls = None;
            return sent;
        }
        let stalls = self.stalls.get_or_insert_with(|| Box::pin(sleep(limits::STALL_MAX)));
        stalls.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.unless_stalled(cx, sent)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.unless_stalled(cx, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_has_more_than_its_share() {
        for (first, second, max, same) in [
            ("192.168.1.7", "192.168.1.7", limits::CONNECTIONS_OF_ADDRESS_MAX, true),
            ("192.168.1.7", "192.168.1.8", limits::CONNECTIONS_OF_ADDRESS_MAX, false),
            ("2001:db8::1", "2001:db8::ffff:1", limits::CONNECTIONS_OF_ADDRESS_MAX, true),
            ("2001:db8::1", "2001:db8:0:1::1", limits::CONNECTIONS_OF_ADDRESS_MAX, false),
            ("127.0.0.1", "127.0.0.1", limits::CONNECTIONS_OF_LOOPBACK_MAX, true),
        ] {
            let (shares, take) = (Shares::default(), |address: &str| address.parse().unwrap());
            let mut held: Vec<_> = (0..max).map(|_| shares.take(take(first)).unwrap()).collect();
            assert!(shares.take(take(first)).is_none(), "{first}");
            assert_eq!(shares.take(take(second)).is_none(), same, "{first} and {second}");
            held.pop();
            assert!(shares.take(take(second)).is_some(), "{first} has given one back");
            held.clear();
            assert!(shares.0.lock().unwrap().is_empty(), "nothing is left of {first}");
        }
    }

    const _: () = assert!(limits::CONNECTIONS_OF_ADDRESS_MAX < limits::CONNECTIONS_OF_LOOPBACK_MAX);
    const _: () = assert!(limits::CONNECTIONS_OF_LOOPBACK_MAX < limits::CONNECTIONS_MAX);
}
