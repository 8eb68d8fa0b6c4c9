//! What a Modbus source is.

use davy_core::id::{SourceIx, TagIx};

/// A Modbus TCP device or gateway, read by polling.
#[derive(Clone, Debug)]
pub struct ModbusSource {
    /// Its place in `site.sources`.
    pub source: SourceIx,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How often everything is read.
    pub poll_interval_ms: u64,
    /// How long one request may take.
    pub timeout_ms: u64,
    /// Registers that may be read for nothing between two wanted ones, so that they share a request.
    pub gap_max: u16,
    /// What to read.
    pub items: Vec<ModbusItem>,
}

/// A Modbus value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModbusItem {
    /// The tag.
    pub tag: TagIx,
    /// Unit id on the line, 0 to 255.
    pub unit_id: u8,
    /// Which of the four tables.
    pub table: ModbusTable,
    /// 0-based address, as on the wire.
    pub address: u16,
    /// How to read it.
    pub data: ModbusData,
    /// Order of bytes and words.
    pub order: ByteOrder,
    /// The engineering value is `raw * scale + offset`.
    pub scale: f64,
    /// See `scale`.
    pub offset: f64,
}

/// The four tables, read with function codes 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModbusTable {
    /// Function code 1.
    Coil,
    /// Function code 2.
    Discrete,
    /// Function code 3.
    Holding,
    /// Function code 4.
    Input,
}

/// The type of a Modbus value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModbusData {
    /// A coil or discrete input, or the lowest bit of a register.
    Bool,
    /// 16 bits unsigned.
    U16,
    /// 16 bits signed.
    I16,
    /// 32 bits unsigned.
    U32,
    /// 32 bits signed.
    I32,
    /// IEEE 754, 32 bits.
    F32,
    /// 64 bits unsigned.
    U64,
    /// 64 bits signed.
    I64,
    /// IEEE 754, 64 bits.
    F64,
}

impl ModbusData {
    /// How many registers the value takes.
    #[must_use]
    pub fn registers(self) -> u16 {
        match self {
            Self::Bool | Self::U16 | Self::I16 => 1,
            Self::U32 | Self::I32 | Self::F32 => 2,
            Self::U64 | Self::I64 | Self::F64 => 4,
        }
    }
}

/// The order of bytes in a value of several registers, written as the bytes of a 32-bit value appear on the wire, `A`
/// being the most significant. For 64 bits the same swaps apply (`Cdab`: words reversed, bytes kept).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Big-endian, the Modbus default.
    Abcd,
    /// Words swapped.
    Cdab,
    /// Bytes swapped within each word.
    Badc,
    /// Little-endian.
    Dcba,
}
