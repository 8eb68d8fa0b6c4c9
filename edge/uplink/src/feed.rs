//! Rows of one lane, read ahead.

use crate::{
    lanes::{Lane, Lanes},
    limits,
};
use davy_store::{JournalRow, Store, StoreError};
use std::collections::VecDeque;

/// What has been read of a lane and not yet sent.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    rows: VecDeque<JournalRow>,
    /// Nothing more is there up to this row.
    until: u64,
}

impl Feed {
    /// Reads on where there is nothing left; gives whether there are rows now.
    pub(crate) async fn fill(
        &mut self,
        lane: Lane,
        lanes: &mut Lanes,
        store: &Store,
        head: u64,
    ) -> Result<bool, StoreError> {
        while self.rows.is_empty() {
            lanes.passed(lane, self.until);
            let Some(span) = lanes.wanted(lane, head) else { return Ok(false) };
            self.rows = store.read(span.after, span.until, limits::READ_ROWS).await?.into();
            let all = self.rows.len() < limits::READ_ROWS;
            self.until = self.rows.back().filter(|_| !all).map_or(span.until, |row| row.seq);
        }
        Ok(true)
    }

    /// The next row.
    pub(crate) fn take(&mut self) -> Option<JournalRow> {
        self.rows.pop_front()
    }

    /// Whether rows are left of the last look.
    pub(crate) fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// The next row if it is wanted.
    pub(crate) fn take_if(&mut self, wanted: impl FnOnce(&JournalRow) -> bool) -> Option<JournalRow> {
        if wanted(self.rows.front()?) { self.rows.pop_front() } else { None }
    }
}
