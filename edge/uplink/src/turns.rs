//! Events go before samples: while the backlog of an uplink drains that carries records, the backlog of those that carry samples
//! waits. All of them leave the box by the same line.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Shared by the uplinks of a gateway.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<AtomicUsize>);

/// An uplink's own part in it.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Turns,
    drains: bool,
}

impl Turns {
    pub(crate) fn mine(&self) -> Turn {
        Turn { turns: self.clone(), drains: false }
    }
}

impl Turn {
    /// Whether records drain here.
    pub(crate) fn drains(&mut self, drains: bool) {
        match (std::mem::replace(&mut self.drains, drains), drains) {
            (false, true) => drop(self.turns.0.fetch_add(1, Ordering::Relaxed)),
            (true, false) => drop(self.turns.0.fetch_sub(1, Ordering::Relaxed)),
            (true, true) | (false, false) => {}
        }
    }

    /// Whether records drain nowhere.
    pub(crate) fn is_free(&self) -> bool {
        self.turns.0.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.drains(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_wait_while_any_backlog_of_records_drains() {
        let turns = Turns::default();
        let (mut first, mut second, samples) = (turns.mine(), turns.mine(), turns.mine());
        assert!(samples.is_free());
        first.drains(true);
        first.drains(true);
        second.drains(true);
        first.drains(false);
        assert!(!samples.is_free());
        drop(second);
        assert!(samples.is_free());
    }
}
