//! A reactor: heat that wanders and cooling that follows it.

use crate::{
    description::{ReactorQuantity, ReactorSpec},
    noise::{Noise, Wander},
};

pub(super) struct Reactor {
    spec: &'static ReactorSpec,
    /// How far the core is from its temperature, ℃.
    heat: Wander,
    excess: f64,
}

/// Feed of methanol, m³/h.
const FEED: f64 = 21.0;
/// Cooling water returns at this temperature, ℃.
const COOLING_RETURN: f64 = 36.0;
/// Position of the cooling valve in percent, and how far it opens for each degree too much.
const COOLING_POSITION: f64 = 55.0;
const COOLING_GAIN: f64 = 3.0;
/// m³/h of cooling water for each percent.
const COOLING_FLOW: f64 = 4.2;
/// MPa for each degree.
const PRESSURE_GAIN: f64 = 0.02;

impl Reactor {
    pub(super) fn new(spec: &'static ReactorSpec) -> Self {
        Self { spec, heat: Wander::new(0.0, 1.5, 0.1, 20.0), excess: 0.0 }
    }

    pub(super) fn step(&mut self, dt_s: f64, random: &mut Noise) {
        self.excess = self.heat.step(dt_s, random);
    }

    /// A quantity with the noise of its transmitter, given from -1 to 1.
    pub(super) fn quantity(&self, quantity: ReactorQuantity, noise: f64) -> f64 {
        let position = COOLING_POSITION + COOLING_GAIN * self.excess;
        match quantity {
            ReactorQuantity::Temperature(offset) => self.spec.temperature + self.excess + offset + 0.1 * noise,
            ReactorQuantity::CoolingReturn => COOLING_RETURN + 0.6 * self.excess + 0.1 * noise,
            ReactorQuantity::Pressure => self.spec.pressure + PRESSURE_GAIN * self.excess + 0.004 * noise,
            ReactorQuantity::Feed => FEED + 0.2 * noise,
            ReactorQuantity::CoolingFlow => COOLING_FLOW * position + noise,
            ReactorQuantity::CoolingPosition => position + 0.1 * noise,
        }
    }
}
