//! What an enterprise may expect of the messages it got: upserted by id each is there once, within a lane they came in
//! order, and no row of the journal is missing.

use crate::receiver::Message;
use std::collections::{BTreeMap, BTreeSet};

/// The journal's messages: what has a place in the journal, without stored copies given to a new subscriber.
#[must_use]
pub fn of_journal(messages: &[Message]) -> Vec<&Message> {
    messages.iter().filter(|message| !message.retained && message.seq().is_some()).collect()
}

/// Messages by id, and whatever is wrong with their deliveries, in words.
#[must_use]
pub fn problems(messages: &[Message]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut first: BTreeMap<&str, &Message> = BTreeMap::new();
    let mut last_of_lane: BTreeMap<&str, u64> = BTreeMap::new();
    for message in of_journal(messages) {
        let Some(seq) = message.seq() else { continue };
        if let Some(before) = first.get(message.id()) {
            if before.event != message.event {
                problems.push(format!("{} came twice and not the same", message.id()));
            }
            continue;
        }
        first.insert(message.id(), message);
        let last = last_of_lane.insert(message.lane(), seq);
        if last.is_some_and(|last| last >= seq) {
            problems.push(format!("{} came in {} after {}", message.id(), message.lane(), last.unwrap_or_default()));
        }
    }
    let seqs: BTreeSet<u64> = first.values().filter_map(|message| message.seq()).collect();
    let last = seqs.last().copied().unwrap_or_default();
    problems.extend((1..=last).filter(|seq| !seqs.contains(seq)).map(|seq| format!("row {seq} is missing")));
    problems
}

/// How many deliveries were repetitions.
#[must_use]
pub fn repeated(messages: &[Message]) -> usize {
    let rows = of_journal(messages);
    let ids: BTreeSet<&str> = rows.iter().map(|message| message.id()).collect();
    rows.len() - ids.len()
}

/// The distinct objects of a kind by their `id`, grouped by a field of theirs: what an upsert by object leaves.
#[must_use]
pub fn objects(messages: &[Message], kind: &str, field: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut objects: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in messages.iter().filter(|message| message.kind() == kind && !message.retained) {
        objects.entry(message.text(field).to_owned()).or_default().insert(message.text("id").to_owned());
    }
    objects
}
