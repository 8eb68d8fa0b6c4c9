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

    /// Every item was heard until then by somebody else, and not since.
    pub(crate) fn since(items: usize, time: i64) -> Self {
        let mut gaps = Self { latest: vec![time; items], ..Self::new(items) };
        gaps.lost();
        gaps
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

    /// The source is lost. What is still missing goes on being missing.
    pub(crate) fn lost(&mut self) {
        let Some(gap) = &mut self.gap else {
            if self.latest.iter().any(|latest| *latest != NEVER) {
                self.gap = Some(Gap { before: self.latest.clone(), after: vec![NEVER; self.latest.len()] });
            }
            return;
        };
        gap.after.fill(NEVER);
        for (before, latest) in gap.before.iter_mut().zip(&self.latest).filter(|(before, _)| **before == NEVER) {
            *before = *latest;
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

    /// For each item that was heard before the gap and since, the times between which something may be missing, both heard
    /// already. None where the last value before it is also the first after it.
    pub(crate) fn missing(&self) -> Vec<(usize, Range<i64>)> {
        let Some(gap) = &self.gap else { return Vec::new() };
        let ends = gap.before.iter().copied().zip(gap.after.iter().copied()).enumerate();
        ends.filter(|(item, (before, after))| *before != NEVER && before < after && !self.refused.contains(item))
            .map(|(item, (before, after))| (item, before..after))
            .collect()
    }

    /// Nothing is missing of an item any more.
    pub(crate) fn fill(&mut self, item: usize) {
        if let Some(before) = self.gap.as_mut().and_then(|gap| gap.before.get_mut(item)) {
            *before = NEVER;
        }
    }

    /// All that could be had has been had.
    pub(crate) fn close(&mut self) {
        self.gap = None;
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
        assert_eq!(gaps.missing(), [(0, 10..50)]);
        gaps.close();
        assert!(!gaps.is_open() && gaps.missing().is_empty());
    }

    #[test]
    fn what_somebody_else_has_heard_begins_a_gap() {
        let mut gaps = Gaps::since(3, 100);
        // Item 1 has rested since before, item 2 does not come.
        gaps.heard(0, 150);
        gaps.heard(1, 80);
        assert_eq!(gaps.missing(), [(0, 100..150)]);
        assert!(!Gaps::since(0, 100).is_open(), "nothing is missing of nothing");
    }

    #[test]
    fn what_is_not_filled_when_the_source_is_lost_again_goes_on_being_missing() {
        let mut gaps = Gaps::new(3);
        (0..3).for_each(|item| gaps.heard(item, 10));
        gaps.lost();
        (0..3).for_each(|item| gaps.heard(item, 50));
        gaps.fill(1);
        gaps.refuse(2);
        gaps.lost();
        (0..3).for_each(|item| gaps.heard(item, 90));
        assert_eq!(gaps.missing(), [(0, 10..90), (1, 50..90)]);
    }
}
