//! What survives a restart: the last record of every open object, and the few facts that no record holds.
//!
//! Times are UTC here, because the monotonic clock dies with the process; `Now::rebase` brings them back with bounds.

use crate::{
    id::*,
    model::{Change, Position},
    record::*,
    table::{Parameter, RuleRow},
    time::UtcTime,
    trigger::Trigger,
    words::Words,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// A row of the saved state that changed; `None` removes it.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedChange {
    /// Which row.
    pub key: SavedKey,
    /// The new body.
    pub body: Option<SavedBody>,
}

/// The name of a saved row, `alarm/{rule}`, `warning/{risk event}`, …; what there is one of has its kind alone. It is put
/// into letters when it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SavedKey {
    kind: &'static str,
    id: Option<Words>,
}

impl fmt::Display for SavedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{}/{id}", self.kind),
            None => f.write_str(self.kind),
        }
    }
}

/// The body of a saved row. The large ones are boxed: after a start there is a small one for every rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum SavedBody {
    /// `rule/{rule}`: where a rule stands.
    Rule(Box<SavedRule>),
    /// `alarm/{rule}`: the open alarm.
    Alarm(Arc<AlarmRecord>),
    /// `measure/{measure}`.
    Measure(Box<MeasureRecord>),
    /// `warning/{risk event}`: the open warning.
    Warning(Arc<WarningRecord>),
    /// `unit/{unit}`.
    Unit(Box<UnitRecord>),
    /// `task/{task}`: an open task; of older versions `task/{rule}`, which it keeps.
    Task(Box<TaskRecord>),
    /// `hazard/{hazard}`: an open hazard; of older versions `hazard/{rule}`, which it keeps.
    Hazard(Box<HazardRecord>),
    /// `person/{person}`: the last position.
    Person(Box<PersonRecord>),
    /// `hidden/{rule}`: why a rule is hidden, as last told.
    Hidden(Box<HiddenRecord>),
    /// `shelf/{rule}`.
    Shelf(Box<SavedShelf>),
    /// `out_of_service/{rule}`.
    OutOfService(Box<Hiding>),
    /// `stop/{unit}`.
    Stop(Box<SavedStop>),
    /// `unheard/{rule}`: until when an active rule suppresses others although its inputs are unknown.
    Unheard(UtcTime),
    /// `first_out/{group}`: the latest first out.
    FirstOut(Box<SavedFirstOut>),
    /// `ticket/{ticket}`: a special-work ticket and where its own clock stands.
    Ticket(Box<SavedTicket>),
    /// `escalation/{risk event}`: when its unhandled warning gets worse, as the wall clock stood when this was saved.
    Escalation(UtcTime),
    /// `plan/{plan}`: how far a plan has come.
    Plan(SavedPlan),
    /// `engine`: counters and the horn.
    Engine(Box<SavedEngine>),
    /// `watch`: what the alarm system remembers of itself.
    Watch(Box<SavedWatch>),
    /// `table`: the configuration whose rules were told last.
    Table(Box<SavedTable>),
    /// `table/{rule}`: the rule as it was told last.
    TableRow(Box<RuleRow>),
}

/// The configuration whose rules were told last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTable {
    /// Its digest.
    pub config_version: Words,
    /// What it said of itself.
    pub change: Option<Change>,
    /// Rules whose change is still to be told.
    #[serde(default)]
    pub later: u32,
    /// Its policy; empty where an older version of the program has saved it.
    #[serde(default)]
    pub policy: Vec<Parameter>,
}

/// The latest first out of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFirstOut {
    /// The alarm.
    pub alarm: AlarmId,
    /// When its source says that it happened, if that can be trusted.
    pub source_time: Option<UtcTime>,
    /// Until when another one may turn out to have been earlier.
    pub until: UtcTime,
}

/// A shelved rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedShelf {
    /// What is published of it.
    pub hiding: Hiding,
    /// When it ends, as the wall clock stood when this was saved.
    pub ends_at: UtcTime,
    /// What was left of it when this was saved: more it never lasts.
    pub left_ms: u64,
}

/// A stopped unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedStop {
    /// What is published of it.
    pub stop: UnitStop,
    /// When it ends, as the wall clock stood when this was saved.
    pub ends_at: Option<UtcTime>,
    /// What was left of it when this was saved.
    pub left_ms: Option<u64>,
}

/// Where a rule stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedRule {
    /// The condition holds.
    pub active: bool,
    /// The inputs can be used.
    pub known: bool,
    /// When `active` will turn over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_until: Option<UtcTime>,
    /// Video sights in a row.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub frames: u32,
    /// Until when another one belongs to the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_until: Option<UtcTime>,
    /// Until when the sight lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sight_until: Option<UtcTime>,
    /// The last qualifying sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sight: Option<Box<Trigger>>,
    /// Where the person of an immobile rule rests, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<(Position, UtcTime)>,
    /// The tickets in this slot of a rule over tickets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tickets: Vec<TicketId>,
    /// What a compound rule remembers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compound: Option<Box<SavedCompound>>,
    /// How it repeats itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nuisance: Option<Box<SavedNuisance>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A special-work ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTicket {
    /// As last heard of.
    pub record: TicketRecord,
    /// What the ticket's clock read …
    pub reads: UtcTime,
    /// … when this box's wall clock read this.
    pub at: UtcTime,
    /// When work began, on the ticket's clock.
    pub began: Option<UtcTime>,
    /// Since when work is interrupted without an analysis, on the ticket's clock.
    pub paused: Option<UtcTime>,
    /// For how long it had been when it went on.
    pub interrupted_ms: Option<u64>,
    /// Its place in the order in which tickets were heard of last.
    pub order: u64,
}

/// What a compound rule remembers, with the expression that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedCompound {
    /// The expression.
    pub when: String,
    /// By node.
    pub pasts: Vec<SavedPast>,
}

/// What an operator over time remembers; see `compounds`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedPast {
    /// What its operand was when it was last known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<bool>,
    /// Until when the last moment at which it decided counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UtcTime>,
    /// When it will have been known for the whole time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole_at: Option<UtcTime>,
    /// It has been.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
    /// Until when each of the last activations counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activations: Vec<UtcTime>,
}

/// How far a plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// The last occurrence that was issued, or passed over because its unit was stopped.
    pub issued: UtcTime,
}

/// How a rule repeats itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedNuisance {
    /// Its activations.
    pub chattering: SavedRepeats,
    /// Those that were over at once.
    pub fleeting: SavedRepeats,
}

/// The last times of something that repeats itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedRepeats {
    /// Until when each counts.
    pub times: Vec<UtcTime>,
    /// Until when the rule is a nuisance.
    pub until: Option<UtcTime>,
    /// How often, since it became one.
    pub count: u32,
}

/// What the alarm system remembers of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedWatch {
    /// The last alarms of all rules.
    pub recent: Vec<SavedRaise>,
    /// The flood that goes on.
    pub flood: Option<SavedFlood>,
    /// Silences of the horn that count.
    pub silences: Vec<SavedSilence>,
    /// The one that goes on.
    pub silence: Option<SavedSilenceNow>,
    /// From when on the clock has not been synchronised for too long.
    pub unsynchronised_until: Option<UtcTime>,
}

/// A rule that was raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedRaise {
    /// The rule.
    pub rule: RuleId,
    /// When, as the wall clock had it.
    pub at: UtcTime,
    /// Until when it counts.
    pub until: UtcTime,
}

/// A flood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedFlood {
    /// Since when.
    pub since: UtcTime,
    /// Alarms in it.
    pub count: u32,
    /// The first.
    pub first_out: SavedRaise,
    /// The first of the worst.
    pub worst: SavedRaise,
}

/// A silence of the horn that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedSilence {
    /// Until when it counts.
    pub until: UtcTime,
    /// How long it was.
    pub ms: u64,
}

/// A silence of the horn that goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedSilenceNow {
    /// When this was written.
    pub as_of: UtcTime,
    /// How long it had lasted by then.
    pub ms: u64,
    /// Whether it mutes an alarm that may never be hidden.
    pub life: bool,
    /// Who silenced the horn.
    pub by: Option<String>,
}

/// Counters and the horn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedEngine {
    /// Occurrences given out in this epoch.
    pub occurrences: u64,
    /// Until when the horn is silenced by hand.
    pub silenced_until: Option<UtcTime>,
    /// Until when plans have been looked at, to within `limits::PLAN_SAVE_MS`; the last time that the clock was trusted.
    #[serde(default)]
    pub plans_seen: Option<UtcTime>,
}

/// The whole saved state.
#[derive(Clone, Debug, Default)]
pub struct SavedState {
    pub(crate) rules: BTreeMap<RuleId, SavedRule>,
    pub(crate) alarms: BTreeMap<RuleId, AlarmRecord>,
    pub(crate) measures: BTreeMap<MeasureId, MeasureRecord>,
    pub(crate) warnings: BTreeMap<RiskEventId, WarningRecord>,
    pub(crate) escalations: BTreeMap<RiskEventId, UtcTime>,
    pub(crate) units: BTreeMap<UnitId, UnitRecord>,
    pub(crate) tasks: BTreeMap<String, TaskRecord>,
    pub(crate) hazards: BTreeMap<String, HazardRecord>,
    pub(crate) plans: BTreeMap<PlanId, SavedPlan>,
    pub(crate) people: BTreeMap<PersonId, PersonRecord>,
    pub(crate) hidden: BTreeMap<RuleId, HiddenRecord>,
    pub(crate) shelves: BTreeMap<RuleId, SavedShelf>,
    pub(crate) out_of_service: BTreeMap<RuleId, Hiding>,
    pub(crate) stops: BTreeMap<UnitId, SavedStop>,
    pub(crate) unheard: BTreeMap<RuleId, UtcTime>,
    pub(crate) first_out: BTreeMap<FirstOutId, SavedFirstOut>,
    pub(crate) tickets: BTreeMap<TicketId, SavedTicket>,
    pub(crate) engine: SavedEngine,
    pub(crate) watch: SavedWatch,
    pub(crate) table: Option<SavedTable>,
    pub(crate) table_rows: BTreeMap<RuleId, RuleRow>,
}

impl SavedState {
    /// Reads one row back. A key of an unknown kind is left alone and answered with `false`.
    ///
    /// # Errors
    /// When the body does not have the shape of its key's kind.
    pub fn insert<'de, D: Deserializer<'de>>(&mut self, key: &str, body: D) -> Result<bool, D::Error> {
        let (kind, id) = key.split_once('/').unwrap_or((key, ""));
        match kind {
            "rule" => drop(self.rules.insert(id.into(), SavedRule::deserialize(body)?)),
            "alarm" => drop(self.alarms.insert(id.into(), AlarmRecord::deserialize(body)?)),
            "measure" => drop(self.measures.insert(id.into(), MeasureRecord::deserialize(body)?)),
            "warning" => drop(self.warnings.insert(id.into(), WarningRecord::deserialize(body)?)),
            "escalation" => drop(self.escalations.insert(id.into(), UtcTime::deserialize(body)?)),
            "unit" => drop(self.units.insert(id.into(), UnitRecord::deserialize(body)?)),
            "task" => drop(self.tasks.insert(id.into(), TaskRecord::deserialize(body)?)),
            "hazard" => drop(self.hazards.insert(id.into(), HazardRecord::deserialize(body)?)),
            "plan" => drop(self.plans.insert(id.into(), SavedPlan::deserialize(body)?)),
            "person" => drop(self.people.insert(id.into(), PersonRecord::deserialize(body)?)),
            "hidden" => drop(self.hidden.insert(id.into(), HiddenRecord::deserialize(body)?)),
            "shelf" => drop(self.shelves.insert(id.into(), SavedShelf::deserialize(body)?)),
            "out_of_service" => drop(self.out_of_service.insert(id.into(), Hiding::deserialize(body)?)),
            "stop" => drop(self.stops.insert(id.into(), SavedStop::deserialize(body)?)),
            "unheard" => drop(self.unheard.insert(id.into(), UtcTime::deserialize(body)?)),
            "first_out" => drop(self.first_out.insert(id.into(), SavedFirstOut::deserialize(body)?)),
            "ticket" => drop(self.tickets.insert(id.into(), SavedTicket::deserialize(body)?)),
            "engine" => self.engine = SavedEngine::deserialize(body)?,
            "watch" => self.watch = SavedWatch::deserialize(body)?,
            "table" if id.is_empty() => self.table = Some(SavedTable::deserialize(body)?),
            "table" => drop(self.table_rows.insert(id.into(), RuleRow::deserialize(body)?)),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl SavedChange {
    /// A row to write.
    pub(crate) fn put(kind: &'static str, id: impl Into<Words>, body: SavedBody) -> Self {
        Self { key: SavedKey { kind, id: Some(id.into()) }, body: Some(body) }
    }

    /// The row of something that there is one of.
    pub(crate) fn put_only(kind: &'static str, body: SavedBody) -> Self {
        Self { key: SavedKey { kind, id: None }, body: Some(body) }
    }

    /// A row to remove.
    pub(crate) fn remove(kind: &'static str, id: impl Into<Words>) -> Self {
        Self { key: SavedKey { kind, id: Some(id.into()) }, body: None }
    }
}
