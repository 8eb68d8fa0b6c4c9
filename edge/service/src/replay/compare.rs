//! Two lists of spans against each other: what is only in the one, only in the other, in both at another time; and how
//! often alarms came.

use super::spans::{Raised, Span, Spans, Worst};
use davy_core::time::UtcTime;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a rule or a risk event did then and would do now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Change {
    pub(super) id: String,
    pub(super) name: String,
    /// Raised under the recorded configuration.
    pub(super) then: usize,
    /// Raised under the other one.
    pub(super) now: usize,
    pub(super) added: Vec<UtcTime>,
    pub(super) removed: Vec<UtcTime>,
    /// Raised in both, at another time.
    pub(super) moved: Vec<Differs<UtcTime>>,
    /// Raised in both, over at another time; absent while it was not over.
    pub(super) ended: Vec<Differs<Option<UtcTime>>>,
    /// Raised in both, with another priority or level.
    pub(super) ranked: Vec<Differs<Worst>>,
    /// How long it was there in all under the recorded configuration, milliseconds.
    pub(super) then_ms: u64,
    /// How long under the other one.
    pub(super) now_ms: u64,
}

/// One that is in both and is not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Differs<T> {
    /// When it was raised under the recorded configuration.
    pub(super) raised: UtcTime,
    pub(super) then: T,
    pub(super) now: T,
}

/// How often alarms came (IEC 62682 clause 16; EEMUA 191: on average at most one in ten minutes, a flood from ten on).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Rate {
    pub(super) alarms: usize,
    pub(super) warnings: usize,
    /// On average.
    pub(super) per_ten_minutes: f64,
    /// In the worst ten minutes.
    pub(super) peak_ten_minutes: usize,
    /// Of the time, in ten-minute windows with a flood.
    pub(super) flood_share: f64,
}

const TEN_MINUTES_MS: i64 = 600_000;
const FLOOD: usize = 10;

/// `end` is when what is still open counts as over.
pub(super) fn changes(then: &BTreeMap<String, Spans>, now: &BTreeMap<String, Spans>, end: UtcTime) -> Vec<Change> {
    let mut ids: Vec<&String> = then.keys().chain(now.keys()).collect();
    ids.sort();
    ids.dedup();
    let none = Spans::default();
    ids.into_iter()
        .map(|id| change(id, then.get(id).unwrap_or(&none), now.get(id).unwrap_or(&none), end))
        .filter(|change| change.then + change.now > 0)
        .collect()
}

/// Spans that overlap are the same trouble: in order of time each takes the first of the other side that overlaps it.
fn change(id: &str, then: &Spans, now: &Spans, end: UtcTime) -> Change {
    let name = if now.name.is_empty() { &then.name } else { &now.name };
    let mut change = Change {
        id: id.to_owned(),
        name: name.clone(),
        then: then.spans.len(),
        now: now.spans.len(),
        then_ms: lasted_ms(then, end),
        now_ms: lasted_ms(now, end),
        ..Change::default()
    };
    let mut others = now.spans.iter().peekable();
    for span in &then.spans {
        while let Some(early) = others.next_if(|other| is_before(other, span)) {
            change.added.push(early.from);
        }
        match others.next_if(|other| !is_before(span, other)) {
            Some(other) => change.compare(span, other),
            None => change.removed.push(span.from),
        }
    }
    change.added.extend(others.map(|other| other.from));
    change
}

impl Change {
    fn compare(&mut self, then: &Span, now: &Span) {
        let raised = then.from;
        if then.from != now.from {
            self.moved.push(Differs { raised, then: then.from, now: now.from });
        }
        if then.until != now.until {
            self.ended.push(Differs { raised, then: then.until, now: now.until });
        }
        if then.worst != now.worst {
            self.ranked.push(Differs { raised, then: then.worst, now: now.worst });
        }
    }

    /// Whether it differs at all.
    pub(super) fn is_change(&self) -> bool {
        let same = self.added.is_empty() && self.removed.is_empty() && self.moved.is_empty();
        !(same && self.ended.is_empty() && self.ranked.is_empty())
    }
}

fn lasted_ms(spans: &Spans, end: UtcTime) -> u64 {
    let lasted = |span: &Span| u64::try_from(span.until.unwrap_or(end).since(span.from)).unwrap_or(0);
    spans.spans.iter().map(lasted).sum()
}

/// Whether one is over before the other begins.
fn is_before(one: &Span, other: &Span) -> bool {
    one.until.is_some_and(|until| until < other.from)
}

pub(super) fn rate(raised: &Raised, from: UtcTime, until: UtcTime) -> Rate {
    let mut times: Vec<i64> =
        raised.alarms.values().flat_map(|spans| &spans.spans).map(|span| span.from.since(from)).collect();
    times.sort_unstable();
    let mut windows = BTreeMap::new();
    times.iter().for_each(|time| *windows.entry(time.div_euclid(TEN_MINUTES_MS)).or_insert(0_usize) += 1);
    let length_ms = until.since(from).max(1);
    let count = (length_ms as f64 / TEN_MINUTES_MS as f64).max(1.0);
    let floods = windows.values().filter(|alarms| **alarms >= FLOOD).count();
    Rate {
        alarms: times.len(),
        warnings: raised.warnings.values().map(|spans| spans.spans.len()).sum(),
        per_ten_minutes: times.len() as f64 / count,
        peak_ten_minutes: peak(&times),
        flood_share: (floods as f64 / count).min(1.0),
    }
}

/// The most within any ten minutes.
fn peak(times: &[i64]) -> usize {
    let mut first = 0;
    let within = times.iter().enumerate().map(|(at, time)| {
        while time - times[first] >= TEN_MINUTES_MS {
            first += 1;
        }
        at - first + 1
    });
    within.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::model::Priority;

    /// `10-20` is a span in seconds, `30-` an open one, `10-20!` one of low priority.
    fn spans(text: &str) -> Spans {
        let at = |text: &str| Some(UtcTime(text.parse::<i64>().ok()? * 1_000));
        let span = |text: &str| {
            let (from, until) = text.split_once('-').unwrap();
            let (until, priority) =
                until.split_once('!').map_or((until, Priority::High), |(until, _)| (until, Priority::Low));
            Span { from: at(from).unwrap(), until: at(until), worst: Worst::Priority(priority) }
        };
        Spans { name: String::new(), spans: text.split_whitespace().map(span).collect() }
    }

    fn check(then: &str, now: &str, expect: &str) {
        let change = change("rule", &spans(then), &spans(now), UtcTime(100_000));
        let seconds = |times: &[UtcTime]| times.iter().map(|time| (time.0 / 1_000).to_string()).collect::<Vec<_>>();
        let moved = change.moved.iter().map(|each| format!("{}→{}", each.then.0 / 1_000, each.now.0 / 1_000));
        let ended = change.ended.iter().map(|each| {
            let second = |time: Option<UtcTime>| time.map_or(String::new(), |time| (time.0 / 1_000).to_string());
            format!("{}⇥{}", second(each.then), second(each.now))
        });
        let ranked = change.ranked.iter().map(|each| format!("{}:{}", each.then, each.now));
        let seen = format!(
            "+{} -{} {}",
            seconds(&change.added).join(","),
            seconds(&change.removed).join(","),
            moved.chain(ended).chain(ranked).collect::<Vec<_>>().join(",")
        );
        assert_eq!(seen.trim_end(), expect, "{then} | {now}");
        assert_eq!(change.is_change(), seen.trim_end() != "+ -");
    }

    #[test]
    fn what_overlaps_is_the_same_trouble() {
        check("", "", "+ -");
        check("10-20", "10-20", "+ -");
        check("10-20", "12-19", "+ - 10→12,20⇥19");
        check("10-20", "10-25", "+ - 20⇥25");
        check("10-20", "10-", "+ - 20⇥");
        check("10-20", "10-20!", "+ - high:low");
        check("10-20", "", "+ -10");
        check("", "10-20 30-", "+10,30 -");
        check("10-20 40-50", "42-50", "+ -10 40→42");
        check("10-20 40-50", "5-9 11-20 30-35 40-", "+5,30 - 10→11,50⇥");
        check("10-50", "10-20 30-40", "+30 - 50⇥20");
        check("10-20 30-40", "10-50", "+ -30 20⇥50");
        check("10-", "15-", "+ - 10→15");
    }

    #[test]
    fn how_long_it_was_there_counts_what_is_open_to_the_end() {
        let change = change("rule", &spans("10-20 90-"), &spans("10-40"), UtcTime(100_000));
        assert_eq!((change.then_ms, change.now_ms), (20_000, 30_000));
    }

    #[test]
    fn the_peak_is_found_wherever_it_lies() {
        assert_eq!(peak(&[]), 0);
        assert_eq!(peak(&[0, 1, 599_999, 600_000, 600_001]), 3);
        assert_eq!(peak(&[0, 599_999, 600_000, 900_000, 1_199_998]), 4);
    }
}
