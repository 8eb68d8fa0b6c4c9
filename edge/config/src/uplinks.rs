//! `[[uplink.…]]` of `gateway.toml`: where derived things go.

use crate::{
    Secrets, defaults,
    documents::Section,
    finding::Spot,
    index::Index,
    sources::{Lost, id, lost, name, narrow},
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
mod mqtt;

/// What every uplink has.
const KEYS: [&str; 7] = ["id", "name", "backfill_per_second", "kinds", "lost_after", "lost_priority", commands::KEY];

#[derive(Clone, Copy)]
enum Kind {
    Mqtt,
    Http,
}

/// An uplink as configured.
pub(crate) struct UplinkRow<'a> {
    pub(crate) spot: Spot<'a>,
    /// Where it is named; its table where it is not.
    pub(crate) id: Text<'a>,
    pub(crate) uplink: Uplink,
    pub(crate) config: UplinkConfig,
    pub(crate) lost: Lost,
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
    list.knows(&["mqtt", "http"]);
    let of_kind = |key, kind| list.sections(key).into_iter().map(move |section| (section, kind));
    let mut sections: Vec<_> = of_kind("mqtt", Kind::Mqtt).chain(of_kind("http", Kind::Http)).collect();
    sections.sort_by_key(|(section, _)| section.at());
    for (section, kind) in &sections {
        uplinks.add(section, *kind, gateway, secrets);
    }
    uplinks
}

impl<'a> Uplinks<'a> {
    /// Their brokers.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = (Spot<'a>, &Broker)> {
        self.rows.iter().filter_map(|row| match &row.config {
            UplinkConfig::Mqtt(mqtt) => Some((row.spot, &mqtt.broker)),
            UplinkConfig::Http(_) => None,
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
        };
        let lost = lost(section, (defaults::UPLINK_LOST_AFTER_MS, defaults::UPLINK_LOST_PRIORITY));
        let uplink = Uplink { id, name: name(section) };
        self.rows.push(UplinkRow { spot: section.spot(), id: id_text, uplink, config, lost });
    }
}

fn backfill_per_s(section: &Section<'_>) -> u32 {
    narrow(section.whole("backfill_per_second", 1..=100_000, defaults::BACKFILL_PER_S))
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
