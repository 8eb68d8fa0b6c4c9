//! The file `recording.db` and its tables.

use crate::{
    StoreError,
    separate::{self, Tables},
};
use davy_core::time::UtcTime;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const TABLES: Tables = Tables {
    page_bytes: 4_096,
    first: "
    CREATE TABLE run (
        id             INTEGER PRIMARY KEY AUTOINCREMENT,
        format         INTEGER NOT NULL,
        utc            INTEGER NOT NULL,
        monotonic      INTEGER NOT NULL,
        epoch          INTEGER NOT NULL,
        head           INTEGER NOT NULL,
        config_version TEXT NOT NULL,
        files          BLOB NOT NULL,
        saved          BLOB NOT NULL
    ) STRICT;
    CREATE TABLE block (
        id     INTEGER PRIMARY KEY AUTOINCREMENT,
        run    INTEGER NOT NULL,
        place  INTEGER NOT NULL,
        first  INTEGER NOT NULL,
        last   INTEGER NOT NULL,
        events INTEGER NOT NULL,
        lost   INTEGER NOT NULL,
        bytes  BLOB NOT NULL
    ) STRICT;
    CREATE INDEX block_of_run ON block (run, id);
    CREATE INDEX block_of_time ON block (last, first, run);
",
    later: &["
    -- The site's tags, by which the history finds whose values a block holds.
    ALTER TABLE run ADD COLUMN tags BLOB;
", "
    -- The file's own number, by which those who follow it know that it is another one: when it was begun, in milliseconds.
    CREATE TABLE identity (number INTEGER NOT NULL) STRICT;
    INSERT INTO identity VALUES (CAST(unixepoch('subsec') * 1000 AS INTEGER));
"],
};

pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join("recording.db")
}

/// Opens the file for writing; a damaged or foreign one is set aside and a new one begun.
pub(super) fn open(directory: &Path, utc: UtcTime) -> Result<Connection, StoreError> {
    separate::open(&path(directory), utc, &TABLES)
}
