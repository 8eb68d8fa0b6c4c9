//! One look at every source of a configuration: what each tag is just then.

use super::loops::Loop;
use crate::clock;
use davy_config::{Configuration, ModbusSource, OpcUaSource, SourceConfig};
use davy_core::quality::Quality;
use davy_field::{
    Pki, Security,
    probe::{modbus, opcua},
};
use std::{path::Path, sync::Arc};

/// Fills in what the sources say. One that does not answer leaves its tags without values and says why in their remarks.
pub(super) async fn fill(configuration: &Configuration, data: Option<&Path>, loops: &mut [Loop]) {
    let site = &configuration.site;
    let pki = Arc::new(Pki::new(data.unwrap_or(Path::new(""))));
    for (source, place) in site.sources.iter().zip(&configuration.sources) {
        let tags = match place {
            SourceConfig::OpcUa(opcua) => opcua.items.iter().map(|item| item.tag).collect::<Vec<_>>(),
            SourceConfig::Modbus(modbus) => modbus.items.iter().map(|item| item.tag).collect(),
            SourceConfig::Mqtt(_) | SourceConfig::Board(_) => Vec::new(),
        };
        let asked = match place {
            SourceConfig::OpcUa(opcua) => {
                let gateway = site.gateway.clone();
                let source = source.id.as_str().to_owned();
                let security = Security { pki: Arc::clone(&pki), source, gateway, utc: clock::utc };
                nodes(opcua, &security).await
            }
            SourceConfig::Modbus(modbus) => registers(modbus).await,
            SourceConfig::Mqtt(_) | SourceConfig::Board(_) => continue,
        };
        match asked {
            Ok(seen) => tags.into_iter().zip(seen).for_each(|(tag, seen)| seen.put(&mut loops[tag.at()])),
            Err(words) => {
                tracing::warn!("{}: {words}", source.id.as_str());
                for tag in tags {
                    let row = &mut loops[tag.at()];
                    (row.quality, row.remarks) = (Some(Quality::BAD_NO_COMMUNICATION), words.clone());
                }
            }
        }
    }
}

/// A value as it came, scaled, and how good it is.
struct Seen {
    raw: Option<String>,
    value: Option<f64>,
    quality: Quality,
}

impl Seen {
    fn put(self, row: &mut Loop) {
        (row.raw, row.value, row.quality) = (self.raw, self.value, Some(self.quality));
    }
}

async fn nodes(source: &OpcUaSource, security: &Security) -> Result<Vec<Seen>, String> {
    let addresses: Vec<String> = source.items.iter().map(|item| item.node.clone()).collect();
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let mut link = opcua::Link::open(source, security).await?;
    let told = opcua::read(&mut link, &addresses).await;
    link.close().await;
    Ok(told?.into_iter().map(|told| Seen { raw: told.value, value: told.number, quality: told.quality }).collect())
}

async fn registers(source: &ModbusSource) -> Result<Vec<Seen>, String> {
    if source.items.is_empty() {
        return Ok(Vec::new());
    }
    let read = modbus::read_items(source).await?;
    let seen = |read: modbus::Measured| Seen {
        raw: read.raw.map(|raw| raw.to_string()),
        value: read.value,
        quality: read.quality,
    };
    Ok(read.into_iter().map(seen).collect())
}
