//! How a connector or an uplink is doing, as plain data that connectors fill and pages show. Not domain state: the
//! engine never sees it.

use crate::time::UtcTime;
use serde::Serialize;

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
    /// Values of usable shape with bad quality.
    pub bad_quality: u64,
    /// What the source granted, for OPC UA the revised publishing interval, for Modbus the poll's duration, in words.
    pub notes: Vec<String>,
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
    /// The newest journal row.
    pub head: u64,
    /// Rows acknowledged since the start.
    pub acknowledged: u64,
    /// Rows not yet acknowledged.
    pub backlog: u64,
    /// The last acknowledgement.
    pub last_acknowledged: Option<UtcTime>,
}
