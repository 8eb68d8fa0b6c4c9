//! The only one who writes: a thread that takes everything that waits into one transaction (group commit), so that the
//! cost of a flush is shared. A batch is whole in the journal or not there at all; its sender hears of it only when it
//! is durable.

use crate::{
    Batch, Figures, Row, StoreError,
    chain::{self, Hash},
    limits,
    lock::Lock,
    names::{Lost, Names},
    newest::{Newest, Promised},
    parked,
    reader::Reader,
    retention, schema,
};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use tokio::sync::{mpsc, oneshot, watch};

/// The newest row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tip {
    /// Its place, zero in an empty journal.
    pub(crate) seq: u64,
    /// Its hash, the genesis in an empty journal.
    pub(crate) hash: Hash,
}

/// How everybody else reaches the writer.
#[derive(Clone)]
pub(crate) struct Handle {
    jobs: mpsc::Sender<Job>,
    head: watch::Receiver<u64>,
    figures: Arc<Mutex<Figures>>,
}

enum Job {
    Write(Work),
    Delete(u64, oneshot::Sender<Result<u64, StoreError>>),
    Close(oneshot::Sender<()>),
    #[cfg(test)]
    Run(Box<dyn FnOnce(&Connection) + Send>),
}

struct Work {
    batch: Batch,
    cursor: Option<(String, String)>,
    parked: Vec<parked::Asked>,
    reply: oneshot::Sender<Result<u64, StoreError>>,
}

/// What it works on.
pub(crate) struct Files {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) epoch: u32,
    pub(crate) newest: Newest,
    pub(crate) lock: Lock,
    /// Whose connections have to go with the writer's own.
    pub(crate) reader: Arc<Reader>,
}

/// Starts the thread. It ends when it is told to close or when the last handle is gone, and then lets go of the lock.
pub(crate) fn start(files: Files, tip: Tip) -> io::Result<Handle> {
    let Files { connection, path, epoch, newest, lock, reader } = files;
    let (jobs, waiting) = mpsc::channel(limits::WAITING_MAX);
    let (head_sender, head) = watch::channel(tip.seq);
    let figures = Arc::<Mutex<Figures>>::default();
    let names = Names::of(path);
    let figures_of_writer = Arc::clone(&figures);
    let mut writer =
        Writer { connection, names, epoch, newest, reader, tip, head: head_sender, figures: figures_of_writer };
    thread::Builder::new().name("davy-journal".to_owned()).spawn(move || {
        let closed = writer.run(waiting);
        drop(writer);
        drop(lock);
        if let Some(closed) = closed {
            let _ = closed.send(());
        }
    })?;
    Ok(Handle { jobs, head, figures })
}

impl Handle {
    pub(crate) async fn write(
        &self,
        batch: Batch,
        cursor: Option<(String, String)>,
        parked: Vec<parked::Asked>,
    ) -> Result<u64, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Write(Work { batch, cursor, parked, reply })).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    pub(crate) async fn delete(&self, until: u64) -> Result<u64, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.jobs.send(Job::Delete(until, reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    pub(crate) fn head(&self) -> watch::Receiver<u64> {
        self.head.clone()
    }

    pub(crate) fn figures(&self) -> Figures {
        *self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(reply)).await.is_ok() {
            let _ = closed.await;
        }
    }

    /// Runs something on the writer's own connection, to make its disk full.
    #[cfg(test)]
    pub(crate) async fn run(&self, action: impl FnOnce(&Connection) + Send + 'static) {
        self.jobs.send(Job::Run(Box::new(action))).await.expect("the writer runs");
    }
}

struct Writer {
    connection: Connection,
    names: Names,
    epoch: u32,
    newest: Newest,
    reader: Arc<Reader>,
    tip: Tip,
    head: watch::Sender<u64>,
    figures: Arc<Mutex<Figures>>,
}

impl Writer {
    /// Works until told to close (and by whom) or until nobody is left to tell it.
    fn run(&mut self, mut waiting: mpsc::Receiver<Job>) -> Option<oneshot::Sender<()>> {
        let mut next = waiting.blocking_recv();
        while let Some(job) = next.take() {
            match job {
                Job::Write(first) => next = self.write_group(first, &mut waiting),
                Job::Delete(until, reply) => {
                    let deleted = self.keep_names();
                    let deleted =
                        deleted.and_then(|()| retention::delete(&mut self.connection, until).map_err(failure));
                    drop(reply.send(deleted));
                }
                Job::Close(closed) => return Some(closed),
                #[cfg(test)]
                Job::Run(action) => action(&self.connection),
            }
            next = next.or_else(|| waiting.blocking_recv());
        }
        None
    }

    /// Writes `first` and the work that waits behind it; gives back the job that ended the group, if one did.
    fn write_group(&mut self, first: Work, waiting: &mut mpsc::Receiver<Job>) -> Option<Job> {
        let mut rows = first.batch.rows.len();
        let mut group = vec![first];
        let mut ended_by = None;
        while rows + group.len() < limits::TRANSACTION_ROWS_MAX && ended_by.is_none() {
            match waiting.try_recv() {
                Ok(Job::Write(work)) => {
                    rows += work.batch.rows.len();
                    group.push(work);
                }
                Ok(job) => ended_by = Some(job),
                Err(_) => break,
            }
        }
        let result = self.keep_names().and_then(|()| self.commit(&group).map_err(failure));
        self.answer(group, rows, result);
        ended_by
    }

    /// Gives the place of each batch's last row.
    fn commit(&mut self, group: &[Work]) -> rusqlite::Result<Vec<u64>> {
        let mut tip = self.tip;
        let mut heads = Vec::with_capacity(group.len());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for work in group {
            write(&transaction, work, &mut tip)?;
            heads.push(tip.seq);
        }
        transaction.commit()?;
        self.tip = tip;
        self.newest.tell(Promised { epoch: self.epoch, seq: tip.seq });
        Ok(heads)
    }

    /// A log without a name is moved into the journal, which still has one, and a new log is begun; nothing is lost. A journal
    /// without a name takes no more rows.
    fn keep_names(&mut self) -> Result<(), StoreError> {
        match self.names.lost() {
            Lost::Nothing => return Ok(()),
            Lost::Journal => return Err(StoreError::Gone { path: self.names.journal.clone() }),
            Lost::Log => {}
        }
        let busy: bool =
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(failure)?;
        if busy {
            return Err(StoreError::Gone { path: self.names.journal.clone() });
        }
        self.reader.give_up();
        let journal = self.names.journal.clone();
        self.connection = schema::open(&journal)?;
        self.names = Names::of(journal);
        tracing::error!(event = "journal_log_gone", path = %self.names.journal.display(),
            "the journal's log was deleted while davy uses it; its rows were saved: find out who deletes files of the data directory");
        Ok(())
    }

    fn answer(&self, group: Vec<Work>, rows: usize, result: Result<Vec<u64>, StoreError>) {
        match result {
            Ok(heads) => {
                self.count(group.len(), rows);
                self.head.send_if_modified(|head| std::mem::replace(head, self.tip.seq) != self.tip.seq);
                group.into_iter().zip(heads).for_each(|(work, head)| drop(work.reply.send(Ok(head))));
            }
            Err(error) => {
                tracing::error!(event = "journal_write_failed", rows, %error);
                group.into_iter().for_each(|work| drop(work.reply.send(Err(error.clone()))));
            }
        }
    }

    fn count(&self, batches: usize, rows: usize) {
        let mut figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        figures.transactions += 1;
        figures.batches += batches as u64;
        figures.rows += rows as u64;
    }
}

/// Writes a batch into a journal that nobody else has open.
pub(crate) fn write_at_once(connection: &mut Connection, mut tip: Tip, batch: Batch) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (reply, _) = oneshot::channel();
    write(&transaction, &Work { batch, cursor: None, parked: Vec::new(), reply }, &mut tip)?;
    transaction.commit()
}

fn failure(source: rusqlite::Error) -> StoreError {
    StoreError::Write { source: Arc::new(source) }
}

fn write(transaction: &Transaction<'_>, work: &Work, tip: &mut Tip) -> rusqlite::Result<()> {
    for row in &work.batch.rows {
        *tip = append(transaction, row, *tip)?;
    }
    for (key, body) in &work.batch.saved {
        save(transaction, key, body.as_deref())?;
    }
    if let Some((name, body)) = &work.cursor {
        transaction
            .prepare_cached(
                "INSERT INTO cursor (name, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body",
            )?
            .execute(params![name, body])?;
    }
    work.parked.iter().try_for_each(|asked| parked::write(transaction, asked))
}

fn append(transaction: &Transaction<'_>, row: &Row, before: Tip) -> rusqlite::Result<Tip> {
    let seq = before.seq + 1;
    let hash = chain::link(&before.hash, seq, row.utc.0, row.kind, &row.body);
    transaction
        .prepare_cached("INSERT INTO journal (seq, utc, kind, body, hash) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![seq.cast_signed(), row.utc.0, row.kind, row.body, hash])?;
    Ok(Tip { seq, hash })
}

fn save(transaction: &Transaction<'_>, key: &str, body: Option<&str>) -> rusqlite::Result<()> {
    match body {
        Some(body) => transaction
            .prepare_cached(
                "INSERT INTO state (key, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body",
            )?
            .execute(params![key, body]),
        None => transaction.prepare_cached("DELETE FROM state WHERE key = ?1")?.execute(params![key]),
    }
    .map(drop)
}
