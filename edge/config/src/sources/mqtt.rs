//! `[[source.mqtt]]`.

use crate::{
    Secrets, broker,
    documents::Section,
    mappings,
    types::{MqttSource, MqttVersion},
};
use davy_core::id::SourceIx;

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx, client_id: String, secrets: Secrets<'_>) -> MqttSource {
    let own = ["id", "name", "version", "location", "video", "ticket", "lost_after", "lost_priority"];
    section.knows(&[&own[..], &broker::KEYS[..]].concat());
    if ["location", "video", "ticket"].iter().all(|key| section.key(key).is_none()) {
        section.missing("what to read", "[source.mqtt.location], [source.mqtt.video] or [source.mqtt.ticket] below it");
    }
    MqttSource {
        source,
        broker: broker::read(section, client_id, secrets),
        version: section.text("version").and_then(|text| text.parse(version)).unwrap_or_default(),
        keeps_session: true,
        location: section.section("location").map(|table| mappings::location(&table)),
        video: section.section("video").map(|table| mappings::video(&table)),
        ticket: section.section("ticket").map(|table| mappings::ticket(&table)),
    }
}

/// `3.1.1` or `5`.
pub(crate) fn version(text: &str) -> Result<MqttVersion, String> {
    match text {
        "3.1.1" => Ok(MqttVersion::V3),
        "5" | "5.0" => Ok(MqttVersion::V5),
        _ => Err("is no version of MQTT that Davy speaks; write \"3.1.1\" or \"5\"".to_owned()),
    }
}
