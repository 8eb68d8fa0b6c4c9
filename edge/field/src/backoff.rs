//! How long to wait before the next attempt: doubling, bounded, jittered, short again after a success.

use crate::limits;
use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// The wait that comes next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    longest: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { longest: limits::RETRY_FIRST }
    }

    /// The source was reached: the next wait is short.
    pub(crate) fn reset(&mut self) {
        *self = Self::new();
    }

    /// The next wait, between a half and the whole of what is due.
    pub(crate) fn wait(&mut self) -> Duration {
        let half = self.longest / 2;
        self.longest = (self.longest * 2).min(limits::RETRY_MAX);
        half + half.mul_f64(chance())
    }
}

/// 0 to 1. The standard library seeds every `RandomState` differently, which is random enough to spread attempts.
fn chance() -> f64 {
    f64::from(RandomState::new().hash_one(()) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_are_short_after_a_success() {
        let mut backoff = Backoff::new();
        let waits: Vec<Duration> = (0..12).map(|_| backoff.wait()).collect();
        assert!(waits[0] >= limits::RETRY_FIRST / 2 && waits[0] <= limits::RETRY_FIRST, "{waits:?}");
        let last = waits[11];
        assert!(last >= limits::RETRY_MAX / 2 && last <= limits::RETRY_MAX, "{waits:?}");
        backoff.reset();
        assert!(backoff.wait() <= limits::RETRY_FIRST);
    }

    #[test]
    fn sources_of_one_plant_do_not_wait_equally_long() {
        let first_waits: Vec<Duration> = (0..20).map(|_| Backoff::new().wait()).collect();
        let (shortest, longest) = (first_waits.iter().min().unwrap(), first_waits.iter().max().unwrap());
        assert!(*longest - *shortest > limits::RETRY_FIRST / 10, "{first_waits:?}");
    }

    #[test]
    fn a_minute_has_room_for_few_attempts() {
        for _ in 0..20 {
            let (mut backoff, mut at, mut attempts) = (Backoff::new(), Duration::ZERO, 0);
            while at < Duration::from_secs(60) {
                attempts += 1;
                at += backoff.wait();
            }
            assert!((13..=27).contains(&attempts), "{attempts}");
        }
    }
}
