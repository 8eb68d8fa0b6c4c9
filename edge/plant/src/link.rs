//! The link to the enterprise: a TCP relay in front of the enterprise broker, which the story cuts.

use crate::{
    limits,
    switch::{self, Switch},
};
use std::{io, net::SocketAddr};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// Relays from the listener to `target` while `up` says so, until `stop`. When the link goes down its connections are
/// cut and new ones refused.
pub(crate) async fn run(
    listener: TcpListener,
    address: SocketAddr,
    target: SocketAddr,
    mut up: Switch,
    stop: CancellationToken,
) {
    let mut listener = Some(listener);
    loop {
        let open = match listener.take() {
            Some(listener) => listener,
            None => match listen(address, &mut up, &stop).await {
                Some(listener) => listener,
                None => return,
            },
        };
        tokio::select! {
            () = stop.cancelled() => return,
            lives = switch::until(&mut up, false) => if !lives { return },
            () = relay(open, target) => {}
        }
    }
}

/// Waits until the link is up, and for its port, which others may hold for a moment.
async fn listen(address: SocketAddr, up: &mut Switch, stop: &CancellationToken) -> Option<TcpListener> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return None,
            lives = switch::until(up, true) => if !lives { return None },
        }
        match TcpListener::bind(address).await {
            Ok(listener) => return Some(listener),
            Err(error) => tracing::debug!(%error, "the port of the enterprise link is not free; tried again"),
        }
        sleep(limits::RETRY_PAUSE).await;
    }
}

/// Dropping it cuts every connection.
async fn relay(listener: TcpListener, target: SocketAddr) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((near, _)) if connections.len() < limits::LINK_CONNECTIONS_MAX => {
                    connections.spawn(carry(near, target));
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the enterprise link cannot accept a connection; it goes on");
                    sleep(limits::RETRY_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut near: TcpStream, target: SocketAddr) -> io::Result<()> {
    let mut far = TcpStream::connect(target).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    tokio::io::copy_bidirectional(&mut near, &mut far).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::loopback;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::watch,
    };

    async fn echo(listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                tokio::io::copy(&mut read, &mut write).await
            });
        }
    }

    async fn answers(address: SocketAddr) -> bool {
        let Ok(mut stream) = TcpStream::connect(address).await else { return false };
        let mut byte = [7];
        stream.write_all(&byte).await.is_ok() && stream.read_exact(&mut byte).await.is_ok()
    }

    async fn until(address: SocketAddr, wanted: bool) {
        while answers(address).await != wanted {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn it_relays_is_cut_refuses_and_returns_on_the_same_port() {
        let far = TcpListener::bind(loopback(0)).await.unwrap();
        let target = far.local_addr().unwrap();
        tokio::spawn(echo(far));
        let near = TcpListener::bind(loopback(0)).await.unwrap();
        let address = near.local_addr().unwrap();
        let (switch, up) = watch::channel(true);
        let stop = CancellationToken::new();
        let link = tokio::spawn(run(near, address, target, up, stop.clone()));

        until(address, true).await;
        let mut open = TcpStream::connect(address).await.unwrap();
        open.write_all(&[1]).await.unwrap();
        open.read_exact(&mut [0]).await.unwrap();
        switch.send_replace(false);
        assert!(!matches!(open.read(&mut [0]).await, Ok(1)), "the connection is cut");
        assert!(TcpStream::connect(address).await.is_err(), "a new one is refused");
        switch.send_replace(true);
        until(address, true).await;
        stop.cancel();
        link.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
