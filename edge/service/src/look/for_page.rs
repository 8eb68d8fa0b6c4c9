//! What the page may see of the field beside the connections that read it for the gateway.

use super::{offers, points, registers, row, target};
use crate::{configuration::Shared, limits};
use davy_api::{
    BrowseAsk, Level, LookFailure, Looking, Looks, Node, NodeValue, NodeVariable, OfferedRow, OffersAsk, ProposeAsk,
    ReadAsk, Readings, Registers, SourceOffers, Where, Which,
};
use davy_config::{ModbusLink, ModbusPace, OpcUaItem, OpcUaSource, SourceConfig, exchange};
use davy_core::model::Site;
use davy_field::{
    Pki, Security,
    probe::{
        modbus,
        opcua::{self, Bounds, Found, Link, Part, Told, Variable, Wanted},
    },
};
use std::{collections::HashMap, sync::Arc};

/// Looks at the sources of the configuration in force, and at what is no source yet.
#[derive(Clone)]
pub(crate) struct ForPage {
    pub(crate) in_force: Shared,
    pub(crate) pki: Arc<Pki>,
}

impl Looks for ForPage {
    fn offers(&self, ask: OffersAsk) -> Looking<SourceOffers> {
        let (pki, gateway) = (Arc::clone(&self.pki), self.in_force.now().site.gateway.clone());
        Box::pin(offers::ask(ask, pki, gateway))
    }

    fn browse(&self, ask: BrowseAsk) -> Looking<Level> {
        let this = self.clone();
        Box::pin(async move { this.level(ask).await })
    }

    fn read(&self, ask: ReadAsk) -> Looking<Readings> {
        let this = self.clone();
        Box::pin(async move {
            match ask.which {
                Which::Nodes(nodes) => this.nodes(&ask.place, &nodes).await,
                Which::Registers(from, count) => {
                    this.registers(&ask.place, &from, count).await.map(Readings::Registers)
                }
                Which::Row(cells) => row::read(&this, &ask.place, &cells).await,
            }
        })
    }

    fn propose(&self, ask: ProposeAsk) -> Looking<Vec<OfferedRow>> {
        let this = self.clone();
        Box::pin(async move { this.rows(ask) })
    }
}

impl ForPage {
    async fn level(&self, ask: BrowseAsk) -> Result<Level, LookFailure> {
        let (source, security) = self.server(&ask.place)?;
        let BrowseAsk { node, deep, filter, skip, most, .. } = ask;
        let bounds = Bounds { depth: if deep { limits::LOOK_DEPTH } else { 1 }, nodes: limits::LOOK_NODES_MAX };
        let wanted = Wanted { deep, filter, skip, most };
        let mut link = Link::open(&source, &security).await.map_err(LookFailure::Unreachable)?;
        let part = opcua::part(&mut link, node.as_deref(), bounds, wanted).await;
        link.close().await;
        let Part { found, matching, is_whole } = part.map_err(LookFailure::Unreachable)?;
        let end = skip + found.len();
        let in_force = self.in_force.now();
        let known = tags_of(&in_force.site, &in_force.sources, &source);
        let items = found.into_iter().map(|found| node_of(found, &known)).collect();
        Ok(Level { items, next: (end < matching).then(|| end.to_string()), matching, whole: is_whole })
    }

    pub(super) async fn nodes(&self, place: &Where, nodes: &[String]) -> Result<Readings, LookFailure> {
        let (source, security) = self.server(place)?;
        let mut link = Link::open(&source, &security).await.map_err(LookFailure::Unreachable)?;
        let told = opcua::read(&mut link, nodes).await;
        link.close().await;
        let told = told.map_err(LookFailure::Unreachable)?;
        Ok(Readings::Nodes { values: told.into_iter().map(value).collect() })
    }

    async fn registers(&self, place: &Where, from: &str, count: u16) -> Result<Registers, LookFailure> {
        let (link, pace) = self.device(place)?;
        let at = davy_config::modbus_address(from).map_err(LookFailure::Senseless)?;
        modbus::fits(at.table, at.address, count).map_err(LookFailure::Senseless)?;
        let answer = modbus::read(&link, pace, at.unit_id, (at.table, at.address), count).await;
        Ok(registers::of(at, &answer.map_err(LookFailure::Unreachable)?))
    }

    fn rows(&self, ask: ProposeAsk) -> Result<Vec<OfferedRow>, LookFailure> {
        let ProposeAsk { source, found, taken } = ask;
        let proposals: Vec<exchange::Proposal> = found.into_iter().map(points::of_page).collect();
        let rows = exchange::proposed_rows(&self.in_force.now().files, &source, &proposals, &taken);
        let rows = rows.map_err(|errors| LookFailure::Senseless(errors.to_string()))?;
        let row = |row: exchange::ProposedRow| OfferedRow { cells: row.cells, known: row.is_known };
        Ok(rows.into_iter().map(row).collect())
    }

    fn server(&self, place: &Where) -> Result<(OpcUaSource, Security), LookFailure> {
        let id = match place {
            Where::Url(url) if url.starts_with(target::OPC_UA) => return Ok(target::unknown(url)),
            Where::Url(url) => {
                return Err(LookFailure::Senseless(format!("{url} is no OPC UA server; write opc.tcp://host:port")));
            }
            Where::Source(id) => id,
        };
        match &self.source(id)? {
            SourceConfig::OpcUa(source) => {
                let gateway = self.in_force.now().site.gateway.clone();
                let (_, security) = target::opcua(&source.endpoint, Arc::clone(&self.pki), gateway, id);
                Ok((source.clone(), security))
            }
            SourceConfig::Modbus(_) => Err(LookFailure::Senseless(format!(
                "{id} is a Modbus device, which does not tell which registers it has; its manual does. Read registers of it"
            ))),
            SourceConfig::Mqtt(_) => Err(no_values(id)),
            SourceConfig::Board(_) => Err(of_the_box(id)),
        }
    }

    fn device(&self, place: &Where) -> Result<(ModbusLink, ModbusPace), LookFailure> {
        let id = match place {
            Where::Url(url) => {
                let link = target::modbus(url)
                    .unwrap_or_else(|| Err(format!("{url} is no Modbus device; write modbus://host:port")));
                return Ok((link.map_err(LookFailure::Senseless)?, ModbusPace::default()));
            }
            Where::Source(id) => id,
        };
        match &self.source(id)? {
            SourceConfig::Modbus(source) => target::beside(source).map_err(LookFailure::Senseless),
            SourceConfig::OpcUa(_) => {
                Err(LookFailure::Senseless(format!("{id} is an OPC UA server, which has nodes and no registers")))
            }
            SourceConfig::Mqtt(_) => Err(no_values(id)),
            SourceConfig::Board(_) => Err(of_the_box(id)),
        }
    }

    pub(super) fn source(&self, id: &str) -> Result<SourceConfig, LookFailure> {
        let in_force = self.in_force.now();
        let found = target::of_source(&in_force.site, &in_force.sources, id);
        found.cloned().ok_or_else(|| LookFailure::NoSuchSource(id.to_owned()))
    }
}

pub(super) fn no_values(id: &str) -> LookFailure {
    LookFailure::Senseless(format!("{id} is a broker, which has no nodes and no registers"))
}

pub(super) fn of_the_box(id: &str) -> LookFailure {
    LookFailure::Senseless(format!("{id} is the box itself; the system page shows its inputs"))
}

/// The tags of a server's nodes, by the addresses of the point table.
fn tags_of<'a>(site: &'a Site, sources: &'a [SourceConfig], server: &OpcUaSource) -> HashMap<&'a str, &'a str> {
    let of = sources.iter().filter_map(|source| match source {
        SourceConfig::OpcUa(opcua) if opcua.endpoint == server.endpoint => Some(opcua),
        SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) | SourceConfig::Mqtt(_) | SourceConfig::Board(_) => None,
    });
    let tag = |item: &OpcUaItem| site.tags[item.tag.at()].id.as_str();
    of.flat_map(|opcua| &opcua.items).map(|item| (item.node.as_str(), tag(item))).collect()
}

fn node_of(found: Found, known: &HashMap<&str, &str>) -> Node {
    let tag = known.get(found.address.as_str()).or_else(|| known.get(found.node.as_str()));
    Node {
        tag: tag.map(|tag| (*tag).to_owned()),
        variable: found.variable.map(variable),
        address: found.address,
        node: found.node,
        display_name: found.display_name,
        path: found.browse_path,
        class: found.class,
        has_below: found.has_below,
    }
}

fn variable(variable: Variable) -> NodeVariable {
    NodeVariable {
        is_point: points::is_point(&variable),
        data_type: variable.data_type,
        description: variable.description,
        readable: variable.readable,
        has_history: variable.has_history,
        engineering_unit: variable.engineering_unit,
        range: variable.range.filter(|(low, high)| low.is_finite() && high.is_finite()),
        told: value(variable.told),
    }
}

fn value(told: Told) -> NodeValue {
    let number = told.number.filter(|number| number.is_finite());
    let value = NodeValue::new(told.address, (told.value, number), told.quality);
    NodeValue { source_time: told.source_time, ..value }
}
