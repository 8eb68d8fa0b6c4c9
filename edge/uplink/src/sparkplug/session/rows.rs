//! Batches of values out, in two lanes.

use super::{Sent, Session};
use crate::{cloudevent::Message, lanes::Lane, limits::sparkplug::ROWS_IN_FLIGHT_MAX, mqtt, samples::SampleBatch};
use davy_store::JournalRow;
use futures::{FutureExt, future::try_join_all};
use tokio::time::Instant;

impl Session<'_> {
    /// Fills both lanes' windows, the live one first. Gives whether there may be more to send at once.
    pub(super) async fn send_what_is_due(&mut self) -> Result<bool, String> {
        let mut more = false;
        for lane in Lane::ALL {
            if self.has_room(lane) {
                let head = self.uplink.head.seen();
                let has_rows = self.feeds[lane as usize].fill(lane, &mut self.uplink.lanes, head).await;
                if has_rows.map_err(|error| error.to_string())? {
                    self.send_feed(lane)?;
                    more |= self.has_room(lane);
                }
            }
        }
        Ok(more)
    }

    fn send_feed(&mut self, lane: Lane) -> Result<(), String> {
        while self.has_room(lane) {
            let Some(row) = self.feeds[lane as usize].take() else { return Ok(()) };
            self.send(lane, &row)?;
        }
        Ok(())
    }

    /// A batch of values. One without values says that some were lost, for which Sparkplug has no words.
    fn send(&mut self, lane: Lane, row: &JournalRow) -> Result<(), String> {
        let batch = serde_json::from_str::<SampleBatch>(&row.body).map_err(|error| error.to_string())?;
        let speaking = self.node.speaking(&batch);
        if speaking.is_empty() {
            self.uplink.lanes.passed(lane, row.seq);
            return Ok(());
        }
        self.bear_devices(speaking.iter().copied())?;
        self.lost.retain(|device, _| !speaking.contains(device));
        if lane == Lane::Backfill {
            self.bucket.take(Instant::now());
        }
        let messages = self.node.data(lane, &batch, self.now());
        self.uplink.lanes.sent(lane, row.seq);
        self.publish(Sent::Row(lane, row.seq), messages)
    }

    /// Messages that count as taken when all of them are.
    pub(super) fn publish(&mut self, sent: Sent, messages: Vec<Message>) -> Result<(), String> {
        if self.answers.is_empty() {
            self.answered = Instant::now();
        }
        let answers = messages.into_iter().map(|message| self.connection.publish(message));
        let answers = answers.collect::<Result<Vec<mqtt::Answer>, String>>()?;
        self.answers.push(try_join_all(answers).map(move |taken| (sent, taken.map(drop))).boxed());
        Ok(())
    }

    fn has_room(&self, lane: Lane) -> bool {
        let has_room = self.uplink.has_room(lane, ROWS_IN_FLIGHT_MAX);
        has_room && (lane == Lane::Live || self.bucket.ready_at() <= Instant::now())
    }

    /// When the backfill lane may send again; `None` when it waits for something else than its rate.
    pub(super) fn backfill_at(&self) -> Option<Instant> {
        let has_room = self.born.is_some() && self.uplink.has_room(Lane::Backfill, ROWS_IN_FLIGHT_MAX);
        let rows = self.uplink.lanes.wanted(Lane::Backfill, self.uplink.head()).is_some();
        (has_room && rows).then(|| self.bucket.ready_at())
    }
}
