//! A session lives only while its events are polled: how to ask it something and do nothing else.

use crate::opcua::session::{Events, words};
use futures::StreamExt;
use opcua::client::SessionPollResult;
use std::future::Future;

/// Waits until the session is there.
pub(crate) async fn connected(events: &mut Events) -> Result<(), String> {
    loop {
        match events.next().await {
            Some(Ok(SessionPollResult::Reconnected(_))) => return Ok(()),
            Some(Ok(SessionPollResult::ReconnectFailed(status) | SessionPollResult::ConnectionLost(status))) => {
                return Err(words(status));
            }
            Some(Ok(_)) => {}
            Some(Err(words)) => return Err(words),
            None => return Err(ENDED.to_owned()),
        }
    }
}

/// What is asked of a session, while its events are polled.
pub(crate) async fn driven<T>(
    events: &mut Events,
    asked: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    tokio::pin!(asked);
    loop {
        tokio::select! {
            answer = &mut asked => return answer,
            event = events.next() => match event {
                None => return Err(ENDED.to_owned()),
                Some(Err(words)) => return Err(words),
                Some(Ok(SessionPollResult::ConnectionLost(status))) => return Err(words(status)),
                Some(Ok(_)) => {}
            },
        }
    }
}

const ENDED: &str = "the session ended";
