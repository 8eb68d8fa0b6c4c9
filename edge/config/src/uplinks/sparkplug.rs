//! `[[uplink.sparkplug]]`.

use super::{KEYS, UplinkRow, commands};
use crate::{
    Secrets, broker, defaults,
    documents::Section,
    finding::Spot,
    limits,
    points::Points,
    sources::{Sources, mqtt::version, narrow},
    text::{Text, quoted},
    types::{ForwardSamples, SparkplugDevice, SparkplugMetric, SparkplugUplink, UplinkConfig},
};
use davy_core::{
    id::UplinkIx,
    model::{Gateway, Tag},
};
use std::collections::BTreeMap;

const OWN_KEYS: [&str; 4] = ["version", "group", "node", "primary_host"];
/// Of records alone.
const NOT_HERE: [&str; 2] = ["kinds", commands::KEY];
/// A metric in a birth certificate beside its name and unit: alias, type, value, time and properties, generously.
const METRIC_BYTES: usize = 160;

/// Reads one.
pub(super) fn read(
    section: &Section<'_>,
    uplink: UplinkIx,
    gateway: &Gateway,
    secrets: Secrets<'_>,
) -> SparkplugUplink {
    let keys = KEYS.into_iter().filter(|key| !NOT_HERE.contains(key));
    section.knows(&keys.chain(OWN_KEYS).chain(broker::KEYS).collect::<Vec<_>>());
    let Gateway { company_code, gateway_id, .. } = gateway;
    let of_gateway = |key, own: &str| section.text(key).and_then(name).unwrap_or_else(|| own.to_owned());
    SparkplugUplink {
        uplink,
        broker: broker::read(section, format!("davy-{company_code}-{gateway_id}-sparkplug"), secrets),
        version: section.text("version").and_then(|text| text.parse(version)).unwrap_or_default(),
        group: of_gateway("group", company_code),
        node: of_gateway("node", gateway_id),
        primary_host: section.text("primary_host").and_then(name),
        backfill_per_s: narrow(section.whole("backfill_per_second", 1..=100_000, defaults::FORWARD_BACKFILL_PER_S)),
        samples: None,
        devices: Vec::new(),
    }
}

/// A group, node or host: any UTF-8 but what means something in a topic (Sparkplug 3.0.0, 1.4.1.8).
fn name(text: Text<'_>) -> Option<String> {
    let written = text.needed()?.one_line(limits::SPARKPLUG_NAME_CHARS_MAX)?;
    if let Some(odd) = written.chars().find(|c| matches!(c, '+' | '#' | '/')) {
        text.wrong(format_args!(
            "{} has the character {odd:?}, which means something in a topic; write a name without '+', '#' and '/'",
            quoted(written)
        ));
        return None;
    }
    Some(written.to_owned())
}

/// Of a broker's edge nodes each has a name of its own (Sparkplug 3.0.0, 1.4.1.8): two would declare each other dead.
pub(super) fn check_nodes(rows: &[UplinkRow<'_>]) {
    let mut seen = BTreeMap::new();
    for row in rows {
        let UplinkConfig::Sparkplug(SparkplugUplink { broker, group, node, .. }) = &row.config else { continue };
        let key = (&broker.host, broker.port, group, node);
        if let Some(first) = seen.insert(key, row.spot).filter(|_| !broker.host.is_empty()) {
            row.spot.error(format_args!(
                "the node {} of the group {} is at this broker by {} already; give one of them its own node",
                quoted(node),
                quoted(group),
                first.line()
            ));
        }
    }
}

/// The sources with the tags that go up, in the order of the files.
pub(super) fn devices(
    spot: Spot<'_>,
    forwarded: &ForwardSamples,
    points: &Points<'_>,
    sources: &Sources<'_>,
) -> Vec<SparkplugDevice> {
    let mut devices: Vec<SparkplugDevice> =
        sources.rows.iter().map(|row| SparkplugDevice { id: row.source.id.to_string(), metrics: Vec::new() }).collect();
    let tags = points.rows.iter().map(|point| &point.tag);
    for tag in tags.filter(|tag| forwarded.tags.contains_key(tag.id.as_str())) {
        if let Some(device) = devices.get_mut(tag.source.at()) {
            device.metrics.push(metric(tag));
        }
    }
    devices.retain(|device| !device.metrics.is_empty());
    for device in devices.iter().filter(|device| birth_bytes(device) > limits::SPARKPLUG_BIRTH_BYTES_MAX) {
        spot.error(format_args!(
            "the {} tags of the source {} are too many for one birth certificate, which has at most {} bytes; forward fewer with tags = [\"…\"] in [uplink.sparkplug.samples]",
            device.metrics.len(),
            quoted(&device.id),
            limits::SPARKPLUG_BIRTH_BYTES_MAX
        ));
    }
    devices
}

fn metric(tag: &Tag) -> SparkplugMetric {
    SparkplugMetric {
        tag: tag.id.to_string(),
        engineering_unit: tag.engineering_unit.as_str().to_owned(),
        range: tag.range,
    }
}

fn birth_bytes(device: &SparkplugDevice) -> usize {
    device.metrics.iter().map(|metric| metric.tag.len() + metric.engineering_unit.len() + METRIC_BYTES).sum()
}

#[cfg(test)]
mod tests {
    use crate::{Checked, Errors, Files, UplinkConfig};

    /// So many tags over OPC UA, and one over Modbus.
    fn read(tags: usize, samples: &str) -> Result<Checked, Errors> {
        let gateway = format!(
            "[gateway]\ncompany_code = \"330100123\"\ngateway_id = \"gw-1\"\nname = \"一\"\n\
             [[source.opcua]]\nid = \"dcs\"\nname = \"DCS\"\nendpoint = \"opc.tcp://127.0.0.1:4840/\"\nsecurity = \"none\"\n\
             [[source.modbus]]\nid = \"gds\"\nname = \"GDS\"\naddress = \"127.0.0.1:502\"\n\
             [[uplink.sparkplug]]\nid = \"scada\"\nname = \"SCADA\"\nurl = \"mqtt://127.0.0.1:1883\"\n{samples}"
        );
        let rows = (0..tags).map(|n| format!("TI-{n},温度,dcs,ns=2;s=T{n},,,℃,0,200\n"));
        let header = "位号,名称,数据源,地址,数据类型,字节序,工程单位,量程下限,量程上限\n".to_owned();
        let gas = "GT-1,氢气,gds,1/holding/0,f32,CDAB,ppm,,\n".to_owned();
        let table: String = std::iter::once(header).chain(rows).chain([gas]).collect();
        let files = [("gateway.toml", gateway), ("tags.csv", table)];
        let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes()));
        crate::read(&Files(files.into()), &|name| Err(format!("{name} is not there")))
    }

    /// Each device with the number of its metrics.
    fn devices(samples: &str) -> Vec<(String, usize)> {
        let configuration = read(3, samples).unwrap().configuration;
        let [UplinkConfig::Sparkplug(sparkplug)] = configuration.uplinks.as_slice() else { panic!("one uplink") };
        let forwarded = sparkplug.samples.as_ref().unwrap();
        let metrics: usize = sparkplug.devices.iter().map(|device| device.metrics.len()).sum();
        assert_eq!(forwarded.tags.len(), metrics);
        sparkplug.devices.iter().map(|device| (device.id.clone(), device.metrics.len())).collect()
    }

    #[test]
    fn sources_with_forwarded_tags_are_devices() {
        let named = |id: &str, count| (id.to_owned(), count);
        assert_eq!(devices(""), [named("dcs", 3), named("gds", 1)]);
        assert_eq!(devices("samples = { tags = [\"TI-1\", \"TI-2\"] }"), [named("dcs", 2)]);
    }

    #[test]
    fn a_birth_that_cannot_be_sent_is_an_error() {
        let said = read(6_500, "").unwrap_err().to_string();
        assert!(said.contains("gateway.toml:14:1: the 6500 tags of the source \"dcs\" are too many"), "{said}");
        assert!(read(6_500, "samples = { tags = [\"TI-1*\"] }").is_ok());
    }
}
