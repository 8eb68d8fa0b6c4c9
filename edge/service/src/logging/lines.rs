//! The newest lines of the log in memory, as the page reads them. Nothing that is said to the log is a secret; what looks like one is
//! made unreadable all the same, because these lines are carried further than the log of a machine.

use crate::clock;
use davy_api::{LogLevel, Logs};
use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, LazyLock},
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

static HELD: LazyLock<Arc<Logs>> = LazyLock::new(Arc::default);

/// The lines of this process.
pub(crate) fn held() -> Arc<Logs> {
    Arc::clone(&HELD)
}

/// Keeps what is logged.
pub(super) struct ToMemory;

impl<S: Subscriber> Layer<S> for ToMemory {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        let said = event.metadata();
        HELD.add(clock::utc(), level(*said.level()), said.target(), &without_secrets(&words.line()));
    }
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

/// A message and its fields, as the text on standard error has them.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Words {
    fn line(self) -> String {
        if self.message.is_empty() { self.fields.trim_start().to_owned() } else { self.message + &self.fields }
    }

    fn take(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            // Where a library that logs in another way has said it.
            name if name.starts_with("log.") => Ok(()),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, value);
    }
}

/// Passwords within addresses (`scheme://user:password@host`, RFC 3986, 3.2.1), and tokens of ours.
fn without_secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, length, instead)) = next_secret(rest) {
        out.push_str(&rest[..at]);
        out.push_str(instead);
        rest = &rest[at + length..];
    }
    out + rest
}

/// Where the next one begins, how long it is, and what is to stand there.
fn next_secret(text: &str) -> Option<(usize, usize, &'static str)> {
    let of_address = in_address(text).map(|(at, length)| (at, length, "***"));
    let of_token = text.match_indices("davy_").find_map(|(at, prefix)| {
        let digits = text[at + prefix.len()..].bytes().take_while(u8::is_ascii_hexdigit).count();
        (digits >= TOKEN_DIGITS).then_some((at, prefix.len() + digits, "davy_***"))
    });
    [of_address, of_token].into_iter().flatten().min()
}

/// As many hexadecimal digits in a row are no word.
const TOKEN_DIGITS: usize = 32;

fn in_address(text: &str) -> Option<(usize, usize)> {
    text.match_indices("://").find_map(|(at, mark)| {
        let begins = at + mark.len();
        let authority = text[begins..].split(['/', '?', '#', ' ', '"', '\'', '>', ')']).next()?;
        let user = &authority[..authority.rfind('@')?];
        let password = &user[user.find(':')? + 1..];
        let hidden = password.is_empty() || password == "***";
        (!hidden).then(|| (begins + user.len() - password.len(), password.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt as _;

    #[test]
    fn what_looks_like_a_secret_is_made_unreadable() {
        let token = format!("davy_{}", "0a".repeat(32));
        for (text, expected) in [
            ("connected to mqtt://host:1883".to_owned(), "connected to mqtt://host:1883"),
            ("mqtt://me:pa:ss@host:1883/x failed".to_owned(), "mqtt://me:***@host:1883/x failed"),
            ("a://u:p@h and b://v:q@i".to_owned(), "a://u:***@h and b://v:***@i"),
            ("opc.tcp://user@host".to_owned(), "opc.tcp://user@host"),
            (format!("shown {token}, {token}"), "shown davy_***, davy_***"),
            ("davy_api: davy_store".to_owned(), "davy_api: davy_store"),
        ] {
            assert_eq!(without_secrets(&text), expected);
            assert_eq!(without_secrets(expected), expected, "once is enough");
        }
    }

    #[test]
    fn a_line_has_its_message_first_and_its_fields() {
        let before = held().all().len();
        let subscriber = tracing_subscriber::registry().with(ToMemory);
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(source = "dcs", count = 3, "a source is down: {}", "refused");
            tracing::info!(alone = true);
        });
        let said: Vec<_> = held().all().into_iter().skip(before).map(|line| (line.level, line.text)).collect();
        let expected = [
            (LogLevel::Warn, "a source is down: refused source=\"dcs\" count=3".to_owned()),
            (LogLevel::Info, "alone=true".to_owned()),
        ];
        assert!(expected.iter().all(|line| said.contains(line)), "{said:?}");
    }
}
