//! Journals side by side: what may differ is taken out, and the first difference is named by its place.

use davy_core::{quality::Quality, record::Record, time::UtcTime};
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) fn bodies(records: &[Record]) -> Vec<Value> {
    records.iter().map(|record| serde_json::to_value(record).expect("records are plain data")).collect()
}

/// What a gateway has told so far of each object, last.
#[derive(Default)]
pub(crate) struct Told(BTreeMap<String, Value>);

impl Told {
    /// Records as a gateway that died and one that lived must both have them: all of them, and of a restart what came of
    /// it in the end, because what was unknown for a moment is no change.
    pub(crate) fn take(&mut self, records: &[Record], is_restart: bool) -> Vec<Value> {
        let before = self.0.clone();
        let bodies = but_for_the_start(records);
        let mut touched = BTreeMap::new();
        for (key, body) in &bodies {
            self.0.insert(key.clone(), body.clone());
            touched.insert(key.clone(), body.clone());
        }
        if is_restart {
            touched.into_iter().filter(|(key, body)| before.get(key) != Some(body)).map(|(_, body)| body).collect()
        } else {
            bodies.into_iter().map(|(_, body)| body).collect()
        }
    }
}

fn key(record: &Record) -> String {
    match record {
        Record::Alarm(alarm) => alarm.id.to_string(),
        Record::Measure(measure) => format!("measure {}", measure.measure),
        Record::Warning(warning) => warning.id.to_string(),
        Record::Unit(unit) => format!("unit {}", unit.unit),
        Record::Task(task) => task.id.to_string(),
        Record::Hazard(hazard) => hazard.id.to_string(),
        Record::Hidden(hidden) => format!("hidden {}", hidden.rule),
        Record::Person(person) => format!("person {}", person.person.id),
        Record::Ticket(ticket) => format!("ticket {}", ticket.id),
        Record::Change(change) => format!("change {:?} {:?}", change.change, change.rule),
        Record::Gap(gap) => format!("gap {}", gap.source),
        Record::Evidence(kept) => format!("evidence {}", kept.warning),
        Record::Status(_) => "status".to_owned(),
        Record::Audit(_) => "audit".to_owned(),
    }
}

fn but_for_the_start(records: &[Record]) -> Vec<(String, Value)> {
    let both: Vec<Record> = records.iter().filter(|record| !matches!(record, Record::Status(_))).cloned().collect();
    let mut bodies = bodies(&both);
    for (record, body) in both.iter().zip(&mut bodies) {
        if matches!(record, Record::Gap(_)) {
            drop(body["from"].take());
        } else if matches!(record, Record::Measure(_) | Record::Unit(_)) {
            drop(body["since"].take());
        } else if matches!(record, Record::Person(_)) {
            ["source_time", "received_time", "battery_percent"].iter().for_each(|name| drop(body[name].take()));
        } else {
            forget_unsaved(body);
        }
    }
    both.iter().map(key).zip(bodies).collect()
}

/// What is not saved: since when a link is down, when a beacon last repeated what was known, and the last value of a tag
/// that has said nothing since.
fn forget_unsaved(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is = |name: &str, what: Value| fields.get(name).is_some_and(|field| *field == what);
            let told_again = ["link", "crowd", "person", "staffing"].iter().any(|kind| is("observed", (*kind).into()));
            let (person, compound) = (is("observed", "person".into()), is("observed", "compound".into()));
            let silent = [Quality::BAD_STALE, Quality::BAD_NO_COMMUNICATION, Quality::BAD_WAITING];
            let stale = silent.iter().any(|quality| is("quality", quality.0.into()));
            if told_again || stale {
                fields.remove("received_time");
            }
            // After a restart the values of a compound rule come one by one, and before the last of them it may turn over.
            if compound {
                ["parts", "deviation"].iter().for_each(|name| drop(fields.remove(*name)));
            }
            if person {
                ["source_time", "battery_percent"].iter().for_each(|name| drop(fields.remove(*name)));
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
