//! Which numbers of a sequence have come: runs of neighbours, so that a long unbroken sequence takes no memory.

use crate::limits;
use std::collections::BTreeMap;

/// The runs, each from its first number to its last.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs(BTreeMap<u64, u64>);

impl Runs {
    /// Notes a number. Whether it is new.
    pub(super) fn add(&mut self, number: u64) -> bool {
        let before = self.0.range(..=number).next_back().map(|(&first, &last)| (first, last));
        if before.is_some_and(|(_, last)| last >= number) {
            return false;
        }
        let first = before.filter(|(_, last)| last.checked_add(1) == Some(number)).map_or(number, |(first, _)| first);
        let after = number.checked_add(1).and_then(|next| self.0.remove(&next));
        self.0.insert(first, after.unwrap_or(number));
        self.forget_the_oldest_gap();
        true
    }

    /// How many numbers are missing between the first and the last.
    pub(super) fn missing(&self) -> u64 {
        let between = self.0.values().zip(self.0.keys().skip(1)).map(|(last, next)| next - last - 1);
        between.fold(0, u64::saturating_add)
    }

    fn forget_the_oldest_gap(&mut self) {
        if self.0.len() <= limits::RUNS_MAX {
            return;
        }
        if let (Some((first, _)), Some((_, last))) = (self.0.pop_first(), self.0.pop_first()) {
            self.0.insert(first, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(runs: &mut Runs, numbers: impl IntoIterator<Item = u64>) -> Vec<bool> {
        numbers.into_iter().map(|number| runs.add(number)).collect()
    }

    #[test]
    fn a_resend_is_not_new_and_what_comes_late_fills_its_gap() {
        let mut runs = Runs::default();
        assert_eq!(add(&mut runs, [5, 6, 9, 6, 12]), [true, true, true, false, true]);
        assert_eq!(runs.missing(), 4, "7, 8, 10, 11");
        assert_eq!(add(&mut runs, [8, 7, 11, 10, 8]), [true, true, true, true, false]);
        assert_eq!((runs.missing(), runs.0.len()), (0, 1));
        assert!(runs.add(u64::MAX) && runs.add(0) && !runs.add(u64::MAX));
    }

    #[test]
    fn any_order_gives_one_run() {
        let mut runs = Runs::default();
        // 7 generates the numbers modulo 1009.
        assert!((0..1_009).all(|step| runs.add(step * 7 % 1_009)));
        assert_eq!((runs.missing(), runs.0.len()), (0, 1));
    }

    #[test]
    fn memory_is_bounded() {
        let mut runs = Runs::default();
        let count = limits::RUNS_MAX as u64 + 100;
        add(&mut runs, (0..count).map(|step| step * 2));
        assert_eq!(runs.0.len(), limits::RUNS_MAX);
        assert_eq!(runs.missing(), count - 1 - 100, "the oldest gaps are forgotten");
    }
}
