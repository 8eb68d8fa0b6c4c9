//! The master alarm table 报警主表 (ISA-18.2 / IEC 62682 master alarm database): every rule with its limits, delays and what
//! else makes it what it is, as plain rows that people read and that two configurations are compared by.
//!
//! A row says what a rule does and names other objects by id, so that renaming a unit changes no rule.

mod basis;
mod parameters;
mod policy;

use crate::{id::*, model::*, words::Words};
pub use policy::policy;
use serde::{Deserialize, Serialize};

/// A rule as the table has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleRow {
    /// The rule.
    pub rule: RuleId,
    /// The words of the alarm.
    pub name: Words,
    /// The published name of the kind, `limit_hh`, `sos`, ….
    pub rule_kind: String,
    /// The tags that it watches.
    pub tags: Vec<TagId>,
    /// The engineering unit of the first tag; empty where it watches none.
    pub engineering_unit: Words,
    /// The range 量程 of the first tag, in its engineering unit.
    pub range: Option<(f64, f64)>,
    /// The unit.
    pub unit: Option<UnitId>,
    /// The measure that it is the evidence of.
    pub measure: Option<MeasureId>,
    /// The risk event that it threatens.
    pub risk_event: Option<RiskEventId>,
    /// How fast someone must act.
    pub priority: Priority,
    /// The condition must hold this long before the alarm is raised.
    pub on_delay_ms: u64,
    /// The condition must be gone this long before the alarm returns to normal.
    pub off_delay_ms: u64,
    /// What to do.
    pub guidance: Words,
    /// Whether an alarm that has returned stays until a person resets it.
    pub latched: bool,
    /// Whether it is never shelved, suppressed or put out of service.
    pub never_hidden: bool,
    /// The rules that suppress it by design.
    pub suppressed_by: Vec<RuleId>,
    /// What its kind needs beside that: limits, windows, counts.
    pub parameters: Vec<Parameter>,
}

/// What a kind of rule needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Parameter {
    /// Its published name, with its unit last: `limit` (in the tag's engineering unit), `window_ms`, ….
    pub name: String,
    /// Its value.
    pub value: FieldValue,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FieldValue {
    /// Yes or no.
    Flag(bool),
    /// A count or a duration in milliseconds.
    Count(u64),
    /// A number, in the engineering unit of the tag.
    Number(f64),
    /// Words, an id, or several ids with `, ` between them.
    Text(String),
}

/// A field that two rows do not share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldChange {
    /// The field of the row, or the parameter.
    pub field: String,
    /// Before; absent where the rule or the field is new.
    pub from: Option<FieldValue>,
    /// Now; absent where it is gone.
    pub to: Option<FieldValue>,
}

/// A row with the names of what it hangs on, for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableRow {
    /// The rule.
    #[serde(flatten)]
    pub rule: RuleRow,
    /// 安全风险分析对象.
    pub object_name: Option<String>,
    /// 安全风险分析单元名称.
    pub unit_name: Option<Words>,
    /// 安全风险事件名称.
    pub risk_event_name: Option<Words>,
    /// 管控措施描述.
    pub measure_description: Option<Words>,
    /// Where the numbers of this kind come from when the configuration does not say: standards and their clauses; empty
    /// where they are engineering defaults.
    pub basis: String,
}

/// The whole table, in the order of the rules.
pub fn table(site: &Site) -> impl Iterator<Item = TableRow> {
    site.rules.iter().map(|rule| named(site, rule))
}

/// A rule as a row, with the names of what it hangs on.
#[must_use]
pub fn named(site: &Site, rule: &Rule) -> TableRow {
    let event = rule.event(site).map(|ix| &site.events[ix.at()]);
    let unit = rule.unit.or(event.map(|event| event.unit)).map(|ix| &site.units[ix.at()]);
    TableRow {
        rule: row(site, rule),
        object_name: unit.map(|unit| unit.object_name.clone()),
        unit_name: unit.map(|unit| unit.name.clone()),
        risk_event_name: event.map(|event| event.name.clone()),
        measure_description: rule.measure.map(|ix| site.measures[ix.at()].description.clone()),
        basis: basis::of(rule.kind_name()).to_owned(),
    }
}

/// A rule as a row.
#[must_use]
pub fn row(site: &Site, rule: &Rule) -> RuleRow {
    let tags = parameters::tags(&rule.kind);
    let first = tags.first().map(|ix| &site.tags[ix.at()]);
    RuleRow {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        rule_kind: rule.kind_name().to_owned(),
        engineering_unit: first.map(|tag| tag.engineering_unit.clone()).unwrap_or_default(),
        range: first.and_then(|tag| tag.range),
        tags: tags.iter().map(|ix| site.tags[ix.at()].id.clone()).collect(),
        unit: rule.unit.map(|ix| site.units[ix.at()].id.clone()),
        measure: rule.measure.map(|ix| site.measures[ix.at()].id.clone()),
        risk_event: rule.event(site).map(|ix| site.events[ix.at()].id.clone()),
        priority: rule.priority,
        on_delay_ms: rule.on_delay_ms,
        off_delay_ms: rule.off_delay_ms,
        guidance: rule.guidance.clone(),
        latched: rule.latched,
        never_hidden: rule.never_hidden,
        suppressed_by: rule.suppressed_by.iter().map(|ix| site.rules[ix.at()].id.clone()).collect(),
        parameters: parameters::of(site, &rule.kind),
    }
}

/// What differs between a rule before and now, in the order of the fields; `None` where there was or is no such rule.
#[must_use]
pub fn differences(before: Option<&RuleRow>, now: Option<&RuleRow>) -> Vec<FieldChange> {
    let (before, now) = (before.map(RuleRow::fields).unwrap_or_default(), now.map(RuleRow::fields).unwrap_or_default());
    field_changes(&before, &now)
}

/// What differs between fields before and now, in their order.
#[must_use]
pub fn field_changes(before: &[Parameter], now: &[Parameter]) -> Vec<FieldChange> {
    let find = |fields: &[Parameter], name: &str| {
        fields.iter().find(|field| field.name == name).map(|field| field.value.clone())
    };
    let gone = before.iter().filter(|field| find(now, &field.name).is_none());
    let all = now.iter().chain(gone).map(|field| FieldChange {
        field: field.name.clone(),
        from: find(before, &field.name),
        to: find(now, &field.name),
    });
    all.filter(|change| change.from != change.to).collect()
}

impl RuleRow {
    /// Everything but the id, what is empty left out.
    fn fields(&self) -> Vec<Parameter> {
        let mut fields = parameters::Parameters::default();
        fields.text("name", &self.name);
        fields.text("rule_kind", &self.rule_kind);
        fields.text("tags", &listed(&self.tags));
        fields.text("engineering_unit", &self.engineering_unit);
        if let Some((low, high)) = self.range {
            fields.number("range_low", low);
            fields.number("range_high", high);
        }
        fields.text("unit", self.unit.as_ref().map_or("", UnitId::as_str));
        fields.text("measure", self.measure.as_ref().map_or("", MeasureId::as_str));
        fields.text("risk_event", self.risk_event.as_ref().map_or("", RiskEventId::as_str));
        self.parameters.iter().for_each(|parameter| fields.0.push(parameter.clone()));
        fields.text("priority", self.priority.word());
        fields.count("on_delay_ms", self.on_delay_ms);
        fields.count("off_delay_ms", self.off_delay_ms);
        fields.text("guidance", &self.guidance);
        fields.flag("latched", self.latched);
        fields.flag("never_hidden", self.never_hidden);
        fields.text("suppressed_by", &listed(&self.suppressed_by));
        fields.0
    }
}

fn listed(ids: &[impl ToString]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn rule(limit: f64, guidance: &str) -> RuleRow {
        RuleRow {
            rule: "LI-1.H".into(),
            name: "液位高".into(),
            rule_kind: "limit_h".to_owned(),
            tags: vec!["LI-1".into()],
            engineering_unit: "%".into(),
            range: Some((0.0, 100.0)),
            unit: Some("U1".into()),
            measure: None,
            risk_event: None,
            priority: Priority::High,
            on_delay_ms: 2_000,
            off_delay_ms: 0,
            guidance: guidance.into(),
            latched: false,
            never_hidden: false,
            suppressed_by: vec!["a".into(), "b".into()],
            parameters: vec![Parameter { name: "limit".to_owned(), value: FieldValue::Number(limit) }],
        }
    }

    fn told(before: Option<&RuleRow>, now: Option<&RuleRow>) -> Vec<String> {
        let word = |value: Option<FieldValue>| value.map_or("-".to_owned(), |value| format!("{value:?}"));
        let changes = differences(before, now).into_iter();
        changes.map(|change| format!("{} {} > {}", change.field, word(change.from), word(change.to))).collect()
    }

    #[test]
    fn two_rows_differ_in_what_was_changed() {
        let before = rule(80.0, "");
        assert_eq!(told(Some(&before), Some(&before)), Vec::<String>::new());
        let now = RuleRow { priority: Priority::Critical, suppressed_by: Vec::new(), ..rule(85.5, "停泵") };
        let expected = [
            "limit Number(80.0) > Number(85.5)",
            "priority Text(\"high\") > Text(\"critical\")",
            "guidance - > Text(\"停泵\")",
            "suppressed_by Text(\"a, b\") > -",
        ];
        assert_eq!(
            told(Some(&before), Some(&now)).iter().map(String::as_str).collect::<BTreeSet<_>>(),
            expected.into()
        );
    }

    #[test]
    fn a_new_rule_and_one_that_is_gone_differ_in_all_that_they_have() {
        let row = rule(80.0, "停泵");
        let (added, removed) = (told(None, Some(&row)), told(Some(&row), None));
        assert_eq!((added.len(), removed.len()), (row.fields().len(), row.fields().len()));
        assert!(added.iter().all(|line| line.contains(" - > ")) && removed.iter().all(|line| line.ends_with(" > -")));
    }

    #[test]
    fn a_row_that_was_saved_is_the_row() {
        let row = RuleRow { range: Some((-0.1, 0.3)), ..rule(80.0, "停泵") };
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<RuleRow>(&text).unwrap(), row, "{text}");
    }
}
