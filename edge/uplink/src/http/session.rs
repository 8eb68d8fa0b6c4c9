//! From the receiver's first sign of life until it is lost: batches out in two lanes, receipts in.

mod answers;
mod sending;

use super::{answer::Answer, batch::Batch, connection::Connection, lane::Sending, parking::Again, receipts};
use crate::{
    bucket::Bucket,
    feed::Feed,
    lanes::Lane,
    limits,
    uplink::{Ended, Uplink, beat},
};
use davy_config::HttpUplink;
use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::time::{Instant, Interval, sleep_until, timeout};

/// What has been sent.
enum Sent {
    Question,
    Batch(Lane, Batch),
    Parked(Again),
}

type Answered = BoxFuture<'static, (Sent, Answer)>;

/// A receiver that answers.
pub(crate) struct Session<'a> {
    uplink: &'a mut Uplink,
    config: &'a HttpUplink,
    connection: Connection,
    answers: FuturesUnordered<Answered>,
    feeds: [Feed; 2],
    sending: [Sending; 2],
    bucket: Bucket,
    /// The last answer.
    heard: Instant,
    /// Nothing is sent before, because the receiver asked for it.
    paused_until: Instant,
    /// Whether it has asked to wait, or to send again, and has taken nothing since.
    put_off: bool,
    /// When parked rows are looked at next; `None` while one is on its way.
    look_at: Option<Instant>,
    beat: Interval,
}

/// What happens while the link is up.
enum Happening {
    Stop,
    Beat,
    Saved,
    Answer(Sent, Answer),
    /// Look for something to send.
    Send,
    Closed,
}

impl<'a> Session<'a> {
    /// With a receiver that has answered.
    pub(crate) fn begin(uplink: &'a mut Uplink, config: &'a HttpUplink, connection: Connection) -> Self {
        let now = Instant::now();
        Self {
            feeds: uplink.feeds(),
            uplink,
            config,
            connection,
            answers: FuturesUnordered::new(),
            sending: [Sending::new(now), Sending::new(now)],
            bucket: Bucket::new(config.backfill_per_s, limits::BACKFILL_BURST, now),
            heard: now,
            paused_until: now,
            put_off: false,
            look_at: Some(now),
            beat: beat(),
        }
    }

    /// Sends until the receiver is lost or the gateway stops.
    pub(crate) async fn run(mut self) -> Ended {
        let ended = self.send_and_listen().await;
        self.end(ended).await
    }

    async fn send_and_listen(&mut self) -> Ended {
        self.uplink.go_live().await;
        loop {
            let more = match self.send_what_is_due().await {
                Ok(more) => more,
                Err(reason) => return Ended::Lost(reason),
            };
            let ended = match self.happening(more).await {
                Happening::Stop => Err(Ended::Stopped),
                Happening::Closed => Err(Ended::Lost("the journal is closed: davy is stopping".to_owned())),
                Happening::Answer(sent, answer) => self.answered(sent, answer).await,
                Happening::Beat => {
                    self.beat().await;
                    Ok(())
                }
                Happening::Saved | Happening::Send => Ok(()),
            };
            if let Err(ended) = ended {
                return ended;
            }
        }
    }

    /// Waits for the next thing. The rarer a thing, the earlier it is looked at, so that none waits for ever.
    async fn happening(&mut self, more: bool) -> Happening {
        let due_at = self.due_at();
        let Uplink { stop, saver, head, .. } = &mut *self.uplink;
        tokio::select! {
            biased;
            () = stop.cancelled() => Happening::Stop,
            _ = self.beat.tick() => Happening::Beat,
            () = saver.written(), if saver.is_writing() => Happening::Saved,
            Some((sent, answer)) = self.answers.next(), if !self.answers.is_empty() => Happening::Answer(sent, answer),
            () = std::future::ready(()), if more => Happening::Send,
            () = sleep_until(due_at) => Happening::Send,
            changed = head.changed() => if changed.is_ok() { Happening::Send } else { Happening::Closed },
        }
    }

    /// When there is something to send at the latest.
    fn due_at(&self) -> Instant {
        let of_lane = |lane: Lane| {
            let sending = &self.sending[lane as usize];
            let waits = sending.has_batches() || self.uplink.lanes.wanted(lane, self.uplink.head()).is_some();
            let bucket = if lane == Lane::Live { self.paused_until } else { self.bucket.ready_at() };
            let waits = waits && self.uplink.has_its_turn(lane);
            sending.free_at().filter(|_| waits).map(|free_at| free_at.max(bucket))
        };
        let parked = self.look_at.map(|at| at.max(self.bucket.ready_at()));
        let question = self.answers.is_empty().then_some(self.heard + limits::ASK_EVERY);
        let due = Lane::ALL.into_iter().filter_map(of_lane).chain(parked).chain(question);
        due.min().unwrap_or(self.heard + limits::ASK_EVERY).max(self.paused_until)
    }

    async fn is_up(&mut self) {
        self.uplink.up(format!("the receiver {} takes what is sent", self.connection.place())).await;
    }

    async fn beat(&mut self) {
        // Where rows wait it is up when the first of them is taken: a receiver may answer a question and take nothing.
        if self.uplink.lanes.backlog(self.uplink.head()) == 0 && !self.uplink.monitor.is_up() {
            self.is_up().await;
        }
        self.uplink.keep();
    }

    /// Takes the answers that still come, and saves where both lanes stand. What is said in them of other than taken rows is
    /// said again when these are sent again.
    async fn end(self, ended: Ended) -> Ended {
        let Self { uplink, mut answers, .. } = self;
        // What is not answered by then goes up again.
        let _ = timeout(limits::STOP_MAX, take(uplink, &mut answers)).await;
        uplink.go_down().await;
        ended
    }
}

async fn take(uplink: &mut Uplink, answers: &mut FuturesUnordered<Answered>) {
    while let Some((sent, answer)) = answers.next().await {
        if let (Sent::Batch(lane, batch), Answer::Rows(rows)) = (&sent, &answer) {
            let sent = batch.entries.iter().map(|entry| (entry.seq, entry.id.as_str()));
            for seq in receipts::judge(sent, rows.as_deref()).taken {
                uplink.lanes.acknowledged(*lane, seq);
                uplink.monitor.acknowledged();
            }
        }
    }
}
