//! The gateway is away while the plant changes.

use crate::{
    step::{Step, Value},
    world::{Happened, World, records},
};
use davy_core::{
    id::{RuleId, TagIx},
    model::{Node, RuleKind, Site},
    quality::Quality,
    record::{AlarmRecord, Record},
    rules::{Verdict, limit_verdict},
};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};
use std::{collections::BTreeMap, sync::Arc};

const AWAY_MAX_MS: u64 = 120_000;

/// Shorter than the first wait for a tag and for a link: until then nobody has said that anything is missing.
const SILENT_MS: u64 = 20_000;

/// Restarts a copy of the world after an absence, first in silence, then with other values than before.
pub(crate) fn check(world: &World, site: &Site, seed: u64) {
    let mut world = world.clone();
    let mut rng = SmallRng::seed_from_u64(seed);
    let before = conditions(&world);
    world.desk.now.utc = world.desk.now.utc.after(rng.random_range(0..=AWAY_MAX_MS));
    let mut silent = world.restart();
    silent.extend(world.apply(&Step::Pass { ms: rng.random_range(0..SILENT_MS) }));
    for alarm in alarms(&silent) {
        let was = before.get(&alarm.rule).copied();
        let same = was.is_some_and(|was| {
            // What was hidden may be hidden no more: that is another occurrence of the same condition.
            was.condition == alarm.condition_holds() && (was.raised_count == alarm.raised_count || was.hidden)
        }) || alarm.ended_because.is_some();
        assert!(same || !is_told_by_source(site, &alarm.rule), "nobody has said anything, and {alarm:?} was {was:?}");
    }
    let before = conditions(&world);
    for at in 0..site.tags.len() {
        world.values[at] = Some(changed(site, TagIx::from(at), &mut rng));
    }
    let told = world.apply(&Step::TellAgain);
    for alarm in alarms(&told) {
        let was = before.get(&alarm.rule).is_some_and(|was| was.condition);
        if let (true, Some(says)) = (was != alarm.condition_holds(), value_says(&world, site, &alarm.rule)) {
            let expected = if alarm.condition_holds() { Verdict::True } else { Verdict::False };
            assert_eq!(says, expected, "{alarm:?}");
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Was {
    condition: bool,
    raised_count: u32,
    hidden: bool,
}

fn conditions(world: &World) -> BTreeMap<RuleId, Was> {
    let live = world.desk.engine().snapshot(world.desk.now.utc);
    let was = |alarm: Arc<AlarmRecord>| Was {
        condition: alarm.condition_holds(),
        raised_count: alarm.raised_count,
        hidden: alarm.is_hidden(),
    };
    live.alarms.into_iter().map(|alarm| (alarm.rule.clone(), was(alarm))).collect()
}

fn alarms(happened: &Happened) -> Vec<Arc<AlarmRecord>> {
    let alarm = |record| if let Record::Alarm(alarm) = record { Some(alarm) } else { None };
    records(happened).into_iter().filter_map(alarm).collect()
}

/// People, sights, what has repeated itself and what the alarm system knows of itself are remembered over a restart, and
/// their time goes on; what a source tells must be told again.
fn is_told_by_source(site: &Site, rule: &RuleId) -> bool {
    let kind = site.rules.iter().find(|known| known.id == *rule).map(|known| &known.kind);
    let has_time = |node: &Node| matches!(node, Node::Lasts { .. } | Node::Recent { .. } | Node::Repeats { .. });
    let has_time = matches!(kind, Some(RuleKind::Compound(compound)) if compound.nodes.iter().any(has_time));
    !has_time
        && !matches!(
            kind,
            Some(
                RuleKind::Sos { .. }
                    | RuleKind::OverCapacity { .. }
                    | RuleKind::Video { .. }
                    | RuleKind::Ticket(_)
                    | RuleKind::InspectionOverdue(_)
                    | RuleKind::System(_)
            )
        )
}

fn changed(site: &Site, tag: TagIx, rng: &mut SmallRng) -> Value {
    let trips: Vec<f64> = site.rules.iter().filter_map(|rule| trip_of(&rule.kind, tag)).collect();
    let value = if rng.random() { 22.0 } else { trips.choose(rng).copied().unwrap_or(22.0) };
    let quality = if rng.random_bool(0.1) { Quality::BAD_SENSOR } else { Quality::GOOD };
    Value { tag, value, quality, age_ms: Some(0) }
}

fn trip_of(kind: &RuleKind, tag: TagIx) -> Option<f64> {
    let RuleKind::Limit { tag: its, limit } = kind else { return None };
    (*its == tag).then_some(limit.trip)
}

/// What the tag's value says about its limit; `None` for other rules.
fn value_says(world: &World, site: &Site, rule: &RuleId) -> Option<Verdict> {
    let rule = site.rules.iter().find(|known| known.id == *rule)?;
    let RuleKind::Limit { tag, limit } = rule.kind else { return None };
    let value = world.values[tag.at()]?;
    Some(if value.quality.is_usable() { limit_verdict(limit, value.value) } else { Verdict::Unknown })
}
