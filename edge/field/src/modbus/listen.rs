//! Devices that dial in, such as DTUs behind a mobile network: the gateway listens, and of several connections the newest is
//! used, because a device that dials again has lost the one before.

use crate::{
    limits::{
        RECONNECT_PAUSE,
        modbus::{REGISTERING, REGISTERING_MAX},
    },
    net::words,
};
use davy_config::IpRange;
use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, timeout, timeout_at},
};

type Dialled = (TcpStream, SocketAddr);

/// Where devices dial in.
pub(crate) struct Listener {
    address: SocketAddr,
    rules: Arc<Rules>,
    arrived: Arc<Arrived>,
    task: Option<AbortHandle>,
}

/// Who may connect, and what they have to say first.
struct Rules {
    allow: Vec<IpRange>,
    registration: Option<String>,
}

/// Who has connected.
#[derive(Default)]
struct Arrived {
    newest: Mutex<Option<Dialled>>,
    told: Notify,
    refused: Mutex<Option<String>>,
}

impl Listener {
    pub(crate) fn new(address: SocketAddr, allow: Vec<IpRange>, registration: Option<String>) -> Self {
        Self { address, rules: Arc::new(Rules { allow, registration }), arrived: Arc::default(), task: None }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The newest connection, unless it has been taken.
    pub(crate) fn take(&self) -> Option<Dialled> {
        lock(&self.arrived.newest).take()
    }

    /// Why somebody was turned away last.
    pub(crate) fn refused(&self) -> Option<String> {
        lock(&self.arrived.refused).clone()
    }

    /// Waits for a device.
    ///
    /// # Errors
    /// In words.
    pub(crate) async fn next(&mut self, limit: Duration) -> Result<Dialled, String> {
        let end = Instant::now() + limit;
        self.begin(end).await?;
        let arrival = async {
            loop {
                if let Some(dialled) = self.take() {
                    return dialled;
                }
                self.arrived.told.notified().await;
            }
        };
        let waited = timeout_at(end, arrival).await;
        waited.map_err(|_| {
            let refused = self.refused().map(|refused| format!("; refused: {refused}")).unwrap_or_default();
            let (address, ms) = (self.address, limit.as_millis());
            format!(
                "no device has connected to {address} within {ms} ms; check the device's address of the gateway and the firewall{refused}"
            )
        })
    }

    /// Listens, if it does not yet. Whoever had the port before may need a moment to be gone.
    async fn begin(&mut self, end: Instant) -> Result<(), String> {
        while self.task.as_ref().is_none_or(AbortHandle::is_finished) {
            match TcpListener::bind(self.address).await {
                Ok(listener) => {
                    let serving = serve(listener, Arc::clone(&self.rules), Arc::clone(&self.arrived));
                    self.task = Some(tokio::spawn(serving).abort_handle());
                }
                Err(error) if Instant::now() < end && error.kind() == ErrorKind::AddrInUse => {
                    sleep(RECONNECT_PAUSE).await;
                }
                Err(error) => {
                    let (address, why) = (self.address, words(&error));
                    return Err(format!(
                        "cannot listen on {address}: {why}; choose a free port and an address of this box"
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.iter().for_each(AbortHandle::abort);
    }
}

async fn serve(listener: TcpListener, rules: Arc<Rules>, arrived: Arc<Arrived>) {
    let mut registering = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(dialled) => {
                    if registering.len() >= REGISTERING_MAX {
                        registering.abort_all();
                    }
                    registering.spawn(register(dialled, Arc::clone(&rules)));
                }
                // Too few descriptors, for example; the device dials again.
                Err(_) => sleep(RECONNECT_PAUSE).await,
            },
            Some(registered) = registering.join_next() => match registered {
                Ok(Ok(dialled)) => {
                    *lock(&arrived.newest) = Some(dialled);
                    arrived.told.notify_one();
                }
                Ok(Err(why)) => *lock(&arrived.refused) = Some(why),
                Err(_) => {}
            }
        }
    }
}

/// A connection whose device may connect and has said who it is.
async fn register((mut stream, peer): Dialled, rules: Arc<Rules>) -> Result<Dialled, String> {
    let address = peer.ip().to_canonical();
    if !rules.allow.iter().any(|range| range.contains(address)) {
        return Err(format!("{address} is not in allow"));
    }
    let _ = stream.set_nodelay(true);
    if let Some(expected) = &rules.registration {
        let mut said = vec![0; expected.len()];
        let read = timeout(REGISTERING, stream.read_exact(&mut said)).await;
        if !matches!(read, Ok(Ok(_))) || said != expected.as_bytes() {
            return Err(format!("{address} does not begin with the registration"));
        }
    }
    Ok((stream, peer))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
