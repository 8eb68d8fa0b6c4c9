//! The quality of a value: an OPC UA status code (OPC 10000-4, 7.39), also for Modbus and MQTT.
//!
//! The two top bits are the severity. Connectors pass a server's code on unchanged and use the constants here for what
//! goes wrong on their own side. Bad, stale and absent are states of their own, never "normal".

use serde::{Deserialize, Serialize};
use std::fmt;

/// An OPC UA status code, 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Quality(pub u32);

/// The severity of a status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The value can be used.
    Good,
    /// The value can be used with doubt; it is evaluated and shown as uncertain.
    Uncertain,
    /// The value cannot be used.
    Bad,
}

impl Quality {
    /// The value can be used.
    pub const GOOD: Self = Self(0);
    /// The value may be wrong, for instance the last known one.
    pub const UNCERTAIN: Self = Self(0x4000_0000);
    /// The value is bad and nothing more is known.
    pub const BAD: Self = Self(0x8000_0000);
    /// The data could not be decoded: a Modbus answer of the wrong shape, a number that is not finite.
    pub const BAD_DECODING: Self = Self(0x8007_0000);
    /// No answer in time.
    pub const BAD_TIMEOUT: Self = Self(0x800A_0000);
    /// The connection to the source is lost.
    pub const BAD_NO_COMMUNICATION: Self = Self(0x8031_0000);
    /// No value has arrived yet.
    pub const BAD_WAITING: Self = Self(0x8032_0000);
    /// The node does not exist on the server.
    pub const BAD_NODE_UNKNOWN: Self = Self(0x8034_0000);
    /// The value has a type that is no number and no boolean.
    pub const BAD_TYPE: Self = Self(0x8074_0000);
    /// A device failure told by the device: a Modbus exception "slave device failure".
    pub const BAD_DEVICE: Self = Self(0x808B_0000);
    /// The address is refused by the device: a Modbus exception "illegal data address".
    pub const BAD_ADDRESS: Self = Self(0x803C_0000);
    /// The sensor behind the value has failed.
    pub const BAD_SENSOR: Self = Self(0x808C_0000);
    /// No value arrived within the tag's limit. OPC UA has no code of its own for it; this is `BadNoData`.
    pub const BAD_STALE: Self = Self(0x809B_0000);

    /// The severity, from the two top bits; the reserved fourth value counts as bad.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self.0 >> 30 {
            0 => Severity::Good,
            1 => Severity::Uncertain,
            _ => Severity::Bad,
        }
    }

    /// Whether the value may be compared with a limit.
    #[must_use]
    pub fn is_usable(self) -> bool {
        self.severity() != Severity::Bad
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match Self(self.0 & 0xFFFF_0000) {
            Self::GOOD => "Good",
            Self::UNCERTAIN => "Uncertain",
            Self::BAD => "Bad",
            Self::BAD_DECODING => "BadDecodingError",
            Self::BAD_TIMEOUT => "BadTimeout",
            Self::BAD_NO_COMMUNICATION => "BadNoCommunication",
            Self::BAD_WAITING => "BadWaitingForInitialData",
            Self::BAD_NODE_UNKNOWN => "BadNodeIdUnknown",
            Self::BAD_TYPE => "BadTypeMismatch",
            Self::BAD_DEVICE => "BadDeviceFailure",
            Self::BAD_ADDRESS => "BadOutOfRange",
            Self::BAD_SENSOR => "BadSensorFailure",
            Self::BAD_STALE => "BadNoData",
            Self(_) => return write!(f, "{:?} 0x{:08X}", self.severity(), self.0),
        };
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_is_in_the_two_top_bits() {
        for (code, severity) in [
            (0, Severity::Good),
            (0x00A2_0000, Severity::Good),
            (0x4090_0000, Severity::Uncertain),
            (0x8000_0000, Severity::Bad),
            (0x808C_0000, Severity::Bad),
            (0xC000_0000, Severity::Bad),
        ] {
            assert_eq!(Quality(code).severity(), severity, "{code:#x}");
        }
        assert_eq!(Quality::BAD_SENSOR.to_string(), "BadSensorFailure");
        assert_eq!(Quality(0x8055_0000).to_string(), "Bad 0x80550000");
    }
}
