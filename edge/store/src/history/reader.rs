//! The reading side: the values of one tag, or a trend of them where they are too many.

use super::{
    block, file,
    filling::Shared,
    point::{Mark, Value},
    trend::{Bucket, Trend},
};
use crate::{
    StoreError, limits,
    reader::{self, Reader},
};
use davy_core::time::UtcTime;
use rusqlite::Connection;
use std::{path::Path, sync::Arc};

/// The history, open for reading. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct History {
    reader: Arc<Reader>,
    shared: Arc<Shared>,
    /// Whether what the writer has not yet written is in `shared`.
    live: bool,
}

/// What is known of a tag in a span of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The last value before the span, by which a tag that is sent only when it changes stands at its beginning. It is not
    /// looked for further back than some batches.
    pub before: Option<Value>,
    /// Every value, in the order of their times, where they are no more than were asked for; else none.
    pub values: Vec<Value>,
    /// All of them in equal steps, each with its beginning; steps without a value are left out.
    pub buckets: Vec<(UtcTime, Bucket)>,
    /// The length of a step.
    pub step_ms: u64,
    /// Values in the span, gaps not counted.
    pub count: u64,
    /// Times in which nothing was heard, oldest first, at most [`limits::GAPS_MAX`].
    pub gaps: Vec<Gap>,
}

/// A time in which nothing was heard of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last that was heard before it.
    pub from: UtcTime,
    /// The first value after it; `None` when it lasts beyond the span.
    pub until: Option<UtcTime>,
    /// Why: [`Mark::Silent`] or [`Mark::Lost`].
    pub mark: Mark,
}

impl History {
    /// The history in a data directory, beside whoever writes it: up to the last batch.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = file::path(directory);
        if !path.is_file() {
            return Err(StoreError::Missing { path: directory.to_owned() });
        }
        Ok(Self { reader: Arc::new(Reader::new(path)), shared: Arc::default(), live: false })
    }

    pub(super) fn beside(directory: &Path, shared: Arc<Shared>) -> Self {
        Self { reader: Arc::new(Reader::new(file::path(directory))), shared, live: true }
    }

    /// What is known of a tag from `from` until `until`, both included: every value, or with more than `points_max` of them
    /// so many steps; `None` of a tag that was never heard.
    ///
    /// # Errors
    /// When the file cannot be read, or a block of it is damaged.
    pub async fn read(
        &self,
        tag: &str,
        from: UtcTime,
        until: UtcTime,
        points_max: usize,
    ) -> Result<Option<Answer>, StoreError> {
        let (tag, history) = (tag.to_owned(), self.clone());
        reader::run(Arc::clone(&self.reader), move |connection| {
            let Some(key) = file::key(connection, &tag)? else { return Ok(None) };
            let mut answer = Gathering::new(from, until, points_max.clamp(1, limits::POINTS_MAX));
            history.gather(connection, key, &mut answer)?;
            Ok(Some(answer.finish()))
        })
        .await
    }

    fn gather(&self, connection: &Connection, key: u32, answer: &mut Gathering) -> rusqlite::Result<()> {
        // First what is in memory: what is written meanwhile is then neither missed nor taken twice.
        let (heard, newest) = {
            let filling = self.shared.lock();
            let newest = if self.live { filling.batch } else { i64::MAX.cast_unsigned() };
            (filling.of(key).copied().collect::<Vec<_>>(), newest)
        };
        for batch in file::batches(connection, answer.from, answer.until, newest)? {
            answer.take(read_block(connection, &batch, key)?);
        }
        answer.take(heard);
        for batch in file::batches_before(connection, answer.from, newest, limits::BATCHES_LOOKED_BACK)? {
            // Where the clock was set back, a later batch holds earlier values.
            if answer.before.is_none_or(|before| before.time < batch.last) {
                answer.take_before(read_block(connection, &batch, key)?);
            }
        }
        Ok(())
    }
}

fn read_block(connection: &Connection, batch: &file::Batch, key: u32) -> rusqlite::Result<Vec<Value>> {
    let (place, at) = batch.find(key);
    let Some(bytes) = file::piece(connection, place)? else { return Ok(Vec::new()) };
    block::read(&bytes, at).map_err(|finding| {
        rusqlite::Error::FromSqlConversionFailure(
            0,
            rusqlite::types::Type::Blob,
            format!("block {place}: {finding}").into(),
        )
    })
}

/// An answer as it grows. Values may come in any order, because a gap is filled after it.
struct Gathering {
    from: UtcTime,
    until: UtcTime,
    points_max: usize,
    before: Option<Value>,
    values: Vec<Value>,
    count: u64,
    trend: Trend,
    gaps: Vec<Gap>,
}

impl Gathering {
    fn new(from: UtcTime, until: UtcTime, points_max: usize) -> Self {
        let trend = Trend::new(from, until, points_max);
        Self { from, until, points_max, before: None, values: Vec::new(), count: 0, trend, gaps: Vec::new() }
    }

    fn take(&mut self, values: Vec<Value>) {
        let (from, until) = (self.from, self.until);
        values.iter().filter(|value| (from..=until).contains(&value.time)).for_each(|value| self.take_within(*value));
        self.take_before(values);
    }

    fn take_before(&mut self, values: Vec<Value>) {
        let earlier = values.into_iter().filter(|value| value.time < self.from);
        self.before = self.before.into_iter().chain(earlier).max_by_key(|value| value.time);
    }

    fn take_within(&mut self, value: Value) {
        self.trend.take(&value);
        if value.mark.begins_a_gap() {
            if self.gaps.len() < limits::GAPS_MAX {
                self.gaps.push(Gap { from: value.time, until: None, mark: value.mark });
            }
        } else {
            self.count += 1;
            self.end_gaps(value.time);
        }
        if self.values.len() <= self.points_max {
            self.values.push(value);
        }
    }

    /// A value ends the gaps before it, also one that came later and lies in the midst of one.
    fn end_gaps(&mut self, time: UtcTime) {
        let ends = |gap: &&mut Gap| gap.from <= time && gap.until.is_none_or(|until| until > time);
        self.gaps.iter_mut().rev().filter(ends).for_each(|gap| gap.until = Some(time));
    }

    fn finish(mut self) -> Answer {
        let few = self.values.len() <= self.points_max;
        self.values.sort_by_key(|value| value.time);
        self.gaps.sort_by_key(|gap| gap.from);
        // With no value between them, what is said a second time is the same gap.
        self.gaps.dedup_by_key(|gap| gap.until);
        let step_ms = self.trend.step_ms;
        Answer {
            before: self.before,
            values: if few { self.values } else { Vec::new() },
            buckets: if few { Vec::new() } else { self.trend.finish() },
            step_ms,
            count: self.count,
            gaps: self.gaps,
        }
    }
}
