//! Another configuration of the same plant: limits moved, and objects under other ids, which takes the old ones out and adds new
//! ones.

use crate::{
    invariants::Ledger,
    step::Step,
    told::Told,
    world::{Happened, World},
};
use davy_core::model::{RuleKind, Site};
use rand::{Rng, rngs::SmallRng};

/// Goes on with another configuration, as after a restart. Measures and units that it does not know are told no more.
pub(crate) fn go_on(world: &mut World, ledger: &mut Ledger, told: &mut Told, site: Site) -> Happened {
    ledger.reconfigured = true;
    ledger.measures.retain(|id, _| site.measures.iter().any(|measure| measure.id.as_str() == id));
    ledger.units.retain(|id, _| site.units.iter().any(|unit| unit.id.as_str() == id));
    told.configure(&site);
    world.site = site;
    world.apply(&Step::Restart { away_ms: 0 })
}

/// The lists keep their lengths, so that a step means the same in both.
pub(crate) fn site(site: &Site, rng: &mut SmallRng) -> Site {
    let mut site = site.clone();
    site.gateway.config_version = format!("{:08x}", rng.random::<u32>()).into();
    for rule in &mut site.rules {
        if let RuleKind::Limit { limit, .. } = &mut rule.kind {
            let by = rng.random_range(-5.0..5.0);
            (limit.trip, limit.clear) = (limit.trip + by, limit.clear + by);
        }
    }
    rename(site.rules.iter_mut().map(|rule| &mut rule.id), rng);
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
