//! Whether what was subscribed to arrives: each item's first value, and each notification in its turn. Pure.
//!
//! A subscription may be granted and then bring nothing, or a notification be lost between server and client. Both would
//! look like a process at rest.

use std::ops::Range;

/// What has come of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// Nothing: the server owes its first value.
    Nothing,
    /// Something, but a later value may have been lost.
    InDoubt,
    /// Everything as far as is known, or nothing is expected.
    All,
}

/// The arrival of the items of a session.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    items: Vec<Heard>,
    /// The number that the next notification of each subscription has; `None` before its first.
    next: Vec<Option<u32>>,
}

impl Arrival {
    /// Nothing has come of so many items.
    pub(crate) fn new(items: usize) -> Self {
        Self { items: vec![Heard::Nothing; items], next: Vec::new() }
    }

    /// A value of an item came.
    pub(crate) fn heard(&mut self, item: usize) {
        self.set(item, Heard::All);
    }

    /// The server owes an item its first value.
    pub(crate) fn expect(&mut self, item: usize) {
        self.set(item, Heard::Nothing);
    }

    /// A value of these items may have been lost.
    pub(crate) fn doubt(&mut self, items: Range<usize>) {
        for heard in self.items.get_mut(items).into_iter().flatten().filter(|heard| **heard == Heard::All) {
            *heard = Heard::InDoubt;
        }
    }

    /// The value of an item was read, which is worth a notification where one was lost. Gives whether it is news: what
    /// came by notification meanwhile is younger.
    pub(crate) fn was_read(&mut self, item: usize) -> bool {
        let heard = self.items.get(item).copied().unwrap_or(Heard::All);
        if heard == Heard::InDoubt {
            self.set(item, Heard::All);
        }
        heard != Heard::All
    }

    /// The items whose value is not known to be the latest.
    pub(crate) fn unheard(&self) -> Vec<usize> {
        let unheard = |(item, heard): (usize, &Heard)| (*heard != Heard::All).then_some(item);
        self.items.iter().enumerate().filter_map(unheard).collect()
    }

    /// How many items have brought nothing at all.
    pub(crate) fn silent(&self) -> usize {
        self.items.iter().filter(|heard| **heard == Heard::Nothing).count()
    }

    /// A notification came; gives the numbers of those before it that did not. A sign of life without values has the
    /// number that the next one will have (OPC 10000-4, 5.14.1.1).
    pub(crate) fn missed(&mut self, subscription: usize, number: u32, has_values: bool) -> Range<u32> {
        if self.next.len() <= subscription {
            self.next.resize(subscription + 1, None);
        }
        let expected = self.next[subscription].unwrap_or(number);
        // After the last number comes 1.
        self.next[subscription] = Some(if has_values { number.checked_add(1).unwrap_or(1) } else { number });
        expected..number.max(expected)
    }

    fn set(&mut self, item: usize, heard: Heard) {
        if let Some(place) = self.items.get_mut(item) {
            *place = heard;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_unheard_until_its_value_comes() {
        let mut arrival = Arrival::new(3);
        arrival.heard(1);
        assert_eq!(arrival.unheard(), [0, 2]);
        assert!(arrival.was_read(0) && !arrival.was_read(1));
        assert_eq!((arrival.unheard(), arrival.silent()), (vec![0, 2], 2), "a value that was read is no notification");
        arrival.heard(0);
        arrival.heard(2);
        assert!(arrival.unheard().is_empty());
        arrival.doubt(1..9);
        arrival.doubt(1..3);
        arrival.expect(0);
        assert_eq!((arrival.unheard(), arrival.silent()), (vec![0, 1, 2], 1));
        arrival.heard(2);
        assert!(arrival.was_read(1) && !arrival.was_read(2), "the notification came first");
        assert_eq!(arrival.unheard(), [0], "one reading answers the doubt");
    }

    #[test]
    fn a_notification_that_is_left_out_is_noticed() {
        let mut arrival = Arrival::new(0);
        for (number, has_values, missed) in [
            (1, true, 1..1),
            (2, false, 2..2),
            (2, true, 2..2),
            (5, true, 3..5),
            (7, false, 6..7),
            (7, true, 7..7),
            (1, true, 8..8),
            (u32::MAX, true, 2..u32::MAX),
            (1, true, 1..1),
        ] {
            assert_eq!(arrival.missed(0, number, has_values), missed, "{number}");
        }
        assert_eq!(arrival.missed(3, 40, true), 40..40, "the first one of a subscription");
    }
}
