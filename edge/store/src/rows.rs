//! The journal of a data directory, read by a program of its own beside a running gateway or after it.

use crate::{JournalRow, StoreError, files, limits, open, reader, schema};
use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A journal, open for reading.
#[derive(Debug)]
pub struct Rows {
    path: PathBuf,
    connection: Connection,
    epoch: u32,
}

impl Rows {
    /// Opens the newest journal of a data directory.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let found = files::find(directory, 0)?;
        let Some(path) = found.current else {
            return Err(StoreError::Missing { path: directory.to_owned() });
        };
        let connection = reader::open(&path).map_err(|source| schema::failure(&path, source))?;
        schema::check_origin(&connection, &path)?;
        let epoch = open::read_epoch(&connection, &path)?;
        Ok(Self { path, connection, epoch })
    }

    /// Its epoch.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The next rows after a place, in order; empty at the end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn after(&self, seq: u64) -> Result<Vec<JournalRow>, StoreError> {
        reader::rows(&self.connection, seq, u64::MAX, limits::READ_ROWS_MAX).map_err(|source| self.failed(source))
    }

    /// The rows before a place, the newest first, at most `limit`; empty at the beginning.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn before(&self, seq: u64, limit: usize) -> Result<Vec<JournalRow>, StoreError> {
        reader::rows_before(&self.connection, seq, limit).map_err(|source| self.failed(source))
    }

    /// The rows about warnings after a place and before another, the newest first, at most `limit`. Nothing else is looked at;
    /// in a file without the index everything between the two is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn warnings_between(&self, after: u64, before: u64, limit: usize) -> Result<Vec<JournalRow>, StoreError> {
        reader::rows_of_kind(&self.connection, "warning", after, before, limit).map_err(|source| self.failed(source))
    }

    /// The rows that name kept evidence, as [`Rows::warnings_between`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn evidence_between(&self, after: u64, before: u64, limit: usize) -> Result<Vec<JournalRow>, StoreError> {
        reader::rows_of_kind(&self.connection, "evidence", after, before, limit).map_err(|source| self.failed(source))
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    fn failed(&self, source: rusqlite::Error) -> StoreError {
        StoreError::Read { path: self.path.clone(), source: Arc::new(source) }
    }
}
