//! What is derived again against what stands in the journal, row by row and byte by byte.

use davy_core::record::Record;
use davy_store::{JournalRow, Rows, StoreError};
use std::collections::VecDeque;

/// The rows that a run wrote, as they are compared.
pub(super) struct Journaled {
    rows: Option<Rows>,
    ahead: VecDeque<JournalRow>,
    seq: u64,
    /// The result so far.
    pub(super) verdict: Exactness,
}

/// Whether the recorded configuration gives the journal again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exactness {
    /// Every row so far is the same, byte for byte.
    Same { rows: u64 },
    /// The first row that is not: its place, what stands there, what was derived.
    Differs { seq: u64, stands: Option<String>, derived: String },
    /// It cannot be compared, and why.
    Unknown(String),
}

impl Journaled {
    /// The rows after `head`.
    pub(super) fn new(rows: Rows, head: u64) -> Self {
        Self { rows: Some(rows), ahead: VecDeque::new(), seq: head, verdict: Exactness::Same { rows: 0 } }
    }

    /// There is nothing to compare with.
    pub(super) fn unknown(why: String) -> Self {
        Self { rows: None, ahead: VecDeque::new(), seq: 0, verdict: Exactness::Unknown(why) }
    }

    pub(super) fn compare(&mut self, records: &[Record]) {
        for record in records {
            let Exactness::Same { rows } = &mut self.verdict else { return };
            let derived = serde_json::to_string(record).unwrap_or_default();
            let rows_so_far = *rows;
            self.verdict = match self.next() {
                Ok(Some(row)) if row.kind == record.kind() && row.body == derived => {
                    Exactness::Same { rows: rows_so_far + 1 }
                }
                Ok(row) => Exactness::Differs {
                    seq: row.as_ref().map_or(self.seq + 1, |row| row.seq),
                    stands: row.map(|row| format!("{} {}", row.kind, row.body)),
                    derived: format!("{} {derived}", record.kind()),
                },
                Err(error) => Exactness::Unknown(error.to_string()),
            };
        }
    }

    fn next(&mut self) -> Result<Option<JournalRow>, StoreError> {
        if let (true, Some(rows)) = (self.ahead.is_empty(), &self.rows) {
            self.ahead.extend(rows.after(self.seq)?);
        }
        let row = self.ahead.pop_front();
        self.seq = row.as_ref().map_or(self.seq, |row| row.seq);
        Ok(row)
    }
}
