//! `apply(now, event) -> effects`: the one place where domain state changes.
//!
//! An event first lets due timers fire, then changes inputs, then the rules that hang on them; what changed is settled
//! in one pass along the line alarm → measure → warning → task → hazard → unit → annunciation. When no rule changes,
//! nothing is allocated. It never fails, never blocks, never waits.

mod changes;
mod commands;
mod escalation;
mod first_out;
mod hazards;
mod hiding;
mod hiding_restored;
mod life_commands;
mod hours;
mod compounds;
mod observe;
mod open;
mod open_tasks;
mod people;
mod plan_clock;
mod plans;
mod platform;
mod restore;
mod samples;
mod settle;
mod tickets;
mod tasks;
mod told;
mod system;
mod view;

use crate::{
    annunciation::Annunciation,
    effect::Effects,
    event::{Backfill, Event, EvidenceKept},
    hiding::Hidings,
    id::*,
    index::Index,
    inputs::Inputs,
    model::{Rule, Site},
    record::*,
    rules::{Delays, RuleState},
    saved::{SavedBody, SavedChange, SavedEngine, SavedState},
    time::{Monotonic, Now, WallClock},
    timers::Timers,
};
use open::OpenAlarms;
use open_tasks::OpenTasks;
use plans::Plans;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The engine: a site's whole live state.
#[derive(Clone, Debug)]
pub struct Engine {
    site: Arc<Site>,
    index: Index,
    epoch: u32,
    inputs: Inputs,
    timers: Timers,
    due: compounds::Due,
    rules: Vec<RuleState>,
    alarms: OpenAlarms,
    measures: Vec<Option<MeasureRecord>>,
    /// The open warning of each risk event.
    warnings: Vec<Option<Arc<WarningRecord>>>,
    /// When the unhandled warning of each risk event gets worse.
    escalations: Vec<Option<Monotonic>>,
    units: Vec<Option<UnitRecord>>,
    tasks: OpenTasks,
    plans: Plans,
    /// The open hazards by the keys of their saved rows; kept when the rule is removed, because only people close them.
    hazards: BTreeMap<String, HazardRecord>,
    hiding: Hidings,
    /// The latest first out of each group.
    first_out: Vec<Option<first_out::FirstOut>>,
    annunciation: Annunciation,
    silenced_until: Option<Monotonic>,
    saved: SavedEngine,
    /// What the saved state held and the configuration no longer knows; closed by the first event.
    orphans: SavedState,
    wall_clock: WallClock,
    restarted: bool,
    dirty: Dirty,
    /// The comparison of the master alarm table with the one that was saved, until every rule has been compared.
    telling: Option<Box<changes::Telling>>,
}

/// What the current event has touched.
#[derive(Clone, Debug, Default)]
struct Dirty {
    /// Rules whose alarm was raised.
    raised: Vec<RuleIx>,
    /// Rules whose alarm is new to its risk event: a new occurrence, or a call for help that has moved.
    placed: BTreeSet<RuleIx>,
    measures: BTreeSet<MeasureIx>,
    events: BTreeSet<RiskEventIx>,
    units: BTreeSet<UnitIx>,
    /// Events whose warning has been unhandled for too long.
    unhandled: BTreeSet<RiskEventIx>,
    /// Tasks that a command issued, for the open warnings of their events.
    issued: Vec<(RiskEventIx, TaskId)>,
    annunciation: bool,
    counters: bool,
}

impl Engine {
    /// An engine for a site that has never run.
    #[must_use]
    pub fn new(site: impl Into<Arc<Site>>, epoch: u32, now: Now) -> Self {
        Self::restore(site, epoch, SavedState::default(), now)
    }

    /// Takes an event. Follow it with a tick no later than [`Engine::next_deadline`].
    pub fn apply(&mut self, now: Now, event: Event, out: &mut Effects) {
        self.look_at_clock(now, out);
        self.follow_wall_clock(now, out);
        self.fire_timers(now, out);
        match event {
            Event::Started => self.start(self.start_change(), now, out),
            Event::Reconfigured => self.start(StatusChange::Reconfigured, now, out),
            Event::Samples(samples) => self.take_samples(&samples, now, out),
            Event::Locations(locations) => self.take_locations(&locations, now, out),
            Event::Video(sight) => self.take_sight(sight, now, out),
            Event::Ticket(update) => self.take_ticket(&update, now, out),
            Event::Source(source, link) => self.take_source(source, link, now, out),
            Event::Uplink(uplink, link) => self.take_uplink(uplink, link, now, out),
            Event::Clock(state) => self.take_clock(state, now),
            Event::Storage(state) => self.take_storage(state),
            Event::Journal(link) => self.take_journal(link, now),
            Event::Command(command) => self.take_command(command, now, out),
            Event::Tick => {}
            Event::Evidence(kept) => self.tell_evidence(kept, out),
            Event::Certificates(first) => self.take_certificates(first),
            Event::Backfill(backfill) => self.tell_filled(&backfill, out),
            Event::Platform(command) => self.take_platform_command(*command, now, out),
            Event::Board(link) => self.take_board(link, now),
        }
        self.judge_compounds(now, out);
        self.settle(now, out);
        if self.hear_the_horn(now) {
            self.settle(now, out);
        }
        self.save_watch(now, out);
    }

    /// When the next tick is due at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Monotonic> {
        self.timers.next()
    }

    /// Lamp, horn and relay as they must be now; right from `restore` on.
    #[must_use]
    pub fn annunciation(&self) -> Annunciation {
        self.annunciation
    }

    /// The site it runs.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Nothing is decided by it: the journal is to name the hash.
    fn tell_evidence(&self, kept: EvidenceKept, out: &mut Effects) {
        let EvidenceKept { warning, kept_at, sha256, bytes } = kept;
        let config_version = self.site.gateway.config_version.clone();
        out.records.push(Record::Evidence(EvidenceRecord { warning, kept_at, sha256, bytes, config_version }));
    }

    /// Nothing is decided by it either: what was then is over. The journal is to say how much of the gap is left.
    fn tell_filled(&self, backfill: &Backfill, out: &mut Effects) {
        let Some(filled) = backfill.filled else { return };
        out.records.push(Record::Gap(GapRecord {
            source: self.site.sources[backfill.source.at()].id.clone(),
            from: filled.from,
            until: filled.until,
            reason: "filled from the source's history".to_owned(),
            filled: Some(filled.values),
        }));
    }

    fn rule(&self, ix: RuleIx) -> &Rule {
        &self.site.rules[ix.at()]
    }

    fn delays(&self, ix: RuleIx) -> Delays {
        let rule = self.rule(ix);
        Delays {
            on_ms: rule.on_delay_ms,
            off_ms: rule.off_delay_ms,
            through_unknown_ms: rule.kind.lasts_through_unknown_ms(&self.site.policy),
        }
    }

    /// A new occurrence of something, never given out before: the epoch changes when a backup is restored.
    fn occurrence(&mut self, of: &str) -> String {
        self.saved.occurrences += 1;
        self.dirty.counters = true;
        format!("{of}~{}.{}", self.epoch, self.saved.occurrences)
    }
}

fn put_alarm(alarm: &Arc<AlarmRecord>, out: &mut Effects) {
    out.records.push(Record::Alarm(Arc::clone(alarm)));
    out.saved.push(match alarm.state {
        AlarmState::Normal => SavedChange::remove("alarm", &alarm.rule),
        AlarmState::Unacknowledged
        | AlarmState::Acknowledged
        | AlarmState::ReturnedUnacknowledged
        | AlarmState::LatchedUnacknowledged
        | AlarmState::LatchedAcknowledged
        | AlarmState::Shelved
        | AlarmState::Suppressed
        | AlarmState::OutOfService => SavedChange::put("alarm", &alarm.rule, SavedBody::Alarm(Arc::clone(alarm))),
    });
}

fn put_hidden(hidden: HiddenRecord, out: &mut Effects) {
    out.saved.push(if hidden.hidden_because.is_empty() {
        SavedChange::remove("hidden", &hidden.rule)
    } else {
        SavedChange::put("hidden", &hidden.rule, SavedBody::Hidden(Box::new(hidden.clone())))
    });
    out.records.push(Record::Hidden(hidden));
}

fn put_warning(warning: &Arc<WarningRecord>, out: &mut Effects) {
    out.records.push(Record::Warning(Arc::clone(warning)));
    out.saved.push(match warning.state {
        WarningState::Closed => SavedChange::remove("warning", &warning.risk_event),
        WarningState::Raised | WarningState::Acknowledged | WarningState::BeingHandled | WarningState::Cleared => {
            SavedChange::put("warning", &warning.risk_event, SavedBody::Warning(Arc::clone(warning)))
        }
    });
}

#[cfg(test)]
mod extreme_stories;
#[cfg(test)]
mod signal_stories;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod tag_stories;
