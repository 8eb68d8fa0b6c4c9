//! What the gateway knows of the forwarded tags now: with it a birth begins.

use super::{node::Places, payload::Value};
use davy_core::{
    quality::Quality,
    snapshot::{Snapshot, TagView},
    time::UtcTime,
};
use std::collections::BTreeSet;

/// The values of the metrics, in their order; a tag that the gateway does not know any more has none.
pub(super) fn values(snapshot: &Snapshot, places: &Places, now: UtcTime) -> Vec<Value> {
    let unknown = Value { number: None, quality: Quality::BAD_WAITING, time: now };
    let mut values = vec![unknown; places.len()];
    for (tag, id) in snapshot.tags.ids() {
        if let Some(value) = places.get(id.as_str()).and_then(|&(_, metric)| values.get_mut(metric)) {
            let TagView { value: number, quality, source_time, received_time, .. } = snapshot.tags.view(tag);
            *value = Value { number, quality, time: source_time.or(received_time).unwrap_or(now) };
        }
    }
    values
}

/// The devices of which anything is heard.
pub(super) fn connected(snapshot: &Snapshot, places: &Places) -> BTreeSet<usize> {
    let is_lost = |quality| matches!(quality, Quality::BAD_NO_COMMUNICATION | Quality::BAD_WAITING);
    let mut heard = BTreeSet::new();
    for (tag, id) in snapshot.tags.ids() {
        let device = places.get(id.as_str()).map(|&(device, _)| device);
        // One tag that is heard is enough: a view is not made for nothing.
        if let Some(device) = device.filter(|device| !heard.contains(device))
            && !is_lost(snapshot.tags.view(tag).quality)
        {
            heard.insert(device);
        }
    }
    heard
}
