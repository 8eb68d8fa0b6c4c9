//! Clients that are slow, stuck, greedy or make no sense: each comes to a clear end, and everybody else is answered meanwhile.

use crate::{
    gateway::{Gateway, MANY, Options, client},
    secured::tls,
};
use serde_json::json;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject as _},
    },
};

/// Far beyond every limit.
const WAIT: Duration = Duration::from_secs(60);

/// More than any limit of the header in bytes. What is not read of it may take the answer with it (a reset of TCP).
const LONG: usize = 1 << 20;

const HEAD: &str = "POST /api/v1/horn/silence HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/// What it sends at once, what it then goes on sending bit by bit, and how its answer begins; empty where there is none.
struct Bad(&'static str, Vec<u8>, &'static [u8], &'static str);

fn bad() -> Vec<Bad> {
    let of = |text: String| text.into_bytes();
    let get = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    vec![
        Bad("says nothing", Vec::new(), b"", ""),
        Bad("stops in the first line", of("GET /heal".to_owned()), b"", ""),
        Bad("dribbles its header", of(get.to_owned()), b"X-a: b\r\n", ""),
        Bad("dribbles its body", of(format!("{HEAD}Content-Length: 10000\r\n\r\n{{")), b" ", "HTTP/1.1 408"),
        Bad("stops in its body", of(format!("{HEAD}Content-Length: 100\r\n\r\n{{")), b"", "HTTP/1.1 408"),
        Bad("dribbles chunks", of(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n")), b"1\r\n \r\n", "HTTP/1.1 408"),
        Bad("announces too much", of(format!("{HEAD}Content-Length: 99999999999\r\n\r\n")), b"", "HTTP/1.1 413"),
        Bad("has a long line", of(format!("{get}X: {}\r\n\r\n", "x".repeat(LONG))), b"", "HTTP/1.1 431"),
        Bad("has many lines", of(format!("{get}{}\r\n", "X: x\r\n".repeat(65))), b"", "HTTP/1.1 431"),
        Bad("asks for a long path", of(format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(LONG))), b"", "HTTP/1.1 431"),
        Bad("sends garbage", vec![0x16, 3, 1, 0xff, 0xff, 0, 1, 2, 3], b"", "HTTP/1.1 400"),
        Bad(
            "sends two lengths",
            of(format!("{HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n")),
            b"",
            "HTTP/1.1 400",
        ),
        Bad("idles after its answer", of(format!("{get}\r\n")), b"", "HTTP/1.1 200"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_client_comes_to_its_end_and_others_are_answered() {
    tokio::join!(others_are_answered(false), others_are_answered(true));
}

async fn others_are_answered(secured: bool) {
    let (pem, tls) = tls(&["127.0.0.1"]);
    let gateway = Gateway::start_with(Options { tls: secured.then_some(tls), ..Options::default() }).await;
    let connector = secured.then(|| connector(&pem));
    let mut ends = tokio::task::JoinSet::new();
    for bad in bad() {
        let (address, connector) = (gateway.address, connector.clone());
        ends.spawn(async move {
            let stream = TcpStream::connect(address).await.unwrap();
            match connector {
                None => bad.plays(stream).await,
                Some(connector) => {
                    let name = "127.0.0.1".try_into().unwrap();
                    bad.plays(connector.connect(name, stream).await.unwrap()).await;
                }
            }
        });
    }
    // Below TLS.
    for first in [&b""[..], &[0x16], &[0x16, 3, 1, 2, 0, 1, 0], &[0xff; 4096]] {
        let address = gateway.address;
        ends.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(first).await.unwrap();
            let mut rest = Vec::new();
            let ended = timeout(WAIT, stream.read_to_end(&mut rest)).await;
            assert!(ended.is_ok(), "a handshake that begins with {first:?} ends");
        });
    }
    let answered = async {
        loop {
            let fresh = client().danger_accept_invalid_certs(true).build().unwrap();
            let url = format!("{}://{}/healthz", if secured { "https" } else { "http" }, gateway.address);
            assert!(fresh.get(url).send().await.unwrap().status().is_success());
            sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = answered => {}
        () = async { while let Some(end) = ends.join_next().await { end.unwrap() } } => {}
    }
}

impl Bad {
    async fn plays(self, stream: impl AsyncRead + AsyncWrite) {
        let Self(what, first, then, begin) = self;
        let may_be_lost = first.len() > LONG;
        let (mut read, mut write) = tokio::io::split(stream);
        let says = async {
            // What is too much is refused before it is all there.
            let mut going = write.write_all(&first).await.is_ok() && write.flush().await.is_ok();
            while going && !then.is_empty() {
                sleep(Duration::from_millis(200)).await;
                going = write.write_all(then).await.is_ok() && write.flush().await.is_ok();
            }
            std::future::pending().await
        };
        let hears = async {
            let (mut answer, mut some) = (Vec::new(), [0; 4096]);
            while let Ok(count @ 1..) = read.read(&mut some).await {
                answer.extend_from_slice(&some[..count]);
            }
            answer
        };
        let answer = async {
            tokio::select! {
                answer = hears => answer,
                never = says => never,
            }
        };
        let answer = timeout(WAIT, answer).await.unwrap_or_else(|_| panic!("a client that {what} comes to no end"));
        let answer = String::from_utf8_lossy(&answer);
        let fits = answer.starts_with(begin) && answer.is_empty() == begin.is_empty();
        assert!(fits || (may_be_lost && answer.is_empty()), "a client that {what}: `{answer}`");
    }
}

fn connector(pem: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn one_address_cannot_take_every_place() {
    let _alone = MANY.lock().await;
    let gateway = Gateway::start().await;
    let from = |ip: [u8; 4]| async move {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((ip, 0))).unwrap();
        socket.connect(gateway.address).await.unwrap()
    };
    let mut held = Vec::new();
    for _ in 0..450 {
        held.push(from([127, 0, 0, 3]).await);
    }
    let others = client().local_address(std::net::IpAddr::from([127, 0, 0, 4])).build().unwrap();
    let response = others.get(format!("http://{}/healthz", gateway.address)).send().await.unwrap();
    assert!(response.status().is_success());
    let mut closed = 0;
    for mut stream in held {
        // Those beyond the share are closed already, the others say nothing yet.
        let read = timeout(Duration::from_millis(1), stream.read(&mut [0])).await;
        closed += usize::from(matches!(read, Ok(Ok(0) | Err(_))));
    }
    assert_eq!(closed, 450 - 384);
}

#[tokio::test]
async fn a_reader_that_stands_still_is_let_go() {
    let gateway = Gateway::start().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(gateway.address).await.unwrap();
    stream.write_all(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let counted = async |wanted: usize| {
        // More than the kernel holds for it.
        let mut number = 0;
        while !gateway
            .response("/metrics")
            .await
            .text()
            .await
            .unwrap()
            .contains(&format!("davy_streams_open {wanted}\n"))
        {
            number += 1;
            gateway.demo.send_replace(davy_api::Demo(json!({ "number": number, "much": "x".repeat(8 << 20) })));
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(WAIT, counted(1)).await.expect("the stream is open");
    timeout(WAIT, counted(0)).await.expect("the stream is given up");
}
