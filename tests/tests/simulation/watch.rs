//! Looks at every event of a world, the moment it has been applied.

use crate::invariants::Ledger;
use acceptance::desk::Desk;
use davy_core::{effect::Effects, event::Event, model::Site};
use rand::{Rng, SeedableRng, rngs::SmallRng};

/// Folds every event, and looks at the whole live state after some of them.
#[derive(Clone)]
pub(crate) struct Watch {
    ledger: Ledger,
    rng: SmallRng,
    /// The whole is looked at after one event in so many.
    whole_of: u32,
    pub(crate) events: u64,
    pub(crate) records: u64,
    pub(crate) wholes: u64,
}

impl Watch {
    pub(crate) fn new(seed: u64, whole_of: u32) -> Box<Self> {
        let rng = SmallRng::seed_from_u64(seed);
        Box::new(Self { ledger: Ledger::default(), rng, whole_of, events: 0, records: 0, wholes: 0 })
    }

    /// Another configuration: what it does not know is told no more.
    pub(crate) fn configure(&mut self, site: &Site) {
        self.ledger.configure(site);
    }

    pub(crate) fn look(&mut self, event: &Event, effects: &Effects, desk: &Desk) {
        self.ledger.take(event, effects);
        self.events += 1;
        self.records += effects.records.len() as u64;
        if self.rng.random_ratio(1, self.whole_of) {
            self.ledger.check(desk);
            self.wholes += 1;
        }
    }
}
