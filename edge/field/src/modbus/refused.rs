//! The values that the device has refused, and when each is asked for again. Pure.

use crate::{
    limits::modbus::{REFUSED_AGAIN, REFUSED_AGAIN_PER_POLL},
    modbus::plan::Block,
};
use davy_core::quality::Quality;
use std::collections::VecDeque;
use tokio::time::Instant;

/// Refused values, the one that waits longest first. They stay here until an answer has come, so that each is counted once.
#[derive(Debug, Default)]
pub(crate) struct RefusedValues(VecDeque<Refused>);

#[derive(Debug)]
struct Refused {
    item: usize,
    again_at: Instant,
}

impl RefusedValues {
    /// What a refusal makes of a value.
    pub(crate) const QUALITY: Quality = Quality::BAD_ADDRESS;

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|refused| refused.item)
    }

    /// Gives whether it is new.
    pub(crate) fn add(&mut self, item: usize, now: Instant) -> bool {
        let new = self.items().all(|known| known != item);
        if new {
            self.0.push_back(Refused { item, again_at: now + REFUSED_AGAIN });
        }
        new
    }

    pub(crate) fn has_answered(&mut self, items: &[usize]) {
        self.0.retain(|refused| !items.contains(&refused.item));
    }

    /// Whether a block is for a refused value alone.
    pub(crate) fn is(&self, block: &Block) -> bool {
        block.items.len() == 1 && self.items().any(|item| item == block.items[0])
    }

    /// Those that have waited long enough, as far as they are due in this round.
    pub(crate) fn due_again(&mut self, now: Instant, due: &[bool]) -> Vec<usize> {
        let ready = |refused: &Refused| refused.again_at <= now && due[refused.item];
        let items = self.0.iter().filter(|refused| ready(refused)).map(|refused| refused.item);
        let items: Vec<usize> = items.take(REFUSED_AGAIN_PER_POLL).collect();
        self.has_answered(&items);
        self.0.extend(items.iter().map(|&item| Refused { item, again_at: now + REFUSED_AGAIN }));
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_once_and_asked_again_after_a_while_when_it_is_due() {
        let begun = Instant::now();
        let mut refused = RefusedValues::default();
        assert!((0..6).all(|item| refused.add(item, begun)));
        assert!(!refused.add(3, begun), "known already");
        let mut due = [true; 6];
        due[1] = false;
        assert!(refused.due_again(begun, &due).is_empty(), "too soon");
        let later = begun + REFUSED_AGAIN;
        assert_eq!(refused.due_again(later, &due), [0, 2, 3, 4], "no more in one round");
        assert_eq!(refused.due_again(later, &due), [5]);
        assert_eq!((refused.due_again(later, &due).len(), refused.len()), (0, 6), "all are still refused");
        refused.has_answered(&[0, 5]);
        assert_eq!(refused.items().collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
