//! The history of one tag: every value, or so many steps that a picture can show them.

use crate::{
    app::App,
    extract::{Asked, Id},
    limits,
    problem::{Kind, Problem},
};
use axum::{Json, extract::State};
use davy_core::{quality::Quality, time::UtcTime};
use davy_store::history::{Answer, Bucket, Gap, Mark, Range, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedSpan {
    from: Option<String>,
    until: Option<String>,
    points: Option<usize>,
}

/// What is known of a tag in a span of time.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct TagHistory {
    tag: String,
    from: UtcTime,
    until: UtcTime,
    /// Values in the span.
    count: u64,
    before: Option<ValueView>,
    values: Vec<ValueView>,
    step_ms: Option<u64>,
    steps: Vec<StepView>,
    gaps: Vec<GapView>,
}

#[derive(Debug, PartialEq, Serialize)]
struct ValueView {
    time: UtcTime,
    received_time: UtcTime,
    /// Absent where it is no number.
    value: Option<f64>,
    quality: Quality,
    origin: &'static str,
}

#[derive(Debug, PartialEq, Serialize)]
struct StepView {
    from: UtcTime,
    first: Option<f64>,
    last: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    count: u64,
    bad: u64,
    gap: bool,
}

#[derive(Debug, PartialEq, Serialize)]
struct GapView {
    from: UtcTime,
    until: Option<UtcTime>,
    why: &'static str,
}

pub(crate) async fn history(
    State(app): State<Arc<App>>,
    Id(tag): Id,
    Asked(asked): Asked<AskedSpan>,
) -> Result<Json<TagHistory>, Problem> {
    let until = read_time("until", asked.until.as_deref())?.unwrap_or_else(app.context.utc);
    let from = read_time("from", asked.from.as_deref())?.unwrap_or(UtcTime(until.0.saturating_sub(limits::TREND_MS)));
    if from > until {
        return Err(Kind::BadQuery.with(format!("from {from} is later than until {until}")));
    }
    let points = asked.points.unwrap_or(limits::TREND_POINTS);
    if !(1..=limits::TREND_POINTS_MAX).contains(&points) {
        return Err(
            Kind::BadQuery.with(format!("points is {points} and must be from 1 to {}", limits::TREND_POINTS_MAX))
        );
    }
    let history = app
        .context
        .history
        .as_ref()
        .ok_or_else(|| Kind::HistoryUnreadable.with("it could not be opened when the gateway started"))?;
    let answer = history.read(&tag, from, until, points).await;
    match answer.map_err(|error| Kind::HistoryUnreadable.with(error.to_string()))? {
        Some(answer) => Ok(Json(view(tag, (from, until), answer))),
        None if app.context.site.tags.iter().any(|known| known.id.as_str() == tag) => {
            Ok(Json(view(tag, (from, until), Answer::default())))
        }
        None => Err(Kind::NoSuchTag.with(format!("no tag {tag} is configured, and none of that name was ever heard"))),
    }
}

fn read_time(name: &str, text: Option<&str>) -> Result<Option<UtcTime>, Problem> {
    let read = |text: &str| {
        let wrong = || Kind::BadQuery.with(format!("{name} is {text:?} and must be a time as 2026-11-23T08:00:00Z"));
        UtcTime::parse(text).ok_or_else(wrong)
    };
    text.map(read).transpose()
}

fn view(tag: String, (from, until): (UtcTime, UtcTime), answer: Answer) -> TagHistory {
    let Answer { before, values, buckets, step_ms, count, gaps } = answer;
    TagHistory {
        tag,
        from,
        until,
        count,
        before: before.filter(|value| !value.mark.begins_a_gap()).map(value_view),
        values: values.into_iter().filter(|value| !value.mark.begins_a_gap()).map(value_view).collect(),
        step_ms: (!buckets.is_empty()).then_some(step_ms),
        steps: buckets.into_iter().map(step_view).collect(),
        gaps: gaps.into_iter().map(gap_view).collect(),
    }
}

fn value_view(value: Value) -> ValueView {
    ValueView {
        time: value.time,
        received_time: value.received_time,
        value: value.value.is_finite().then_some(value.value),
        quality: value.quality,
        origin: match value.mark {
            Mark::Sourced | Mark::Silent | Mark::Lost => "source",
            Mark::Received => "gateway",
            Mark::Backfilled => "source_history",
        },
    }
}

fn step_view((from, bucket): (UtcTime, Bucket)) -> StepView {
    let of = |number: fn(&Range) -> f64| bucket.range.as_ref().map(number);
    StepView {
        from,
        first: of(|range| range.first.1),
        last: of(|range| range.last.1),
        min: of(|range| range.min),
        max: of(|range| range.max),
        count: bucket.count,
        bad: bucket.bad,
        gap: bucket.gap,
    }
}

fn gap_view(gap: Gap) -> GapView {
    let why = if gap.mark == Mark::Lost { "not_recorded" } else { "not_heard" };
    GapView { from: gap.from, until: gap.until, why }
}
