//! A cable between a connector and its server that hangs up, is slow or loses what a test wants it to lose.

use anyhow::Result;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

pub(crate) struct Relay {
    pub(crate) port: u16,
    state: Arc<State>,
    hang_ups: watch::Sender<u64>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    accepted: AtomicUsize,
    /// What comes from the server waits so long.
    late_ms: AtomicU64,
}

impl Relay {
    pub(crate) async fn to(server: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (hang_ups, hanging_up) = watch::channel(0);
        let state = Arc::new(State::default());
        let task = tokio::spawn(listen(listener, server, Arc::clone(&state), hanging_up));
        Ok(Self { port, state, hang_ups, task })
    }

    /// Ends every connection through it.
    pub(crate) fn hang_up(&self) {
        self.hang_ups.send_modify(|count| *count += 1);
    }

    /// Makes every answer so late.
    pub(crate) fn slow(&self, late: Duration) {
        self.state.late_ms.store(late.as_millis().try_into().expect("milliseconds are few"), Ordering::Relaxed);
    }

    /// How many connections it has taken.
    pub(crate) fn accepted(&self) -> usize {
        self.state.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, server: u16, state: Arc<State>, hanging_up: watch::Receiver<u64>) {
    // With it every connection ends.
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        state.accepted.fetch_add(1, Ordering::Relaxed);
        connections.spawn(pass(client, server, Arc::clone(&state), hanging_up.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn pass(client: TcpStream, server: u16, state: Arc<State>, mut hanging_up: watch::Receiver<u64>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    hanging_up.borrow_and_update();
    let at_once = State::default();
    tokio::select! {
        () = copy(from_client, to_server, &at_once) => {}
        () = copy(from_server, to_client, &state) => {}
        _ = hanging_up.changed() => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: &State) {
    let mut bytes = vec![0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        sleep(Duration::from_millis(state.late_ms.load(Ordering::Relaxed))).await;
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
