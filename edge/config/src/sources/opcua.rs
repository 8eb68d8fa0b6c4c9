//! `[[source.opcua]]`.

use super::{INTERVAL_MIN_MS, narrow};
use crate::{
    addresses, defaults,
    documents::Section,
    durations, limits,
    types::{OpcUaSecurity, OpcUaSource},
    words,
};
use davy_core::id::SourceIx;

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx) -> OpcUaSource {
    section.knows(&[
        "id",
        "name",
        "endpoint",
        "security",
        "publishing_interval",
        "sampling_interval",
        "queue_size",
        "lost_after",
        "lost_priority",
    ]);
    let interval = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let publishing_ms = section.duration("publishing_interval", interval, defaults::PUBLISHING_INTERVAL_MS);
    let sampling_ms = section.duration("sampling_interval", durations::ANY, publishing_ms / 2);
    let endpoint = section.needed_text("endpoint", "opc.tcp://192.168.1.10:4840/");
    let security = section.needed_text("security", "none").and_then(|text| text.one_of(words::SECURITIES));
    OpcUaSource {
        source,
        endpoint: endpoint.and_then(|text| text.parse(addresses::opcua_endpoint)).unwrap_or_default(),
        security: security.unwrap_or(OpcUaSecurity::None),
        publishing_interval_ms: narrow(publishing_ms),
        sampling_interval_ms: narrow(sampling_ms),
        queue_size: narrow(section.whole("queue_size", 2..=1_000, defaults::QUEUE_SIZE)),
        items: Vec::new(),
    }
}
