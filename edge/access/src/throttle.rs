//! How often a password may be guessed: a delay that grows, for each user and for each address apart. It only ever keeps people
//! from logging in; whoever is in stays in.

use crate::limits::{ADDRESS_GUESSES, GUESSERS_MAX, GUESSES_FORGOTTEN_MS, LOCK_FIRST_MS, LOCK_MAX_MS, USER_GUESSES};
use davy_core::time::Monotonic;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, net::IpAddr};

/// Whose wrong passwords are counted. Names that nobody has are counted like the others, so that nothing tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guesser {
    User([u8; 32]),
    Address(IpAddr),
}

impl Guesser {
    pub(crate) fn user(name: &str) -> Self {
        Self::User(Sha256::digest(name.as_bytes()).into())
    }

    fn guesses(self) -> u32 {
        match self {
            Self::User(_) => USER_GUESSES,
            Self::Address(_) => ADDRESS_GUESSES,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Count {
    wrong: u32,
    last: Monotonic,
    locked_until: Monotonic,
}

#[derive(Debug, Default)]
pub(crate) struct Throttle(BTreeMap<Guesser, Count>);

impl Throttle {
    /// Milliseconds that it still has to wait; 0 when it may try.
    pub(crate) fn wait_ms(&self, guesser: Guesser, now: Monotonic) -> u64 {
        self.0.get(&guesser).map_or(0, |count| count.locked_until.since(now))
    }

    /// A guess is counted as wrong before it is looked at, so that many at once are no way around. Gives whether it is locked
    /// out by this one, and for how long in milliseconds.
    pub(crate) fn count(&mut self, guesser: Guesser, now: Monotonic) -> Option<u64> {
        if self.0.len() >= GUESSERS_MAX && !self.0.contains_key(&guesser) {
            self.forget_oldest();
        }
        let fresh = Count { wrong: 0, last: now, locked_until: Monotonic(0) };
        let count = self.0.entry(guesser).or_insert(fresh);
        if now.since(count.last) >= GUESSES_FORGOTTEN_MS {
            *count = fresh;
        }
        count.wrong = count.wrong.saturating_add(1);
        count.last = now;
        let beyond = count.wrong.checked_sub(guesser.guesses())?;
        let lock_ms = LOCK_FIRST_MS.saturating_mul(1 << beyond.min(16)).min(LOCK_MAX_MS);
        count.locked_until = now.after(lock_ms);
        Some(lock_ms)
    }

    /// The password was right after all: the user's count begins anew. An address only takes this one back, for whoever knows
    /// one password must not guess another's for ever.
    pub(crate) fn was_right(&mut self, guesser: Guesser) {
        match guesser {
            Guesser::User(_) => drop(self.0.remove(&guesser)),
            Guesser::Address(_) => {
                if let Some(count) = self.0.get_mut(&guesser) {
                    count.wrong = count.wrong.saturating_sub(1);
                    count.locked_until = Monotonic(0);
                }
            }
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.0.iter().min_by_key(|(_, count)| count.last).map(|(guesser, _)| *guesser) {
            self.0.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(u64) -> Monotonic = Monotonic;

    /// Guesses as soon as it may; gives the waits.
    fn waits(throttle: &mut Throttle, guesser: Guesser, guesses: usize) -> Vec<u64> {
        let mut now = AT(1);
        (0..guesses)
            .map(|_| {
                throttle.count(guesser, now);
                let wait = throttle.wait_ms(guesser, now);
                now = now.after(wait);
                assert_eq!(throttle.wait_ms(guesser, now), 0, "it ends by itself");
                wait / 1_000
            })
            .collect()
    }

    #[test]
    fn the_wait_grows_to_a_bound() {
        let mut throttle = Throttle::default();
        let user = Guesser::user("陈静");
        assert_eq!(waits(&mut throttle, user, 12), [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(throttle.wait_ms(Guesser::user("李雷"), AT(1)), 0, "nobody else waits");
        let address = Guesser::Address([10, 0, 0, 7].into());
        assert_eq!(waits(&mut throttle, address, 21)[18..], [0, 30, 60]);
    }

    #[test]
    fn a_right_password_and_a_quiet_hour_begin_anew() {
        let mut throttle = Throttle::default();
        let (user, address) = (Guesser::user("陈静"), Guesser::Address([10, 0, 0, 7].into()));
        for n in 0..4 {
            assert_eq!((throttle.count(user, AT(n)), throttle.count(address, AT(n))), (None, None));
        }
        throttle.was_right(user);
        assert_eq!(waits(&mut throttle, user, 4), [0; 4]);
        assert!(throttle.count(user, AT(3_600_000 - 1)).is_some());
        assert_eq!(throttle.count(user, AT(2 * 3_600_000)), None, "forgotten");
        // One who knows a password goes on guessing another's between his own.
        for n in 0..40 {
            throttle.count(address, AT(n));
            if n % 2 == 0 {
                throttle.was_right(address);
            }
        }
        assert!(throttle.wait_ms(address, AT(40)) > 0);
    }

    #[test]
    fn no_more_are_counted_than_there_is_room_for() {
        let mut throttle = Throttle::default();
        for n in 0..2 * GUESSERS_MAX as u64 {
            throttle.count(Guesser::user(&n.to_string()), AT(n));
        }
        assert_eq!(throttle.0.len(), GUESSERS_MAX);
    }
}
