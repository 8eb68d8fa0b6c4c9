//! A batch: rows of one lane in order, and how they are written.

use crate::{lanes::Lane, limits};
use davy_config::Compress;
use flate2::{Compression, write::GzEncoder};
use std::io::{self, Write};

/// A row as it goes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    /// The event's `id`.
    pub(crate) id: String,
    /// The event as JSON.
    pub(crate) event: Vec<u8>,
}

/// Rows of a lane that go up together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    /// Whether others of the lane between them are settled already, so that first and last do not say which rows these are.
    pub(crate) has_holes: bool,
}

impl Batch {
    pub(crate) fn first(&self) -> Option<u64> {
        self.entries.first().map(|entry| entry.seq)
    }

    pub(crate) fn last(&self) -> Option<u64> {
        self.entries.last().map(|entry| entry.seq)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.event.len() + 1).sum()
    }

    /// Its two halves.
    pub(crate) fn halves(mut self) -> [Self; 2] {
        let second = self.entries.split_off(self.entries.len() / 2);
        let has_holes = self.has_holes;
        [self, Self { entries: second, has_holes }]
    }

    /// Only these rows of it.
    pub(crate) fn only(mut self, seqs: &[u64]) -> Self {
        let before = self.entries.len();
        self.entries.retain(|entry| seqs.binary_search(&entry.seq).is_ok());
        self.has_holes |= self.entries.len() < before;
        self
    }

    /// `{gateway}/{epoch}/{lane}/{first}-{last}`, and where rows between are settled a third number that stands for which these
    /// are. The same rows have the same key, and other rows another.
    pub(crate) fn key(&self, origin: &str, lane: Lane) -> String {
        let first = self.first().unwrap_or(0);
        let rows = format!("{origin}/{}/{first}-{}", lane.as_str(), self.last().unwrap_or(0));
        if self.has_holes { format!("{rows}-{:016x}", self.fingerprint()) } else { rows }
    }

    /// FNV-1a of the places.
    fn fingerprint(&self) -> u64 {
        let bytes = self.entries.iter().flat_map(|entry| entry.seq.to_be_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// The JSON array (CloudEvents 1.0, JSON Batch Format).
    pub(crate) fn json(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.bytes() + 2);
        text.push(b'[');
        for (at, entry) in self.entries.iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            text.extend_from_slice(&entry.event);
        }
        text.push(b']');
        text
    }
}

/// A body compressed, and what `Content-Encoding` says of it.
///
/// # Errors
/// When there is no memory.
pub(crate) fn compressed(body: Vec<u8>, how: Compress) -> io::Result<(Vec<u8>, Option<&'static str>)> {
    match how {
        Compress::None => Ok((body, None)),
        Compress::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body)?;
            Ok((encoder.finish()?, Some("gzip")))
        }
        Compress::Zstd => Ok((zstd::bulk::compress(&body, limits::ZSTD_LEVEL)?, Some("zstd"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn batch(seqs: &[u64]) -> Batch {
        let entry =
            |seq: &u64| Entry { seq: *seq, id: format!("GW/1/{seq}"), event: format!("{{\"n\":{seq}}}").into() };
        Batch { entries: seqs.iter().map(entry).collect(), has_holes: false }
    }

    #[test]
    fn a_key_stands_for_its_rows() {
        let whole = batch(&[3, 4, 5, 7]);
        assert_eq!(whole.key("GW/1", Lane::Live), "GW/1/live/3-7");
        let [first, second] = whole.clone().halves();
        assert_eq!(
            (first.key("GW/1", Lane::Backfill), second.key("GW/1", Lane::Backfill)),
            ("GW/1/backfill/3-4".to_owned(), "GW/1/backfill/5-7".to_owned())
        );
        assert_eq!(whole.clone().only(&[3, 4, 5, 7]).key("GW/1", Lane::Live), "GW/1/live/3-7");
        let keys = [[3, 4, 7], [3, 5, 7]].map(|seqs| whole.clone().only(&seqs).key("GW/1", Lane::Live));
        assert!(keys[0] != keys[1] && keys.iter().all(|key| key.starts_with("GW/1/live/3-7-")), "{keys:?}");
        assert_eq!(keys[0], whole.clone().only(&[3, 4, 7]).key("GW/1", Lane::Live));
    }

    #[test]
    fn an_odd_row_in_the_middle_is_found_by_halving() {
        let sizes: Vec<usize> = batch(&[1, 2, 3]).halves().iter().map(|half| half.entries.len()).collect();
        assert_eq!(sizes, [1, 2]);
    }

    #[test]
    fn a_body_is_the_same_however_it_is_compressed() {
        let json = batch(&[1, 2]).json();
        assert_eq!(json, br#"[{"n":1},{"n":2}]"#);
        assert_eq!(Batch::default().json(), b"[]");
        assert_eq!(compressed(json.clone(), Compress::None).unwrap(), (json.clone(), None));
        let (gzip, name) = compressed(json.clone(), Compress::Gzip).unwrap();
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut plain).unwrap();
        assert_eq!((plain, name), (json.clone(), Some("gzip")));
        let (packed, name) = compressed(json.clone(), Compress::Zstd).unwrap();
        assert_eq!((zstd::bulk::decompress(&packed, 1_000).unwrap(), name), (json, Some("zstd")));
    }
}
