//! An input that bounces.

use crate::limits;
use davy_core::time::Monotonic;

/// An input as it has been for long enough.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    debounce_ms: u64,
    /// What it is, since when.
    settled: Option<(bool, Monotonic)>,
    /// What it seems to become, since when.
    seems: Option<(bool, Monotonic)>,
    turned_active: bool,
}

impl Contact {
    pub(super) fn new(debounce_ms: u64) -> Self {
        Self { debounce_ms, settled: None, seems: None, turned_active: false }
    }

    /// Takes what it reads; true when it has just become active after it was not. One that is active from the start was not pressed.
    pub(super) fn sample(&mut self, active: Option<bool>, now: Monotonic) -> bool {
        self.turned_active = false;
        let Some(active) = active else {
            (self.settled, self.seems) = (None, None);
            return false;
        };
        let since = match self.seems {
            Some((seems, since)) if seems == active => since,
            Some(_) | None => {
                self.seems = Some((active, now));
                now
            }
        };
        let was = self.settled.map(|(was, _)| was);
        if was == Some(active) || now.since(since) < self.debounce_ms {
            return false;
        }
        self.settled = Some((active, now));
        self.turned_active = active;
        active && was == Some(false)
    }

    /// Whether the last sample has made it active, from whatever it was.
    pub(super) fn has_become_active(&self) -> bool {
        self.turned_active
    }

    /// What it is; `None` when it cannot be read or has not settled yet.
    pub(super) fn active(&self) -> Option<bool> {
        self.settled.map(|(active, _)| active)
    }

    /// Whether it has been active for longer than anybody presses a button.
    pub(super) fn is_stuck(&self, now: Monotonic) -> bool {
        self.settled.is_some_and(|(active, since)| active && now.since(since) > limits::STUCK_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presses(debounce_ms: u64, samples: &[(u64, Option<bool>)]) -> Vec<u64> {
        let mut contact = Contact::new(debounce_ms);
        samples.iter().filter(|(at, active)| contact.sample(*active, Monotonic(*at))).map(|(at, _)| *at).collect()
    }

    #[test]
    fn a_button_that_bounces_is_pressed_once() {
        let samples = [
            (0, Some(false)),
            (50, Some(false)),
            (100, Some(true)),
            (120, Some(false)),
            (140, Some(true)),
            (160, Some(true)),
            (180, Some(true)),
            (200, Some(true)),
            (220, Some(false)),
            (240, Some(true)),
            (300, Some(true)),
        ];
        assert_eq!(presses(50, &samples), [200]);
    }

    #[test]
    fn one_that_is_held_from_the_start_or_was_unreadable_is_not_pressed() {
        assert_eq!(presses(50, &[(0, Some(true)), (60, Some(true)), (900, Some(true))]), [] as [u64; 0]);
        let unreadable = [(0, Some(false)), (60, Some(false)), (80, None), (100, Some(true)), (200, Some(true))];
        assert_eq!(presses(50, &unreadable), [] as [u64; 0]);
    }

    #[test]
    fn a_short_disturbance_is_nothing() {
        let samples = [
            (0, Some(false)),
            (60, Some(false)),
            (100, Some(true)),
            (140, Some(true)),
            (149, Some(false)),
            (300, Some(false)),
        ];
        assert_eq!(presses(50, &samples), [] as [u64; 0]);
    }

    #[test]
    fn one_that_is_held_for_too_long_is_stuck() {
        let mut contact = Contact::new(50);
        for at in [0, 60] {
            contact.sample(Some(true), Monotonic(at));
        }
        assert!(!contact.is_stuck(Monotonic(60 + limits::STUCK_MS)));
        assert!(contact.is_stuck(Monotonic(61 + limits::STUCK_MS)));
    }
}
