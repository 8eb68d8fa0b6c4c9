//! The configuration folder of a gateway with very many tags, each with its four limits and a measure of one of a hundred
//! risk units.

use acceptance::{folder::TAG_COLUMNS, watched::Watched};
use anyhow::{Context, Result};
use davy_field::wire::Protocol;
use davy_plant::bulk::STAMP_REGISTERS;
use std::{fmt::Write as _, fs, net::SocketAddr, path::Path, time::Duration};

const UNITS: usize = 100;

/// Low low, low, high and high high: every server keeps its values from 0 to 100, so that none of them is ever reached.
const LIMITS: &str = "-20,-10,110,120";

/// What the gateway reads.
pub(crate) enum Source {
    /// Doubles `ns=2;s=V-0`, …, of one server.
    OpcUa { server: SocketAddr, publishing: Duration },
    /// Holding registers of the unit id 1, shared out evenly among the devices, the last of each being stamps of four registers.
    Modbus { devices: Vec<SocketAddr>, poll: Duration, shared: Shared },
}

impl Source {
    /// Puts a tap in front of every server.
    pub(crate) async fn watch(&mut self) -> Result<Vec<Watched>> {
        let (name, protocol, places) = match self {
            Self::OpcUa { server, .. } => ("OPC UA", Protocol::OpcUa, std::slice::from_mut(server)),
            Self::Modbus { devices, .. } => ("Modbus", Protocol::ModbusTcp, devices.as_mut_slice()),
        };
        let mut taps = Vec::new();
        for place in places {
            let tap = Watched::open(name, protocol, place.port()).await?;
            place.set_port(tap.port());
            taps.push(tap);
        }
        Ok(taps)
    }
}

/// What each device holds; the last one may have fewer that are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared {
    pub(crate) registers: u16,
    pub(crate) stamps: u16,
}

impl Shared {
    /// A few stamps are enough to show how long a change takes.
    pub(crate) fn new(tags: usize, devices: usize) -> Result<Self> {
        let each = tags.div_ceil(devices);
        let stamps = (each / 10).clamp(1, 10);
        Ok(Self { registers: u16::try_from(each - stamps)?, stamps: u16::try_from(stamps)? })
    }

    /// Registers from the address 0 on.
    pub(crate) fn span(self) -> u16 {
        self.registers + self.stamps * STAMP_REGISTERS
    }

    /// Device, address and type of a tag.
    fn place(self, tag: usize) -> (usize, usize, &'static str) {
        let (registers, each) = (usize::from(self.registers), usize::from(self.registers + self.stamps));
        let (device, at) = (tag / each, tag % each);
        match at.checked_sub(registers) {
            None => (device, at, "u16"),
            Some(stamp) => (device, registers + stamp * usize::from(STAMP_REGISTERS), "u64"),
        }
    }
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
        Source::Modbus { devices, poll, .. } => {
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
        let (source, place, data) = match source {
            Source::OpcUa { .. } => (0, format!("ns=2;s=V-{tag}"), ""),
            Source::Modbus { shared, .. } => {
                let (device, address, data) = shared.place(tag);
                (device, format!("1/holding/{address}"), data)
            }
        };
        // A stamp is no value that a limit could be put on.
        let limited = if data == "u64" {
            ",,,,,,,,,,,"
        } else {
            &format!("%,-50,150,M-{},{LIMITS},1,0s,0s,high", tag % UNITS + 1)
        };
        let _ = writeln!(text, "T-{tag},点{tag},{},{place},{data},,{limited},,现场确认", id(source));
    }
    text
}

fn rows(head: &str, row: impl Fn(usize) -> String) -> String {
    (1..=UNITS).fold(format!("{head}\n"), |text, number| text + &row(number) + "\n")
}
