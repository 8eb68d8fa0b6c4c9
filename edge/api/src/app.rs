//! What every handler shares.

use crate::{Context, JournalHealth, indicators::Counted, limits, sections::Frame};
use davy_core::snapshot::Snapshot;
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex},
};
use tokio::sync::{Notify, Semaphore, watch};

/// The context, and the one place where the sections of the stream are prepared for everybody.
pub(crate) struct App {
    pub(crate) context: Context,
    pub(crate) frames: watch::Sender<Arc<Frame>>,
    /// Of this server alone, by chance: what the revisions of its frames belong to.
    pub(crate) instance: u64,
    /// Somebody new listens and wants everything.
    pub(crate) joined: Notify,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) counted: Mutex<Counted>,
    /// Packets of evidence that may be put together now.
    pub(crate) packets: Arc<Semaphore>,
    /// Passwords that may be looked at now, and those that may wait for it.
    pub(crate) log_ins: Arc<Semaphore>,
    pub(crate) log_ins_waiting: Arc<Semaphore>,
    /// Looks at the field that may be taken now.
    pub(crate) looks: Arc<Semaphore>,
    /// The loop check is written one row after the other, so that what was before is on record.
    pub(crate) checking: tokio::sync::Mutex<()>,
    /// Whole configurations that may be worked on now.
    pub(crate) configurations: Arc<Semaphore>,
    /// Users and tokens are changed one after the other, so that what goes on record can be done.
    pub(crate) editing: tokio::sync::Mutex<()>,
}

impl App {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        Arc::new(Self {
            counted: Counted::new(context.indicators.clone()),
            context,
            frames: watch::Sender::new(Arc::default()),
            instance: RandomState::new().hash_one(()),
            joined: Notify::new(),
            streams: Arc::new(Semaphore::new(limits::STREAMS_MAX)),
            packets: Arc::new(Semaphore::new(limits::PACKETS_MAX)),
            looks: Arc::new(Semaphore::new(limits::LOOKS_AT_ONCE)),
            checking: tokio::sync::Mutex::default(),
            log_ins: Arc::new(Semaphore::new(limits::LOG_INS_AT_ONCE)),
            configurations: Arc::new(Semaphore::new(limits::CONFIGS_AT_ONCE)),
            editing: tokio::sync::Mutex::default(),
            log_ins_waiting: Arc::new(Semaphore::new(limits::LOG_INS_AT_ONCE + limits::LOG_INS_WAITING)),
        })
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.context.snapshot.borrow())
    }

    pub(crate) fn journal(&self) -> JournalHealth {
        self.context.journal.borrow().clone()
    }

    pub(crate) fn journal_head(&self) -> u64 {
        *self.context.store.head().borrow()
    }
}
