//! What one request may cover.

use super::ModbusTable;

/// What one request to a unit may cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusLimits {
    /// Entries that may be read for nothing between two wanted ones, so that they share a request.
    pub gap_max: u16,
    /// Registers of one request, 1 to 125.
    pub registers_max: u16,
    /// Bits of one request, 1 to 2000.
    pub bits_max: u16,
    /// Whether each value has a request of its own.
    pub one_by_one: bool,
    /// What no request covers.
    pub forbidden: Vec<ModbusSpan>,
}

/// A unit with limits of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusUnit {
    /// Unit id on the line.
    pub unit_id: u8,
    /// Its limits; what the source forbids is among them.
    pub limits: ModbusLimits,
}

/// Entries of a table, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModbusSpan {
    /// Which of the four tables.
    pub table: ModbusTable,
    /// 0-based.
    pub first: u16,
    /// 0-based, not less than `first`.
    pub last: u16,
}

impl ModbusLimits {
    /// The most entries that one request for a table may cover.
    #[must_use]
    pub fn longest(&self, table: ModbusTable) -> u32 {
        u32::from(if table.is_of_bits() { self.bits_max } else { self.registers_max })
    }

    /// Whether a span of a table, from its first entry to one beyond its last, touches what is forbidden.
    #[must_use]
    pub fn forbids(&self, table: ModbusTable, start: u32, end: u32) -> bool {
        self.forbidden
            .iter()
            .any(|span| span.table == table && u32::from(span.first) < end && start <= u32::from(span.last))
    }
}
