//! A row of the journal as a message: CloudEvents 1.0, structured JSON.
//!
//! | attribute | is |
//! |---|---|
//! | `id` | `{gateway_id}/{epoch}/{seq}`: the row's place in the journal, the same however often it is sent. A consumer that upserts by it sees each row once. |
//! | `source` | `/davy/{company_code}/{gateway_id}` |
//! | `type` | `davy.{kind}.v1` |
//! | `time` | when the row was written |
//! | `subject` | the id of the object that the record is about, where it has one |
//! | `dataschema` | `urn:davy:schema:{kind}:v1`, the `$id` of `docs/schemas/{kind}.json` |
//! | `sequence` | `seq` in 20 digits, so that it sorts as text: of two states of one object the greater is the newer, in whatever lane they came |
//! | `lane` | `live` or `backfill` |
//! | `data` | the record exactly as the journal holds it |
//!
//! # Samples
//!
//! A message of the kind `sample` has values of many tags and is no row of the journal: its `id` is
//! `{gateway_id}/{epoch}/samples/{recording}/{place}`, its `sequence` the place in the recording. The values in it are known by tag
//! and time, by which a consumer upserts them.
//!
//! # What `…/live/status` retains
//!
//! Every message on this topic is retained and has one more attribute, `link`: `online` or `offline`. It alone says whether
//! the gateway is connected. Beside the journal's own rows of kind `status` (their `type` is `davy.status.v1`, and being
//! sent live they say `online`) there are two announcements of `type` `davy.link.v1`, which are no rows: they have no
//! `sequence`, are not in the journal, and their ids end in a word.
//!
//! - `{gateway_id}/{epoch}/online`, sent whenever the broker has accepted the connection;
//! - `{gateway_id}/{epoch}/will`, which says `offline`: sent before an orderly stop, and by the broker as the last will
//!   when the connection breaks. The broker has it from the connection's beginning; so its `time` is when that
//!   connection began, not when it ended.

use crate::{commands::Receipt, lanes::Lane, limits};
use davy_core::{model::Gateway, time::UtcTime};
use davy_store::JournalRow;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// A message, ready to be published with QoS 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `davy/v1/{company_code}/{gateway_id}/{lane}/{kind}`.
    pub topic: String,
    /// The CloudEvent as JSON.
    pub payload: Vec<u8>,
    /// Whether the broker keeps it for new subscribers.
    pub retain: bool,
}

/// Why a row makes no message.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The journal holds something that is no JSON.
    #[error("row {seq} of the journal is not JSON ({source}); `davy verify` tells whether the journal was changed")]
    NotJson {
        /// The row.
        seq: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// The message would be too large.
    #[error("row {seq} of the journal makes a message of {bytes} bytes and {max} are allowed; shorten the texts of the configuration that it repeats", max = limits::MESSAGE_BYTES_MAX)]
    TooLarge {
        /// The row.
        seq: u64,
        /// Its size.
        bytes: usize,
    },
}

/// Whether the gateway is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is.
    Online,
    /// It is not.
    Offline,
}

impl Presence {
    fn id(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "will",
        }
    }
}

/// Whose messages they are.
#[derive(Clone, Debug)]
pub struct Origin {
    topic: String,
    source: String,
    id: String,
}

#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    r#type: String,
    time: UtcTime,
    datacontenttype: &'static str,
    dataschema: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<String>,
    lane: Lane,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Presence>,
    data: &'a RawValue,
}

impl Origin {
    /// The gateway with its journal.
    #[must_use]
    pub fn new(gateway: &Gateway, epoch: u32) -> Self {
        let Gateway { company_code, gateway_id, .. } = gateway;
        Self {
            topic: format!("davy/v1/{company_code}/{gateway_id}"),
            source: format!("/davy/{company_code}/{gateway_id}"),
            id: format!("{gateway_id}/{epoch}"),
        }
    }

    /// The same for the samples of a recording.
    #[must_use]
    pub fn of_samples(gateway: &Gateway, epoch: u32, recording: i64) -> Self {
        let origin = Self::new(gateway, epoch);
        Self { id: format!("{}/samples/{recording}", origin.id), ..origin }
    }

    /// `{gateway_id}/{epoch}`, of samples `{gateway_id}/{epoch}/samples/{recording}`.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The `id` of a row.
    pub(crate) fn row_id(&self, seq: u64) -> String {
        format!("{}/{seq}", self.id)
    }

    /// A row in a lane. The body is not written anew: `data` is the journal's text.
    ///
    /// # Errors
    /// When the row is no JSON or too large.
    pub fn message(&self, lane: Lane, row: &JournalRow) -> Result<Message, Refused> {
        let seq = row.seq;
        let data = serde_json::from_str(&row.body).map_err(|source| Refused::NotJson { seq, source })?;
        let retain = lane == Lane::Live && row.kind == STATUS;
        let payload = self.envelope(&Envelope {
            id: self.row_id(seq),
            time: row.utc,
            subject: subject(&row.kind, &row.body),
            sequence: Some(format!("{seq:020}")),
            lane,
            link: retain.then_some(Presence::Online),
            ..self.blank(&row.kind, data)
        });
        if payload.len() > limits::MESSAGE_BYTES_MAX {
            return Err(Refused::TooLarge { seq, bytes: payload.len() });
        }
        Ok(Message { topic: self.topic(lane, &row.kind), payload, retain })
    }

    /// An announcement on `…/live/status`.
    #[must_use]
    pub fn presence(&self, presence: Presence, at: UtcTime) -> Message {
        let data = to_raw_value(&Announcement { link: presence, at }).expect("two plain fields are JSON");
        let payload = self.envelope(&Envelope {
            id: format!("{}/{}", self.id, presence.id()),
            time: at,
            link: Some(presence),
            ..self.blank("link", &data)
        });
        Message { topic: self.topic(Lane::Live, STATUS), payload, retain: true }
    }

    /// A receipt on `…/reply/{kind}`, where `kind` is that of the topic on which the command came. It is no row of the journal; its
    /// `sequence` is that of the audit that it tells of.
    #[must_use]
    pub fn reply(&self, kind: &str, receipt: &Receipt) -> Message {
        let payload = self.reply_event(receipt);
        Message { topic: format!("{}/reply/{kind}", self.topic), payload, retain: false }
    }

    /// The event of a receipt.
    pub(crate) fn reply_event(&self, receipt: &Receipt) -> Vec<u8> {
        let data = to_raw_value(receipt).expect("plain fields are JSON");
        self.envelope(&Envelope {
            id: format!("{}/{}", self.row_id(receipt.seq), if receipt.reused { "reused" } else { "reply" }),
            time: receipt.at,
            subject: Some(receipt.command.clone()),
            sequence: Some(format!("{:020}", receipt.seq)),
            ..self.blank("reply", &data)
        })
    }

    fn topic(&self, lane: Lane, kind: &str) -> String {
        format!("{}/{}/{kind}", self.topic, lane.as_str())
    }

    fn blank<'a>(&'a self, kind: &str, data: &'a RawValue) -> Envelope<'a> {
        Envelope {
            specversion: "1.0",
            id: String::new(),
            source: &self.source,
            r#type: format!("davy.{kind}.v1"),
            time: UtcTime::default(),
            datacontenttype: "application/json",
            dataschema: format!("urn:davy:schema:{kind}:v1"),
            subject: None,
            sequence: None,
            lane: Lane::Live,
            link: None,
            data,
        }
    }

    fn envelope(&self, envelope: &Envelope<'_>) -> Vec<u8> {
        serde_json::to_vec(envelope).expect("text keys and JSON values are JSON")
    }
}

const STATUS: &str = "status";

/// The data of an announcement.
#[derive(Serialize)]
struct Announcement {
    link: Presence,
    at: UtcTime,
}

/// The ids that records may carry; which of them names the record's object depends on its kind.
#[derive(Deserialize)]
struct Ids {
    id: Option<String>,
    measure: Option<String>,
    unit: Option<String>,
    source: Option<String>,
    rule: Option<String>,
    object: Option<String>,
    warning: Option<String>,
}

/// The id of the object that a record is about, where it has one.
pub(crate) fn subject(kind: &str, body: &str) -> Option<String> {
    let ids: Ids = serde_json::from_str(body).ok()?;
    match kind {
        "alarm" | "warning" | "task" | "hazard" | "person" | "ticket" => ids.id,
        "hidden" | "change" => ids.rule,
        "measure" => ids.measure,
        "unit" => ids.unit,
        "gap" => ids.source,
        "evidence" => ids.warning,
        "audit" => ids.object,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        let gateway =
            Gateway { company_code: "370612345".to_owned(), gateway_id: "GW-01".to_owned(), ..Gateway::default() };
        Origin::new(&gateway, 3)
    }

    fn row(kind: &str, body: &str) -> JournalRow {
        JournalRow { seq: 42, utc: UtcTime(1_795_392_000_123), kind: kind.to_owned(), body: body.to_owned() }
    }

    fn text(message: &Message) -> &str {
        std::str::from_utf8(&message.payload).unwrap()
    }

    #[test]
    fn a_row_is_a_cloud_event_with_its_body_unchanged() {
        let body = r#"{"id":"LI-1~1.1",  "value":1.50, "name":"液位高高"}"#;
        let message = origin().message(Lane::Backfill, &row("alarm", body)).unwrap();
        assert_eq!(message.topic, "davy/v1/370612345/GW-01/backfill/alarm");
        assert!(!message.retain);
        let expected = [
            r#"{"specversion":"1.0","id":"GW-01/3/42","source":"/davy/370612345/GW-01","type":"davy.alarm.v1","#,
            r#""time":"2026-11-23T00:00:00.123Z","datacontenttype":"application/json","dataschema":"urn:davy:schema:alarm:v1","#,
            r#""subject":"LI-1~1.1","sequence":"00000000000000000042","lane":"backfill","data":"#,
            body,
            "}",
        ];
        assert_eq!(text(&message), expected.concat());
    }

    #[test]
    fn live_status_is_retained_and_says_online_and_the_will_says_offline() {
        let live = origin().message(Lane::Live, &row("status", "{}")).unwrap();
        assert_eq!((live.topic.as_str(), live.retain), ("davy/v1/370612345/GW-01/live/status", true));
        assert!(
            text(&live).contains(r#""link":"online""#) && text(&live).contains("davy.status.v1"),
            "{}",
            text(&live)
        );
        let late = origin().message(Lane::Backfill, &row("status", "{}")).unwrap();
        assert!(!late.retain && !text(&late).contains("link"), "{}", text(&late));
        let will = origin().presence(Presence::Offline, UtcTime(0));
        assert_eq!((&will.topic, will.retain), (&live.topic, true));
        let expected = [
            r#"{"specversion":"1.0","id":"GW-01/3/will","source":"/davy/370612345/GW-01","type":"davy.link.v1","#,
            r#""time":"1970-01-01T00:00:00.000Z","datacontenttype":"application/json","dataschema":"urn:davy:schema:link:v1","#,
            r#""lane":"live","link":"offline","data":{"link":"offline","at":"1970-01-01T00:00:00.000Z"}}"#,
        ];
        assert_eq!(text(&will), expected.concat());
    }

    #[test]
    fn the_subject_is_the_object_of_the_record() {
        for (kind, body, expected) in [
            ("task", r#"{"id":"T1","measure":"M1","unit":"U1"}"#, Some("T1")),
            ("measure", r#"{"measure":"M1","unit":"U1"}"#, Some("M1")),
            ("unit", r#"{"unit":"U1"}"#, Some("U1")),
            ("gap", r#"{"source":"dcs"}"#, Some("dcs")),
            ("evidence", r#"{"warning":"RE-1~1.2"}"#, Some("RE-1~1.2")),
            ("audit", r#"{"object":null}"#, None),
            ("status", r#"{"id":"x"}"#, None),
        ] {
            assert_eq!(subject(kind, body).as_deref(), expected, "{kind}");
        }
    }

    #[test]
    fn what_no_broker_should_get_is_refused() {
        let refused = origin().message(Lane::Live, &row("alarm", "{")).unwrap_err().to_string();
        assert!(refused.contains("row 42") && refused.contains("not JSON"), "{refused}");
        let large = format!("\"{}\"", "x".repeat(limits::MESSAGE_BYTES_MAX));
        let refused = origin().message(Lane::Live, &row("alarm", &large)).unwrap_err().to_string();
        assert!(refused.contains("row 42") && refused.contains("are allowed"), "{refused}");
    }
}
