//! TLS 1.2 and 1.3. A handshake is the business of its own connection, which holds a place meanwhile: whoever is slow at it, or never
//! comes to its end, keeps nobody waiting.

use crate::{connections::Connection, limits};
use davy_core::time::UtcTime;
use serde::Serialize;
use std::{
    io::{Error, ErrorKind, Result},
    sync::Arc,
};
use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

/// How the page shows who it is.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Certificate and key.
    pub config: Arc<ServerConfig>,
    /// Whether browsers are told to take nothing else from here (HSTS, RFC 6797). They then let nobody pass a certificate that they do
    /// not trust, so that this goes with one that they do.
    pub strict: bool,
    /// What the certificate says.
    pub certificate: PageCertificate,
}

/// The certificate by which the page shows who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PageCertificate {
    /// Whether the gateway has made it, or the site.
    pub own: bool,
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// Whom it names.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// Names and addresses that it is for.
    pub hosts: Vec<String>,
    /// Valid from …
    pub not_before: UtcTime,
    /// … until.
    pub not_after: UtcTime,
}

/// What a person reads who has forgotten the letter.
const PLAIN: &str = "本地址只用 HTTPS：请把网址开头写成 https://\n\
    This address takes HTTPS only: write https:// at the beginning of the address.\n";

/// Makes a connection a secured one; an error is the client's.
pub(crate) async fn handshake(config: Arc<ServerConfig>, connection: Connection) -> Result<TlsStream<Connection>> {
    timeout(limits::HANDSHAKE_MAX, shake(config, connection)).await.map_err(|_| ErrorKind::TimedOut)?
}

async fn shake(config: Arc<ServerConfig>, connection: Connection) -> Result<TlsStream<Connection>> {
    // A record of TLS begins with a number below 32, a request of HTTP with a letter.
    if connection.first_byte().await?.is_some_and(|first| first.is_ascii_alphabetic()) {
        turn_away(connection).await?;
        return Err(Error::other("it speaks plain HTTP"));
    }
    TlsAcceptor::from(config).accept(connection).await
}

async fn turn_away(mut connection: Connection) -> Result<()> {
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PLAIN}",
        PLAIN.len()
    );
    connection.write_all(answer.as_bytes()).await?;
    connection.shutdown().await?;
    // Closed with something unread, the answer would be lost on the way.
    let mut rest = connection.take(limits::HEADER_BYTES_MAX as u64);
    io::copy(&mut rest, &mut io::sink()).await.map(drop)
}
