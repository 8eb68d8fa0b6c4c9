//! The hash chain over the journal: changing, removing or swapping rows shows in every hash after them.
//!
//! ```text
//! hash(0)   = SHA-256( "davy journal 1" ‖ epoch )
//! hash(seq) = SHA-256( hash of the row before ‖ seq ‖ utc ‖ length(kind) ‖ kind ‖ length(body) ‖ body )
//! ```
//! `epoch` is 4 bytes, `seq`, `utc` (milliseconds since 1970, two's complement) and the lengths (in bytes) are 8, all
//! big-endian; `kind` and `body` are UTF-8. The chain shows tampering by whoever cannot rewrite all of it; it is no
//! signature.

use crate::JournalRow;
use sha2::{Digest, Sha256};

/// SHA-256.
pub(crate) type Hash = [u8; 32];

/// What stands before the first row of an epoch.
pub(crate) fn genesis(epoch: u32) -> Hash {
    Sha256::new().chain_update(b"davy journal 1").chain_update(epoch.to_be_bytes()).finalize().into()
}

/// The hash of a row.
pub(crate) fn link(before: &Hash, seq: u64, utc_ms: i64, kind: &str, body: &str) -> Hash {
    Sha256::new()
        .chain_update(before)
        .chain_update(seq.to_be_bytes())
        .chain_update(utc_ms.to_be_bytes())
        .chain_update((kind.len() as u64).to_be_bytes())
        .chain_update(kind)
        .chain_update((body.len() as u64).to_be_bytes())
        .chain_update(body)
        .finalize()
        .into()
}

/// The hash of a row as it was read.
pub(crate) fn link_row(before: &Hash, row: &JournalRow) -> Hash {
    link(before, row.seq, row.utc.0, &row.kind, &row.body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_its_length_counts() {
        let before = genesis(1);
        let all = [
            link(&before, 1, 2, "ab", "c"),
            link(&genesis(2), 1, 2, "ab", "c"),
            link(&before, 2, 2, "ab", "c"),
            link(&before, 1, -2, "ab", "c"),
            link(&before, 1, 2, "a", "bc"),
            link(&before, 1, 2, "ab", "d"),
        ];
        for (at, hash) in all.iter().enumerate() {
            assert!(!all[..at].contains(hash), "row {at} repeats an earlier hash");
        }
    }
}
