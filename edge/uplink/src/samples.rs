//! Samples, for an uplink that forwards them by exception: what has changed enough, not too often and not too seldom.
//!
//! They come from the recording, which has every value that the gateway was told and is written in blocks of a few seconds. What
//! goes up of a block follows from the recording and the uplink's settings alone: the same block makes the same messages,
//! however often and after whatever restart. So a message is known by its place in the recording, as a record is by its place
//! in the journal, and the lanes and the cursor are those of the journal.
//!
//! ```text
//! place = number of the block × 65 536 + message within the block
//! ```

mod exception;
mod feed;

pub(crate) use feed::Samples;

use davy_core::{quality::Quality, time::UtcTime};
use serde::{Deserialize, Serialize};

/// The kind of the messages, as in topics.
pub(crate) const KIND: &str = "sample";

/// Messages that a block has room for.
const PARTS: u64 = 1 << 16;

/// The last place of a block.
pub(crate) fn end_of(block: u64) -> u64 {
    block.saturating_mul(PARTS).saturating_add(PARTS - 1)
}

/// Blocks in so many places, begun ones counted.
pub(crate) fn blocks(places: u64) -> u64 {
    places.div_ceil(PARTS)
}

/// The data of a message of the kind `sample`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleBatch {
    /// When the first of what it was chosen from was received …
    pub from: UtcTime,
    /// … and the last.
    pub until: UtcTime,
    /// Events, most of them of many values, that were not recorded just before, because the disk was too slow or failed.
    #[serde(default, skip_serializing_if = "is_none")]
    pub lost: u64,
    /// Stretches of some seconds that had made room, or could not be read, before they went up.
    #[serde(default, skip_serializing_if = "is_none")]
    pub missing: u64,
    /// The values, in the order in which they were received.
    pub samples: Vec<SampleValue>,
}

/// A value with its quality and its two times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleValue {
    /// The tag.
    pub tag: String,
    /// In the tag's engineering unit; absent when it is no number.
    pub value: Option<f64>,
    /// The OPC UA status code, 0 being good.
    pub quality: Quality,
    /// When the device says it was measured; absent when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_time: Option<UtcTime>,
    /// When the gateway received it.
    pub received_time: UtcTime,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_none(count: &u64) -> bool {
    *count == 0
}
