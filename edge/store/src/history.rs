//! The history: every value of every tag, with its quality and its times, in a file of its own, `history.db`, for trends and
//! for uplinks that forward samples.
//!
//! Values gather in memory and are written as one batch, in blocks of a few tags, column by column. The recording is the
//! history's log: a batch says up to which of its blocks it reaches, so after a power cut or a kill what was not yet
//! written is taken from there, and no more is lost than the recording lost.
//!
//! ```text
//! batch 7                 tags 0-7        tags 8-15       …        one row each, written in order
//!                         ├ counts        ├ counts
//!                         ├ times         ├ times                  delta coded
//!                         ├ delays        ├ delays                 from time to receipt
//!                         ├ values        ├ values
//!                         └ qualities     └ qualities              one number as long as all are the same
//! ```

mod block;
mod file;
mod filling;
mod point;
mod reader;
mod trend;
mod writer;

pub use point::{Mark, Value};
pub use reader::{Answer, Gap, History};
pub use trend::{Bucket, Range};
pub(crate) use writer::Writer;

use serde::{Deserialize, Serialize};

/// A tag as the history knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagOfRun {
    /// Its id.
    pub id: String,
    /// The place of its source in the site: when that is lost, nothing is known of the tag.
    pub source: u32,
}
