//! What can go wrong, with the operation, the object and what to do.

use std::{io, path::PathBuf, sync::Arc};

/// A failure of the store. After a failed write nothing of it is in the journal.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory cannot be used.
    #[error(
        "cannot use the data directory {path}: {source}; check that it can be created and written by the user that davy runs as and that the disk is not mounted read-only"
    )]
    Directory {
        /// The directory or a file in it.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// Another process has it open.
    #[error(
        "the data directory {path} is in use by another davy process; stop that one first, or give this one another directory"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The journal cannot be opened.
    #[error(
        "cannot open the journal {path}: {source}; check that the file can be written by the user that davy runs as and that the disk is neither full nor mounted read-only"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<rusqlite::Error>,
    },
    /// The pages of the file do not fit together.
    #[error("the journal {path} is corrupt: {finding}; the next start of davy sets it aside and begins a new one")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        finding: String,
    },
    /// The file is something else, or was written by a later version.
    #[error("{path} is not a journal that this version can use: {finding}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        finding: String,
    },
    /// There is no journal.
    #[error("there is no journal in {path}; give the directory that `davy run --data` uses")]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// A batch was not written.
    #[error(
        "cannot write to the journal: {source}; check the free space and the health of the disk (nothing of this batch was kept)"
    )]
    Write {
        /// Why.
        source: Arc<rusqlite::Error>,
    },
    /// The file was deleted or moved while it is in use.
    #[error(
        "the journal {path} was deleted or moved while davy uses it, and what is written now would be lost with the process; restart davy, which begins a new one"
    )]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Rows or cursors cannot be read.
    #[error("cannot read the journal {path}: {source}; `davy verify` tells how far it is intact")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<rusqlite::Error>,
    },
    /// The store has been closed.
    #[error("the journal is closed: davy is stopping")]
    Closed,
}

/// Whether the file itself is damaged, against a disk that is full, read-only or slow.
pub(crate) fn is_corruption(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}
