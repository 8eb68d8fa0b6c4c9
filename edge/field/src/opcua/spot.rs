//! Looks at a few items in turn and compares what is read with what was notified last. Pure.
//!
//! A value that rests and one whose notifications have stopped look the same from outside. When the same other value is read
//! twice, with time enough for a notification in between, the subscription has left it out.

use davy_core::event::Sample;
use std::collections::BTreeMap;

/// What counts as the same: the value, and the status without its lower half, in which a notification has bits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    value: u64,
    status: u16,
}

impl Seen {
    fn of(sample: &Sample) -> Self {
        Self { value: sample.value.to_bits(), status: (sample.quality.0 >> 16) as u16 }
    }
}

/// What was notified last of each item, and what does not fit to it.
#[derive(Debug, Default)]
pub(crate) struct Spot {
    /// `None` before the first notification.
    notified: Vec<Option<Seen>>,
    /// What was read otherwise.
    doubted: BTreeMap<usize, Seen>,
    next: usize,
}

impl Spot {
    pub(crate) fn new(items: usize) -> Self {
        Self { notified: vec![None; items], doubted: BTreeMap::new(), next: 0 }
    }

    /// A notification brought a value.
    pub(crate) fn notified(&mut self, item: usize, sample: &Sample) {
        if let Some(last) = self.notified.get_mut(item) {
            *last = Some(Seen::of(sample));
        }
        if !self.doubted.is_empty() {
            self.doubted.remove(&item);
        }
    }

    /// The items to read: those in doubt, and the next ones in turn of those that every change is notified of.
    pub(crate) fn choose(&mut self, most: usize, every_change: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut chosen: Vec<usize> = self.doubted.keys().copied().take(most).collect();
        for _ in 0..self.notified.len().min(most - chosen.len()) {
            let item = self.next;
            self.next = (self.next + 1) % self.notified.len();
            if self.notified[item].is_some() && every_change(item) && !self.doubted.contains_key(&item) {
                chosen.push(item);
            }
        }
        chosen
    }

    /// Compares what was read; gives the items whose notifications have stopped.
    pub(crate) fn judge(&mut self, read: &[(usize, Sample)]) -> Vec<usize> {
        let mut stopped = Vec::new();
        for (item, sample) in read {
            let seen = Seen::of(sample);
            let notified = self.notified.get(*item).copied().flatten();
            if notified == Some(seen) {
                self.doubted.remove(item);
            } else if self.doubted.insert(*item, seen) == Some(seen) {
                self.doubted.remove(item);
                stopped.push(*item);
            }
        }
        stopped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::{id::TagIx, quality::Quality, time::UtcTime};

    fn sample(value: f64, quality: u32) -> Sample {
        Sample { tag: TagIx(0), value, quality: Quality(quality), source_time: None, received_time: UtcTime(0) }
    }

    #[test]
    fn the_same_other_value_twice_is_a_notification_that_did_not_come() {
        let mut spot = Spot::new(1);
        spot.notified(0, &sample(1.0, 0x0480));
        assert!(spot.judge(&[(0, sample(1.0, 0))]).is_empty(), "an overflow bit is no other value");
        assert!(spot.judge(&[(0, sample(2.0, 0))]).is_empty(), "its notification may be on the way");
        spot.notified(0, &sample(2.0, 0));
        assert!(spot.judge(&[(0, sample(3.0, 0))]).is_empty());
        assert!(spot.judge(&[(0, sample(4.0, 0))]).is_empty(), "it moves");
        assert_eq!(spot.judge(&[(0, sample(4.0, 0))]), [0]);
        assert!(spot.judge(&[(0, sample(4.0, 0x808C_0000))]).is_empty());
        assert_eq!(spot.judge(&[(0, sample(4.0, 0x808C_0000))]), [0], "so does its status");
    }

    #[test]
    fn items_are_looked_at_in_turn() {
        let mut spot = Spot::new(5);
        [0, 1, 2, 4].iter().for_each(|item| spot.notified(*item, &sample(1.0, 0)));
        let mut chosen: Vec<Vec<usize>> = (0..3).map(|_| spot.choose(2, |item| item != 1)).collect();
        assert_eq!(chosen, [vec![0], vec![2], vec![4, 0]], "1 is held back, 3 was never notified");
        spot.judge(&[(2, sample(9.0, 0))]);
        chosen = (0..2).map(|_| spot.choose(2, |_| true)).collect();
        assert_eq!(chosen, [vec![2, 1], vec![2]], "what is in doubt comes first");
        assert!(Spot::new(0).choose(9, |_| true).is_empty());
    }
}
