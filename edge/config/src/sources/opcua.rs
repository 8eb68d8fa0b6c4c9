//! `[[source.opcua]]`.

mod security;

use super::{INTERVAL_MIN_MS, narrow};
use crate::{
    Secrets, addresses, defaults,
    documents::Section,
    durations, limits,
    types::{OpcUaMode, OpcUaSource},
    words::{self, OpcUaWay},
};
use davy_core::id::SourceIx;

/// What only a subscription has.
const OF_SUBSCRIPTIONS: [&str; 3] = ["publishing_interval", "sampling_interval", "queue_size"];

/// The keys of its own, beside those of its security.
const KEYS: [&str; 13] = [
    "id",
    "name",
    "endpoint",
    "backup",
    "service_level_min",
    "mode",
    "poll_interval",
    "publishing_interval",
    "sampling_interval",
    "queue_size",
    "history",
    "lost_after",
    "lost_priority",
];

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx, secrets: Secrets<'_>) -> OpcUaSource {
    section.knows(&[&KEYS[..], &security::KEYS[..]].concat());
    let interval = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let mode = mode(section);
    let publishing_ms = section.duration("publishing_interval", interval, defaults::PUBLISHING_INTERVAL_MS);
    let sampling_ms = section.duration("sampling_interval", durations::ANY, publishing_ms / 2);
    let endpoint = section.needed_text("endpoint", "opc.tcp://192.168.1.10:4840/");
    let endpoint = endpoint.and_then(|text| text.parse(addresses::opcua_endpoint)).unwrap_or_default();
    let (security, identity) = security::read(section, secrets);
    OpcUaSource {
        source,
        backup: backup(section, &endpoint),
        endpoint,
        service_level_min: narrow(section.whole("service_level_min", 0..=255, defaults::SERVICE_LEVEL_MIN.into())),
        security,
        identity,
        mode,
        publishing_interval_ms: narrow(publishing_ms),
        sampling_interval_ms: narrow(sampling_ms),
        queue_size: narrow(section.whole("queue_size", 2..=1_000, defaults::QUEUE_SIZE)),
        history: section.flag("history", false),
        items: Vec::new(),
    }
}

fn mode(section: &Section<'_>) -> OpcUaMode {
    let interval_ms =
        section.duration("poll_interval", INTERVAL_MIN_MS..=limits::DURATION_MAX_MS, defaults::POLL_INTERVAL_MS);
    let way = section.one_of("mode", words::OPCUA_WAYS, OpcUaWay::Subscribe);
    let foreign: &[&str] = match way {
        OpcUaWay::Subscribe => &["poll_interval"],
        OpcUaWay::Poll => &OF_SUBSCRIPTIONS,
    };
    for (key, spot) in foreign.iter().filter_map(|key| Some((key, section.key(key)?))) {
        let advice = match way {
            OpcUaWay::Subscribe => "belongs to polling; write mode = \"poll\" or remove it",
            OpcUaWay::Poll => "belongs to subscriptions and this source polls; remove it and write poll_interval",
        };
        spot.error(format_args!("{key}: {advice}"));
    }
    match way {
        OpcUaWay::Subscribe => OpcUaMode::Subscribe,
        OpcUaWay::Poll => OpcUaMode::Poll { interval_ms: narrow(interval_ms) },
    }
}

/// The other servers of the list, none of them twice.
fn backup(section: &Section<'_>, endpoint: &str) -> Vec<String> {
    let mut backup: Vec<String> = Vec::new();
    for text in section.texts("backup") {
        let Some(place) = text.needed().and_then(|text| text.parse(addresses::opcua_endpoint)) else { continue };
        if place == endpoint || backup.contains(&place) {
            text.wrong("stands there already; write the address of another server or remove it");
        } else if backup.len() == limits::BACKUP_ENDPOINTS_MAX {
            text.wrong(format_args!("is one too many; name at most {} servers", limits::BACKUP_ENDPOINTS_MAX));
        } else {
            backup.push(place);
        }
    }
    backup
}
