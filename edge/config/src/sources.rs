//! `[[source.…]]` of `gateway.toml`: where values and observations come from.

use crate::{
    Secrets, defaults,
    documents::Section,
    durations,
    finding::Spot,
    index::Index,
    text::Text,
    types::{BoardConfig, Broker, SourceConfig},
    words,
};
use davy_core::{
    id::{SourceId, SourceIx},
    model::{Gateway, Priority, Source, SourceKind},
};

mod board;
mod modbus;
pub(crate) mod mqtt;
mod opcua;

/// The shortest interval of reading.
pub(crate) const INTERVAL_MIN_MS: u64 = 10;

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
pub(crate) fn read<'a>(
    root: Option<Section<'a>>,
    gateway: &Gateway,
    board: &BoardConfig,
    secrets: Secrets<'_>,
) -> Sources<'a> {
    let mut sources = Sources { rows: Vec::new(), ids: Index::new("source", "gateway.toml", root.is_some()) };
    let Some(list) = root.and_then(|root| root.section("source")) else { return sources };
    list.knows(&["opcua", "modbus", "mqtt", "board"]);
    let of_kind = |key, kind| list.sections(key).into_iter().map(move |section| (section, kind));
    let mut sections: Vec<_> = of_kind("opcua", SourceKind::OpcUa)
        .chain(of_kind("modbus", SourceKind::Modbus))
        .chain(of_kind("mqtt", SourceKind::Mqtt))
        .chain(of_kind("board", SourceKind::Board))
        .collect();
    sections.sort_by_key(|(section, _)| section.at());
    for (section, kind) in &sections {
        sources.add(section, *kind, gateway, board, secrets);
    }
    for second in list.sections("board").iter().skip(1) {
        second.spot().error("the box is one source; remove one of the two sections");
    }
    modbus::check_shared(&sources.rows);
    sources
}

impl<'a> Sources<'a> {
    /// The brokers among them.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = (Spot<'a>, &Broker)> {
        self.rows.iter().filter_map(|row| match &row.config {
            SourceConfig::Mqtt(mqtt) => Some((row.spot, &mqtt.broker)),
            SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) | SourceConfig::Board(_) => None,
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

    fn add(
        &mut self,
        section: &Section<'a>,
        kind: SourceKind,
        gateway: &Gateway,
        board: &BoardConfig,
        secrets: Secrets<'_>,
    ) {
        let id_text = id(section, "dcs");
        self.ids.add(id_text, self.rows.len());
        let id = id_text.code().unwrap_or_default();
        let ix = SourceIx::from(self.rows.len());
        let config = match kind {
            SourceKind::OpcUa => SourceConfig::OpcUa(opcua::read(section, ix, secrets)),
            SourceKind::Modbus => SourceConfig::Modbus(modbus::read(section, ix)),
            SourceKind::Mqtt => {
                SourceConfig::Mqtt(mqtt::read(section, ix, format!("davy-{}-{id}", gateway.gateway_id), secrets))
            }
            SourceKind::Board => SourceConfig::Board(board::read(section, ix, board)),
        };
        let source = Source { id: SourceId::from(id), name: name(section), kind };
        let lost = lost(section, (defaults::SOURCE_LOST_AFTER_MS, defaults::SOURCE_LOST_PRIORITY));
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
pub(crate) fn lost(section: &Section<'_>, (default_after_ms, default_priority): (u64, Priority)) -> Lost {
    Lost {
        after_ms: section.duration("lost_after", durations::ANY, default_after_ms),
        priority: section.one_of("lost_priority", words::PRIORITIES, default_priority),
    }
}

/// Numbers that have been checked against a bound that fits.
pub(crate) fn narrow<T: TryFrom<u64> + Default>(number: u64) -> T {
    T::try_from(number).unwrap_or_default()
}
