//! A plume of gas over its detector and, thinned, over the neighbours.

use crate::{
    noise::lag,
    story::{self, Fault},
};

/// The leak lasts this part of its line of the story; then it is closed and the gas blows away.
const LEAK_PART: f64 = 0.6;
/// A neighbour gets this part of the peak, the next one half of it, and so on.
const NEIGHBOUR_PART: f64 = 0.25;
const LAG_S: f64 = 4.0;

/// Moves the gas at a detector on and gives it.
pub(super) fn step(gas: &mut f64, tag: &str, story_s: f64, dt_s: f64) -> f64 {
    *gas = lag(*gas, target(tag, story_s), LAG_S, dt_s);
    *gas
}

fn target(tag: &str, story_s: f64) -> f64 {
    let second = story_s.rem_euclid(story::CYCLE_S);
    let leaking = story::active(story_s).filter(|row| second < row.start_s + row.seconds * LEAK_PART);
    leaking.map(|row| at_detector(row.fault, tag)).fold(0.0, f64::max)
}

fn at_detector(fault: Fault, tag: &str) -> f64 {
    let Fault::Gas { detector, neighbours, peak, .. } = fault else { return 0.0 };
    if detector == tag {
        return peak;
    }
    let place = neighbours.iter().zip(0..).find(|(neighbour, _)| **neighbour == tag);
    place.map_or(0.0, |(_, place)| peak * NEIGHBOUR_PART / 2_f64.powi(place))
}
