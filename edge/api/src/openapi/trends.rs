//! The schemas of `/api/v1/tags/{id}/history`.

use super::{
    named,
    wire::{boolean, count, number, object, or_null, text, time},
};
use crate::limits;
use serde_json::{Map, Value, json};

pub(super) fn span() -> Vec<Value> {
    let time = |name: &str, description: &str| json!({ "name": name, "in": "query", "description": description, "schema": { "type": "string", "format": "date-time" } });
    let points = json!({
        "name": "points",
        "in": "query",
        "description": "With more values than these, so many steps are given instead, each with its least and greatest value",
        "schema": { "type": "integer", "minimum": 1, "maximum": limits::TREND_POINTS_MAX, "default": limits::TREND_POINTS },
    });
    vec![
        time("from", "The beginning of the span; an hour before its end without it"),
        time("until", "Its end; now without it"),
        points,
    ]
}

pub(super) fn schemas() -> Map<String, Value> {
    let list = |of: &str| json!({ "type": "array", "items": named(of) });
    let history = object([
        ("tag", text()),
        ("from", time()),
        ("until", time()),
        ("count", count()),
        ("before", or_null(named("HistoryValue"))),
        ("values", list("HistoryValue")),
        ("step_ms", or_null(count())),
        ("steps", list("HistoryStep")),
        ("gaps", list("HistoryGap")),
    ]);
    let named = [("TagHistory", history), ("HistoryValue", value()), ("HistoryStep", step()), ("HistoryGap", gap())];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn value() -> Value {
    object([
        ("time", time()),
        ("received_time", time()),
        ("value", or_null(number())),
        ("quality", count()),
        (
            "origin",
            json!({
                "type": "string", "enum": ["source", "gateway", "source_history"],
                "description": "Whose time it is: the source's own, the gateway's where the source gave none that can be believed, or that of the source's history, by which a gap was filled",
            }),
        ),
    ])
}

fn step() -> Value {
    object([
        ("from", time()),
        ("first", or_null(number())),
        ("last", or_null(number())),
        ("min", or_null(number())),
        ("max", or_null(number())),
        ("count", count()),
        ("bad", count()),
        ("gap", boolean()),
    ])
}

fn gap() -> Value {
    let why = json!({
        "type": "string", "enum": ["not_heard", "not_recorded"],
        "description": "The source or the gateway was away, or the disk did not keep up",
    });
    object([("from", time()), ("until", or_null(time())), ("why", why)])
}
