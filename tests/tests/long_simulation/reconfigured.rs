//! Another configuration of the same plant: limits, deadbands, delays and priorities changed, and objects under other ids, which
//! takes the old ones out and puts new ones in their places.

use davy_core::{
    id::PersonIx,
    model::{Priority, RuleKind, Site, Watched},
};
use rand::{Rng, rngs::SmallRng, seq::IndexedRandom};

/// The lists keep their lengths, so that a step means the same in both.
pub(crate) fn site(site: &Site, rng: &mut SmallRng) -> Site {
    let mut site = site.clone();
    site.gateway.config_version = format!("{:08x}", rng.random::<u32>()).into();
    for rule in &mut site.rules {
        if let RuleKind::Limit { limit, .. } = &mut rule.kind {
            let by = rng.random_range(-5.0..5.0);
            (limit.trip, limit.clear) = (limit.trip + by, limit.clear + by);
            if rng.random_ratio(1, 5) {
                limit.clear = if rng.random() { limit.trip } else { limit.trip + 3.0 * (limit.clear - limit.trip) };
            }
        }
        // What the invariants know of people and tickets holds without delays.
        if is_of_field(&rule.kind) && rng.random_ratio(1, 10) {
            let delays = [0, 0, 1_000, 10_000, 60_000];
            rule.on_delay_ms = *delays.choose(rng).unwrap_or(&0);
            rule.off_delay_ms = *delays.choose(rng).unwrap_or(&0);
            let priorities = [Priority::Low, Priority::Medium, Priority::High, Priority::Critical];
            rule.priority = *priorities.choose(rng).unwrap_or(&rule.priority);
        }
    }
    rename(site.rules.iter_mut().map(|rule| &mut rule.id), rng);
    rename(site.tags.iter_mut().map(|tag| &mut tag.id), rng);
    rename(site.units.iter_mut().map(|unit| &mut unit.id), rng);
    rename(site.events.iter_mut().map(|event| &mut event.id), rng);
    rename(site.measures.iter_mut().map(|measure| &mut measure.id), rng);
    replace_people(&mut site, rng);
    site
}

fn rename<'a, T: From<String> + std::fmt::Display + 'a>(ids: impl Iterator<Item = &'a mut T>, rng: &mut SmallRng) {
    ids.filter(|_| rng.random_ratio(1, 20)).for_each(|id| *id = format!("{id}-new").into());
}

/// Other people, whose rules are called after them.
fn replace_people(site: &mut Site, rng: &mut SmallRng) {
    for at in 0..site.people.len() {
        if rng.random_ratio(1, 20) {
            let ids = site.rules.iter_mut().filter(|rule| rule.kind.person() == Some(PersonIx::from(at)));
            ids.for_each(|rule| rule.id = format!("{}-new", rule.id).into());
            site.people[at].id = format!("{}-new", site.people[at].id).into();
        }
    }
}

fn is_of_field(kind: &RuleKind) -> bool {
    let mut is = false;
    kind.watches(|watched| is |= matches!(watched, Watched::Tag(_) | Watched::Source(_) | Watched::Uplink(_)));
    is
}
