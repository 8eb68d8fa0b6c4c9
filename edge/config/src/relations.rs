//! `rules.toml`: what rules are to each other. A rule that makes others meaningless while it is active, `suppressed_by` and
//! `[[suppressed]]`; groups in which the first to be raised is told apart, `[[first_out]]`.

use crate::{
    documents::Section,
    index::Index,
    text::{Text, quoted},
};
use davy_core::{
    id::{FirstOutId, RuleId, RuleIx},
    model::{FirstOutGroup, Rule},
};
use std::collections::BTreeMap;

/// What has been written, by the rules' ids: which rules there are is known only when all have been read.
#[derive(Default)]
pub(crate) struct Relations<'a> {
    suppressions: Vec<(Suppressed<'a>, Text<'a>)>,
    groups: Vec<Group<'a>>,
}

enum Suppressed<'a> {
    /// The rule that says so itself.
    Own(RuleId),
    Named(Text<'a>),
}

struct Group<'a> {
    id: FirstOutId,
    name: String,
    rules: Vec<Text<'a>>,
}

impl<'a> Relations<'a> {
    /// Notes what a rule says of itself.
    pub(crate) fn suppressed_by(&mut self, rule: &RuleId, by: Vec<Text<'a>>) {
        self.suppressions.extend(by.into_iter().map(|by| (Suppressed::Own(rule.clone()), by)));
    }

    /// Reads `[[suppressed]]` and `[[first_out]]`.
    pub(crate) fn read(&mut self, root: &Section<'a>) {
        for section in root.sections("suppressed") {
            section.knows(&["rules", "by"]);
            let (rules, by) = (some_of(&section, "rules", "FI-1101.L"), some_of(&section, "by", "P-1101.stopped"));
            for rule in rules {
                self.suppressions.extend(by.iter().map(|by| (Suppressed::Named(rule), *by)));
            }
        }
        let mut ids = Index::new("first_out", "rules.toml", true);
        for (at, section) in root.sections("first_out").iter().enumerate() {
            section.knows(&["id", "name", "rules"]);
            let id = section.needed_text("id", "trip-1101");
            if let Some(id) = id {
                ids.add(id, at);
            }
            let name = section.needed_text("name", "1101反应釜联锁首出").and_then(Text::name);
            let rules = some_of(section, "rules", "TI-1101.HH");
            if rules.len() == 1 {
                rules[0].wrong("is alone in its group, so it would always be the first; name at least two rules");
            }
            self.groups.push(Group {
                id: id.and_then(Text::code).unwrap_or_default().into(),
                name: name.unwrap_or_default().to_owned(),
                rules,
            });
        }
    }

    /// Gives each rule those that suppress it, and makes the groups.
    pub(crate) fn settle(self, rules: &mut [Rule]) -> Vec<FirstOutGroup> {
        let ids: BTreeMap<RuleId, RuleIx> =
            rules.iter().enumerate().map(|(at, rule)| (rule.id.clone(), RuleIx::from(at))).collect();
        for (suppressed, by) in self.suppressions {
            let (rule, at) = match suppressed {
                Suppressed::Own(rule) => (ids.get(&rule).copied(), by),
                Suppressed::Named(rule) => (find(rule, &ids), rule),
            };
            if let (Some(rule), Some(suppressor)) = (rule, find(by, &ids)) {
                suppress(rule, suppressor, at, by, rules);
            }
        }
        let mut taken = BTreeMap::new();
        self.groups.into_iter().map(|group| first_out(group, &ids, &mut taken)).collect()
    }
}

fn suppress(rule: RuleIx, by: RuleIx, at: Text<'_>, by_text: Text<'_>, rules: &mut [Rule]) {
    if rules[rule.at()].never_hidden {
        at.wrong(format_args!(
            "lives hang on the rule {}, so nothing may suppress it; remove it here",
            quoted(rules[rule.at()].id.as_str())
        ));
    } else if let Some(circle) = circle(rule, by, rules) {
        by_text.wrong(format_args!("makes a circle in which rules suppress each other: {circle}; remove one of them"));
    } else if !rules[rule.at()].suppressed_by.contains(&by) {
        rules[rule.at()].suppressed_by.push(by);
    }
}

/// `a < b < a`, where `a` would be suppressed by `b`, which is suppressed by `a` already, perhaps through others.
fn circle(rule: RuleIx, by: RuleIx, rules: &[Rule]) -> Option<String> {
    let mut paths = vec![vec![rule, by]];
    let mut seen = vec![by];
    while let Some(path) = paths.pop() {
        let last = *path.last()?;
        if last == rule {
            let names: Vec<&str> = path.iter().map(|ix| rules[ix.at()].id.as_str()).collect();
            return Some(names.join(" < "));
        }
        for next in &rules[last.at()].suppressed_by {
            if !seen.contains(next) {
                seen.push(*next);
                paths.push([&path[..], &[*next]].concat());
            }
        }
    }
    None
}

fn first_out<'a>(
    group: Group<'a>,
    ids: &BTreeMap<RuleId, RuleIx>,
    taken: &mut BTreeMap<RuleIx, Text<'a>>,
) -> FirstOutGroup {
    let mut rules = Vec::new();
    for text in group.rules {
        let Some(ix) = find(text, ids) else { continue };
        match taken.insert(ix, text) {
            None => rules.push(ix),
            Some(first) => text.wrong(format_args!(
                "{} is in a first-out group already, at {}; a rule has one first-out, so remove one of the two",
                quoted(text.text),
                first.spot.line()
            )),
        }
    }
    FirstOutGroup { id: group.id, name: group.name, rules }
}

fn find(text: Text<'_>, ids: &BTreeMap<RuleId, RuleIx>) -> Option<RuleIx> {
    let found = ids.get(&RuleId::from(text.text)).copied();
    if found.is_none() {
        let suggestion = text.spot.suggest(text.text, ids.keys().map(RuleId::as_str));
        let advice = suggestion.unwrap_or_else(|| {
            "; write the id of a rule of rules.toml, or of the tables, such as \"LI-1101.HH\" or \"over-capacity-Z-11\""
                .to_owned()
        });
        text.wrong(format_args!("there is no rule {}{advice}", quoted(text.text)));
    }
    found
}

/// A list that must name something.
fn some_of<'a>(section: &Section<'a>, key: &'static str, example: &str) -> Vec<Text<'a>> {
    let texts = section.texts(key);
    if texts.is_empty() && section.key(key).is_none() {
        section.missing(key, format_args!("{key} = [\"{example}\"]"));
    } else if let (true, Some(spot)) = (texts.is_empty(), section.key(key)) {
        spot.error(format_args!("{key}: names no rule; write [\"{example}\"]"));
    }
    texts
}
