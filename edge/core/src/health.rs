//! How connectors, their certificates and uplinks are doing, as plain data that connectors fill and pages show. Not domain state: the
//! engine never sees it.

mod panel;

pub use panel::*;

use crate::time::UtcTime;
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, sync::Arc};

/// How a source is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SourceHealth {
    /// Whether data flows.
    pub up: bool,
    /// In words for a person: the endpoint while up, the reason while down.
    pub detail: String,
    /// Since when it is up or down.
    pub since: Option<UtcTime>,
    /// Times the connection was made.
    pub connects: u64,
    /// Values, positions and sights taken.
    pub taken: u64,
    /// When the last one came.
    pub last_received: Option<UtcTime>,
    /// Messages that could not be read.
    pub malformed: Oddity,
    /// Cards, cameras, tags or nodes that the configuration does not know, or that the server does not know.
    pub unknown: Oddity,
    /// Positions and sights that were not told, because what was told is newer or the same.
    pub outdated: Oddity,
    /// Values of usable shape with bad quality.
    pub bad_quality: u64,
    /// What the source granted, for OPC UA the revised publishing interval, for Modbus the poll's duration, in words.
    pub notes: Vec<String>,
    /// The latest messages that could not be used, shown apart.
    #[serde(skip)]
    pub quarantine: Quarantine,
}

/// The latest messages that could not be used, at most [`QUARANTINE_MAX`]; one more takes the place of the oldest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quarantine(VecDeque<Arc<Quarantined>>);

/// A message that could not be used, or a record of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// When it came.
    pub received_time: UtcTime,
    /// Where it was sent to, cut to [`EXAMPLE_MAX`] characters.
    pub topic: String,
    /// What is wrong with it, cut to [`EXAMPLE_MAX`] characters.
    pub reason: String,
    /// What it says, cut to [`QUARANTINED_CHARS_MAX`] characters.
    pub payload: String,
}

/// The most messages in a quarantine.
pub const QUARANTINE_MAX: usize = 20;

/// The most characters of a payload in it.
pub const QUARANTINED_CHARS_MAX: usize = 1_000;

impl Quarantine {
    /// Keeps one more.
    pub fn keep(&mut self, message: Quarantined) {
        if self.0.len() >= QUARANTINE_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Arc::new(message));
    }

    /// What is kept, newest first.
    pub fn latest(&self) -> impl Iterator<Item = &Quarantined> {
        self.0.iter().rev().map(AsRef::as_ref)
    }
}

impl Quarantined {
    /// Cuts each text to its bound.
    #[must_use]
    pub fn new(received_time: UtcTime, topic: &str, reason: &str, payload: &str) -> Self {
        let cut = |text: &str, chars_max| text.chars().take(chars_max).collect();
        Self {
            received_time,
            topic: cut(topic, EXAMPLE_MAX),
            reason: cut(reason, EXAMPLE_MAX),
            payload: cut(payload, QUARANTINED_CHARS_MAX),
        }
    }
}

/// A kind of bad input: counted, with its latest example.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Oddity {
    /// How many.
    pub count: u64,
    /// When the latest came.
    pub latest_at: Option<UtcTime>,
    /// The latest, cut to [`EXAMPLE_MAX`] characters.
    pub latest: String,
}

/// The longest example kept, in characters.
pub const EXAMPLE_MAX: usize = 300;

impl Oddity {
    /// Counts one more.
    pub fn note(&mut self, at: UtcTime, example: impl AsRef<str>) {
        self.count += 1;
        self.latest_at = Some(at);
        self.latest = example.as_ref().chars().take(EXAMPLE_MAX).collect();
    }
}

/// A certificate of the field side, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateView {
    /// How it stands.
    pub standing: CertificateStanding,
    /// What it says.
    #[serde(flatten)]
    pub facts: CertificateFacts,
    /// What is known besides.
    #[serde(flatten)]
    pub note: CertificateNote,
}

/// How a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStanding {
    /// The gateway's own.
    Own,
    /// A server's, trusted by a person.
    Trusted,
    /// A server's, not trusted: connections to it are refused.
    Rejected,
}

/// What a certificate says (RFC 5280; OPC 10000-6, 6.2.2). Texts come from whoever made it: they are shortened to a bound and
/// have no control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// SHA-256 of its DER form, 64 hexadecimal digits: what a person compares.
    pub sha256: String,
    /// SHA-1, 40 hexadecimal digits: the thumbprint by which OPC UA products name it.
    pub sha1: String,
    /// Whom it is for, RFC 4514.
    pub subject: String,
    /// Who signed it; the same as the subject when nobody else did.
    pub issuer: String,
    /// Valid from.
    pub not_before: UtcTime,
    /// Valid until.
    pub not_after: UtcTime,
    /// The URIs among its alternative names; the first is the application's.
    pub uris: Vec<String>,
    /// The host names and addresses among them.
    pub hosts: Vec<String>,
    /// Bits of its RSA key; 0 when it has another kind of key.
    pub key_bits: usize,
}

impl CertificateFacts {
    /// The URI of the application that it is for.
    #[must_use]
    pub fn application_uri(&self) -> Option<&str> {
        self.uris.first().map(String::as_str)
    }

    /// Whether it is that of a fingerprint as a person writes one, SHA-256 or SHA-1, with or without colons and blanks.
    #[must_use]
    pub fn is(&self, fingerprint: &str) -> bool {
        let written: String = fingerprint.chars().filter(|c| !matches!(c, ':' | ' ' | '-')).collect();
        written.eq_ignore_ascii_case(&self.sha256) || written.eq_ignore_ascii_case(&self.sha1)
    }
}

/// What is known of a server's certificate besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateNote {
    /// The source whose server showed it.
    pub source: Option<String>,
    /// Where that server is.
    pub endpoint: Option<String>,
    /// When it was shown and refused first.
    pub seen_at: Option<UtcTime>,
    /// Who trusted or rejected it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<UtcTime>,
}

/// How an uplink is doing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UplinkHealth {
    /// Whether the far side acknowledges.
    pub up: bool,
    /// In words for a person.
    pub detail: String,
    /// Since when it is up or down.
    pub since: Option<UtcTime>,
    /// Times the connection was made.
    pub connects: u64,
    /// For an uplink that forwards samples: the recording that they come from, by its number; absent for one that sends records.
    pub recording: Option<i64>,
    /// The newest journal row; for samples the newest block of some seconds of the recording.
    pub head: u64,
    /// Rows acknowledged since the start; for samples messages.
    pub acknowledged: u64,
    /// Rows not yet acknowledged; for samples blocks.
    pub backlog: u64,
    /// Rows not yet acknowledged of the journals from which a restored gateway goes on, refused ones among them.
    pub earlier: u64,
    /// Rows that the receiver refused, which are kept and tried again.
    pub parked: u64,
    /// The last acknowledgement.
    pub last_acknowledged: Option<UtcTime>,
    /// How far each lane is, shown apart.
    #[serde(skip)]
    pub lanes: Vec<LaneHealth>,
    /// What the far side has answered over the last day, shown apart.
    #[serde(skip)]
    pub receipts: Receipts,
}

/// How far a lane of an uplink is. Places are rows of the journal, or blocks of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LaneHealth {
    /// `live` or `backfill`.
    pub lane: &'static str,
    /// Every row of the lane up to here is acknowledged.
    pub acknowledged_until: u64,
    /// The first row of the lane that is not, where there is one.
    pub due: Option<u64>,
    /// Rows that are not.
    pub backlog: u64,
    /// Of those, rows that are sent.
    pub in_flight: usize,
}

/// Answers of an uplink's far side, counted in stretches of [`RECEIPTS_MS`]; at most [`RECEIPTS_MAX`], one more takes the place of
/// the oldest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipts(VecDeque<ReceiptCount>);

/// The answers of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptCount {
    /// Where it begins.
    pub from: UtcTime,
    /// Rows that were acknowledged.
    pub acknowledged: u64,
    /// Rows that were refused, each time anew.
    pub refused: u64,
}

/// A stretch: ten minutes.
pub const RECEIPTS_MS: i64 = 600_000;

/// The most stretches: a day.
pub const RECEIPTS_MAX: usize = 144;

impl Receipts {
    /// So many rows were acknowledged and refused at a time.
    pub fn count(&mut self, at: UtcTime, acknowledged: u64, refused: u64) {
        let from = UtcTime(at.0.div_euclid(RECEIPTS_MS) * RECEIPTS_MS);
        match self.0.back_mut() {
            Some(last) if last.from == from => {
                last.acknowledged += acknowledged;
                last.refused += refused;
            }
            Some(_) | None => self.0.push_back(ReceiptCount { from, acknowledged, refused }),
        }
        if self.0.len() > RECEIPTS_MAX {
            self.0.pop_front();
        }
    }

    /// As they came; stretches without an answer are not there.
    pub fn iter(&self) -> impl Iterator<Item = &ReceiptCount> {
        self.0.iter()
    }
}

#[cfg(test)]
mod receipts {
    use super::*;

    #[test]
    fn answers_are_counted_in_stretches_of_a_day() {
        let mut receipts = Receipts::default();
        receipts.count(UtcTime(RECEIPTS_MS - 1), 1, 0);
        receipts.count(UtcTime(RECEIPTS_MS), 2, 0);
        receipts.count(UtcTime(2 * RECEIPTS_MS - 1), 3, 4);
        let told: Vec<_> = receipts.iter().map(|one| (one.from.0, one.acknowledged, one.refused)).collect();
        assert_eq!(told, [(0, 1, 0), (RECEIPTS_MS, 5, 4)]);
        (2..200).for_each(|n| receipts.count(UtcTime(n * RECEIPTS_MS), 1, 0));
        assert_eq!(receipts.iter().count(), RECEIPTS_MAX);
        receipts.count(UtcTime(0), 7, 0);
        assert_eq!(receipts.iter().last().map(|one| one.acknowledged), Some(7), "a clock that was set back");
    }
}
