//! What is looked at: a source of a configuration, or a server or device as anybody may see it.

use crate::clock;
use davy_config::{ModbusFraming, ModbusLink, ModbusPace, ModbusSource, NetworkAddress, OpcUaSource, SourceConfig};
use davy_core::{
    id::SourceIx,
    model::{Gateway, Site},
};
use davy_field::{Pki, Security};
use std::{path::Path, sync::Arc};

pub(super) const OPC_UA: &str = "opc.tcp://";

/// Where a server or a device is found.
pub(super) const ADDRESSES: &str = "opc.tcp://host:port/path, modbus://host:port, modbus-rtu://host:port or /dev/ttyS1";

/// A source in a configuration.
pub(super) fn of_source<'a>(site: &Site, sources: &'a [SourceConfig], id: &str) -> Option<&'a SourceConfig> {
    let at = site.sources.iter().position(|source| source.id.as_str() == id)?;
    sources.get(at)
}

/// A server with every default and without security, as anybody may see it.
pub(super) fn opcua(url: &str, pki: Arc<Pki>, gateway: Gateway, id: &str) -> (OpcUaSource, Security) {
    let security = Security { pki, source: id.to_owned(), gateway, utc: clock::utc };
    (OpcUaSource::new(SourceIx(0), url.to_owned()), security)
}

/// Of which nobody is asked who it is, and whose certificate is kept nowhere.
pub(super) fn unknown(url: &str) -> (OpcUaSource, Security) {
    opcua(url, Arc::new(Pki::new(Path::new(""))), Gateway::default(), "")
}

/// A Modbus device on the network; `None` for another address.
pub(super) fn modbus(url: &str) -> Option<Result<ModbusLink, String>> {
    let schemes = [("modbus://", ModbusFraming::Tcp), ("modbus-rtu://", ModbusFraming::Rtu)];
    let (place, framing) = schemes.iter().find_map(|(scheme, framing)| Some((url.strip_prefix(scheme)?, *framing)))?;
    let address = NetworkAddress::parse(place.trim_end_matches('/'), 502);
    Some(address.map(|address| ModbusLink::Connect { address, backup: None, framing }))
}

/// How the page reads a Modbus device beside the connection that reads it for the gateway.
pub(super) fn beside(source: &ModbusSource) -> Result<(ModbusLink, ModbusPace), String> {
    match &source.link {
        ModbusLink::Connect { .. } => Ok((source.link.clone(), source.pace)),
        ModbusLink::Serial(line) if source.items.is_empty() => Err(format!(
            "the gateway holds the serial line {}; take the source out, or stop the gateway, and use davy read {}",
            line.path, line.path
        )),
        ModbusLink::Serial(line) => Err(format!(
            "the gateway polls the serial line {}, and a second reader would garble both; its values are among the tags. To read other \
             registers stop the gateway and use davy read {}",
            line.path, line.path
        )),
        ModbusLink::Listen { address, .. } => Err(format!(
            "the device connects by itself, to {address}, and there is but the one connection; its values are among the tags"
        )),
    }
}
