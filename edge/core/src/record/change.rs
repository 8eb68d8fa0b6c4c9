//! Another configuration: what became of the master alarm table, and on whose word.

use crate::{id::*, model::Change, table::FieldChange, time::UtcTime, words::Words};
use serde::{Deserialize, Serialize};

/// What a row of the table's history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TableChange {
    /// The whole table: another configuration is in force, and how many rules it changed. It comes after its rules,
    /// so that whoever reads the newest first reads it first.
    Configuration,
    /// A rule is new.
    Added,
    /// A rule is gone.
    Removed,
    /// A rule has other parameters.
    Changed,
    /// The policy of the site, by which all rules are told, has other values. It comes after the rules.
    Policy,
}

/// A row of the history of the master alarm table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeRecord {
    /// What it is about.
    pub change: TableChange,
    /// The rule; absent for the whole table and for the policy.
    pub rule: Option<RuleId>,
    /// The words of its alarm; of the whole table and of the policy the gateway's name.
    pub name: Words,
    /// The unit of the rule.
    pub unit: Option<UnitId>,
    /// What differs, in the order of the fields; empty for the whole table.
    pub fields: Vec<FieldChange>,
    /// How many rules; only of the whole table.
    pub counts: Option<ChangeCounts>,
    /// When the gateway started with it.
    pub at: UtcTime,
    /// The configuration that was in force before; absent at the first start.
    pub previous_version: Option<Words>,
    /// The configuration in force.
    pub config_version: Words,
    /// Who changed it and why, as the configuration says; absent where it does not say, and where nothing of it was changed
    /// and the difference comes from another version of the program.
    pub stated: Option<Change>,
    /// Whether `stated` is what the configuration before said already: then nobody has said why it was changed.
    pub stated_before: bool,
}

/// How many rules a configuration has and has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeCounts {
    /// Rules there are.
    pub rules: u32,
    /// Rules that are new.
    pub added: u32,
    /// Rules that are gone.
    pub removed: u32,
    /// Rules with other parameters.
    pub changed: u32,
    /// Of those, how many are told at the next start, because `limits::CHANGES_MAX` were told at this one.
    pub later: u32,
}
