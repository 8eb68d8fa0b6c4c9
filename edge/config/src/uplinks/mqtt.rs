//! `[[uplink.mqtt]]`.

use super::{KEYS, backfill_per_s, commands, kinds};
use crate::{
    Secrets, broker, defaults,
    documents::Section,
    sources::{mqtt::version, narrow},
    types::MqttUplink,
};
use davy_core::{id::UplinkIx, model::Gateway};

/// Reads one.
pub(super) fn read(section: &Section<'_>, uplink: UplinkIx, gateway: &Gateway, secrets: Secrets<'_>) -> MqttUplink {
    section.knows(&[&KEYS[..], &["version", "inflight_max"], &broker::KEYS].concat());
    let client_id = format!("davy-{}-{}", gateway.company_code, gateway.gateway_id);
    MqttUplink {
        uplink,
        broker: broker::read(section, client_id, secrets),
        version: section.text("version").and_then(|text| text.parse(version)).unwrap_or_default(),
        inflight_max: narrow(section.whole("inflight_max", 1..=1_000, defaults::INFLIGHT_MAX)),
        backfill_per_s: backfill_per_s(section),
        kinds: kinds(section),
        commands: commands::read(section, secrets),
    }
}
