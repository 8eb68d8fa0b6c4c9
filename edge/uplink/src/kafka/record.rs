//! A row as a record of Kafka: CloudEvents 1.0, Kafka Protocol Binding 1.0.2, structured mode.
//!
//! | part | is |
//! |---|---|
//! | topic | as configured; `{kind}` stands for the kind of the record |
//! | key | `{gateway_id}/{subject}`, or `{gateway_id}/{kind}` where the record has no object: what is said of one object stays in one partition, in order |
//! | value | the CloudEvent, the same as over MQTT |
//! | headers | `content-type`, and of the event's attributes `ce_id`, `ce_type` and `ce_lane`, to sort by without reading the value |
//!
//! The record's own time is that of sending, not of the row: a topic that keeps records for seven days would drop a longer
//! backlog as it comes in.

use crate::{
    cloudevent::{Message, subject},
    lanes::Lane,
};
use davy_core::record::Record as Kind;
use davy_store::JournalRow;
use krafka::Record;
use std::collections::BTreeSet;

const CONTENT_TYPE: &str = "application/cloudevents+json; charset=UTF-8";
const KIND: &str = "{kind}";

/// The topic of a kind.
pub(super) fn topic(pattern: &str, kind: &str) -> String {
    pattern.replace(KIND, kind)
}

/// Every topic that rows of these kinds go to; no kinds means all.
pub(super) fn topics(pattern: &str, kinds: &[String]) -> BTreeSet<String> {
    if kinds.is_empty() {
        Kind::KINDS.iter().map(|kind| topic(pattern, kind)).collect()
    } else {
        kinds.iter().map(|kind| topic(pattern, kind)).collect()
    }
}

/// The record of a row with its message. `id` is the event's, and begins with the gateway's.
pub(super) fn record(pattern: &str, lane: Lane, row: &JournalRow, id: &str, message: Message) -> Record {
    let gateway = id.split('/').next().unwrap_or_default();
    let subject = subject(&row.kind, &row.body);
    Record::new(topic(pattern, &row.kind), message.payload)
        .key(format!("{gateway}/{}", subject.as_deref().unwrap_or(&row.kind)))
        .header("content-type", CONTENT_TYPE)
        .header("ce_id", id.to_owned())
        .header("ce_type", format!("davy.{}.v1", row.kind))
        .header("ce_lane", lane.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::time::UtcTime;

    #[test]
    fn what_is_said_of_one_object_has_one_key() {
        for (kind, body, key) in [
            ("alarm", r#"{"id":"LI-1.HH~1.1"}"#, "GW-01/LI-1.HH~1.1"),
            ("unit", r#"{"unit":"U1"}"#, "GW-01/U1"),
            ("status", "{}", "GW-01/status"),
        ] {
            let row = JournalRow { seq: 42, utc: UtcTime(0), kind: kind.to_owned(), body: body.to_owned() };
            let message = Message { topic: String::new(), payload: b"{}".to_vec(), retain: false };
            let record = record("davy.v1.{kind}", Lane::Backfill, &row, "GW-01/3/42", message);
            assert_eq!((record.topic.as_str(), record.key_str()), (format!("davy.v1.{kind}").as_str(), Some(key)));
            let headers: Vec<_> =
                record.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref().unwrap())).collect();
            let expected: [(&str, &[u8]); 4] = [
                ("content-type", b"application/cloudevents+json; charset=UTF-8"),
                ("ce_id", b"GW-01/3/42"),
                ("ce_type", &[b"davy.", kind.as_bytes(), b".v1"].concat()),
                ("ce_lane", b"backfill"),
            ];
            assert_eq!(headers, expected);
        }
    }

    #[test]
    fn topics_are_those_that_can_be_needed() {
        let all = topics("davy.v1.{kind}", &[]);
        assert!(all.len() == Kind::KINDS.len() && all.contains("davy.v1.hazard"), "{all:?}");
        let some = ["alarm".to_owned(), "task".to_owned()];
        assert_eq!(topics("{kind}s", &some), BTreeSet::from(["alarms".to_owned(), "tasks".to_owned()]));
        assert_eq!(topics("plant", &[]), BTreeSet::from(["plant".to_owned()]));
    }
}
