//! Commands over MQTT: what a connection hears waits here, bounded, while the connection goes on with everything else.

use super::clerk::Clerk;
use crate::{
    cloudevent::Message,
    limits,
    mqtt::{Deaf, Ears},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::interval,
};

/// Where a connection puts what it hears. Beyond its bounds a command is dropped and counted: its sender gets no receipt, and
/// sends it again.
#[derive(Clone, Debug)]
pub(crate) struct Intake {
    topic: String,
    bytes_max: usize,
    queue: mpsc::Sender<Heard>,
    room: Arc<Semaphore>,
    dropped: Arc<AtomicU64>,
    deaf: Deaf,
}

/// What was heard.
#[derive(Debug)]
pub(crate) struct Heard {
    /// The last level of its topic.
    kind: String,
    payload: Vec<u8>,
    /// Its share of the memory.
    _room: OwnedSemaphorePermit,
}

impl Intake {
    pub(crate) fn new(bytes_max: usize, topic: String) -> (Self, mpsc::Receiver<Heard>) {
        let (queue, heard) = mpsc::channel(limits::COMMANDS_WAITING_MAX);
        let room = Arc::new(Semaphore::new(bytes_max * 2));
        let (dropped, deaf) = Default::default();
        (Self { topic, bytes_max, queue, room, dropped, deaf }, heard)
    }

    /// What to subscribe to with QoS 1, unless that did harm a short time ago.
    pub(crate) fn filter(&self) -> Option<String> {
        (!self.deaf.is()).then(|| format!("{}/+", self.topic))
    }

    fn say_dropped(dropped: &AtomicU64) {
        let count = dropped.swap(0, Ordering::Relaxed);
        if count > 0 {
            tracing::warn!(
                event = "commands_dropped",
                count,
                "more commands came at once than there is room for; without a receipt their senders are to send them again"
            );
        }
    }

    /// How many were dropped, for whoever says so.
    pub(crate) fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }
}

impl Ears for Intake {
    /// One more byte than is looked at, so that what is a little too large is counted.
    fn packet_bytes_max(&self) -> usize {
        self.bytes_max + limits::PACKET_OVERHEAD_BYTES
    }

    fn turn_deaf(&self) {
        self.deaf.turn();
        tracing::error!(
            event = "command_too_large",
            topic = self.topic,
            "a command is larger than {} bytes, and none is listened to for {} s; find out who sends it, and whether the broker retains it",
            self.bytes_max,
            limits::DEAF.as_secs()
        );
    }

    fn hear(&self, topic: &[u8], payload: &[u8]) {
        let kind = std::str::from_utf8(topic).ok().and_then(|topic| topic.strip_prefix(&self.topic)?.strip_prefix('/'));
        let Some(kind) = kind else { return };
        let share = u32::try_from(payload.len().max(1)).unwrap_or(u32::MAX);
        let kind = kind.chars().take(limits::COMMAND_NAME_CHARS_MAX).collect();
        let taken = Arc::clone(&self.room)
            .try_acquire_many_owned(share)
            .ok()
            .is_some_and(|room| self.queue.try_send(Heard { kind, payload: payload.to_vec(), _room: room }).is_ok());
        if !taken {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Answers one after the other. A reply for which there is no room, because the link has been down for long, is not kept: the
/// platform sends the command again and gets the same one.
pub(super) async fn run(
    mut heard: mpsc::Receiver<Heard>,
    mut clerk: Clerk,
    replies: mpsc::Sender<Message>,
    dropped: Arc<AtomicU64>,
) {
    let mut look = interval(limits::STRANGERS_LOG_EVERY);
    loop {
        tokio::select! {
            _ = look.tick() => {
                clerk.look();
                Intake::say_dropped(&dropped);
            }
            next = heard.recv() => {
                let Some(Heard { kind, payload, .. }) = next else { return };
                if let Some(receipt) = clerk.answer(Some(&kind), &payload).await {
                    drop(replies.try_send(clerk.origin.reply(&kind, &receipt)));
                }
            }
        }
    }
}
