//! `[[source.…]]` of `gateway.toml`: where values and observations come from.

use crate::{
    Secrets, addresses, broker, defaults,
    documents::Section,
    durations,
    finding::Spot,
    index::Index,
    limits, mappings,
    text::Text,
    types::{Broker, ModbusSource, MqttSource, OpcUaSecurity, OpcUaSource, SourceConfig},
    words,
};
use davy_core::{
    id::{SourceId, SourceIx},
    model::{Gateway, Priority, Source, SourceKind},
};

const INTERVAL_MIN_MS: u64 = 10;

/// A source as configured.
pub(crate) struct SourceRow<'a> {
    pub(crate) spot: Spot<'a>,
    /// Where it is named; its table where it is not.
    pub(crate) id: Text<'a>,
    pub(crate) source: Source,
    pub(crate) config: SourceConfig,
    pub(crate) lost: Lost,
}

/// What happens when a connection is lost.
pub(crate) struct Lost {
    pub(crate) after_ms: u64,
    pub(crate) priority: Priority,
}

/// All sources, in the order of the file.
pub(crate) struct Sources<'a> {
    pub(crate) rows: Vec<SourceRow<'a>>,
    pub(crate) ids: Index<'a>,
}

/// Reads every source.
pub(crate) fn read<'a>(root: Option<Section<'a>>, gateway: &Gateway, secrets: Secrets<'_>) -> Sources<'a> {
    let mut sources = Sources { rows: Vec::new(), ids: Index::new("source", "gateway.toml", root.is_some()) };
    let Some(list) = root.and_then(|root| root.section("source")) else { return sources };
    list.knows(&["opcua", "modbus", "mqtt"]);
    let of_kind = |key, kind| list.sections(key).into_iter().map(move |section| (section, kind));
    let mut sections: Vec<_> = of_kind("opcua", SourceKind::OpcUa)
        .chain(of_kind("modbus", SourceKind::Modbus))
        .chain(of_kind("mqtt", SourceKind::Mqtt))
        .collect();
    sections.sort_by_key(|(section, _)| section.at());
    for (section, kind) in &sections {
        sources.add(section, *kind, gateway, secrets);
    }
    sources
}

impl<'a> Sources<'a> {
    /// The brokers among them.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = (Spot<'a>, &Broker)> {
        self.rows.iter().filter_map(|row| match &row.config {
            SourceConfig::Mqtt(mqtt) => Some((row.spot, &mqtt.broker)),
            SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) => None,
        })
    }

    /// Whether one of them brings special-work tickets.
    pub(crate) fn bring_tickets(&self) -> bool {
        self.rows.iter().any(|row| matches!(&row.config, SourceConfig::Mqtt(mqtt) if mqtt.ticket.is_some()))
    }

    /// For the site and for the connectors.
    pub(crate) fn split(self) -> (Vec<Source>, Vec<SourceConfig>) {
        self.rows.into_iter().map(|row| (row.source, row.config)).unzip()
    }

    fn add(&mut self, section: &Section<'a>, kind: SourceKind, gateway: &Gateway, secrets: Secrets<'_>) {
        let id_text = id(section, "dcs");
        self.ids.add(id_text, self.rows.len());
        let id = id_text.code().unwrap_or_default();
        let ix = SourceIx::from(self.rows.len());
        let config = match kind {
            SourceKind::OpcUa => SourceConfig::OpcUa(opcua(section, ix)),
            SourceKind::Modbus => SourceConfig::Modbus(modbus(section, ix)),
            SourceKind::Mqtt => {
                SourceConfig::Mqtt(mqtt(section, ix, format!("davy-{}-{id}", gateway.gateway_id), secrets))
            }
        };
        let source = Source { id: SourceId::from(id), name: name(section), kind };
        let lost = lost(section, defaults::SOURCE_LOST_AFTER_MS);
        self.rows.push(SourceRow { spot: section.spot(), id: id_text, source, config, lost });
    }
}

/// The id of a source or uplink; an empty text, reported already, where there is none.
pub(crate) fn id<'a>(section: &Section<'a>, example: &str) -> Text<'a> {
    let none = Text { spot: section.spot(), what: "id", text: "", excused: true };
    section.needed_text("id", example).unwrap_or(none)
}

/// The name of a source or uplink.
pub(crate) fn name(section: &Section<'_>) -> String {
    section.needed_text("name", "DCS").and_then(Text::name).unwrap_or_default().to_owned()
}

/// What happens when the connection of a source or uplink is lost.
pub(crate) fn lost(section: &Section<'_>, default_after_ms: u64) -> Lost {
    Lost {
        after_ms: section.duration("lost_after", durations::ANY, default_after_ms),
        priority: section.one_of("lost_priority", words::PRIORITIES, defaults::LOST_PRIORITY),
    }
}

fn opcua(section: &Section<'_>, source: SourceIx) -> OpcUaSource {
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

fn modbus(section: &Section<'_>, source: SourceIx) -> ModbusSource {
    section.knows(&["id", "name", "address", "poll_interval", "timeout", "gap_max", "lost_after", "lost_priority"]);
    let interval = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let address = section
        .needed_text("address", "192.168.1.20:502")
        .and_then(|text| text.parse(|text| addresses::host_port(text, 502)));
    let (host, port) = address.map(|address| (address.host, address.port)).unwrap_or_default();
    ModbusSource {
        source,
        host,
        port,
        poll_interval_ms: section.duration("poll_interval", interval.clone(), defaults::POLL_INTERVAL_MS),
        timeout_ms: section.duration("timeout", interval, defaults::MODBUS_TIMEOUT_MS),
        gap_max: narrow(section.whole("gap_max", 0..=120, defaults::GAP_MAX)),
        items: Vec::new(),
    }
}

fn mqtt(section: &Section<'_>, source: SourceIx, client_id: String, secrets: Secrets<'_>) -> MqttSource {
    let own = ["id", "name", "location", "video", "ticket", "lost_after", "lost_priority"];
    section.knows(&[&own[..], &broker::KEYS[..]].concat());
    if ["location", "video", "ticket"].iter().all(|key| section.key(key).is_none()) {
        section.missing("what to read", "[source.mqtt.location], [source.mqtt.video] or [source.mqtt.ticket] below it");
    }
    MqttSource {
        source,
        broker: broker::read(section, client_id, secrets),
        location: section.section("location").map(|table| mappings::location(&table)),
        video: section.section("video").map(|table| mappings::video(&table)),
        ticket: section.section("ticket").map(|table| mappings::ticket(&table)),
    }
}

/// Numbers that have been checked against a bound that fits.
pub(crate) fn narrow<T: TryFrom<u64> + Default>(number: u64) -> T {
    T::try_from(number).unwrap_or_default()
}
