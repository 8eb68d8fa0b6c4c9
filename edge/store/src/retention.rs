//! What the journal keeps: rows go from its beginning only, so that what is left is still one chain, and the newest row always
//! stays, because the next one's place and hash follow from it.

use crate::{chain::Hash, limits};
use davy_core::{limits::SOURCE_TIME_EARLIEST_MS, time::UtcTime};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// In `meta`: the last row that has made room, its place and its hash.
const BEGINS_AFTER: &str = "begins_after";

/// What is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Rows that were written before may go.
    pub oldest_kept: UtcTime,
    /// Every uplink has all rows up to this one.
    pub acknowledged: u64,
    /// What the journal may take; with more the oldest rows go that every uplink has, however young. `None` for no bound.
    pub bytes_wanted: Option<u64>,
    /// With more than this, greater, the others go as well.
    pub bytes_max: Option<u64>,
}

/// What makes room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Rows up to and with this one; zero for none.
    pub until: u64,
    /// Those among them that not every uplink has.
    pub unsent: Option<Unsent>,
}

/// Rows that go before every uplink has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// When the first was written.
    pub from: UtcTime,
    /// When the last was written.
    pub until: UtcTime,
}

/// What is free within the file, in bytes: it is used again.
pub(crate) fn free_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    Ok(number(connection, "freelist_count")?.saturating_mul(number(connection, "page_size")?))
}

fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let all = number(connection, "page_count")?.saturating_mul(number(connection, "page_size")?);
    Ok(all.saturating_sub(free_bytes(connection)?))
}

fn number(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map(i64::cast_unsigned)
}

/// Finds what makes room next, a bounded number of rows at once.
pub(crate) fn find(connection: &Connection, keep: Retention) -> rusqlite::Result<Room> {
    let rows = oldest(connection)?;
    let old = rows.iter().take_while(|row| row.written < keep.oldest_kept || !row.has_believable_time());
    // A row from before the clock was set is as old as what follows it.
    let old = old.filter(|row| row.has_believable_time() && row.seq <= keep.acknowledged).last();
    if let Some(row) = old {
        return Ok(Room { until: row.seq, unsent: None });
    }
    let used = used_bytes(connection)?;
    let is_over = |bound: Option<u64>| bound.is_some_and(|bound| used > bound);
    let sent = rows.iter().rfind(|row| row.seq <= keep.acknowledged);
    match (sent, rows.first(), rows.last()) {
        (Some(row), ..) if is_over(keep.bytes_wanted) => Ok(Room { until: row.seq, unsent: None }),
        (None, Some(first), Some(last)) if is_over(keep.bytes_max) => {
            let unsent = Unsent { first: first.seq, last: last.seq, from: first.written, until: last.written };
            Ok(Room { until: last.seq, unsent: Some(unsent) })
        }
        _ => Ok(Room::default()),
    }
}

struct Oldest {
    seq: u64,
    written: UtcTime,
}

impl Oldest {
    fn has_believable_time(&self) -> bool {
        self.written.0 >= SOURCE_TIME_EARLIEST_MS
    }
}

/// The oldest rows, the newest of all excepted.
fn oldest(connection: &Connection) -> rusqlite::Result<Vec<Oldest>> {
    connection
        .prepare_cached(
            "SELECT seq, utc FROM journal WHERE seq < (SELECT max(seq) FROM journal) ORDER BY seq LIMIT ?1",
        )?
        .query_map(params![limits::ROOM_ROWS_MAX as i64], |row| {
            Ok(Oldest { seq: row.get::<_, i64>(0)?.cast_unsigned(), written: UtcTime(row.get(1)?) })
        })?
        .collect()
}

/// Deletes the rows up to and with `until`, the newest excepted; gives how many. The place and the hash of the last of them
/// stay, so that what is left can be verified from its first row on.
pub(crate) fn delete(connection: &mut Connection, until: u64) -> rusqlite::Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let last = transaction
        .prepare_cached(
            "SELECT seq, hash FROM journal WHERE seq <= ?1 AND seq < (SELECT max(seq) FROM journal) ORDER BY seq DESC LIMIT 1",
        )?
        .query_row(params![i64::try_from(until).unwrap_or(i64::MAX)], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Hash>(1)?)))
        .optional()?;
    let Some((until, hash)) = last else { return Ok(0) };
    let rows = transaction.prepare_cached("DELETE FROM journal WHERE seq <= ?1")?.execute(params![until])?;
    transaction.prepare_cached("DELETE FROM change WHERE seq <= ?1")?.execute(params![until])?;
    transaction
        .prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
        )?
        .execute(params![BEGINS_AFTER, format!("{until} {}", hex(&hash))])?;
    transaction.commit()?;
    give_back(connection);
    Ok(rows as u64)
}

/// Gives pages back to the disk when much more is free than the next rows will use, a bounded number at once.
fn give_back(connection: &Connection) {
    let free = || Ok::<_, rusqlite::Error>((number(connection, "freelist_count")?, number(connection, "page_count")?));
    if free().is_ok_and(|(free, all)| free > all / 4) {
        // What is not given back now is next time.
        let _ = connection.execute_batch(&format!("PRAGMA incremental_vacuum({})", limits::PAGES_GIVEN_BACK));
    }
}

/// The row after which the journal begins: its place and its hash; `None` while nothing has made room.
pub(crate) fn begins_after(connection: &Connection) -> rusqlite::Result<Option<(u64, Hash)>> {
    let text: Option<String> = connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row(params![BEGINS_AFTER], |row| row.get(0))
        .optional()?;
    Ok(text.as_deref().and_then(read_beginning))
}

fn read_beginning(text: &str) -> Option<(u64, Hash)> {
    let (seq, digits) = text.split_once(' ')?;
    let mut hash = Hash::default();
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some((seq.parse().ok()?, hash))
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
