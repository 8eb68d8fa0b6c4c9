//! Walks the whole journal and says how far it can be trusted. Reads only, and may run beside a running gateway.

use crate::{
    JournalRow, StoreError,
    chain::{self, Hash},
    files, open, reader, retention, schema,
};
use rusqlite::Connection;
use std::{collections::BTreeMap, path::Path};

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Rows there are.
    pub rows: u64,
    /// The place of the newest row.
    pub head: u64,
    /// Rows that have made room, at the journal's beginning; they are no gap.
    pub made_room: u64,
    /// The journal's epoch.
    pub epoch: u32,
    /// The first row whose hash does not follow from its content and the row before it; `None` when the chain holds.
    pub broken_at: Option<u64>,
    /// Places without a row: from, to, both included.
    pub gaps: Vec<(u64, u64)>,
    /// Rows of kind `change` that the index of the alarm table's history lacks or has under another rule: the history leaves
    /// them out.
    pub changes_missing: Places,
    /// Rows of that index for which the journal has no such row.
    pub changes_extra: Places,
    /// The uplinks' cursors, as they were set.
    pub cursors: BTreeMap<String, String>,
}

/// Places in the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// How many.
    pub count: u64,
    /// The first of them.
    pub first: Option<u64>,
    /// The last of them.
    pub last: Option<u64>,
}

/// Verifies the journal in `directory`: every page, every row, every hash. Where the first rows are no longer there, the
/// chain is verified from the first one that is.
///
/// # Errors
/// When there is no journal, or it cannot be read to its end.
pub fn verify(directory: &Path) -> Result<Verdict, StoreError> {
    let found = files::find(directory, 0)?;
    let Some(path) = found.current else {
        return Err(StoreError::Missing { path: directory.to_owned() });
    };
    let failed = |source| schema::failure(&path, source);
    let connection = reader::open(&path).map_err(failed)?;
    let version = schema::check_origin(&connection, &path)?;
    open::check_pages(&connection, &path)?;
    let epoch = open::read_epoch(&connection, &path)?;
    let begins_after = retention::begins_after(&connection).map_err(failed)?;
    let mut walk = Walk::new(epoch, begins_after);
    walk_rows(&connection, &mut walk).map_err(failed)?;
    let [changes_missing, changes_extra] = compare_changes(&connection, version).map_err(failed)?;
    let cursors = reader::cursors(&connection).map_err(failed)?;
    let Walk { rows, head, broken_at, gaps, .. } = walk;
    let made_room = begins_after.map_or(0, |(seq, _)| seq);
    Ok(Verdict { rows, head, made_room, epoch, broken_at, gaps, changes_missing, changes_extra, cursors })
}

/// What the journal says about the alarm table beside its index, in one statement, so that a gateway that writes meanwhile
/// makes no difference: what is missing in the index, and what is too much.
const CHANGES: &str = "
    WITH told AS MATERIALIZED (
        SELECT seq, CASE WHEN json_valid(body) THEN json_extract(body, '$.rule') END AS rule
        FROM journal WHERE kind = 'change'),
    missing AS MATERIALIZED (SELECT seq FROM (SELECT seq, rule FROM told EXCEPT SELECT seq, rule FROM change)),
    extra AS MATERIALIZED (SELECT seq FROM (SELECT seq, rule FROM change EXCEPT SELECT seq, rule FROM told))
    SELECT count(*), min(seq), max(seq) FROM missing
    UNION ALL SELECT count(*), min(seq), max(seq) FROM extra";

fn compare_changes(connection: &Connection, version: usize) -> rusqlite::Result<[Places; 2]> {
    let mut found = [Places::default(); 2];
    if version < schema::WITH_CHANGES {
        return Ok(found);
    }
    let mut statement = connection.prepare(CHANGES)?;
    let mut rows = statement.query([])?;
    for places in &mut found {
        if let Some(row) = rows.next()? {
            let seq = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(i64::cast_unsigned));
            *places = Places { count: row.get::<_, i64>(0)?.cast_unsigned(), first: seq(1)?, last: seq(2)? };
        }
    }
    Ok(found)
}

struct Walk {
    rows: u64,
    head: u64,
    hash: Hash,
    broken_at: Option<u64>,
    gaps: Vec<(u64, u64)>,
}

impl Walk {
    fn new(epoch: u32, begins_after: Option<(u64, Hash)>) -> Self {
        let (head, hash) = begins_after.unwrap_or_else(|| (0, chain::genesis(epoch)));
        Self { rows: 0, head, hash, broken_at: None, gaps: Vec::new() }
    }

    fn step(&mut self, row: &JournalRow, hash: Hash) {
        let first_of_a_suffix = self.rows == 0 && row.seq != self.head + 1;
        if row.seq != self.head + 1 {
            self.gaps.push((self.head + 1, row.seq - 1));
        }
        if !first_of_a_suffix && hash != chain::link_row(&self.hash, row) {
            self.broken_at = self.broken_at.or(Some(row.seq));
        }
        self.rows += 1;
        self.head = row.seq;
        self.hash = hash;
    }
}

fn walk_rows(connection: &Connection, walk: &mut Walk) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT seq, utc, kind, body, hash FROM journal ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        walk.step(&reader::journal_row(row)?, row.get(4)?);
    }
    Ok(())
}
