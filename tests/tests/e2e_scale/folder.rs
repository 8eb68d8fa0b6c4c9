//! The configuration folder of a gateway with very many tags, each with its four limits and a measure of one of a hundred
//! risk units.

use acceptance::folder::TAG_COLUMNS;
use anyhow::{Context, Result};
use std::{fmt::Write as _, fs, net::SocketAddr, path::Path, time::Duration};

const UNITS: usize = 100;

/// Low low, low, high and high high: every server keeps its values from 0 to 100, so that none of them is ever reached.
const LIMITS: &str = "-20,-10,110,120";

/// What the gateway reads.
pub(crate) enum Source {
    /// Doubles `ns=2;s=V-0`, …, of one server.
    OpcUa { server: SocketAddr, publishing: Duration },
    /// Holding registers of the unit id 1, shared out evenly among the devices.
    Modbus { devices: Vec<SocketAddr>, poll: Duration },
}

/// Writes `FOLDER/config` for so many tags.
pub(crate) fn write(folder: &Path, source: &Source, tags: usize) -> Result<()> {
    let config = folder.join("config");
    fs::create_dir_all(config.join("risk")).with_context(|| format!("create {}", config.display()))?;
    for (name, text) in [
        ("gateway.toml", gateway(source)),
        ("tags.csv", point_table(source, tags)),
        (
            "risk/units.csv",
            rows("编号,风险分析单元名称,风险分析对象,风险等级", |n| {
                format!("U-{n},单元{n},装置,重大")
            }),
        ),
        ("risk/events.csv", rows("id,riskUnitId,riskEventName", |n| format!("EV-{n},U-{n},失控{n}"))),
        ("risk/measures.csv", rows("id,riskEventId,dataSrc,riskMeasureDesc", |n| format!("M-{n},EV-{n},1,报警{n}"))),
    ] {
        fs::write(config.join(name), text).with_context(|| format!("write {name}"))?;
    }
    Ok(())
}

fn gateway(source: &Source) -> String {
    let mut text = "[gateway]\ncompany_code = \"330100123\"\ngateway_id = \"gw-1\"\nname = \"规模试验\"\n\n\
         [web]\nlisten = \"127.0.0.1:0\"\n\n\
         [change]\nauthor = \"李工\"\nreason = \"规模试验\"\ndate = \"2026-11-23\"\n"
        .to_owned();
    match source {
        Source::OpcUa { server, publishing } => {
            let ms = publishing.as_millis();
            let _ = write!(
                text,
                "\n[[source.opcua]]\nid = \"{}\"\nname = \"DCS\"\nendpoint = \"opc.tcp://{server}/\"\n\
                 security = \"none\"\npublishing_interval = \"{ms}ms\"\n",
                id(0)
            );
        }
        Source::Modbus { devices, poll } => {
            for (at, device) in devices.iter().enumerate() {
                let ms = poll.as_millis();
                let _ = write!(
                    text,
                    "\n[[source.modbus]]\nid = \"{}\"\nname = \"PLC {at}\"\naddress = \"{device}\"\n\
                     poll_interval = \"{ms}ms\"\ntimeout = \"5s\"\n",
                    id(at)
                );
            }
        }
    }
    text
}

fn id(source: usize) -> String {
    format!("s-{source}")
}

fn point_table(source: &Source, tags: usize) -> String {
    let mut text = format!("{TAG_COLUMNS}\n");
    for tag in 0..tags {
        let (source, place) = match source {
            Source::OpcUa { .. } => (id(0), format!("ns=2;s=V-{tag},,")),
            Source::Modbus { devices, .. } => {
                let each = tags.div_ceil(devices.len());
                (id(tag / each), format!("1/holding/{},u16,", tag % each))
            }
        };
        let measure = tag % UNITS + 1;
        let _ =
            writeln!(text, "T-{tag},点{tag},{source},{place},%,-50,150,M-{measure},{LIMITS},1,0s,0s,high,,现场确认");
    }
    text
}

fn rows(head: &str, row: impl Fn(usize) -> String) -> String {
    (1..=UNITS).fold(format!("{head}\n"), |text, number| text + &row(number) + "\n")
}
