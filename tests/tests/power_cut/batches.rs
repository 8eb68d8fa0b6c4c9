//! What is written: batches that tell which they are and whether they are whole.

use davy_core::time::UtcTime;
use davy_store::{Batch, Row};

/// They write at the same time; batch `n` is of writer `n % WRITERS`.
pub(crate) const WRITERS: u64 = 3;

/// Some are long, and some of their rows: so that the log is moved into the file again and again.
fn size(n: u64) -> (u64, usize) {
    match n * 2_654_435_761 % 97 {
        0..=2 => (150, 400),
        3 | 4 => (2, 60_000),
        at => (at % 7 + 1, 40),
    }
}

pub(crate) fn batch(n: u64) -> Batch {
    let (rows, padding) = size(n);
    let row = |i| Row {
        utc: UtcTime(n.cast_signed()),
        kind: ["alarm", "change", "warning"][(n + i) as usize % 3],
        body: format!(r#"{{"n":{n},"i":{i},"of":{rows},"rule":"R-{}","text":"{}"}}"#, i % 5, "x".repeat(padding)),
    };
    Batch { rows: (0..rows).map(row).collect(), saved: vec![(saved_key(n), Some(n.to_string()))] }
}

pub(crate) fn saved_key(n: u64) -> String {
    format!("writer {}", n % WRITERS)
}

/// Number of the batch, place in it, rows of it.
pub(crate) fn place(body: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = body.strip_prefix(r#"{"n":"#)?.split(|letter: char| !letter.is_ascii_digit());
    let mut next = || numbers.find(|part| !part.is_empty())?.parse().ok();
    Some((next()?, next()?, next()?))
}

/// By which a row is known again: its beginning, without spaces, and its length.
pub(crate) fn mark(body: &str) -> String {
    let beginning: String = body.chars().filter(|letter| !letter.is_whitespace()).take(40).collect();
    format!("{beginning}#{}", body.len())
}
