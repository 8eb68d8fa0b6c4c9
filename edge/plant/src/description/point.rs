//! One instrument: its tag, where it is read, what moves it and which limits watch it.

use super::Gas;
use davy_core::model::Priority;

/// One instrument.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) tag: String,
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) kind: Kind,
    pub(crate) engineering_unit: &'static str,
    pub(crate) range: Option<(f64, f64)>,
    /// Digits after the point that the instrument resolves.
    pub(crate) decimals: i32,
    pub(crate) physics: Physics,
    /// The risk unit.
    pub(crate) unit: &'static str,
    pub(crate) watch: Option<Watch>,
    /// What a gas detector detects.
    pub(crate) gas: Option<Gas>,
}

/// Where an instrument is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// The node `ns=2;s=<tag>`, in a folder.
    OpcUa {
        folder: &'static str,
    },
    Modbus(Register),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Register {
    pub(crate) unit_id: u8,
    pub(crate) table: Table,
    /// 0-based.
    pub(crate) address: u16,
    pub(crate) data: Data,
    /// The engineering value is raw × scale.
    pub(crate) scale: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Coil,
    Discrete,
    Holding,
    Input,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Bool,
    I16,
    /// IEEE 754, low word first (CDAB).
    F32,
}

impl Data {
    /// Registers taken; a bit takes none.
    pub(crate) fn registers(self) -> u16 {
        match self {
            Self::Bool => 0,
            Self::I16 => 1,
            Self::F32 => 2,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Analog,
    /// On or off.
    State,
}

/// What moves an instrument.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Physics {
    /// A slow drift about a mean, bounded by `swing + noise`.
    Drift { mean: f64, swing: f64, noise: f64 },
    /// It stays.
    Fixed(f64),
    /// A tank of `TANKS`.
    Tank(usize, TankQuantity),
    /// A reactor of `REACTORS`.
    Reactor(usize, ReactorQuantity),
    /// A gas detector: a small background and the story's plume.
    Gas { background: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TankQuantity {
    Level,
    LevelSecond,
    Volume,
    Mass,
    Temperature,
    Pressure,
    InletFlow,
    OutletFlow,
    InletPosition,
    OutletPosition,
    InletOpen,
    OutletOpen,
    LevelSwitchHigh,
    LevelSwitchLow,
    PumpRunning,
    PumpCurrent,
    DischargePressure,
    Vibration,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ReactorQuantity {
    /// The core with this offset.
    Temperature(f64),
    CoolingReturn,
    Pressure,
    Feed,
    CoolingFlow,
    CoolingPosition,
}

/// Which limits watch an instrument.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) limits: Limits,
    pub(crate) deadband: f64,
    pub(crate) priority: Priority,
    pub(crate) measure: &'static str,
    pub(crate) guidance: &'static str,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) low_low: Option<f64>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) high_high: Option<f64>,
}

impl Limits {
    pub(crate) const fn high(high: f64, high_high: f64) -> Self {
        Self { low_low: None, low: None, high: Some(high), high_high: Some(high_high) }
    }

    pub(crate) const fn low(low_low: f64, low: f64) -> Self {
        Self { low_low: Some(low_low), low: Some(low), high: None, high_high: None }
    }

    pub(crate) const fn both(low_low: f64, low: f64, high: f64, high_high: f64) -> Self {
        Self { low_low: Some(low_low), low: Some(low), high: Some(high), high_high: Some(high_high) }
    }
}

impl Point {
    /// A measurement with its range.
    pub(crate) fn analog(tag: String, name: String, unit: &'static str, range: (f64, f64), decimals: i32) -> Self {
        Self {
            tag,
            name,
            place: Place::OpcUa { folder: "" },
            kind: Kind::Analog,
            engineering_unit: unit,
            range: Some(range),
            decimals,
            physics: Physics::Fixed(range.0),
            unit: "",
            watch: None,
            gas: None,
        }
    }

    /// A feedback that is on or off.
    pub(crate) fn state(tag: String, name: String) -> Self {
        Self { kind: Kind::State, range: None, ..Self::analog(tag, name, "", (0.0, 1.0), 0) }
    }

    pub(crate) fn moved_by(self, physics: Physics) -> Self {
        Self { physics, ..self }
    }

    pub(crate) fn drifting(self, mean: f64, swing: f64, noise: f64) -> Self {
        self.moved_by(Physics::Drift { mean, swing, noise })
    }

    pub(crate) fn watched(self, watch: Watch) -> Self {
        Self { watch: Some(watch), ..self }
    }

    pub(crate) fn of_gas(self, gas: Gas) -> Self {
        Self { gas: Some(gas), ..self }
    }

    pub(crate) fn on_opcua(self, folder: &'static str, unit: &'static str) -> Self {
        Self { place: Place::OpcUa { folder }, unit, ..self }
    }

    pub(crate) fn on_modbus(self, register: Register, unit: &'static str) -> Self {
        Self { place: Place::Modbus(register), unit, ..self }
    }
}
