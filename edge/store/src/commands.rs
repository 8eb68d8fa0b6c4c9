//! What came of the enterprise platform's commands: found by a command's own id, for as long as the newest 10 000 are kept.
//!
//! They are written by the journal's own triggers (`schema`), so there is no moment in which a row is on the disk and its
//! command is not known, nor the other way about.

use crate::{Store, StoreError, reader};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// A command that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The place in the journal of the audit that answers it.
    pub seq: u64,
    /// That audit as JSON, which may be gone from the journal.
    pub body: String,
}

/// What is known of a command's id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The answer, when it came before and is not forgotten.
    pub known: Option<Known>,
    /// Commands that were issued no later than this (RFC 3339, UTC) may have been done and forgotten. `None` when none was.
    pub forgotten_until: Option<String>,
}

impl Store {
    /// Looks whether a command came before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn command(&self, id: &str) -> Result<Seen, StoreError> {
        let id = id.to_owned();
        reader::run(Arc::clone(&self.reader), move |connection| seen(connection, &id)).await
    }

    /// When the command of a kind was issued that was issued last of all that were done (RFC 3339, UTC); `None` when none is known.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn command_done_last(&self, kind: &str) -> Result<Option<String>, StoreError> {
        let kind = kind.to_owned();
        reader::run(Arc::clone(&self.reader), move |connection| {
            connection
                .prepare_cached(
                    "SELECT max(json_extract(body, '$.command.issued')) FROM command
                     WHERE json_extract(body, '$.command.kind') = ?1 AND json_extract(body, '$.command.outcome') = 'done'",
                )?
                .query_row(params![kind], |row| row.get(0))
        })
        .await
    }
}

fn seen(connection: &Connection, id: &str) -> rusqlite::Result<Seen> {
    // One statement, so that a command cannot be forgotten between the two looks.
    let found = connection
        .prepare_cached(
            "SELECT command.seq, command.body, (SELECT value FROM meta WHERE key = 'commands_forgotten')
             FROM (SELECT 1) LEFT JOIN command ON command.id = ?1",
        )?
        .query_row(params![id], |row| {
            let (seq, body): (Option<i64>, Option<String>) = (row.get(0)?, row.get(1)?);
            let known = seq.zip(body).map(|(seq, body)| Known { seq: seq.cast_unsigned(), body });
            Ok(Seen { known, forgotten_until: row.get(2)? })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}
