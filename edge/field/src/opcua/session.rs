//! A session with a server, never mended: when it breaks, the next one begins from scratch.
//!
//! The library can mend sessions and make their subscriptions again by itself, but then it sends no publish request any
//! more, or mixes up the subscriptions of a server that numbers them from one again. So that is switched off, and a new
//! session is as good as the first one.

use crate::{
    limits::{self, opcua as bounds},
    net,
    opcua::security::{Pki, Secured, Security, Words},
};
use davy_config::OpcUaSource;
use davy_core::time::UtcTime;
use futures::{FutureExt, Stream, StreamExt, future::Fuse, stream};
use opcua::{
    client::{
        AsyncSecureChannel, ClientBuilder, ClientConfig, Session, SessionBuilder, SessionPollResult,
        transport::{ConnectorBuilder, TransportPollResult},
    },
    core::{ResponseMessage, sync::RwLock},
    crypto::CertificateStore,
    types::{DateTime, EndpointDescription, Error, GetEndpointsRequest, RequestHeader, StatusCode},
};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// What happens to a session, or in words why it cannot go on. It lives only while this is polled.
pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<SessionPollResult, String>> + Send>>;

/// Asks the server how it may be reached and prepares a session; connecting is the first thing that the events do. Beside
/// it, what a person should know of the connection.
///
/// # Errors
/// In words.
pub(crate) async fn open(
    config: &OpcUaSource,
    place: &str,
    security: &Security,
) -> Result<(Arc<Session>, Events, Vec<String>), String> {
    let found = found(place, security.utc).await?;
    let ahead_ms = found.ahead_ms;
    let secured = prepare(config, place, security, found).await.map_err(|words| format!("{place}: {words}"))?;
    let Secured { endpoint, token, store, application_uri, words, notes, pinned } = secured;
    let session = SessionBuilder::new(&settings(&application_uri, ahead_ms))
        .connect_to_endpoint_directly(endpoint)
        .and_then(|builder| builder.user_identity_token(token).build(store));
    let (session, events) = session.map_err(|error| format!("{place}: {error}"))?;
    let events = events.enter().map(move |event| explain(event, &words)).boxed();
    let withdrawn = pinned.map(|facts| withdrawn(Arc::clone(&security.pki), facts.sha256));
    Ok((session, while_trusted(events, withdrawn), notes))
}

/// What a server offers.
///
/// # Errors
/// In words.
pub(crate) async fn found(place: &str, utc: fn() -> UtcTime) -> Result<Found, String> {
    match timeout(limits::CONNECT_MAX, discover(&settings("", 0), place, utc)).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(unreachable(place, &error).await),
        Err(_) => Err(format!("{place} does not answer within {} s", limits::CONNECT_MAX.as_secs())),
    }
}

/// Judging certificates reads the disk, and making our own takes seconds the first time.
async fn prepare(config: &OpcUaSource, place: &str, security: &Security, found: Found) -> Result<Secured, String> {
    let (config, place, security) = (config.clone(), place.to_owned(), security.clone());
    let prepared =
        tokio::task::spawn_blocking(move || security.prepare(&config, &place, found.endpoints, found.ahead_ms)).await;
    prepared.unwrap_or_else(|error| Err(format!("the set-up was broken off: {error}")))
}

fn explain(event: Result<SessionPollResult, StatusCode>, words: &Words) -> Result<SessionPollResult, String> {
    match event {
        Err(status) | Ok(SessionPollResult::ConnectionLost(status) | SessionPollResult::ReconnectFailed(status)) => {
            Err(words.of(status))
        }
        Ok(other) => Ok(other),
    }
}

/// Ends with words when the trust in the server is withdrawn.
fn while_trusted(
    events: impl Stream<Item = Result<SessionPollResult, String>> + Send + Unpin + 'static,
    withdrawn: Option<impl Future<Output = ()> + Send + 'static>,
) -> Events {
    let withdrawn = withdrawn.map_or_else(Fuse::terminated, FutureExt::fuse);
    Box::pin(stream::unfold((events, Box::pin(withdrawn)), |(mut events, mut withdrawn)| async move {
        let event = tokio::select! {
            biased;
            () = &mut withdrawn => Some(Err("the server's certificate is no longer trusted".to_owned())),
            event = events.next() => event,
        };
        event.map(|event| (event, (events, withdrawn)))
    }))
}

async fn withdrawn(pki: Arc<Pki>, sha256: String) {
    loop {
        sleep(bounds::TRUST_AGAIN).await;
        let (pki, sha256) = (Arc::clone(&pki), sha256.clone());
        if let Ok(false) = tokio::task::spawn_blocking(move || pki.still_trusts(&sha256)).await {
            return;
        }
    }
}

/// Closes the session in order, so that the server keeps nothing of it, or gives up after a while.
pub(crate) async fn close(session: &Session, events: &mut Events) {
    let ended = async { while events.next().await.is_some() {} };
    // Whether it was heard or not, the session is over.
    let _ = timeout(limits::CLOSE_MAX, async { tokio::join!(session.disconnect(), ended) }).await;
}

fn settings(application_uri: &str, ahead_ms: i64) -> ClientConfig {
    let ms = |duration: Duration| u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
    ClientBuilder::new()
        .application_name("Davy")
        .application_uri(application_uri)
        .product_uri("urn:davy")
        .session_name("davy")
        .trust_server_certs(false)
        // The library would shift the times of the values as well.
        .ignore_clock_skew(false)
        .recreate_subscriptions(false)
        .session_retry_limit(0)
        .session_timeout(ms(bounds::SESSION_LIFETIME))
        .channel_lifetime(ms(channel_lifetime(ahead_ms)))
        .keep_alive_interval(bounds::ALIVE_EVERY)
        .request_timeout(bounds::REQUEST_MAX)
        .publish_timeout(bounds::PUBLISH_MAX)
        .max_array_length(bounds::ARRAY_MAX)
        .max_message_size(bounds::MESSAGE_BYTES_MAX)
        .max_chunk_count(bounds::CHUNKS_MAX)
        .max_string_length(bounds::STRING_BYTES_MAX)
        .max_byte_string_length(bounds::BYTE_STRING_BYTES_MAX)
        .into_config()
}

/// The library judges the age of the connection's token by both clocks: it is renewed when it seems to be three quarters
/// old, and the server takes it for five quarters. A long life leaves room for clocks that are hours apart.
fn channel_lifetime(ahead_ms: i64) -> Duration {
    let apart = Duration::from_millis(ahead_ms.unsigned_abs());
    apart.saturating_mul(6).clamp(bounds::CHANNEL_LIFETIME, bounds::CHANNEL_LIFETIME_MAX)
}

/// Asking what there is needs no certificate; nothing is read from there or stored.
fn no_certificates() -> Arc<RwLock<CertificateStore>> {
    Arc::new(RwLock::new(CertificateStore::new("/nonexistent".as_ref())))
}

/// What a server says before anybody is sure who it is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) endpoints: Vec<EndpointDescription>,
    /// By how much its clock is ahead of ours.
    pub(crate) ahead_ms: i64,
}

async fn discover(client: &ClientConfig, place: &str, utc: fn() -> UtcTime) -> Result<Found, Error> {
    let connector = place.build()?;
    let channel = SessionBuilder::new(client).connect_to_endpoint_directly(place)?.build_channel(no_certificates())?;
    let mut events = channel.connect_no_retry(&connector).await?;
    let answer = {
        let question = ask_for_endpoints(&channel, place, utc);
        tokio::pin!(question);
        loop {
            tokio::select! {
                answer = &mut question => break answer,
                event = events.poll() => if let TransportPollResult::Closed(status) = event {
                    return Err(Error::new(status, "the connection was closed"));
                }
            }
        }
    };
    channel.close_channel().await;
    let closed = async { while !matches!(events.poll().await, TransportPollResult::Closed(_)) {} };
    // Whether the goodbye was heard or not, there is an answer.
    let _ = timeout(limits::CLOSE_MAX, closed).await;
    answer
}

async fn ask_for_endpoints(channel: &AsyncSecureChannel, place: &str, utc: fn() -> UtcTime) -> Result<Found, Error> {
    let request_header = RequestHeader {
        timestamp: DateTime::now(),
        request_handle: channel.request_handle(),
        timeout_hint: u32::try_from(bounds::REQUEST_MAX.as_millis()).unwrap_or(u32::MAX),
        ..RequestHeader::default()
    };
    let request =
        GetEndpointsRequest { request_header, endpoint_url: place.into(), locale_ids: None, profile_uris: None };
    let asked = utc();
    let response = channel.send(request, bounds::REQUEST_MAX).await?;
    let answered = utc();
    let ResponseMessage::GetEndpoints(response) = response else {
        return Err(Error::new(StatusCode::BadUnknownResponse, format!("{response:?}")));
    };
    // The server looked at its clock somewhere in between.
    let ours = UtcTime(asked.0.midpoint(answered.0));
    let theirs = response.response_header.timestamp;
    let ahead_ms = if theirs.is_null() { 0 } else { UtcTime(theirs.as_chrono().timestamp_millis()).since(ours) };
    Ok(Found { endpoints: response.endpoints.unwrap_or_default(), ahead_ms })
}

/// Why there is no connection. The library says only that there is none, so the address is tried once more by hand.
async fn unreachable(place: &str, error: &Error) -> String {
    if let Some((host, port)) = host_and_port(place)
        && let Err(words) = net::connect(host, port, limits::CONNECT_MAX).await
    {
        return words;
    }
    format!("{place}: {}", words(error.status()))
}

const PORT: u16 = 4840;

/// `opc.tcp://host:port/path`, also with an IPv6 address in brackets.
pub(crate) fn host_and_port(place: &str) -> Option<(&str, u16)> {
    let rest = place.strip_prefix("opc.tcp://")?;
    let authority = rest.split('/').next()?;
    if let Some((host, port)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return Some((host, port.strip_prefix(':').map_or(Some(PORT), |port| port.parse().ok())?));
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((authority, PORT)),
    }
}

/// A status of the connection, in words that say what to look at.
pub(crate) fn words(status: StatusCode) -> String {
    let known = match status {
        StatusCode::BadTimeout => "timed out; the server is too slow or hangs",
        StatusCode::BadConnectionClosed | StatusCode::BadConnectionRejected | StatusCode::BadCommunicationError => {
            "the server closed the connection"
        }
        StatusCode::BadServerHalted => "the server says that it does not run",
        StatusCode::BadSecurityPolicyRejected | StatusCode::BadSecurityModeRejected => {
            "the server refuses a connection without security; allow it there, or configure the source's security"
        }
        StatusCode::BadTooManySessions => "the server has no free session; close unused clients or raise its limit",
        StatusCode::BadDecodingError | StatusCode::BadEncodingLimitsExceeded => {
            "an answer of the server could not be read"
        }
        other => return other.to_string(),
    };
    format!("{known} ({status})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        for (place, expected) in [
            ("opc.tcp://10.0.0.7:4841/server/x", Some(("10.0.0.7", 4841))),
            ("opc.tcp://dcs", Some(("dcs", 4840))),
            ("opc.tcp://[::1]:4841/", Some(("::1", 4841))),
            ("opc.tcp://[::1]", Some(("::1", 4840))),
            ("opc.tcp://dcs:x", None),
            ("http://dcs", None),
        ] {
            assert_eq!(host_and_port(place), expected, "{place}");
        }
    }
}
