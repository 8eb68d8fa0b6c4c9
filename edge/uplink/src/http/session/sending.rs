//! What is sent, and when.

use super::{Sent, Session};
use crate::{
    http::batch::{Batch, Entry},
    lanes::Lane,
    limits,
};
use futures::FutureExt;
use tokio::time::Instant;

impl Session<'_> {
    /// Sends the next batch of each lane that is free, the live one first, then what is parked and due. Gives whether there may
    /// be more to send at once.
    pub(super) async fn send_what_is_due(&mut self) -> Result<bool, String> {
        let now = Instant::now();
        if now < self.paused_until {
            return Ok(false);
        }
        let mut more = false;
        for lane in Lane::ALL {
            let free = self.sending[lane as usize].free_at().is_some_and(|at| at <= now);
            if free && self.uplink.has_its_turn(lane) && (lane == Lane::Live || self.bucket.ready_at() <= now) {
                more |= self.send_lane(lane).await?;
            }
        }
        if self.look_at.is_some_and(|at| at <= now) && self.bucket.ready_at() <= now {
            self.send_parked().await?;
        }
        if self.answers.is_empty() && now >= self.heard + limits::ASK_EVERY {
            let answer = self.connection.ask();
            self.answers.push(answer.map(|answer| (Sent::Question, answer)).boxed());
        }
        Ok(more)
    }

    /// Gives whether the look at the journal was ended before there was something to send.
    async fn send_lane(&mut self, lane: Lane) -> Result<bool, String> {
        let batch = match self.sending[lane as usize].take() {
            Some(batch) => batch,
            None => match self.gather(lane).await? {
                (batch, _) if !batch.entries.is_empty() => batch,
                (_, more) => return Ok(more),
            },
        };
        if lane == Lane::Backfill {
            batch.entries.iter().for_each(|_| self.bucket.take(Instant::now()));
        }
        self.uplink.unanswered[lane as usize] = batch.last();
        self.sending[lane as usize].sent();
        let answer = self.connection.post(&batch.key(self.uplink.origin.id(), lane), batch.json());
        self.answers.push(answer.map(move |answer| (Sent::Batch(lane, batch), answer)).boxed());
        Ok(false)
    }

    /// The next rows of a lane, and whether there may be more. The batch that was under way when the link was lost is made
    /// again as it was.
    async fn gather(&mut self, lane: Lane) -> Result<(Batch, bool), String> {
        let (mut batch, mut bytes) = (Batch::default(), 0);
        let last = self.uplink.unanswered[lane as usize].unwrap_or(u64::MAX);
        for _ in 0..limits::LOOKS_PER_BATCH {
            let head = self.uplink.head.seen();
            let has_rows = self.feeds[lane as usize].fill(lane, &mut self.uplink.lanes, head).await;
            if !has_rows.map_err(|error| error.to_string())? {
                return Ok((batch, false));
            }
            let rows_max = usize::from(self.config.batch_rows);
            loop {
                let fits = |body: &str| {
                    batch.entries.is_empty()
                        || bytes + body.len() + limits::ENVELOPE_BYTES_MAX <= limits::BATCH_BYTES_MAX
                };
                let full = batch.entries.len() >= rows_max;
                let feed = &mut self.feeds[lane as usize];
                let Some(row) = feed.take_if(|row| !full && row.seq <= last && fits(&row.body)) else { break };
                if let Some(message) = self.uplink.message(lane, &row) {
                    bytes += message.payload.len();
                    let id = self.uplink.origin.row_id(row.seq);
                    batch.entries.push(Entry { seq: row.seq, id, event: message.payload });
                }
            }
            if self.feeds[lane as usize].has_rows() {
                break;
            }
        }
        // What was under way has been taken since, or does not go up any more.
        let nothing_left = batch.entries.is_empty() && self.feeds[lane as usize].has_rows();
        if nothing_left {
            self.uplink.unanswered[lane as usize] = None;
        }
        Ok((batch, true))
    }

    async fn send_parked(&mut self) -> Result<(), String> {
        let soon = Some(Instant::now() + limits::PARKED_LOOK);
        self.look_at = soon;
        if self.uplink.monitor.parked_count() == 0 {
            return Ok(());
        }
        let due = self.uplink.parked_due().await.map_err(|error| error.to_string())?;
        let Some(again) = due else { return Ok(()) };
        self.look_at = None;
        self.bucket.take(Instant::now());
        let answer = self.connection.post(&again.key(self.uplink.origin.id()), again.json());
        self.answers.push(answer.map(move |answer| (Sent::Parked(again), answer)).boxed());
        Ok(())
    }
}
