//! What was heard and is not yet in the file. The writer fills it; readers look into it as well, so that a trend reaches up to
//! the last block of the recording.

use super::{
    TagOfRun,
    point::{Mark, Value},
};
use davy_core::{
    event::{Event, Link, Sample},
    id::TagIx,
    quality::Quality,
    time::UtcTime,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Values by key of the tag.
pub(super) type Tags = Vec<Vec<Value>>;

/// Shared by writer and readers.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<Filling>);

#[derive(Debug, Default)]
pub(super) struct Filling {
    tags: Tags,
    pub(super) count: usize,
    /// What is being written: until it is in the file it is here.
    writing: Option<Arc<Tags>>,
    /// The newest batch in the file.
    pub(super) batch: u64,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Filling> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filling {
    /// The values of a tag, oldest first.
    pub(super) fn of(&self, key: u32) -> impl Iterator<Item = &Value> {
        let of = move |tags: &Tags| tags.get(key as usize).map_or(0..0, |values| 0..values.len());
        let written = self.writing.iter().flat_map(move |tags| of(tags).map(move |at| &tags[key as usize][at]));
        written.chain(of(&self.tags).map(move |at| &self.tags[key as usize][at]))
    }

    pub(super) fn put(&mut self, key: u32, value: Value) {
        let at = key as usize;
        if self.tags.len() <= at {
            self.tags.resize_with(at + 1, Vec::new);
        }
        self.tags[at].push(value);
        self.count += 1;
    }

    /// Says that nothing is known of a tag from here on, once.
    fn put_none(&mut self, key: u32, value: Value) {
        let silent =
            self.tags.get(key as usize).and_then(|tag| tag.last()).is_some_and(|last| last.mark.begins_a_gap());
        if !silent {
            self.put(key, value);
        }
    }

    /// Takes out what is to be written.
    pub(super) fn begin_writing(&mut self) -> Arc<Tags> {
        let tags = Arc::new(std::mem::take(&mut self.tags));
        self.count = 0;
        self.writing = Some(Arc::clone(&tags));
        tags
    }

    /// It is in the file.
    pub(super) fn written(&mut self, batch: u64) {
        self.batch = batch;
        self.writing = None;
    }

    /// It could not be written: it stands before what was heard since.
    pub(super) fn put_back(&mut self, tags: Arc<Tags>) {
        self.writing = None;
        let heard_since = std::mem::replace(&mut self.tags, Arc::unwrap_or_clone(tags));
        self.count = self.tags.iter().map(Vec::len).sum();
        for (key, values) in (0..).zip(heard_since) {
            values.into_iter().for_each(|value| self.put(key, value));
        }
    }

    pub(super) fn clear(&mut self) {
        (self.tags, self.count) = (Tags::new(), 0);
    }
}

/// The tags of a run by their place in the site.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) keys: Vec<u32>,
    sources: Vec<u32>,
}

impl Run {
    pub(super) fn new(keys: Vec<u32>, tags: &[TagOfRun]) -> Self {
        Self { keys, sources: tags.iter().map(|tag| tag.source).collect() }
    }

    /// Takes what the engine was told.
    pub(super) fn hear(&self, filling: &mut Filling, now: UtcTime, event: &Event) {
        match event {
            Event::Samples(samples) => self.put(filling, samples, Value::heard),
            Event::Backfill(backfill) => self.put(filling, &backfill.samples, Value::backfilled),
            Event::Source(source, Link::Down(_)) => {
                let silent = Value::none(now, Quality::BAD_NO_COMMUNICATION, Mark::Silent);
                let of = |(key, of): (&u32, &u32)| (*of as usize == source.at()).then_some(*key);
                self.keys.iter().zip(&self.sources).filter_map(of).for_each(|key| filling.put_none(key, silent));
            }
            Event::Started
            | Event::Locations(_)
            | Event::Video(_)
            | Event::Ticket(_)
            | Event::Source(_, Link::Up)
            | Event::Uplink(..)
            | Event::Clock(_)
            | Event::Storage(_)
            | Event::Journal(_)
            | Event::Command(_)
            | Event::Tick
            | Event::Evidence(_)
            | Event::Certificates(_)
            | Event::Reconfigured
            | Event::Platform(_)
            | Event::Board(_) => {}
        }
    }

    /// Nothing is known of any of its tags from here on.
    pub(super) fn hear_nothing(&self, filling: &mut Filling, since: UtcTime, mark: Mark) {
        let none = Value::none(since, Quality::BAD_NO_COMMUNICATION, mark);
        self.keys.iter().for_each(|key| filling.put_none(*key, none));
    }

    fn put(&self, filling: &mut Filling, samples: &[Sample], value: fn(&Sample) -> Value) {
        for sample in samples {
            if let Some(key) = self.key(sample.tag) {
                filling.put(key, value(sample));
            }
        }
    }

    fn key(&self, tag: TagIx) -> Option<u32> {
        self.keys.get(tag.at()).copied()
    }
}
