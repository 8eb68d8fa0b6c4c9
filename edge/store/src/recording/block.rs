//! A block: what was told, one after the other, compressed. The engine's own types in the `postcard` format, then zstd:
//! values of one poll look alike, so they shrink well.

use super::Told;
use crate::limits;
use davy_core::{
    event::Event,
    time::{Monotonic, Now, UtcTime},
};
use serde::Serialize;
use std::io::{self, Read as _};

/// A block as it grows.
#[derive(Debug, Default)]
pub(super) struct Open {
    bytes: Vec<u8>,
    pub(super) events: u32,
    /// The earliest and the latest time in it; the wall clock may have been set back in between.
    pub(super) span: (UtcTime, UtcTime),
    since: Monotonic,
}

/// What is written without being copied first; the same shape as [`Told`].
#[derive(Serialize)]
struct Telling<'a> {
    now: Now,
    event: &'a Event,
}

impl Open {
    pub(super) fn put(&mut self, now: Now, event: &Event) {
        if self.events == 0 {
            (self.span, self.since) = ((now.utc, now.utc), now.monotonic);
        }
        self.span = (self.span.0.min(now.utc), self.span.1.max(now.utc));
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = postcard::to_extend(&Telling { now, event }, bytes)
            .expect("events are plain data of known length, and a vector takes any number of bytes");
        self.events = self.events.saturating_add(1);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Whether it must be handed over: it is full, or its first event has waited long enough.
    pub(super) fn is_ripe(&self, now: Now) -> bool {
        let age_ms = now.monotonic.since(self.since);
        !self.is_empty() && (self.bytes.len() >= limits::BLOCK_BYTES || age_ms >= limits::BLOCK_AGE_MS)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Compresses a block, or whatever else is long.
pub(super) fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, limits::COMPRESSION_LEVEL)
}

/// The opposite; what would be longer than `most` is nothing of ours.
pub(super) fn unpack(packed: &[u8], most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = zstd::Decoder::new(packed)?.take(most + 1).read_to_end(&mut bytes)?;
    if read as u64 > most {
        return Err(io::Error::other(format!("it holds more than {most} bytes")));
    }
    Ok(bytes)
}

/// Reads what a block holds.
pub(super) fn read(packed: &[u8]) -> Result<Vec<Told>, String> {
    let bytes = unpack(packed, limits::BLOCK_BYTES_MAX).map_err(|error| error.to_string())?;
    told(&bytes).collect()
}

/// What was told, one after the other; ends with the first that cannot be read.
pub(super) fn told(bytes: &[u8]) -> impl Iterator<Item = Result<Told, String>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let one = postcard::take_from_bytes::<Told>(rest).map_err(|error| error.to_string());
        rest = one.as_ref().map_or(&[][..], |(_, after)| after);
        Some(one.map(|(told, _)| told))
    })
}
