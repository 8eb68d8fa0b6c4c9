//! From one connection to its end: rows out in two lanes, acknowledgements in.

use super::{Connection, NotTaken};
use crate::{
    bucket::Bucket,
    cloudevent::{Message, Presence},
    commands::Intake,
    feed::Feed,
    lanes::Lane,
    limits,
    uplink::{Ended, Uplink, beat},
};
use davy_config::MqttUplink;
use davy_store::JournalRow;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::{
    sync::mpsc,
    time::{Instant, Interval, sleep_until, timeout},
};

/// What has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Row(Lane, u64),
    Presence,
    Reply,
}

/// What was sent, and whether the broker has it.
type Answer = BoxFuture<'static, (Sent, Result<(), NotTaken>)>;

/// A connection at work.
pub(crate) struct Session<'a> {
    uplink: &'a mut Uplink,
    config: &'a MqttUplink,
    connection: Connection,
    answers: FuturesUnordered<Answer>,
    feeds: [Feed; 2],
    bucket: Bucket,
    /// The last acknowledgement, or the first message after none was awaited.
    heard: Instant,
    beat: Interval,
    /// Replies that wait for their acknowledgement.
    replying: usize,
}

/// What happens while the link is up.
enum Happening {
    Stop,
    Lost(String),
    Beat,
    Saved,
    Answer(Sent, Result<(), NotTaken>),
    Silent,
    Reply(Message),
    /// Look for something to send.
    Send,
}

impl<'a> Session<'a> {
    /// On a connection that the broker has accepted.
    pub(crate) fn begin(uplink: &'a mut Uplink, config: &'a MqttUplink, connection: Connection) -> Self {
        Self {
            feeds: uplink.feeds(),
            bucket: Bucket::new(config.backfill_per_s, limits::BACKFILL_BURST, Instant::now()),
            uplink,
            config,
            connection,
            answers: FuturesUnordered::new(),
            heard: Instant::now(),
            beat: beat(),
            replying: 0,
        }
    }

    /// Sends until the connection is lost or the gateway stops.
    pub(crate) async fn run(mut self) -> Ended {
        let ended = self.send_and_listen().await;
        self.end(ended).await
    }

    async fn send_and_listen(&mut self) -> Ended {
        self.uplink.go_live().await;
        if let Err(reason) = self.say_hello().await {
            return Ended::Lost(reason);
        }
        if let Err(reason) = self.listen() {
            return Ended::Lost(reason);
        }
        loop {
            let more = match self.send_what_is_due().await {
                Ok(more) => more,
                Err(reason) => return Ended::Lost(reason),
            };
            match self.happening(more).await {
                Happening::Stop => return Ended::Stopped,
                Happening::Lost(reason) => return Ended::Lost(reason),
                Happening::Silent => return Ended::Lost(silence()),
                Happening::Reply(message) => {
                    if let Err(reason) = self.reply(message) {
                        return Ended::Lost(reason);
                    }
                }
                Happening::Answer(Sent::Reply, taken) if !matches!(taken, Err(NotTaken::Dropped)) => {
                    self.replied(taken);
                }
                Happening::Answer(sent, Ok(())) => self.acknowledged(sent).await,
                Happening::Answer(sent, Err(NotTaken::Refused(reason))) => {
                    if let Sent::Row(lane, seq) = sent {
                        self.uplink.stumbled = Some((lane, seq));
                    }
                    return Ended::Lost(reason);
                }
                Happening::Answer(_, Err(NotTaken::Dropped)) => return Ended::Lost(self.connection.dropped().await),
                Happening::Beat => self.beat(),
                Happening::Saved | Happening::Send => {}
            }
        }
    }

    /// Waits for the next thing. The rarer a thing, the earlier it is looked at, so that none waits for ever.
    async fn happening(&mut self, more: bool) -> Happening {
        let backfill_at = self.backfill_at();
        let silent_at = self.heard + limits::ACKNOWLEDGEMENT_MAX;
        let Uplink { stop, saver, head, commands, .. } = &mut *self.uplink;
        let replies = commands.as_mut().map(|commands| &mut commands.replies);
        let has_room = replies.is_some() && self.replying < limits::REPLIES_IN_FLIGHT_MAX;
        tokio::select! {
            biased;
            () = stop.cancelled() => Happening::Stop,
            _ = self.beat.tick() => Happening::Beat,
            () = saver.written(), if saver.is_writing() => Happening::Saved,
            // A broker that refuses a message may hang up as well, and the refusal says more.
            Some((sent, taken)) = self.answers.next(), if !self.answers.is_empty() => Happening::Answer(sent, taken),
            reason = self.connection.ended() => Happening::Lost(reason),
            Some(message) = next_of(replies), if has_room => Happening::Reply(message),
            () = sleep_until(silent_at), if !self.answers.is_empty() => Happening::Silent,
            () = std::future::ready(()), if more => Happening::Send,
            () = sleep_until(backfill_at.unwrap_or(silent_at)), if backfill_at.is_some() => Happening::Send,
            changed = head.changed() => match changed {
                Ok(()) => Happening::Send,
                Err(_) => Happening::Lost("the journal is closed: davy is stopping".to_owned()),
            },
        }
    }

    /// Fills both lanes' windows, the live one first. Gives whether there may be more to send at once.
    async fn send_what_is_due(&mut self) -> Result<bool, String> {
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

    fn send(&mut self, lane: Lane, row: &JournalRow) -> Result<(), String> {
        let Some(message) = self.uplink.message(lane, row) else { return Ok(()) };
        if lane == Lane::Backfill {
            self.bucket.take(Instant::now());
        }
        self.publish(Sent::Row(lane, row.seq), message)
    }

    /// The acknowledgement of the announcement shows that the link is up; where nothing is announced, its acceptance does.
    async fn say_hello(&mut self) -> Result<(), String> {
        if self.uplink.tells_presence() {
            return self.announce(Presence::Online);
        }
        self.is_up().await;
        Ok(())
    }

    fn announce(&mut self, presence: Presence) -> Result<(), String> {
        let message = self.uplink.origin.presence(presence, self.uplink.monitor.now());
        self.publish(Sent::Presence, message)
    }

    /// Asks for commands, where that is configured.
    fn listen(&mut self) -> Result<(), String> {
        let intake = self.uplink.commands.as_ref().and_then(|commands| commands.intake.as_ref());
        intake.and_then(Intake::filter).map_or(Ok(()), |filter| self.connection.subscribe(filter))
    }

    fn reply(&mut self, message: Message) -> Result<(), String> {
        self.replying += 1;
        self.publish(Sent::Reply, message)
    }

    /// A reply that the broker refuses holds up no row: the platform, which does not get it, is to look why.
    fn replied(&mut self, taken: Result<(), NotTaken>) {
        self.replying -= 1;
        self.heard = Instant::now();
        if let Err(NotTaken::Refused(reason)) = taken {
            tracing::error!(event = "reply_refused", uplink = self.uplink.saver.name(), reason);
        }
    }

    fn publish(&mut self, sent: Sent, message: Message) -> Result<(), String> {
        if self.answers.is_empty() {
            self.heard = Instant::now();
        }
        let answer = self.connection.publish(message)?;
        self.answers.push(answer.map(move |taken| (sent, taken)).boxed());
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

    async fn acknowledged(&mut self, sent: Sent) {
        self.heard = Instant::now();
        if let Sent::Row(lane, seq) = sent {
            self.uplink.lanes.acknowledged(lane, seq);
            self.uplink.monitor.acknowledged();
        }
        if !self.uplink.monitor.is_up() {
            self.is_up().await;
        }
    }

    async fn is_up(&mut self) {
        let place = format!("{}:{}", self.config.broker.host, self.config.broker.port);
        self.uplink.up(format!("the broker {place} acknowledges")).await;
    }

    fn beat(&mut self) {
        self.uplink.keep();
    }

    /// Takes what is acknowledged still, and saves where both lanes stand. After an orderly stop with nothing left in
    /// flight the broker hears a goodbye; in every other case it publishes the last will.
    async fn end(mut self, ended: Ended) -> Ended {
        let says = matches!(ended, Ended::Stopped);
        let said = says && (!self.uplink.tells_presence() || self.announce(Presence::Offline).is_ok());
        let Self { uplink, connection, mut answers, .. } = self;
        if said && timeout(limits::STOP_MAX, take(uplink, &mut answers)).await.is_ok() {
            connection.goodbye(limits::STOP_MAX).await;
        } else {
            connection.abandon().await;
            take(uplink, &mut answers).await;
        }
        uplink.go_down().await;
        ended
    }
}

async fn next_of(replies: Option<&mut mpsc::Receiver<Message>>) -> Option<Message> {
    replies?.recv().await
}

async fn take(uplink: &mut Uplink, answers: &mut FuturesUnordered<Answer>) {
    while let Some((sent, taken)) = answers.next().await {
        if let (Sent::Row(lane, seq), Ok(())) = (sent, taken) {
            uplink.lanes.acknowledged(lane, seq);
            uplink.monitor.acknowledged();
        }
    }
}

pub(crate) fn silence() -> String {
    format!(
        "the broker has acknowledged nothing for {} s while messages wait; it hangs or is overloaded",
        limits::ACKNOWLEDGEMENT_MAX.as_secs()
    )
}
