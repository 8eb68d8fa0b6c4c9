//! What the server sends of itself, on its way to the engine.

use super::{Supervisor, Trouble};
use crate::limits::opcua as bounds;
use crate::opcua::{convert, granted::Refused, poll::Round, session::words, subscribe::Notice};
use opcua::types::{DataValue, NotificationMessage};
use tokio::time::Instant;

impl Supervisor<'_> {
    pub(super) async fn take(&mut self, notice: Notice) -> Result<(), Trouble> {
        if self.notices.len() + 1 >= bounds::NOTIFICATIONS_WAITING_MAX {
            return Err(self.useless("notifications came faster than they could be taken"));
        }
        if let Some(seen) = self.seen.get_mut(notice.subscription) {
            *seen = Instant::now();
        }
        let has_values = notice.notification.notification_data.as_ref().is_some_and(|data| !data.is_empty());
        let missed = self.arrival.missed(notice.subscription, notice.notification.sequence_number, has_values);
        if let Some(granted) = self.granted.get(notice.subscription).filter(|_| !missed.is_empty()) {
            self.running.spawn(self.jobs.clone().republish(notice.subscription, granted.id, missed));
            self.held = Some(notice);
            return Ok(());
        }
        self.hand_on(notice.notification).await
    }

    pub(super) async fn hand_on(&mut self, notification: NotificationMessage) -> Result<(), Trouble> {
        let (wanted, arrival, gaps, spot) = (&self.jobs.wanted, &mut self.arrival, &mut *self.gaps, &mut self.spot);
        let received = self.monitor.now();
        let tag_of = |handle, value: &DataValue| {
            let item = wanted.item_of(handle)?;
            arrival.heard(item);
            spot.notified(item, &convert::sample(wanted.tag(item), value, received));
            if let (Some(gaps), Some(time)) = (gaps.as_mut(), convert::source_ticks(value)) {
                gaps.heard(item, time);
            }
            Some(wanted.tag(item))
        };
        let batch = convert::batch(notification, tag_of, received);
        if batch.overflows > 0 {
            self.report.overflows += batch.overflows;
            self.tell();
        }
        if !batch.samples.is_empty() {
            self.up().await;
            self.monitor.samples(batch.samples).await;
        }
        self.take_events(batch.events).await;
        match batch.ended {
            Some(status) => Err(self.useless(&format!("the server ended a subscription: {}", words(status)))),
            None => Ok(()),
        }
    }

    pub(super) async fn take_round(&mut self, round: Result<Round, String>) -> Result<(), Trouble> {
        let round = round.map_err(|reason| self.useless(&reason))?;
        self.note_refused(&round.refused);
        self.up().await;
        if let Some(gaps) = self.gaps.as_mut() {
            round.heard.iter().for_each(|(item, ticks)| gaps.heard(*item, *ticks));
        }
        self.monitor.samples(round.samples).await;
        Ok(())
    }

    /// What was missed comes before what was held back for it.
    pub(super) async fn catch_up(
        &mut self,
        subscription: usize,
        found: Vec<NotificationMessage>,
        lost: u64,
    ) -> Result<(), Trouble> {
        self.report.republished += found.len() as u64;
        self.report.lost += lost;
        self.tell();
        if lost > 0 && self.alarms.listening == Some(subscription) {
            self.doubt_conditions().await;
        } else if let Some(server) = self.server.as_ref().filter(|_| lost > 0) {
            self.arrival.doubt(self.jobs.wanted.items_of(subscription, server.limits.items_per_subscription));
            self.due.unheard = Instant::now();
        }
        let held = self.held.take().map(|notice| notice.notification);
        for notification in found.into_iter().chain(held) {
            self.hand_on(notification).await?;
        }
        Ok(())
    }

    /// Data flows. Refused items follow at once, because the engine waits for every tag anew.
    pub(super) async fn up(&mut self) {
        if self.begun.elapsed() >= bounds::STEADY_AFTER {
            self.backoff.reset();
        }
        self.monitor.up(self.places.current()).await;
        if self.untold.is_empty() {
            return;
        }
        let received_time = self.monitor.now();
        let bad = |refused: Refused| self.jobs.wanted.bad(refused, received_time);
        let samples = std::mem::take(&mut self.untold).into_iter().map(bad).collect();
        self.monitor.samples(samples).await;
    }
}
