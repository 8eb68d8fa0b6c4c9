//! When recurring inspections fall due: cycles of hours, days, months and years over a local calendar with holidays.
//!
//! Pure arithmetic on dates: a time zone is a fixed offset (China has no summer time), legal workdays 法定工作日 are data.
//! The fields are those of the national task table: 周期, 周期单位, taskStartTime, workStartTime, workEndTime, workDayType.

use crate::{
    limits::PLAN_DAYS_MAX,
    time::{DAY_MS, UtcTime, civil_from_days, days_from_civil, days_in_month, parse_date},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

const HOUR_MS: i64 = 3_600_000;

/// A local date, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub i64);

impl Date {
    /// Reads `2026-10-01`. `None` when it is not that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month, day) = parse_date(text)?;
        Some(Self(days_from_civil(year, month, day)))
    }

    /// A date by its parts; a day beyond the end of the month is its last day.
    fn clamped(year: i64, month: i64, day: i64) -> Self {
        let last = i64::from(days_in_month(year, month).unwrap_or(28));
        Self(days_from_civil(year, month, day.min(last)))
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i64 {
        civil_from_days(self.0).0
    }

    /// Monday to Friday.
    #[must_use]
    pub fn is_weekday(self) -> bool {
        self.weekday() < 5
    }

    /// 0 is Monday; 1970-01-01 was a Thursday.
    fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7)
    }
}

impl fmt::Display for Date {
    /// `2026-10-01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The site's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Local time is so much ahead of UTC, in milliseconds.
    pub utc_offset_ms: i64,
    /// Days that are not what their weekday says: worked (班, `true`) or free (休, `false`).
    pub exceptions: BTreeMap<i64, bool>,
    /// Before it the wall clock decides nothing about planned tasks.
    pub not_before: UtcTime,
}

impl Default for Calendar {
    /// UTC+8, Monday to Friday, from 2026 on.
    fn default() -> Self {
        Self { utc_offset_ms: 8 * HOUR_MS, exceptions: BTreeMap::new(), not_before: UtcTime(1_767_196_800_000) }
    }
}

impl Calendar {
    /// Whether a day is a legal workday 法定工作日: as the exceptions have it, else Monday to Friday.
    #[must_use]
    pub fn is_workday(&self, date: Date) -> bool {
        self.exceptions.get(&date.0).copied().unwrap_or_else(|| date.is_weekday())
    }

    /// The years that have an exception.
    #[must_use]
    pub fn years(&self) -> BTreeSet<i64> {
        self.exceptions.keys().map(|day| Date(*day).year()).collect()
    }

    /// The local date of a time.
    #[must_use]
    pub fn date(&self, time: UtcTime) -> Date {
        Date(time.0.saturating_add(self.utc_offset_ms).div_euclid(DAY_MS))
    }

    /// Monday 00:00 local of the week that a time lies in.
    #[must_use]
    pub fn week_of(&self, time: UtcTime) -> UtcTime {
        let date = self.date(time);
        self.at(Date(date.0 - date.weekday()), 0)
    }

    /// A local time of a day, in milliseconds from its midnight.
    #[must_use]
    pub fn at(&self, date: Date, ms: i64) -> UtcTime {
        UtcTime(date.0.saturating_mul(DAY_MS).saturating_add(ms).saturating_sub(self.utc_offset_ms))
    }

    fn time_of_day(&self, time: UtcTime) -> i64 {
        time.0.saturating_add(self.utc_offset_ms).rem_euclid(DAY_MS)
    }
}

/// The unit of a cycle 周期单位.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CycleUnit {
    /// 小时, within the working hours.
    Hour,
    /// 天.
    Day,
    /// 月.
    Month,
    /// 年.
    Year,
}

/// On which days, national `workDayType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkDays {
    /// 0 每天.
    Every,
    /// 1 法定工作日.
    Workdays,
    /// 2 非法定工作日.
    FreeDays,
}

/// Hours of the day, in milliseconds from midnight. An end at or before the start is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkHours {
    /// workStartTime.
    pub start_ms: i64,
    /// workEndTime; nothing falls due at it any more.
    pub end_ms: i64,
}

/// When a plan falls due.
///
/// - Hours: at the start of the working hours and every cycle after it until they end, on days of the kind.
/// - Days, months, years: at the time of day of the first execution, on every such date counted from it; a 29th, 30th or
///   31st falls on the last day of a shorter month. What would fall on a day of another kind moves on to the next day of
///   the kind, and two that meet there are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// 周期, more than 0; at most 24 with hours.
    pub cycle: u32,
    /// 周期单位.
    pub unit: CycleUnit,
    /// taskStartTime, the first execution; nothing falls due before it.
    pub start: UtcTime,
    /// The working hours; needed with hours, without effect otherwise.
    pub hours: Option<WorkHours>,
    /// workDayType.
    pub days: WorkDays,
}

impl Schedule {
    /// The first occurrence after a time; `None` when there is none within `limits::PLAN_DAYS_MAX` days.
    #[must_use]
    pub fn next_after(&self, calendar: &Calendar, time: UtcTime) -> Option<UtcTime> {
        // Night hours that began yesterday reach into today.
        let from = calendar.date(time.max(self.start)).0 - 1;
        (from..=from + PLAN_DAYS_MAX)
            .find_map(|day| self.of_day(calendar, Date(day)).find(|occurrence| *occurrence > time))
    }

    /// The last occurrence at or before a time and after another.
    #[must_use]
    pub fn last_until(&self, calendar: &Calendar, time: UtcTime, after: UtcTime) -> Option<UtcTime> {
        let until = calendar.date(time).0;
        let from = calendar.date(after.max(self.start)).0 - 1;
        (from.max(until - PLAN_DAYS_MAX)..=until).rev().find_map(|day| {
            self.of_day(calendar, Date(day)).filter(|occurrence| *occurrence <= time && *occurrence > after).last()
        })
    }

    /// The occurrences that belong to a day, in order.
    fn of_day(&self, calendar: &Calendar, date: Date) -> impl Iterator<Item = UtcTime> + use<> {
        let (first, step, end) = match (self.unit, self.hours) {
            (CycleUnit::Hour, Some(hours)) => {
                let end = if hours.end_ms > hours.start_ms { hours.end_ms } else { hours.end_ms + DAY_MS };
                (hours.start_ms, i64::from(self.cycle.max(1)) * HOUR_MS, end)
            }
            (CycleUnit::Hour, None) => (0, DAY_MS, 0),
            (CycleUnit::Day | CycleUnit::Month | CycleUnit::Year, _) => {
                let time = calendar.time_of_day(self.start);
                (time, DAY_MS, time + 1)
            }
        };
        let falls = match self.unit {
            CycleUnit::Hour => self.is_of_kind(calendar, date),
            CycleUnit::Day | CycleUnit::Month | CycleUnit::Year => self.falls_on(calendar, date),
        };
        let (start, midnight) = (self.start, calendar.at(date, 0));
        let times = (0..).map(move |n: i64| first + n * step).take_while(move |ms| falls && *ms < end);
        times.map(move |ms| UtcTime(midnight.0.saturating_add(ms))).filter(move |occurrence| *occurrence >= start)
    }

    fn is_of_kind(&self, calendar: &Calendar, date: Date) -> bool {
        match self.days {
            WorkDays::Every => true,
            WorkDays::Workdays => calendar.is_workday(date),
            WorkDays::FreeDays => !calendar.is_workday(date),
        }
    }

    /// Whether one of its dates is this day, or moved on to it from the days since the last one of the kind.
    fn falls_on(&self, calendar: &Calendar, date: Date) -> bool {
        if !self.is_of_kind(calendar, date) {
            return false;
        }
        let first = calendar.date(self.start);
        let before = (1..=PLAN_DAYS_MAX)
            .map(|days| Date(date.0 - days))
            .find(|day| *day < first || self.is_of_kind(calendar, *day));
        self.last_date(first, date).is_some_and(|last| before.is_none_or(|before| last > before))
    }

    /// The last of its dates, of whatever kind of day, at or before a day.
    fn last_date(&self, first: Date, date: Date) -> Option<Date> {
        if date < first {
            return None;
        }
        let cycle = i64::from(self.cycle.max(1));
        let months = match self.unit {
            CycleUnit::Hour | CycleUnit::Day => return Some(Date(date.0 - (date.0 - first.0) % cycle)),
            CycleUnit::Month => cycle,
            CycleUnit::Year => cycle * 12,
        };
        let (year, month, day) = civil_from_days(first.0);
        let nth = |count: i64| {
            let month = year * 12 + (month - 1) + count * months;
            Date::clamped(month.div_euclid(12), month.rem_euclid(12) + 1, day)
        };
        let (this_year, this_month, _) = civil_from_days(date.0);
        let count = ((this_year * 12 + this_month) - (year * 12 + month)) / months;
        let latest = nth(count);
        Some(if latest <= date { latest } else { nth(count - 1) })
    }
}

#[cfg(test)]
mod tests;
