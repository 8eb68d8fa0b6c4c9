//! What the server made of what was asked for: intervals and queues as it revised them, and the items it refused.

use crate::opcua::subscribe::Wanted;
use opcua::types::{MonitoredItemCreateResult, StatusCode};
use std::{collections::BTreeSet, time::Duration};

/// A subscription as the server granted it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granted {
    pub(crate) id: u32,
    pub(crate) publishing: Duration,
    /// Without a sign of life for this long it is dead.
    pub(crate) silence_max: Duration,
}

/// An item that the server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) item: usize,
    pub(crate) status: StatusCode,
}

/// What became of the items.
#[derive(Debug, Default)]
pub(crate) struct Created {
    pub(crate) refused: Vec<Refused>,
    sampling_ms: BTreeSet<u64>,
    queues: BTreeSet<u32>,
}

impl Created {
    /// Takes note of an item that cannot even be asked for.
    pub(crate) fn known<T>(&mut self, item: usize, request: Option<T>) -> Option<(usize, T)> {
        if request.is_none() {
            self.refused.push(Refused { item, status: StatusCode::BadNodeIdInvalid });
        }
        request.map(|request| (item, request))
    }

    /// Takes note of what the server answered for an item.
    pub(crate) fn take(&mut self, item: usize, result: &MonitoredItemCreateResult) {
        if result.status_code.is_bad() {
            self.refused.push(Refused { item, status: result.status_code });
        } else {
            // Whole milliseconds are enough to show.
            self.sampling_ms.insert(result.revised_sampling_interval.max(0.0) as u64);
            self.queues.insert(result.revised_queue_size);
        }
    }

    /// What the server granted, in words, beside what was asked for where that differs.
    pub(crate) fn notes(&self, wanted: &Wanted, granted: &[Granted]) -> Vec<String> {
        let publishing: BTreeSet<u64> = granted.iter().map(|granted| granted.publishing.as_millis() as u64).collect();
        let asked = (wanted.publishing.as_millis() as u64, wanted.sampling_ms as u64);
        let mut notes = vec![
            format!("nodes: {}, subscriptions: {}", wanted.len() - self.refused.len(), granted.len()),
            revised("publishing interval", "ms", &publishing, asked.0),
            revised("sampling interval", "ms", &self.sampling_ms, asked.1),
            revised(
                "queue size",
                "values",
                &self.queues.iter().copied().map(u64::from).collect(),
                wanted.queue_size.into(),
            ),
        ];
        if !self.refused.is_empty() {
            notes.push(format!("{} nodes refused by the server", self.refused.len()));
        }
        notes
    }
}

fn revised(what: &str, of: &str, granted: &BTreeSet<u64>, asked: u64) -> String {
    let words = match (granted.first(), granted.last()) {
        (Some(least), Some(most)) if least == most => format!("{what}: {least} {of}"),
        (Some(least), Some(most)) => format!("{what}: {least} to {most} {of}"),
        _ => return format!("{what}: {asked} {of} asked for"),
    };
    if granted.iter().all(|granted| *granted == asked) { words } else { format!("{words}, {asked} asked for") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_what_was_asked_is_shown() {
        for (granted, expected) in [
            (vec![250], "sampling interval: 250 ms"),
            (vec![1000], "sampling interval: 1000 ms, 250 asked for"),
            (vec![250, 1000], "sampling interval: 250 to 1000 ms, 250 asked for"),
            (vec![], "sampling interval: 250 ms asked for"),
        ] {
            assert_eq!(revised("sampling interval", "ms", &granted.into_iter().collect(), 250), expected);
        }
    }
}
