//! What a tag measures, as its engineering unit and the first letter of its id tell, and what follows for its deadband and
//! off-delay.

use crate::defaults;

/// The four quantities for which ISA-18.2 suggests a deadband and an off-delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    Temperature,
    Pressure,
    Level,
    Flow,
}

const TEMPERATURE: &[&str] = &["℃", "°c", "℉", "°f", "k"];
const PRESSURE: &[&str] =
    &["pa", "hpa", "kpa", "mpa", "bar", "mbar", "psi", "mmhg", "mmh2o", "mmh₂o", "inh2o", "kgf/cm2", "kgf/cm²"];
/// Units in which a level is given, and other things as well.
const OF_LEVELS: &[&str] = &["%", "m", "cm", "mm"];
/// What a flow is counted by.
const PER_TIME: &[&str] = &["/h", "/hr", "/min", "/s", "/d"];
/// What flows: volume or mass.
const AMOUNTS: &[&str] = &["m3", "m³", "nm3", "nm³", "l", "t", "kg", "g"];

impl Quantity {
    /// From an engineering unit such as `℃`, `kPa(G)` or `m3/h`. A unit in which much is measured, as `%`, counts as that of
    /// a level where the tag's first letter is L (ISA-5.1, HG/T 20505: the measured variable); `None` where it stays open.
    pub(crate) fn of(tag: &str, unit: &str) -> Option<Self> {
        let unit = unit.trim().to_lowercase();
        // The kind of a pressure, gauge or absolute.
        let plain = ["(g)", "(a)", "g", "a"].iter().find_map(|kind| unit.strip_suffix(kind).map(str::trim));
        let is_one_of = |units: &[&str]| units.contains(&unit.as_str());
        if is_one_of(TEMPERATURE) {
            Some(Self::Temperature)
        } else if is_one_of(PRESSURE) || plain.is_some_and(|plain| PRESSURE.contains(&plain)) {
            Some(Self::Pressure)
        } else if PER_TIME.iter().filter_map(|time| unit.strip_suffix(time)).any(|amount| AMOUNTS.contains(&amount)) {
            Some(Self::Flow)
        } else if is_one_of(OF_LEVELS) && tag.starts_with(['L', 'l']) {
            Some(Self::Level)
        } else {
            None
        }
    }
}

/// The deadband as a part of the range.
pub(crate) fn deadband_of_range(quantity: Option<Quantity>) -> f64 {
    match quantity {
        Some(Quantity::Temperature) => defaults::TEMPERATURE_DEADBAND,
        Some(Quantity::Pressure) => defaults::PRESSURE_DEADBAND,
        Some(Quantity::Level) => defaults::LEVEL_DEADBAND,
        Some(Quantity::Flow) => defaults::FLOW_DEADBAND,
        None => defaults::DEADBAND_OF_RANGE,
    }
}

/// The off-delay of limits.
pub(crate) fn off_delay_ms(quantity: Option<Quantity>) -> u64 {
    match quantity {
        Some(Quantity::Temperature | Quantity::Level) => defaults::SLOW_OFF_DELAY_MS,
        Some(Quantity::Pressure | Quantity::Flow) => defaults::FAST_OFF_DELAY_MS,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Quantity, Quantity::*};

    #[test]
    fn the_unit_tells_what_is_measured() {
        for (tag, unit, quantity) in [
            ("TI-1101", "℃", Some(Temperature)),
            ("X", " °C ", Some(Temperature)),
            ("PT-1", "MPa", Some(Pressure)),
            ("PT-1", "kPa(G)", Some(Pressure)),
            ("PT-1", "kPaA", Some(Pressure)),
            ("PT-1", "barg", Some(Pressure)),
            ("PT-1", "bar a", Some(Pressure)),
            ("PT-1", "kgf/cm²", Some(Pressure)),
            ("FI-1", "m3/h", Some(Flow)),
            ("FI-1", "Nm³/h", Some(Flow)),
            ("FI-1", "kg/min", Some(Flow)),
            ("LI-1101", "%", Some(Level)),
            ("LT-1101", "mm", Some(Level)),
            ("LI-1101", "℃", Some(Temperature)),
            // An opening, a displacement, a speed, a concentration: not to be guessed.
            ("ZI-1101", "%", None),
            ("ZI-1101", "mm", None),
            ("SI-1", "r/min", None),
            ("VI-1", "mm/s", None),
            ("AI-1", "mg/m3", None),
            ("GT-2101", "%LEL", None),
            ("II-1", "A", None),
            ("II-1", "", None),
        ] {
            assert_eq!(Quantity::of(tag, unit), quantity, "{tag} in {unit:?}");
        }
    }
}
