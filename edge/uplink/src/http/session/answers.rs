//! What follows from an answer.

use super::{Sent, Session};
use crate::{
    http::{
        answer::Answer,
        batch::Batch,
        parking::{self, Again},
        receipts::{self, Judged},
    },
    lanes::Lane,
    limits,
    uplink::{Ended, Uplink},
};
use std::time::Duration;
use tokio::time::Instant;

impl Session<'_> {
    pub(super) async fn answered(&mut self, sent: Sent, answer: Answer) -> Result<(), Ended> {
        self.heard = Instant::now();
        match sent {
            Sent::Question => self.question_answered(answer),
            Sent::Batch(lane, batch) => {
                let first = batch.first();
                let result = self.batch_answered(lane, batch, answer).await;
                if result.is_err() {
                    self.uplink.stumbled = first.map(|seq| (lane, seq));
                }
                result
            }
            Sent::Parked(again) => self.parked_answered(&again, answer).await,
        }
    }

    fn question_answered(&mut self, answer: Answer) -> Result<(), Ended> {
        match answer {
            Answer::Rows(_) | Answer::Unreadable(_) | Answer::TooLarge(_) => Ok(()),
            Answer::Wait(wait, reason) => self.wait(wait, reason),
            Answer::Lost(reason) => Err(Ended::Lost(reason)),
            Answer::Misconfigured(reason) => Err(misconfigured(reason)),
        }
    }

    async fn batch_answered(&mut self, lane: Lane, batch: Batch, answer: Answer) -> Result<(), Ended> {
        match answer {
            Answer::Rows(rows) => {
                let sent = batch.entries.iter().map(|entry| (entry.seq, entry.id.as_str()));
                let judged = receipts::judge(sent, rows.as_deref());
                self.settle(lane, batch, judged).await
            }
            Answer::Unreadable(reason) | Answer::TooLarge(reason) if batch.entries.len() == 1 => {
                let refused = batch.entries.iter().map(|entry| (entry.seq, reason.clone())).collect();
                self.settle(lane, batch, Judged { refused, ..Judged::default() }).await
            }
            Answer::Unreadable(_) | Answer::TooLarge(_) => {
                self.sending[lane as usize].again(batch.halves(), Instant::now());
                Ok(())
            }
            Answer::Wait(wait, reason) => {
                self.sending[lane as usize].again([batch], Instant::now());
                self.wait(wait, reason)
            }
            Answer::Lost(reason) => Err(Ended::Lost(reason)),
            Answer::Misconfigured(reason) => Err(misconfigured(reason)),
        }
    }

    /// Follows what was said of each row.
    async fn settle(&mut self, lane: Lane, batch: Batch, judged: Judged) -> Result<(), Ended> {
        if judged.strangers > 0 {
            tracing::warn!(
                event = "foreign_receipts",
                uplink = self.uplink.saver.name(),
                count = judged.strangers,
                "receipts for rows that were not sent are ignored"
            );
        }
        for seq in &judged.taken {
            self.uplink.lanes.acknowledged(lane, *seq);
            self.uplink.monitor.acknowledged();
        }
        if !judged.refused.is_empty() {
            self.park(lane, &judged).await?;
        }
        let is_settled = !judged.taken.is_empty() || !judged.refused.is_empty();
        let sending = &mut self.sending[lane as usize];
        if judged.later.is_empty() {
            sending.done();
        } else {
            sending.later(batch.only(&judged.later), Instant::now());
        }
        if !sending.has_batches() {
            self.uplink.unanswered[lane as usize] = None;
        }
        if is_settled {
            self.put_off = false;
            self.is_up().await;
            return Ok(());
        }
        self.put_off_by(
            format!("the receiver {} asks to send {} rows again later", self.connection.place(), judged.later.len()),
            None,
        )
    }

    /// Passes rows that are refused: they are parked first, in one transaction with the cursor that passes them.
    async fn park(&mut self, lane: Lane, judged: &Judged) -> Result<(), Ended> {
        let Uplink { lanes, saver, monitor, .. } = &mut *self.uplink;
        let count = monitor.parked_count() + judged.refused.len() as u64;
        if count > limits::PARKED_MAX {
            return Err(misconfigured(format!(
                "the receiver {} refuses rows ({}), and {} are parked already: more would be too many to keep in sight; look at the parked rows of the uplink and correct the receiver",
                self.connection.place(),
                judged.refused.first().map_or("", |(_, reason)| reason),
                monitor.parked_count()
            )));
        }
        let mut passed = lanes.clone();
        judged.refused.iter().for_each(|(seq, _)| passed.acknowledged(lane, *seq));
        let parked = parking::refused(judged, lane, monitor.now());
        saver.park(&passed.cursor(), parked).await.map_err(|error| Ended::Lost(error.to_string()))?;
        *lanes = passed;
        monitor.refused(judged.refused.len() as u64);
        for (seq, reason) in &judged.refused {
            tracing::warn!(event = "row_parked", uplink = saver.name(), seq, reason);
        }
        self.uplink.count_parked().await.map_err(|error| Ended::Lost(error.to_string()))
    }

    async fn parked_answered(&mut self, again: &Again, answer: Answer) -> Result<(), Ended> {
        let now = Instant::now();
        self.look_at = Some(now);
        if let Some(change) = parking::outcome(again, &answer, self.uplink.monitor.now()) {
            let saved = self.uplink.store.save_uplink(self.uplink.saver.name(), None, vec![change]).await;
            saved.map_err(|error| Ended::Lost(error.to_string()))?;
            return self.uplink.count_parked().await.map_err(|error| Ended::Lost(error.to_string()));
        }
        self.question_answered(answer)
    }

    /// The receiver asks not to be sent anything for a while.
    fn wait(&mut self, wait: Duration, reason: String) -> Result<(), Ended> {
        self.paused_until = Instant::now() + wait;
        if wait > limits::PAUSE_MAX {
            return Err(Ended::LostFor(reason, wait));
        }
        self.put_off_by(reason, Some(wait))
    }

    /// Once it is waited for; a receiver that takes nothing the next time either is lost.
    fn put_off_by(&mut self, reason: String, wait: Option<Duration>) -> Result<(), Ended> {
        if std::mem::replace(&mut self.put_off, true) {
            return Err(wait.map_or_else(|| Ended::Lost(reason.clone()), |wait| Ended::LostFor(reason.clone(), wait)));
        }
        self.uplink.monitor.remark(reason);
        Ok(())
    }
}

fn misconfigured(reason: String) -> Ended {
    Ended::LostFor(reason, limits::MISCONFIGURED_RETRY)
}
