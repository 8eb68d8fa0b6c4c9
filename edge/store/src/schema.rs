//! The tables, and how an older file becomes a current one.
//!
//! `PRAGMA user_version` counts the migrations that a file has had. A migration, once released, is never changed; a new
//! one is added at the end, with a file of the version before under `tests/golden`. Migrations never touch `journal`'s
//! columns that the hash chain covers.

use crate::{
    error::{StoreError, is_corruption},
    limits,
};
use rusqlite::{Connection, TransactionBehavior, params};
use std::{path::Path, sync::Arc};

/// `PRAGMA application_id`: "Davy".
const APPLICATION_ID: i32 = 0x4461_7679;

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE journal (
        seq  INTEGER PRIMARY KEY,
        utc  INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE state  (key  TEXT PRIMARY KEY, body  TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE cursor (name TEXT PRIMARY KEY, body  TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE meta   (key  TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
    "
    -- Where in the journal the history of the alarm table is: few rows among very many.
    CREATE TABLE change (seq INTEGER PRIMARY KEY, rule TEXT) STRICT;
    CREATE INDEX change_of_rule ON change (rule, seq);
    CREATE TRIGGER journal_change AFTER INSERT ON journal WHEN new.kind = 'change' BEGIN
        INSERT INTO change (seq, rule)
        VALUES (new.seq, CASE WHEN json_valid(new.body) THEN json_extract(new.body, '$.rule') END);
    END;
",
    "
    -- Rows that an uplink's receiver refused: the cursor has passed them, so this is all that keeps them due.
    CREATE TABLE parked (
        uplink TEXT    NOT NULL,
        seq    INTEGER NOT NULL,
        lane   TEXT    NOT NULL,
        reason TEXT    NOT NULL,
        since  INTEGER NOT NULL,
        tries  INTEGER NOT NULL,
        next   INTEGER NOT NULL,
        PRIMARY KEY (uplink, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX parked_next ON parked (uplink, next);
",
    "
    -- The answers to the enterprise platform's commands. They come from the journal's own rows and with them, in one
    -- transaction: what a command did is on the disk exactly when it is known that it was done.
    CREATE TABLE command (
        id   TEXT    PRIMARY KEY,
        n    INTEGER NOT NULL,
        seq  INTEGER NOT NULL,
        body TEXT    NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX command_n ON command (n);
    CREATE TRIGGER journal_command AFTER INSERT ON journal
    WHEN new.kind = 'audit' AND json_valid(new.body) AND json_type(new.body, '$.command.id') = 'text' BEGIN
        INSERT INTO command (id, n, seq, body)
        VALUES (json_extract(new.body, '$.command.id'), coalesce((SELECT max(n) FROM command), 0) + 1, new.seq, new.body)
        ON CONFLICT (id) DO NOTHING;
        DELETE FROM command WHERE n <= (SELECT max(n) FROM command) - 10000;
    END;
    -- Of those that are forgotten only this is known: how late one was issued that was done. Whatever was issued no later is
    -- never done again.
    CREATE TRIGGER command_forgotten AFTER DELETE ON command
    WHEN json_extract(old.body, '$.command.outcome') = 'done' BEGIN
        INSERT INTO meta (key, value) VALUES ('commands_forgotten', json_extract(old.body, '$.command.issued'))
        ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value);
    END;
",
];

/// Kinds of which single rows are looked for. Without the index they are found as well, by looking at every row: it is no
/// part of the file's version, so an earlier davy uses the file unchanged, and it is not made in a large file that lacks it,
/// because that would keep the gateway from alarming.
const KINDS_INDEX: &str = "
    CREATE INDEX IF NOT EXISTS journal_kind ON journal (kind, seq) WHERE kind IN ('warning', 'evidence')";

/// The version that this program writes.
pub(crate) const VERSION: usize = MIGRATIONS.len();

/// Programs that write this version, or a later one, can go on with a file that this program wrote: what was added since is kept
/// up by the file's own triggers, or is not missed. It stands in the file as `usable_from`, so that a program can be rolled back.
pub(crate) const USABLE_FROM: usize = 4;

/// The first version with the index of the alarm table's history; no earlier one writes rows of that kind.
pub(crate) const WITH_CHANGES: usize = 2;

/// Creates a journal.
pub(crate) fn create(path: &Path, epoch: u32) -> Result<Connection, StoreError> {
    let (mut connection, _) = open_for_writing(path)?;
    migrate(&mut connection, 0, Some(epoch)).map_err(|source| failure(path, source))?;
    add_index(&connection).map_err(|source| failure(path, source))?;
    Ok(connection)
}

/// Makes the index where it is missing.
pub(crate) fn add_index(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(KINDS_INDEX)
}

/// Opens a journal and brings it to the current version. One without tables has lost them (cut to nothing, or its log
/// was removed): using it again would hand out ids twice.
pub(crate) fn open(path: &Path) -> Result<Connection, StoreError> {
    let (mut connection, version) = open_for_writing(path)?;
    if version == 0 {
        return Err(StoreError::Corrupt { path: path.to_owned(), finding: "it holds no tables".to_owned() });
    }
    migrate(&mut connection, version, None).map_err(|source| failure(path, source))?;
    Ok(connection)
}

fn open_for_writing(path: &Path) -> Result<(Connection, usize), StoreError> {
    let failed = |source| failure(path, source);
    let connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(limits::BUSY_WAIT).map_err(failed)?;
    let version = check_origin(&connection, path)?;
    configure(&connection).map_err(failed)?;
    Ok((connection, version))
}

/// An error while opening, told apart: a damaged file is set aside, a full disk is not the file's fault.
pub(crate) fn failure(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    if is_corruption(&source) {
        StoreError::Corrupt { path, finding: source.to_string() }
    } else {
        StoreError::Open { path, source: Arc::new(source) }
    }
}

/// Refuses what we did not write, before anything in it is changed. Gives the version.
pub(crate) fn check_origin(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let number = |name| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(|source| failure(path, source))
    };
    let (application_id, version) = (number("application_id")?, number("user_version")?);
    let foreign = |finding: String| Err(StoreError::Foreign { path: path.to_owned(), finding });
    let empty = connection
        .query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get::<_, bool>(0))
        .map_err(|source| failure(path, source))?;
    match usize::try_from(version) {
        _ if empty => Ok(0),
        Ok(version) if application_id == APPLICATION_ID && (1..=VERSION).contains(&version) => Ok(version),
        Ok(version) if application_id == APPLICATION_ID && version > VERSION && usable_from(connection) <= VERSION => {
            Ok(version)
        }
        _ if application_id == APPLICATION_ID => foreign(format!(
            "it has version {version} and this program writes version {VERSION}; install the later davy again, or give another data directory"
        )),
        _ => foreign("another program wrote it; give a data directory of its own".to_owned()),
    }
}

/// The earliest version whose programs can go on with the file of a later one; none that says so is usable by its own only.
fn usable_from(connection: &Connection) -> usize {
    let said =
        connection.query_row("SELECT value FROM meta WHERE key = 'usable_from'", [], |row| row.get::<_, String>(0));
    said.ok().and_then(|said| said.parse().ok()).unwrap_or(usize::MAX)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    // Of use in a new file only, before its first table: then what has made room can be given back to the disk.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", limits::LOG_BYTES_KEPT)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)
}

fn migrate(connection: &mut Connection, version: usize, new_epoch: Option<u32>) -> rusqlite::Result<()> {
    // A later program has been here, and will be again.
    if version >= VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in &MIGRATIONS[version..] {
        transaction.execute_batch(migration)?;
    }
    if let Some(epoch) = new_epoch {
        transaction.execute("INSERT INTO meta (key, value) VALUES ('epoch', ?1)", params![epoch.to_string()])?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    transaction.execute(
        "INSERT INTO meta (key, value) VALUES ('usable_from', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![USABLE_FROM.to_string()],
    )?;
    transaction.pragma_update(None, "user_version", VERSION as i64)?;
    transaction.commit()
}
