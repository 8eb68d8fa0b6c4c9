//! The way to the receiver: a client that keeps its connections open between batches. It follows no redirect, asks no proxy,
//! trusts nobody but the uplink's own authority, and never goes from https to http.

use super::{
    answer::{self, Answer, Told},
    batch::compressed,
};
use crate::limits;
use davy_config::{Compress, HttpUplink};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderName},
    redirect::Policy,
};
use rumqttc::tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{error::Error, sync::Arc, time::Duration};

const BATCH: &str = "application/cloudevents-batch+json";

/// The way to the receiver.
pub(crate) struct Connection {
    client: Client,
    config: HttpUplink,
}

impl Connection {
    /// Nothing is connected to yet.
    ///
    /// # Errors
    /// In words, when certificate or key cannot be used.
    pub(crate) fn new(config: &HttpUplink) -> Result<Self, String> {
        let client = Client::builder()
            .use_preconfigured_tls(
                tls(config).map_err(|what| format!("the uplink's certificates cannot be used: {what}"))?,
            )
            .https_only(config.ca_pem.is_some())
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(limits::CONNECT_MAX)
            .timeout(Duration::from_millis(config.timeout_ms))
            .pool_max_idle_per_host(limits::IDLE_CONNECTIONS_MAX)
            .tcp_nodelay(true)
            .user_agent(concat!("davy/", env!("CARGO_PKG_VERSION")))
            .build();
        let client = client.map_err(|error| format!("no client can be made for {}: {error}", config.url))?;
        Ok(Self { client, config: config.clone() })
    }

    /// The receiver as people know it; what may be secret in a query is left out.
    pub(crate) fn place(&self) -> &str {
        self.config.url.split('?').next().unwrap_or_default()
    }

    /// Asks whether the receiver is there, with an empty batch.
    pub(crate) fn ask(&self) -> impl Future<Output = Answer> + Send + use<> {
        let request = self.request().body("[]");
        answer(request, self.place().to_owned(), self.config.timeout_ms)
    }

    /// Sends a batch and waits for what the receiver says.
    pub(crate) fn post(&self, key: &str, json: Vec<u8>) -> impl Future<Output = Answer> + Send + use<> {
        let request = self.request().header(HeaderName::from_static("idempotency-key"), key);
        let (compress, place, timeout_ms) = (self.config.compress, self.place().to_owned(), self.config.timeout_ms);
        async move {
            match pack(json, compress).await {
                Ok((body, None)) => answer(request.body(body), place, timeout_ms).await,
                Ok((body, Some(name))) => {
                    answer(request.header(CONTENT_ENCODING, name).body(body), place, timeout_ms).await
                }
                Err(what) => Answer::Lost(format!("a batch cannot be compressed: {what}")),
            }
        }
    }

    /// Asks for commands; `None` when there are none. Of an answer no more than `bytes_max` are read.
    ///
    /// # Errors
    /// In words, when there is no such answer.
    pub(crate) async fn commands(&self, bytes_max: usize) -> Result<Option<Vec<u8>>, String> {
        let request = self.authorized(self.client.get(&self.config.url)).header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(|error| self.words(&error))?;
        match response.status() {
            StatusCode::NO_CONTENT => Ok(None),
            StatusCode::OK => match body(&mut response, bytes_max).await {
                Ok(Some(body)) => Ok(Some(body)),
                Ok(None) => Err(format!("the receiver {} lists more than {bytes_max} bytes of commands", self.place())),
                Err(error) => Err(self.words(&error)),
            },
            status => Err(format!("the receiver {} answers a question for commands with {status}", self.place())),
        }
    }

    /// Posts receipts of commands, a batch of CloudEvents.
    ///
    /// # Errors
    /// In words, when they are not taken.
    pub(crate) async fn receipts(&self, json: Vec<u8>) -> Result<(), String> {
        let (path, query) = match self.config.url.split_once('?') {
            Some((path, query)) => (path, format!("?{query}")),
            None => (self.config.url.as_str(), String::new()),
        };
        let url = format!("{}/receipts{query}", path.trim_end_matches('/'));
        let request = self.authorized(self.client.post(url)).header(CONTENT_TYPE, BATCH).body(json);
        let response = request.send().await.map_err(|error| self.words(&error))?;
        let status = response.status();
        let refused = || format!("the receiver {} answers receipts of commands with {status}", self.place());
        status.is_success().then_some(()).ok_or_else(refused)
    }

    fn words(&self, error: &reqwest::Error) -> String {
        words(error, self.place(), self.config.timeout_ms)
    }

    fn request(&self) -> RequestBuilder {
        self.authorized(self.client.post(&self.config.url).header(CONTENT_TYPE, BATCH))
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.config.token {
            Some(token) => request.bearer_auth(&token.0),
            None => request,
        }
    }
}

/// Where it does not keep others waiting.
async fn pack(json: Vec<u8>, how: Compress) -> Result<(Vec<u8>, Option<&'static str>), String> {
    let packed = tokio::task::spawn_blocking(move || compressed(json, how)).await;
    packed.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

async fn answer(request: RequestBuilder, place: String, timeout_ms: u64) -> Answer {
    let lost = |error: &reqwest::Error| Answer::Lost(words(error, &place, timeout_ms));
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return lost(&error),
    };
    let body = match body(&mut response, limits::ANSWER_BYTES_MAX).await {
        Ok(Some(body)) => body,
        Ok(None) => {
            return Answer::Misconfigured(format!(
                "the receiver {place} answers with more than {} bytes; check the url",
                limits::ANSWER_BYTES_MAX
            ));
        }
        Err(error) => return lost(&error),
    };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let told = Told {
        status: response.status().as_u16(),
        retry_after: header("retry-after"),
        date: header("date"),
        location: header("location"),
        body: &body,
    };
    answer::read(told, &place)
}

/// `None` when it is too long.
async fn body(response: &mut Response, bytes_max: usize) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > bytes_max {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn words(error: &reqwest::Error, place: &str, timeout_ms: u64) -> String {
    if error.is_timeout() {
        return format!(
            "the receiver {place} has not answered within {timeout_ms} ms; it hangs, is overloaded, or cannot be reached"
        );
    }
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    let advice = if cause.to_lowercase().contains("certificate") {
        "; check the receiver's certificate, the uplink's ca_file and this box's clock"
    } else if cause.contains("refused") {
        ", nothing listens there; check the port and whether the receiver runs"
    } else {
        "; check the address, the network settings of this box and the firewall"
    };
    format!("no answer from the receiver {place}: {cause}{advice}")
}

fn tls(config: &HttpUplink) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(config.ca_pem.as_deref().unwrap_or_default()) {
        roots.add(authority.map_err(|error| error.to_string())?).map_err(|error| format!("ca_file: {error}"))?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots);
    let Some(own) = &config.client_certificate else { return Ok(builder.with_no_client_auth()) };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&own.certificate_pem).collect();
    let chain = chain.map_err(|error| format!("client_certificate_file: {error}"))?;
    let key =
        PrivateKeyDer::from_pem_slice(own.key_pem.0.as_bytes()).map_err(|error| format!("client_key_file: {error}"))?;
    builder.with_client_auth_cert(chain, key).map_err(|error| format!("client_key_file: {error}"))
}
