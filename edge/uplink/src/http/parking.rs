//! What becomes of rows that the receiver refused: how long they rest, and how they go up again, one at a time.

use super::{
    answer::Answer,
    batch::{Batch, Entry},
    receipts::{self, Judged},
};
use crate::{lanes::Lane, limits, uplink::Uplink};
use davy_core::time::UtcTime;
use davy_store::{Parked, ParkedChange, StoreError};
use std::time::Duration;

/// A parked row on its way again.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    pub(crate) entry: Entry,
    tries: u32,
    lane: Lane,
}

impl Again {
    /// Each attempt is another question, so that a receiver which keeps its answers by key does not repeat its refusal.
    pub(crate) fn key(&self, origin: &str) -> String {
        format!("{origin}/parked/{}-{}", self.entry.seq, self.tries)
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        Batch { entries: vec![self.entry.clone()], has_holes: false }.json()
    }
}

/// The refused rows of a batch, to be saved with the cursor that passes them.
pub(crate) fn refused(judged: &Judged, lane: Lane, at: UtcTime) -> Vec<ParkedChange> {
    let change = |(seq, reason): &(u64, String)| refusal(*seq, lane, reason.clone(), at, 1);
    judged.refused.iter().map(change).collect()
}

/// What an answer means for a row that was tried again; `None` when it says nothing of the row.
pub(crate) fn outcome(again: &Again, answer: &Answer, at: UtcTime) -> Option<ParkedChange> {
    let Again { entry, tries, lane } = again;
    let refused = |reason: &str| refusal(entry.seq, *lane, reason.to_owned(), at, tries.saturating_add(1));
    match answer {
        Answer::Rows(rows) => {
            let judged = receipts::judge([(entry.seq, entry.id.as_str())].into_iter(), rows.as_deref());
            Some(match judged.refused.first() {
                Some((_, reason)) => refused(reason),
                None if judged.taken.is_empty() => {
                    ParkedChange::Later { seq: entry.seq, next: at.after(millis(limits::PARKED_RETRY_FIRST)) }
                }
                None => ParkedChange::Taken { seq: entry.seq },
            })
        }
        Answer::Unreadable(reason) | Answer::TooLarge(reason) => Some(refused(reason)),
        Answer::Wait(..) | Answer::Lost(_) | Answer::Misconfigured(_) => None,
    }
}

fn refusal(seq: u64, lane: Lane, reason: String, at: UtcTime, tries: u32) -> ParkedChange {
    let (lane, next) = (lane.as_str().to_owned(), at.after(millis(rest(tries))));
    ParkedChange::Refused { seq, lane, reason, at, next }
}

/// How long a row rests that was refused so often.
fn rest(tries: u32) -> Duration {
    let doubled = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    limits::PARKED_RETRY_FIRST.saturating_mul(doubled).min(limits::PARKED_RETRY_MAX)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Uplink {
    /// Looks how many rows are parked.
    pub(crate) async fn count_parked(&mut self) -> Result<(), StoreError> {
        let count = self.store.parked_count(self.saver.name()).await?;
        self.monitor.parked(count);
        Ok(())
    }

    /// The parked row that is due, if there is one.
    pub(crate) async fn parked_due(&mut self) -> Result<Option<Again>, StoreError> {
        let now = self.monitor.now();
        let latest = now.after(millis(limits::PARKED_RETRY_MAX));
        let Some(parked) = self.store.parked_due(self.saver.name(), now, latest).await? else { return Ok(None) };
        match self.again(&parked).await? {
            Some(again) => Ok(Some(again)),
            None => {
                let taken = vec![ParkedChange::Taken { seq: parked.seq }];
                self.store.save_uplink(self.saver.name(), None, taken).await?;
                self.count_parked().await?;
                Ok(None)
            }
        }
    }

    async fn again(&mut self, parked: &Parked) -> Result<Option<Again>, StoreError> {
        let Parked { seq, tries, .. } = *parked;
        let lane = Lane::ALL.into_iter().find(|lane| lane.as_str() == parked.lane).unwrap_or(Lane::Backfill);
        let (rows, _) = self.rows.reader().read(seq.saturating_sub(1), seq, 1).await?;
        let row = rows.into_iter().find(|row| row.seq == seq);
        let refused = match row.as_ref().map(|row| self.origin.message(lane, row)) {
            Some(Ok(message)) => {
                let entry = Entry { seq, id: self.origin.row_id(seq), event: message.payload };
                return Ok(Some(Again { entry, tries, lane }));
            }
            Some(Err(refused)) => refused.to_string(),
            None => format!("row {seq} of the journal was refused and is not kept any more"),
        };
        tracing::error!(event = "parked_row_lost", uplink = self.saver.name(), seq, reason = refused);
        self.monitor.remark(refused);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_from_a_minute_to_an_hour() {
        let minutes: Vec<u64> = (1..=9).chain([40, u32::MAX]).map(|tries| rest(tries).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
    }

    #[test]
    fn a_row_that_is_tried_again_stays_unless_it_is_taken() {
        let entry = Entry { seq: 7, id: "GW/1/7".to_owned(), event: b"{}".to_vec() };
        let again = Again { entry, tries: 2, lane: Lane::Live };
        assert_eq!((again.key("GW/1"), again.json()), ("GW/1/parked/7-2".to_owned(), b"[{}]".to_vec()));
        let at = UtcTime(1_000);
        let rows = |text: &str| Answer::Rows(receipts::read(text.as_bytes()).unwrap());
        let later = Some(ParkedChange::Later { seq: 7, next: UtcTime(61_000) });
        let refused = |reason: &str| {
            let (lane, reason) = ("live".to_owned(), reason.to_owned());
            Some(ParkedChange::Refused { seq: 7, lane, reason, at, next: UtcTime(241_000) })
        };
        for (answer, expected) in [
            (rows(""), Some(ParkedChange::Taken { seq: 7 })),
            (rows(r#"{"receipts":[{"id":"GW/1/7","status":"duplicate"}]}"#), Some(ParkedChange::Taken { seq: 7 })),
            (rows(r#"{"receipts":[{"id":"GW/1/7","status":"later"}]}"#), later.clone()),
            (rows(r#"{"receipts":[{"id":"GW/1/8","status":"accepted"}]}"#), later),
            (rows(r#"{"receipts":[{"id":"GW/1/7","status":"refused","reason":"no"}]}"#), refused("no")),
            (Answer::Unreadable("400".to_owned()), refused("400")),
            (Answer::TooLarge("413".to_owned()), refused("413")),
            (Answer::Lost("500".to_owned()), None),
            (Answer::Misconfigured("401".to_owned()), None),
        ] {
            assert_eq!(outcome(&again, &answer, at), expected, "{answer:?}");
        }
    }
}
