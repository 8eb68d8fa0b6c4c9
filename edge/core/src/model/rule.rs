//! Rules as configured: what each kind watches, its delays and what hangs on it.

use super::Policy;
use super::{Compound, OverdueRule, PeopleRule, Priority, SignalRule, Site, SystemRule, TicketRule};
use crate::{id::*, words::Words};
use serde::{Deserialize, Serialize};

/// One of the four limits of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum LimitKind {
    /// Low-low 低低限.
    LL,
    /// Low 低限.
    L,
    /// High 高限.
    H,
    /// High-high 高高限.
    HH,
}

impl LimitKind {
    /// Whether the limit is crossed upward.
    #[must_use]
    pub fn is_high(self) -> bool {
        matches!(self, Self::H | Self::HH)
    }
}

/// A limit with its deadband, both in the tag's engineering unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limit {
    /// Which of the four.
    pub kind: LimitKind,
    /// At or beyond it the condition is true.
    pub trip: f64,
    /// Strictly inside it (below `trip` for high, above for low) the condition is false again. Between the two the
    /// condition stays what it was.
    pub clear: f64,
}

/// Which way a value changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// It rises.
    Up,
    /// It falls.
    Down,
    /// Either.
    Either,
}

/// How fast a value may change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Which way.
    pub direction: Direction,
    /// Engineering units a minute; beyond it the condition is true.
    pub per_minute: f64,
    /// At or below it the condition is false again, no more than `per_minute`. Between the two it stays what it was.
    pub clear_per_minute: f64,
    /// Measured over so long, to within a part in `limits::RATE_SLOTS`.
    pub window_ms: u64,
}

/// What a rule watches.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// A value at or beyond a limit.
    Limit {
        /// The tag.
        tag: TagIx,
        /// The limit.
        limit: Limit,
    },
    /// The quality of a tag is bad, while its source is up.
    BadQuality {
        /// The tag.
        tag: TagIx,
    },
    /// The quality of a tag is uncertain, while its source is up: its value is judged all the same, and whoever maintains the
    /// instrument should look at it. Bad quality neither begins nor ends it, since that has an alarm of its own.
    UncertainQuality {
        /// The tag.
        tag: TagIx,
    },
    /// A tag brings no value within its `stale_after_ms`, while its source is up.
    Stale {
        /// The tag.
        tag: TagIx,
    },
    /// A value changes faster than it may. What came before a gap, a bad value or a restart is forgotten; until a whole
    /// window has been seen again, a change that is too fast already begins the condition and nothing ends it.
    RateOfChange {
        /// The tag.
        tag: TagIx,
        /// How fast it may change.
        rate: Rate,
    },
    /// A value beyond what the instrument can measure: a broken wire or a failed transmitter, not the process.
    OutOfRange {
        /// The tag.
        tag: TagIx,
        /// Below it the condition is true, in the tag's engineering unit.
        low: f64,
        /// Above it the condition is true.
        high: f64,
    },
    /// A value that does not move although it can be used. After a gap, a bad value or a restart the time begins anew,
    /// and what was frozen stays so until it is seen to move.
    Frozen {
        /// The tag.
        tag: TagIx,
        /// Moving by no more than this is no movement.
        dead_zone: f64,
        /// For so long.
        after_ms: u64,
    },
    /// Two instruments that measure the same differ. Unknown when either cannot be used.
    Deviation {
        /// The one.
        tag: TagIx,
        /// The other.
        other: TagIx,
        /// Beyond this difference the condition is true, in the engineering unit of both.
        difference: f64,
        /// At or below it the condition is false again, no more than `difference`. Between the two it stays what it was.
        clear: f64,
    },
    /// A command and its feedback differ, both as on (not 0) or off (0). Unknown when either cannot be used.
    Mismatch {
        /// What was commanded.
        command: TagIx,
        /// What is.
        feedback: TagIx,
    },
    /// A tag that stands for something of its own.
    Signal(SignalRule),
    /// A person pressed SOS.
    Sos {
        /// The person.
        person: PersonIx,
    },
    /// More people in a zone than it may hold 超员.
    OverCapacity {
        /// The zone.
        zone: ZoneIx,
        /// The most it may hold.
        people_max: u32,
    },
    /// Video analytics saw something: initial screening, never the sole cause of a hazard.
    Video {
        /// The camera.
        camera: CameraIx,
        /// The algorithm, in the configuration's own code.
        algorithm: String,
        /// 0 to 1; weaker sights are ignored.
        confidence_min: f64,
        /// So many qualifying sights, no further apart than `frame_gap_ms`.
        frames_min: u32,
        /// Qualifying sights further apart than this do not belong to the same row.
        frame_gap_ms: u64,
        /// The condition ends this long after the last qualifying sight.
        cooldown_ms: u64,
    },
    /// Something about people: where they are and how long, and their cards.
    People(PeopleRule),
    /// A source cannot be read.
    SourceLost {
        /// The source.
        source: SourceIx,
    },
    /// An uplink is not acknowledging.
    UplinkLost {
        /// The uplink.
        uplink: UplinkIx,
    },
    /// A special-work ticket does not hold what it must.
    Ticket(TicketRule),
    /// An expression over other rules, tags and people.
    Compound(Box<Compound>),
    /// Inspection tasks are overdue.
    InspectionOverdue(OverdueRule),
    /// The alarm system itself.
    System(SystemRule),
}

/// A rule: a condition, its delays and what hangs on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its id. Ids are URL-safe: letters, digits, `.`, `_`, `-`.
    pub id: RuleId,
    /// The words of the alarm.
    pub name: Words,
    /// The unit whose trouble it is; `None` for the alarms of the system itself.
    pub unit: Option<UnitIx>,
    /// The measure it is the evidence of.
    pub measure: Option<MeasureIx>,
    /// The risk event it threatens, where no measure leads to one.
    pub threatens: Option<RiskEventIx>,
    /// How fast someone must act.
    pub priority: Priority,
    /// The condition must hold this long before the alarm is raised.
    pub on_delay_ms: u64,
    /// The condition must be gone this long before the alarm returns to normal.
    pub off_delay_ms: u64,
    /// What to do.
    pub guidance: Words,
    /// Whether an alarm that has returned stays until a person resets it (latched alarm, IEC 62682 / GB/T 41261 报警锁定).
    pub latched: bool,
    /// Whether lives hang on it: SOS and gas. Such a rule is never shelved, put out of service, suppressed by design or
    /// hidden by a flood (AQ 3064.3-2025 wants SOS pushed without fail; for gas an engineering default).
    pub never_hidden: bool,
    /// The rules whose activity makes this one meaningless: while one of them is active, this one is suppressed by design
    /// (IEC 62682, GB/T 41261). A compressor that is stopped on purpose has a low discharge pressure.
    pub suppressed_by: Vec<RuleIx>,
    /// What it watches.
    pub kind: RuleKind,
}

/// What a rule's condition is read from: whatever changes one of these has the rule judged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// A tag: its rules are unknown until its first value.
    Tag(TagIx),
    /// A person, from the start: one who has not been heard of is nowhere and calls for nothing.
    Person(PersonIx),
    /// Who is in a zone, from the start.
    Zone(ZoneIx),
    /// Whether people's cards can be heard, from the start.
    Beacons,
    /// The hours of the local day, from the start.
    Clock,
    /// A camera's sights, from the start.
    Camera(CameraIx),
    /// A source's connection, from the start.
    Source(SourceIx),
    /// An uplink's connection, from the start.
    Uplink(UplinkIx),
    /// Another rule's condition: unknown until that one's inputs have said something.
    Rule(RuleIx),
    /// The inspection tasks that are overdue, from the start.
    Tasks,
    /// The alarm system itself.
    System,
}

impl RuleKind {
    /// Names everything that the kind watches.
    pub fn watches(&self, mut each: impl FnMut(Watched)) {
        match self {
            Self::Limit { tag, .. }
            | Self::BadQuality { tag }
            | Self::UncertainQuality { tag }
            | Self::Stale { tag }
            | Self::RateOfChange { tag, .. }
            | Self::OutOfRange { tag, .. }
            | Self::Frozen { tag, .. } => each(Watched::Tag(*tag)),
            Self::Deviation { tag, other, .. } | Self::Mismatch { command: tag, feedback: other } => {
                each(Watched::Tag(*tag));
                each(Watched::Tag(*other));
            }
            Self::Signal(signal) => each(Watched::Tag(signal.tag())),
            Self::Sos { person } => each(Watched::Person(*person)),
            Self::OverCapacity { zone, .. } => each(Watched::Zone(*zone)),
            Self::People(rule) => rule.watches(each),
            Self::Video { camera, .. } => each(Watched::Camera(*camera)),
            Self::SourceLost { source } => each(Watched::Source(*source)),
            Self::UplinkLost { uplink } => each(Watched::Uplink(*uplink)),
            // The tickets have a look of their own at whom they concern; see `engine::tickets`.
            Self::Ticket(_) => {}
            Self::Compound(compound) => compound.watches(each),
            Self::InspectionOverdue(_) => each(Watched::Tasks),
            Self::System(_) => each(Watched::System),
        }
    }

    /// The person whose rule it is: help is needed where they are.
    #[must_use]
    pub fn person(&self) -> Option<PersonIx> {
        if let Self::Sos { person } = self {
            Some(*person)
        } else if let Self::People(rule) = self {
            rule.person()
        } else {
            None
        }
    }

    /// Whether its alarm says that the measure is bypassed, and not that it has failed.
    pub(crate) fn bypasses_measure(&self) -> bool {
        matches!(self, Self::Signal(signal) if signal.bypasses_measure())
    }

    /// Whether its delays go on while its inputs are unknown, and how long after its end one may still turn over.
    pub(crate) fn lasts_through_unknown_ms(&self, policy: &Policy) -> Option<u64> {
        // A card that leaves its position out once, or a broker that blinks, must not put the alarm off by a minute; but
        // whoever was there before places are given up says nothing of those who meet now.
        if matches!(self, Self::People(PeopleRule::Gathering { .. })) {
            return Some(policy.location_max_age_ms);
        }
        matches!(self, Self::Signal(signal) if signal.lasts_through_unknown()).then_some(u64::MAX)
    }

    /// Whether its inputs are known before anything has been heard: nothing seen is nothing there, and a silent source has
    /// an alarm of its own. A tag is unknown until its first value.
    pub(crate) fn known_from_start(&self) -> bool {
        if let Self::System(system) = self {
            return system.known_from_start();
        }
        let mut known = !matches!(self, Self::Ticket(rule) if rule.kind.reads_detectors());
        self.watches(|watched| known &= !matches!(watched, Watched::Tag(_) | Watched::Rule(_)));
        known
    }
}

impl Rule {
    /// The risk event that an alarm of this rule is folded into, `None` for the alarms of the system itself. For SOS the
    /// person's zone decides first; see `warnings`.
    #[must_use]
    pub fn event(&self, site: &Site) -> Option<RiskEventIx> {
        self.measure.map(|measure| site.measures[measure.at()].event).or(self.threatens)
    }

    /// The published name of the kind.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match &self.kind {
            RuleKind::Limit { limit, .. } => match limit.kind {
                LimitKind::HH => "limit_hh",
                LimitKind::H => "limit_h",
                LimitKind::L => "limit_l",
                LimitKind::LL => "limit_ll",
            },
            RuleKind::BadQuality { .. } => "bad_quality",
            RuleKind::UncertainQuality { .. } => "uncertain_quality",
            RuleKind::Stale { .. } => "stale",
            RuleKind::RateOfChange { .. } => "rate_of_change",
            RuleKind::OutOfRange { .. } => "out_of_range",
            RuleKind::Frozen { .. } => "frozen",
            RuleKind::Deviation { .. } => "deviation",
            RuleKind::Mismatch { .. } => "mismatch",
            RuleKind::Signal(signal) => signal.kind_name(),
            RuleKind::Sos { .. } => "sos",
            RuleKind::OverCapacity { .. } => "over_capacity",
            RuleKind::People(rule) => rule.kind_name(),
            RuleKind::Video { .. } => "video",
            RuleKind::SourceLost { .. } => "source_lost",
            RuleKind::UplinkLost { .. } => "uplink_lost",
            RuleKind::Ticket(rule) => rule.kind.name(),
            RuleKind::Compound(compound) => compound.kind_name(),
            RuleKind::InspectionOverdue(_) => "inspection_overdue",
            RuleKind::System(system) => system.kind_name(),
        }
    }
}
