//! A site with some of its rules: what names rules by their place is moved along.

use davy_core::{
    id::RuleIx,
    model::{Node, Rule, RuleKind, Site},
};

/// The site with only the rules that are to be kept. A compound rule goes with what it is made of.
#[must_use]
pub fn keep_rules(site: &Site, keep: impl Fn(&Rule) -> bool) -> Site {
    let mut kept: Vec<usize> = (0..site.rules.len()).filter(|at| keep(&site.rules[*at])).collect();
    while let Some(place) = kept.iter().position(|at| beneath(&site.rules[*at]).any(|under| !kept.contains(&under))) {
        kept.remove(place);
    }
    let moved = |ix: &RuleIx| kept.iter().position(|at| *at == ix.at()).map(RuleIx::from);
    let mut fewer = site.clone();
    fewer.rules = kept.iter().map(|at| site.rules[*at].clone()).collect();
    for rule in &mut fewer.rules {
        rule.suppressed_by = rule.suppressed_by.iter().filter_map(moved).collect();
        let RuleKind::Compound(compound) = &mut rule.kind else { continue };
        for node in &mut compound.nodes {
            if let Node::Rule(under) = node {
                moved(under).into_iter().for_each(|at| *under = at);
            }
        }
    }
    for group in &mut fewer.first_out {
        group.rules = group.rules.iter().filter_map(moved).collect();
    }
    fewer
}

fn beneath(rule: &Rule) -> impl Iterator<Item = usize> {
    let nodes = if let RuleKind::Compound(compound) = &rule.kind { compound.nodes.as_slice() } else { &[] };
    nodes.iter().filter_map(|node| if let Node::Rule(under) = node { Some(under.at()) } else { None })
}
