//! `[[uplink.mqtt]]`.

use super::{KEYS, backfill_per_s, commands, kinds};
use crate::{
    Secrets, broker, defaults,
    documents::Section,
    sources::{mqtt::version, narrow},
    types::{MqttUplink, MqttVersion},
};
use davy_core::{id::UplinkIx, model::Gateway};

/// Reads one.
pub(super) fn read(section: &Section<'_>, uplink: UplinkIx, gateway: &Gateway, secrets: Secrets<'_>) -> MqttUplink {
    section.knows(&[&KEYS[..], &["version", "needs_subscriber", "inflight_max"], &broker::KEYS].concat());
    let Gateway { company_code, gateway_id, .. } = gateway;
    // A broker has one client of a name at a time, and a gateway may send records and samples to the same one.
    let of_samples = if section.key("samples").is_some() { "-samples" } else { "" };
    let client_id = format!("davy-{company_code}-{gateway_id}{of_samples}");
    let version = section.text("version").and_then(|text| text.parse(version)).unwrap_or_default();
    let needs_subscriber = section.flag("needs_subscriber", false);
    if let Some(spot) = section.key("needs_subscriber").filter(|_| needs_subscriber && version == MqttVersion::V3) {
        spot.error("needs_subscriber: only a broker of version 5 says that nobody has subscribed; add version = \"5\" or remove it");
    }
    MqttUplink {
        uplink,
        broker: broker::read(section, client_id, secrets),
        version,
        needs_subscriber,
        inflight_max: narrow(section.whole("inflight_max", 1..=1_000, defaults::INFLIGHT_MAX)),
        backfill_per_s: backfill_per_s(section),
        kinds: kinds(section),
        samples: None,
        commands: commands::read(section, secrets),
    }
}
