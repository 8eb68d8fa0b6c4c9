//! The four indicators by which a supervisor judges how an enterprise handles its alarms, counted from the journal's records
//! and from nothing else: whoever folds the same records gets the same figures.
//!
//! One park's application says “重大危险源监测预警按扰动率、重复报警、销警时长和及时率联合判定” and cites an algorithm that is not
//! public (secondary source; no formula was found). So what each figure counts is Davy's definition, said at its field, and
//! is to be replaced once the algorithm is published. Days and weeks are the site's local ones, weeks are those of ISO 8601.
//!
//! Times are those of the wall clock, because records have no other: a step of it shifts what is counted, a negative time
//! counts as none. While the gateway is off the last known state counts on, because no record says when it went off.

mod report;

use crate::{
    calendar::{Calendar, Date},
    id::*,
    limits::{INDICATOR_DAYS_MAX, INDICATOR_WEEKS_MAX},
    model::{Measure, Site, Unit},
    record::*,
    tasks::Tally,
    time::UtcTime,
};
pub use report::*;
use std::collections::{BTreeMap, BTreeSet};

/// The fold over the journal. What is kept is bounded by the configuration and by `limits::INDICATOR_DAYS_MAX`; records of
/// units and measures that the configuration does not know count for the site alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicators {
    calendar: Calendar,
    in_time_ms: i64,
    site: Scope,
    units: BTreeMap<UnitId, Scope>,
    measures: BTreeMap<MeasureId, Watched>,
    /// The open alarms by their rules.
    open: BTreeMap<RuleId, Open>,
    /// The local day of the last raising, and the rules that were raised on it.
    raised_on: (Date, BTreeSet<RuleId>),
    /// When the first record was written: before it nothing is known.
    began: Option<UtcTime>,
}

/// The site or a unit.
#[derive(Clone, Debug, Default, PartialEq)]
struct Scope {
    name: String,
    coverage: Coverage,
    days: BTreeMap<Date, Day>,
    weeks: BTreeMap<Date, Tally>,
    /// How many of its alarms are active, and since when any has been.
    active: u32,
    disturbed_since: Option<UtcTime>,
}

/// What a day brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Day {
    alarms: u64,
    repeated: u64,
    disturbed_ms: u64,
    cleared: u64,
    clear_ms: u64,
    clear_ms_max: u64,
    acknowledged: u64,
    in_time: u64,
}

/// A measure and how long it has been in which state, by day.
#[derive(Clone, Debug, PartialEq)]
struct Watched {
    unit: UnitId,
    description: String,
    now: Option<(MeasureState, UtcTime)>,
    days: BTreeMap<Date, Spells>,
}

/// What of an open alarm is remembered until its next record.
#[derive(Clone, Debug, PartialEq)]
struct Open {
    id: AlarmId,
    unit: Option<UnitId>,
    active: bool,
    raised_count: u32,
    /// When its condition began.
    holds_since: UtcTime,
    /// Since when it waits for an answer: an alarm that got worse waits anew.
    unanswered_since: UtcTime,
    /// Somebody has acknowledged it, or it is hidden and waits for nobody.
    answered: bool,
}

impl Indicators {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        let (coverage, of_units) = Coverage::of(site);
        let unit = |(unit, coverage): (&Unit, Coverage)| {
            (unit.id.clone(), Scope { name: unit.name.to_string(), coverage, ..Scope::default() })
        };
        let measure = |measure: &Measure| {
            let unit = site.units[site.events[measure.event.at()].unit.at()].id.clone();
            let description = measure.description.clone();
            (
                measure.id.clone(),
                Watched { unit, description: description.to_string(), now: None, days: BTreeMap::new() },
            )
        };
        Self {
            calendar: site.calendar.clone(),
            in_time_ms: i64::try_from(site.policy.acknowledge_in_time_ms).unwrap_or(i64::MAX),
            site: Scope { coverage, ..Scope::default() },
            units: site.units.iter().zip(of_units).map(unit).collect(),
            measures: site.measures.iter().filter(|measure| measure.automatic).map(measure).collect(),
            open: BTreeMap::new(),
            raised_on: (Date(0), BTreeSet::new()),
            began: None,
        }
    }

    /// The earliest time whose records still count at a time: nothing before it needs to be read.
    #[must_use]
    pub fn kept_since(&self, now: UtcTime) -> UtcTime {
        let today = self.calendar.date(now);
        self.calendar.at(Date(today.0 - (INDICATOR_DAYS_MAX - 1)), 0)
    }

    /// Counts a record of the journal, in the journal's order; `utc` is when it was written.
    pub fn take(&mut self, record: &Record, utc: UtcTime) {
        self.began = Some(self.began.map_or(utc, |began| began.min(utc)));
        match record {
            Record::Alarm(alarm) => self.take_alarm(alarm, utc),
            Record::Measure(measure) => self.take_measure(measure, utc),
            Record::Task(task) => self.tally(&task.unit, utc, |tally| tally.task(task, utc)),
            Record::Hazard(hazard) => self.tally(&hazard.unit, utc, |tally| tally.hazard(hazard, utc)),
            Record::Warning(_)
            | Record::Unit(_)
            | Record::Hidden(_)
            | Record::Person(_)
            | Record::Ticket(_)
            | Record::Change(_)
            | Record::Evidence(_)
            | Record::Gap(_)
            | Record::Status(_)
            | Record::Audit(_) => {}
        }
    }

    fn take_alarm(&mut self, alarm: &AlarmRecord, utc: UtcTime) {
        let before = self.open.remove(&alarm.rule);
        let same = before.clone().filter(|before| before.id == alarm.id);
        let was_active = before.as_ref().is_some_and(|before| before.active);
        if was_active != alarm.is_active() || before.as_ref().is_some_and(|before| before.unit != alarm.unit) {
            if let Some(before) = before.filter(|before| before.active) {
                self.disturb(before.unit.as_ref(), utc, Scope::calm);
            }
            if alarm.is_active() {
                self.disturb(alarm.unit.as_ref(), utc, Scope::stir);
            }
        }
        self.count_raising(alarm, same.as_ref(), utc);
        self.count_clearing(alarm, same.as_ref(), utc);
        self.count_answer(alarm, same.as_ref(), utc);
        if alarm.state != AlarmState::Normal {
            self.open.insert(alarm.rule.clone(), Open::of(alarm, same.as_ref()));
        }
    }

    fn count_raising(&mut self, alarm: &AlarmRecord, before: Option<&Open>, utc: UtcTime) {
        let raised_before = before.map_or(0, |before| before.raised_count);
        if alarm.raised_count <= raised_before {
            return;
        }
        let today = self.calendar.date(utc);
        // The first record that is read of an alarm may be of one that has stood for long.
        if before.is_none() && self.calendar.date(alarm.latest_raised_at) != today {
            return;
        }
        if self.raised_on.0 != today {
            self.raised_on = (today, BTreeSet::new());
        }
        let repeated = !self.raised_on.1.insert(alarm.rule.clone());
        self.count(alarm.unit.as_ref(), utc, |day| {
            day.alarms += 1;
            day.repeated += u64::from(repeated);
        });
    }

    /// An alarm that was hidden, removed or told anew has not been cleared.
    fn count_clearing(&mut self, alarm: &AlarmRecord, before: Option<&Open>, utc: UtcTime) {
        let Some(before) = before.filter(|before| before.active) else { return };
        let returned = alarm.returned_at.filter(|_| !alarm.is_hidden() && alarm.ended_because.is_none());
        let Some(returned) = returned else { return };
        let clear_ms = u64::try_from(returned.since(before.holds_since)).unwrap_or(0);
        self.count(alarm.unit.as_ref(), utc, |day| {
            day.cleared += 1;
            day.clear_ms = day.clear_ms.saturating_add(clear_ms);
            day.clear_ms_max = day.clear_ms_max.max(clear_ms);
        });
    }

    fn count_answer(&mut self, alarm: &AlarmRecord, before: Option<&Open>, utc: UtcTime) {
        let (Some(at), Some(before)) = (alarm.acknowledged_at, before.filter(|before| !before.answered)) else {
            return;
        };
        let in_time = at.since(before.unanswered_since) <= self.in_time_ms;
        self.count(alarm.unit.as_ref(), utc, |day| {
            day.acknowledged += 1;
            day.in_time += u64::from(in_time);
        });
    }

    fn take_measure(&mut self, record: &MeasureRecord, utc: UtcTime) {
        let Some(measure) = self.measures.get_mut(&record.measure) else { return };
        measure.run_to(&self.calendar, utc);
        measure.now = Some((record.state, utc));
    }

    fn tally(&mut self, unit: &UnitId, utc: UtcTime, count: impl Fn(&mut Tally)) {
        let monday = self.calendar.date(self.calendar.week_of(utc));
        for scope in [Some(&mut self.site), self.units.get_mut(unit)].into_iter().flatten() {
            count(scope.weeks.entry(monday).or_default());
            let first = Date(monday.0 - 7 * (INDICATOR_WEEKS_MAX as i64 - 1));
            scope.weeks.retain(|week, _| (first..=monday).contains(week));
        }
    }

    fn count(&mut self, unit: Option<&UnitId>, utc: UtcTime, count: impl Fn(&mut Day)) {
        let today = self.calendar.date(utc);
        let unit = unit.and_then(|unit| self.units.get_mut(unit));
        for scope in [Some(&mut self.site), unit].into_iter().flatten() {
            count(scope.days.entry(today).or_default());
            forget(&mut scope.days, today);
        }
    }

    fn disturb(&mut self, unit: Option<&UnitId>, utc: UtcTime, change: fn(&mut Scope, &Calendar, UtcTime)) {
        change(&mut self.site, &self.calendar, utc);
        if let Some(unit) = unit.and_then(|unit| self.units.get_mut(unit)) {
            change(unit, &self.calendar, utc);
        }
    }

    /// Counts what goes on now up to a time.
    fn run_to(&mut self, now: UtcTime) {
        for scope in [&mut self.site].into_iter().chain(self.units.values_mut()) {
            scope.run_to(&self.calendar, now);
        }
        self.measures.values_mut().for_each(|measure| measure.run_to(&self.calendar, now));
    }
}

impl Scope {
    fn stir(&mut self, _: &Calendar, utc: UtcTime) {
        self.active += 1;
        self.disturbed_since.get_or_insert(utc);
    }

    fn calm(&mut self, calendar: &Calendar, utc: UtcTime) {
        self.run_to(calendar, utc);
        self.active = self.active.saturating_sub(1);
        if self.active == 0 {
            self.disturbed_since = None;
        }
    }

    fn run_to(&mut self, calendar: &Calendar, now: UtcTime) {
        let Some(since) = self.disturbed_since.filter(|since| *since < now) else { return };
        for (day, ms) in spread(calendar, since, now) {
            let day = self.days.entry(day).or_default();
            day.disturbed_ms = day.disturbed_ms.saturating_add(ms);
        }
        self.disturbed_since = Some(now);
        forget(&mut self.days, calendar.date(now));
    }
}

impl Watched {
    fn run_to(&mut self, calendar: &Calendar, now: UtcTime) {
        let Some((state, since)) = self.now.filter(|(_, since)| *since < now) else { return };
        for (day, ms) in spread(calendar, since, now) {
            self.days.entry(day).or_default().add(state, ms);
        }
        self.now = Some((state, now));
        forget(&mut self.days, calendar.date(now));
    }
}

impl Open {
    fn of(alarm: &AlarmRecord, before: Option<&Self>) -> Self {
        let answered = alarm.is_acknowledged() || alarm.is_hidden();
        let holds_on = before.filter(|before| before.active && before.raised_count == alarm.raised_count);
        let waits_on = before.filter(|before| !before.answered && !answered);
        Self {
            id: alarm.id.clone(),
            unit: alarm.unit.clone(),
            active: alarm.is_active(),
            raised_count: alarm.raised_count,
            holds_since: holds_on.map_or(alarm.latest_raised_at, |before| before.holds_since),
            unanswered_since: waits_on.map_or(alarm.latest_raised_at, |before| before.unanswered_since),
            answered,
        }
    }

    /// Nobody has acknowledged it in time.
    fn is_late(&self, in_time_ms: i64, now: UtcTime) -> bool {
        self.raised_count > 0 && !self.answered && now.since(self.unanswered_since) > in_time_ms
    }
}

/// A span of time, day by day; of a long one the last `limits::INDICATOR_DAYS_MAX` days. What began before the time can be was
/// stamped by a clock that was not set, and counts for nothing.
fn spread(calendar: &Calendar, from: UtcTime, until: UtcTime) -> impl Iterator<Item = (Date, u64)> {
    let from = if from < calendar.not_before { until } else { from };
    let last = calendar.date(until);
    let first = calendar.date(from).max(Date(last.0 - INDICATOR_DAYS_MAX));
    (first.0..=last.0).map(move |day| {
        let (begin, end) = (calendar.at(Date(day), 0).max(from), calendar.at(Date(day + 1), 0).min(until));
        (Date(day), u64::try_from(end.since(begin)).unwrap_or(0))
    })
}

/// Lets go what is older than is kept, and what a clock that ran ahead has left of days to come.
fn forget<T>(kept: &mut BTreeMap<Date, T>, today: Date) {
    let first = Date(today.0 - (INDICATOR_DAYS_MAX - 1));
    kept.retain(|day, _| (first..=today).contains(day));
}

#[cfg(test)]
mod tests;
