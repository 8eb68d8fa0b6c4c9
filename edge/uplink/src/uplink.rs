//! What outlives a connection: where the lanes stand, what is saved of that, what is shown.

use crate::{
    cloudevent::{Origin, Presence},
    connection::Connection,
    lanes::Lanes,
    limits,
    monitor::Monitor,
    saver::Saver,
    session::Session,
};
use davy_config::MqttUplink;
use davy_store::Store;
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// What outlives a connection.
pub(crate) struct Uplink {
    pub(crate) config: MqttUplink,
    pub(crate) origin: Origin,
    pub(crate) store: Store,
    pub(crate) head: watch::Receiver<u64>,
    pub(crate) stop: CancellationToken,
    pub(crate) lanes: Lanes,
    pub(crate) saver: Saver,
    pub(crate) monitor: Monitor,
}

/// How a connection ended.
pub(crate) enum Ended {
    /// The gateway stops.
    Stopped,
    /// It was lost, and why.
    Lost(String),
}

impl Uplink {
    pub(crate) fn head(&self) -> u64 {
        *self.head.borrow()
    }

    pub(crate) fn show(&mut self) {
        let head = self.head();
        self.monitor.show(head, self.lanes.backlog(head));
    }

    /// Connects, and sends until the connection is lost or the gateway stops.
    pub(crate) async fn connect(&mut self) -> Ended {
        let in_flight_max = self.config.inflight_max.saturating_mul(2).saturating_add(limits::NOTICES_MAX);
        let will = self.origin.presence(Presence::Offline, self.monitor.now());
        let mut connection = Connection::begin(&self.config.broker, in_flight_max, will);
        match self.showing(connection.accepted()).await {
            None => return Ended::Stopped,
            Some(Err(reason)) => return Ended::Lost(reason),
            Some(Ok(())) => self.monitor.connected(),
        }
        Session::begin(self, connection).run().await
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
