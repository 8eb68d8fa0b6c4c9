//! The gateway's own log, as far back as memory holds it: a ring that the program writes and that the page reads by place.

use crate::{
    app::App,
    extract::Asked,
    limits,
    paging::{Page, checked_limit},
    problem::{Kind, Problem},
};
use axum::{Json, extract::State};
use davy_core::time::UtcTime;
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How grave a line is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Something does not work.
    Error,
    /// Something may not work soon, or is odd.
    Warn,
    /// What happened.
    Info,
    /// For whoever looks for a fault.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    pub(crate) const CODES: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Its place since the start of the process, from 1.
    pub seq: u64,
    /// When.
    pub at: UtcTime,
    /// How grave.
    pub level: LogLevel,
    /// Which part of the program says it.
    pub target: String,
    /// What it says, with its fields; cut where it is very long.
    pub text: String,
}

/// The newest lines. Beyond a number of them, or of bytes, the oldest go.
#[derive(Debug, Default)]
pub struct Logs(Mutex<Ring>);

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    bytes: usize,
    last: u64,
}

impl Logs {
    /// One more line.
    pub fn add(&self, at: UtcTime, level: LogLevel, target: &str, text: &str) {
        let mut ring = self.ring();
        ring.last += 1;
        let line = LogLine { seq: ring.last, at, level, target: target.to_owned(), text: cut(text) };
        ring.bytes += line.bytes();
        ring.lines.push_back(line);
        while ring.lines.len() > limits::LOG_LINES_MAX || ring.bytes > limits::LOG_BYTES_MAX {
            let Some(gone) = ring.lines.pop_front() else { return };
            ring.bytes -= gone.bytes();
        }
    }

    /// Every line that is held, the oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<LogLine> {
        self.ring().lines.iter().cloned().collect()
    }

    fn page(&self, wanted: &Wanted) -> Page<LogLine> {
        let ring = self.ring();
        let mut found = ring.lines.iter().filter(|line| wanted.takes(line));
        let items: Vec<LogLine> = found.by_ref().take(wanted.limit).cloned().collect();
        let next = items.last().filter(|_| found.next().is_some()).map(|line| line.seq.to_string());
        Page { items, next }
    }

    /// A line that a thread left half-written while it panicked ends the process anyway.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogLine {
    fn bytes(&self) -> usize {
        self.target.len() + self.text.len() + size_of::<Self>()
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(limits::LOG_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedLines {
    limit: Option<usize>,
    after: Option<String>,
    level: Option<LogLevel>,
    contains: Option<String>,
}

struct Wanted {
    limit: usize,
    after: u64,
    level: LogLevel,
    /// In small letters.
    contains: String,
}

impl Wanted {
    fn takes(&self, line: &LogLine) -> bool {
        let said = || line.text.to_lowercase().contains(&self.contains) || line.target.contains(&self.contains);
        line.seq > self.after && line.level <= self.level && (self.contains.is_empty() || said())
    }
}

pub(crate) async fn logs(
    State(app): State<Arc<App>>,
    Asked(asked): Asked<AskedLines>,
) -> Result<Json<Page<LogLine>>, Problem> {
    let AskedLines { limit, after, level, contains } = asked;
    let after = after.as_deref().map_or(Ok(0), str::parse);
    let wanted = Wanted {
        limit: checked_limit(limit)?,
        after: after.map_err(|_| Kind::BadQuery.with("`after` must be a line's place, its `seq`"))?,
        level: level.unwrap_or(LogLevel::Trace),
        contains: contains.unwrap_or_default().to_lowercase(),
    };
    Ok(Json(app.context.logs.page(&wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted { limit: 2, after: 0, level: LogLevel::Trace, contains: String::new() }
    }

    fn read(logs: &Logs, wanted: &Wanted) -> (Vec<u64>, Option<String>) {
        let Page { items, next } = logs.page(wanted);
        (items.into_iter().map(|line| line.seq).collect(), next)
    }

    #[test]
    fn lines_are_read_by_place_level_and_words() {
        let logs = Logs::default();
        for (level, text) in [
            (LogLevel::Info, "the page shows"),
            (LogLevel::Warn, "Source DCS is down"),
            (LogLevel::Error, "dcs again"),
            (LogLevel::Debug, "a connection"),
        ] {
            logs.add(UtcTime(0), level, "davy", text);
        }
        assert_eq!(read(&logs, &wanted()), (vec![1, 2], Some("2".to_owned())));
        assert_eq!(read(&logs, &Wanted { after: 2, ..wanted() }), (vec![3, 4], None));
        assert_eq!(read(&logs, &Wanted { level: LogLevel::Warn, ..wanted() }), (vec![2, 3], None));
        assert_eq!(read(&logs, &Wanted { contains: "dcs".to_owned(), ..wanted() }), (vec![2, 3], None));
        assert_eq!(read(&logs, &Wanted { contains: "davy".to_owned(), after: 3, ..wanted() }), (vec![4], None));
    }

    #[test]
    fn it_holds_only_so_many_and_only_so_much() {
        let logs = Logs::default();
        (0..limits::LOG_LINES_MAX + 3).for_each(|_| logs.add(UtcTime(0), LogLevel::Info, "davy", "x"));
        let all = logs.all();
        assert_eq!((all.len(), all[0].seq), (limits::LOG_LINES_MAX, 4));
        let long = "长".repeat(limits::LOG_CHARS_MAX + 1);
        (0..limits::LOG_LINES_MAX).for_each(|_| logs.add(UtcTime(0), LogLevel::Info, "davy", &long));
        let all = logs.all();
        assert!(all.iter().map(LogLine::bytes).sum::<usize>() <= limits::LOG_BYTES_MAX);
        assert_eq!(all[0].text.chars().count(), limits::LOG_CHARS_MAX + 1, "with the sign of the cut");
    }
}
