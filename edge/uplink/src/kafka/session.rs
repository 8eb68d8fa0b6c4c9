//! From a cluster's first sign of life until it is lost: records out in two lanes, acknowledgements in.

use super::{
    connection::{Answer, Connection},
    ended, record,
    trouble::Trouble,
};
use crate::{
    bucket::Bucket,
    feed::Feed,
    lanes::Lane,
    limits,
    uplink::{Ended, Uplink, beat},
};
use davy_config::KafkaUplink;
use davy_store::JournalRow;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use std::time::Duration;
use tokio::time::{Instant, Interval, sleep_until, timeout};

/// What has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Row(Lane, u64),
    Question,
}

type Answered = BoxFuture<'static, (Sent, Result<(), Trouble>)>;

/// A cluster that answers.
pub(super) struct Session<'a> {
    uplink: &'a mut Uplink,
    config: &'a KafkaUplink,
    connection: Connection,
    answers: FuturesUnordered<Answered>,
    feeds: [Feed; 2],
    bucket: Bucket,
    /// The last answer, or what was sent first after none was awaited.
    heard: Instant,
    /// Whether a question is on its way.
    asking: bool,
    beat: Interval,
}

/// What happens while the link is up.
enum Happening {
    Stop,
    Beat,
    Saved,
    Answer(Sent, Result<(), Trouble>),
    Silent,
    /// Look for something to send.
    Send,
    Closed,
}

impl<'a> Session<'a> {
    /// With a cluster that has answered.
    pub(super) fn begin(uplink: &'a mut Uplink, config: &'a KafkaUplink, connection: Connection) -> Self {
        let now = Instant::now();
        Self {
            feeds: uplink.feeds(),
            uplink,
            config,
            connection,
            answers: FuturesUnordered::new(),
            bucket: Bucket::new(config.backfill_per_s, limits::BACKFILL_BURST, now),
            heard: now,
            asking: false,
            beat: beat(),
        }
    }

    /// Sends until the cluster is lost or the gateway stops.
    pub(super) async fn run(mut self) -> Ended {
        let ended = self.send_and_listen().await;
        self.end(ended).await
    }

    async fn send_and_listen(&mut self) -> Ended {
        self.uplink.go_live().await;
        loop {
            let more = match self.send_what_is_due().await {
                Ok(more) => more,
                Err(ended) => return ended,
            };
            match self.happening(more).await {
                Happening::Stop => return Ended::Stopped,
                Happening::Closed => return Ended::Lost("the journal is closed: davy is stopping".to_owned()),
                Happening::Answer(sent, Ok(())) => self.heard(sent).await,
                Happening::Answer(sent, Err(trouble)) => {
                    if let (Sent::Row(lane, seq), Trouble::Refused(_)) = (sent, &trouble) {
                        self.uplink.stumbled = Some((lane, seq));
                    }
                    return ended(trouble);
                }
                Happening::Silent => self.ask(),
                Happening::Beat => self.beat().await,
                Happening::Saved | Happening::Send => {}
            }
        }
    }

    /// Waits for the next thing. The rarer a thing, the earlier it is looked at, so that none waits for ever.
    async fn happening(&mut self, more: bool) -> Happening {
        let (backfill_at, ask_at) = (self.backfill_at(), self.ask_at());
        let Uplink { stop, saver, head, .. } = &mut *self.uplink;
        tokio::select! {
            biased;
            () = stop.cancelled() => Happening::Stop,
            _ = self.beat.tick() => Happening::Beat,
            () = saver.written(), if saver.is_writing() => Happening::Saved,
            Some((sent, taken)) = self.answers.next(), if !self.answers.is_empty() => Happening::Answer(sent, taken),
            () = sleep_until(ask_at), if !self.asking => Happening::Silent,
            () = std::future::ready(()), if more => Happening::Send,
            () = sleep_until(backfill_at.unwrap_or(ask_at)), if backfill_at.is_some() => Happening::Send,
            changed = head.changed() => if changed.is_ok() { Happening::Send } else { Happening::Closed },
        }
    }

    /// When to ask whether the cluster is there: soon where acknowledgements are awaited, because the producer itself tries for
    /// long before it says that it cannot.
    fn ask_at(&self) -> Instant {
        self.heard + if self.answers.is_empty() { limits::KEEP_ALIVE } else { limits::kafka::DOUBT }
    }

    fn ask(&mut self) {
        self.asking = true;
        self.expect(Sent::Question, self.connection.ask());
    }

    fn expect(&mut self, sent: Sent, answer: Answer) {
        if self.answers.is_empty() {
            self.heard = Instant::now();
        }
        self.answers.push(answer.map(move |taken| (sent, taken)).boxed());
    }

    /// Fills both lanes' windows, the live one first. Gives whether there may be more to send at once.
    async fn send_what_is_due(&mut self) -> Result<bool, Ended> {
        let mut more = false;
        for lane in Lane::ALL {
            if self.has_room(lane) {
                let head = self.uplink.head.seen();
                let has_rows = self.feeds[lane as usize].fill(lane, &mut self.uplink.lanes, head).await;
                if has_rows.map_err(|error| Ended::Lost(error.to_string()))? {
                    self.send_feed(lane).await?;
                    more |= self.has_room(lane);
                }
            }
        }
        Ok(more)
    }

    async fn send_feed(&mut self, lane: Lane) -> Result<(), Ended> {
        while self.has_room(lane) {
            let Some(row) = self.feeds[lane as usize].take() else { return Ok(()) };
            self.send(lane, &row).await?;
        }
        Ok(())
    }

    async fn send(&mut self, lane: Lane, row: &JournalRow) -> Result<(), Ended> {
        let Some(message) = self.uplink.message(lane, row) else { return Ok(()) };
        if lane == Lane::Backfill {
            self.bucket.take(Instant::now());
        }
        let id = self.uplink.origin.row_id(row.seq);
        let record = record::record(&self.config.topic, lane, row, &id, message);
        // It waits only where the producer's buffer is full or a topic has gone, and then a stop must not wait with it.
        let published = self.uplink.stop.run_until_cancelled(self.connection.publish(record)).await;
        let answer = published.ok_or(Ended::Stopped)?.map_err(ended)?;
        self.expect(Sent::Row(lane, row.seq), answer);
        Ok(())
    }

    fn has_room(&self, lane: Lane) -> bool {
        let has_room = self.uplink.has_room(lane, self.config.inflight_max);
        has_room && (lane == Lane::Live || self.bucket.ready_at() <= Instant::now())
    }

    /// When the backfill lane may send again; `None` when it waits for something else than its rate.
    fn backfill_at(&self) -> Option<Instant> {
        let has_room = self.uplink.has_room(Lane::Backfill, self.config.inflight_max);
        let rows = self.uplink.lanes.wanted(Lane::Backfill, self.uplink.head()).is_some();
        (has_room && rows).then(|| self.bucket.ready_at())
    }

    async fn heard(&mut self, sent: Sent) {
        self.heard = Instant::now();
        match sent {
            Sent::Question => self.asking = false,
            Sent::Row(lane, seq) => {
                self.uplink.lanes.acknowledged(lane, seq);
                self.uplink.monitor.acknowledged();
                if !self.uplink.monitor.is_up() {
                    self.is_up().await;
                }
            }
        }
    }

    async fn is_up(&mut self) {
        self.uplink.up(format!("Kafka {} acknowledges", self.connection.place())).await;
    }

    async fn beat(&mut self) {
        // Where rows wait it is up when the first of them is acknowledged: a cluster may answer questions and take nothing.
        if self.uplink.lanes.backlog(self.uplink.head()) == 0 && !self.uplink.monitor.is_up() {
            self.is_up().await;
        }
        self.uplink.keep();
    }

    /// Takes what is acknowledged still, and saves where both lanes stand. An orderly stop waits for it a while.
    async fn end(self, ended: Ended) -> Ended {
        let Self { uplink, connection, mut answers, .. } = self;
        let stopping = matches!(ended, Ended::Stopped);
        let (_, _) = tokio::join!(
            connection.end(if stopping { limits::STOP_MAX } else { Duration::ZERO }),
            // After its end the connection owes no answer.
            timeout(limits::STOP_MAX * 2, take(uplink, &mut answers)),
        );
        uplink.go_down().await;
        ended
    }
}

async fn take(uplink: &mut Uplink, answers: &mut FuturesUnordered<Answered>) {
    while let Some((sent, taken)) = answers.next().await {
        if let (Sent::Row(lane, seq), Ok(())) = (sent, taken) {
            uplink.lanes.acknowledged(lane, seq);
            uplink.monitor.acknowledged();
        }
    }
}
