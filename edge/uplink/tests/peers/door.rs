//! What stands between the gateway and Kafka's mock brokers: one door for each, through which every answer names the doors in
//! place of the brokers. It can speak TLS, ask for a password, hang, and count who is inside.
//!
//! The mock brokers answer an unknown version of ApiVersions in a form of their own; so the door answers that one as a broker
//! does (KIP-511: an error in version 0, upon which the client asks again in a version that there is).

use rumqttc::tokio_rustls::{TlsAcceptor, rustls::ServerConfig};
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

const API_VERSIONS: [u8; 2] = [0, 18];
/// UNSUPPORTED_VERSION, and of one request, ApiVersions, that there are versions 0 to 2.
const OLDER: [u8; 12] = [0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 2];

#[derive(Default)]
struct State {
    hangs: AtomicBool,
    inside: AtomicUsize,
    /// `\0user\0password` (RFC 4616), where the door asks for one.
    password: Option<String>,
    let_in: AtomicBool,
}

pub(crate) struct Doors {
    ports: Vec<u16>,
    state: Arc<State>,
    tasks: Vec<JoinHandle<()>>,
}

impl Doors {
    /// Before the brokers on these ports of this machine.
    pub(crate) async fn open(brokers: &[u16], tls: Option<ServerConfig>, password: Option<String>) -> Self {
        let acceptor = tls.map(|tls| TlsAcceptor::from(Arc::new(tls)));
        let mut listeners = Vec::new();
        for broker in brokers {
            listeners.push((*broker, TcpListener::bind("127.0.0.1:0").await.unwrap()));
        }
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let names: BTreeMap<u16, u16> = listeners.iter().map(|(broker, listener)| (*broker, port(listener))).collect();
        let state = Arc::new(State { password, ..State::default() });
        let ports = names.values().copied().collect();
        let serve = |(broker, listener)| {
            tokio::spawn(serve(listener, broker, names.clone(), acceptor.clone(), Arc::clone(&state)))
        };
        Self { ports, tasks: listeners.into_iter().map(serve).collect(), state }
    }

    pub(crate) fn addresses(&self) -> Vec<String> {
        self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect()
    }

    /// Nothing that a broker says goes through, and everything stays connected.
    pub(crate) fn hang(&self, hangs: bool) {
        self.state.hangs.store(hangs, SeqCst);
    }

    /// Connections that are open.
    pub(crate) fn inside(&self) -> usize {
        self.state.inside.load(SeqCst)
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn serve(
    listener: TcpListener,
    broker: u16,
    names: BTreeMap<u16, u16>,
    acceptor: Option<TlsAcceptor>,
    state: Arc<State>,
) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (names, acceptor, state) = (names.clone(), acceptor.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            state.inside.fetch_add(1, SeqCst);
            // However it ends, the connection is over.
            let _ = match acceptor {
                Some(acceptor) => match acceptor.accept(stream).await {
                    Ok(stream) => pass(stream, broker, &names, &state).await,
                    Err(error) => Err(error),
                },
                None => pass(stream, broker, &names, &state).await,
            };
            state.inside.fetch_sub(1, SeqCst);
        });
    }
}

async fn pass(
    mut gateway: impl AsyncRead + AsyncWrite + Unpin,
    broker: u16,
    names: &BTreeMap<u16, u16>,
    state: &State,
) -> io::Result<()> {
    let mut first = frame(&mut gateway).await?;
    while let Some(answer) = answer_of_the_door(&first, state) {
        send(&mut gateway, &[&first[4..8], &answer].concat()).await?;
        first = frame(&mut gateway).await?;
    }
    // Nobody comes in who has not logged in; what is asked before is of no harm.
    if state.password.is_some() && !state.let_in.load(SeqCst) && !first.starts_with(&API_VERSIONS) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut broker = TcpStream::connect(("127.0.0.1", broker)).await?;
    send(&mut broker, &first).await?;
    let (mut from_gateway, mut to_gateway) = tokio::io::split(gateway);
    let (mut from_broker, mut to_broker) = broker.split();
    let answers = async {
        loop {
            let mut answer = frame(&mut from_broker).await?;
            while state.hangs.load(SeqCst) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            rename(&mut answer, names);
            send(&mut to_gateway, &answer).await?;
        }
    };
    tokio::select! {
        copied = tokio::io::copy(&mut from_gateway, &mut to_broker) => copied.map(drop),
        ended = answers => ended,
    }
}

/// What the door says itself: to a version of ApiVersions that the brokers do not know, and to who logs in.
fn answer_of_the_door(request: &[u8], state: &State) -> Option<Vec<u8>> {
    let (api, version) = (&request[..2], request[3]);
    match (api, &state.password) {
        ([0, 18], _) if version > 2 => Some(OLDER.to_vec()),
        // SaslHandshake v1: no error, and PLAIN is the one mechanism.
        ([0, 17], Some(_)) => Some([&[0, 0, 0, 0, 0, 1, 0, 5][..], b"PLAIN"].concat()),
        // SaslAuthenticate v1: the error, what is said of it, no further bytes, no end of the session.
        ([0, 36], Some(password)) => {
            let right = request.ends_with(password.as_bytes());
            state.let_in.fetch_or(right, SeqCst);
            let end = [0; 12];
            Some(if right {
                [&[0, 0, 0xff, 0xff][..], &end].concat()
            } else {
                [&[0, 58, 0, 2][..], b"no", &end].concat()
            })
        }
        _ => None,
    }
}

/// A request or an answer without its length.
async fn frame(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; from.read_u32().await? as usize];
    from.read_exact(&mut frame).await?;
    Ok(frame)
}

async fn send(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    to.write_all(&[&u32::try_from(frame.len()).unwrap().to_be_bytes(), frame].concat()).await?;
    to.flush().await
}

/// Behind this machine's address stands a broker's port.
fn rename(answer: &mut [u8], names: &BTreeMap<u16, u16>) {
    let host = b"127.0.0.1\0\0";
    for at in 0..answer.len().saturating_sub(host.len() + 1) {
        if answer[at..].starts_with(host) {
            let port = &mut answer[at + host.len()..][..2];
            if let Some(door) = names.get(&u16::from_be_bytes([port[0], port[1]])) {
                port.copy_from_slice(&door.to_be_bytes());
            }
        }
    }
}
