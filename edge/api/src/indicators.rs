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

    fn take(&mut self, rows: &[JournalRow], until: u64) {
        rows.iter().for_each(|row| take(&mut self.indicators, row));
        self.seq = Some(until);
    }
}

/// Counts on until the gateway stops. What cannot be read is tried again with the next row.
pub(crate) async fn run(app: Arc<App>) {
    let mut head = app.context.store.head();
    loop {
        if let Err(error) = count(&app).await {
            tracing::warn!(%error, "the indicators cannot be counted from the journal: they are tried again");
        }
        tokio::select! {
            () = app.context.stop.cancelled() => return,
            changed = head.changed() => if changed.is_err() { return },
        }
    }
}

async fn count(app: &App) -> Result<(), StoreError> {
    let (store, head) = (&app.context.store, app.journal_head());
    let begun = app.counted().seq;
    let mut seq = match begun {
        Some(seq) => seq,
        None => {
            let since = app.counted().indicators.kept_since((app.context.utc)());
            last_before(store, head, since).await?
        }
    };
    while seq < head {
        let rows = store.read(seq, head, limits::JOURNAL_CHUNK).await?;
        seq = rows.last().map_or(head, |row| row.seq);
        app.counted().take(&rows, seq);
        tokio::task::yield_now().await;
    }
    app.counted().seq = Some(seq);
    Ok(())
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

fn take(indicators: &mut Indicators, row: &JournalRow) {
    match record(row) {
        Ok(Some(record)) => indicators.take(&record, row.utc),
        Ok(None) => {}
        Err(error) => tracing::warn!(seq = row.seq, %error, "a row of the journal is left out of the indicators"),
    }
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
