//! A site with some of its rules: what names rules by their place is moved along.

use davy_core::{
    id::RuleIx,
    model::{Rule, Site},
};

/// The site with only the rules that are to be kept.
#[must_use]
pub fn keep_rules(site: &Site, keep: impl Fn(&Rule) -> bool) -> Site {
    let kept: Vec<usize> = (0..site.rules.len()).filter(|at| keep(&site.rules[*at])).collect();
    let moved = |ix: &RuleIx| kept.iter().position(|at| *at == ix.at()).map(RuleIx::from);
    let mut fewer = site.clone();
    fewer.rules = kept.iter().map(|at| site.rules[*at].clone()).collect();
    for rule in &mut fewer.rules {
        rule.suppressed_by = rule.suppressed_by.iter().filter_map(moved).collect();
    }
    for group in &mut fewer.first_out {
        group.rules = group.rules.iter().filter_map(moved).collect();
    }
    fewer
}
