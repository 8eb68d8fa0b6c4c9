//! What has been done to files and folders and not been synced yet, and what a power cut leaves of it.

use rand::{Rng as _, rngs::StdRng};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, ffi::OsString};

/// What of the disk's cache survives a power cut.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Survival {
    /// Chooses the sectors, truncations and names.
    pub seed: u64,
    /// Of a hundred sectors that were not synced, so many survive.
    pub percent: u32,
    /// Bytes that are written whole or not at all: 512 or 4096.
    pub sector: usize,
}

#[derive(Clone)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Resize(usize),
}

#[derive(Clone)]
pub(super) enum Naming {
    Add(OsString, u64),
    Remove(OsString),
    Move(OsString, OsString),
}

impl Change {
    pub(super) fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*offset..end].copy_from_slice(bytes);
            }
            Self::Resize(size) => file.resize(*size, 0),
        }
    }

    /// The same at most as far as the sectors survive. Where a file should have grown it may have done so without the
    /// bytes.
    pub(super) fn survive(&self, file: &mut Vec<u8>, survival: Survival, random: &mut StdRng) {
        let mut lucky = || random.random_range(0..100) < survival.percent;
        match self {
            Self::Resize(_) => {
                if lucky() {
                    self.apply(file);
                }
            }
            Self::Write { offset, bytes } => {
                let (mut at, end) = (*offset, offset + bytes.len());
                while at < end {
                    let next = end.min((at / survival.sector + 1) * survival.sector);
                    if lucky() {
                        let bytes = bytes[at - offset..next - offset].to_owned();
                        Self::Write { offset: at, bytes }.apply(file);
                    } else if file.len() < next && lucky() {
                        file.resize(next, 0);
                    }
                    at = next;
                }
            }
        }
    }
}

impl Naming {
    pub(super) fn apply(&self, names: &mut BTreeMap<OsString, u64>) {
        match self {
            Self::Add(name, number) => drop(names.insert(name.clone(), *number)),
            Self::Remove(name) => drop(names.remove(name)),
            Self::Move(from, to) => {
                if let Some(number) = names.remove(from) {
                    names.insert(to.clone(), number);
                }
            }
        }
    }
}
