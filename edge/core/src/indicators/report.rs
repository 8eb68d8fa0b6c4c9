//! The indicators of some days, as observers see them.

use super::{Day, Indicators, Scope, Watched};
use crate::{
    calendar::Date,
    id::*,
    limits::INDICATOR_DAYS_MAX,
    model::Site,
    record::{MeasureRecord, MeasureState},
    tasks::Tally,
    time::UtcTime,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// The figures of the last days, today included.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The first local midnight that counts, or the first record where that is later.
    pub since: UtcTime,
    /// Until when it was counted.
    pub until: UtcTime,
    /// How many local days it covers.
    pub days: u32,
    /// The whole site.
    pub site: ScopeFigures,
    /// The site day by day, oldest first.
    pub by_day: Vec<DayFigures>,
    /// Each unit, in the order of the ids.
    pub units: Vec<UnitFigures>,
    /// Each measure that the gateway watches, worst effective share first.
    pub measures: Vec<MeasureFigures>,
}

/// The figures of a unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitFigures {
    /// The unit.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: ScopeFigures,
}

/// The figures of the site or a unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScopeFigures {
    /// The four indicators.
    #[serde(flatten)]
    pub indicators: FourFigures,
    /// How many measures are watched automatically.
    pub coverage: Coverage,
    /// The weeks that lie in these days or overlap them, oldest first.
    pub weeks: Vec<WeekFigures>,
}

/// The four indicators. Shares are from 0 to 1, absent where there is nothing to divide by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FourFigures {
    /// 扰动率, disturbance rate: of the time, the share in which at least one alarm was active. Davy's definition, no
    /// formula is public; low confidence.
    pub disturbance_rate: Option<f64>,
    /// How often alarms were raised.
    pub alarms: u64,
    /// 重复报警, repeated alarms: of these, the raisings of a rule after its first of the same local day. Davy's definition;
    /// the word is that of the park's application.
    pub repeated_alarms: u64,
    /// Alarms whose condition went.
    pub cleared: u64,
    /// 销警时长, time to clear: from the raising to the end of the condition (AQ 3064.1-2025 A.2 has ALARM_TIME and
    /// ALARM_END_TIME 消警时间; that their difference is meant is likely), on average, in milliseconds.
    pub clear_ms_mean: Option<u64>,
    /// The longest, in milliseconds.
    pub clear_ms_max: u64,
    /// Alarms that were acknowledged, or should have been.
    pub to_acknowledge: u64,
    /// 及时率, timeliness: of these, the share that was acknowledged within `acknowledge_in_time_ms` of the policy. Davy's
    /// definition and time; low confidence.
    pub timeliness: Option<f64>,
}

/// The site's figures of one local day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayFigures {
    /// The date, `2026-11-23`.
    pub date: String,
    /// The four indicators.
    #[serde(flatten)]
    pub indicators: FourFigures,
}

/// 自动化监控 coverage: of the measures, those with national `dataSrc` 1, whose evidence is the gateway; and of these, those
/// that a rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// All.
    pub measures: u64,
    /// Those that are to be watched automatically.
    pub automatic: u64,
    /// Those of them that are the measure of a rule.
    pub watched: u64,
}

/// The week's tally for the self-evaluation 运行成效评估.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeekFigures {
    /// Its Monday, local, `2026-11-23`.
    pub monday: String,
    /// What was counted.
    #[serde(flatten)]
    pub tally: Tally,
}

/// How long a measure was in which state, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spells {
    /// It did its work.
    pub effective_ms: u64,
    /// It had failed.
    pub failed_ms: u64,
    /// It was bypassed.
    pub bypassed_ms: u64,
    /// Nobody knew.
    pub unknown_ms: u64,
}

/// A measure's share of the time in each state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureFigures {
    /// The measure.
    pub measure: MeasureId,
    /// 管控措施描述.
    pub description: String,
    /// The unit.
    pub unit: UnitId,
    /// How long.
    #[serde(flatten)]
    pub spells: Spells,
    /// Of the time about which there are records, the share in which it was effective, 0 to 1; absent without records.
    pub effective_share: Option<f64>,
}

impl Indicators {
    /// The figures of the last `days` local days until now, at least 1 and at most `limits::INDICATOR_DAYS_MAX`; what goes on
    /// now is counted until now. A measure of which no record was taken is counted as its present record says.
    #[must_use]
    pub fn report(&self, days: u32, present: &[MeasureRecord], now: UtcTime) -> Report {
        let days = days.clamp(1, INDICATOR_DAYS_MAX as u32);
        let today = self.calendar.date(now);
        let first = Date(today.0 - i64::from(days - 1));
        let midnight = self.calendar.at(first, 0);
        let since = self.began.map_or(now, |began| began.max(midnight).min(now));
        let mut counted = self.clone();
        for record in present {
            let watched = counted.measures.get_mut(&record.measure).filter(|watched| watched.now.is_none());
            watched.into_iter().for_each(|watched| watched.now = Some((record.state, record.since.max(since))));
        }
        counted.run_to(now);
        let span = Span { first, today, since, now };
        let late = |unit: Option<&UnitId>| -> u64 {
            let of = self.open.values().filter(|open| unit.is_none() || open.unit.as_ref() == unit);
            of.fold(0, |count, open| count + u64::from(open.is_late(self.in_time_ms, now)))
        };
        let units = counted.units.iter().map(|(id, scope)| UnitFigures {
            unit: id.clone(),
            name: scope.name.clone(),
            figures: scope.figures(&counted, span, late(Some(id))),
        });
        let mut measures: Vec<_> = counted.measures.iter().map(|(id, watched)| watched.figures(id, span)).collect();
        measures.sort_by(|one, other| share_order(one).total_cmp(&share_order(other)));
        Report {
            since,
            until: now,
            days,
            site: counted.site.figures(&counted, span, late(None)),
            by_day: (first.0..=today.0).map(|day| counted.day(Date(day), span, late(None))).collect(),
            units: units.collect(),
            measures,
        }
    }

    fn day(&self, date: Date, span: Span, late: u64) -> DayFigures {
        let day = self.site.days.get(&date).copied().unwrap_or_default();
        let (begin, end) = (self.calendar.at(date, 0).max(span.since), self.calendar.at(Date(date.0 + 1), 0));
        let observed_ms = u64::try_from(end.min(span.now).since(begin)).unwrap_or(0);
        let late = if date == span.today { late } else { 0 };
        DayFigures { date: date.to_string(), indicators: day.figures(observed_ms, late) }
    }
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Span {
    first: Date,
    today: Date,
    since: UtcTime,
    now: UtcTime,
}

fn share_order(measure: &MeasureFigures) -> f64 {
    measure.effective_share.unwrap_or(2.0)
}

impl Scope {
    fn figures(&self, all: &Indicators, span: Span, late: u64) -> ScopeFigures {
        let total = self.days.range(span.first..=span.today).fold(Day::default(), |sum, (_, day)| sum.and(*day));
        let observed_ms = u64::try_from(span.now.since(span.since)).unwrap_or(0);
        let first_week = all.calendar.date(all.calendar.week_of(all.calendar.at(span.first, 0)));
        let weeks = self.weeks.range(first_week..=span.today);
        ScopeFigures {
            indicators: total.figures(observed_ms, late),
            coverage: self.coverage,
            weeks: weeks.map(|(monday, tally)| WeekFigures { monday: monday.to_string(), tally: *tally }).collect(),
        }
    }
}

impl Day {
    fn and(self, other: Self) -> Self {
        Self {
            alarms: self.alarms + other.alarms,
            repeated: self.repeated + other.repeated,
            disturbed_ms: self.disturbed_ms.saturating_add(other.disturbed_ms),
            cleared: self.cleared + other.cleared,
            clear_ms: self.clear_ms.saturating_add(other.clear_ms),
            clear_ms_max: self.clear_ms_max.max(other.clear_ms_max),
            acknowledged: self.acknowledged + other.acknowledged,
            in_time: self.in_time + other.in_time,
        }
    }

    fn figures(self, observed_ms: u64, late: u64) -> FourFigures {
        FourFigures {
            disturbance_rate: share(self.disturbed_ms.min(observed_ms), observed_ms),
            alarms: self.alarms,
            repeated_alarms: self.repeated,
            cleared: self.cleared,
            clear_ms_mean: self.clear_ms.checked_div(self.cleared),
            clear_ms_max: self.clear_ms_max,
            to_acknowledge: self.acknowledged + late,
            timeliness: share(self.in_time, self.acknowledged + late),
        }
    }
}

impl Watched {
    fn figures(&self, id: &MeasureId, span: Span) -> MeasureFigures {
        let days = self.days.range(span.first..=span.today);
        let spells = days.fold(Spells::default(), |sum, (_, day)| sum.and(*day));
        let all_ms = spells.effective_ms + spells.failed_ms + spells.bypassed_ms + spells.unknown_ms;
        MeasureFigures {
            measure: id.clone(),
            description: self.description.clone(),
            unit: self.unit.clone(),
            spells,
            effective_share: share(spells.effective_ms, all_ms),
        }
    }
}

impl Spells {
    pub(super) fn add(&mut self, state: MeasureState, ms: u64) {
        let spell = match state {
            MeasureState::Effective => &mut self.effective_ms,
            MeasureState::Failed => &mut self.failed_ms,
            MeasureState::Bypassed => &mut self.bypassed_ms,
            MeasureState::Unknown => &mut self.unknown_ms,
        };
        *spell = spell.saturating_add(ms);
    }

    fn and(self, other: Self) -> Self {
        Self {
            effective_ms: self.effective_ms.saturating_add(other.effective_ms),
            failed_ms: self.failed_ms.saturating_add(other.failed_ms),
            bypassed_ms: self.bypassed_ms.saturating_add(other.bypassed_ms),
            unknown_ms: self.unknown_ms.saturating_add(other.unknown_ms),
        }
    }
}

impl Coverage {
    /// Of the site, and of each of its units in their order.
    #[must_use]
    pub fn of(site: &Site) -> (Self, Vec<Self>) {
        let ruled: BTreeSet<MeasureIx> = site.rules.iter().filter_map(|rule| rule.measure).collect();
        let (mut all, mut units) = (Self::default(), vec![Self::default(); site.units.len()]);
        for (at, measure) in site.measures.iter().enumerate() {
            let is_watched = measure.automatic && ruled.contains(&MeasureIx::from(at));
            for coverage in [&mut all, &mut units[site.events[measure.event.at()].unit.at()]] {
                coverage.measures += 1;
                coverage.automatic += u64::from(measure.automatic);
                coverage.watched += u64::from(is_watched);
            }
        }
        (all, units)
    }
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}
