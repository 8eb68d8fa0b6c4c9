//! What a Modbus value is.

use davy_core::id::TagIx;
use std::sync::Arc;

/// A Modbus value.
#[derive(Clone, Debug, PartialEq)]
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
    /// Of a text, the number that it means.
    pub texts: Option<Arc<ModbusTexts>>,
    /// How often it is read.
    pub poll_ms: u64,
}

/// What texts mean as numbers, for instance `RUN` 1 and `STOP` 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModbusTexts(pub Vec<(String, f64)>);

impl ModbusTexts {
    /// The number of a text, exactly as it is written; `None` for one that is not known.
    #[must_use]
    pub fn number(&self, text: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| known == text).map(|&(_, number)| number)
    }
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

impl ModbusTable {
    /// Whether its entries are bits and not registers.
    #[must_use]
    pub fn is_of_bits(self) -> bool {
        matches!(self, Self::Coil | Self::Discrete)
    }

    /// As in addresses: `holding`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Coil => "coil",
            Self::Discrete => "discrete",
            Self::Holding => "holding",
            Self::Input => "input",
        }
    }
}

/// The type of a Modbus value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModbusData {
    /// A coil or discrete input, or the lowest bit of a register.
    Bool,
    /// A bit of a register, 0 to 15, 0 being the lowest.
    Bit(u8),
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
    /// Four decimal digits, one in each half of a byte.
    Bcd16,
    /// Eight decimal digits.
    Bcd32,
    /// A text of so many characters of one byte, two in a register.
    Text(u8),
}

impl ModbusData {
    /// How many registers the value takes; a bit of a table of bits takes one entry.
    #[must_use]
    pub fn registers(self) -> u16 {
        match self {
            Self::Bool | Self::Bit(_) | Self::U16 | Self::I16 | Self::Bcd16 => 1,
            Self::U32 | Self::I32 | Self::F32 | Self::Bcd32 => 2,
            Self::U64 | Self::I64 | Self::F64 => 4,
            Self::Text(characters) => u16::from(characters).div_ceil(2),
        }
    }
}

/// The order of bytes in a value of several registers, written as its bytes appear on the wire, `A` being the most
/// significant. Three swaps make eight orders of 64 bits: of the bytes in a word, the words in a half, the halves. 32 bits
/// have no halves, so four orders. A name of four letters means for 64 bits that all words are reversed or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Big-endian, the Modbus default; `ABCDEFGH`.
    Abcd,
    /// Words reversed; `GHEFCDAB`.
    Cdab,
    /// Bytes swapped within each word; `BADCFEHG`.
    Badc,
    /// Little-endian; `HGFEDCBA`.
    Dcba,
    /// 64 bits: words swapped within each half.
    Cdabghef,
    /// 64 bits: each half little-endian.
    Dcbahgfe,
    /// 64 bits: halves swapped.
    Efghabcd,
    /// 64 bits: halves swapped and bytes within each word.
    Fehgbadc,
}

impl ByteOrder {
    /// What is swapped: the bytes in a word, the words in 32 bits, the halves of 64 bits.
    #[must_use]
    pub fn swaps(self) -> (bool, bool, bool) {
        match self {
            Self::Abcd => (false, false, false),
            Self::Cdab => (false, true, true),
            Self::Badc => (true, false, false),
            Self::Dcba => (true, true, true),
            Self::Cdabghef => (false, true, false),
            Self::Dcbahgfe => (true, true, false),
            Self::Efghabcd => (false, false, true),
            Self::Fehgbadc => (true, false, true),
        }
    }
}
