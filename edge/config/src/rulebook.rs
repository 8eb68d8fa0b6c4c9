//! The rules as they are collected: each with an id of its own that fits into addresses.

use crate::{
    relations::Relations,
    text::{Text, is_code_char, quoted},
};
use davy_core::{
    id::RuleId,
    model::{FirstOutGroup, PeopleRule, Priority, Rule, RuleKind},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// Rules with the text that each comes from.
#[derive(Default)]
pub(crate) struct Rulebook<'a> {
    rules: Vec<Rule>,
    origins: BTreeMap<RuleId, Text<'a>>,
    /// What rules are to each other.
    pub(crate) relations: Relations<'a>,
    own: BTreeSet<RuleId>,
    /// Where a kind of rule without guidance was reported: one text may make a row of them.
    unguided: BTreeSet<((&'a str, usize), &'static str)>,
}

impl<'a> Rulebook<'a> {
    /// Adds a rule. Two texts that are the same have been reported where they stand; two different ones whose rules get
    /// the same id are reported here.
    pub(crate) fn add(&mut self, origin: Text<'a>, rule: Rule) {
        if self.own.contains(&rule.id) {
            origin.wrong(format_args!(
                "{} is the id of a rule that every gateway has; choose another",
                quoted(rule.id.as_str())
            ));
        }
        match self.origins.get(&rule.id) {
            None => drop(self.origins.insert(rule.id.clone(), origin)),
            Some(first) if first.text == origin.text => {}
            Some(first) => origin.wrong(format_args!(
                "{} gets the rule id {}, which {} has already; rename one of the two",
                quoted(origin.text),
                quoted(rule.id.as_str()),
                first.spot.line()
            )),
        }
        // Of a gathering the priority grows with the people.
        let grows = matches!(&rule.kind, RuleKind::People(PeopleRule::Gathering { .. }));
        let is_unguided = (grows || rule.priority >= Priority::High) && rule.guidance.is_empty();
        if is_unguided && self.unguided.insert((origin.spot.key(), rule.kind_name())) {
            origin.warn(format_args!(
                "the alarm {} asks for an answer at once and says nobody what to do; fill in guidance (处置措施) here, or of its measure, event, unit or object",
                rule.id
            ));
        }
        self.rules.push(rule);
    }

    /// The rules so far.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Completes a rule that was added before what it watches was known.
    pub(crate) fn complete(&mut self, at: usize, complete: impl FnOnce(&mut Rule)) {
        complete(&mut self.rules[at]);
    }

    /// Adds a rule that every gateway has, whatever is written.
    pub(crate) fn add_own(&mut self, rule: Rule) {
        self.own.insert(rule.id.clone());
        self.rules.push(rule);
    }

    /// All rules, in the order in which they came, and the groups of which one is the first out.
    pub(crate) fn settle(mut self) -> (Vec<Rule>, Vec<FirstOutGroup>) {
        let groups = self.relations.settle(&mut self.rules);
        (self.rules, groups)
    }
}

/// A rule that acts at once and belongs to nothing yet.
pub(crate) fn rule(id: String, name: String, priority: Priority, kind: RuleKind) -> Rule {
    Rule {
        id: RuleId::from(id),
        name: name.into(),
        unit: None,
        measure: None,
        threatens: None,
        priority,
        on_delay_ms: 0,
        off_delay_ms: 0,
        guidance: "".into(),
        latched: false,
        never_hidden: false,
        suppressed_by: Vec::new(),
        kind,
    }
}

/// An id in the plant's own words as part of a rule id: what does not fit becomes `_` and its code point, `罐` `_7F50`.
pub(crate) fn url_safe(id: &str) -> String {
    let mut safe = String::with_capacity(id.len());
    for c in id.chars() {
        if is_code_char(c) {
            safe.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(safe, "_{:X}", u32::from(c));
        }
    }
    safe
}
