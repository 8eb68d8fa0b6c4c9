//! How long reading may take: beside the gateway as long as it needs, over HTTP shorter than whoever asks waits.

use std::time::{Duration, Instant};

/// What a note says when it is over.
pub(super) const OVER: &str = "there was no time for more, `davy evidence` reads all of it";

/// Until when it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience(Option<Instant>);

impl Patience {
    pub(super) const ENDLESS: Self = Self(None);

    pub(super) fn of(time: Duration) -> Self {
        Self(Some(Instant::now() + time))
    }

    /// Half of what is left.
    pub(super) fn half(self) -> Self {
        Self(self.0.map(|end| end - end.saturating_duration_since(Instant::now()) / 2))
    }

    pub(super) fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}
