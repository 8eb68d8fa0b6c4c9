//! Journals side by side: what may differ is taken out, and the first difference is named by its place.

use davy_core::{quality::Quality, record::Record, time::UtcTime};
use serde_json::Value;

pub(crate) fn bodies(records: &[Record]) -> Vec<Value> {
    records.iter().map(|record| serde_json::to_value(record).expect("records are plain data")).collect()
}

/// Records as a gateway that died and one that lived must both have them.
pub(crate) fn but_for_the_start(records: &[Record]) -> Vec<Value> {
    let both: Vec<Record> = records.iter().filter(|record| !matches!(record, Record::Status(_))).cloned().collect();
    let mut bodies = bodies(&both);
    for (record, body) in both.iter().zip(&mut bodies) {
        if matches!(record, Record::Gap(_)) {
            drop(body["from"].take());
        } else {
            forget_unsaved(body);
        }
    }
    bodies
}

/// What is not saved: since when a link is down, when a beacon last repeated what was known, and the last value of a tag
/// that has said nothing since.
fn forget_unsaved(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is = |name: &str, what: Value| fields.get(name).is_some_and(|field| *field == what);
            let told_again = ["link", "crowd"].iter().any(|kind| is("observed", (*kind).into()));
            let stale = is("quality", Quality::BAD_STALE.0.into());
            if told_again || stale {
                fields.remove("received_time");
            }
            if stale {
                ["value", "source_time", "source_time_replaced"].iter().for_each(|name| drop(fields.remove(*name)));
            }
            fields.values_mut().for_each(forget_unsaved);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_unsaved),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Records without their times; what is ordered by time may have changed places.
pub(crate) fn timeless(records: &[Record]) -> Vec<Value> {
    bodies(records).into_iter().map(without_times).collect()
}

fn without_times(value: Value) -> Value {
    match value {
        Value::String(text) if UtcTime::parse(&text).is_some() => Value::Null,
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(without_times).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, without_times(field))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[track_caller]
pub(crate) fn assert_same(got: &[Value], expected: &[Value], what: impl FnOnce() -> String) {
    if got != expected {
        let (got, expected) = (Value::Array(got.to_vec()), Value::Array(expected.to_vec()));
        panic!("{}\n{}", what(), differences(&got, &expected, String::new()).join("\n"));
    }
}

/// `/3/state: got …, expected …`, each difference.
pub(crate) fn differences(got: &Value, expected: &Value, place: String) -> Vec<String> {
    match (got, expected) {
        _ if got == expected => Vec::new(),
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let name = |object: &Value| object["id"].as_str().unwrap_or_default().to_owned();
            let place = format!("{place}{}", name(expected));
            names.iter().flat_map(|key| differences(&got[*key], &expected[*key], format!("{place}/{key}"))).collect()
        }
        (Value::Array(a), Value::Array(b)) => {
            let item = |items: &[Value], at: usize| items.get(at).cloned().unwrap_or(Value::Null);
            let each = (0..a.len().max(b.len()))
                .flat_map(|at| differences(&item(a, at), &item(b, at), format!("{place}/{at}")));
            each.collect()
        }
        _ => vec![format!("{place}: got {got}, expected {expected}")],
    }
}
