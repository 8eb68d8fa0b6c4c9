//! `davy browse` and `davy read`: a look at a server or a device before there is a configuration.

mod for_page;
mod nodes;
mod offers;
mod points;
mod registers;
mod row;
mod target;

use crate::{
    cli::{self, Browse, MaybeConfigured, NodesFormat, Parity, Read},
    gateway, output, source,
};
use anyhow::{Context, anyhow, bail};
use davy_config::{
    ModbusLink, ModbusPace, ModbusSource, OpcUaSource, SerialLine, SerialParity, SourceConfig, exchange::Format,
};
use davy_field::{
    Security,
    probe::{modbus, opcua},
};
pub(crate) use for_page::ForPage;
use serde_json::json;
use std::process::ExitCode;
use target::{ADDRESSES, OPC_UA};

/// Prints the nodes of a server, or writes them as a point table.
pub(crate) fn browse(args: &Browse) -> anyhow::Result<ExitCode> {
    let named = args.url.as_ref().or(args.secured.source.as_ref()).context("name a source or a server")?;
    let place = &args.secured.place;
    let (source, security) = match target(named, place)? {
        Target::OpcUa(source, security) => (source, security),
        Target::Modbus(_) => bail!(NOT_BROWSED),
    };
    let bounds = opcua::Bounds { depth: args.depth.into(), nodes: args.nodes as usize };
    let found = gateway::block_on(async {
        let mut link = opcua::Link::open(&source, &security).await.map_err(|words| anyhow!(words))?;
        let found = opcua::browse(&mut link, args.from.as_deref(), bounds).await.map_err(|words| anyhow!(words));
        link.close().await;
        found
    })?;
    match if args.csv { NodesFormat::Csv } else { args.format } {
        NodesFormat::Text => nodes::print(&found),
        NodesFormat::Json => nodes::print_json(&found),
        NodesFormat::Csv => points::write(args, &security.source, &found, Format::CsvUtf8)?,
        NodesFormat::Xlsx => points::write(args, &security.source, &found, Format::Xlsx)?,
    }
    if found.len() >= bounds.nodes {
        tracing::warn!(
            "there may be more: {} nodes is what was asked for; use --nodes or begin further down with --from",
            found.len()
        );
    }
    Ok(ExitCode::SUCCESS)
}

const NOT_BROWSED: &str = "a Modbus device does not tell which registers it has, its manual does. davy read SOURCE 1/holding/0 --count 8 \
    shows registers in every byte order, davy read SOURCE --identify 1 asks a unit who it is (43/14); fill the rows into the table \
    that davy tags export --format xlsx -o tags.xlsx writes, and take it back with davy tags import";

/// Prints values of a server or a device.
pub(crate) fn read(args: &Read) -> anyhow::Result<ExitCode> {
    let (link, pace) = match is_url(&args.url) && !args.url.starts_with(OPC_UA) {
        true => (link(args)?, pace(args)),
        false => match target(&args.url, &args.place)? {
            Target::OpcUa(source, security) => return read_nodes(args, &source, &security),
            Target::Modbus(source) => (source.link, source.pace),
        },
    };
    if let Some(unit_id) = args.identify {
        let told =
            gateway::block_on(async { modbus::identify(&link, pace, unit_id).await.map_err(|words| anyhow!(words)) })?;
        match args.format {
            cli::Format::Text => output::line(format_args!("unit id {unit_id}: {told}")),
            cli::Format::Json => output::line(json!({
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
    registers::print(&registers::of(place, &answer), args.format);
    Ok(ExitCode::SUCCESS)
}

fn pace(args: &Read) -> ModbusPace {
    ModbusPace { timeout_ms: args.timeout, late_ms: args.timeout, ..ModbusPace::default() }
}

fn read_nodes(args: &Read, source: &OpcUaSource, security: &Security) -> anyhow::Result<ExitCode> {
    if args.identify.is_some() {
        bail!("--identify asks a Modbus device; an OPC UA server tells who it is in davy browse --from 'ns=0;i=2253'");
    }
    let told = gateway::block_on(async {
        let mut link = opcua::Link::open(source, security).await.map_err(|words| anyhow!(words))?;
        let told = opcua::read(&mut link, &args.addresses).await.map_err(|words| anyhow!(words));
        link.close().await;
        told
    })?;
    nodes::print_values(&told, args.format);
    Ok(ExitCode::SUCCESS)
}

/// What is looked at.
enum Target {
    OpcUa(OpcUaSource, Security),
    Modbus(ModbusSource),
}

fn is_url(named: &str) -> bool {
    named.contains("://") || named.starts_with('/')
}

/// A source of the configuration with its security, or a server as anybody may see it.
fn target(named: &str, place: &MaybeConfigured) -> anyhow::Result<Target> {
    if named.starts_with(OPC_UA) {
        let (source, security) = target::unknown(named);
        return Ok(Target::OpcUa(source, security));
    }
    if is_url(named) {
        bail!("{named}: write {ADDRESSES}");
    }
    let config = place.config.as_ref();
    let config = config.with_context(|| format!("{named}: say --config DIR for a source, or write {ADDRESSES}"))?;
    let configuration = davy_config::read_dir(config)?.configuration;
    let source = target::of_source(&configuration.site, &configuration.sources, named);
    match source.with_context(|| format!("there is no source {named} in {}", config.display()))? {
        SourceConfig::OpcUa(opcua) => {
            let security = source::opcua_security(named, opcua, &configuration.site.gateway, place.data.as_deref())?;
            Ok(Target::OpcUa(opcua.clone(), security))
        }
        SourceConfig::Modbus(modbus) => Ok(Target::Modbus(modbus.clone())),
        SourceConfig::Mqtt(_) => {
            bail!("{named} is a broker, which has no nodes and no registers; davy source test {named} tries it")
        }
        SourceConfig::Board(_) => bail!("{named} is the box itself; davy board test --watch 30 shows its inputs"),
    }
}

fn link(args: &Read) -> anyhow::Result<ModbusLink> {
    if args.url.starts_with('/') {
        let parity = match args.line.parity {
            Parity::None => SerialParity::None,
            Parity::Even => SerialParity::Even,
            Parity::Odd => SerialParity::Odd,
        };
        return Ok(ModbusLink::Serial(SerialLine {
            path: args.url.clone(),
            baud: args.line.baud,
            parity,
            stop_bits: args.line.stop_bits,
        }));
    }
    let link = target::modbus(&args.url).with_context(|| format!("{}: write {ADDRESSES}", args.url))?;
    link.map_err(|words| anyhow!(words))
}
