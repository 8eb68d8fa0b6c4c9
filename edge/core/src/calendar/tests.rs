//! Stories of dates, and random schedules against a naive calendar that walks through every day.

use super::*;
use chrono::{Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};

fn utc(local: &str) -> UtcTime {
    UtcTime::parse(&format!("{local}:00+08:00")).unwrap()
}

fn local(time: UtcTime) -> String {
    UtcTime(time.0 + 8 * HOUR_MS).to_string()[..16].replace('T', " ")
}

fn schedule(cycle: u32, unit: CycleUnit, start: &str, days: WorkDays) -> Schedule {
    Schedule { cycle, unit, start: utc(start), hours: None, days }
}

/// The occurrences after a time, in order, as local times.
fn check(calendar: &Calendar, schedule: Schedule, after: &str, expected: &[&str]) {
    let mut time = utc(after);
    let mut seen = Vec::new();
    for _ in expected {
        let Some(next) = schedule.next_after(calendar, time) else { break };
        assert_eq!(schedule.last_until(calendar, next, time), Some(next), "{schedule:?}");
        seen.push(local(next));
        time = next;
    }
    assert_eq!(seen, expected, "{schedule:?}");
}

/// National Day 2026 as an example: free from the 1st to the 7th, worked on Saturday the 10th.
fn golden_week() -> Calendar {
    let day = |text: &str| Date::parse(text).unwrap().0;
    let mut calendar = Calendar::default();
    calendar.exceptions.extend((day("2026-10-01")..=day("2026-10-07")).map(|day| (day, false)));
    calendar.exceptions.insert(day("2026-10-10"), true);
    calendar
}

#[test]
fn a_date_has_a_weekday_and_a_week_begins_on_monday() {
    assert!(Date::parse("2026-11-23").unwrap().is_weekday() && !Date::parse("2026-11-22").unwrap().is_weekday());
    let calendar = Calendar::default();
    for time in ["2026-11-23T00:00", "2026-11-25T12:00", "2026-11-29T23:59"] {
        assert_eq!(calendar.week_of(utc(time)), utc("2026-11-23T00:00"), "{time}");
    }
}

#[test]
fn month_ends_leap_years_and_year_ends() {
    let calendar = Calendar::default();
    let monthly = schedule(1, CycleUnit::Month, "2027-10-31T08:00", WorkDays::Every);
    let expected = ["2027-11-30 08:00", "2027-12-31 08:00", "2028-01-31 08:00", "2028-02-29 08:00", "2028-03-31 08:00"];
    check(&calendar, monthly, "2027-10-31T08:00", &expected);
    let yearly = schedule(1, CycleUnit::Year, "2028-02-29T00:00", WorkDays::Every);
    let expected = ["2028-02-29 00:00", "2029-02-28 00:00", "2030-02-28 00:00", "2031-02-28 00:00", "2032-02-29 00:00"];
    check(&calendar, yearly, "2020-01-01T00:00", &expected);
    let quarterly = schedule(3, CycleUnit::Month, "2026-11-30T23:30", WorkDays::Every);
    check(&calendar, quarterly, "2026-12-01T00:00", &["2027-02-28 23:30", "2027-05-30 23:30", "2027-08-30 23:30"]);
    let daily = schedule(1, CycleUnit::Day, "2026-12-30T07:00", WorkDays::Every);
    check(&calendar, daily, "2026-12-30T12:00", &["2026-12-31 07:00", "2027-01-01 07:00"]);
}

#[test]
fn hours_begin_with_the_working_hours() {
    let calendar = golden_week();
    let hours = |cycle, start: i64, end: i64, days| Schedule {
        hours: Some(WorkHours { start_ms: start * HOUR_MS, end_ms: end * HOUR_MS }),
        ..schedule(cycle, CycleUnit::Hour, "2026-09-30T13:00", days)
    };
    let expected = ["2026-09-30 14:00", "2026-09-30 16:00", "2026-10-08 08:00", "2026-10-08 10:00"];
    check(&calendar, hours(2, 8, 18, WorkDays::Workdays), "2026-09-01T00:00", &expected);
    let night = ["2026-09-30 22:00", "2026-10-01 02:00", "2026-10-01 22:00"];
    check(&calendar, hours(4, 22, 6, WorkDays::Every), "2026-09-30T13:00", &night);
    check(&calendar, hours(12, 0, 0, WorkDays::Every), "2026-09-30T13:00", &["2026-10-01 00:00", "2026-10-01 12:00"]);
}

#[test]
fn what_falls_on_a_day_of_another_kind_moves_on() {
    let calendar = golden_week();
    let weekly = schedule(7, CycleUnit::Day, "2026-09-24T08:00", WorkDays::Workdays);
    check(&calendar, weekly, "2026-09-24T08:00", &["2026-10-08 08:00", "2026-10-15 08:00"]);
    let daily = schedule(1, CycleUnit::Day, "2026-09-29T08:00", WorkDays::Workdays);
    let expected = ["2026-09-29 08:00", "2026-09-30 08:00", "2026-10-08 08:00", "2026-10-09 08:00", "2026-10-10 08:00"];
    check(&calendar, daily, "2026-09-01T00:00", &expected);
    let monthly = schedule(1, CycleUnit::Month, "2026-08-31T08:00", WorkDays::FreeDays);
    check(&calendar, monthly, "2026-08-01T00:00", &["2026-09-05 08:00", "2026-10-01 08:00", "2026-10-31 08:00"]);
}

#[test]
fn a_plan_without_a_day_of_its_kind_never_falls_due() {
    let mut calendar = Calendar::default();
    let today = Date::parse("2026-11-23").unwrap().0;
    calendar.exceptions.extend((today..today + 2 * PLAN_DAYS_MAX).map(|day| (day, false)));
    let daily = schedule(1, CycleUnit::Day, "2026-11-23T08:00", WorkDays::Workdays);
    assert_eq!(daily.next_after(&calendar, utc("2026-11-23T08:00")), None);
    for time in [i64::MIN, i64::MAX, 0] {
        let yearly = schedule(1, CycleUnit::Year, "2026-11-23T08:00", WorkDays::Every);
        assert!(yearly.next_after(&calendar, UtcTime(time)).is_none_or(|next| next > UtcTime(time)));
    }
}

/// Every occurrence within a span, by walking through its days with another library's dates.
fn naive(calendar: &Calendar, schedule: Schedule, from: NaiveDate, days: u64) -> BTreeSet<NaiveDateTime> {
    let zone = FixedOffset::east_opt(8 * 3600).unwrap();
    let start = zone.timestamp_millis_opt(schedule.start.0).unwrap().naive_local();
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    let fits = |date: NaiveDate| {
        let listed = calendar.exceptions.get(&(date - epoch).num_days()).copied();
        let worked = listed.unwrap_or(date.weekday().number_from_monday() <= 5);
        match schedule.days {
            WorkDays::Every => true,
            WorkDays::Workdays => worked,
            WorkDays::FreeDays => !worked,
        }
    };
    let mut all = BTreeSet::new();
    if let (CycleUnit::Hour, Some(hours)) = (schedule.unit, schedule.hours) {
        for date in from.iter_days().take(usize::try_from(days).unwrap()).filter(|date| fits(*date)) {
            let midnight = date.and_hms_opt(0, 0, 0).unwrap();
            let length = (hours.end_ms - hours.start_ms - 1).rem_euclid(DAY_MS) + 1;
            let mut at = midnight + TimeDelta::milliseconds(hours.start_ms);
            while at < midnight + TimeDelta::milliseconds(hours.start_ms + length) {
                all.insert(at);
                at += TimeDelta::hours(schedule.cycle.into());
            }
        }
    } else {
        for nth in 0.. {
            let date = match schedule.unit {
                CycleUnit::Hour => break,
                CycleUnit::Day => start.date() + Days::new(nth * u64::from(schedule.cycle)),
                CycleUnit::Month => start.date() + Months::new(u32::try_from(nth).unwrap() * schedule.cycle),
                CycleUnit::Year => start.date() + Months::new(u32::try_from(nth).unwrap() * schedule.cycle * 12),
            };
            if date > from + Days::new(days) {
                break;
            }
            let moved = date.iter_days().take(60).find(|date| fits(*date));
            all.extend(moved.map(|date| date.and_time(start.time())));
        }
    }
    all.retain(|at| *at >= start);
    all
}

#[test]
fn agrees_with_a_naive_calendar() {
    let mut random = SmallRng::seed_from_u64(59);
    let mut seen = 0;
    for _ in 0..300 {
        let from = NaiveDate::from_ymd_opt(random.random_range(2023..2030), random.random_range(1..=12), 1).unwrap();
        let mut calendar = Calendar::default();
        let first = (from - NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()).num_days();
        for _ in 0..random.random_range(0..40) {
            calendar.exceptions.insert(first + random.random_range(0..400), random.random_bool(0.3));
        }
        let unit = *[CycleUnit::Hour, CycleUnit::Day, CycleUnit::Month, CycleUnit::Year].choose(&mut random).unwrap();
        let hours = WorkHours {
            start_ms: random.random_range(0..48) * HOUR_MS / 2,
            end_ms: random.random_range(0..48) * HOUR_MS / 2,
        };
        let schedule = Schedule {
            cycle: random.random_range(1..=if unit == CycleUnit::Year { 2 } else { 24 }),
            unit,
            start: UtcTime((first + random.random_range(-200..200)) * DAY_MS + random.random_range(0..24) * HOUR_MS),
            hours: Some(hours),
            days: *[WorkDays::Every, WorkDays::Workdays, WorkDays::FreeDays].choose(&mut random).unwrap(),
        };
        let all = naive(&calendar, schedule, from - Days::new(2), 420);
        let zone = FixedOffset::east_opt(8 * 3600).unwrap();
        let times = |at: &NaiveDateTime| UtcTime(zone.from_local_datetime(at).unwrap().timestamp_millis());
        let all: Vec<UtcTime> = all.iter().map(times).collect();
        let (begin, end) = (UtcTime(first * DAY_MS), UtcTime((first + 400) * DAY_MS));
        let mut time = begin;
        while let Some(next) = schedule.next_after(&calendar, time).filter(|next| *next < end) {
            let expected = all.iter().find(|at| **at > time);
            assert_eq!(Some(&next), expected, "{schedule:?} after {}", local(time));
            seen += 1;
            let until = UtcTime(random.random_range(begin.0..end.0));
            let after = UtcTime(until.0 - random.random_range(0..40 * DAY_MS));
            let last = all.iter().rev().find(|at| **at <= until && **at > after && **at >= begin);
            if after >= begin {
                assert_eq!(schedule.last_until(&calendar, until, after).as_ref(), last, "{schedule:?}");
            }
            time = next;
        }
        assert_eq!(all.iter().find(|at| **at > time && **at < end), None, "{schedule:?} after {}", local(time));
    }
    assert!(seen > 5_000, "{seen}");
}
