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

/// What is wrong with the device behind a value, in the terms of NAMUR NE 107. "Maintenance required" has no status code: the
/// value is good (OPC 30142, 6.8.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceStatus {
    /// 故障: the output is not valid.
    Failure,
    /// 功能检查: somebody works on the device, or its value is put in by hand, simulated or calibrated.
    FunctionCheck,
    /// 超出规格: the device works outside the conditions that it is made for.
    OutOfSpecification,
}

/// What the value cannot pass (OPC 10000-4, 7.39.1, limit bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Limited {
    /// Its lower limit.
    Low,
    /// Its upper limit.
    High,
    /// It cannot move at all.
    Constant,
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

    /// What the status code says of the device; `None` where it says nothing of it.
    #[must_use]
    pub fn device_status(self) -> Option<DeviceStatus> {
        match self.0 >> 16 {
            0x8089 | 0x808B | 0x808C => Some(DeviceStatus::Failure),
            0x0096 | 0x4091 | 0x4209 | 0x420A | 0x808D => Some(DeviceStatus::FunctionCheck),
            0x4093..=0x4095 => Some(DeviceStatus::OutOfSpecification),
            _ => None,
        }
    }

    /// The limit bits, which count when the info type says that they are those of a value.
    #[must_use]
    pub fn limited(self) -> Option<Limited> {
        match self.0 & 0x0F00 {
            0x0500 => Some(Limited::Low),
            0x0600 => Some(Limited::High),
            0x0700 => Some(Limited::Constant),
            _ => None,
        }
    }

    /// Whether the value may be compared with a limit.
    #[must_use]
    pub fn is_usable(self) -> bool {
        self.severity() != Severity::Bad
    }
}

/// What process values come with (OPC 10000-8, 6.4), and what a server says of a node that it does not give (OPC 10000-4,
/// 7.39.2).
const NAMED: [(u32, &str); 18] = [
    (0x0096_0000, "GoodLocalOverride"),
    (0x408F_0000, "UncertainNoCommunicationLastUsableValue"),
    (0x4090_0000, "UncertainLastUsableValue"),
    (0x4091_0000, "UncertainSubstituteValue"),
    (0x4092_0000, "UncertainInitialValue"),
    (0x4093_0000, "UncertainSensorNotAccurate"),
    (0x4094_0000, "UncertainEngineeringUnitsExceeded"),
    (0x4095_0000, "UncertainSubNormal"),
    (0x4209_0000, "UncertainSimulatedValue"),
    (0x420A_0000, "UncertainSensorCalibration"),
    (0x800D_0000, "BadServerNotConnected"),
    (0x801F_0000, "BadUserAccessDenied"),
    (0x8033_0000, "BadNodeIdInvalid"),
    (0x803A_0000, "BadNotReadable"),
    (0x8089_0000, "BadConfigurationError"),
    (0x808A_0000, "BadNotConnected"),
    (0x808D_0000, "BadOutOfService"),
    (0x8099_0000, "BadConditionDisabled"),
];

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
            Self(code) => match NAMED.iter().find(|(named, _)| *named == code) {
                Some((_, name)) => name,
                None => return write!(f, "{:?} 0x{:08X}", self.severity(), self.0),
            },
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
        // The lower half, such as limit and overflow bits, is no part of the name.
        assert_eq!(Quality(0x4090_0480).to_string(), "UncertainLastUsableValue");
        assert_eq!(Quality(0x8055_0000).to_string(), "Bad 0x80550000");
    }

    #[test]
    fn what_is_wrong_with_the_device_is_told_apart() {
        use DeviceStatus::{Failure, FunctionCheck, OutOfSpecification};
        for (code, status) in [
            (0, None),
            (0x0096_0000, Some(FunctionCheck)),
            (0x4090_0000, None),
            (0x4091_0000, Some(FunctionCheck)),
            (0x4093_0000, Some(OutOfSpecification)),
            (0x4094_0600, Some(OutOfSpecification)),
            (0x4095_0000, Some(OutOfSpecification)),
            (0x4209_0000, Some(FunctionCheck)),
            (0x420A_0000, Some(FunctionCheck)),
            (0x8031_0000, None),
            (0x8089_0000, Some(Failure)),
            (0x808B_0000, Some(Failure)),
            (0x808C_0400, Some(Failure)),
            (0x808D_0000, Some(FunctionCheck)),
        ] {
            assert_eq!(Quality(code).device_status(), status, "{code:#x}");
        }
        for (code, limited) in [
            (0x0400, None),
            (0x0500, Some(Limited::Low)),
            (0x0600, Some(Limited::High)),
            (0x0780, Some(Limited::Constant)),
            // Without the info type of a value they mean nothing.
            (0x0300, None),
            (0x0B00, None),
        ] {
            assert_eq!(Quality(0x4094_0000 | code).limited(), limited, "{code:#x}");
        }
    }
}
