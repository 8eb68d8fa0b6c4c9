//! What a person who commissions is given beside the live state: a look at the field, and the sheet of the loop check. Both are of
//! the configuration in force.

use crate::{look, tags};
use davy_api::{Looks, LoopSheet};
use davy_config::{Files, OpcUaItem, OpcUaSource, SourceConfig, exchange::POINT_TABLE};
use davy_core::model::Site;
use davy_field::Pki;
use std::{collections::HashMap, path::PathBuf, sync::Arc};

/// The configuration in force, as far as it is looked at here.
pub(crate) struct InForce {
    pub(crate) site: Arc<Site>,
    /// In the order of `site.sources`.
    pub(crate) sources: Vec<SourceConfig>,
    /// The point table and no other file.
    pub(crate) table: Files,
}

impl InForce {
    pub(crate) fn of(site: &Arc<Site>, sources: &[SourceConfig], files: &Files) -> Arc<Self> {
        let table = files.0.get(POINT_TABLE).map(|bytes| (POINT_TABLE.to_owned(), bytes.clone()));
        let (site, sources, table) = (Arc::clone(site), sources.to_vec(), Files(table.into_iter().collect()));
        Arc::new(Self { site, sources, table })
    }

    /// The tags of a server's nodes, by the addresses of the point table.
    pub(crate) fn tags_of<'a>(&'a self, server: &OpcUaSource) -> HashMap<&'a str, &'a str> {
        let of = self.sources.iter().filter_map(|source| match source {
            SourceConfig::OpcUa(opcua) if opcua.endpoint == server.endpoint => Some(opcua),
            SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) | SourceConfig::Mqtt(_) => None,
        });
        let tag = |item: &OpcUaItem| self.site.tags[item.tag.at()].id.as_str();
        of.flat_map(|opcua| &opcua.items).map(|item| (item.node.as_str(), tag(item))).collect()
    }
}

/// What the page's doors to it are made of.
pub(crate) struct Commissioning {
    pub(crate) pki: Arc<Pki>,
    pub(crate) data: PathBuf,
}

impl Commissioning {
    /// Those of a configuration.
    pub(crate) fn doors(&self, in_force: Arc<InForce>) -> (Arc<dyn Looks>, Arc<dyn LoopSheet>) {
        let sheet = tags::Sheet::new(Arc::clone(&in_force), &self.data);
        (Arc::new(look::ForPage { in_force, pki: Arc::clone(&self.pki) }), Arc::new(sheet))
    }
}
