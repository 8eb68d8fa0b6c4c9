//! Opening a data directory: take the lock, find the journal, look whether it is sound, begin a new one if not.

use crate::{
    Opened, Store,
    chain::{self, Hash},
    error::StoreError,
    files, limits, lock,
    newest::{Newest, Promised},
    reader::{self, Reader},
    schema,
    writer::{self, Tip},
};
use davy_core::time::UtcTime;
use rusqlite::{Connection, OptionalExtension};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Opens the journal in `directory`, creating directory and file where they are not there. A corrupt file is renamed
/// with the time (never deleted) and a new one is begun with the next epoch.
///
/// # Errors
/// When the directory cannot be written, another process uses it, or the file was written by a later version.
pub fn open(directory: &Path, utc: UtcTime) -> Result<Opened, StoreError> {
    files::create_directory(directory)?;
    let lock = lock::take(directory)?;
    let unusable = |source| StoreError::Directory { path: directory.to_owned(), source: Arc::new(source) };
    let (newest, promised) = Newest::open(directory).map_err(unusable)?;
    let (loaded, set_aside) = load_or_begin(directory, utc, promised)?;
    let Loaded { connection, path, epoch, tip, saved } = loaded;
    let first_start = tip.seq == 0;
    newest.tell(Promised { epoch, seq: tip.seq });
    let reader = Arc::new(Reader::new(path.clone()));
    let writer =
        writer::start(writer::Files { connection, path, epoch, newest, lock, reader: Arc::clone(&reader) }, tip)
            .map_err(unusable)?;
    let store = Store { writer, reader, epoch };
    Ok(Opened { store, epoch, first_start, saved, set_aside })
}

struct Loaded {
    connection: Connection,
    path: PathBuf,
    epoch: u32,
    tip: Tip,
    saved: BTreeMap<String, String>,
}

fn load_or_begin(directory: &Path, utc: UtcTime, promised: Promised) -> Result<(Loaded, Option<PathBuf>), StoreError> {
    let found = files::find(directory, promised.epoch)?;
    let Some(path) = found.current else {
        if promised.seq > 0 {
            tracing::error!(
                event = "journal_gone",
                ?promised,
                epoch = found.next_epoch,
                "the journal is gone; a new one is begun: find out who deletes files of the data directory"
            );
        }
        return Ok((begin(directory, found.next_epoch)?, None));
    };
    let loaded = schema::open(&path).and_then(|connection| load(path.clone(), connection));
    match loaded.and_then(|loaded| holds(loaded, promised)) {
        Err(StoreError::Corrupt { finding, .. }) => {
            let aside = files::set_aside(&path, utc)?;
            tracing::error!(event = "journal_set_aside", path = %aside.display(), finding, epoch = found.next_epoch,
                "the journal is corrupt and was set aside; a new one is begun");
            Ok((begin(directory, found.next_epoch)?, Some(aside)))
        }
        result => Ok((result?, None)),
    }
}

/// Refuses a journal that has lost rows which somebody was told of.
fn holds(loaded: Loaded, promised: Promised) -> Result<Loaded, StoreError> {
    let Loaded { path, epoch, tip, .. } = &loaded;
    if *epoch != promised.epoch || tip.seq >= promised.seq {
        return Ok(loaded);
    }
    let finding = format!("its rows {} to {} are gone", tip.seq + 1, promised.seq);
    Err(StoreError::Corrupt { path: path.clone(), finding })
}

fn begin(directory: &Path, epoch: u32) -> Result<Loaded, StoreError> {
    let path = files::path(directory, epoch);
    let connection = schema::create(&path, epoch)?;
    load(path, connection)
}

fn load(path: PathBuf, connection: Connection) -> Result<Loaded, StoreError> {
    if is_small(&path) {
        check_pages(&connection, &path)?;
        if let Err(error) = schema::add_index(&connection) {
            tracing::warn!(%error, "the index of the journal cannot be made");
        }
    }
    let failed = |source| schema::failure(&path, source);
    if !has_index(&connection).map_err(failed)? {
        tracing::warn!(event = "journal_index_missing", path = %path.display(),
            "the journal has no index of its warnings, which a large one does not get at a start: they are looked for more slowly");
    }
    let epoch = read_epoch(&connection, &path)?;
    let tip = read_tip(&connection, epoch).map_err(failed)?;
    let saved = reader::saved(&connection).map_err(failed)?;
    Ok(Loaded { connection, path, epoch, tip, saved })
}

/// Whether the pages fit together.
pub(crate) fn check_pages(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let finding: String = connection
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(|source| schema::failure(path, source))?;
    if finding == "ok" { Ok(()) } else { Err(StoreError::Corrupt { path: path.to_owned(), finding }) }
}

/// Whether warnings are found without a look at every row.
pub(crate) fn has_index(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'journal_kind'", [], |row| row.get(0))
}

fn is_small(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() <= limits::CHECKED_AT_OPEN_BYTES_MAX)
}

/// The epoch that the file was begun with.
pub(crate) fn read_epoch(connection: &Connection, path: &Path) -> Result<u32, StoreError> {
    let text: Option<String> = connection
        .query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0))
        .optional()
        .map_err(|source| schema::failure(path, source))?;
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| StoreError::Corrupt { path: path.to_owned(), finding: "its epoch is missing".to_owned() })
}

pub(crate) fn read_tip(connection: &Connection, epoch: u32) -> rusqlite::Result<Tip> {
    let newest = connection
        .query_row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Hash>(1)?))
        })
        .optional()?;
    Ok(newest.map_or(Tip { seq: 0, hash: chain::genesis(epoch) }, |(seq, hash)| Tip { seq: seq.cast_unsigned(), hash }))
}
