//! `[[source.mqtt]]`.

use crate::{Secrets, broker, documents::Section, mappings, types::MqttSource};
use davy_core::id::SourceIx;

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx, client_id: String, secrets: Secrets<'_>) -> MqttSource {
    let own = ["id", "name", "location", "video", "ticket", "lost_after", "lost_priority"];
    section.knows(&[&own[..], &broker::KEYS[..]].concat());
    if ["location", "video", "ticket"].iter().all(|key| section.key(key).is_none()) {
        section.missing("what to read", "[source.mqtt.location], [source.mqtt.video] or [source.mqtt.ticket] below it");
    }
    MqttSource {
        source,
        broker: broker::read(section, client_id, secrets),
        keeps_session: true,
        location: section.section("location").map(|table| mappings::location(&table)),
        video: section.section("video").map(|table| mappings::video(&table)),
        ticket: section.section("ticket").map(|table| mappings::ticket(&table)),
    }
}
