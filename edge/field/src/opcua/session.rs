//! A session with a server, never mended: when it breaks, the next one begins from scratch.
//!
//! The library can mend sessions and make their subscriptions again by itself, but then it sends no publish request any
//! more, or mixes up the subscriptions of a server that numbers them from one again. So that is switched off, and a new
//! session is as good as the first one.

use crate::{
    limits::{self, opcua as bounds},
    net,
};
use davy_config::{OpcUaSecurity, OpcUaSource};
use futures::{Stream, StreamExt};
use opcua::{
    client::{
        AsyncSecureChannel, ClientBuilder, ClientConfig, IdentityToken, Session, SessionBuilder, SessionPollResult,
        transport::{ConnectorBuilder, TransportPollResult},
    },
    core::{ResponseMessage, sync::RwLock},
    crypto::{CertificateStore, SecurityPolicy},
    types::{
        DateTime, EndpointDescription, Error, GetEndpointsRequest, MessageSecurityMode, RequestHeader, StatusCode,
        UserTokenType,
    },
};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::time::timeout;

/// What happens to a session. It lives only while this is polled.
pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<SessionPollResult, StatusCode>> + Send>>;

/// Asks the server how it may be reached and prepares a session; connecting is the first thing that the events do.
///
/// # Errors
/// In words.
pub(crate) async fn open(config: &OpcUaSource, place: &str) -> Result<(Arc<Session>, Events), String> {
    let client = settings();
    let offered = match timeout(limits::CONNECT_MAX, discover(&client, place)).await {
        Ok(Ok(offered)) => offered,
        Ok(Err(error)) => return Err(unreachable(place, &error).await),
        Err(_) => return Err(format!("{place} does not answer within {} s", limits::CONNECT_MAX.as_secs())),
    };
    let mut endpoint = choose(config.security, offered).map_err(|words| format!("{place}: {words}"))?;
    // A server often advertises a name that cannot be reached from here. The configured address is the one to use.
    endpoint.endpoint_url = place.into();
    let session = SessionBuilder::new(&client)
        .connect_to_endpoint_directly(endpoint)
        .and_then(|builder| builder.user_identity_token(IdentityToken::Anonymous).build(no_certificates()));
    let (session, events) = session.map_err(|error| format!("{place}: {error}"))?;
    Ok((session, Box::pin(events.enter())))
}

/// Closes the session in order, so that the server keeps nothing of it, or gives up after a while.
pub(crate) async fn close(session: &Session, events: &mut Events) {
    let ended = async { while events.next().await.is_some() {} };
    // Whether it was heard or not, the session is over.
    let _ = timeout(limits::CLOSE_MAX, async { tokio::join!(session.disconnect(), ended) }).await;
}

fn settings() -> ClientConfig {
    let ms = |duration: Duration| u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
    ClientBuilder::new()
        .application_name("Davy")
        .application_uri("urn:davy:gateway")
        .product_uri("urn:davy")
        .session_name("davy")
        .recreate_subscriptions(false)
        .session_retry_limit(0)
        .session_timeout(ms(bounds::SESSION_LIFETIME))
        .channel_lifetime(ms(bounds::CHANNEL_LIFETIME))
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

/// An unsecured connection has no use for certificates; nothing is read from there or stored.
fn no_certificates() -> Arc<RwLock<CertificateStore>> {
    Arc::new(RwLock::new(CertificateStore::new("pki".as_ref())))
}

async fn discover(client: &ClientConfig, place: &str) -> Result<Vec<EndpointDescription>, Error> {
    let connector = place.build()?;
    let channel = SessionBuilder::new(client).connect_to_endpoint_directly(place)?.build_channel(no_certificates())?;
    let mut events = channel.connect_no_retry(&connector).await?;
    let answer = {
        let question = ask_for_endpoints(&channel, place);
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

async fn ask_for_endpoints(channel: &AsyncSecureChannel, place: &str) -> Result<Vec<EndpointDescription>, Error> {
    let request_header = RequestHeader {
        timestamp: DateTime::now(),
        request_handle: channel.request_handle(),
        timeout_hint: u32::try_from(bounds::REQUEST_MAX.as_millis()).unwrap_or(u32::MAX),
        ..RequestHeader::default()
    };
    let request =
        GetEndpointsRequest { request_header, endpoint_url: place.into(), locale_ids: None, profile_uris: None };
    let response = channel.send(request, bounds::REQUEST_MAX).await?;
    let ResponseMessage::GetEndpoints(response) = response else {
        return Err(Error::new(StatusCode::BadUnknownResponse, format!("{response:?}")));
    };
    Ok(response.endpoints.unwrap_or_default())
}

/// The endpoint with the configured security; never one with less.
fn choose(security: OpcUaSecurity, offered: Vec<EndpointDescription>) -> Result<EndpointDescription, String> {
    let OpcUaSecurity::None = security;
    let names: Vec<String> = offered.iter().map(name).collect();
    let unsecured = |endpoint: &EndpointDescription| {
        endpoint.security_mode == MessageSecurityMode::None
            && endpoint.security_policy_uri.as_ref() == SecurityPolicy::None.to_uri()
    };
    let mut unsecured = offered.into_iter().filter(unsecured).peekable();
    if unsecured.peek().is_none() {
        return Err(format!(
            "the server offers no connection without security but {}; allow it there, or configure the source's security",
            names.join(", ")
        ));
    }
    unsecured
        .find(takes_anonymous)
        .ok_or_else(|| "the server takes no anonymous user; allow one that may only read".into())
}

fn takes_anonymous(endpoint: &EndpointDescription) -> bool {
    endpoint
        .user_identity_tokens
        .as_ref()
        .is_none_or(|tokens| tokens.iter().any(|token| token.token_type == UserTokenType::Anonymous))
}

fn name(endpoint: &EndpointDescription) -> String {
    let policy = endpoint.security_policy_uri.as_ref();
    let policy = policy.rsplit('#').next().unwrap_or(policy);
    format!("{policy} {}", endpoint.security_mode)
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
fn host_and_port(place: &str) -> Option<(&str, u16)> {
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
        StatusCode::BadIdentityTokenRejected
        | StatusCode::BadIdentityTokenInvalid
        | StatusCode::BadUserAccessDenied => "the server refuses an anonymous user; allow one that may only read",
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
    use opcua::types::UserTokenPolicy;

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

    #[test]
    fn the_unsecured_endpoint_is_taken_and_no_other() {
        let endpoint = |policy: SecurityPolicy, mode, token: Option<UserTokenPolicy>| EndpointDescription {
            security_policy_uri: policy.to_uri().into(),
            security_mode: mode,
            user_identity_tokens: token.map(|token| vec![token]),
            ..EndpointDescription::default()
        };
        let anonymous = Some(UserTokenPolicy { policy_id: "anyone".into(), ..UserTokenPolicy::anonymous() });
        let named = Some(UserTokenPolicy { token_type: UserTokenType::UserName, ..UserTokenPolicy::anonymous() });
        let secured = endpoint(SecurityPolicy::Basic256Sha256, MessageSecurityMode::SignAndEncrypt, anonymous.clone());
        let unsecured = endpoint(SecurityPolicy::None, MessageSecurityMode::None, anonymous);
        let for_users = endpoint(SecurityPolicy::None, MessageSecurityMode::None, named);
        let choose = |offered: &[&EndpointDescription]| {
            super::choose(OpcUaSecurity::None, offered.iter().map(|endpoint| (*endpoint).clone()).collect())
        };
        assert_eq!(choose(&[&secured, &for_users, &unsecured]), Ok(unsecured));
        let refused = choose(&[&secured]).unwrap_err();
        assert!(refused.contains("Basic256Sha256 SignAndEncrypt"), "{refused}");
        assert!(choose(&[&for_users]).unwrap_err().contains("anonymous"));
        assert!(choose(&[]).is_err());
    }
}
