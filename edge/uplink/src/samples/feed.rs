//! From blocks of the recording to messages.

use super::{KIND, PARTS, SampleBatch, SampleValue, end_of, exception::Exception};
use crate::limits;
use davy_config::ForwardSamples;
use davy_core::event::{Event, Sample};
use davy_store::{
    JournalRow, StoreError,
    recording::{Block, Follower, Following, window},
};
use std::sync::Arc;

/// What goes up of the recording, read on from wherever it is asked for.
#[derive(Debug)]
pub(crate) struct Samples {
    following: Following,
    forward: Arc<ForwardSamples>,
    follower: Option<Follower>,
    /// The block that was heard last, with its run and its span of time.
    heard: Option<(u64, i64, i64)>,
    /// The ids of the tags of the run.
    tags: Vec<String>,
    live: Exception,
    /// Of what sources tell later of a time in which they were not heard.
    past: Exception,
}

/// Messages, and the place up to which there are no others.
pub(crate) type Read = (Vec<JournalRow>, u64);

impl Samples {
    pub(crate) fn new(following: Following, forward: Arc<ForwardSamples>) -> Self {
        Self {
            following,
            forward,
            follower: None,
            heard: None,
            tags: Vec::new(),
            live: Exception::default(),
            past: Exception::default(),
        }
    }

    /// The messages behind the place `after` up to and with `until`, some blocks at most.
    pub(crate) fn read(&mut self, after: u64, until: u64) -> Result<Read, StoreError> {
        let mut rows = Vec::new();
        let last = until / PARTS;
        // The first block has the number 1.
        let mut next = ((after + 1) / PARTS).max(1);
        self.prepare(next)?;
        for _ in 0..limits::BLOCKS_PER_LOOK {
            let Some(block) = self.follower()?.block(next, last)? else { return Ok((rows, until)) };
            let missing = block.number - next;
            rows.extend(self.hear(&block, missing)?.into_iter().filter(|row| row.seq > after));
            next = block.number + 1;
            if next > last || !rows.is_empty() {
                break;
            }
        }
        Ok((rows, end_of(next.saturating_sub(1)).min(until)))
    }

    fn follower(&mut self) -> Result<&Follower, StoreError> {
        if self.follower.is_none() {
            self.follower = Some(self.following.open()?);
        }
        Ok(self.follower.as_ref().expect("it has just been opened"))
    }

    /// What goes up of a block depends on those before it in its stretch: they are heard again where they were not.
    fn prepare(&mut self, next: u64) -> Result<(), StoreError> {
        if self.heard.is_some_and(|(number, ..)| number + 1 == next) {
            return Ok(());
        }
        self.heard = None;
        let max_interval_ms = self.forward.max_interval_ms;
        let begins = self.follower()?.stretch_begins(next, max_interval_ms)?;
        for number in begins..next {
            if let Some(block) = self.follower()?.block(number, number)? {
                self.hear(&block, 0)?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, block: &Block, missing: u64) -> Result<Vec<JournalRow>, StoreError> {
        self.turn_to(block)?;
        let mut chosen = Vec::new();
        for told in block.told.as_deref().unwrap_or_default() {
            if let Event::Samples(samples) = &told.event {
                samples.iter().for_each(|sample| self.live.hear(sample, &mut chosen));
            } else if let Event::Backfill(filled) = &told.event {
                filled.samples.iter().for_each(|sample| self.past.hear(sample, &mut chosen));
            }
        }
        self.live.look(block.last, &mut chosen);
        let missing = missing + u64::from(block.told.is_none());
        Ok(self.messages(block, missing, &chosen))
    }

    /// With another run its tags are others; with another stretch each tag's next value goes up in any case.
    fn turn_to(&mut self, block: &Block) -> Result<(), StoreError> {
        let ForwardSamples { tags, min_interval_ms, max_interval_ms, .. } = &*Arc::clone(&self.forward);
        let now = window(block.first, *max_interval_ms);
        let before = self.heard.replace((block.number, block.run, now));
        if before.is_none_or(|(_, run, _)| run != block.run) {
            let of_run = self.follower()?.tags(block.run)?.unwrap_or_default();
            self.tags = of_run.into_iter().map(|tag| tag.id).collect();
            let deadbands = || self.tags.iter().map(|id| tags.get(id.as_str()).copied());
            self.live = Exception::new(deadbands(), *min_interval_ms);
            self.past = Exception::new(deadbands(), 0);
        } else if before != Some((block.number - 1, block.run, now)) {
            self.live.forget();
            self.past.forget();
        }
        Ok(())
    }

    fn messages(&self, block: &Block, missing: u64, chosen: &[Sample]) -> Vec<JournalRow> {
        let nothing: &[Sample] = &[];
        let says_something = !chosen.is_empty() || block.lost > 0 || missing > 0;
        let parts = if chosen.is_empty() && says_something {
            vec![nothing]
        } else {
            chosen.chunks(usize::from(self.forward.batch_values)).collect()
        };
        let row = |(part, samples): (u64, &[Sample])| {
            let (lost, missing) = if part == 0 { (block.lost, missing) } else { (0, 0) };
            let samples = samples.iter().map(|sample| self.value(sample)).collect();
            let batch = SampleBatch { from: block.first, until: block.last, lost, missing, samples };
            let body = serde_json::to_string(&batch).expect("numbers and text are JSON");
            JournalRow { seq: block.number * PARTS + part, utc: block.last, kind: KIND.to_owned(), body }
        };
        (0..PARTS).zip(parts).map(row).collect()
    }

    fn value(&self, sample: &Sample) -> SampleValue {
        let Sample { tag, value, quality, source_time, received_time } = *sample;
        let tag = self.tags.get(tag.at()).cloned().unwrap_or_default();
        // The number of a value that is bad may be anything.
        let value = Some(value).filter(|value| value.is_finite());
        SampleValue { tag, value, quality, source_time, received_time }
    }
}

#[cfg(test)]
mod tests;
