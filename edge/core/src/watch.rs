//! What the alarm system remembers of itself: which rules were raised lately, which stand, how long the horn was silenced,
//! and what it was told of clock, disk, journal and box.
//!
//! Everything is kept as the moment until which it counts, on the monotonic clock: so it survives a restart as any other
//! deadline does. Bounded by the rules' own limits; per rule by how often it must repeat itself.

mod floods;
mod lasting;
mod repeats;
mod shell;
mod silences;

pub(crate) use floods::Raise;
pub(crate) use lasting::Lasting;
pub(crate) use repeats::Repeats;
pub(crate) use shell::PartLink;

use crate::{
    id::RuleIx,
    model::{Priority, RuleKind, Site, SystemRule},
    rules::Verdict,
    saved::{SavedNuisance, SavedWatch},
    time::{Monotonic, Now, UtcTime},
    trigger::RecentAlarms,
};
use floods::Floods;
use shell::{Certificates, Clock, Disk};
use silences::Silences;

/// The memory of the alarm system.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    pub(crate) floods: Floods,
    pub(crate) chattering: Repeats,
    pub(crate) fleeting: Repeats,
    /// An activation is fleeting until then, by rule.
    brief: Lasting<()>,
    /// An active alarm stands from then on, by rule.
    standing: Lasting<UtcTime>,
    pub(crate) silences: Silences,
    pub(crate) clock: Clock,
    pub(crate) disk: Disk,
    pub(crate) journal: PartLink,
    pub(crate) board: PartLink,
    pub(crate) certificates: Certificates,
    /// When it was judged last.
    looked_at: Monotonic,
    brief_ms: Option<u64>,
    standing_ms: Option<u64>,
    /// The rules over it must be judged again.
    pub(crate) stirred: bool,
    /// What all rules share must be saved again.
    pub(crate) unsaved: bool,
    /// The annunciation was looked at; whether the horn is muted may have changed.
    pub(crate) annunciated: bool,
}

impl Watch {
    pub(crate) fn new(site: &Site) -> Self {
        let mut watch = Self::default();
        for rule in &site.rules {
            let RuleKind::System(system) = &rule.kind else { continue };
            match system {
                SystemRule::Flood(limits) => watch.floods.limits = Some(*limits),
                SystemRule::Chattering(repeating) => watch.chattering.limits = Some(*repeating),
                SystemRule::Fleeting { shorter_ms, repeating } => {
                    watch.brief_ms = Some(*shorter_ms);
                    watch.fleeting.limits = Some(*repeating);
                }
                SystemRule::Standing { after_ms } => watch.standing_ms = Some(*after_ms),
                SystemRule::ClockUnsynchronised { unsynchronised_ms, .. } => {
                    watch.clock.patience_ms = *unsynchronised_ms;
                }
                SystemRule::HornSilenced { window_ms, .. } => watch.silences.window_ms = *window_ms,
                SystemRule::StorageFilling { .. }
                | SystemRule::JournalNotDurable
                | SystemRule::LifeAlarmSilenced
                | SystemRule::BoardTrouble
                | SystemRule::CertificateExpiring { .. } => {}
            }
        }
        watch
    }

    /// A rule's condition begins.
    pub(crate) fn raise(&mut self, ix: RuleIx, priority: impl Fn(RuleIx) -> Priority, now: Now) {
        self.floods.raise(ix, priority, now);
        self.chattering.note(ix, now.monotonic);
        self.brief_ms.into_iter().for_each(|ms| self.brief.put(ix, now.monotonic.after(ms), ()));
        self.standing_ms.into_iter().for_each(|ms| self.standing.put(ix, now.monotonic.after(ms), now.utc));
        (self.stirred, self.unsaved) = (true, true);
    }

    /// A rule's condition ends.
    pub(crate) fn end(&mut self, ix: RuleIx, now: Monotonic) {
        self.standing.remove(ix);
        if self.brief.remove(ix).is_some_and(|until| until > now) {
            self.fleeting.note(ix, now);
        }
        self.stirred = true;
    }

    /// A rule is hidden: its alarm stands no more, and its end will not be fleeting.
    pub(crate) fn hide(&mut self, ix: RuleIx) {
        self.brief.remove(ix);
        self.standing.remove(ix);
        self.stirred = true;
    }

    /// Forgets what does not count any more.
    pub(crate) fn expire(&mut self, now: Monotonic) {
        self.looked_at = now;
        self.unsaved |= self.floods.expire(now);
        self.chattering.expire(now);
        self.fleeting.expire(now);
        self.silences.expire(now);
        while self.brief.first().is_some_and(|(until, _)| until <= now) {
            self.brief.pop();
        }
    }

    /// What it says about a rule over it; `None` while there is nothing to say yet.
    pub(crate) fn verdict(&self, rule: &SystemRule, now: Monotonic) -> Option<Verdict> {
        let holds = match rule {
            SystemRule::Flood(_) => self.floods.current.is_some(),
            SystemRule::Chattering(_) => !self.chattering.lasting.is_empty(),
            SystemRule::Fleeting { .. } => !self.fleeting.lasting.is_empty(),
            SystemRule::Standing { .. } => self.standing.first().is_some_and(|(from, _)| from <= now),
            SystemRule::ClockUnsynchronised { offset_max_ms, .. } => return self.clock.verdict(*offset_max_ms, now),
            SystemRule::StorageFilling { percent, clear_percent } => {
                return self.disk.verdict(*percent, *clear_percent);
            }
            SystemRule::JournalNotDurable => return self.journal.verdict(),
            SystemRule::BoardTrouble => return self.board.verdict(),
            SystemRule::CertificateExpiring { before_days } => return self.certificates.verdict(*before_days),
            SystemRule::HornSilenced { longer_ms, .. } => self.silences.total_ms(now) > *longer_ms,
            SystemRule::LifeAlarmSilenced => self.silences.mutes_life(),
        };
        Some(if holds { Verdict::True } else { Verdict::False })
    }

    /// When time alone may have another verdict.
    pub(crate) fn judge_again(&self, rule: &SystemRule, now: Monotonic) -> Option<Monotonic> {
        let at = match rule {
            SystemRule::Flood(_) => self.floods.judge_again(now),
            SystemRule::Chattering(_) => self.chattering.lasting.first().map(|(until, _)| until),
            SystemRule::Fleeting { .. } => self.fleeting.lasting.first().map(|(until, _)| until),
            SystemRule::Standing { .. } => self.standing.first().map(|(from, _)| from),
            SystemRule::ClockUnsynchronised { .. } => self.clock.out_of_patience(),
            SystemRule::HornSilenced { longer_ms, .. } => self.silences.judge_again(*longer_ms, now),
            SystemRule::StorageFilling { .. }
            | SystemRule::JournalNotDurable
            | SystemRule::LifeAlarmSilenced
            | SystemRule::BoardTrouble
            | SystemRule::CertificateExpiring { .. } => None,
        };
        at.filter(|at| *at > now)
    }

    /// The alarms that stand, the oldest first.
    pub(crate) fn stands(&self) -> impl Iterator<Item = (RuleIx, UtcTime)> {
        let mut stands: Vec<_> = self.standing.until(self.looked_at).collect();
        // After a restart the moment of all that stood already is the restart's.
        stands.sort_by_key(|(at, ix, raised_at)| (*at, *raised_at, *ix));
        stands.into_iter().map(|(_, ix, raised_at)| (ix, raised_at))
    }

    /// The alarms within the window of the flood rule.
    pub(crate) fn recent_alarms(&self) -> Option<RecentAlarms> {
        self.floods.recent(self.looked_at)
    }

    /// How long the horn was silenced.
    pub(crate) fn silenced_ms(&self) -> u64 {
        self.silences.total_ms(self.looked_at)
    }

    /// What is saved with a rule.
    pub(crate) fn saved_nuisance(&self, ix: RuleIx, now: Now) -> Option<SavedNuisance> {
        let saved =
            SavedNuisance { chattering: self.chattering.saved(ix, now), fleeting: self.fleeting.saved(ix, now) };
        (saved != SavedNuisance::default()).then_some(saved)
    }

    /// Takes over what was saved with a rule.
    pub(crate) fn restore_nuisance(&mut self, ix: RuleIx, saved: &SavedNuisance, now: Now) {
        self.chattering.restore(ix, &saved.chattering, now);
        self.fleeting.restore(ix, &saved.fleeting, now);
    }

    /// An active alarm is taken over.
    pub(crate) fn restore_active(&mut self, ix: RuleIx, raised_at: UtcTime, now: Now) {
        let deadline = |ms: u64| now.rebase(raised_at.after(ms), ms);
        self.brief_ms.into_iter().for_each(|ms| self.brief.put(ix, deadline(ms), ()));
        self.standing_ms.into_iter().for_each(|ms| self.standing.put(ix, deadline(ms), raised_at));
    }

    /// What is saved once for all rules.
    pub(crate) fn saved(&self, site: &Site, now: Now) -> SavedWatch {
        let (recent, flood) = self.floods.saved(site, now);
        let (silences, silence) = self.silences.saved(now);
        SavedWatch { recent, flood, silences, silence, unsynchronised_until: self.clock.saved(now) }
    }

    /// Takes over what was saved once for all rules.
    pub(crate) fn restore(&mut self, site: &Site, saved: SavedWatch, now: Now) {
        self.clock.restore(saved.unsynchronised_until, now);
        self.silences.restore(saved.silences, saved.silence, site.policy.horn_silence_ms, now);
        self.floods.restore(site, saved.recent, saved.flood, now);
    }
}
