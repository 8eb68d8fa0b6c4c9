//! From one connection to its end: births, values in two lanes, deaths; acknowledgements in.

mod births;
mod rows;

use super::{
    ears::{self, Heard},
    node::Node,
};
use crate::{
    bucket::Bucket,
    feed::Feed,
    lanes::Lane,
    limits::{
        self,
        sparkplug::{DROPPED_LOG_EVERY, LOOK_EVERY},
    },
    mqtt::{self, Connection, NotTaken},
    uplink::{Ended, Uplink, beat},
};
use davy_config::SparkplugUplink;
use davy_core::time::UtcTime;
use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
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
    /// When clocks that were set back were looked for last.
    compared: Option<Instant>,
    /// Nothing more is recorded: the gateway is about to stop, which it says itself.
    is_over: bool,
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
            compared: None,
            is_over: false,
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
                Happening::Answer(_, Err(NotTaken::Dropped)) => return Err(self.connection.dropped().await),
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
            changed = head.changed(), if !self.is_over => {
                self.is_over = changed.is_err();
                Happening::Send
            }
        }
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
