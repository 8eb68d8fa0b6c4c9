//! What outlives a connection: where the lanes stand, what is saved of that, what is shown.

use crate::{
    cloudevent::{Message, Origin},
    commands::Commands,
    feed::Feed,
    head::{Head, Rows},
    lanes::{Lane, Lanes},
    limits,
    monitor::Monitor,
    mqtt::Deaf,
    saver::Saver,
    turns::Turn,
};
use davy_core::snapshot::Snapshot;
use davy_store::{JournalRow, Store};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// What outlives a connection.
pub(crate) struct Uplink {
    /// What comes back, where that is configured.
    pub(crate) commands: Option<Commands>,
    /// The journal is written no more: once everything of it is through, this ends.
    pub(crate) is_earlier: bool,
    /// Kinds of record that go up; empty means all.
    pub(crate) kinds: Vec<String>,
    pub(crate) origin: Origin,
    /// Where cursor and parked rows are.
    pub(crate) store: Store,
    pub(crate) rows: Rows,
    pub(crate) head: Head,
    /// What the gateway knows now.
    pub(crate) now: watch::Receiver<Arc<Snapshot>>,
    pub(crate) deaf: Deaf,
    /// The number of the next Sparkplug connection, while no broker has accepted one with it.
    pub(crate) bd_seq: Option<u8>,
    pub(crate) turn: Turn,
    pub(crate) stop: CancellationToken,
    pub(crate) lanes: Lanes,
    /// The last row of the batch of each lane that was under way when the link was lost: it goes up again with the same rows.
    pub(crate) unanswered: [Option<u64>; 2],
    /// The row at which the last connection ended, if one did it.
    pub(crate) stumbled: Option<(Lane, u64)>,
    pub(crate) saver: Saver,
    pub(crate) monitor: Monitor,
}

/// How a connection ended.
pub(crate) enum Ended {
    /// The gateway stops.
    Stopped,
    /// It was lost, and why.
    Lost(String),
    /// It was lost, and why; the next attempt is not before so long.
    LostFor(String, Duration),
}

impl Uplink {
    pub(crate) fn head(&self) -> u64 {
        self.head.now()
    }

    /// Whether it forwards samples.
    pub(crate) fn forwards_samples(&self) -> bool {
        matches!(self.rows, Rows::Recording(..))
    }

    /// Whether it says of the gateway that it is there: one for samples or for an earlier journal leaves that to another.
    pub(crate) fn tells_presence(&self) -> bool {
        !self.forwards_samples() && !self.is_earlier
    }

    /// Whether the receiver has every row, which is saved.
    pub(crate) fn is_through(&self) -> bool {
        let head = self.head();
        self.saver.saved().acknowledged(head) == head && self.monitor.parked_count() == 0
    }

    /// What a session reads from.
    pub(crate) fn feeds(&self) -> [Feed; 2] {
        Feed::both(&self.rows)
    }

    /// Whether a lane may send as far as the other uplinks are concerned.
    pub(crate) fn has_its_turn(&self, lane: Lane) -> bool {
        lane == Lane::Live || !self.forwards_samples() || self.turn.is_free()
    }

    /// The link is up: what is written from here on is live, which is saved before the first of it is sent.
    pub(crate) async fn go_live(&mut self) {
        let head = self.head.seen();
        self.lanes.up(head, limits::LIVE_SPANS_MAX);
        let cursor = self.lanes.cursor();
        self.saver.save(&cursor).await;
    }

    /// The number of a Sparkplug connection that is about to be made. It is saved before, and stays the same until a broker has
    /// accepted it: an outage of days neither wears the disk nor goes round all numbers.
    pub(crate) async fn bd_seq(&mut self) -> u8 {
        if let Some(unused) = self.bd_seq {
            return unused;
        }
        let next = self.lanes.next_bd_seq();
        self.bd_seq = Some(next);
        let cursor = self.lanes.cursor();
        self.saver.save(&cursor).await;
        next
    }

    /// The link is lost: what is not acknowledged is due again, which is saved.
    pub(crate) async fn go_down(&mut self) {
        let head = self.head();
        self.lanes.down(head);
        let cursor = self.lanes.cursor();
        self.saver.save(&cursor).await;
    }

    /// Shows how things stand, and begins to save it.
    pub(crate) fn keep(&mut self) {
        self.show();
        let cursor = self.lanes.cursor();
        self.saver.begin(&cursor);
        if self.is_earlier && self.is_through() {
            self.stop.cancel();
        }
    }

    /// Whether a lane may send another message, with so many that may wait for their acknowledgement.
    pub(crate) fn has_room(&self, lane: Lane, in_flight_max: u16) -> bool {
        self.lanes.in_flight(lane) < usize::from(in_flight_max) && self.has_its_turn(lane)
    }

    pub(crate) fn show(&mut self) {
        let head = self.head();
        let drains = self.monitor.is_up() && self.lanes.wanted(Lane::Backfill, head).is_some();
        self.turn.drains(drains && !self.forwards_samples());
        let backlog = self.head.rows(self.lanes.backlog(head));
        self.monitor.lanes(Lane::ALL.map(|lane| self.lanes.health(lane, head)).into());
        self.monitor.show(self.head.rows(head), backlog);
    }

    /// The link is up. Not so as long as the row at which the last connection ended is not through: a link that comes and goes at
    /// one row moves nothing, and is to be seen as lost.
    pub(crate) async fn up(&mut self, detail: String) {
        if self.stumbled.is_some_and(|(lane, seq)| self.lanes.acknowledged_until(lane) < seq) {
            return;
        }
        self.stumbled = None;
        self.monitor.up(detail).await;
    }

    /// The row of a lane as a message, which counts as sent; `None` for one that does not go up and is passed: its kind is not
    /// wanted, or no message can be made of it.
    pub(crate) fn message(&mut self, lane: Lane, row: &JournalRow) -> Option<Message> {
        if !self.kinds.is_empty() && !self.kinds.contains(&row.kind) {
            self.lanes.passed(lane, row.seq);
            return None;
        }
        match self.origin.message(lane, row) {
            Ok(message) => {
                self.lanes.sent(lane, row.seq);
                Some(message)
            }
            Err(refused) => {
                tracing::error!(event = "row_passed_over", seq = row.seq, kind = row.kind, reason = %refused);
                self.monitor.remark(refused.to_string());
                self.lanes.passed(lane, row.seq);
                None
            }
        }
    }

    /// Keeps the health fresh while something else is awaited; `None` when the gateway stops.
    pub(crate) async fn showing<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let (stop, mut beat) = (self.stop.clone(), beat());
        tokio::pin!(work);
        loop {
            tokio::select! {
                () = stop.cancelled() => return None,
                result = &mut work => return Some(result),
                _ = beat.tick() => self.show(),
            }
        }
    }
}

/// Ticks for what is saved and shown.
pub(crate) fn beat() -> Interval {
    let mut beat = interval(limits::BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}
