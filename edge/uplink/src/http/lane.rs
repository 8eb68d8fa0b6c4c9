//! What of a lane is to be sent next: one batch at a time.

use super::batch::Batch;
use crate::retry::Retry;
use std::collections::VecDeque;
use tokio::time::Instant;

/// Batches of a lane that are due again before any other of its rows, and whether one is under way.
pub(crate) struct Sending {
    batches: VecDeque<Batch>,
    under_way: bool,
    not_before: Instant,
    retry: Retry,
}

impl Sending {
    pub(crate) fn new(now: Instant) -> Self {
        Self { batches: VecDeque::new(), under_way: false, not_before: now, retry: Retry::new() }
    }

    /// From when on a batch may be sent; `None` while one is under way.
    pub(crate) fn free_at(&self) -> Option<Instant> {
        (!self.under_way).then_some(self.not_before)
    }

    pub(crate) fn has_batches(&self) -> bool {
        !self.batches.is_empty()
    }

    /// The batch that is due again.
    pub(crate) fn take(&mut self) -> Option<Batch> {
        self.batches.pop_front()
    }

    pub(crate) fn sent(&mut self) {
        self.under_way = true;
    }

    /// What was under way is settled.
    pub(crate) fn done(&mut self) {
        self.under_way = false;
        self.retry = Retry::new();
    }

    /// What was under way is due again, perhaps in parts.
    pub(crate) fn again<const N: usize>(&mut self, parts: [Batch; N], at: Instant) {
        self.under_way = false;
        self.not_before = at;
        parts.into_iter().rev().for_each(|part| self.batches.push_front(part));
    }

    /// A part of what was under way is due again after a while.
    pub(crate) fn later(&mut self, part: Batch, now: Instant) {
        let at = now + self.retry.wait();
        self.again([part], at);
    }
}
