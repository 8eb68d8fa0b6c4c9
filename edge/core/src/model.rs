//! The site as configured: what exists, how it hangs together, which rules watch it.
//!
//! Plain, checked data: `davy-config` has made sure that every index points somewhere and every number makes sense.
//! The hierarchy is the national one of the dual-prevention mechanism: risk unit 安全风险分析单元 → risk event
//! 安全风险事件 → control measure 管控措施.

mod people;
mod compound;
mod plan;
mod rule;
mod ticket;
mod signal;
mod system;
mod watched;

pub use compound::*;
pub use people::*;
pub use plan::*;
pub use rule::*;
pub use signal::*;
pub use system::*;
pub use ticket::*;
pub use watched::*;

use crate::{calendar::Calendar, id::*, words::Words};
use serde::{Deserialize, Serialize};

/// Everything the engine knows of its site.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Who this gateway is.
    pub gateway: Gateway,
    /// Where values come from.
    pub sources: Vec<Source>,
    /// Where derived things go.
    pub uplinks: Vec<Uplink>,
    /// The point table 点表.
    pub tags: Vec<Tag>,
    /// Zones of the site.
    pub zones: Vec<Zone>,
    /// Cameras with analytics.
    pub cameras: Vec<Camera>,
    /// People with beacons.
    pub people: Vec<Person>,
    /// Risk units.
    pub units: Vec<Unit>,
    /// Risk events.
    pub events: Vec<RiskEvent>,
    /// Control measures.
    pub measures: Vec<Measure>,
    /// Rules, those of the point table's limits included.
    pub rules: Vec<Rule>,
    /// Groups of rules of which one is the first out.
    pub first_out: Vec<FirstOutGroup>,
    /// Recurring inspections.
    pub plans: Vec<Plan>,
    /// Local time and workdays, for the plans.
    pub calendar: Calendar,
    /// How fast things are due and which colour they get.
    pub policy: Policy,
}

/// Who this gateway is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gateway {
    /// The enterprise's code in the hazardous-chemical registration system, nine digits.
    pub company_code: String,
    /// The gateway's id, unique within the enterprise.
    pub gateway_id: String,
    /// The name people know it by.
    pub name: String,
    /// A short digest of the configuration; every derived record carries it.
    pub config_version: Words,
    /// Who wrote this configuration and why, as it says itself.
    pub change: Option<Change>,
}

/// Who changed a configuration, and why (management of change 变更管理).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Change {
    /// The enterprise's own version or the number of its change form, where it has one.
    pub version: Option<String>,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When, a date such as `2026-11-23`.
    pub date: String,
}

/// What a source speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// OPC UA, by subscription.
    OpcUa,
    /// Modbus, by polling.
    Modbus,
    /// MQTT: beacons, video analytics, tickets.
    Mqtt,
    /// Dry contacts at the inputs of the box itself.
    Board,
}

/// A source of the field side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// What it is called.
    pub name: String,
    /// What it speaks.
    pub kind: SourceKind,
}

/// An uplink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uplink {
    /// Its id.
    pub id: UplinkId,
    /// What it is called.
    pub name: String,
}

/// A tag of the point table.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// Its id, the plant's own tag number such as `LI-1101`.
    pub id: TagId,
    /// What it is.
    pub name: Words,
    /// The engineering unit, `%`, `MPa`, `%LEL`.
    pub engineering_unit: Words,
    /// Where it is read.
    pub source: SourceIx,
    /// The risk unit it belongs to.
    pub unit: Option<UnitIx>,
    /// The instrument's range, for the page and for checks.
    pub range: Option<(f64, f64)>,
    /// Without a value for this long the tag is stale. `None` for tags that are sent only when they change: there the
    /// connector's own watchdog stands for it.
    pub stale_after_ms: Option<u64>,
}

impl Tag {
    /// Whether it is a detector of combustible gas, by its engineering unit: `%LEL`, or `LEL·m` of an open path.
    #[must_use]
    pub fn is_combustible_gas(&self) -> bool {
        self.engineering_unit.to_ascii_uppercase().contains("LEL")
    }

    /// Whether it is one that looks along a path, in `LEL·m`.
    #[must_use]
    pub fn is_open_path(&self) -> bool {
        self.is_combustible_gas() && self.engineering_unit.to_ascii_uppercase().ends_with('M')
    }
}

/// A zone 区域.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its id.
    pub id: ZoneId,
    /// What it is called.
    pub name: String,
    /// The risk unit it lies in.
    pub unit: Option<UnitIx>,
    /// The risk event that a person in distress here threatens.
    pub event: Option<RiskEventIx>,
    /// Hazardous: whoever does not move here may need help.
    pub hazardous: bool,
    /// The longest that a person may stay 滞留.
    pub stay_max_ms: Option<u64>,
    /// The posts 岗位 that are kept here; empty where nobody has a post.
    pub posts: Vec<String>,
    /// Who may be here; empty where everybody may.
    pub access: Vec<Access>,
}

impl Zone {
    /// A zone of which nothing but its name is known.
    #[must_use]
    pub fn new(id: &str, name: &str) -> Self {
        Self {
            id: id.into(),
            name: name.to_owned(),
            unit: None,
            event: None,
            hazardous: false,
            stay_max_ms: None,
            posts: Vec::new(),
            access: Vec::new(),
        }
    }
}

/// A camera 摄像机.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Camera {
    /// Its id.
    pub id: CameraId,
    /// What it is called.
    pub name: String,
    /// The zone it looks at.
    pub zone: Option<ZoneIx>,
}

/// A person with a beacon. Identity numbers and phones are never stored on the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The enterprise's number of the person.
    pub id: PersonId,
    /// The name shown to those who must help.
    pub name: String,
    /// The card 定位卡.
    pub card: String,
    /// The post 岗位.
    pub post: Option<String>,
    /// The department 部门.
    pub department: Option<String>,
    /// The contractor 承包商 they work for.
    pub contractor: Option<String>,
}

impl Person {
    /// A person of whom nothing but name and card is known.
    #[must_use]
    pub fn new(id: &str, name: &str, card: &str) -> Self {
        Self {
            id: id.into(),
            name: name.to_owned(),
            card: card.to_owned(),
            post: None,
            department: None,
            contractor: None,
        }
    }
}

/// How bad a unit is by assessment: 重大/较大/一般/低, shown as red, orange, yellow, blue. Also the live colour of a unit
/// and the level of a warning, which use the same four colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// 低风险.
    Blue,
    /// 一般风险.
    Yellow,
    /// 较大风险.
    Orange,
    /// 重大风险.
    Red,
}

impl Priority {
    /// Its published name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl RiskLevel {
    /// Its published name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }

    /// One level worse; red stays red.
    #[must_use]
    pub fn worse(self) -> Self {
        match self {
            Self::Blue => Self::Yellow,
            Self::Yellow => Self::Orange,
            Self::Orange | Self::Red => Self::Red,
        }
    }
}

/// How fast someone must act (ISA-18.2 priority).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Within the shift.
    Low,
    /// Soon.
    Medium,
    /// At once.
    High,
    /// At once, lives are at stake.
    Critical,
}

/// A risk unit 安全风险分析单元.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The enterprise's id.
    pub id: UnitId,
    /// Its name.
    pub name: Words,
    /// The risk object 安全风险分析对象 it belongs to, by name.
    pub object_name: String,
    /// How bad it is by assessment.
    pub assessed: RiskLevel,
}

/// A risk event 安全风险事件.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskEvent {
    /// The enterprise's id.
    pub id: RiskEventId,
    /// Its name.
    pub name: Words,
    /// The unit it belongs to.
    pub unit: UnitIx,
}

/// A role a task goes to 包保责任.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 操作负责人.
    Operation,
    /// 技术负责人.
    Technical,
    /// 主要负责人.
    Principal,
    /// 日常.
    Routine,
}

impl Role {
    /// Its published name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Technical => "technical",
            Self::Principal => "principal",
            Self::Routine => "routine",
        }
    }

    /// Who is asked when this role has not done it: 日常 → 操作 → 技术 → 主要; nobody stands above 主要.
    #[must_use]
    pub fn above(self) -> Option<Self> {
        match self {
            Self::Routine => Some(Self::Operation),
            Self::Operation => Some(Self::Technical),
            Self::Technical => Some(Self::Principal),
            Self::Principal => None,
        }
    }
}

/// A control measure 管控措施.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The enterprise's id.
    pub id: MeasureId,
    /// 管控措施描述.
    pub description: Words,
    /// The risk event it controls.
    pub event: RiskEventIx,
    /// 自动化监控 (national `dataSrc` 1): the gateway is its evidence.
    pub automatic: bool,
    /// The inspection to push when it fails; `None` when it asks for none.
    pub inspection: Option<Inspection>,
    /// Whether its failure is a suspected hazard (national source code 9, 管控措施失效).
    pub hazard_on_failure: bool,
}

/// Rules that follow from each other once one of them is true, as the trips of one shutdown do: the first of them to be
/// raised is the first out 首出, which tells the cause from what followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstOutGroup {
    /// Its id.
    pub id: FirstOutId,
    /// What it is called.
    pub name: String,
    /// Its rules; none is in two groups.
    pub rules: Vec<RuleIx>,
}

/// What is to be inspected, by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// 隐患排查内容.
    pub content: String,
    /// The role it is routed to.
    pub role: Role,
}

/// How fast things are due and which lamp a priority gets: the one place where priority, level and colour meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long an inspection task may take, by the warning's level.
    pub task_due_ms: ByLevel,
    /// How long a warning may stay unhandled before its level gets one step worse.
    pub escalate_after: EscalateAfter,
    /// The local time of the site, in minutes ahead of UTC: hours of duty are told in it.
    pub utc_offset_min: i16,
    /// How long the horn stays silenced by hand.
    pub horn_silence_ms: u64,
    /// The longest that a rule may be shelved at once; IEC 62682 wants shelving limited in time and names no number.
    pub shelve_max_ms: u64,
    /// The alarm relay pulls in from this priority on.
    pub relay_from: Priority,
    /// The horn sounds from this priority on.
    pub horn_from: Priority,
    /// Alarms of a first-out group that come within this time are ordered by their source times, in milliseconds; with 0
    /// the order in which they came decides alone.
    pub first_out_window_ms: u64,
    /// A place that no position has repeated for this long, in milliseconds, is unknown.
    pub location_max_age_ms: u64,
    /// An overdue task goes one role up with each further part of its window, in percent; no sooner than after
    /// `limits::ESCALATION_STEP_MIN_MS`.
    pub overdue_step_percent: u32,
    /// 及时率: an alarm that is acknowledged within this time of its raising, in milliseconds, is answered in time.
    pub acknowledge_in_time_ms: u64,
}

/// A duration for each level, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByLevel {
    /// Red.
    pub red: u64,
    /// Orange.
    pub orange: u64,
    /// Yellow.
    pub yellow: u64,
    /// Blue.
    pub blue: u64,
}

impl ByLevel {
    /// The duration of a level.
    #[must_use]
    pub fn of(self, level: RiskLevel) -> u64 {
        match level {
            RiskLevel::Red => self.red,
            RiskLevel::Orange => self.orange,
            RiskLevel::Yellow => self.yellow,
            RiskLevel::Blue => self.blue,
        }
    }
}

/// How long a warning may be raised while nobody acknowledges or handles it, in milliseconds by its level, before the
/// level gets one step worse; `None` is never. Red has none, because nothing is worse.
///
/// That what nobody answers is escalated is common teaching; no number is found in a public text of the guide on anomaly
/// warnings or in a standard, so the defaults are Davy's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscalateAfter {
    /// Orange, to red.
    pub orange: Option<u64>,
    /// Yellow, to orange.
    pub yellow: Option<u64>,
    /// Blue, to yellow.
    pub blue: Option<u64>,
}

impl EscalateAfter {
    /// The time of a level.
    #[must_use]
    pub fn of(self, level: RiskLevel) -> Option<u64> {
        match level {
            RiskLevel::Red => None,
            RiskLevel::Orange => self.orange,
            RiskLevel::Yellow => self.yellow,
            RiskLevel::Blue => self.blue,
        }
    }
}

impl Default for Policy {
    /// Defaults for a process engineer to change: no standard fixes them.
    fn default() -> Self {
        const MINUTE_MS: u64 = 60_000;
        Self {
            task_due_ms: ByLevel {
                red: 15 * MINUTE_MS,
                orange: 30 * MINUTE_MS,
                yellow: 60 * MINUTE_MS,
                blue: 240 * MINUTE_MS,
            },
            escalate_after: EscalateAfter { orange: Some(10 * MINUTE_MS), yellow: Some(30 * MINUTE_MS), blue: None },
            utc_offset_min: 480,
            horn_silence_ms: 5 * MINUTE_MS,
            shelve_max_ms: 8 * 60 * MINUTE_MS,
            relay_from: Priority::Critical,
            horn_from: Priority::Medium,
            // Longer than the scan of a fast controller, shorter than the time between two faults that people tell apart.
            first_out_window_ms: 100,
            // Beacons report every few seconds.
            location_max_age_ms: 5 * MINUTE_MS,
            overdue_step_percent: 50,
            // No formula of 及时率 is public; the time is that after which an orange warning that nobody handles gets worse.
            acknowledge_in_time_ms: 10 * MINUTE_MS,
        }
    }
}

impl Policy {
    /// The level a warning starts from, given the worst of its alarms.
    #[must_use]
    pub fn level(priority: Priority) -> RiskLevel {
        match priority {
            Priority::Critical => RiskLevel::Red,
            Priority::High => RiskLevel::Orange,
            Priority::Medium => RiskLevel::Yellow,
            Priority::Low => RiskLevel::Blue,
        }
    }
}
