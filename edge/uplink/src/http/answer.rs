//! What an answer means, from its status, headers and body. Pure.

use super::receipts::{self, Receipt};
use crate::limits;
use std::time::{Duration, SystemTime};

/// What an answer means for the batch, or for the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Of each row; `None` when every row is taken.
    Rows(Option<Vec<Receipt>>),
    /// Something in the batch cannot be taken, and the receiver does not say which row.
    Unreadable(String),
    /// The batch is larger than the receiver takes.
    TooLarge(String),
    /// Nothing is to be sent for so long.
    Wait(Duration, String),
    /// The receiver cannot take anything now.
    Lost(String),
    /// It will not before a person has changed something.
    Misconfigured(String),
}

/// What is looked at of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told<'a> {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<&'a str>,
    pub(crate) date: Option<&'a str>,
    pub(crate) location: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Reads an answer of the receiver at `place`, which is named in the words.
pub(crate) fn read(told: Told<'_>, place: &str) -> Answer {
    let Told { status, .. } = told;
    let said = || said(told.body);
    match status {
        200..=299 => match receipts::read(told.body) {
            Ok(rows) => Answer::Rows(rows),
            Err(what) => Answer::Misconfigured(format!(
                "the receiver {place} answers {status} with what are no receipts ({what}); check the url, and that nothing answers in its place"
            )),
        },
        300..=399 => Answer::Misconfigured(format!(
            "the receiver {place} redirects to {}, and redirects are not followed; write the right address in url",
            receipts::words(told.location)
        )),
        400 | 422 => match receipts::read(told.body) {
            Ok(Some(rows)) => Answer::Rows(Some(rows)),
            Ok(None) | Err(_) => Answer::Unreadable(format!("answered with {status}{}", said())),
        },
        401 | 403 => Answer::Misconfigured(format!(
            "the receiver {place} does not let this gateway in ({status}{}); check token and client certificate of the uplink",
            said()
        )),
        408 | 409 | 425 => Answer::Lost(format!("the receiver {place} asks to send again ({status}{})", said())),
        413 => Answer::TooLarge(format!("answered with {status}{}", said())),
        415 => Answer::Misconfigured(format!(
            "the receiver {place} does not take batches of CloudEvents so compressed ({status}{}); write compress = \"none\" or correct the receiver",
            said()
        )),
        429 | 503 => match told.retry_after.and_then(|text| retry_after(text, told.date)) {
            Some(wait) => {
                Answer::Wait(wait, format!("the receiver {place} asks to wait {} s ({status})", wait.as_secs()))
            }
            None => Answer::Lost(format!("the receiver {place} takes nothing now ({status}{})", said())),
        },
        500..=599 => Answer::Lost(format!("the receiver {place} fails ({status}{})", said())),
        _ => Answer::Misconfigured(format!(
            "the receiver {place} answers {status}{}; check the url and the receiver",
            said()
        )),
    }
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date, which is measured against the receiver's own clock where it tells it.
fn retry_after(text: &str, date: Option<&str>) -> Option<Duration> {
    let wait = match text.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let parse = |text| httpdate::parse_http_date(text).ok();
            let now = date.and_then(parse).unwrap_or_else(SystemTime::now);
            parse(text.trim())?.duration_since(now).unwrap_or_default()
        }
    };
    Some(wait.min(limits::RETRY_AFTER_MAX))
}

/// The beginning of a body that is text, for a person.
fn said(body: &[u8]) -> String {
    let beginning = &body[..body.len().min(limits::REASON_CHARS_MAX)];
    match std::str::from_utf8(beginning).map(str::trim) {
        Ok("") | Err(_) => String::new(),
        Ok(text) => format!(": {}", receipts::words(Some(text))),
    }
}

#[cfg(test)]
mod tests;
