//! The alarm system watches itself: what happens to its alarms, its horn, its clock, its disk and its journal is put to the
//! rules over it, which raise alarms as any others do.

use super::Engine;
use crate::{
    annunciation,
    effect::Effects,
    event::{CertificateEnd, ClockState, Link, StorageState},
    id::RuleIx,
    inputs::system::{raised, repeating},
    model::{RuleKind, Site, SystemRule},
    record::{AlarmRecord, AlarmState},
    saved::{SavedBody, SavedChange, SavedWatch},
    snapshot::{FloodView, NuisanceView, WatchView},
    time::Now,
};

impl Engine {
    pub(super) fn take_clock(&mut self, state: ClockState, now: Now) {
        self.inputs.watch.clock.tell(state, now.monotonic);
        self.inputs.watch.stirred = true;
        self.inputs.watch.unsaved = true;
    }

    pub(super) fn take_storage(&mut self, state: StorageState) {
        self.inputs.watch.disk.told = Some(state);
        self.inputs.watch.stirred = true;
    }

    pub(super) fn take_certificates(&mut self, first: Option<CertificateEnd>) {
        self.inputs.watch.certificates.told = Some(first);
        self.inputs.watch.stirred = true;
    }

    pub(super) fn take_journal(&mut self, link: Link, now: Now) {
        self.inputs.watch.journal.tell(link, now.utc);
        self.inputs.watch.stirred = true;
    }

    pub(super) fn take_board(&mut self, link: Link, now: Now) {
        self.inputs.watch.board.tell(link, now.utc);
        self.inputs.watch.stirred = true;
    }

    /// A rule's alarm begins or ends. The alarm system's own alarms are no burden of the plant and are not counted, nor is
    /// what nobody is told because it is hidden.
    pub(super) fn remember_turn(&mut self, ix: RuleIx, begins: bool, now: Now) {
        if is_system(&self.site, ix) {
            return;
        }
        let rules = &self.site.rules;
        if begins && self.hiding.hides(ix) {
            return;
        }
        if begins {
            self.inputs.watch.raise(ix, |ix| rules[ix.at()].priority, now);
        } else {
            self.inputs.watch.end(ix, now.monotonic);
        }
    }

    /// That the horn is silenced must not be answered by ending the silence: it is reported and left to people.
    pub(super) fn is_told_silently(&self, ix: RuleIx) -> bool {
        matches!(self.rule(ix).kind, RuleKind::System(SystemRule::LifeAlarmSilenced))
    }

    /// Judges the rules over the alarm system, if anything happened that concerns them.
    pub(super) fn judge_system(&mut self, now: Now, out: &mut Effects) {
        if !std::mem::take(&mut self.inputs.watch.stirred) {
            return;
        }
        for at in 0..self.index.rules_of_system.len() {
            self.judge(self.index.rules_of_system[at], now, out);
        }
    }

    /// Looks whether the horn is silenced while it should sound; true when that is news.
    pub(super) fn hear_the_horn(&mut self, now: Now) -> bool {
        if !std::mem::take(&mut self.inputs.watch.annunciated) {
            return false;
        }
        let silenced = self.annunciation.silenced_until.is_some();
        if !silenced && !self.inputs.watch.silences.is_running() {
            return false;
        }
        let sounding = || annunciation::annunciation(&self.site.policy, self.alarms.shown(), None).horn;
        let muted = silenced && sounding();
        let calls = |(ix, alarm): (RuleIx, &AlarmRecord)| {
            self.rule(ix).never_hidden && alarm.state == AlarmState::Unacknowledged
        };
        let life = muted && self.alarms.by_rule().any(calls);
        let news = self.inputs.watch.silences.hear(muted, life, now.monotonic);
        self.inputs.watch.stirred |= news;
        self.inputs.watch.unsaved |= news;
        news
    }

    pub(super) fn save_watch(&mut self, now: Now, out: &mut Effects) {
        if std::mem::take(&mut self.inputs.watch.unsaved) {
            let saved = self.inputs.watch.saved(&self.site, now);
            out.saved.push(SavedChange::put_only("watch", SavedBody::Watch(Box::new(saved))));
        }
    }

    pub(super) fn take_over_watch(&mut self, saved: SavedWatch, now: Now) {
        self.inputs.watch.restore(&self.site, saved, now);
        for (ix, alarm) in self.alarms.by_rule().filter(|(_, alarm)| alarm.is_active()) {
            if !is_system(&self.site, ix) {
                self.inputs.watch.restore_active(ix, alarm.latest_raised_at, now);
            }
        }
        (self.inputs.watch.stirred, self.inputs.watch.annunciated) = (true, true);
    }

    /// The alarm system as observers see it.
    pub(super) fn watch_view(&self) -> WatchView {
        let watch = &self.inputs.watch;
        let view = |(rule_count, rules)| NuisanceView { rule_count, rules };
        WatchView {
            flood: watch.floods.current.map(|flood| FloodView {
                since: flood.since,
                alarm_count: flood.count,
                first_out: raised(&self.site, flood.first_out),
                worst: raised(&self.site, flood.worst),
            }),
            recent: watch.recent_alarms(),
            chattering: view(repeating(&self.site, &watch.chattering)),
            fleeting: view(repeating(&self.site, &watch.fleeting)),
            standing: view(self.inputs.standing(&self.site)),
            silenced_ms: watch.silenced_ms(),
            clock: watch.clock.told,
            storage: watch.disk.told,
        }
    }
}

fn is_system(site: &Site, ix: RuleIx) -> bool {
    matches!(site.rules[ix.at()].kind, RuleKind::System(_))
}
