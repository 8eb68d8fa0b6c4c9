//! A tank: a level that flows move, and the level switch that closes the inlet.

use crate::{
    description::{Duty, TankQuantity, TankSpec},
    noise::{Noise, Wander, lag},
    story::Fault,
};

pub(super) struct Tank {
    spec: &'static TankSpec,
    duty: Duty,
    /// Percent.
    level: f64,
    /// m³/h.
    inlet: f64,
    outlet: f64,
    /// The level switch has closed the inlet.
    tripped: bool,
    temperature: Wander,
    pressure: Wander,
    temperature_now: f64,
    pressure_now: f64,
}

/// Levels move this much faster than the flows say, so that a tank that takes half an hour to overfill does so within a
/// line of the story.
const TIME_LAPSE: f64 = 50.0;
/// Flow of the ordinary duty, m³/h.
const DUTY_FLOW: f64 = 60.0;
/// Flow of the story's overfill and pump-down, m³/h.
const STORY_FLOW: f64 = 380.0;
/// A tank on duty is filled up to the second and emptied down to the first, percent.
const WORKING: (f64, f64) = (35.0, 72.0);
/// The level switch closes the inlet here, above the high-high alarm, and lets go below the second, percent.
const SWITCH_HIGH: (f64, f64) = (92.0, 88.0);
const SWITCH_LOW: f64 = 4.0;
/// A pump-down tapers off over this many percent before the level it aims at.
const TAPER: f64 = 3.0;
/// Valves and pumps follow within about this time.
const FLOW_LAG_S: f64 = 1.5;
/// Below this flow a valve counts as closed, m³/h.
const FLOW_MIN: f64 = 2.0;

impl Tank {
    pub(super) fn new(spec: &'static TankSpec) -> Self {
        let swing = if spec.sphere { 0.015 } else { 0.08 };
        Self {
            spec,
            duty: spec.duty,
            level: spec.level,
            inlet: 0.0,
            outlet: 0.0,
            tripped: false,
            temperature: Wander::new(spec.temperature, 0.8, 0.05, 30.0),
            pressure: Wander::new(spec.pressure, swing, swing / 5.0, 12.0),
            temperature_now: spec.temperature,
            pressure_now: spec.pressure,
        }
    }

    pub(super) fn step(&mut self, dt_s: f64, faults: &[Fault], random: &mut Noise) {
        self.switch();
        let (inlet, outlet) = self.wanted(faults);
        self.inlet = lag(self.inlet, inlet, FLOW_LAG_S, dt_s);
        self.outlet = lag(self.outlet, outlet, FLOW_LAG_S, dt_s);
        let percent_per_s = (self.inlet - self.outlet) * TIME_LAPSE / 3_600.0 / self.spec.capacity_m3 * 100.0;
        self.level = (self.level + percent_per_s * dt_s).clamp(0.0, 100.0);
        self.temperature_now = self.temperature.step(dt_s, random);
        self.pressure_now = self.pressure.step(dt_s, random);
    }

    fn switch(&mut self) {
        self.tripped = self.level >= if self.tripped { SWITCH_HIGH.1 } else { SWITCH_HIGH.0 };
        self.duty = match self.duty {
            Duty::Receiving if self.level >= WORKING.1 => Duty::Delivering,
            Duty::Delivering if self.level <= WORKING.0 => Duty::Receiving,
            Duty::Resting | Duty::Receiving | Duty::Delivering => self.duty,
        };
    }

    /// Inlet and outlet flow.
    fn wanted(&self, faults: &[Fault]) -> (f64, f64) {
        let number = self.spec.number;
        let overfills = faults.iter().any(|fault| matches!(fault, Fault::Overfill { tank } if *tank == number));
        let pumped = faults.iter().any(|fault| matches!(fault, Fault::PumpDown { tank } if *tank == number));
        match self.duty {
            _ if pumped => (0.0, STORY_FLOW * ((self.level - self.spec.level) / TAPER).clamp(0.0, 1.0)),
            _ if self.tripped => (0.0, 0.0),
            _ if overfills => (STORY_FLOW, 0.0),
            Duty::Resting => (0.0, 0.0),
            Duty::Receiving => (DUTY_FLOW, 0.0),
            Duty::Delivering => (0.0, DUTY_FLOW),
        }
    }

    /// A quantity with the noise of its transmitter, given from -1 to 1.
    pub(super) fn quantity(&self, quantity: TankQuantity, noise: f64) -> f64 {
        let volume = self.level / 100.0 * self.spec.capacity_m3;
        let running = self.outlet > FLOW_MIN;
        // A pump at rest draws, moves and shakes nothing.
        let pump = |at_work: f64, swing: f64| if running { at_work + swing * noise } else { 0.0 };
        match quantity {
            TankQuantity::Level => self.level + 0.05 * noise,
            TankQuantity::LevelSecond => self.level - 0.3 + 0.1 * noise,
            TankQuantity::Volume => volume,
            TankQuantity::Mass => volume * self.spec.density / 1_000.0,
            TankQuantity::Temperature => self.temperature_now + 0.1 * noise,
            TankQuantity::Pressure => self.vapour(),
            TankQuantity::InletFlow => flow(self.inlet, noise),
            TankQuantity::OutletFlow => flow(self.outlet, noise),
            TankQuantity::InletPosition => position(self.inlet),
            TankQuantity::OutletPosition => position(self.outlet),
            TankQuantity::InletOpen => bit(self.inlet > FLOW_MIN),
            TankQuantity::OutletOpen | TankQuantity::PumpRunning => bit(running),
            TankQuantity::LevelSwitchHigh => bit(self.tripped),
            TankQuantity::LevelSwitchLow => bit(self.level <= SWITCH_LOW),
            TankQuantity::PumpCurrent => pump(46.0 + 0.05 * self.outlet, 0.5),
            TankQuantity::DischargePressure => pump(0.62, 0.01),
            TankQuantity::Vibration => pump(2.2, 0.2),
        }
    }

    /// Filling presses the blanket of an atmospheric tank together; a sphere keeps its vapour pressure.
    fn vapour(&self) -> f64 {
        let pressed = if self.spec.sphere { 0.0 } else { 0.0005 * (self.inlet - self.outlet) };
        self.pressure_now + pressed
    }
}

fn flow(flow: f64, noise: f64) -> f64 {
    if flow > FLOW_MIN { flow + 0.5 * noise } else { 0.0 }
}

fn position(flow: f64) -> f64 {
    if flow > FLOW_MIN { (20.0 + 70.0 * flow / STORY_FLOW).min(100.0) } else { 0.0 }
}

fn bit(on: bool) -> f64 {
    f64::from(u8::from(on))
}
