//! `[[source.opcua]]`.

mod security;

use super::{INTERVAL_MIN_MS, narrow};
use crate::{Secrets, addresses, defaults, documents::Section, durations, limits, types::OpcUaSource};
use davy_core::id::SourceIx;

/// The keys of its own, beside those of its security.
const KEYS: [&str; 8] =
    ["id", "name", "endpoint", "publishing_interval", "sampling_interval", "queue_size", "lost_after", "lost_priority"];

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx, secrets: Secrets<'_>) -> OpcUaSource {
    section.knows(&[&KEYS[..], &security::KEYS[..]].concat());
    let interval = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let publishing_ms = section.duration("publishing_interval", interval, defaults::PUBLISHING_INTERVAL_MS);
    let sampling_ms = section.duration("sampling_interval", durations::ANY, publishing_ms / 2);
    let endpoint = section.needed_text("endpoint", "opc.tcp://192.168.1.10:4840/");
    let (security, identity) = security::read(section, secrets);
    OpcUaSource {
        source,
        endpoint: endpoint.and_then(|text| text.parse(addresses::opcua_endpoint)).unwrap_or_default(),
        security,
        identity,
        publishing_interval_ms: narrow(publishing_ms),
        sampling_interval_ms: narrow(sampling_ms),
        queue_size: narrow(section.whole("queue_size", 2..=1_000, defaults::QUEUE_SIZE)),
        items: Vec::new(),
    }
}
