//! A message and its records, and what stands where in them. Pure.

use super::mapping::{Oddity, readable};
use crate::{
    limits::mqtt::{PAYLOAD_BYTES_MAX, RECORDS_MAX},
    mqtt::values,
};
use davy_config::Pick;
use davy_core::time::UtcTime;
use serde_json::Value;
use std::{borrow::Cow, slice};

/// One record of a message whose payload is JSON.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) topic: &'a str,
    /// The whole of it.
    pub(super) payload: &'a Value,
    /// The record; the same as the payload where that is no list.
    pub(super) record: &'a Value,
    pub(super) received_time: UtcTime,
}

impl<'a> Message<'a> {
    /// What it says at a place; `None` when there is nothing.
    pub(super) fn pick(self, pick: Option<&Pick>) -> Option<Cow<'a, Value>> {
        match pick? {
            Pick::Pointer(pointer) => self.record.pointer(pointer).map(Cow::Borrowed),
            Pick::MessagePointer(pointer) => self.payload.pointer(pointer).map(Cow::Borrowed),
            Pick::TopicLevel(level) => self.topic.split('/').nth(*level).map(|text| Cow::Owned(Value::from(text))),
        }
    }

    pub(super) fn needed(self, pick: &Pick, what: &str) -> Result<Cow<'a, Value>, Oddity> {
        self.pick(Some(pick)).ok_or_else(|| missing(pick, what))
    }

    pub(super) fn text(self, pick: &Pick, what: &str) -> Result<Cow<'a, str>, Oddity> {
        let value = self.needed(pick, what)?;
        let text = readable(values::text(&value), what, &value)?.into_owned();
        if text.is_empty() { Err(Oddity::Malformed(format!("the {what} is empty"))) } else { Ok(text.into()) }
    }

    /// A time that cannot be read is none: the received time stands for it, as for any absurd source time.
    pub(super) fn time(self, pick: Option<&Pick>) -> Option<UtcTime> {
        self.pick(pick).and_then(|time| values::time(&time))
    }
}

/// Nothing stands where something must.
pub(super) fn missing(pick: &Pick, what: &str) -> Oddity {
    let place = match pick {
        Pick::Pointer(pointer) => pointer.clone(),
        Pick::MessagePointer(pointer) => format!("{pointer} of the message"),
        Pick::TopicLevel(level) => format!("level {level} of the topic"),
    };
    Oddity::Malformed(format!("no {what} at {place}"))
}

pub(super) fn parse(payload: &[u8]) -> Result<Value, Oddity> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        let length = payload.len();
        return Err(Oddity::Malformed(format!("{length} bytes, and {PAYLOAD_BYTES_MAX} are read")));
    }
    serde_json::from_slice(payload).map_err(|error| Oddity::Malformed(format!("not JSON: {error}")))
}

/// The records of a payload, and how many there are beyond those that are read. They are at one of the pointers, or else
/// the payload itself is a list of objects; otherwise the payload is a single record. A system that says a list where there
/// are several may say the record alone where there is one.
pub(super) fn records<'a>(pointers: &[Option<&String>], payload: &'a Value) -> (&'a [Value], usize) {
    let configured = pointers.iter().copied().flatten().find_map(|pointer| payload.pointer(pointer));
    let records = match configured {
        Some(Value::Array(records)) => records.as_slice(),
        Some(record @ Value::Object(_)) => slice::from_ref(record),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => list(payload),
    };
    let read = records.len().min(RECORDS_MAX);
    (&records[..read], records.len() - read)
}

fn list(payload: &Value) -> &[Value] {
    let objects = payload.as_array().filter(|list| list.first().is_some_and(Value::is_object));
    objects.map_or(slice::from_ref(payload), Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_pointers_or_levels_of_the_topic() {
        let payload = json!({"list": [{"a": {"b/c": [1, 2]}, "d": null}], "e": 5});
        let message = Message {
            topic: "site/location/C-1",
            payload: &payload,
            record: &payload["list"][0],
            received_time: UtcTime(0),
        };
        let at = |pointer: &str| message.pick(Some(&Pick::Pointer(pointer.to_owned()))).map(Cow::into_owned);
        assert_eq!(at("/a/b~1c/1"), Some(json!(2)));
        assert_eq!(at("/d"), Some(json!(null)));
        assert_eq!(at("/e"), None, "a pointer does not leave its record");
        let whole = Pick::MessagePointer("/e".to_owned());
        assert_eq!(message.pick(Some(&whole)).map(Cow::into_owned), Some(json!(5)));
        let level = |level| message.pick(Some(&Pick::TopicLevel(level))).map(Cow::into_owned);
        assert_eq!((level(2), level(3)), (Some(json!("C-1")), None));
    }

    #[test]
    fn records_are_at_their_pointer_or_the_payload_is_their_list() {
        let pointer = "/data".to_owned();
        let count = |pointer: Option<&String>, payload: &Value| records(&[pointer], payload).0.len();
        for (payload, at_pointer, without) in [
            (json!({"data": [{"a": 1}, 7]}), 2, 1),
            (json!({"data": []}), 0, 1),
            (json!({"data": {"a": 1}}), 1, 1),
            (json!({"data": null, "a": 1}), 1, 1),
            (json!({"a": 1}), 1, 1),
            (json!([{"a": 1}, {"a": 2}, "odd"]), 3, 3),
            (json!(["Z-1", true]), 1, 1),
            (json!([]), 1, 1),
        ] {
            assert_eq!((count(Some(&pointer), &payload), count(None, &payload)), (at_pointer, without), "{payload}");
        }
        let many = Value::from(vec![json!({}); RECORDS_MAX + 3]);
        let (read, beyond) = records(&[None], &many);
        assert_eq!((read.len(), beyond), (RECORDS_MAX, 3));
    }
}
