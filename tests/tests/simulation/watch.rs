//! Looks at every event of a world, the moment it has been applied. Where the invariants of the design are proved:
//!
//! | invariant | where | how often |
//! |---|---|---|
//! | the same inputs give the same journal | `simulation.rs` | whole runs, every seed |
//! | a restart at any commit gives the same future | `simulation.rs`, two gateways side by side, of which one dies between steps and amid them (`deaths.rs`), with the event on its way kept or lost; everything below also after such deaths | every seed, one step in seven; one step in a hundred |
//! | the live state is what the journal tells, with its reasons | `Ledger::check_told` | after every event; on the large plant after one in `LARGE_WHOLE_OF`, amid floods of ten thousand alarms (`floods.rs`) after one in `WHOLE_OF` |
//! | the lamp shows the worst unsilenced state within one loop | `check_lamp`: what the board was told, the engine and the observers | as above |
//! | no alarm is shelved past its limit, lives are never hidden | `Hides::check` | as above |
//! | no warning is unhandled past its time | `Ledger::check_unhandled` | as above |
//! | what is over never comes back: a closed task, an alarm, a warning | `Ledger::take` | each record |
//! | a suspected hazard is never closed without a person | `Ledger::take_hazard` | each record |
//! | each command has one audit record and one answer | `Ledger::take` | each event |
//! | no list passes its limit: open tickets | `check_tickets`; the inbox and the journal have tests beside them | as the live state |
//! | nothing is sent that is not in the journal; each row is acknowledged once per uplink | beside the uplinks and end to end: here the journal is what the desk has been given | |

use crate::invariants::Ledger;
use acceptance::desk::Desk;
use davy_core::{effect::Effects, event::Event, model::Site};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use std::thread;

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
        let _named = Named(event);
        self.ledger.hear(event, desk.engine().site());
        self.ledger.take(event, effects);
        self.events += 1;
        self.records += effects.records.len() as u64;
        if self.rng.random_ratio(1, self.whole_of) {
            self.ledger.check(desk);
            self.wholes += 1;
        } else {
            self.ledger.look_away();
        }
    }
}

/// Names the event after which something does not hold.
struct Named<'a>(&'a Event);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("this was found after the event {:?}", self.0);
        }
    }
}
