//! What keeps a rule from annunciating, who asked for it and until when.
//!
//! ISA-18.2 / IEC 62682 (GB/T 41261) keep three ways apart: shelved by an operator, suppressed by design, out of service.

use crate::{
    id::{MeasureId, RuleId, UnitId},
    model::Priority,
    time::UtcTime,
    words::Words,
};
use serde::{Deserialize, Serialize};

/// A way in which a rule is hidden; the order says which one names the alarm's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HidingKind {
    /// A person has taken it out of service 停用, until a person returns it.
    OutOfService,
    /// A person has shelved it 搁置, for a limited time.
    Shelved,
    /// Its unit is stopped 停用/检修: suppressed by design.
    UnitStopped,
    /// Another rule is active that makes it meaningless: suppressed by design.
    SuppressedByRule,
}

/// Why a rule is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hiding {
    /// In which way.
    pub kind: HidingKind,
    /// Who asked for it; absent where a rule suppresses it.
    pub by: Option<String>,
    /// The rule that suppresses it.
    pub suppressor: Option<RuleId>,
    /// In the words of whoever asked, or the name of the rule that suppresses it.
    pub reason: String,
    /// Since when.
    pub since: UtcTime,
    /// Until when at the latest; absent where only a person or the suppressing rule ends it.
    pub until: Option<UtcTime>,
    /// Whether it ends earlier, when the alarm returns to normal: one-shot shelving (OPC UA Part 9, 5.8.10).
    #[serde(default)]
    pub one_shot: bool,
}

/// A rule that does not annunciate now, or does again: then `hidden_because` is empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HiddenRecord {
    /// The rule.
    pub rule: RuleId,
    /// The words of its alarm.
    pub name: Words,
    /// The kind of the rule, `limit_hh`, `frozen`, ….
    pub rule_kind: String,
    /// How fast someone would have to act.
    pub priority: Priority,
    /// The unit.
    pub unit: Option<UnitId>,
    /// The measure it is the evidence of, which is bypassed.
    pub measure: Option<MeasureId>,
    /// Everything that hides it, each for itself; it annunciates again when all are gone.
    pub hidden_because: Vec<Hiding>,
    /// The configuration it was derived under.
    pub config_version: Words,
}

/// A rule of a bypassed measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BypassedRule {
    /// The rule.
    pub rule: RuleId,
    /// Why.
    pub hidden_because: Vec<Hiding>,
}

/// A unit is stopped 停用/检修: the national stop record (`stopStartTime`, `stopEndTime`, `stopReason`). While it stands, the
/// unit's rules are suppressed by design, save those on which lives hang.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitStop {
    /// Who stopped it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: UtcTime,
    /// Until when at the latest; absent where only a person resumes it.
    pub until: Option<UtcTime>,
}
