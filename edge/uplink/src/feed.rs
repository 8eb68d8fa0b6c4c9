//! Rows of one lane, read ahead.

use crate::{
    head::{Reader, Rows},
    lanes::{Lane, Lanes},
    limits,
};
use davy_store::{JournalRow, StoreError};
use std::collections::VecDeque;

/// What has been read of a lane and not yet sent.
#[derive(Debug)]
pub(crate) struct Feed {
    reader: Reader,
    rows: VecDeque<JournalRow>,
    /// Nothing more is there up to this row.
    until: u64,
}

impl Feed {
    /// For both lanes.
    pub(crate) fn both(rows: &Rows) -> [Self; 2] {
        [(); 2].map(|()| Self { reader: rows.reader(), rows: VecDeque::new(), until: 0 })
    }

    /// Reads on where there is nothing left; gives whether there are rows now.
    pub(crate) async fn fill(&mut self, lane: Lane, lanes: &mut Lanes, head: u64) -> Result<bool, StoreError> {
        while self.rows.is_empty() {
            lanes.passed(lane, self.until);
            let Some(span) = lanes.wanted(lane, head) else { return Ok(false) };
            let (rows, until) = self.reader.read(span.after, span.until, limits::READ_ROWS).await?;
            (self.rows, self.until) = (rows.into(), until);
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
