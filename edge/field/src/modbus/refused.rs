//! The values that the device refuses or fails for, and when each is asked for again. Pure.

use crate::{
    limits::modbus::{REFUSED_AGAIN, REFUSED_AGAIN_PER_POLL},
    modbus::plan::Block,
};
use davy_core::quality::Quality;
use std::collections::VecDeque;
use tokio::time::Instant;

/// Such values, the one that waits longest first. They stay here until an answer has come, so that each is counted once.
#[derive(Debug, Default)]
pub(crate) struct RefusedValues(VecDeque<Refused>);

#[derive(Debug)]
struct Refused {
    item: usize,
    quality: Quality,
    again_at: Instant,
}

impl RefusedValues {
    /// What a refusal makes of a value.
    pub(crate) const QUALITY: Quality = Quality::BAD_ADDRESS;

    /// Each with what that makes of it.
    pub(crate) fn values(&self) -> impl Iterator<Item = (usize, Quality)> {
        self.0.iter().map(|refused| (refused.item, refused.quality))
    }

    /// How many there are, in words.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        let refused = self.values().filter(|(_, quality)| *quality == Self::QUALITY).count();
        let counts = [(refused, "refused by the device"), (self.0.len() - refused, "for which the device fails")];
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} values {what}"))
    }

    fn items(&self) -> impl Iterator<Item = usize> {
        self.values().map(|(item, _)| item)
    }

    /// Gives whether it is new.
    pub(crate) fn add(&mut self, item: usize, quality: Quality, now: Instant) -> bool {
        if let Some(known) = self.0.iter_mut().find(|known| known.item == item) {
            known.quality = quality;
            return false;
        }
        self.0.push_back(Refused { item, quality, again_at: now + REFUSED_AGAIN });
        true
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
        let values = self.0.iter().filter(|refused| ready(refused)).map(|refused| (refused.item, refused.quality));
        let values: Vec<(usize, Quality)> = values.take(REFUSED_AGAIN_PER_POLL).collect();
        let items: Vec<usize> = values.iter().map(|(item, _)| *item).collect();
        self.has_answered(&items);
        self.0.extend(values.iter().map(|&(item, quality)| Refused { item, quality, again_at: now + REFUSED_AGAIN }));
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
        assert!((0..6).all(|item| refused.add(item, RefusedValues::QUALITY, begun)));
        assert!(!refused.add(3, Quality::BAD_DEVICE, begun), "known already");
        assert!(refused.notes().eq(["5 values refused by the device", "1 values for which the device fails"]));
        let mut due = [true; 6];
        due[1] = false;
        assert!(refused.due_again(begun, &due).is_empty(), "too soon");
        let later = begun + REFUSED_AGAIN;
        assert_eq!(refused.due_again(later, &due), [0, 2, 3, 4], "no more in one round");
        assert_eq!(refused.due_again(later, &due), [5]);
        assert_eq!((refused.due_again(later, &due).len(), refused.items().count()), (0, 6), "all are still refused");
        refused.has_answered(&[0, 5]);
        assert_eq!(refused.items().collect::<Vec<_>>(), [1, 2, 3, 4]);
    }
}
