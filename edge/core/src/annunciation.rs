//! Lamp, horn and relay, from the worst alarm that still wants attention.

use serde::{Deserialize, Serialize};
use crate::time::UtcTime;

/// The colour of the lamp, after IEC 60073: red danger, yellow abnormal, blue mandatory action, green normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LampColour {
    /// Nothing is active.
    Green,
    /// The worst is low.
    Blue,
    /// The worst is medium.
    Yellow,
    /// The worst is high.
    Amber,
    /// The worst is critical.
    Red,
}

/// How the lamp shines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LampPattern {
    /// Active and acknowledged, or normal.
    Steady,
    /// Active and unacknowledged.
    Flash,
    /// Gone, and nobody has acknowledged.
    SlowFlash,
}

/// What lamp, horn and relay do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annunciation {
    /// The lamp's colour.
    pub lamp: LampColour,
    /// The lamp's pattern.
    pub pattern: LampPattern,
    /// Whether the horn sounds.
    pub horn: bool,
    /// Whether the siren relay is pulled in.
    pub relay: bool,
    /// Until when the horn is silenced by hand.
    pub silenced_until: Option<UtcTime>,
}

impl Default for Annunciation {
    fn default() -> Self {
        Self { lamp: LampColour::Green, pattern: LampPattern::Steady, horn: false, relay: false, silenced_until: None }
    }
}
