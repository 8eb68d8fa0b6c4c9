//! Compounds may be made of compounds, but none of itself, and not without end.

use crate::text::Text;
use davy_core::{
    limits::COMPOUND_NESTING_MAX,
    model::{Node, Rule, RuleKind},
};
use std::collections::BTreeMap;

/// Reports cycles and too deep a nesting, each once, where the expression of one of the members stands.
pub(super) fn report(written: &[(usize, Text<'_>)], rules: &[Rule]) {
    let mut depths: BTreeMap<usize, u8> = BTreeMap::new();
    let mut left: Vec<usize> = written.iter().map(|(at, _)| *at).collect();
    // Whatever is made of settled rules alone is settled; what is left in the end is, or is made of, a cycle.
    loop {
        let before = left.len();
        left.retain(|at| {
            let depth = beneath(*at, rules)
                .map(|under| depths.get(&under).copied())
                .try_fold(0, |most: u8, depth| Some(most.max(depth?)));
            depth.is_none_or(|depth| depths.insert(*at, depth.saturating_add(1)).is_some())
        });
        if left.len() == before {
            break;
        }
    }
    for (at, text) in written {
        if depths.get(at).is_some_and(|depth| *depth > COMPOUND_NESTING_MAX) {
            text.wrong(format_args!(
                "is made of compounds of compounds, more than {COMPOUND_NESTING_MAX} deep; make it flatter"
            ));
        }
    }
    report_cycles(&left, written, rules);
}

/// Other compounds that a compound is made of.
fn beneath(at: usize, rules: &[Rule]) -> impl Iterator<Item = usize> {
    let nodes = if let RuleKind::Compound(compound) = &rules[at].kind { compound.nodes.as_slice() } else { &[] };
    let under = nodes.iter().filter_map(|node| if let Node::Rule(rule) = node { Some(rule.at()) } else { None });
    under.filter(|under| matches!(rules[*under].kind, RuleKind::Compound(_)))
}

fn report_cycles(left: &[usize], written: &[(usize, Text<'_>)], rules: &[Rule]) {
    let mut told: Vec<usize> = Vec::new();
    for start in left {
        let mut path = vec![*start];
        // Each that is left is made of one that is left, so going down comes round.
        while let Some(next) = path.last().and_then(|last| beneath(*last, rules).find(|under| left.contains(under))) {
            if let Some(first) = path.iter().position(|at| *at == next) {
                path.drain(..first);
                break;
            }
            path.push(next);
        }
        if path.iter().any(|at| told.contains(at)) {
            continue;
        }
        let Some((_, text)) = written.iter().find(|(at, _)| *at == path[0]) else { continue };
        let members: Vec<&str> = path.iter().chain([&path[0]]).map(|at| rules[*at].id.as_str()).collect();
        text.wrong(format_args!("the rule is made of itself: {}; remove one of the links", members.join(" → ")));
        told.extend(path);
    }
}
