//! What the enterprise has received: counts for each lane and kind, duplicates, gaps, the latest messages in words.

use super::{runs::Runs, words};
use crate::limits;
use davy_core::{record::Record, time::UtcTime};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// What the enterprise has received, as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReceiverView {
    /// Messages by lane and kind, resends not counted.
    pub counts: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    /// Messages whose topic or payload is not of the published form.
    pub unreadable: u64,
    /// Messages that came again with the same id.
    pub duplicates: u64,
    /// Messages that are missing between the first and the last of their gateway's epoch.
    pub gaps: u64,
    /// The latest messages, newest first, at most 50.
    pub latest: VecDeque<ReceivedMessage>,
}

/// A message in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReceivedMessage {
    /// When it arrived.
    pub at: UtcTime,
    /// `live` or `backfill`.
    pub lane: &'static str,
    /// `alarm`, `warning`, ….
    pub kind: &'static str,
    /// What it says.
    pub text: String,
}

/// The ledger.
#[derive(Default)]
pub(crate) struct Ledger {
    view: ReceiverView,
    /// By gateway and epoch.
    sequences: BTreeMap<(String, u64), Runs>,
}

const LANES: [&str; 2] = ["live", "backfill"];
/// Kinds of the topics that have no record of their own in the gateway's core.
const MORE_KINDS: [&str; 3] = ["ticket", "sample", "kpi"];
/// Commands and their answers pass through the same broker and are no messages of a lane.
const OTHER_LANES: [&str; 2] = ["command", "reply"];

impl Ledger {
    /// What has been received so far.
    pub(crate) fn view(&self) -> ReceiverView {
        ReceiverView { gaps: self.sequences.values().map(Runs::missing).sum(), ..self.view.clone() }
    }

    /// Notes a message of `davy/v1/{company_code}/{gateway_id}/{lane}/{kind}`. A retained copy that the broker gives to a
    /// new subscriber says nothing new.
    pub(crate) fn take(&mut self, topic: &str, payload: &[u8], retained: bool, at: UtcTime) {
        let mut levels = topic.rsplit('/');
        let (kind, lane) = (levels.next().unwrap_or_default(), levels.next().unwrap_or_default());
        if OTHER_LANES.contains(&lane) {
            return;
        }
        let event = serde_json::from_slice::<Value>(payload).ok();
        let (Some(lane), Some(kind), Some(event)) = (known(&LANES, lane), known_kind(kind), event) else {
            self.view.unreadable += 1;
            return;
        };
        let new = self.is_new(&event);
        if new {
            *self.view.counts.entry(lane).or_default().entry(kind).or_default() += 1;
            self.show(ReceivedMessage { at, lane, kind, text: words::message(kind, &event["data"]) });
        } else if !retained {
            self.view.duplicates += 1;
        }
    }

    /// By its id `{gateway_id}/{epoch}/{seq}`; what has no such id is always new.
    fn is_new(&mut self, event: &Value) -> bool {
        let Some((gateway, epoch, seq)) = event["id"].as_str().and_then(identity) else { return true };
        let new = self.sequences.entry((gateway, epoch)).or_default().add(seq);
        if self.sequences.len() > limits::EPOCHS_MAX {
            self.sequences.pop_first();
        }
        new
    }

    fn show(&mut self, message: ReceivedMessage) {
        self.view.latest.push_front(message);
        self.view.latest.truncate(limits::LATEST_MAX);
    }
}

fn identity(id: &str) -> Option<(String, u64, u64)> {
    let mut parts = id.rsplitn(3, '/');
    let (seq, epoch) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((parts.next()?.to_owned(), epoch, seq))
}

fn known_kind(kind: &str) -> Option<&'static str> {
    known(Record::KINDS, kind).or_else(|| known(&MORE_KINDS, kind))
}

fn known(all: &[&'static str], word: &str) -> Option<&'static str> {
    all.iter().copied().find(|known| *known == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn topic(lane: &str, kind: &str) -> String {
        format!("davy/v1/330100123/gw-1/{lane}/{kind}")
    }

    fn event(epoch: u32, seq: u64) -> Vec<u8> {
        let data = json!({"name": "1103罐液位高高报警", "state": "unacknowledged"});
        json!({"id": format!("gw-1/{epoch}/{seq}"), "sequence": format!("{seq:020}"), "data": data})
            .to_string()
            .into_bytes()
    }

    fn taken(messages: &[(&str, &str, u32, u64)]) -> ReceiverView {
        let mut ledger = Ledger::default();
        for (at, (lane, kind, epoch, seq)) in (0..).zip(messages) {
            ledger.take(&topic(lane, kind), &event(*epoch, *seq), false, UtcTime(at));
        }
        ledger.view()
    }

    #[test]
    fn it_counts_by_lane_and_kind_and_lanes_share_a_sequence() {
        let view = taken(&[
            ("live", "alarm", 1, 1),
            ("live", "warning", 1, 2),
            ("live", "alarm", 1, 6),
            ("backfill", "task", 1, 3),
            ("backfill", "task", 1, 4),
            ("live", "alarm", 1, 6),
            ("live", "alarm", 2, 1),
        ]);
        assert_eq!((view.duplicates, view.gaps, view.unreadable), (1, 1, 0), "5 is missing");
        assert_eq!((view.counts["live"]["alarm"], view.counts["backfill"]["task"]), (3, 2));
        assert_eq!(view.latest.len(), 6);
        assert_eq!((view.latest[0].at, view.latest[0].kind), (UtcTime(6), "alarm"));
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_a_retained_copy_or_a_command_is_not() {
        let mut ledger = Ledger::default();
        ledger.take(&topic("live", "alarm"), b"not JSON", false, UtcTime(0));
        ledger.take(&topic("live", "nonsense"), &event(1, 1), false, UtcTime(0));
        ledger.take(&topic("command", "task"), &event(1, 1), false, UtcTime(0));
        ledger.take(&topic("live", "status"), &event(1, 2), false, UtcTime(0));
        ledger.take(&topic("live", "status"), &event(1, 2), true, UtcTime(0));
        // A last will has no place in the journal.
        ledger.take(&topic("live", "status"), br#"{"id":"gw-1","data":{}}"#, false, UtcTime(0));
        let view = ledger.view();
        assert_eq!((view.unreadable, view.duplicates, view.gaps, view.counts["live"]["status"]), (2, 0, 0, 2));
    }

    #[test]
    fn it_serialises_as_the_page_expects() {
        let json = serde_json::to_value(taken(&[("live", "alarm", 1, 1)])).unwrap();
        let latest = json!([{"at": "1970-01-01T00:00:00.000Z", "lane": "live", "kind": "alarm",
            "text": "1103罐液位高高报警：未确认"}]);
        let expected =
            json!({"counts": {"live": {"alarm": 1}}, "unreadable": 0, "duplicates": 0, "gaps": 0, "latest": latest});
        assert_eq!(json, expected);
    }

    #[test]
    fn its_memory_is_bounded() {
        let many: Vec<(&str, &str, u32, u64)> = (0..1_000).map(|epoch| ("live", "alarm", epoch, 1)).collect();
        let mut ledger = Ledger::default();
        for (lane, kind, epoch, seq) in many {
            ledger.take(&topic(lane, kind), &event(epoch, seq), false, UtcTime(0));
        }
        assert_eq!((ledger.view.latest.len(), ledger.sequences.len()), (limits::LATEST_MAX, limits::EPOCHS_MAX));
    }
}
