//! Which row goes up in which lane, and how far each lane is acknowledged. No IO: it is tried against a model. A row is one of
//! the journal, or a message of samples at its place in the recording.
//!
//! A row belongs to one lane for ever. Written while the link is up it is `live`, else `backfill`; so the journal falls
//! into stretches, and the live ones are remembered as [`Span`]s until everything before and in them is acknowledged.
//!
//! ```text
//! rows        1 ……… 40 │ 41 ……… 55 │ 56 ……… 90 │ 91 ………
//! written     link down │ link up    │ link down  │ link up
//! lane        backfill  │ live       │ backfill   │ live
//! ```
//!
//! Both lanes walk the journal upward, each over its own stretches, so each is in order. Progress is acknowledgement
//! alone: after a lost link or a crash a lane goes on behind its last row before which everything is acknowledged, and
//! what was sent beyond it is sent again, in the same lane and with the same id. Nothing is ever skipped.

use davy_core::health::LaneHealth;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A lane of the uplink, as in topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Rows written while the link is up: they go at once.
    Live,
    /// What was written while it was down: it drains beside them at a bounded rate.
    Backfill,
}

impl Lane {
    /// Both, the urgent one first.
    pub const ALL: [Self; 2] = [Self::Live, Self::Backfill];

    /// `live` or `backfill`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Backfill => "backfill",
        }
    }
}

/// Rows behind `after`, up to and with `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) after: u64,
    pub(crate) until: u64,
}

impl Span {
    /// The part behind `after` and up to `until`; `None` when nothing is left.
    fn between(self, after: u64, until: u64) -> Option<Self> {
        let part = Self { after: self.after.max(after), until: self.until.min(until) };
        (part.after < part.until).then_some(part)
    }

    fn rows(self) -> u64 {
        self.until - self.after
    }
}

/// What is saved of an uplink: which rows are acknowledged. The numbers are rows of the journal, or places
/// in the recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Every row of the backfill lane up to this one is acknowledged.
    pub backfill: u64,
    /// Every row of the live lane up to this one is acknowledged.
    pub live: u64,
    /// The live lane's stretches, oldest first, each behind its first number and up to its second. Rows outside belong
    /// to the backfill lane.
    #[serde(default)]
    pub live_spans: Vec<(u64, u64)>,
    /// While the link is up: rows behind this one are live as well.
    #[serde(default)]
    pub live_from: Option<u64>,
    /// Of which recording the numbers are places, for samples; absent for the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<i64>,
    /// Of Sparkplug: the number of the last connection, `bdSeq`; absent before the first, which has 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bd_seq: Option<u8>,
}

impl Cursor {
    /// For one who begins with what is written from now on.
    pub(crate) fn at(head: u64, recording: Option<i64>) -> Self {
        Self { backfill: head, live: head, recording, ..Self::default() }
    }

    /// The row up to which every one is acknowledged, in a journal whose newest is `head`.
    #[must_use]
    pub fn acknowledged(&self, head: u64) -> u64 {
        let lanes = Lanes::restore(self, head);
        let first = Lane::ALL.into_iter().filter_map(|lane| lanes.wanted(lane, head)).map(|span| span.after).min();
        first.unwrap_or(head)
    }

    /// Reads a cursor as it was saved.
    ///
    /// # Errors
    /// In words, when it is none.
    pub fn read(text: &str) -> Result<Self, String> {
        let cursor: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let numbers: Vec<u64> =
            cursor.live_spans.iter().flat_map(|&(after, until)| [after, until]).chain(cursor.live_from).collect();
        if numbers.is_sorted() && cursor.live_spans.iter().all(|(after, until)| after < until) {
            Ok(cursor)
        } else {
            Err(format!("its live spans are not in order: {text}"))
        }
    }
}

/// The state of both lanes.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    live_spans: Vec<Span>,
    live_from: Option<u64>,
    live: Progress,
    backfill: Progress,
    recording: Option<i64>,
    bd_seq: Option<u8>,
}

impl Lanes {
    /// Goes on from a saved cursor. What was written while the link was up until the process ended, and since, is live.
    pub(crate) fn restore(cursor: &Cursor, head: u64) -> Self {
        let spans = cursor.live_spans.iter().map(|&(after, until)| Span { after, until });
        let mut lanes = Self {
            live_spans: spans.filter_map(|span| span.between(0, head)).collect(),
            live_from: cursor.live_from,
            live: Progress::at(cursor.live.min(head)),
            backfill: Progress::at(cursor.backfill.min(head)),
            recording: cursor.recording,
            bd_seq: cursor.bd_seq,
        };
        lanes.down(head);
        lanes
    }

    /// For saving.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            backfill: self.backfill.acknowledged,
            live: self.live.acknowledged,
            live_spans: self.live_spans.iter().map(|span| (span.after, span.until)).collect(),
            live_from: self.live_from,
            recording: self.recording,
            bd_seq: self.bd_seq,
        }
    }

    /// The number of another Sparkplug connection: one more than the last, and 0 after 255 (Sparkplug 3.0.0, 4.2.1.1).
    pub(crate) fn next_bd_seq(&mut self) -> u8 {
        let next = self.bd_seq.map_or(0, |last| last.wrapping_add(1));
        self.bd_seq = Some(next);
        next
    }

    /// The link is up: rows behind `head` are live. The cursor must be saved before the first of them is sent, or a
    /// crash could send it again in the other lane. With `spans_max` spans already, what was written since the last one
    /// counts as live as well: it has not been sent yet, so that breaks no order.
    pub(crate) fn up(&mut self, head: u64, spans_max: usize) {
        self.down(head);
        let last = if self.live_spans.len() < spans_max { None } else { self.live_spans.pop() };
        self.live_from = Some(last.map_or(head, |last| last.after));
    }

    /// The link is lost: what is not acknowledged is due again, and rows behind `head` are backfill.
    pub(crate) fn down(&mut self, head: u64) {
        if let Some(span) = self.live_from.take().and_then(|after| Span { after, until: u64::MAX }.between(0, head)) {
            match self.live_spans.last_mut().filter(|last| last.until == span.after) {
                Some(last) => last.until = span.until,
                None => self.live_spans.push(span),
            }
        }
        self.live.rewind();
        self.backfill.rewind();
        self.forget_what_is_done();
    }

    /// The next stretch of a lane to read and send.
    pub(crate) fn wanted(&self, lane: Lane, head: u64) -> Option<Span> {
        let behind = self.progress(lane).next;
        self.spans(lane).find_map(|span| span.between(behind, head))
    }

    /// A row of the wanted stretch has been sent.
    pub(crate) fn sent(&mut self, lane: Lane, seq: u64) {
        self.progress_mut(lane).send(seq);
    }

    /// Rows of the wanted stretch up to and with `seq` need not be sent, or are not there.
    pub(crate) fn passed(&mut self, lane: Lane, seq: u64) {
        self.progress_mut(lane).pass(seq);
    }

    /// The far side has a row.
    pub(crate) fn acknowledged(&mut self, lane: Lane, seq: u64) {
        self.progress_mut(lane).acknowledge(seq);
    }

    /// Every row of a lane up to this one is acknowledged.
    pub(crate) fn acknowledged_until(&self, lane: Lane) -> u64 {
        self.progress(lane).acknowledged
    }

    /// Rows sent and not yet acknowledged without a hole before them.
    pub(crate) fn in_flight(&self, lane: Lane) -> usize {
        self.progress(lane).in_flight.len()
    }

    /// Rows not yet acknowledged.
    pub(crate) fn backlog(&self, head: u64) -> u64 {
        Lane::ALL.into_iter().flat_map(|lane| self.due(lane, head)).map(Span::rows).sum()
    }

    /// How far a lane is.
    pub(crate) fn health(&self, lane: Lane, head: u64) -> LaneHealth {
        let due = self.due(lane, head).next().map(|span| span.after + 1);
        LaneHealth {
            lane: lane.as_str(),
            acknowledged_until: due.map_or(head, |due| due - 1),
            due,
            backlog: self.due(lane, head).map(Span::rows).sum(),
            in_flight: self.in_flight(lane),
        }
    }

    /// The stretches of a lane that are not acknowledged.
    fn due(&self, lane: Lane, head: u64) -> impl Iterator<Item = Span> {
        let acknowledged = self.acknowledged_until(lane);
        self.spans(lane).filter_map(move |span| span.between(acknowledged, head))
    }

    /// A lane's stretches, oldest first, the last of all without an end.
    fn spans(&self, lane: Lane) -> impl Iterator<Item = Span> {
        let open = self.live_from.map(|after| Span { after, until: u64::MAX });
        let live: Vec<Span> = self.live_spans.iter().copied().chain(open).collect();
        let starts = std::iter::once(0).chain(live.iter().map(|span| span.until));
        let ends = live.iter().map(|span| span.after).chain([u64::MAX]);
        let backfill: Vec<Span> = starts.zip(ends).map(|(after, until)| Span { after, until }).collect();
        match lane {
            Lane::Live => live.into_iter(),
            Lane::Backfill => backfill.into_iter(),
        }
    }

    /// A live span before and in which everything is acknowledged is just a part of what is done.
    fn forget_what_is_done(&mut self) {
        while let Some(first) = self.live_spans.first().copied() {
            if first.after > self.backfill.acknowledged || first.until > self.live.acknowledged {
                return;
            }
            self.backfill = Progress::at(self.backfill.acknowledged.max(first.until));
            self.live_spans.remove(0);
        }
    }

    fn progress(&self, lane: Lane) -> &Progress {
        match lane {
            Lane::Live => &self.live,
            Lane::Backfill => &self.backfill,
        }
    }

    fn progress_mut(&mut self, lane: Lane) -> &mut Progress {
        match lane {
            Lane::Live => &mut self.live,
            Lane::Backfill => &mut self.backfill,
        }
    }
}

/// How far a lane is.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// Every row of the lane up to here is acknowledged or passed.
    acknowledged: u64,
    /// Every row of the lane up to here is sent or passed.
    next: u64,
    /// What was sent behind `acknowledged`, and whether it is acknowledged already, out of order.
    in_flight: VecDeque<(u64, bool)>,
}

impl Progress {
    fn at(seq: u64) -> Self {
        Self { acknowledged: seq, next: seq, in_flight: VecDeque::new() }
    }

    fn rewind(&mut self) {
        *self = Self::at(self.acknowledged);
    }

    fn send(&mut self, seq: u64) {
        debug_assert!(seq > self.next, "row {seq} is sent behind row {}", self.next);
        self.next = seq;
        self.in_flight.push_back((seq, false));
    }

    fn pass(&mut self, seq: u64) {
        self.next = self.next.max(seq);
        self.settle();
    }

    fn acknowledge(&mut self, seq: u64) {
        if let Ok(at) = self.in_flight.binary_search_by_key(&seq, |(sent, _)| *sent) {
            self.in_flight[at].1 = true;
        }
        self.settle();
    }

    fn settle(&mut self) {
        while self.in_flight.front().is_some_and(|(_, done)| *done) {
            self.in_flight.pop_front();
        }
        self.acknowledged = self.in_flight.front().map_or(self.next, |(seq, _)| seq - 1);
    }
}

#[cfg(test)]
mod tests;
