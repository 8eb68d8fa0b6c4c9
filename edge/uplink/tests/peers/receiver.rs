//! The enterprise's side over HTTP: it upserts by id, keeps every request, and answers as a test says.

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, Uri},
    response::IntoResponse,
    routing::any,
};
use rumqttc::tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    },
    server::TlsStream,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A batch as it came; a question is an empty one.
#[derive(Clone, Debug)]
pub(crate) struct Posted {
    pub(crate) at: Instant,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) events: Vec<Value>,
}

impl Posted {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn key(&self) -> &str {
        self.header("idempotency-key")
    }

    pub(crate) fn seqs(&self) -> Vec<u64> {
        self.events.iter().map(|event| event["sequence"].as_str().unwrap().parse().unwrap()).collect()
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// What is answered, and which of the rows the receiver keeps.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// All rows are taken; no body.
    All,
    /// A receipt for each of these rows: id, status, reason. Those said to be accepted are taken.
    Receipts(Vec<(String, &'static str, &'static str)>),
    /// Nothing is taken.
    Status(u16, Vec<(&'static str, String)>, String),
    /// All rows are taken, and something else is said.
    TakenBut(u16),
    /// All rows are taken, and nothing is ever said.
    TakenSilently,
    /// After a time.
    Late(Duration, Box<Reply>),
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Status(status, Vec::new(), String::new())
    }
}

type Policy = Box<dyn FnMut(&Posted) -> Reply + Send>;

struct Shared {
    posted: Vec<Posted>,
    rows: BTreeMap<u64, Value>,
    /// In the order in which they came first, by lane.
    first: Vec<(String, u64)>,
    policy: Policy,
    under_way: BTreeMap<String, usize>,
    most_under_way: usize,
}

#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) port: u16,
    shared: Arc<Mutex<Shared>>,
    task: Arc<Task>,
}

struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Receiver {
    /// It takes everything until it is told otherwise.
    pub(crate) async fn start() -> Self {
        Self::start_at(0).await
    }

    pub(crate) async fn start_at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self::serve(port, |router| async move { axum::serve(listener, router).await.unwrap() })
    }

    /// Over TLS with a certificate of the folder; it lets in who shows a certificate of the folder's authority.
    pub(crate) async fn start_tls(folder: &Path, certificate: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(tls(folder, certificate)));
        Self::serve(port, |router| async move { axum::serve(Tls { listener, acceptor }, router).await.unwrap() })
    }

    fn serve<F: Future<Output = ()> + Send + 'static>(port: u16, serve: impl FnOnce(Router) -> F) -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            posted: Vec::new(),
            rows: BTreeMap::new(),
            first: Vec::new(),
            policy: Box::new(|_| Reply::All),
            under_way: BTreeMap::new(),
            most_under_way: 0,
        }));
        let router = Router::new().fallback(any(take)).with_state(Arc::clone(&shared));
        Self { port, shared, task: Arc::new(Task(tokio::spawn(serve(router)))) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/davy/events?key=secret", self.port)
    }

    /// How every request is answered from now on.
    pub(crate) fn answer(&self, policy: impl FnMut(&Posted) -> Reply + Send + 'static) {
        self.shared.lock().unwrap().policy = Box::new(policy);
    }

    /// How batches are answered, the first being number 0; questions are answered well.
    pub(crate) fn answer_batches(&self, mut policy: impl FnMut(&Posted, usize) -> Reply + Send + 'static) {
        let mut nth = 0;
        self.answer(move |posted| {
            if posted.events.is_empty() {
                return Reply::All;
            }
            nth += 1;
            policy(posted, nth - 1)
        });
    }

    /// Every batch that came.
    pub(crate) fn batches(&self) -> Vec<Posted> {
        self.posted().into_iter().filter(|posted| !posted.events.is_empty()).collect()
    }

    pub(crate) fn posted(&self) -> Vec<Posted> {
        self.shared.lock().unwrap().posted.clone()
    }

    /// The rows that it has.
    pub(crate) fn seqs(&self) -> BTreeSet<u64> {
        self.shared.lock().unwrap().rows.keys().copied().collect()
    }

    /// Every event that has come, again and again where it was.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.posted().into_iter().flat_map(|posted| posted.events).collect()
    }

    pub(crate) fn row(&self, seq: u64) -> Value {
        self.shared.lock().unwrap().rows[&seq].clone()
    }

    /// Each lane's rows in the order in which they were taken first.
    pub(crate) fn first_taken(&self, lane: &str) -> Vec<u64> {
        let shared = self.shared.lock().unwrap();
        shared.first.iter().filter(|(each, _)| each == lane).map(|(_, seq)| *seq).collect()
    }

    /// The most batches of one lane that were under way at once.
    pub(crate) fn most_under_way(&self) -> usize {
        self.shared.lock().unwrap().most_under_way
    }
}

async fn take(State(shared): State<Arc<Mutex<Shared>>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    assert!(!uri.path().contains("elsewhere"), "a redirect was followed");
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let text = match headers.get("content-encoding").map(String::as_str) {
        None => body.to_vec(),
        Some("gzip") => {
            let mut text = Vec::new();
            io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&body[..]), &mut text).unwrap();
            text
        }
        Some("zstd") => zstd::stream::decode_all(&body[..]).unwrap(),
        Some(other) => panic!("{other}"),
    };
    let posted = Posted { at: Instant::now(), headers, events: serde_json::from_slice(&text).unwrap() };
    let lane = posted.key().rsplit('/').nth(1).unwrap_or("question").to_owned();
    let mut reply = {
        let mut shared = shared.lock().unwrap();
        let under_way = shared.under_way.entry(lane.clone()).or_default();
        *under_way += 1;
        let most = (*under_way).max(shared.most_under_way);
        shared.most_under_way = most;
        shared.posted.push(posted.clone());
        (shared.policy)(&posted)
    };
    // Gone as well when the gateway hangs up.
    let _under_way = UnderWay(Arc::clone(&shared), lane);
    while let Reply::Late(time, later) = reply {
        tokio::time::sleep(time).await;
        reply = *later;
    }
    let keep = |ids: &[String]| shared.lock().unwrap().keep(&posted, ids);
    match reply {
        Reply::All => {
            keep(&posted.ids());
            ().into_response()
        }
        Reply::TakenBut(status) => {
            keep(&posted.ids());
            Response::builder().status(status).body(Body::empty()).unwrap()
        }
        Reply::TakenSilently => {
            keep(&posted.ids());
            std::future::pending().await
        }
        Reply::Receipts(receipts) => {
            let accepted = receipts.iter().filter(|(_, status, _)| *status == "accepted");
            keep(&accepted.map(|(id, ..)| id.clone()).collect::<Vec<_>>());
            let receipts: Vec<Value> = receipts
                .into_iter()
                .map(|(id, status, reason)| json!({ "id": id, "status": status, "reason": reason }))
                .collect();
            json!({ "receipts": receipts }).to_string().into_response()
        }
        Reply::Status(status, headers, body) => {
            let response = Response::builder().status(status);
            let response = headers.into_iter().fold(response, |response, (name, value)| response.header(name, value));
            response.body(Body::from(body)).unwrap()
        }
        Reply::Late(..) => unreachable!(),
    }
}

struct UnderWay(Arc<Mutex<Shared>>, String);

impl Drop for UnderWay {
    fn drop(&mut self) {
        *self.0.lock().unwrap().under_way.get_mut(&self.1).unwrap() -= 1;
    }
}

impl Shared {
    fn keep(&mut self, posted: &Posted, ids: &[String]) {
        for (event, seq) in posted.events.iter().zip(posted.seqs()) {
            if ids.iter().any(|id| event["id"] == **id) && self.rows.insert(seq, event.clone()).is_none() {
                self.first.push((event["lane"].as_str().unwrap().to_owned(), seq));
            }
        }
    }
}

/// A certificate of the folder is shown, and one of its authority asked for.
pub(crate) fn tls(folder: &Path, certificate: &str) -> ServerConfig {
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let chain = |name: &str| CertificateDer::pem_slice_iter(&file(name)).collect::<Result<Vec<_>, _>>().unwrap();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(chain("ca.pem"));
    let provider = Arc::new(ring::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(chain(certificate), PrivateKeyDer::from_pem_slice(&file("server.key")).unwrap())
        .unwrap()
}

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
