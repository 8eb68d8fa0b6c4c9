//! The indicators, counted from the journal in the background: at the start from the days that are kept, in bounded pages,
//! then row by row as they are committed. Nothing here is state of the domain: it is the fold of the journal's rows, made
//! anew at each start.

use crate::{
    app::App,
    limits,
    problem::{Kind, Problem},
};
use davy_core::{
    indicators::{Indicators, Report},
    limits::INDICATOR_DAYS_MAX,
    record::Record,
    time::UtcTime,
};
use davy_store::{JournalRow, Store, StoreError};
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How far the journal has been counted.
pub(crate) struct Counted {
    indicators: Indicators,
    /// The last row that has been counted; `None` before the first place was looked for.
    seq: Option<u64>,
}

/// The indicators on the wire.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct View {
    /// Whether every row of the journal has been counted; after a start that takes a while.
    pub(crate) complete: bool,
    #[serde(flatten)]
    pub(crate) report: Report,
}

impl Counted {
    pub(crate) fn new(indicators: Indicators) -> Mutex<Self> {
        Mutex::new(Self { indicators, seq: None })
    }

    fn take(&mut self, records: &[(Record, UtcTime)], until: u64) {
        records.iter().for_each(|(record, utc)| self.indicators.take(record, *utc));
        self.seq = Some(until);
    }
}

/// Rows that are left out because they cannot be read.
#[derive(Debug, Default, PartialEq, Eq)]
struct LeftOut {
    count: u64,
    /// The first of them, and why.
    first: Option<(u64, String)>,
}

impl LeftOut {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.take().or(other.first);
    }

    /// Says it once for all of them.
    fn tell(&mut self) {
        let Self { count, first } = std::mem::take(self);
        if let Some((seq, error)) = first {
            tracing::warn!(count, first = seq, error, "rows of the journal are left out of the indicators");
        }
    }
}

/// Counts on until the gateway stops. A journal that cannot be read is tried again after a wait that doubles.
pub(crate) async fn run(app: Arc<App>) {
    let mut head = app.context.store.head();
    let (mut seq, mut left_out, mut wait) = (None, LeftOut::default(), limits::COUNT_AGAIN_MIN);
    loop {
        let result = count(&app, &mut seq, &mut left_out).await;
        left_out.tell();
        if let Err(error) = result {
            tracing::warn!(%error, "the indicators cannot be counted from the journal: tried again in {wait:?}");
            tokio::select! {
                () = app.context.stop.cancelled() => return,
                () = tokio::time::sleep(wait) => wait = (wait * 2).min(limits::COUNT_AGAIN_MAX),
            }
            continue;
        }
        wait = limits::COUNT_AGAIN_MIN;
        tokio::select! {
            () = app.context.stop.cancelled() => return,
            changed = head.changed() => if changed.is_err() { return },
        }
    }
}

async fn count(app: &Arc<App>, counted: &mut Option<u64>, left_out: &mut LeftOut) -> Result<(), StoreError> {
    let (store, head) = (&app.context.store, app.journal_head());
    let mut seq = match *counted {
        Some(seq) => seq,
        None => {
            let since = app.context.indicators.kept_since((app.context.utc)());
            let seq = last_before(store, head, since).await?;
            left_out.add(take(app, Vec::new(), seq).await?);
            seq
        }
    };
    *counted = Some(seq);
    while seq < head {
        let rows = store.read(seq, head, limits::JOURNAL_CHUNK).await?;
        seq = rows.last().map_or(head, |row| row.seq);
        left_out.add(take(app, rows, seq).await?);
        *counted = Some(seq);
    }
    Ok(())
}

/// Takes rows in on a thread that may block, and holds the figures only while it counts.
async fn take(app: &Arc<App>, rows: Vec<JournalRow>, until: u64) -> Result<LeftOut, StoreError> {
    let app = Arc::clone(app);
    let work = tokio::task::spawn_blocking(move || {
        let (records, left_out) = records(&rows);
        app.counted().take(&records, until);
        left_out
    });
    work.await.map_err(|_| StoreError::Closed)
}

/// The last row before a time, by halving. Where the wall clock was set back there may be several such places: any of them
/// leaves out days or takes some more, and nothing is counted twice.
async fn last_before(store: &Store, head: u64, since: UtcTime) -> Result<u64, StoreError> {
    let (mut before, mut after) = (0, head + 1);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        let rows = store.read(middle - 1, head, 1).await?;
        match rows.first() {
            Some(row) if row.utc < since => before = middle.max(row.seq.min(after - 1)),
            Some(_) | None => after = middle,
        }
    }
    Ok(before)
}

/// What is counted of some rows, and when each was written.
fn records(rows: &[JournalRow]) -> (Vec<(Record, UtcTime)>, LeftOut) {
    let (mut records, mut left_out) = (Vec::new(), LeftOut::default());
    for row in rows {
        match record(row) {
            Ok(record) => records.extend(record.map(|record| (record, row.utc))),
            Err(error) => left_out.add(LeftOut { count: 1, first: Some((row.seq, error.to_string())) }),
        }
    }
    (records, left_out)
}

/// The record of a row whose kind is counted.
fn record(row: &JournalRow) -> serde_json::Result<Option<Record>> {
    let body = &row.body;
    Ok(Some(match row.kind.as_str() {
        "alarm" => Record::Alarm(serde_json::from_str(body)?),
        "measure" => Record::Measure(serde_json::from_str(body)?),
        "task" => Record::Task(serde_json::from_str(body)?),
        "hazard" => Record::Hazard(serde_json::from_str(body)?),
        _ => return Ok(None),
    }))
}

/// How many days are asked for.
pub(crate) fn checked_days(days: Option<u32>) -> Result<u32, Problem> {
    match days {
        None => Ok(limits::INDICATOR_DAYS),
        Some(days) if (1..=INDICATOR_DAYS_MAX).contains(&i64::from(days)) => Ok(days),
        Some(days) => Err(Kind::BadQuery.with(format!("`days` is {days} and must be from 1 to {INDICATOR_DAYS_MAX}"))),
    }
}

impl App {
    /// May take a while: for a thread that may block.
    pub(crate) fn indicators(&self, days: u32) -> View {
        let (snapshot, now, head) = (self.snapshot(), (self.context.utc)(), self.journal_head());
        let counted = self.counted();
        let report = counted.indicators.report(days, &snapshot.measures, now);
        View { complete: counted.seq.is_some_and(|seq| seq >= head), report }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_cannot_be_read_are_told_together() {
        let row =
            |seq: u64, kind: &str| JournalRow { seq, utc: UtcTime(0), kind: kind.to_owned(), body: "{}".to_owned() };
        let (records, mut left_out) = records(&[row(1, "gap"), row(2, "alarm"), row(3, "task"), row(4, "alarm")]);
        assert_eq!((records.len(), left_out.count), (0, 3));
        left_out.add(LeftOut { count: 2, first: Some((7, "other".to_owned())) });
        assert_eq!((left_out.count, left_out.first.as_ref().map(|(seq, _)| *seq)), (5, Some(2)));
        left_out.tell();
        assert_eq!(left_out, LeftOut::default(), "and not told again");
    }
}
