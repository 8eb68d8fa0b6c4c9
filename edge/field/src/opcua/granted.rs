//! What the server made of what was asked for: intervals and queues as it revised them, and the items it refused.

use crate::opcua::wanted::Wanted;
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
    pub(crate) why: Why,
}

/// What refused an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The server, as the status says.
    Server,
    /// The server has no namespace of the address's URI, so it was not even asked.
    Namespace,
}

/// What became of the items.
#[derive(Debug, Default)]
pub(crate) struct Created {
    pub(crate) refused: Vec<Refused>,
    sampling_ms: BTreeSet<u64>,
    queues: BTreeSet<u32>,
    /// Items whose filter the server did not take as configured.
    plain: usize,
}

impl Created {
    /// Takes note of an item that the server cannot even be asked for.
    pub(crate) fn refuse<T>(&mut self, refused: Refused) -> Option<T> {
        self.refused.push(refused);
        None
    }

    /// Takes note of what the server answered for an item, and whether only to a lesser filter.
    pub(crate) fn take(&mut self, item: usize, plain: bool, result: &MonitoredItemCreateResult) {
        if result.status_code.is_bad() {
            self.refused.push(Refused { item, status: result.status_code, why: Why::Server });
        } else {
            // Whole milliseconds are enough to show.
            self.sampling_ms.insert(result.revised_sampling_interval.max(0.0) as u64);
            self.queues.insert(result.revised_queue_size);
            self.plain += usize::from(plain);
        }
    }

    /// How many items were refused because their subscription is full.
    pub(crate) fn beyond_the_limit(&self) -> usize {
        self.refused.iter().filter(|refused| refused.status == StatusCode::BadTooManyMonitoredItems).count()
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
        if self.plain > 0 {
            notes.push(format!("{} nodes without the filter asked for, which the server does not take", self.plain));
        }
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
