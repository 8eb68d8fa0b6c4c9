//! From effects to the disk: commit, then tell. While one group is being written the next one gathers, so the cost of a
//! flush is shared. When the disk fails, rows wait in memory and are tried again; nothing undurable is sent, and those who
//! asked for something hear that it is not on the disk yet.

use crate::{clock, limits};
use davy_api::{JournalHealth, Refusal};
use davy_core::{
    effect::Effects,
    id::SourceId,
    record::{GapRecord, Record},
    saved::SavedBody,
    time::UtcTime,
};
use davy_store::{Batch, Row, Store, StoreError};
use futures::future::BoxFuture;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

/// Who waits for an answer.
pub(crate) type Asker = oneshot::Sender<Result<(), Refusal>>;

/// The journal as the loop sees it.
pub(crate) struct Journal {
    store: Store,
    waiting: Group,
    writing: Option<Writing>,
    retry_at: Option<Instant>,
    health: watch::Sender<JournalHealth>,
}

/// What is written together, and who waits for it.
#[derive(Default)]
struct Group {
    content: Content,
    answers: Vec<(Asker, Result<(), Refusal>)>,
}

/// What is written.
#[derive(Clone, Default)]
struct Content {
    rows: VecDeque<Row>,
    /// Becomes text apart from the loop: after a first start there is a row for every rule.
    saved: BTreeMap<String, Option<SavedBody>>,
    given_up: Option<GivenUp>,
}

/// Rows that found no place in memory.
#[derive(Clone, Copy)]
struct GivenUp {
    rows: u64,
    from: UtcTime,
    until: UtcTime,
}

struct Writing {
    begun: Instant,
    content: Arc<Content>,
    answers: Vec<(Asker, Result<(), Refusal>)>,
    /// When it will have taken too long; `None` once that has been said.
    late_at: Option<Instant>,
    commit: BoxFuture<'static, Result<u64, StoreError>>,
}

impl Journal {
    pub(crate) fn new(store: Store, health: watch::Sender<JournalHealth>) -> Self {
        Self { store, waiting: Group::default(), writing: None, retry_at: None, health }
    }

    /// Takes what an event brought about, for the next group.
    pub(crate) fn take(&mut self, effects: Effects, answers: Vec<(Asker, Result<(), Refusal>)>, utc: UtcTime) {
        let content = &mut self.waiting.content;
        content.rows.extend(effects.records.iter().map(|record| row(record, utc)));
        content.saved.extend(effects.saved.into_iter().map(|change| (change.key.to_string(), change.body)));
        content.bound();
        self.waiting.answers.extend(answers);
        if !self.health.borrow().durable {
            let why = self.health.borrow().detail.clone();
            answer_undurable(&mut self.waiting.answers, &why);
        }
    }

    /// Begins or goes on with a write; comes back when one has ended, and never while there is nothing to do. May be
    /// dropped and called again at any moment.
    pub(crate) async fn step(&mut self) {
        if self.writing.is_none() {
            if self.waiting.is_empty() {
                return std::future::pending().await;
            }
            if let Some(retry_at) = self.retry_at {
                sleep_until(retry_at).await;
            }
            self.begin();
        }
        let Some(Writing { commit, late_at, .. }) = &mut self.writing else { return };
        let late = async { sleep_until((*late_at).unwrap_or_else(Instant::now)).await };
        let ended = tokio::select! {
            biased;
            result = &mut *commit => Some(result),
            () = late, if late_at.is_some() => None,
        };
        match ended {
            Some(result) => self.end(result),
            None => self.hang(),
        }
    }

    /// Whether a write has taken so long that it will not end by itself.
    pub(crate) fn hangs(&self) -> bool {
        self.writing.as_ref().is_some_and(|writing| writing.begun.elapsed() >= limits::WRITE_HUNG)
    }

    /// Writes what waits, within bounds; for the orderly stop.
    pub(crate) async fn finish(mut self) {
        if timeout(limits::LAST_WRITE_MAX, self.write_all()).await.is_err() {
            tracing::error!("the last rows did not reach the journal: check the disk");
        }
    }

    /// The saved state with everything that was taken, once it is on the disk; or why that cannot be had at once.
    pub(crate) async fn saved(&mut self) -> Result<BTreeMap<String, String>, String> {
        let JournalHealth { durable, detail } = self.health.borrow().clone();
        if !durable {
            return Err(format!("the journal is not on the disk: {detail}"));
        }
        let read = async {
            self.write_all().await;
            self.store.saved().await
        };
        let read = timeout(limits::RECONFIGURE_DISK_MAX, read).await;
        read.map_err(|_| "the journal does not reach the disk: check it".to_owned())?.map_err(|error| error.to_string())
    }

    async fn write_all(&mut self) {
        while self.writing.is_some() || !self.waiting.is_empty() {
            self.step().await;
        }
    }

    fn begin(&mut self) {
        let Group { content, answers } = std::mem::take(&mut self.waiting);
        // It is kept until the disk has it: a failed write is tried again whole.
        let content = Arc::new(content);
        let (store, written) = (self.store.clone(), Arc::clone(&content));
        let commit = Box::pin(async move {
            let batch = tokio::task::spawn_blocking(move || written.batch()).await;
            store.commit(batch.map_err(|_| StoreError::Closed)?).await
        });
        let begun = Instant::now();
        self.writing = Some(Writing { begun, content, answers, late_at: Some(begun + limits::WRITE_MAX), commit });
    }

    fn end(&mut self, result: Result<u64, StoreError>) {
        let Some(Writing { content, answers, .. }) = self.writing.take() else { return };
        match result {
            Ok(_) => {
                self.retry_at = None;
                self.tell_health(true, String::new());
                answers.into_iter().for_each(|(asker, answer)| drop(asker.send(answer)));
            }
            Err(error) => {
                self.retry_at = Some(Instant::now() + limits::WRITE_RETRY);
                self.tell_health(false, error.to_string());
                let content = Arc::try_unwrap(content).unwrap_or_else(|shared| (*shared).clone());
                self.waiting.put_before(Group { content, answers });
                answer_undurable(&mut self.waiting.answers, &error.to_string());
            }
        }
    }

    /// Those who wait hear that nothing is on the disk yet; the write itself goes on.
    fn hang(&mut self) {
        let why = format!("the disk has not taken a write for {} s; check the disk", limits::WRITE_MAX.as_secs());
        // First, so that nobody who hears it can still believe that the journal is written.
        self.tell_health(false, why.clone());
        if let Some(writing) = &mut self.writing {
            writing.late_at = None;
            answer_undurable(&mut writing.answers, &why);
        }
        answer_undurable(&mut self.waiting.answers, &why);
    }

    fn tell_health(&self, durable: bool, detail: String) {
        self.health.send_if_modified(|health| {
            let changed = health.durable != durable || health.detail != detail;
            match (changed, durable) {
                (true, true) => tracing::info!("the journal is being written to disk again"),
                (true, false) => tracing::error!("the journal is not on the disk: {detail}"),
                (false, _) => {}
            }
            *health = JournalHealth { durable, detail };
            changed
        });
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        self.content.is_empty() && self.answers.is_empty()
    }

    /// A group that was not written goes before what has come since; of saved state the later entry wins.
    fn put_before(&mut self, older: Group) {
        let newer = std::mem::replace(self, older);
        self.content.rows.extend(newer.content.rows);
        self.content.saved.extend(newer.content.saved);
        self.answers.extend(newer.answers);
        if let Some(gone) = newer.content.given_up {
            self.content.give_up(gone);
        }
        self.content.bound();
    }
}

impl Content {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.saved.is_empty() && self.given_up.is_none()
    }

    fn bound(&mut self) {
        while self.rows.len() > limits::UNWRITTEN_ROWS_MAX {
            let Some(row) = self.rows.pop_front() else { return };
            self.give_up(GivenUp { rows: 1, from: row.utc, until: row.utc });
        }
    }

    fn give_up(&mut self, more: GivenUp) {
        let gone = self.given_up.get_or_insert(GivenUp { rows: 0, ..more });
        *gone = GivenUp { rows: gone.rows + more.rows, from: gone.from, until: more.until };
    }

    fn batch(&self) -> Batch {
        let gap = self.given_up.map(GivenUp::row);
        Batch {
            rows: gap.into_iter().chain(self.rows.iter().cloned()).collect(),
            saved: self.saved.iter().map(|(key, body)| (key.clone(), body.as_ref().map(json))).collect(),
        }
    }
}

fn answer_undurable(answers: &mut Vec<(Asker, Result<(), Refusal>)>, why: &str) {
    for (asker, answer) in std::mem::take(answers) {
        let _ = asker.send(answer.and_then(|()| Err(Refusal::NotDurable(why.to_owned()))));
    }
}

impl GivenUp {
    fn row(self) -> Row {
        let reason = format!("{} journal rows were given up because the disk could not be written", self.rows);
        let gap =
            GapRecord { source: SourceId::from("journal"), from: self.from, until: self.until, reason, filled: None };
        row(&Record::Gap(gap), clock::utc())
    }
}

pub(crate) fn row(record: &Record, utc: UtcTime) -> Row {
    Row { utc, kind: record.kind(), body: json(record) }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("records and saved state are plain data with text keys")
}
