//! What a restart and another configuration must leave as it is.

use crate::compare::differences;
use acceptance::desk::Desk;
use davy_core::{
    annunciation::Annunciation,
    model::Site,
    quality::Quality,
    snapshot::{Snapshot, TagView},
};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// A restart now gives back every open object and the lamp, before anything has been said.
pub(crate) fn check_restart(desk: &Desk, site: &Site) {
    let mut restarted = desk.clone();
    restarted.restart(site.clone());
    let (before, after) = (desk.engine().snapshot(desk.now.utc), restarted.engine().snapshot(desk.now.utc));
    same(&after.alarms, |a| a.id.as_str(), before.alarms.iter());
    same(&after.warnings, |w| w.id.as_str(), before.warnings.iter());
    same(&after.tasks, |t| t.id.as_str(), before.tasks.iter());
    same(&after.hazards, |h| h.id.as_str(), before.hazards.iter());
    same(&after.measures, |m| m.measure.as_str(), before.measures.iter());
    same(&after.hidden, |h| h.rule.as_str(), before.hidden.iter());
    same(&after.units, |u| u.unit.as_str(), before.units.iter());
    assert_eq!(after.zones, before.zones);
    assert_eq!(after.tickets, before.tickets);
    let places = |snapshot: &Snapshot| snapshot.people.iter().map(|p| (p.person.clone(), p.sos)).collect::<Vec<_>>();
    assert_eq!(places(&after), places(&before));
    let lamp = |a: Annunciation| (a.lamp, a.pattern, a.relay);
    assert_eq!(lamp(restarted.annunciation), lamp(desk.annunciation));
}

/// The same configuration, put in force now, changes nothing that is shown. While a tag is stale this is not asked: that nothing
/// was heard of it for too long has to be found out anew.
pub(crate) fn check_reconfigured(desk: &Desk, site: &Site) {
    let before = desk.engine().snapshot(desk.now.utc);
    if before.tags.iter().any(|tag| tag.quality == Quality::BAD_STALE) {
        return;
    }
    let mut other = desk.clone();
    for event in other.reconfigure(site.clone()) {
        drop(other.apply(event));
    }
    let mut after = other.engine().snapshot(desk.now.utc);
    // A tag that is awaited again is no evidence, whatever its rules were before.
    for (alarm, was) in after.alarms.iter_mut().zip(&before.alarms) {
        Arc::make_mut(alarm).inputs_known = was.inputs_known;
    }
    // What a source said before it was lost is no word on what is.
    let tag = |tag: TagView| (tag.tag, tag.quality, tag.value.filter(|_| tag.quality.is_usable()));
    let tags = |live: &Snapshot| live.tags.iter().map(tag).collect::<Vec<_>>();
    assert_eq!(tags(&after), tags(&before));
    same(&after.alarms, |a| a.id.as_str(), before.alarms.iter());
    same(&after.warnings, |w| w.id.as_str(), before.warnings.iter());
    same(&after.tasks, |t| t.id.as_str(), before.tasks.iter());
    same(&after.hazards, |h| h.id.as_str(), before.hazards.iter());
    same(&after.hidden, |h| h.rule.as_str(), before.hidden.iter());
    assert_eq!(after.zones, before.zones);
    assert_eq!(after.tickets, before.tickets);
    assert_eq!(other.annunciation, desk.annunciation);
}

/// The same objects by id, in any order. Only where two differ are they written out, which takes far longer than to compare them;
/// what is no number differs from itself and is written out the same.
pub(super) fn same<'a, T: Serialize + PartialEq + 'a>(
    live: &'a [T],
    id: impl Fn(&'a T) -> &'a str,
    told: impl Iterator<Item = &'a T>,
) {
    let by_id = |objects: &mut dyn Iterator<Item = &'a T>| -> Vec<(&'a str, &'a T)> {
        let mut objects: Vec<_> = objects.map(|object| (id(object), object)).collect();
        objects.sort_unstable_by_key(|(id, _)| *id);
        objects
    };
    let (live, mut told) = (by_id(&mut live.iter()), told);
    let told = by_id(&mut told);
    if live != told {
        let written = |objects: &[(&str, &T)]| -> Value {
            let rows = objects.iter().map(|(id, object)| (*id, serde_json::to_value(object).expect("plain data")));
            rows.map(|(id, row)| (id.to_owned(), row)).collect::<serde_json::Map<_, _>>().into()
        };
        let differences = differences(&written(&live), &written(&told), String::new());
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        assert_eq!(live.len(), told.len(), "an id stands twice");
    }
}
