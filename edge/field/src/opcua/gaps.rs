//! What a source was not heard of: between which two values of each item something is missing. Pure.
//!
//! The times are the source's own, because its history is asked by them and its clock may differ from this one. They are
//! kept as the protocol counts them, in 100 ns: a millisecond may have several values.

use std::{collections::BTreeSet, ops::Range};

/// The latest source times of the items, and the gap that is open.
#[derive(Debug)]
pub(crate) struct Gaps {
    /// The latest source time of each item; [`NEVER`] before its first.
    latest: Vec<i64>,
    gap: Option<Gap>,
    /// Items whose history the server does not give.
    refused: BTreeSet<usize>,
}

#[derive(Debug)]
struct Gap {
    /// The latest times when the source was lost.
    before: Vec<i64>,
    /// The first ones afterwards; [`NEVER`] while there is none.
    after: Vec<i64>,
}

const NEVER: i64 = i64::MIN;

impl Gaps {
    pub(crate) fn new(items: usize) -> Self {
        Self { latest: vec![NEVER; items], gap: None, refused: BTreeSet::new() }
    }

    /// A value of an item came, of this source time.
    pub(crate) fn heard(&mut self, item: usize, time: i64) {
        let Some(latest) = self.latest.get_mut(item) else { return };
        *latest = time.max(*latest);
        if let Some(after) = self.gap.as_mut().and_then(|gap| gap.after.get_mut(item)).filter(|after| **after == NEVER)
        {
            *after = time;
        }
    }

    /// The source is lost. What was missing already goes on being missing.
    pub(crate) fn lost(&mut self) {
        if let Some(gap) = &mut self.gap {
            gap.after.fill(NEVER);
        } else if self.latest.iter().any(|latest| *latest != NEVER) {
            self.gap = Some(Gap { before: self.latest.clone(), after: vec![NEVER; self.latest.len()] });
        }
    }

    /// The server gives no history of an item; it is not asked for again.
    pub(crate) fn refuse(&mut self, item: usize) {
        self.refused.insert(item);
    }

    /// Whether anything is missing.
    pub(crate) fn is_open(&self) -> bool {
        self.gap.is_some()
    }

    /// Takes the gap: for each item that was heard before and since, the times between which something may be missing,
    /// both heard already. None where the last value before the gap is also the first after it.
    pub(crate) fn take(&mut self) -> Vec<(usize, Range<i64>)> {
        let Some(gap) = self.gap.take() else { return Vec::new() };
        let ends = gap.before.into_iter().zip(gap.after).enumerate();
        ends.filter(|(item, (before, after))| *before != NEVER && before < after && !self.refused.contains(item))
            .map(|(item, (before, after))| (item, before..after))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_lies_between_what_was_heard() {
        let mut gaps = Gaps::new(4);
        gaps.lost();
        assert!(!gaps.is_open(), "nothing was heard that could go on");
        for (item, time) in [(0, 10), (1, 20), (2, 30), (0, 9)] {
            gaps.heard(item, time);
        }
        gaps.lost();
        // Item 1 has rested, item 2 is not heard yet, item 3 never was before.
        for (item, time) in [(0, 50), (1, 20), (3, 40), (0, 60)] {
            gaps.heard(item, time);
        }
        assert_eq!(gaps.take(), [(0, 10..50)]);
        assert!(!gaps.is_open() && gaps.take().is_empty());
    }

    #[test]
    fn a_source_that_is_lost_again_at_once_has_one_gap() {
        let mut gaps = Gaps::new(1);
        gaps.heard(0, 10);
        gaps.lost();
        gaps.heard(0, 50);
        gaps.lost();
        gaps.heard(0, 90);
        assert_eq!(gaps.take(), [(0, 10..90)]);
        gaps.refuse(0);
        gaps.lost();
        gaps.heard(0, 120);
        assert!(gaps.take().is_empty(), "its history was refused");
    }
}
