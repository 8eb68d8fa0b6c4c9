//! The engine on a desk: a journal and a saved state in memory, two clocks turned by hand.

use davy_core::{
    Engine,
    annunciation::Annunciation,
    effect::Effects,
    event::Event,
    id::{SourceIx, UplinkIx},
    model::Site,
    record::Record,
    saved::{SavedBody, SavedState},
    time::{Monotonic, Now, UtcTime},
};
use std::collections::BTreeMap;

/// One engine with what a shell would keep for it.
#[derive(Clone)]
pub struct Desk {
    engine: Engine,
    /// The clocks.
    pub now: Now,
    /// Every record so far, in order.
    pub journal: Vec<Record>,
    /// The rows of the saved state.
    pub saved: BTreeMap<String, SavedBody>,
    /// Those of them that have not changed since they were last written, as they were written.
    written: BTreeMap<String, String>,
    /// Lamp, horn and relay as last told.
    pub annunciation: Annunciation,
}

impl Desk {
    /// A gateway that has never run.
    #[must_use]
    pub fn new(site: Site, utc: UtcTime) -> Self {
        let now = Now { monotonic: Monotonic(0), utc };
        let engine = Engine::new(site, 1, now);
        let annunciation = engine.annunciation();
        Self { engine, now, journal: Vec::new(), saved: BTreeMap::new(), written: BTreeMap::new(), annunciation }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Gives the engine an event and keeps what comes of it; returns the effects.
    pub fn apply(&mut self, event: Event) -> Effects {
        let mut effects = Effects::default();
        self.engine.apply(self.now, event, &mut effects);
        for change in &effects.saved {
            let key = change.key.to_string();
            self.written.remove(&key);
            match &change.body {
                Some(body) => drop(self.saved.insert(key, body.clone())),
                None => drop(self.saved.remove(&key)),
            }
        }
        self.journal.extend(effects.records.iter().cloned());
        if let Some(annunciation) = effects.annunciation {
            self.annunciation = annunciation;
        }
        effects
    }

    /// Gives the engine an event whose effects are lost with the process: it dies before they reach the disk.
    pub fn lose(&mut self, event: Event) {
        self.engine.apply(self.now, event, &mut Effects::default());
    }

    /// When the engine wants its next tick, if that is not after `until`.
    #[must_use]
    pub fn next_tick(&self, until: Monotonic) -> Option<Monotonic> {
        self.engine.next_deadline().filter(|deadline| *deadline <= until)
    }

    /// Lets both clocks run to a moment of the monotonic one.
    pub fn run_to(&mut self, moment: Monotonic) {
        self.now = Now { monotonic: moment, utc: self.now.utc.after(moment.since(self.now.monotonic)) };
    }

    /// The process dies and starts again: all that is left is the saved state, and the monotonic clock begins anew.
    pub fn restart(&mut self, site: Site) {
        self.now.monotonic = Monotonic(0);
        let saved = self.saved_state();
        self.engine = Engine::restore(site, 1, saved, self.now);
        self.annunciation = self.engine.annunciation();
    }

    /// The process is given another configuration, with the same lists of sources, uplinks and tags, and lives on: the engine makes
    /// room for another one. Returns what that one must be told next: what the field said last.
    pub fn reconfigure(&mut self, site: Site) -> Vec<Event> {
        let sources: Vec<SourceIx> = (0..site.sources.len()).map(SourceIx::from).collect();
        let uplinks: Vec<UplinkIx> = (0..site.uplinks.len()).map(UplinkIx::from).collect();
        let told = self.engine.last_told(&sources, &uplinks);
        let saved = self.saved_state();
        self.engine = Engine::restore(site, 1, saved, self.now);
        [Event::Reconfigured].into_iter().chain(told).collect()
    }

    /// Written and read as a store does it, as JSON.
    fn saved_state(&mut self) -> SavedState {
        let mut saved = SavedState::default();
        for (key, body) in &self.saved {
            let write = || serde_json::to_string(body).expect("saved rows are plain data");
            let body = self.written.entry(key.clone()).or_insert_with(write);
            let mut body = serde_json::Deserializer::from_str(body);
            let known = saved.insert(key, &mut body).expect("a saved row reads back");
            assert!(known, "a saved row of an unknown kind: {key}");
        }
        saved
    }
}
