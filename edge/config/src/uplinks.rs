//! `[[uplink.…]]` of `gateway.toml`: where derived things go.

use crate::{
    Secrets, broker, defaults,
    documents::Section,
    finding::Spot,
    index::Index,
    sources::{Lost, id, lost, name, narrow},
    text::{Text, quoted},
    types::{Broker, MqttUplink, UplinkConfig},
};
use davy_core::{
    id::{UplinkId, UplinkIx},
    model::{Gateway, Uplink},
    record::Record,
};

const OWN_KEYS: [&str; 7] =
    ["id", "name", "inflight_max", "backfill_per_second", "kinds", "lost_after", "lost_priority"];

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
    list.knows(&["mqtt"]);
    for section in list.sections("mqtt") {
        uplinks.add(&section, gateway, secrets);
    }
    uplinks
}

impl<'a> Uplinks<'a> {
    /// Their brokers.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = (Spot<'a>, &Broker)> {
        self.rows.iter().map(|row| match &row.config {
            UplinkConfig::Mqtt(mqtt) => (row.spot, &mqtt.broker),
        })
    }

    /// For the site and for the links.
    pub(crate) fn split(self) -> (Vec<Uplink>, Vec<UplinkConfig>) {
        self.rows.into_iter().map(|row| (row.uplink, row.config)).unzip()
    }

    fn add(&mut self, section: &Section<'a>, gateway: &Gateway, secrets: Secrets<'_>) {
        section.knows(&[&OWN_KEYS[..], &broker::KEYS[..]].concat());
        let id_text = id(section, "enterprise");
        self.ids.add(id_text, self.rows.len());
        let id = UplinkId::from(id_text.code().unwrap_or_default());
        let client_id = format!("davy-{}-{}", gateway.company_code, gateway.gateway_id);
        let config = UplinkConfig::Mqtt(MqttUplink {
            uplink: UplinkIx::from(self.rows.len()),
            broker: broker::read(section, client_id, secrets),
            inflight_max: narrow(section.whole("inflight_max", 1..=1_000, defaults::INFLIGHT_MAX)),
            backfill_per_s: narrow(section.whole("backfill_per_second", 1..=100_000, defaults::BACKFILL_PER_S)),
            kinds: kinds(section),
        });
        let lost = lost(section, (defaults::UPLINK_LOST_AFTER_MS, defaults::UPLINK_LOST_PRIORITY));
        let uplink = Uplink { id, name: name(section) };
        self.rows.push(UplinkRow { spot: section.spot(), id: id_text, uplink, config, lost });
    }
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
