//! The hours of the site's local day. They are the one thing that the wall clock decides: which of the configured hours it
//! is. A step of the clock across the end of such hours is the same as their end; any other step changes nothing.

use crate::{
    limits::CLOCK_LOOK_MS,
    model::{Hours, PeopleRule, RuleKind, Site},
    time::UtcTime,
};

const MINUTE_MS: i64 = 60_000;
const DAY_MIN: i64 = 1_440;

/// The local day, as far as rules have hours.
#[derive(Clone, Debug, Default)]
pub(crate) struct LocalDay {
    utc_offset_min: i64,
    /// The minutes at which hours begin or end, in order.
    turns: Vec<u16>,
    /// How many of them the day has passed.
    passed: usize,
    /// The minute of the day.
    pub(crate) minute: u16,
}

impl LocalDay {
    pub(super) fn new(site: &Site) -> Self {
        let mut turns: Vec<u16> = hours(site).flat_map(|hours| &hours.0).flat_map(|w| [w.from, w.until]).collect();
        turns.sort_unstable();
        turns.dedup();
        let utc_offset_min = i64::from(site.policy.utc_offset_min);
        Self { utc_offset_min, turns, passed: 0, minute: 0 }
    }

    /// Looks at the wall clock; true when other hours hold than before.
    pub(crate) fn look(&mut self, utc: UtcTime) -> bool {
        if self.turns.is_empty() {
            return false;
        }
        self.minute = minute(self.local_ms(utc));
        let passed = self.turns.partition_point(|turn| *turn <= self.minute);
        std::mem::replace(&mut self.passed, passed) != passed
    }

    /// How long to wait until the next look; `None` where no rule has hours.
    pub(crate) fn next_look_ms(&self, utc: UtcTime) -> Option<u64> {
        let first = *self.turns.first()?;
        let next = self.turns.get(self.passed).map_or(i64::from(first) + DAY_MIN, |turn| i64::from(*turn));
        let wait_ms = next * MINUTE_MS - self.local_ms(utc).rem_euclid(DAY_MIN * MINUTE_MS);
        Some(u64::try_from(wait_ms).unwrap_or(0).clamp(1, CLOCK_LOOK_MS))
    }

    fn local_ms(&self, utc: UtcTime) -> i64 {
        utc.0.saturating_add(self.utc_offset_min * MINUTE_MS)
    }
}

fn minute(local_ms: i64) -> u16 {
    // In range, so nothing is lost.
    u16::try_from(local_ms.div_euclid(MINUTE_MS).rem_euclid(DAY_MIN)).unwrap_or(0)
}

fn hours(site: &Site) -> impl Iterator<Item = &Hours> {
    let of_rules = site.rules.iter().filter_map(|rule| {
        if let RuleKind::People(PeopleRule::Understaffed { hours, .. } | PeopleRule::OffPost { hours, .. }) = &rule.kind
        {
            Some(hours)
        } else {
            None
        }
    });
    of_rules.chain(site.zones.iter().flat_map(|zone| &zone.access).map(|access| &access.hours))
}
