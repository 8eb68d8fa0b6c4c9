//! The rate of the backfill lane: a token bucket, kept as the time at which it would be full.

use std::time::Duration;
use tokio::time::Instant;

/// The bucket. It begins full.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    each: Duration,
    burst: Duration,
    full_at: Instant,
}

impl Bucket {
    /// `per_second` tokens a second; unused ones are kept for the time of `burst`, at least one.
    pub(crate) fn new(per_second: u32, burst: Duration, now: Instant) -> Self {
        Self { each: Duration::from_secs(1) / per_second.max(1), burst, full_at: now }
    }

    /// From when on there is a token.
    pub(crate) fn ready_at(&self) -> Instant {
        self.full_at.checked_sub(self.burst).unwrap_or(self.full_at)
    }

    /// Takes a token.
    pub(crate) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.each;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_rate_and_one_burst() {
        for (per_second, burst_ms, expected) in [(10, 0, 11), (200, 50, 211), (1, 0, 2), (1_000, 50, 1_051)] {
            let start = Instant::now();
            let mut bucket = Bucket::new(per_second, Duration::from_millis(burst_ms), start);
            let mut taken = 0;
            for ms in 0..=1_000 {
                let now = start + Duration::from_millis(ms);
                while bucket.ready_at() <= now {
                    bucket.take(now);
                    taken += 1;
                }
            }
            assert_eq!(taken, expected, "{per_second} a second with {burst_ms} ms of burst");
        }
    }
}
