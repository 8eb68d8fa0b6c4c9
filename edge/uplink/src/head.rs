//! Where an uplink's rows come from, and up to where there are some: the journal, or the recording.

use crate::samples::{self, Samples};
use davy_config::ForwardSamples;
use davy_store::{JournalRow, Store, StoreError, recording::Following};
use std::sync::Arc;
use tokio::sync::watch;

/// Where the rows come from.
#[derive(Clone, Debug)]
pub(crate) enum Rows {
    /// Records.
    Journal(Store),
    /// Samples, by exception.
    Recording(Following, Arc<ForwardSamples>),
}

/// The newest row.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    newest: watch::Receiver<u64>,
    blocks: bool,
}

impl Rows {
    pub(crate) fn head(&self) -> Head {
        match self {
            Self::Journal(store) => Head { newest: store.head(), blocks: false },
            Self::Recording(following, _) => Head { newest: following.newest(), blocks: true },
        }
    }

    /// The recording's own number; `None` of the journal.
    pub(crate) fn recording(&self) -> Option<i64> {
        match self {
            Self::Journal(_) => None,
            Self::Recording(following, _) => Some(following.identity()),
        }
    }

    pub(crate) fn reader(&self) -> Reader {
        match self {
            Self::Journal(store) => Reader::Journal(store.clone()),
            Self::Recording(following, forward) => {
                Reader::Recording(Some(Box::new(Samples::new(following.clone(), Arc::clone(forward)))))
            }
        }
    }
}

impl Head {
    /// The place of the newest row.
    pub(crate) fn now(&self) -> u64 {
        self.place(*self.newest.borrow())
    }

    /// The same; [`Self::changed`] waits for a later one.
    pub(crate) fn seen(&mut self) -> u64 {
        let newest = *self.newest.borrow_and_update();
        self.place(newest)
    }

    /// Waits for a row that was not seen.
    ///
    /// # Errors
    /// When there will be none.
    pub(crate) async fn changed(&mut self) -> Result<(), watch::error::RecvError> {
        self.newest.changed().await
    }

    /// Rows, or for samples blocks of the recording, in so many places.
    pub(crate) fn rows(&self, places: u64) -> u64 {
        if self.blocks { samples::blocks(places) } else { places }
    }

    fn place(&self, newest: u64) -> u64 {
        if self.blocks && newest > 0 { samples::end_of(newest) } else { newest }
    }
}

/// Reads rows, of one lane.
#[derive(Debug)]
pub(crate) enum Reader {
    Journal(Store),
    /// `None` while it reads.
    Recording(Option<Box<Samples>>),
}

impl Reader {
    /// Rows behind the place `after` up to and with `until`, at most `rows_max` records or the messages of some blocks; and the
    /// place up to which there are no others.
    pub(crate) async fn read(
        &mut self,
        after: u64,
        until: u64,
        rows_max: usize,
    ) -> Result<(Vec<JournalRow>, u64), StoreError> {
        match self {
            Self::Journal(store) => {
                let rows = store.read(after, until, rows_max).await?;
                let reached = rows.last().filter(|_| rows.len() == rows_max).map_or(until, |row| row.seq);
                Ok((rows, reached))
            }
            Self::Recording(samples) => {
                let Some(mut reader) = samples.take() else { return Err(StoreError::Closed) };
                let read = tokio::task::spawn_blocking(move || {
                    let rows = reader.read(after, until);
                    (reader, rows)
                });
                let (reader, rows) = read.await.map_err(|_| StoreError::Closed)?;
                *samples = Some(reader);
                rows
            }
        }
    }
}
