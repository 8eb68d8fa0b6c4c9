//! `risk/plans.csv` and `risk/holidays.csv`: recurring inspections, with the national field names accepted, and the days
//! that are not what their weekday says.

use crate::{
    index::Index,
    limits::{PLAN_CYCLES_MAX, PLAN_TOLERANCE_MAX_MS},
    risk::Risk,
    table::{Column, Row, Sheet, needed, optional},
    text::{Text, quoted},
    words,
};
use davy_core::{
    calendar::{Calendar, CycleUnit, Date, Schedule, WorkDays, WorkHours},
    id::{MeasureIx, PlanId},
    model::{Plan, Role},
    time::UtcTime,
};
use std::collections::BTreeMap;

pub(crate) const PLANS: &[Column] = &[
    needed("id", &["编号"]),
    needed("riskMeasureId", &["measure", "管控措施"]),
    optional("troubleshootContent", &["content", "隐患排查内容"]),
    needed("checkCycle", &["cycle", "周期"]),
    needed("checkCycleUnit", &["cycle_unit", "周期单位"]),
    needed("taskStartTime", &["start", "首次执行时间"]),
    optional("workStartTime", &["work_start", "工作开始时间"]),
    optional("workEndTime", &["work_end", "工作结束时间"]),
    optional("workDayType", &["work_days", "工作日类型"]),
    optional("workType", &["role", "任务类型"]),
    optional("taskNum", &["duty_item", "清单项"]),
    optional("tolerance", &["容差"]),
];

pub(crate) const HOLIDAYS: &[Column] = &[needed("date", &["日期"]), needed("kind", &["休班"])];

/// The plans with the cells that findings are reported at.
pub(crate) struct Plans<'a> {
    pub(crate) plans: Vec<Plan>,
    pub(crate) cells: Vec<Text<'a>>,
}

/// Reads the holidays into the calendar.
pub(crate) fn holidays(sheet: &Sheet<'_>, calendar: &mut Calendar) {
    let mut seen = BTreeMap::new();
    for row in sheet.rows() {
        let cell = row.cell("date");
        let date = cell.needed().and_then(|text| text.parse(date));
        let kind = row.cell("kind").needed().and_then(|text| text.one_of(words::DAY_KINDS));
        let (Some(date), Some(is_worked)) = (date, kind) else { continue };
        if let Some(first) = seen.insert(date, cell) {
            cell.wrong(format_args!(
                "{} stands already in {}; remove one of the two",
                quoted(cell.text),
                first.spot.line()
            ));
        }
        calendar.exceptions.insert(date.0, is_worked);
    }
}

/// Reads the plans.
pub(crate) fn read<'a>(sheet: &'a Sheet<'a>, risk: &Risk<'_>, calendar: &Calendar) -> Plans<'a> {
    let mut ids = Index::new("plan", "risk/plans.csv", sheet.complete);
    let mut plans = Plans { plans: Vec::new(), cells: Vec::new() };
    for (at, row) in sheet.rows().enumerate() {
        let cell = row.cell("id");
        ids.add(cell, at);
        plans.cells.push(cell);
        plans.plans.push(plan(row, risk, calendar));
    }
    plans
}

fn plan(row: Row<'_>, risk: &Risk<'_>, calendar: &Calendar) -> Plan {
    let measure = row.cell("riskMeasureId").needed().and_then(|text| risk.measure(text));
    let own = row.cell("troubleshootContent");
    let inherited = measure.map_or("", |measure| &risk.contents[measure.at()]);
    if own.text.is_empty() && inherited.is_empty() && measure.is_some() {
        own.wrong("is empty here and in risk/measures.csv, so there is nothing to inspect; fill it in");
    }
    let role = row.cell("workType").given().and_then(|text| text.one_of(words::WORK_TYPES)).unwrap_or(Role::Routine);
    let schedule = schedule(row, calendar);
    Plan {
        id: PlanId::from(row.cell("id").code().unwrap_or_default()),
        measure: measure.unwrap_or(MeasureIx(0)),
        content: if own.text.is_empty() { inherited.to_owned() } else { own.words().to_owned() },
        role,
        duty_item: duty_item(row.cell("taskNum"), role),
        tolerance_ms: tolerance(row.cell("tolerance"), &schedule),
        schedule,
    }
}

fn schedule(row: Row<'_>, calendar: &Calendar) -> Schedule {
    let unit = row.cell("checkCycleUnit").needed().and_then(|text| text.one_of(words::CYCLE_UNITS));
    let most = PLAN_CYCLES_MAX.iter().find(|(of, _)| Some(*of) == unit).map_or(u32::MAX, |(_, most)| *most);
    let cycle = row.cell("checkCycle").needed().and_then(|text| text.whole(1..=most));
    let start = row.cell("taskStartTime").needed().and_then(|text| text.parse(local_time));
    let hours = hours(row, unit);
    let schedule = Schedule {
        cycle: cycle.unwrap_or(1),
        unit: unit.unwrap_or(CycleUnit::Day),
        start: start.map_or(calendar.not_before, |(date, ms)| calendar.at(date, ms)),
        hours,
        days: row.cell("workDayType").given().and_then(|text| text.one_of(words::WORK_DAYS)).unwrap_or(WorkDays::Every),
    };
    if let (Some(hours), Some((_, ms))) = (hours, start)
        && unit == Some(CycleUnit::Hour)
        && (ms - hours.start_ms).rem_euclid(i64::from(schedule.cycle) * 3_600_000) != 0
    {
        row.cell("taskStartTime").warn(
            "is not one of the hours that count from the start of the working hours (workStartTime), so the first execution comes later than written; let both agree",
        );
    }
    schedule
}

/// Working hours are needed with a cycle in hours.
fn hours(row: Row<'_>, unit: Option<CycleUnit>) -> Option<WorkHours> {
    let (start_cell, end_cell) = (row.cell("workStartTime"), row.cell("workEndTime"));
    let read = |text: Text<'_>| text.given().and_then(|text| text.parse(time_of_day));
    if unit == Some(CycleUnit::Hour) {
        for cell in [start_cell, end_cell].into_iter().filter(|cell| cell.text.is_empty()) {
            cell.wrong("is needed with a cycle in hours; write a time of day, such as 8:00");
        }
    }
    Some(WorkHours { start_ms: read(start_cell)?, end_ms: read(end_cell)? })
}

/// taskNum names an item of the duty list of its role; 日常 has none.
fn duty_item(text: Text<'_>, role: Role) -> Option<u8> {
    let most = match role {
        Role::Routine => {
            if !text.text.is_empty() {
                text.wrong(
                    "names an item of a duty list, and workType 0 (日常) has none; leave it empty or correct workType",
                );
            }
            return None;
        }
        Role::Principal | Role::Technical => 9,
        Role::Operation => 10,
    };
    if text.text.is_empty() {
        text.wrong(format_args!("is needed where workType is not 0: the item of the duty list, 1 to {most}"));
        return None;
    }
    text.whole(1..=most).and_then(|item| u8::try_from(item).ok())
}

/// Shorter than the shortest time between two occurrences: the one before is over when the next one comes.
fn tolerance(text: Text<'_>, schedule: &Schedule) -> Option<u64> {
    const HOUR_MS: u64 = 3_600_000;
    let cycle_ms = match schedule.unit {
        CycleUnit::Hour => HOUR_MS,
        CycleUnit::Day => 24 * HOUR_MS,
        CycleUnit::Month => 28 * 24 * HOUR_MS,
        CycleUnit::Year => 365 * 24 * HOUR_MS,
    } * u64::from(schedule.cycle);
    let ms = text.given()?.parse(long_duration)?;
    if ms > cycle_ms {
        text.wrong(format_args!(
            "{} is longer than the cycle; write a shorter one or leave it empty",
            quoted(text.text)
        ));
    }
    Some(ms)
}

/// `2h` as everywhere, or whole days: `3d`, `3天`.
fn long_duration(text: &str) -> Result<u64, String> {
    const DAY_MS: u64 = 24 * 3_600_000;
    if let Some(days) = text.strip_suffix('d').or_else(|| text.strip_suffix('天')) {
        let ms = days.trim().parse::<u64>().ok().and_then(|days| days.checked_mul(DAY_MS));
        return ms
            .filter(|ms| (1..=PLAN_TOLERANCE_MAX_MS).contains(ms))
            .ok_or_else(|| format!("{} is not a number of days from 1 to 366", quoted(text)));
    }
    crate::durations::parse(text, &(60_000..=DAY_MS))
}

/// `2026-10-01`, or the national `20261001`.
fn date(text: &str) -> Result<Date, String> {
    let dashed = |text: &str| Some(format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..)?));
    let national = if text.len() == 8 && text.is_ascii() { dashed(text) } else { None };
    Date::parse(national.as_deref().unwrap_or(text))
        .ok_or_else(|| format!("{} is not a date; write it as 2026-10-01", quoted(text)))
}

/// `8:00`, `08:00:00`: milliseconds from midnight.
fn time_of_day(text: &str) -> Result<i64, String> {
    let mut parts = text.split(':').map(|part| part.parse::<u8>().ok().filter(|_| part.len() <= 2));
    let time = (parts.next().flatten(), parts.next().flatten(), parts.next().unwrap_or(Some(0)), parts.next());
    match time {
        (Some(hour @ 0..=23), Some(minute @ 0..=59), Some(second @ 0..=59), None) => {
            Ok(((i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second)) * 1000)
        }
        _ => Err(format!("{} is not a time of day; write it as 8:00", quoted(text))),
    }
}

/// `2026-11-23 08:00`, or the national `20261123080000`; local time.
fn local_time(text: &str) -> Result<(Date, i64), String> {
    let wrong = || format!("{} is not a time; write it as 2026-11-23 08:00 (local time)", quoted(text));
    if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let time = format!("{}:{}:{}", &text[8..10], &text[10..12], &text[12..14]);
        return Ok((date(&text[..8]).map_err(|_| wrong())?, time_of_day(&time).map_err(|_| wrong())?));
    }
    let (day, time) = text.split_once([' ', 'T']).ok_or_else(wrong)?;
    Ok((date(day).map_err(|_| wrong())?, time_of_day(time.trim()).map_err(|_| wrong())?))
}

/// `+08:00`.
pub(crate) fn utc_offset(text: &str) -> Result<i64, String> {
    let wrong = || format!("{} is not an offset from UTC; write it as +08:00", quoted(text));
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(wrong()),
    };
    let ms = time_of_day(rest).map_err(|_| wrong())?;
    if rest.len() == 5 && ms <= 14 * 3_600_000 { Ok(sign * ms) } else { Err(wrong()) }
}

/// `2026-01-01`: its midnight, local time.
pub(crate) fn not_before(text: &str, utc_offset_ms: i64) -> Result<UtcTime, String> {
    let calendar = Calendar { utc_offset_ms, ..Calendar::default() };
    date(text).map(|date| calendar.at(date, 0))
}
