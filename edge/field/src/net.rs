//! TCP connections, and in plain words why there is none.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    net::{TcpSocket, TcpStream, lookup_host},
    time::timeout,
};

/// Connects to the first address of the host that answers, within a limit.
///
/// # Errors
/// In words for a person.
pub(crate) async fn connect(host: &str, port: u16, limit: Duration) -> Result<TcpStream, String> {
    match timeout(limit, connect_any(host, port)).await {
        Ok(connected) => connected.map_err(|error| format!("no connection to {host}:{port}: {}", words(&error))),
        Err(_) => Err(too_late(host, port, limit)),
    }
}

/// In words that nobody answered.
pub(crate) fn too_late(host: &str, port: u16, limit: Duration) -> String {
    let ms = limit.as_millis();
    format!("no connection to {host}:{port}: timed out after {ms} ms; check the address, cabling and firewall")
}

async fn connect_any(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::new(ErrorKind::NotFound, "the name has no address");
    for address in lookup_host((host, port)).await? {
        match connect_one(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn connect_one(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_keepalive(true)?;
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A network error in words that say what to look at.
#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds of errors are open-ended")]
pub(crate) fn words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "refused, nothing listens there; check the port and whether the server runs".into()
        }
        ErrorKind::TimedOut => "timed out; check the address, cabling and firewall".into(),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            format!("unreachable ({error}); check the network settings of this box")
        }
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::UnexpectedEof => "the other side closed the connection".into(),
        _ => error.to_string(),
    }
}
