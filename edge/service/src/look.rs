//! `davy browse` and `davy read`: a look at a server or a device before there is a configuration.

mod nodes;
mod registers;

use crate::{
    cli::{Browse, Format, Parity, Read, Secured},
    clock, gateway, output,
};
use anyhow::{Context, anyhow, bail};
use davy_config::{
    ModbusFraming, ModbusLink, ModbusPace, NetworkAddress, OpcUaSource, SerialLine, SerialParity, SourceConfig,
};
use davy_core::{id::SourceIx, model::Gateway};
use davy_field::{
    Pki, Security,
    probe::{modbus, opcua},
};
use serde_json::json;
use std::{process::ExitCode, sync::Arc};

const OPC_UA: &str = "opc.tcp://";

/// Prints the nodes of a server.
pub(crate) fn browse(args: &Browse) -> anyhow::Result<ExitCode> {
    let (source, security) = match &args.url {
        Some(url) => unsecured(url),
        None => configured(&args.secured)?,
    };
    let bounds = opcua::Bounds { depth: args.depth.into(), nodes: args.nodes as usize };
    let found = gateway::block_on(async {
        let mut link = opcua::Link::open(&source, &security).await.map_err(|words| anyhow!(words))?;
        let found = opcua::browse(&mut link, args.from.as_deref(), bounds).await.map_err(|words| anyhow!(words));
        link.close().await;
        found
    })?;
    nodes::print(&found, args.format);
    if found.len() >= bounds.nodes {
        tracing::warn!(
            "there may be more: {} nodes is what was asked for; use --nodes or begin further down with --from",
            found.len()
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints values of a server or a device.
pub(crate) fn read(args: &Read) -> anyhow::Result<ExitCode> {
    if args.url.starts_with(OPC_UA) {
        if args.identify.is_some() {
            bail!(
                "--identify asks a Modbus device; an OPC UA server tells who it is in davy browse --from 'ns=0;i=2253'"
            );
        }
        return read_nodes(args);
    }
    let link = link(args)?;
    let pace = ModbusPace { timeout_ms: args.timeout, late_ms: args.timeout, ..ModbusPace::default() };
    if let Some(unit_id) = args.identify {
        let told =
            gateway::block_on(async { modbus::identify(&link, pace, unit_id).await.map_err(|words| anyhow!(words)) })?;
        match args.format {
            Format::Text => output::line(format_args!("unit id {unit_id}: {told}")),
            Format::Json => output::line(json!({
                "unit_id": unit_id, "vendor": told.vendor, "product": told.product, "revision": told.revision
            })),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let [address] = &args.addresses[..] else {
        bail!("{} addresses; a Modbus device is read from one address on, with --count entries", args.addresses.len());
    };
    let place = davy_config::modbus_address(address).map_err(|words| anyhow!(words))?;
    let answer = gateway::block_on(async {
        let from = (place.table, place.address);
        modbus::read(&link, pace, place.unit_id, from, args.count).await.map_err(|words| anyhow!(words))
    })?;
    registers::print(place, &answer, args.format);
    Ok(ExitCode::SUCCESS)
}

fn read_nodes(args: &Read) -> anyhow::Result<ExitCode> {
    let (source, security) = unsecured(&args.url);
    let told = gateway::block_on(async {
        let mut link = opcua::Link::open(&source, &security).await.map_err(|words| anyhow!(words))?;
        let told = opcua::read(&mut link, &args.addresses).await.map_err(|words| anyhow!(words));
        link.close().await;
        told
    })?;
    nodes::print_values(&told, args.format);
    Ok(ExitCode::SUCCESS)
}

/// A server as anybody may see it.
fn unsecured(url: &str) -> (OpcUaSource, Security) {
    (
        OpcUaSource::new(SourceIx(0), url.to_owned()),
        security(&Secured { source: None, config: None, data: None }, Gateway::default()),
    )
}

/// A server as the configuration has it.
fn configured(secured: &Secured) -> anyhow::Result<(OpcUaSource, Security)> {
    let (Some(id), Some(config)) = (&secured.source, &secured.config) else {
        bail!("name a server, or --config and --source")
    };
    let configuration = davy_config::read_dir(config)?.configuration;
    let at = configuration.site.sources.iter().position(|source| source.id.as_str() == id);
    let at = at.with_context(|| format!("there is no source {id} in {}", config.display()))?;
    let SourceConfig::OpcUa(source) = &configuration.sources[at] else { bail!("the source {id} is no OPC UA server") };
    Ok((source.clone(), security(secured, configuration.site.gateway)))
}

fn security(secured: &Secured, gateway: Gateway) -> Security {
    let pki = Arc::new(Pki::new(&secured.data.clone().unwrap_or_default()));
    Security { pki, source: secured.source.clone().unwrap_or_default(), gateway, utc: clock::utc }
}

fn link(args: &Read) -> anyhow::Result<ModbusLink> {
    if args.url.starts_with('/') {
        let parity = match args.parity {
            Parity::None => SerialParity::None,
            Parity::Even => SerialParity::Even,
            Parity::Odd => SerialParity::Odd,
        };
        return Ok(ModbusLink::Serial(SerialLine {
            path: args.url.clone(),
            baud: args.baud,
            parity,
            stop_bits: args.stop_bits,
        }));
    }
    let schemes = [("modbus://", ModbusFraming::Tcp), ("modbus-rtu://", ModbusFraming::Rtu)];
    let said = schemes.iter().find_map(|(scheme, framing)| Some((args.url.strip_prefix(scheme)?, *framing)));
    let (place, framing) = said.with_context(|| {
        format!(
            "{}: write opc.tcp://host:port/path, modbus://host:port, modbus-rtu://host:port or /dev/ttyS1",
            args.url
        )
    })?;
    let address = NetworkAddress::parse(place.trim_end_matches('/'), 502).map_err(|words| anyhow!(words))?;
    Ok(ModbusLink::Connect { address, backup: None, framing })
}
