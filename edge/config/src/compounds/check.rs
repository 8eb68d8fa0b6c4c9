//! Whether an expression means something: every name known, truths where truths belong, numbers of one engineering unit,
//! nothing that is always so. What it means becomes the core's list of nodes.

mod any_rule;
mod numbers;

use super::scan_ms;
use crate::{
    coverage,
    expression::{Duration, Expression, Kind, Name},
    rulebook::url_safe,
    rules::Watched,
    text::{Text, quoted},
};
use davy_core::{
    id::{RuleIx, TagIx, ZoneIx},
    limits::{COMPOUND_NODES_MAX, COMPOUND_REPEATS_MAX},
    model::{Comparison, Compound, Degrade, Node, NodeIx, Rule},
};
use std::{collections::BTreeMap, ops::Range};

/// What an expression is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Used {
    Rule(RuleIx),
    /// Any rule of a table; the first of them stands for all.
    AnyRule(RuleIx),
    Tag(TagIx),
    Zone(ZoneIx),
}

/// The rules that may be named.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    pub(super) names: &'k BTreeMap<String, RuleIx>,
    pub(super) rules: &'k [Rule],
}

/// A condition that may be run.
pub(super) struct Checked<'a> {
    pub(super) compound: Compound,
    pub(super) used: Vec<(Text<'a>, Used)>,
}

/// Checks an expression; everything that is wrong with it is reported.
pub(super) fn check<'a>(
    text: Text<'a>,
    expression: &Expression,
    known: Known<'_>,
    watched: &Watched<'_, 'a>,
) -> Option<Checked<'a>> {
    let mut checker = Checker { text, known, watched, nodes: Vec::new(), used: Vec::new(), wrong: false };
    let _ = checker.truth(expression);
    if checker.nodes.len() > COMPOUND_NODES_MAX {
        checker.wrong(0..0, "the expression is too long; split it into rules and use those");
    }
    let compound = Compound { when: expression.to_string(), nodes: checker.nodes, voting: false };
    (!checker.wrong).then_some(Checked { compound, used: checker.used })
}

/// What a name means.
enum Meaning {
    Rule(RuleIx),
    Tag(TagIx),
}

struct Checker<'c, 'w, 'a> {
    text: Text<'a>,
    known: Known<'c>,
    watched: &'c Watched<'w, 'a>,
    nodes: Vec<Node>,
    used: Vec<(Text<'a>, Used)>,
    wrong: bool,
}

impl Checker<'_, '_, '_> {
    fn wrong(&mut self, span: Range<usize>, what: impl std::fmt::Display) {
        self.text.part(span).wrong(what);
        self.wrong = true;
    }

    fn add(&mut self, node: Node) -> NodeIx {
        self.nodes.push(node);
        NodeIx(u16::try_from(self.nodes.len() - 1).unwrap_or(u16::MAX))
    }

    fn uses(&mut self, span: Range<usize>, used: Used) {
        self.used.push((self.text.part(span), used));
    }

    /// A condition; `None` when something in it is wrong, which has been reported.
    fn truth(&mut self, expression: &Expression) -> Option<NodeIx> {
        let node = match &expression.kind {
            Kind::Name(name) => self.named_truth(name, expression.span.clone())?,
            Kind::AnyRule(table, zones) => self.any_rule(table, zones)?,
            Kind::Bad(name) => Node::Bad(self.tag(name)?),
            Kind::Compare(comparison, a, b) => return self.compare(*comparison, a, b, expression.span.clone()),
            Kind::Not(of) => Node::Not(self.truth(of)?),
            Kind::All(of) => Node::All(self.truths(of)?),
            Kind::Any(of) => Node::Any(self.truths(of)?),
            Kind::Vote { needed, total, of } => self.vote(*needed, *total, of, expression.span.clone())?,
            Kind::For(of, duration) => {
                let used = self.used.len();
                let of = self.truth(of)?;
                self.check_lasting(used, duration);
                Node::Lasts { of, for_ms: duration.ms }
            }
            Kind::Within(a, duration, b) => {
                let (a, b) = (self.truth(a), self.truth(b));
                let mut recent = |of| self.add(Node::Recent { of, within_ms: duration.ms });
                Node::All([recent(a?), recent(b?)].into())
            }
            Kind::Count(..) => {
                self.wrong(expression.span.clone(), "count is a number; compare it: count(…) >= 3");
                return None;
            }
            Kind::Number(_)
            | Kind::People(_)
            | Kind::Negative(_)
            | Kind::Absolute(_)
            | Kind::Arithmetic(..)
            | Kind::Extreme(..)
            | Kind::Average(_) => {
                self.wrong(
                    expression.span.clone(),
                    "this is a number and a condition is needed; compare it, such as … > 80",
                );
                return None;
            }
        };
        Some(self.add(node))
    }

    /// What has to last, for longer than the time between two values of what is in it.
    fn check_lasting(&mut self, used: usize, duration: &Duration) {
        let scan_ms = scan_ms(self.used[used..].iter().map(|(_, used)| *used), self.watched);
        if let Some(problem) = scan_ms.and_then(|scan_ms| coverage::short_delay(duration.ms, scan_ms)) {
            self.wrong(duration.span.clone(), problem);
        }
    }

    /// All of them are looked at, whatever is wrong with one.
    fn truths(&mut self, of: &[Expression]) -> Option<Box<[NodeIx]>> {
        let found: Vec<Option<NodeIx>> = of.iter().map(|part| self.truth(part)).collect();
        found.into_iter().collect()
    }

    fn named_truth(&mut self, name: &str, span: Range<usize>) -> Option<Node> {
        match self.meaning(name, span.clone())? {
            Meaning::Rule(rule) => {
                self.uses(span, Used::Rule(rule));
                Some(Node::Rule(rule))
            }
            Meaning::Tag(tag) if self.point(tag).range.is_some() => {
                self.wrong(
                    span,
                    format_args!(
                        "{} has a range, so it is a measurement and not on or off; compare it, such as {name} > 80",
                        quoted(name)
                    ),
                );
                None
            }
            Meaning::Tag(tag) => {
                self.uses(span, Used::Tag(tag));
                Some(Node::On(tag))
            }
        }
    }

    fn vote(&mut self, needed: u64, total: Option<u64>, of: &[Expression], span: Range<usize>) -> Option<Node> {
        let count = of.len() as u64;
        if let Some(total) = total.filter(|total| *total != count) {
            self.wrong(
                span.clone(),
                format_args!("{needed}oo{total} has {count} conditions in its list; write as many as it says"),
            );
        } else if !(1..=count).contains(&needed) {
            self.wrong(
                span,
                format_args!("{needed} of {count} conditions makes no sense; write a number from 1 to {count}"),
            );
        }
        let mut seen: Vec<String> = Vec::new();
        for part in of {
            let written = part.to_string();
            if seen.contains(&written) {
                self.wrong(
                    part.span.clone(),
                    format_args!("{} stands twice and has one vote; remove it", quoted(&written)),
                );
            }
            seen.push(written);
        }
        let of = self.truths(of)?;
        Some(Node::Vote { needed: u16::try_from(needed).unwrap_or(u16::MAX), of, degrade: Degrade::Unknown })
    }

    fn compare(
        &mut self,
        comparison: Comparison,
        a: &Expression,
        b: &Expression,
        span: Range<usize>,
    ) -> Option<NodeIx> {
        match (&a.kind, &b.kind) {
            (Kind::Count(of, duration), _) => return self.repeats(of, duration, comparison, b, span),
            (_, Kind::Count(of, duration)) => return self.repeats(of, duration, mirrored(comparison), a, span),
            _ => {}
        }
        let (first, second) = (self.number(a), self.number(b));
        let (first, second) = (first?, second?);
        self.same_unit(&first, &second, b.span.clone());
        if a.to_string() == b.to_string() {
            self.wrong(span, "compares the same with itself; correct one of the two");
        } else if let Some(always) = first.always(comparison, &second) {
            self.wrong(
                span,
                format_args!(
                    "is always {always}, whatever the plant does ({}); correct the number",
                    first.against(&second)
                ),
            );
        }
        Some(self.add(Node::Compare(comparison, first.ix, second.ix)))
    }

    /// `count(x, 10 min) >= 3`: only whether it came to that is remembered, so the number must be there.
    fn repeats(
        &mut self,
        of: &Expression,
        duration: &Duration,
        comparison: Comparison,
        number: &Expression,
        span: Range<usize>,
    ) -> Option<NodeIx> {
        let of = self.truth(of);
        let Kind::Number(number) = number.kind else {
            self.wrong(number.span.clone(), "how often is compared with a number; write count(…) >= 3");
            return None;
        };
        let (times, negated) = match comparison {
            Comparison::AtLeast => (number, false),
            Comparison::Above => (number.floor() + 1.0, false),
            Comparison::Below => (number, true),
            Comparison::AtMost => (number.floor() + 1.0, true),
            Comparison::Same | Comparison::Differs => {
                self.wrong(span, "how often is compared with >=, >, < or <=; write count(…) >= 3");
                return None;
            }
        };
        let whole = (1..=COMPOUND_REPEATS_MAX).find(|whole| (f64::from(*whole) - times).abs() < f64::EPSILON);
        let Some(times) = whole else {
            self.wrong(span, format_args!("how often is a whole number from 1 to {COMPOUND_REPEATS_MAX}; correct it"));
            return None;
        };
        let repeats = self.add(Node::Repeats { of: of?, times, within_ms: duration.ms });
        Some(if negated { self.add(Node::Not(repeats)) } else { repeats })
    }

    fn meaning(&mut self, name: &str, span: Range<usize>) -> Option<Meaning> {
        let rule = self.known.names.get(name).or_else(|| self.known.names.get(&url_safe(name))).copied();
        let tag = self.watched.points.ids.position(name).map(TagIx::from);
        match (rule, tag) {
            (Some(rule), None) => Some(Meaning::Rule(rule)),
            (None, Some(tag)) => Some(Meaning::Tag(tag)),
            (Some(_), Some(_)) => {
                self.wrong(span, format_args!("{} is a tag and a rule as well; rename the rule", quoted(name)));
                None
            }
            (None, None) => {
                let candidates: Vec<&str> =
                    self.known.names.keys().map(String::as_str).chain(self.watched.points.ids.names()).collect();
                let suggestion = self.text.spot.suggest(name, candidates.into_iter());
                let advice = suggestion.unwrap_or_else(|| advice(name));
                if self.watched.points.ids.is_complete() {
                    self.text
                        .part(span)
                        .wrong(format_args!("{} is neither a tag of tags.csv nor a rule{advice}", quoted(name)));
                }
                self.wrong = true;
                None
            }
        }
    }

    fn tag(&mut self, name: &Name) -> Option<TagIx> {
        if let Meaning::Tag(tag) = self.meaning(&name.text, name.span.clone())? {
            self.uses(name.span.clone(), Used::Tag(tag));
            return Some(tag);
        }
        self.wrong(name.span.clone(), format_args!("{} is a rule and a tag is needed; name a tag", quoted(&name.text)));
        None
    }

    fn zone(&mut self, name: &Name) -> Option<ZoneIx> {
        let text = Text { text: &name.text, ..self.text.part(name.span.clone()) };
        let Some(zone) = self.watched.places.zone(text) else {
            self.wrong = true;
            return None;
        };
        self.uses(name.span.clone(), Used::Zone(zone));
        Some(zone)
    }

    fn point(&self, tag: TagIx) -> &davy_core::model::Tag {
        &self.watched.points.rows[tag.at()].tag
    }
}

/// What is usually meant by a word that names nothing.
fn advice(name: &str) -> String {
    if name.contains('-') {
        return "; correct it, or write blanks around - to subtract".to_owned();
    }
    "; correct it or add it there".to_owned()
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Above => Comparison::Below,
        Comparison::AtLeast => Comparison::AtMost,
        Comparison::Below => Comparison::Above,
        Comparison::AtMost => Comparison::AtLeast,
        Comparison::Same => Comparison::Same,
        Comparison::Differs => Comparison::Differs,
    }
}
