//! The file `history.db` and its tables.

use super::{TagOfRun, filling::Tags, writer::Reached};
use crate::{
    StoreError,
    separate::{self, Tables},
};
use davy_core::time::UtcTime;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};

/// `piece.place` is the batch's number, then which of its blocks: rows are always added at the end, which is kind to flash.
const TABLES: Tables = Tables {
    // Several blocks on a page: of four kilobytes, half would stay empty.
    page_bytes: 32_768,
    first: "
    CREATE TABLE tag   (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE batch (
        number   INTEGER PRIMARY KEY AUTOINCREMENT,
        first    INTEGER NOT NULL,
        last     INTEGER NOT NULL,
        written  INTEGER NOT NULL,
        tags     INTEGER NOT NULL,
        samples  INTEGER NOT NULL,
        bytes    INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE piece   (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE reached (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
",
    later: &[],
};

/// Blocks of one batch, at most.
const PIECES: i64 = 1 << 24;

pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join("history.db")
}

/// Opens the file for writing; a damaged or foreign one is set aside and a new one begun.
pub(super) fn open(directory: &Path, utc: UtcTime) -> Result<Connection, StoreError> {
    separate::open(&path(directory), utc, &TABLES)
}

/// Where a block of a batch stands.
pub(super) fn place(batch: u64, piece: usize) -> i64 {
    batch.cast_signed() * PIECES + piece as i64
}

/// The keys of tags, in their order; those that have none get one.
pub(super) fn keys(connection: &mut Connection, tags: &[TagOfRun]) -> rusqlite::Result<Vec<u32>> {
    let transaction = connection.transaction()?;
    let keys = {
        let mut find = transaction.prepare_cached("SELECT key FROM tag WHERE id = ?1")?;
        let mut add = transaction
            .prepare_cached("INSERT INTO tag (key, id) SELECT coalesce(max(key) + 1, 0), ?1 FROM tag RETURNING key")?;
        let key = |tag: &TagOfRun| match find.query_row(params![tag.id], |row| row.get(0)).optional()? {
            Some(key) => Ok(key),
            None => add.query_row(params![tag.id], |row| row.get(0)),
        };
        tags.iter().map(key).collect::<rusqlite::Result<Vec<u32>>>()?
    };
    transaction.commit()?;
    Ok(keys)
}

pub(super) fn key(connection: &Connection, tag: &str) -> rusqlite::Result<Option<u32>> {
    connection.prepare_cached("SELECT key FROM tag WHERE id = ?1")?.query_row(params![tag], |row| row.get(0)).optional()
}

pub(super) fn reached(connection: &Connection) -> rusqlite::Result<Option<Reached>> {
    let body: Option<String> = connection.query_row("SELECT body FROM reached", [], |row| row.get(0)).optional()?;
    Ok(body.and_then(|body| Reached::read(&body)))
}

pub(super) fn size(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .query_row("SELECT coalesce(sum(bytes), 0) FROM batch", [], |row| row.get::<_, i64>(0))
        .map(i64::cast_unsigned)
}

/// A batch as it is looked for.
pub(super) struct Batch {
    pub(super) number: u64,
    /// The latest time of its values.
    pub(super) last: UtcTime,
    /// Tags in each of its blocks.
    pub(super) tags: u32,
}

impl Batch {
    /// The block that holds a tag, and the tag's place in it.
    pub(super) fn find(&self, key: u32) -> (i64, usize) {
        let tags = self.tags.max(1);
        (place(self.number, (key / tags) as usize), (key % tags) as usize)
    }
}

pub(super) fn newest(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .query_row("SELECT coalesce(max(number), 0) FROM batch", [], |row| row.get::<_, i64>(0))
        .map(i64::cast_unsigned)
}

/// Adds a batch; gives its number.
pub(super) fn add_batch(
    connection: &Connection,
    tags: &Tags,
    tags_of_piece: usize,
    written: UtcTime,
) -> rusqlite::Result<u64> {
    let times = || tags.iter().flatten().map(|value| value.time.0);
    let (first, last) = (times().min().unwrap_or(written.0), times().max().unwrap_or(written.0));
    let samples: usize = tags.iter().map(Vec::len).sum();
    connection
        .prepare_cached(
            "INSERT INTO batch (first, last, written, tags, samples, bytes) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
        )?
        .execute(params![first, last, written.0, tags_of_piece as i64, samples as i64])?;
    Ok(connection.last_insert_rowid().cast_unsigned())
}

pub(super) fn add_piece(connection: &Connection, batch: u64, piece: usize, bytes: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO piece (place, bytes) VALUES (?1, ?2)")?
        .execute(params![place(batch, piece), bytes])
        .map(drop)
}

pub(super) fn end_batch(
    connection: &Connection,
    batch: u64,
    bytes: u64,
    reached: Option<&Reached>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE batch SET bytes = ?2 WHERE number = ?1")?
        .execute(params![batch.cast_signed(), bytes.cast_signed()])?;
    reached.map_or(Ok(()), |reached| reach(connection, reached))
}

pub(super) fn reach(connection: &Connection, reached: &Reached) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO reached (one, body) VALUES (1, ?1) ON CONFLICT DO UPDATE SET body = excluded.body",
        )?
        .execute(params![reached.write()])
        .map(drop)
}

/// The oldest batches go while there are too many bytes, and those that were written too long ago. Gives the bytes that are
/// left.
pub(super) fn make_room(
    connection: &Connection,
    mut size: u64,
    bytes_max: u64,
    oldest_kept: UtcTime,
) -> rusqlite::Result<u64> {
    loop {
        let oldest = connection
            .prepare_cached("SELECT number, written, bytes FROM batch ORDER BY number LIMIT 1")?
            .query_row([], |row| {
                Ok((
                    row.get::<_, i64>(0)?.cast_unsigned(),
                    row.get::<_, i64>(1)?,
                    row.get::<_, i64>(2)?.cast_unsigned(),
                ))
            })
            .optional()?;
        let Some((batch, written, bytes)) = oldest else { return Ok(size) };
        if size <= bytes_max && written >= oldest_kept.0 {
            return Ok(size);
        }
        connection
            .prepare_cached("DELETE FROM piece WHERE place >= ?1 AND place < ?2")?
            .execute(params![place(batch, 0), place(batch + 1, 0)])?;
        connection.prepare_cached("DELETE FROM batch WHERE number = ?1")?.execute(params![batch.cast_signed()])?;
        size = size.saturating_sub(bytes);
    }
}

/// The batches up to `newest` that have values of a time, oldest first.
pub(super) fn batches(
    connection: &Connection,
    from: UtcTime,
    until: UtcTime,
    newest: u64,
) -> rusqlite::Result<Vec<Batch>> {
    connection
        .prepare_cached(
            "SELECT number, last, tags FROM batch WHERE last >= ?1 AND first <= ?2 AND number <= ?3 ORDER BY number",
        )?
        .query_map(params![from.0, until.0, newest.cast_signed()], batch)?
        .collect()
}

/// The last batches before a time, newest first.
pub(super) fn batches_before(
    connection: &Connection,
    time: UtcTime,
    newest: u64,
    count: usize,
) -> rusqlite::Result<Vec<Batch>> {
    connection
        .prepare_cached(
            "SELECT number, last, tags FROM batch WHERE first < ?1 AND number <= ?2 ORDER BY number DESC LIMIT ?3",
        )?
        .query_map(params![time.0, newest.cast_signed(), count as i64], batch)?
        .collect()
}

fn batch(row: &rusqlite::Row<'_>) -> rusqlite::Result<Batch> {
    Ok(Batch { number: row.get::<_, i64>(0)?.cast_unsigned(), last: UtcTime(row.get(1)?), tags: row.get(2)? })
}

/// The bytes of a block; `None` where the batch has nothing of its tags.
pub(super) fn piece(connection: &Connection, place: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT bytes FROM piece WHERE place = ?1")?
        .query_row(params![place], |row| row.get(0))
        .optional()
}
