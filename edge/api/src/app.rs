//! What every handler shares.

use crate::{Context, JournalHealth, indicators::Counted, limits, sections::Frame};
use davy_core::snapshot::Snapshot;
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    sync::{Arc, Mutex},
};
use tokio::sync::{Notify, Semaphore, watch};

/// The context, and the one place where the sections of the stream are prepared for everybody.
pub(crate) struct App {
    pub(crate) context: Context,
    pub(crate) frames: watch::Sender<Arc<Frame>>,
    /// Which sections these are: no other server, before or after this one, has numbered its sections under it.
    pub(crate) series: u64,
    /// Somebody new listens and wants everything.
    pub(crate) joined: Notify,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) counted: Mutex<Counted>,
    /// Packets of evidence that may be put together now.
    pub(crate) packets: Arc<Semaphore>,
    /// Passwords that may be looked at now, and those that may wait for it.
    pub(crate) log_ins: Arc<Semaphore>,
    pub(crate) log_ins_waiting: Arc<Semaphore>,
    /// Users and tokens are changed one after the other, so that what goes on record can be done.
    pub(crate) editing: tokio::sync::Mutex<()>,
}

impl App {
    pub(crate) fn new(context: Context) -> Arc<Self> {
        Arc::new(Self {
            counted: Counted::new(context.indicators.clone()),
            context,
            frames: watch::Sender::new(Arc::default()),
            series: RandomState::new().build_hasher().finish(),
            joined: Notify::new(),
            streams: Arc::new(Semaphore::new(limits::STREAMS_MAX)),
            packets: Arc::new(Semaphore::new(limits::PACKETS_MAX)),
            log_ins: Arc::new(Semaphore::new(limits::LOG_INS_AT_ONCE)),
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
