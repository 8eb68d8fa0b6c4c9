//! A list that keeps its beginning and its end, and counts what it leaves out between them.

use davy_core::record::{JournaledRow, Rows};
use std::collections::VecDeque;

/// The list.
#[derive(Debug)]
pub(super) struct Bounded<T> {
    half: usize,
    first: Vec<T>,
    last: VecDeque<T>,
    left_out: u64,
}

impl<T> Bounded<T> {
    pub(super) fn new(max: usize) -> Self {
        Self { half: max / 2, first: Vec::new(), last: VecDeque::new(), left_out: 0 }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.first.len() < self.half {
            self.first.push(item);
            return;
        }
        self.last.push_back(item);
        if self.last.len() > self.half {
            self.last.pop_front();
            self.left_out += 1;
        }
    }

    /// The items, and how many are left out.
    pub(super) fn finish(mut self) -> (Vec<T>, u64) {
        self.first.extend(self.last);
        (self.first, self.left_out)
    }
}

impl<T> Bounded<JournaledRow<T>> {
    pub(super) fn rows(self) -> Rows<T> {
        let (rows, left_out) = self.finish();
        Rows { rows, left_out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: u32, expected: &[u32], left_out: u64) {
        let mut list = Bounded::new(4);
        (1..=count).for_each(|item| list.push(item));
        assert_eq!(list.finish(), (expected.to_vec(), left_out));
    }

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        check(0, &[], 0);
        check(3, &[1, 2, 3], 0);
        check(4, &[1, 2, 3, 4], 0);
        check(5, &[1, 2, 4, 5], 1);
        check(100, &[1, 2, 99, 100], 96);
    }
}
