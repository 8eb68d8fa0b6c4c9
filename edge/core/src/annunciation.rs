//! Lamp, horn and relay, from the alarms that are not normal.

use crate::{
    model::{Policy, Priority},
    record::{AlarmRecord, AlarmState},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};

/// The colour of the lamp, after IEC 60073: red danger, yellow abnormal, blue mandatory action, green normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LampColour {
    /// No alarm is open.
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
    /// Whether the alarm relay is pulled in: as long as an alarm of its priority is active or latched, acknowledged or not.
    pub relay: bool,
    /// Until when the horn is silenced by hand.
    pub silenced_until: Option<UtcTime>,
}

impl Default for Annunciation {
    fn default() -> Self {
        Self { lamp: LampColour::Green, pattern: LampPattern::Steady, horn: false, relay: false, silenced_until: None }
    }
}

impl LampColour {
    /// The lamp of a priority.
    #[must_use]
    pub fn of(priority: Priority) -> Self {
        match priority {
            Priority::Critical => Self::Red,
            Priority::High => Self::Amber,
            Priority::Medium => Self::Yellow,
            Priority::Low => Self::Blue,
        }
    }
}

/// What an open alarm shows: alarms that are equal in this are one to lamp, horn and relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    priority: Priority,
    state: AlarmState,
}

impl Shown {
    pub(crate) fn of(alarm: &AlarmRecord) -> Self {
        Self { priority: alarm.priority, state: alarm.state }
    }
}

/// What to show for the open alarms, each sort of them once. The colour is that of the worst of them, returned ones
/// included: a call for help that nobody has answered must not hide behind a lesser alarm. Whatever is unacknowledged
/// flashes. Hidden alarms show nothing.
pub(crate) fn annunciation(
    policy: &Policy,
    alarms: impl Iterator<Item = Shown> + Clone,
    silenced_until: Option<UtcTime>,
) -> Annunciation {
    let worst = |is: fn(Signs) -> bool| {
        alarms.clone().filter(|shown| is(Signs::of(shown.state))).map(|shown| shown.priority).max()
    };
    let unacknowledged = worst(|signs| signs.active && signs.unacknowledged);
    let returned = worst(|signs| !signs.active && signs.unacknowledged);
    let held = worst(|signs| signs.active || signs.latched);
    let pattern = match (unacknowledged, returned) {
        (Some(_), _) => LampPattern::Flash,
        (None, Some(_)) => LampPattern::SlowFlash,
        (None, None) => LampPattern::Steady,
    };
    let sounding = unacknowledged.is_some_and(|priority| priority >= policy.horn_from);
    Annunciation {
        lamp: held.max(returned).map_or(LampColour::Green, LampColour::of),
        pattern,
        horn: sounding && silenced_until.is_none(),
        relay: held.is_some_and(|priority| priority >= policy.relay_from),
        silenced_until,
    }
}

/// What lamp, horn and relay make of a state.
#[derive(Clone, Copy)]
struct Signs {
    active: bool,
    unacknowledged: bool,
    latched: bool,
}

impl Signs {
    fn of(state: AlarmState) -> Self {
        let (active, unacknowledged, latched) = match state {
            AlarmState::Unacknowledged => (true, true, false),
            AlarmState::Acknowledged => (true, false, false),
            AlarmState::ReturnedUnacknowledged => (false, true, false),
            AlarmState::LatchedUnacknowledged => (false, true, true),
            AlarmState::LatchedAcknowledged => (false, false, true),
            AlarmState::Shelved | AlarmState::Suppressed | AlarmState::OutOfService | AlarmState::Normal => {
                (false, false, false)
            }
        };
        Self { active, unacknowledged, latched }
    }
}
