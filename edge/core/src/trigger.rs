//! Why: the last link of the reason chain, from a derived record back to what was observed.

use crate::{
    event::{CertificateEnd, ClockState, StorageState},
    id::*,
    model::{Against, GasAnalysis, Limit, Position, Priority, Role, TicketStatus, WorkType},
    quality::Quality,
    time::UtcTime,
    words::Words,
};
use serde::{Deserialize, Serialize};

/// What was observed when a rule's condition became true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "observed", rename_all = "snake_case")]
pub enum Trigger {
    /// A value, against a limit or for its quality alone.
    Value {
        /// The tag.
        tag: TagId,
        /// The tag's name.
        name: Words,
        /// The value; absent when there is none or it is not finite.
        value: Option<f64>,
        /// In this unit.
        engineering_unit: Words,
        /// OPC UA status code.
        quality: Quality,
        /// The limit it crossed, or will; absent where none is meant.
        limit: Option<Limit>,
        /// What else it was held against; absent for a limit alone, quality and staleness.
        #[serde(default)]
        against: Option<Against>,
        /// When the device says it was measured.
        source_time: Option<UtcTime>,
        /// Whether the source time was absurd and has been replaced.
        source_time_replaced: bool,
        /// When the box received it.
        received_time: UtcTime,
    },
    /// Two values that should agree.
    Pair {
        /// The one: the tag of a deviation, the command of a mismatch.
        first: PairedValue,
        /// The other: the second instrument, the feedback.
        second: PairedValue,
        /// How much they may differ; absent where on and off are compared.
        difference: Option<f64>,
        /// When the box received the later of the two.
        received_time: UtcTime,
    },
    /// A person's distress call.
    Sos {
        /// Who.
        person: PersonRef,
        /// When the beacon says so.
        source_time: Option<UtcTime>,
        /// When the box received it.
        received_time: UtcTime,
    },
    /// People in a zone.
    Crowd {
        /// The zone.
        zone: ZoneId,
        /// The zone's name.
        name: String,
        /// How many are in it.
        people_count: u32,
        /// How many it may hold.
        people_max: u32,
        /// Who they are, at most `limits::PEOPLE_NAMED_MAX`.
        people: Vec<PersonRef>,
        /// When the box received the position that made it too many.
        received_time: UtcTime,
    },
    /// People who stand together.
    Gathering {
        /// The zone of the person in the middle.
        zone: ZoneId,
        /// The zone's name.
        name: String,
        /// Where that person is on the local plane; absent while that is not known.
        position: Option<Position>,
        /// How far the others are from there at most, in metres.
        radius_m: f64,
        /// How many they are; where a crowd is so dense that people are not counted one by one, at least so many.
        people_count: u32,
        /// How many make a gathering.
        people_min: u32,
        /// Who they are, at most `limits::PEOPLE_NAMED_MAX`.
        people: Vec<PersonRef>,
        /// When that was judged.
        received_time: UtcTime,
    },
    /// A person, where they are and what their card says.
    Person {
        /// Who, and the zone.
        person: PersonRef,
        /// The zone's name.
        zone_name: Option<String>,
        /// Their post.
        post: Option<String>,
        /// Where on the local plane.
        position: Option<Position>,
        /// The card's battery.
        battery_percent: Option<u8>,
        /// In the zone, or at rest, since then.
        since: Option<UtcTime>,
        /// How long that may be, in milliseconds.
        limit_ms: Option<u64>,
        /// When the beacon says so.
        source_time: Option<UtcTime>,
        /// When the box received it.
        received_time: UtcTime,
    },
    /// Too few people in a zone, or not those who must be there.
    Staffing {
        /// The zone.
        zone: ZoneId,
        /// The zone's name.
        name: String,
        /// How many are in it.
        people_count: u32,
        /// The fewest it needs.
        people_min: u32,
        /// Those who must be there and are not, and where they are; at most `limits::PEOPLE_NAMED_MAX`.
        missing: Vec<PersonRef>,
        /// When that was judged.
        received_time: UtcTime,
    },
    /// A sight of video analytics.
    Sight {
        /// The camera.
        camera: CameraId,
        /// The camera's name.
        name: String,
        /// What was seen.
        algorithm: String,
        /// 0 to 1.
        confidence: f64,
        /// How many qualifying sights in a row.
        frames: u32,
        /// A reference to the snapshot.
        picture: Option<String>,
        /// When the video system says so.
        source_time: Option<UtcTime>,
        /// When the box received it.
        received_time: UtcTime,
    },
    /// A special-work ticket.
    Ticket(Box<TicketTrigger>),
    /// A connection.
    Link {
        /// The source's or uplink's id.
        id: String,
        /// Its name.
        name: String,
        /// Why it is down.
        reason: String,
        /// Since when.
        received_time: UtcTime,
    },
    /// An expression that has become true, with everything that it is made of as it was then.
    Compound {
        /// The expression.
        when: String,
        /// What it is made of, each thing once.
        parts: Vec<CompoundPart>,
        /// How far the usable voters lie apart; for a vote of instruments only.
        deviation: Option<f64>,
        /// When the box learned of the last that made it true.
        received_time: UtcTime,
    },
    /// Inspection tasks that are overdue.
    Overdue {
        /// How many.
        count: u32,
        /// Which, at most `limits::REASONS_MAX`.
        tasks: Vec<TaskId>,
        /// The role they are looked for at; absent for any.
        role: Option<Role>,
        /// The unit they are looked for in; absent for any.
        unit: Option<UnitId>,
        /// When the first was seen to be.
        received_time: UtcTime,
    },
    /// The alarm system itself.
    System {
        /// What of it.
        about: SystemTrigger,
        /// When it was seen.
        received_time: UtcTime,
    },
}

/// A part of a compound rule's expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum CompoundPart {
    /// A rule.
    Rule {
        /// The rule.
        rule: RuleId,
        /// The words of its alarm.
        name: Words,
        /// Whether it was active.
        active: bool,
        /// Whether its inputs could be used, or had said anything.
        known: bool,
    },
    /// A tag's value.
    Tag(PairedValue),
    /// People in a zone.
    Zone {
        /// The zone.
        zone: ZoneId,
        /// The zone's name.
        name: String,
        /// How many were in it.
        people_count: u32,
        /// Who they were, at most `limits::PEOPLE_NAMED_MAX`.
        people: Vec<PersonRef>,
    },
}

/// What the alarm system saw of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "system", rename_all = "snake_case")]
pub enum SystemTrigger {
    /// A flood began.
    Flood {
        /// Alarms within the window.
        alarm_count: u32,
        /// The window, in milliseconds.
        window_ms: u64,
        /// The first of them.
        first_out: RaisedRule,
        /// The first of the worst.
        worst: RaisedRule,
    },
    /// Rules that are a nuisance, or alarms that stand.
    Offenders {
        /// How many rules.
        rule_count: u32,
        /// The worst of them, at most `limits::OFFENDERS_MAX`.
        rules: Vec<Offender>,
    },
    /// The wall clock.
    Clock(ClockState),
    /// The disk.
    Storage(StorageState),
    /// The certificate that ends first.
    Certificate(CertificateEnd),
    /// The horn was silenced.
    Silence {
        /// How long within the last hour, in milliseconds, while it should have sounded.
        silenced_ms: u64,
        /// Who silenced it last; absent when that is not known.
        by: Option<String>,
    },
}

/// How many alarms came lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecentAlarms {
    /// So many; `count_max` stands for that many and more.
    pub count: u32,
    /// No more are counted than a flood begins with or ends below, whichever is more.
    pub count_max: u32,
    /// Within how long, in milliseconds.
    pub window_ms: u64,
}

/// A rule that was raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RaisedRule {
    /// The rule.
    pub rule: RuleId,
    /// The words of its alarm.
    pub name: Words,
    /// Its unit.
    pub unit: Option<UnitId>,
    /// How fast someone must act.
    pub priority: Priority,
    /// When.
    pub raised_at: UtcTime,
}

/// A rule that is a nuisance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Offender {
    /// The rule.
    pub rule: RuleId,
    /// The words of its alarm.
    pub name: Words,
    /// Its unit.
    pub unit: Option<UnitId>,
    /// How often, since it became a nuisance.
    pub count: u32,
    /// Since when its alarm stands; absent when it does not.
    pub raised_at: Option<UtcTime>,
}

impl Trigger {
    /// When the box learned of it.
    #[must_use]
    pub fn received_time(&self) -> UtcTime {
        match self {
            Self::Value { received_time, .. }
            | Self::Pair { received_time, .. }
            | Self::Sos { received_time, .. }
            | Self::Crowd { received_time, .. }
            | Self::Gathering { received_time, .. }
            | Self::Person { received_time, .. }
            | Self::Staffing { received_time, .. }
            | Self::Sight { received_time, .. }
            | Self::Link { received_time, .. }
            | Self::Compound { received_time, .. }
            | Self::Overdue { received_time, .. }
            | Self::System { received_time, .. } => *received_time,
            Self::Ticket(ticket) => ticket.received_time,
        }
    }
}

/// A ticket and what of it made a rule's condition true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketTrigger {
    /// The ticket.
    pub ticket: TicketId,
    /// The code of its kind of work.
    pub work: WorkType,
    /// How far it had come.
    pub status: TicketStatus,
    /// The alarm type of AQ 3064.2-2025, A.3; absent where the standard has none.
    pub alarm_type: Option<String>,
    /// 作业内容.
    pub content: String,
    /// The zone it is for.
    pub zone: Option<ZoneId>,
    /// The unit it is for.
    pub unit: Option<UnitId>,
    /// When work may begin.
    pub start: Option<UtcTime>,
    /// Until when it may go on.
    pub end: Option<UtcTime>,
    /// The analysis that the rule is about: the newest, or the one that is over its limit.
    pub analysis: Option<GasAnalysis>,
    /// The supervisor's name.
    pub supervisor_name: String,
    /// Where the supervisor is, for a rule about that.
    pub supervisor: Option<PersonRef>,
    /// How many people are in its zone, or in the zones of its unit.
    pub people_count: u32,
    /// Who they are, at most `limits::PEOPLE_NAMED_MAX`.
    pub people: Vec<PersonRef>,
    /// Of the detectors that the rule is about the one that reads highest; absent while none can be used.
    pub detector: Option<PairedValue>,
    /// The limit that the rule holds the detector against, in the detector's engineering unit; absent where it has none of
    /// its own.
    #[serde(default)]
    pub limit: Option<f64>,
    /// Other tickets in the same alarm, at most `limits::REASONS_MAX`: only the last alarm of a rule is shared, when all
    /// of them are in use.
    pub further: Vec<TicketId>,
    /// When the box last heard of the ticket.
    pub received_time: UtcTime,
}

/// One of two values that should agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PairedValue {
    /// The tag.
    pub tag: TagId,
    /// The tag's name.
    pub name: Words,
    /// The value; absent when there is none or it is not finite.
    pub value: Option<f64>,
    /// In this unit.
    pub engineering_unit: Words,
    /// OPC UA status code.
    pub quality: Quality,
    /// When the device says it was measured.
    pub source_time: Option<UtcTime>,
    /// When the box received it; absent when there is none.
    pub received_time: Option<UtcTime>,
}

/// A person as named in a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonRef {
    /// The enterprise's number of the person.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The zone, absent outside all zones.
    pub zone: Option<ZoneId>,
}
