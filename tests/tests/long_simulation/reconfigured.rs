//! Another configuration of the same plant: limits moved, rules taken out, and objects under other ids, which takes the old
//! one out and adds a new one.

use davy_core::model::{RuleKind, Site};
use rand::{Rng, rngs::SmallRng};

/// The lists keep their lengths save that of the rules, so that a step means the same in both.
pub(crate) fn site(site: &Site, rng: &mut SmallRng) -> Site {
    let mut site = site.clone();
    site.gateway.config_version = format!("{:08x}", rng.random::<u32>());
    site.rules.retain(|_| rng.random_ratio(9, 10));
    for rule in &mut site.rules {
        if let RuleKind::Limit { limit, .. } = &mut rule.kind {
            let by = rng.random_range(-5.0..5.0);
            (limit.trip, limit.clear) = (limit.trip + by, limit.clear + by);
        }
        if rng.random_ratio(1, 20) {
            rule.id = format!("{}-new", rule.id).into();
        }
    }
    rename(site.tags.iter_mut().map(|tag| &mut tag.id), rng);
    rename(site.units.iter_mut().map(|unit| &mut unit.id), rng);
    rename(site.events.iter_mut().map(|event| &mut event.id), rng);
    rename(site.measures.iter_mut().map(|measure| &mut measure.id), rng);
    rename(site.people.iter_mut().map(|person| &mut person.id), rng);
    site
}

fn rename<'a, T: From<String> + std::fmt::Display + 'a>(ids: impl Iterator<Item = &'a mut T>, rng: &mut SmallRng) {
    ids.filter(|_| rng.random_ratio(1, 20)).for_each(|id| *id = format!("{id}-new").into());
}
