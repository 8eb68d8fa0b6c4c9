//! TLS: who is trusted, what is spoken, what browsers are told, and another certificate in the same place.

use crate::gateway::{Gateway, Options, client};
use crate::site::NOW;
use davy_api::{PageCertificate, Tls};
use rcgen::{CertificateParams, IsCa, KeyPair};
use reqwest::Certificate;
use std::{io::Read as _, io::Write as _, sync::Arc};
use tokio::sync::watch;
use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

/// A certificate that signs itself, in PEM, and what shows it.
pub(crate) fn tls(names: &[&str]) -> (String, watch::Receiver<Tls>) {
    let (pem, tls) = made(names, false);
    let (sender, receiver) = watch::channel(tls);
    // It stays what it is.
    std::mem::forget(sender);
    (pem, receiver)
}

fn made(names: &[&str], strict: bool) -> (String, Tls) {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.is_ca = IsCa::ExplicitNoCa;
    let key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&key).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (cert.pem(), Tls { config: Arc::new(config), strict, certificate: certificate(strict) })
}

fn certificate(of_site: bool) -> PageCertificate {
    PageCertificate {
        own: !of_site,
        sha256: "cd".repeat(32),
        subject: "CN=gw-1".to_owned(),
        issuer: "CN=gw-1".to_owned(),
        hosts: vec!["127.0.0.1".to_owned()],
        not_before: NOW,
        not_after: NOW,
    }
}

async fn status(gateway: &Gateway, trusts: &str, path: &str) -> Result<u16, String> {
    let trusts = Certificate::from_pem(trusts.as_bytes()).unwrap();
    let client = client().add_root_certificate(trusts).build().unwrap();
    let response = client.get(format!("https://{}{path}", gateway.address)).send().await;
    // The cause is what tells.
    response.map(|response| response.status().as_u16()).map_err(|error| format!("{error:?}"))
}

#[tokio::test]
async fn whoever_trusts_the_certificate_comes_in_and_nobody_else() {
    let (own, first) = made(&["127.0.0.1"], false);
    let (other, second) = made(&["127.0.0.1"], false);
    let (sender, tls) = watch::channel(first);
    let gateway = Gateway::start_with(Options { tls: Some(tls), ..Options::default() }).await;
    assert_eq!(status(&gateway, &own, "/healthz").await, Ok(200));
    let said = status(&gateway, &other, "/healthz").await.unwrap_err();
    assert!(said.contains("InvalidCertificate"), "{said}");
    let kept = gateway.client.clone();
    let get = || kept.get(format!("https://{}/healthz", gateway.address)).send();
    assert!(get().await.unwrap().status().is_success());
    sender.send_replace(second);
    assert!(get().await.unwrap().status().is_success(), "the connection that is open goes on");
    assert_eq!(status(&gateway, &other, "/healthz").await, Ok(200), "the next one is shown the other certificate");
    assert!(status(&gateway, &own, "/healthz").await.unwrap_err().contains("InvalidCertificate"));
}

#[tokio::test]
async fn browsers_are_held_to_a_certificate_that_they_trust() {
    for strict in [false, true] {
        let (_sender, tls) = watch::channel(made(&["127.0.0.1"], strict).1);
        let gateway = Gateway::start_with(Options { tls: Some(tls), ..Options::default() }).await;
        for path in ["/", "/api/v1/alarms", "/api/v1/nothing"] {
            let told = gateway.response(path).await.headers().contains_key("strict-transport-security");
            assert_eq!(told, strict, "{path}");
        }
    }
    let plain = Gateway::start().await;
    assert!(!plain.response("/").await.headers().contains_key("strict-transport-security"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forgets_the_letter_is_told() {
    let gateway = Gateway::start_with(Options { tls: Some(tls(&["127.0.0.1"]).1), ..Options::default() }).await;
    let address = gateway.address;
    for request in [&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], b"POST /api/v1/session/log-in HTTP/1.1\r\n"] {
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            stream.write_all(request).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https://"), "{answer}");
    }
}
