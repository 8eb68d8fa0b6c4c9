//! How long the horn was silenced by hand while it should have sounded.

use crate::{
    limits::SILENCES_MAX,
    saved::{SavedSilence, SavedSilenceNow},
    time::{Monotonic, Now},
};
use std::collections::VecDeque;

/// The silences of the last window. One that is over counts whole until a window after its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Silences {
    pub(super) window_ms: u64,
    over: VecDeque<Over>,
    running: Option<Running>,
    /// Who silenced the horn last.
    pub(crate) by: Option<String>,
}

#[derive(Clone, Copy, Debug)]
struct Over {
    until: Monotonic,
    ms: u64,
}

#[derive(Clone, Copy, Debug)]
struct Running {
    since: Monotonic,
    /// What it had lasted before a restart.
    before_ms: u64,
    life: bool,
}

impl Silences {
    /// Whether the horn would sound and is silenced, and whether an alarm that may never be hidden is among what it would
    /// sound for. True when that is news.
    pub(crate) fn hear(&mut self, muted: bool, life: bool, now: Monotonic) -> bool {
        match (&mut self.running, muted) {
            (Some(running), true) => std::mem::replace(&mut running.life, life) != life,
            (None, true) => {
                self.running = Some(Running { since: now, before_ms: 0, life });
                true
            }
            (Some(running), false) => {
                let ms = running.ms(now);
                self.running = None;
                self.end(Over { until: now.after(self.window_ms), ms });
                true
            }
            (None, false) => false,
        }
    }

    /// Beyond the bound the oldest two become one, which counts for as long as the later: nothing is forgotten early.
    fn end(&mut self, over: Over) {
        self.over.push_back(over);
        if self.over.len() > SILENCES_MAX
            && let Some(oldest) = self.over.pop_front()
            && let Some(next) = self.over.front_mut()
        {
            next.ms = next.ms.saturating_add(oldest.ms);
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(crate) fn mutes_life(&self) -> bool {
        self.running.is_some_and(|running| running.life)
    }

    /// All silence that counts.
    pub(crate) fn total_ms(&self, now: Monotonic) -> u64 {
        let running = self.running.map_or(0, |running| running.ms(now));
        self.counting(now).fold(running, |sum, over| sum.saturating_add(over.ms))
    }

    fn counting(&self, now: Monotonic) -> impl Iterator<Item = &Over> {
        self.over.iter().filter(move |over| over.until > now)
    }

    pub(super) fn expire(&mut self, now: Monotonic) {
        self.over.retain(|over| over.until > now);
    }

    /// When the running one makes it too long, or when one that is over stops counting.
    pub(super) fn judge_again(&self, longer_ms: u64, now: Monotonic) -> Option<Monotonic> {
        let left_ms = longer_ms.saturating_sub(self.total_ms(now)).saturating_add(1);
        let exceeds = self.running.map(|_| now.after(left_ms)).filter(|_| self.total_ms(now) <= longer_ms);
        let expires = self.over.iter().map(|over| over.until).filter(|until| *until > now).min();
        exceeds.into_iter().chain(expires).min()
    }

    pub(super) fn saved(&self, now: Now) -> (Vec<SavedSilence>, Option<SavedSilenceNow>) {
        let over = self.counting(now.monotonic);
        let over = over.map(|over| SavedSilence { until: now.utc_at(over.until), ms: over.ms }).collect();
        let running = self.running.map(|running| SavedSilenceNow {
            as_of: now.utc,
            ms: running.ms(now.monotonic),
            life: running.life,
            by: self.by.clone(),
        });
        (over, running)
    }

    /// Time went on while the process was away, at most for as long as a silence lasts.
    pub(super) fn restore(
        &mut self,
        over: Vec<SavedSilence>,
        running: Option<SavedSilenceNow>,
        silence_max_ms: u64,
        now: Now,
    ) {
        let window_ms = self.window_ms;
        let rebased = |saved: SavedSilence| Over { until: now.rebase(saved.until, window_ms), ms: saved.ms };
        self.over = over.into_iter().map(rebased).collect();
        if let Some(saved) = running {
            let away_ms = u64::try_from(now.utc.since(saved.as_of)).unwrap_or(0).min(silence_max_ms);
            let before_ms = saved.ms.saturating_add(away_ms);
            self.running = Some(Running { since: now.monotonic, before_ms, life: saved.life });
            self.by = saved.by;
        }
    }
}

impl Running {
    fn ms(&self, now: Monotonic) -> u64 {
        self.before_ms.saturating_add(now.since(self.since))
    }
}
