//! `[[uplink.…]]` of `gateway.toml`: where derived things go.

use crate::{
    Secrets, defaults,
    documents::Section,
    finding::Spot,
    index::Index,
    points::Points,
    sources::{Lost, Sources, id, lost, name, narrow},
    text::{Text, quoted},
    types::{Broker, UplinkConfig},
};
use davy_core::{
    id::{UplinkId, UplinkIx},
    model::{Gateway, Uplink},
    record::Record,
};

mod commands;
mod http;
mod kafka;
mod mqtt;
mod samples;
mod sparkplug;

/// What every uplink has.
const KEYS: [&str; 8] =
    ["id", "name", "backfill_per_second", "kinds", "samples", "lost_after", "lost_priority", commands::KEY];

#[derive(Clone, Copy)]
enum Kind {
    Mqtt,
    Http,
    Kafka,
    Sparkplug,
}

/// An uplink as configured.
pub(crate) struct UplinkRow<'a> {
    pub(crate) spot: Spot<'a>,
    /// Where it is named; its table where it is not.
    pub(crate) id: Text<'a>,
    pub(crate) uplink: Uplink,
    pub(crate) config: UplinkConfig,
    pub(crate) lost: Lost,
    /// Of an uplink that forwards samples.
    samples: Option<Section<'a>>,
}

/// All uplinks, in the order of the file.
pub(crate) struct Uplinks<'a> {
    pub(crate) rows: Vec<UplinkRow<'a>>,
    ids: Index<'a>,
}

/// Reads every uplink.
pub(crate) fn read<'a>(root: Option<Section<'a>>, gateway: &Gateway, secrets: Secrets<'_>) -> Uplinks<'a> {
    let mut uplinks = Uplinks { rows: Vec::new(), ids: Index::new("uplink", "gateway.toml", root.is_some()) };
    let Some(list) = root.and_then(|root| root.section("uplink")) else { return uplinks };
    list.knows(&["mqtt", "http", "kafka", "sparkplug"]);
    let of_kind = |key, kind| list.sections(key).into_iter().map(move |section| (section, kind));
    let kinds = [("mqtt", Kind::Mqtt), ("http", Kind::Http), ("kafka", Kind::Kafka), ("sparkplug", Kind::Sparkplug)];
    let mut sections: Vec<_> = kinds.into_iter().flat_map(|(key, kind)| of_kind(key, kind)).collect();
    sections.sort_by_key(|(section, _)| section.at());
    for (section, kind) in &sections {
        uplinks.add(section, *kind, gateway, secrets);
    }
    sparkplug::check_nodes(&uplinks.rows);
    uplinks
}

impl<'a> Uplinks<'a> {
    /// Their brokers.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = (Spot<'a>, &Broker)> {
        self.rows.iter().filter_map(|row| match &row.config {
            UplinkConfig::Mqtt(mqtt) => Some((row.spot, &mqtt.broker)),
            UplinkConfig::Sparkplug(sparkplug) => Some((row.spot, &sparkplug.broker)),
            UplinkConfig::Http(_) | UplinkConfig::Kafka(_) => None,
        })
    }

    /// For the site and for the links.
    pub(crate) fn split(self) -> (Vec<Uplink>, Vec<UplinkConfig>) {
        self.rows.into_iter().map(|row| (row.uplink, row.config)).unzip()
    }

    fn add(&mut self, section: &Section<'a>, kind: Kind, gateway: &Gateway, secrets: Secrets<'_>) {
        let id_text = id(section, "enterprise");
        self.ids.add(id_text, self.rows.len());
        let id = UplinkId::from(id_text.code().unwrap_or_default());
        let uplink = UplinkIx::from(self.rows.len());
        let config = match kind {
            Kind::Mqtt => UplinkConfig::Mqtt(mqtt::read(section, uplink, gateway, secrets)),
            Kind::Http => UplinkConfig::Http(http::read(section, uplink, secrets)),
            Kind::Kafka => UplinkConfig::Kafka(kafka::read(section, uplink, gateway, secrets)),
            Kind::Sparkplug => UplinkConfig::Sparkplug(sparkplug::read(section, uplink, gateway, secrets)),
        };
        let lost = lost(section, (defaults::UPLINK_LOST_AFTER_MS, defaults::UPLINK_LOST_PRIORITY));
        let uplink = Uplink { id, name: name(section) };
        let samples = section.section("samples");
        if let Some(kinds) = samples.as_ref().and_then(|_| section.key("kinds")) {
            kinds.error("kinds: an uplink sends either records or samples; remove kinds here and give the records an uplink of their own");
        }
        if let Some(commands) = samples.as_ref().and_then(|_| section.key(commands::KEY)) {
            commands.error("commands: come over an uplink of records; remove it here");
        }
        self.rows.push(UplinkRow { spot: section.spot(), id: id_text, uplink, config, lost, samples });
    }

    /// Reads which samples go up, once the tags are known.
    pub(crate) fn forward(&mut self, points: &Points<'_>, sources: &Sources<'_>) {
        for row in &mut self.rows {
            let forwarded = row.samples.as_ref().map(|section| samples::read(section, points));
            match &mut row.config {
                UplinkConfig::Mqtt(mqtt) => mqtt.samples = forwarded,
                UplinkConfig::Http(http) => http.samples = forwarded,
                UplinkConfig::Kafka(kafka) => kafka.samples = forwarded,
                UplinkConfig::Sparkplug(sparkplug) => {
                    let forwarded = forwarded.unwrap_or_else(|| samples::all(points));
                    sparkplug.devices = sparkplug::devices(row.spot, &forwarded, points, sources);
                    sparkplug.samples = Some(forwarded);
                }
            }
        }
    }
}

fn backfill_per_s(section: &Section<'_>) -> u32 {
    // A message of samples is some hundred times as long as a record.
    let of_samples = section.key("samples").is_some();
    let default = if of_samples { defaults::FORWARD_BACKFILL_PER_S } else { defaults::BACKFILL_PER_S };
    narrow(section.whole("backfill_per_second", 1..=100_000, default))
}

fn kinds(section: &Section<'_>) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for kind in section.texts("kinds") {
        if !Record::KINDS.contains(&kind.text) {
            let suggestion = kind.spot.suggest(kind.text, Record::KINDS.iter().copied()).unwrap_or_default();
            kind.wrong(format_args!(
                "{} is not a kind of record; write some of {}{suggestion}",
                quoted(kind.text),
                Record::KINDS.join(", ")
            ));
        } else if kinds.iter().any(|seen| seen == kind.text) {
            kind.wrong(format_args!("{} is here a second time; remove it", quoted(kind.text)));
        }
        kinds.push(kind.text.to_owned());
    }
    kinds
}
