//! Rules over one tag that stands for something of its own: a gas detector, a state, a bypass, a trip, a trend.

use super::{Limit, LimitKind};
use crate::id::TagIx;
use serde::{Deserialize, Serialize};

/// A signal and what makes its condition true.
#[derive(Clone, Debug, PartialEq)]
pub enum SignalRule {
    /// A gas detector's set point, acted on like a limit.
    Gas {
        /// The detector.
        tag: TagIx,
        /// What it measures.
        gas: Gas,
        /// The set point: H and HH are its two stages, for oxygen L is deficiency and H enrichment.
        limit: Limit,
    },
    /// A discrete tag is in a state.
    State {
        /// The tag.
        tag: TagIx,
        /// Which state, or any but which.
        test: StateTest,
        /// What that says.
        meaning: StateMeaning,
    },
    /// A value that, going on as it does, will reach a limit.
    Forecast {
        /// The tag.
        tag: TagIx,
        /// Which limit, and how soon.
        forecast: Forecast,
    },
}

/// What a gas detector measures; the four kinds of set points of GB/T 50493-2019, 5.5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gas {
    /// Combustible gas 可燃气体, in % of the lower explosive limit.
    Combustible,
    /// Toxic gas 有毒气体, in the unit of its occupational exposure limit.
    Toxic,
    /// Oxygen in air 环境氧气, in % by volume.
    Oxygen,
    /// Combustible gas along an open path 线型可燃气体, in LEL·m.
    OpenPath,
}

/// Compares a discrete value with a state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateTest {
    /// The state, as the tag's value.
    pub state: i32,
    /// True for any other state than this one.
    pub differs: bool,
    /// What the states are called, for the trigger; those without a word are shown by their number.
    pub words: Vec<(i32, String)>,
}

impl StateTest {
    /// Whether a value fulfils it.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        is(value, self.state) != self.differs
    }

    /// What a value is called; empty where it has no word.
    #[must_use]
    pub fn word(&self, value: f64) -> &str {
        let named = self.words.iter().find(|(state, _)| is(value, *state));
        named.map_or("", |(_, word)| word)
    }
}

/// States are whole numbers, which a value has exactly or not at all.
fn is(value: f64, state: i32) -> bool {
    (value - f64::from(state)).abs() < f64::EPSILON
}

/// What a state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateMeaning {
    /// No more than that it is.
    State,
    /// A safety instrumented function has tripped 联锁动作.
    SisTrip,
    /// A safety instrumented function is bypassed, or one of its values forced 联锁旁路.
    SisBypass(BypassStage),
}

/// How long a bypass lasts: each stage is a rule of its own, whose on-delay is the time. What stands meanwhile is not
/// interrupted by inputs that are unknown for a while, because a bypass does not end by not being seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BypassStage {
    /// It has begun.
    Begun,
    /// It lasts longer than a shift, and somebody must be reminded.
    Reminder,
    /// It lasts longer than a bypass may.
    Overdue,
}

/// A trend that leads to a limit. What came before a gap, a bad value or a restart is forgotten; until half of the window
/// has been seen again, nothing is foretold and nothing ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// What will be reached. It begins nothing once it has been: then the limit's own alarm stands.
    pub limit: Limit,
    /// The trend is taken over so long.
    pub window_ms: u64,
    /// The condition is true when the limit will be reached within so long.
    pub within_ms: u64,
    /// In the tag's engineering unit: a trend by which the value changes less than this over the window is none.
    pub change_min: f64,
}

impl SignalRule {
    /// The tag that it watches.
    #[must_use]
    pub fn tag(&self) -> TagIx {
        match self {
            Self::Gas { tag, .. } | Self::State { tag, .. } | Self::Forecast { tag, .. } => *tag,
        }
    }

    /// The published name of the kind.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Gas { gas, limit, .. } => gas.kind_name(limit.kind),
            Self::State { meaning, .. } => meaning.kind_name(),
            Self::Forecast { .. } => "forecast",
        }
    }

    /// Whether its alarm says that the measure is bypassed.
    pub(crate) fn bypasses_measure(&self) -> bool {
        matches!(self, Self::State { meaning: StateMeaning::SisBypass(_), .. })
    }

    /// Whether its condition lasts through a time of unknown inputs as far as its delays are concerned.
    pub(crate) fn lasts_through_unknown(&self) -> bool {
        matches!(self, Self::State { meaning: StateMeaning::SisBypass(stage), .. } if *stage != BypassStage::Begun)
    }
}

impl Gas {
    fn kind_name(self, kind: LimitKind) -> &'static str {
        match (self, kind) {
            (Self::Combustible, LimitKind::H | LimitKind::L) => "gas_combustible_l1",
            (Self::Combustible, LimitKind::HH | LimitKind::LL) => "gas_combustible_l2",
            (Self::Toxic, LimitKind::H | LimitKind::L) => "gas_toxic_l1",
            (Self::Toxic, LimitKind::HH | LimitKind::LL) => "gas_toxic_l2",
            (Self::Oxygen, LimitKind::L | LimitKind::LL) => "gas_oxygen_deficiency",
            (Self::Oxygen, LimitKind::H | LimitKind::HH) => "gas_oxygen_enrichment",
            (Self::OpenPath, LimitKind::H | LimitKind::L) => "gas_open_path_l1",
            (Self::OpenPath, LimitKind::HH | LimitKind::LL) => "gas_open_path_l2",
        }
    }
}

impl StateMeaning {
    fn kind_name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::SisTrip => "sis_trip",
            Self::SisBypass(BypassStage::Begun) => "sis_bypass",
            Self::SisBypass(BypassStage::Reminder) => "sis_bypass_reminder",
            Self::SisBypass(BypassStage::Overdue) => "sis_bypass_overdue",
        }
    }
}

/// What a value was held against, beside a limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Against {
    /// How fast it may change.
    Rate {
        /// How fast it changes, engineering units a minute, negative when it falls.
        per_minute: Option<f64>,
        /// How fast it may change, engineering units a minute.
        most_per_minute: f64,
    },
    /// That it moves.
    Rest {
        /// Moving by no more than this is no movement, in the tag's engineering unit.
        dead_zone: f64,
        /// For so long, milliseconds.
        after_ms: u64,
    },
    /// What the instrument can measure, in the tag's engineering unit.
    Range {
        /// From.
        low: f64,
        /// To.
        high: f64,
    },
    /// A state.
    State {
        /// What the value is called; empty where it has no word.
        word: String,
        /// The state.
        state: i32,
        /// What the state is called; empty where it has no word.
        state_word: String,
        /// True when any other state than this one was looked for.
        differs: bool,
    },
    /// Where it leads.
    Forecast {
        /// How fast it changes, engineering units a minute, negative when it falls.
        per_minute: f64,
        /// How many minutes it will take to reach the limit.
        minutes_left: f64,
    },
}
