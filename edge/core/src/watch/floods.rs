//! Alarm floods after EEMUA 191: so many alarms within ten minutes that nobody can answer them.

use crate::{
    id::RuleIx,
    model::{FloodLimits, Priority, Site},
    saved::{SavedFlood, SavedRaise},
    time::{Monotonic, Now, UtcTime},
    trigger::RecentAlarms,
};
use std::collections::VecDeque;

/// The last alarms, no more than are needed to tell whether a flood begins or ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floods {
    pub(super) limits: Option<FloodLimits>,
    recent: VecDeque<Counted>,
    pub(crate) current: Option<Flood>,
}

/// An alarm that counts until a moment.
#[derive(Clone, Copy, Debug)]
struct Counted {
    until: Monotonic,
    raise: Raise,
}

/// A rule that was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raise {
    pub(crate) rule: RuleIx,
    pub(crate) at: UtcTime,
}

/// A flood that goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flood {
    pub(crate) since: UtcTime,
    /// Alarms since the first of it.
    pub(crate) count: u32,
    pub(crate) first_out: Raise,
    /// The first of the worst priority.
    pub(crate) worst: Raise,
}

impl Floods {
    pub(super) fn raise(&mut self, rule: RuleIx, priority: impl Fn(RuleIx) -> Priority, now: Now) {
        let Some(limits) = self.limits else { return };
        let raise = Raise { rule, at: now.utc };
        self.recent.push_back(Counted { until: now.monotonic.after(limits.window_ms), raise });
        while self.recent.len() > as_length(count_max(limits)) {
            self.recent.pop_front();
        }
        if let Some(flood) = &mut self.current {
            flood.count = flood.count.saturating_add(1);
            if priority(rule) > priority(flood.worst.rule) {
                flood.worst = raise;
            }
        } else if self.nth_last(limits.begins).is_some_and(|first| first.until > now.monotonic) {
            self.begin(limits.begins, priority, now.utc);
        }
    }

    fn begin(&mut self, count: u32, priority: impl Fn(RuleIx) -> Priority, since: UtcTime) {
        let from = self.recent.len().saturating_sub(as_length(count));
        let mut raises = self.recent.iter().skip(from).map(|counted| counted.raise);
        let Some(first_out) = raises.next() else { return };
        let worse = |worst: Raise, other: Raise| {
            if priority(other.rule) > priority(worst.rule) { other } else { worst }
        };
        self.current = Some(Flood { since, count, first_out, worst: raises.fold(first_out, worse) });
    }

    /// Ends a flood in which nobody is flooded any more; true when it has.
    pub(super) fn expire(&mut self, now: Monotonic) -> bool {
        let over = self.current.is_some() && self.ends().is_none_or(|ends| ends <= now);
        if over {
            self.current = None;
        }
        over
    }

    /// When the flood will be over, unless more alarms come.
    fn ends(&self) -> Option<Monotonic> {
        self.current?;
        self.nth_last(self.limits?.ends_below).map(|counted| counted.until)
    }

    /// When an alarm will count no more: the flood may be over then, and fewer have come lately.
    pub(super) fn judge_again(&self, now: Monotonic) -> Option<Monotonic> {
        self.recent.iter().map(|counted| counted.until).filter(|until| *until > now).min()
    }

    /// How many alarms count.
    pub(super) fn recent(&self, now: Monotonic) -> Option<RecentAlarms> {
        let limits = self.limits?;
        let counting = self.recent.iter().filter(|counted| counted.until > now).count();
        Some(RecentAlarms {
            count: u32::try_from(counting).unwrap_or(u32::MAX),
            count_max: count_max(limits),
            window_ms: limits.window_ms,
        })
    }

    fn nth_last(&self, count: u32) -> Option<Counted> {
        let at = self.recent.len().checked_sub(as_length(count))?;
        self.recent.get(at).copied()
    }

    pub(super) fn saved(&self, site: &Site, now: Now) -> (Vec<SavedRaise>, Option<SavedFlood>) {
        let raise = |raise: Raise, until: Monotonic| SavedRaise {
            rule: site.rules[raise.rule.at()].id.clone(),
            at: raise.at,
            until: now.utc_at(until),
        };
        let counting = self.recent.iter().filter(|counted| counted.until > now.monotonic);
        let recent = counting.map(|counted| raise(counted.raise, counted.until)).collect();
        let flood = self.current.map(|flood| SavedFlood {
            since: flood.since,
            count: flood.count,
            first_out: raise(flood.first_out, now.monotonic),
            worst: raise(flood.worst, now.monotonic),
        });
        (recent, flood)
    }

    /// Alarms of rules that the configuration no longer knows count no more.
    pub(super) fn restore(&mut self, site: &Site, recent: Vec<SavedRaise>, flood: Option<SavedFlood>, now: Now) {
        let Some(limits) = self.limits else { return };
        let raise = |saved: &SavedRaise| {
            let rule = site.rules.iter().position(|rule| rule.id == saved.rule)?;
            Some(Raise { rule: RuleIx::from(rule), at: saved.at })
        };
        let counted = |saved: &SavedRaise| {
            Some(Counted { until: now.rebase(saved.until, limits.window_ms), raise: raise(saved)? })
        };
        self.recent = recent.iter().filter_map(counted).collect();
        self.current = flood.and_then(|flood| {
            let (first_out, worst) = (raise(&flood.first_out)?, raise(&flood.worst)?);
            Some(Flood { since: flood.since, count: flood.count, first_out, worst })
        });
    }
}

fn count_max(limits: FloodLimits) -> u32 {
    limits.begins.max(limits.ends_below)
}

fn as_length(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
