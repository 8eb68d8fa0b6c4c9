//! What moves in the plant: a pure function of the seed and the story's time. It must never read a clock.

mod plume;
mod reactor;
mod tank;

use crate::{
    description::{Kind, Physics, Point, REACTORS, TANKS},
    limits,
    noise::{Noise, Wander},
    story::{self, Fault},
};
use reactor::Reactor;
use std::sync::Arc;
use tank::Tank;

/// What an instrument says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) value: f64,
    /// The transmitter says that its sensor has failed; the value is its last one.
    pub(crate) bad: bool,
}

/// The plant in motion.
pub(crate) struct Process {
    points: Arc<[Point]>,
    random: Noise,
    story_s: f64,
    tanks: Vec<Tank>,
    reactors: Vec<Reactor>,
    /// For each point: its own drift, or the noise of its transmitter.
    wanders: Vec<Wander>,
    /// For each point: the gas that has reached it.
    plumes: Vec<f64>,
    readings: Vec<Reading>,
}

/// A drifting value takes about this long to follow its mean.
const DRIFT_LAG_S: f64 = 8.0;

impl Process {
    /// The plant at the beginning of the story.
    pub(crate) fn new(points: Arc<[Point]>, seed: u64) -> Self {
        let mut process = Self {
            random: Noise::new(seed),
            story_s: 0.0,
            tanks: TANKS.iter().map(Tank::new).collect(),
            reactors: REACTORS.iter().map(Reactor::new).collect(),
            wanders: points.iter().map(wander).collect(),
            plumes: vec![0.0; points.len()],
            readings: vec![Reading { value: 0.0, bad: false }; points.len()],
            points,
        };
        process.step(limits::STEP_S);
        process.story_s = 0.0;
        process
    }

    /// Moves on to a story time; an earlier one changes nothing.
    pub(crate) fn advance(&mut self, to_s: f64) {
        while self.story_s < to_s {
            self.step((to_s - self.story_s).min(limits::STEP_S));
        }
    }

    /// What every instrument says, in the order of the points.
    pub(crate) fn readings(&self) -> &[Reading] {
        &self.readings
    }

    fn step(&mut self, dt_s: f64) {
        self.story_s += dt_s;
        let faults: Vec<Fault> = story::active(self.story_s).map(|row| row.fault).collect();
        self.tanks.iter_mut().for_each(|tank| tank.step(dt_s, &faults, &mut self.random));
        self.reactors.iter_mut().for_each(|reactor| reactor.step(dt_s, &mut self.random));
        for at in 0..self.points.len() {
            let bad =
                faults.iter().any(|fault| matches!(fault, Fault::BadSensor { tag } if *tag == self.points[at].tag));
            let value = self.value(at, dt_s);
            // A failed transmitter holds its last value.
            let value = if bad { self.readings[at].value } else { value };
            self.readings[at] = Reading { value, bad };
        }
    }

    fn value(&mut self, at: usize, dt_s: f64) -> f64 {
        let point = &self.points[at];
        let own = self.wanders[at].step(dt_s, &mut self.random);
        let raw = match point.physics {
            Physics::Fixed(value) => value,
            Physics::Drift { .. } => own,
            Physics::Tank(place, quantity) => self.tanks[place].quantity(quantity, own),
            Physics::Reactor(place, quantity) => self.reactors[place].quantity(quantity, own),
            Physics::Gas { .. } => own + plume::step(&mut self.plumes[at], &point.tag, self.story_s, dt_s),
        };
        match point.kind {
            Kind::State => raw,
            Kind::Analog => resolve(point, raw),
        }
    }
}

/// The value within the range, with the digits that the instrument resolves.
fn resolve(point: &Point, raw: f64) -> f64 {
    let (low, high) = point.range.unwrap_or((f64::MIN, f64::MAX));
    let step = 10_f64.powi(point.decimals);
    (raw.clamp(low, high) * step).round() / step
}

fn wander(point: &Point) -> Wander {
    match point.physics {
        Physics::Drift { mean, swing, noise } => Wander::new(mean, swing, noise, DRIFT_LAG_S),
        Physics::Gas { background } => Wander::new(background, background * 0.3, background * 0.1, DRIFT_LAG_S),
        // Noise from -1 to 1, which each quantity scales.
        Physics::Tank(..) | Physics::Reactor(..) | Physics::Fixed(_) => Wander::new(0.0, 0.0, 1.0, DRIFT_LAG_S),
    }
}

#[cfg(test)]
mod tests;
