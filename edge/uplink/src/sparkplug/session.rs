//! From one connection to its end: births, values in two lanes, deaths; acknowledgements in.

use super::{
    ears::{self, Heard, HostState},
    node::Node,
    plant,
};
use crate::{
    bucket::Bucket,
    cloudevent::Message,
    feed::Feed,
    lanes::Lane,
    limits::{self, sparkplug::*},
    mqtt::{self, Connection, NotTaken},
    samples::SampleBatch,
    uplink::{Ended, Uplink, beat},
};
use davy_config::SparkplugUplink;
use davy_core::time::UtcTime;
use davy_store::JournalRow;
use futures::{FutureExt, StreamExt, future::BoxFuture, future::try_join_all, stream::FuturesUnordered};
use std::collections::BTreeMap;
use tokio::{
    sync::watch,
    time::{Instant, Interval, sleep_until, timeout},
};

/// What has been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// A batch of values: all its messages.
    Row(Lane, u64),
    /// A birth or a death.
    Notice,
}

type Answer = BoxFuture<'static, (Sent, Result<(), NotTaken>)>;

/// A connection at work.
pub(super) struct Session<'a> {
    uplink: &'a mut Uplink,
    config: &'a SparkplugUplink,
    connection: Connection,
    node: Node,
    heard: watch::Receiver<Heard>,
    answers: FuturesUnordered<Answer>,
    feeds: [Feed; 2],
    bucket: Bucket,
    /// The last acknowledgement, or the first message after none was awaited.
    answered: Instant,
    beat: Interval,
    /// When the node was born last; not before the primary host is there.
    born: Option<Instant>,
    /// Wishes for another birth that are fulfilled.
    reborn: u64,
    /// Devices of which nothing is heard, each since when.
    lost: BTreeMap<usize, Instant>,
    looked: Instant,
    /// Dropped commands that the log has.
    logged: (u64, Option<Instant>),
}

/// What happens while the link is up.
enum Happening {
    Stop,
    Lost(String),
    Beat,
    Saved,
    Answer(Sent, Result<(), NotTaken>),
    Silent,
    /// Hosts have said something.
    Heard,
    /// Look for something to send.
    Send,
}

/// Why a session ends.
enum End {
    /// In order: the node says that it dies.
    Stopped,
    HostOffline,
    Lost(String),
}

impl<'a> Session<'a> {
    /// On a connection that the broker has accepted.
    pub(super) fn begin(
        uplink: &'a mut Uplink,
        config: &'a SparkplugUplink,
        connection: Connection,
        node: Node,
        heard: watch::Receiver<Heard>,
    ) -> Self {
        let now = Instant::now();
        Self {
            feeds: uplink.feeds(),
            bucket: Bucket::new(config.backfill_per_s, limits::BACKFILL_BURST, now),
            uplink,
            config,
            connection,
            node,
            heard,
            answers: FuturesUnordered::new(),
            answered: now,
            beat: beat(),
            born: None,
            reborn: 0,
            lost: BTreeMap::new(),
            looked: now,
            logged: (0, None),
        }
    }

    /// Sends until the connection is lost, the primary host goes or the gateway stops.
    pub(super) async fn run(mut self) -> Ended {
        let end = match self.send_and_listen().await {
            Ok(end) => end,
            Err(reason) => End::Lost(reason),
        };
        self.end(end).await
    }

    async fn send_and_listen(&mut self) -> Result<End, String> {
        for filter in ears::filters(self.config, &self.uplink.deaf) {
            self.connection.subscribe(filter)?;
        }
        if self.config.primary_host.is_none() {
            self.begin_to_live().await?;
        } else {
            self.uplink.monitor.down(self.waits_for_host()).await;
        }
        loop {
            let more = self.born.is_some() && self.send_what_is_due().await?;
            match self.happening(more).await {
                Happening::Stop => return Ok(End::Stopped),
                Happening::Lost(reason) => return Err(reason),
                Happening::Silent => return Err(mqtt::silence()),
                Happening::Answer(sent, Ok(())) => self.acknowledged(sent).await,
                Happening::Answer(sent, Err(NotTaken::Refused(reason))) => {
                    if let Sent::Row(lane, seq) = sent {
                        self.uplink.stumbled = Some((lane, seq));
                    }
                    return Err(reason);
                }
                Happening::Answer(_, Err(NotTaken::Dropped)) => return Err(self.dropped().await),
                Happening::Beat => self.beat()?,
                Happening::Heard => {
                    if self.has_lost_its_host().await? {
                        return Ok(End::HostOffline);
                    }
                }
                Happening::Saved | Happening::Send => {}
            }
            self.be_born_again()?;
        }
    }

    /// Why the connection dropped a message: because it has ended, which it says itself.
    async fn dropped(&mut self) -> String {
        let ended = timeout(limits::STOP_MAX, self.connection.ended()).await;
        ended.unwrap_or_else(|_| "the connection dropped a message".to_owned())
    }

    /// Waits for the next thing. The rarer a thing, the earlier it is looked at, so that none waits for ever.
    async fn happening(&mut self, more: bool) -> Happening {
        let backfill_at = self.backfill_at();
        let silent_at = self.answered + limits::ACKNOWLEDGEMENT_MAX;
        let Uplink { stop, saver, head, .. } = &mut *self.uplink;
        tokio::select! {
            biased;
            () = stop.cancelled() => Happening::Stop,
            _ = self.beat.tick() => Happening::Beat,
            () = saver.written(), if saver.is_writing() => Happening::Saved,
            // A broker that refuses a message may hang up as well, and the refusal says more.
            Some((sent, taken)) = self.answers.next(), if !self.answers.is_empty() => Happening::Answer(sent, taken),
            reason = self.connection.ended() => Happening::Lost(reason),
            Ok(()) = self.heard.changed() => Happening::Heard,
            () = sleep_until(silent_at), if !self.answers.is_empty() => Happening::Silent,
            () = std::future::ready(()), if more => Happening::Send,
            () = sleep_until(backfill_at.unwrap_or(silent_at)), if backfill_at.is_some() => Happening::Send,
            changed = head.changed() => match changed {
                Ok(()) => Happening::Send,
                Err(_) => Happening::Lost("the recording is closed: davy is stopping".to_owned()),
            },
        }
    }

    /// What is recorded from here on is live.
    async fn begin_to_live(&mut self) -> Result<(), String> {
        self.uplink.go_live().await;
        self.bear()
    }

    /// The node's birth, and that of every device of which something is heard.
    fn bear(&mut self) -> Result<(), String> {
        self.born = Some(Instant::now());
        self.reborn = self.heard.borrow().rebirths;
        let now = self.now();
        let birth = self.node.birth(now);
        self.publish(Sent::Notice, vec![birth])?;
        let heard = plant::connected(&self.uplink.now.borrow(), self.node.places());
        self.bear_devices(heard.into_iter())
    }

    /// Another birth, when a host wishes for it and the last one is long enough ago.
    fn be_born_again(&mut self) -> Result<(), String> {
        let is_due = self.born.is_some_and(|born| born.elapsed() >= REBIRTH_EVERY);
        if is_due && self.heard.borrow().rebirths > self.reborn { self.bear() } else { Ok(()) }
    }

    /// The births of devices that are not born, with what the gateway knows of them now.
    fn bear_devices(&mut self, devices: impl Iterator<Item = usize>) -> Result<(), String> {
        let unborn: Vec<usize> = devices.filter(|device| !self.node.is_born(*device)).collect();
        if unborn.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let values = plant::values(&self.uplink.now.borrow(), self.node.places(), now);
        for device in unborn {
            let birth = self.node.device_birth(device, &values, now);
            self.publish(Sent::Notice, birth.into_iter().collect())?;
        }
        Ok(())
    }

    /// The births of devices that are heard again, and the deaths of those that are lost and have nothing more to say.
    fn look_at_devices(&mut self) -> Result<(), String> {
        let heard = plant::connected(&self.uplink.now.borrow(), self.node.places());
        self.lost.retain(|device, _| !heard.contains(device));
        let head = self.uplink.head();
        let is_idle = Lane::ALL.into_iter().all(|lane| self.uplink.lanes.wanted(lane, head).is_none());
        for device in self
            .node
            .devices()
            .filter(|device| self.node.is_born(*device) && !heard.contains(device))
            .collect::<Vec<_>>()
        {
            let since = *self.lost.entry(device).or_insert_with(Instant::now);
            if is_idle && since.elapsed() >= DEATH_AFTER {
                let death = self.node.device_death(device, self.now());
                self.publish(Sent::Notice, death.into_iter().collect())?;
            }
        }
        self.bear_devices(heard.into_iter())
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
    fn publish(&mut self, sent: Sent, messages: Vec<Message>) -> Result<(), String> {
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
    fn backfill_at(&self) -> Option<Instant> {
        let has_room = self.born.is_some() && self.uplink.has_room(Lane::Backfill, ROWS_IN_FLIGHT_MAX);
        let rows = self.uplink.lanes.wanted(Lane::Backfill, self.uplink.head()).is_some();
        (has_room && rows).then(|| self.bucket.ready_at())
    }

    /// The acknowledgement of the birth shows that the link is up.
    async fn acknowledged(&mut self, sent: Sent) {
        self.answered = Instant::now();
        if let Sent::Row(lane, seq) = sent {
            self.uplink.lanes.acknowledged(lane, seq);
            self.uplink.monitor.acknowledged();
        }
        if !self.uplink.monitor.is_up() {
            let (broker, SparkplugUplink { group, node, .. }) = (&self.config.broker, self.config);
            let detail = format!("the broker {}:{} acknowledges what {group}/{node} says", broker.host, broker.port);
            self.uplink.up(detail).await;
        }
    }

    /// Looks whether the primary host has come, when the node is born, or gone.
    async fn has_lost_its_host(&mut self) -> Result<bool, String> {
        let host = self.heard.borrow_and_update().host;
        match (host, self.born) {
            (Some(HostState { online: true, .. }), None) => self.begin_to_live().await.map(|()| false),
            (Some(HostState { online: false, .. }), Some(_)) => Ok(self.config.primary_host.is_some()),
            (_, _) => Ok(false),
        }
    }

    fn waits_for_host(&self) -> String {
        let host = self.config.primary_host.as_deref().unwrap_or_default();
        format!("the primary host {host} is not online at the broker; what is to be sent waits for it")
    }

    fn beat(&mut self) -> Result<(), String> {
        self.uplink.keep();
        self.tell_of_dropped_commands();
        if self.born.is_some() && self.looked.elapsed() >= LOOK_EVERY {
            self.looked = Instant::now();
            self.look_at_devices()?;
        }
        Ok(())
    }

    fn tell_of_dropped_commands(&mut self) {
        let heard = self.heard.borrow();
        let (told, at) = self.logged;
        if heard.dropped > told && at.is_none_or(|at| at.elapsed() >= DROPPED_LOG_EVERY) {
            tracing::warn!(
                event = "sparkplug_commands_dropped",
                uplink = self.uplink.saver.name(),
                count = heard.dropped - told,
                last = heard.example,
                "a host has sent commands that are never carried out: this gateway only reads; tell who runs the host"
            );
            self.logged = (heard.dropped, Some(Instant::now()));
        }
    }

    fn now(&self) -> UtcTime {
        self.uplink.monitor.now()
    }

    /// Takes what is acknowledged still, and saves where both lanes stand. Before an orderly end the node says that it dies; in every
    /// other case the broker publishes the last will, which says the same.
    async fn end(mut self, end: End) -> Ended {
        let in_order = !matches!(end, End::Lost(_));
        if in_order && self.born.is_some() {
            let death = self.node.death(self.now());
            // Where the connection takes it no more, the last will takes its place.
            drop(self.publish(Sent::Notice, vec![death]));
        }
        let ended = match end {
            End::Stopped => Ended::Stopped,
            End::HostOffline => Ended::Lost(self.waits_for_host()),
            End::Lost(reason) => Ended::Lost(reason),
        };
        let Self { uplink, connection, mut answers, .. } = self;
        if in_order && timeout(limits::STOP_MAX, take(uplink, &mut answers)).await.is_ok() {
            connection.goodbye(limits::STOP_MAX).await;
        } else {
            connection.abandon().await;
            take(uplink, &mut answers).await;
        }
        uplink.go_down().await;
        ended
    }
}

async fn take(uplink: &mut Uplink, answers: &mut FuturesUnordered<Answer>) {
    while let Some((sent, taken)) = answers.next().await {
        if let (Sent::Row(lane, seq), Ok(())) = (sent, taken) {
            uplink.lanes.acknowledged(lane, seq);
            uplink.monitor.acknowledged();
        }
    }
}
