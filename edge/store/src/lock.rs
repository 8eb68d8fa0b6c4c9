//! One process for one data directory: two writers would hand out the same ids. The kernel drops the lock when the
//! process ends in whatever way.

use crate::error::StoreError;
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    sync::Arc,
};

/// Holds the directory until it is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "an open file is the lock")] File);

/// Takes the directory, at once or not at all.
///
/// # Errors
/// Another process has it, or it cannot be written.
pub fn take(directory: &Path) -> Result<Lock, StoreError> {
    let path = directory.join("davy.lock");
    let unusable = |source| StoreError::Directory { path: path.clone(), source: Arc::new(source) };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: directory.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}
