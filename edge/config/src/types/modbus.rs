//! What a Modbus source is.

use crate::{addresses, defaults};
use davy_core::id::SourceIx;
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

mod item;
mod limits;

pub use {item::*, limits::*};

/// A Modbus device, gateway or serial line, read by polling.
#[derive(Clone, Debug, PartialEq)]
pub struct ModbusSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// How it is reached.
    pub link: ModbusLink,
    /// How often everything is read that has no interval of its own.
    pub poll_interval_ms: u64,
    /// How one request is asked.
    pub pace: ModbusPace,
    /// What one request may cover.
    pub limits: ModbusLimits,
    /// Units with limits of their own.
    pub units: Vec<ModbusUnit>,
    /// Whether units are asked who they are, with function code 43/14.
    pub identify: bool,
    /// What to read.
    pub items: Vec<ModbusItem>,
}

/// How a line of Modbus is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModbusLink {
    /// The gateway connects.
    Connect {
        /// Where to.
        address: NetworkAddress,
        /// Where to when nothing is to be had there.
        backup: Option<NetworkAddress>,
        /// What is spoken.
        framing: ModbusFraming,
    },
    /// A serial line, RTU.
    Serial(SerialLine),
    /// The device connects.
    Listen {
        /// Where the gateway listens.
        address: SocketAddr,
        /// Who may connect; never empty.
        allow: Vec<IpRange>,
        /// What the device says of itself before anything else.
        registration: Option<String>,
        /// What is spoken.
        framing: ModbusFraming,
    },
}

/// How a frame of Modbus is written over a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModbusFraming {
    /// With the MBAP header, whose transaction id tells which question an answer belongs to.
    Tcp,
    /// As on a serial line, with a checksum. Nothing tells which question an answer belongs to.
    Rtu,
}

/// A host and a TCP port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkAddress {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl fmt::Display for NetworkAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// A serial line; a byte has eight bits, as RTU needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialLine {
    /// The device, `/dev/ttyS1`.
    pub path: String,
    /// Bits a second.
    pub baud: u32,
    /// The check bit of each byte.
    pub parity: SerialParity,
    /// 1 or 2.
    pub stop_bits: u8,
}

impl SerialLine {
    /// How long so many bytes are on the wire, in microseconds.
    #[must_use]
    pub fn wire_us(&self, bytes: u64) -> u64 {
        let check = u64::from(self.parity != SerialParity::None);
        let bits = bytes * (9 + check + u64::from(self.stop_bits));
        (bits * 1_000_000).div_ceil(u64::from(self.baud.max(1)))
    }
}

/// The check bit of a byte on a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SerialParity {
    /// There is none.
    None,
    /// Even.
    Even,
    /// Odd.
    Odd,
}

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpRange {
    /// Any of them.
    pub address: IpAddr,
    /// How many bits are the same.
    pub bits: u8,
}

impl IpRange {
    /// Whether an address is one of them; an IPv4 address that is written as an IPv6 one is the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// How one request is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModbusPace {
    /// How long a device may take to answer. On a serial line the time on the wire comes on top.
    pub timeout_ms: u64,
    /// How much later an answer may still come, which is then nobody's. Until then nothing else is asked
    /// where it could be taken for another one's.
    pub late_ms: u64,
    /// How often a request without an answer is repeated at once.
    pub retries: u32,
    /// A rest after connecting.
    pub pause_after_connect_ms: u64,
    /// A rest before each request.
    pub pause_between_requests_ms: u64,
}

impl Default for ModbusPace {
    fn default() -> Self {
        Self {
            timeout_ms: defaults::MODBUS_TIMEOUT_MS,
            late_ms: defaults::MODBUS_TIMEOUT_MS,
            retries: defaults::MODBUS_RETRIES,
            pause_after_connect_ms: 0,
            pause_between_requests_ms: 0,
        }
    }
}

impl NetworkAddress {
    /// Reads `host:port`, `host`, `[::1]:502`.
    ///
    /// # Errors
    /// What is wrong with it, and how it is written.
    pub fn parse(text: &str, default_port: u16) -> Result<Self, String> {
        addresses::host_port(text, default_port).map(|place| Self { host: place.host, port: place.port })
    }
}

impl ModbusLink {
    /// What is spoken.
    #[must_use]
    pub fn framing(&self) -> ModbusFraming {
        match self {
            Self::Connect { framing, .. } | Self::Listen { framing, .. } => *framing,
            Self::Serial(_) => ModbusFraming::Rtu,
        }
    }

    /// Whether an answer that comes late could be taken for another one's, so that it has to be waited for: in RTU always,
    /// and on a connection that cannot be made anew at will.
    #[must_use]
    pub fn waits_for_late_answers(&self) -> bool {
        self.framing() == ModbusFraming::Rtu || matches!(self, Self::Listen { .. })
    }

    /// The serial line, where it is one.
    #[must_use]
    pub fn serial(&self) -> Option<&SerialLine> {
        if let Self::Serial(line) = self { Some(line) } else { None }
    }
}

impl ModbusSource {
    /// What a request to a unit may cover.
    #[must_use]
    pub fn limits_of(&self, unit_id: u8) -> &ModbusLimits {
        self.units.iter().find(|unit| unit.unit_id == unit_id).map_or(&self.limits, |unit| &unit.limits)
    }

    /// How long a request without an answer holds up the line at most, in milliseconds.
    #[must_use]
    pub fn silence_ms(&self) -> u64 {
        let ModbusPace { timeout_ms, late_ms, retries, pause_after_connect_ms, .. } = self.pace;
        let pause_ms = if let ModbusLink::Connect { .. } = self.link { pause_after_connect_ms } else { 0 };
        let late_ms = if self.link.waits_for_late_answers() { late_ms } else { 0 };
        let wire_ms = self.link.serial().map_or(0, |line| line.wire_us(RTU_REQUEST_AND_ANSWER).div_ceil(1_000));
        (timeout_ms + late_ms + wire_ms + pause_ms) * (u64::from(retries) + 1)
    }
}

/// Bytes of the longest question and answer in RTU.
const RTU_REQUEST_AND_ANSWER: u64 = 8 + 255;
