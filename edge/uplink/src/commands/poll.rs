//! Commands over HTTP: the gateway asks for them, and posts their receipts.
//!
//! `GET {url}` gives those that have no receipt yet, `POST {url}/receipts` takes receipts as CloudEvents. So nothing has to be
//! remembered between two questions, on either side but for the command itself: one whose receipt was lost is listed again,
//! and answered with the same.

use super::clerk::Clerk;
use crate::{http::Connection, limits};
use davy_config::{HttpUplink, Poll};
use serde::Deserialize;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// What a receiver answers when it is asked for commands, with status 200; with 204 there are none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CommandList {
    /// Commands without a receipt, in the order in which they are to be done, each a JWS in compact serialisation. Those beyond 32
    /// are not looked at: they are due when the first ones have their receipts.
    pub commands: Vec<String>,
}

pub(super) async fn run(config: HttpUplink, poll: Poll, mut clerk: Clerk) {
    let url = poll.url;
    let place = url.split('?').next().unwrap_or_default().to_owned();
    let connection = match Connection::new(&HttpUplink { url, ..config }) {
        Ok(connection) => connection,
        Err(reason) => return tracing::error!(event = "commands_not_polled", place, reason),
    };
    let mut every = interval(Duration::from_millis(poll.every_ms));
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = String::new();
    loop {
        every.tick().await;
        clerk.look();
        let reason = ask(&connection, &mut clerk).await.err().unwrap_or_default();
        if reason != told {
            if reason.is_empty() {
                tracing::info!(event = "commands_polled", place, "the receiver is asked for commands again");
            } else {
                tracing::warn!(event = "commands_not_polled", place, reason);
            }
            told = reason;
        }
    }
}

/// Asks once, and answers what there is.
async fn ask(connection: &Connection, clerk: &mut Clerk) -> Result<(), String> {
    let bytes_max = clerk.bytes_max() + limits::COMMANDS_ANSWER_BYTES;
    let Some(body) = connection.commands(bytes_max).await? else { return Ok(()) };
    let list: CommandList = serde_json::from_slice(&body)
        .map_err(|error| format!("what the receiver answers is no list of commands: {error}; see docs/schemas"))?;
    let mut events = Vec::new();
    for jws in list.commands.iter().take(limits::COMMANDS_PER_ANSWER) {
        if let Some(receipt) = clerk.answer(None, jws.as_bytes()).await {
            events.push(clerk.origin.reply_event(&receipt));
        }
    }
    if events.is_empty() { Ok(()) } else { connection.receipts(batch(&events)).await }
}

fn batch(events: &[Vec<u8>]) -> Vec<u8> {
    let mut json = b"[".to_vec();
    json.extend(events.join(&b','));
    json.push(b']');
    json
}
