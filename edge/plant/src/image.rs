//! What all instruments say at one moment: the servers read it, the story writes it.

use crate::physics::Reading;
use davy_core::time::UtcTime;
use std::sync::Arc;
use tokio::sync::watch;

/// The readings at a moment, in the order of the points.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    /// The source time of all values.
    pub(crate) at: UtcTime,
    pub(crate) readings: Vec<Reading>,
}

/// The latest image.
pub(crate) type Images = watch::Receiver<Arc<Image>>;
