//! The schemas of `/api/v1/kpi`: what is counted in the live state, and the indicators.

use super::{
    named,
    wire::{boolean, count, number, object, or_null, text, time},
};
use crate::limits;
use davy_core::limits::INDICATOR_DAYS_MAX;
use serde_json::{Map, Value, json};

pub(super) fn days() -> Value {
    json!({
        "name": "days",
        "in": "query",
        "description": "Local days that the indicators cover, today included",
        "schema": { "type": "integer", "minimum": 1, "maximum": INDICATOR_DAYS_MAX, "default": limits::INDICATOR_DAYS },
    })
}

pub(super) fn schemas() -> Map<String, Value> {
    let named = [
        ("Figures", figures()),
        ("Indicators", indicators()),
        ("ScopeFigures", with(four(), &scope())),
        ("UnitFigures", with(object([("unit", text()), ("name", text())]), &with(four(), &scope()))),
        ("DayFigures", with(object([("date", date())]), &four())),
        ("MeasureFigures", measure()),
        ("Coverage", object([("measures", count()), ("automatic", count()), ("watched", count())])),
        ("WeekFigures", week()),
    ];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn figures() -> Value {
    let counts = || json!({ "type": "object", "additionalProperties": count() });
    let journal = [("head", count()), ("transactions", count()), ("batches", count()), ("rows", count())];
    object([
        ("at", time()),
        ("alarms_active", counts()),
        ("alarms_unacknowledged", counts()),
        ("rules_hidden", counts()),
        ("warnings_open", counts()),
        ("units", counts()),
        ("measures", counts()),
        ("tasks_open", count()),
        ("tasks_overdue", count()),
        ("hazards_open", counts()),
        ("people_located", count()),
        ("people_calling", count()),
        ("tags", counts()),
        ("journal", object(journal)),
        ("indicators", named("Indicators")),
    ])
}

fn indicators() -> Value {
    let complete = said(boolean(), "Whether the whole journal has been counted; after a start that takes a while");
    object([
        ("complete", complete),
        ("since", time()),
        ("until", time()),
        ("days", count()),
        ("site", named("ScopeFigures")),
        ("by_day", list("DayFigures")),
        ("units", list("UnitFigures")),
        ("measures", said(list("MeasureFigures"), "Worst effective share first")),
    ])
}

fn four() -> Value {
    let in_time =
        "及时率: of these, the share that was acknowledged within acknowledge_in_time of the configuration's policy";
    object([
        ("disturbance_rate", said(share(), "扰动率: share of the time in which at least one alarm was active")),
        ("alarms", said(count(), "How often alarms were raised")),
        ("repeated_alarms", said(count(), "重复报警: raisings of a rule after its first of the same local day")),
        ("cleared", said(count(), "Alarms whose condition went")),
        ("clear_ms_mean", said(or_null(count()), "销警时长: from raising to the end of the condition, mean")),
        ("clear_ms_max", said(count(), "The longest")),
        ("to_acknowledge", said(count(), "Alarms that were acknowledged or should have been")),
        ("timeliness", said(share(), in_time)),
    ])
}

fn scope() -> Value {
    object([("coverage", named("Coverage")), ("weeks", list("WeekFigures"))])
}

fn week() -> Value {
    object([
        ("monday", date()),
        ("issued", count()),
        ("completed", count()),
        ("cancelled", count()),
        ("accepted", count()),
        ("rejected", count()),
    ])
}

fn measure() -> Value {
    object([
        ("measure", text()),
        ("description", text()),
        ("unit", text()),
        ("effective_ms", count()),
        ("failed_ms", count()),
        ("bypassed_ms", count()),
        ("unknown_ms", count()),
        ("effective_share", share()),
    ])
}

fn share() -> Value {
    or_null(number())
}

fn date() -> Value {
    json!({ "type": "string", "format": "date" })
}

fn list(of: &str) -> Value {
    json!({ "type": "array", "items": named(of) })
}

fn said(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

/// An object with the properties of both.
fn with(mut one: Value, other: &Value) -> Value {
    for key in ["properties", "required"] {
        match (&mut one[key], &other[key]) {
            (Value::Object(into), Value::Object(from)) => into.extend(from.clone()),
            (Value::Array(into), Value::Array(from)) => into.extend(from.iter().cloned()),
            (_, _) => {}
        }
    }
    one
}
