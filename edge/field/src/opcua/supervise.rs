//! Keeps watch over one session from its beginning to its end.
//!
//! The session lives only while its events are polled, which happens here and nowhere else. So while the engine's inbox
//! is full nothing is read from the server either: the waiting reaches it through the connection.

use crate::{
    backoff::Backoff,
    health::Monitor,
    limits::{self, opcua as bounds},
    opcua::{
        convert,
        granted::{Created, Granted, Refused},
        session::{self, Events, words},
        subscribe::{self, Notice, Wanted},
    },
};
use davy_config::OpcUaSource;
use davy_core::event::Sample;
use futures::StreamExt;
use opcua::{
    client::{Session, SessionActivity, SessionPollResult, SubscriptionActivity},
    types::StatusCode,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;

/// How a session ended.
pub(crate) enum End {
    /// The connector stops.
    Stopped,
    /// The source is lost, and why.
    Lost(String),
}

/// Something asked of the session, which must not be waited for here.
type Work = AbortOnDropHandle<Result<Done, String>>;

enum Done {
    Subscribed(Vec<Granted>, Created),
    AskedAgain(Created),
}

/// Why the session cannot go on.
enum Trouble {
    /// The connection is gone.
    Broken(String),
    /// The connection may still be there; the session is to be closed in order.
    Useless(String),
}

pub(crate) struct Supervisor<'a> {
    config: &'a OpcUaSource,
    session: Arc<Session>,
    events: Events,
    wanted: Arc<Wanted>,
    monitor: &'a mut Monitor,
    backoff: &'a mut Backoff,
    notices: mpsc::Receiver<Notice>,
    to_notices: mpsc::Sender<Notice>,
    work: Option<Work>,
    granted: Vec<Granted>,
    /// The last sign of life of each subscription.
    seen: Vec<Instant>,
    refused: Vec<Refused>,
    /// Refused items that the engine has not been told of.
    untold: Vec<Refused>,
    ask_again_at: Instant,
    connected: bool,
    begun: Instant,
    alive_failed: u32,
}

impl<'a> Supervisor<'a> {
    pub(crate) fn new(
        config: &'a OpcUaSource,
        session: Arc<Session>,
        events: Events,
        wanted: Arc<Wanted>,
        monitor: &'a mut Monitor,
        backoff: &'a mut Backoff,
    ) -> Self {
        let (to_notices, notices) = mpsc::channel(bounds::NOTIFICATIONS_WAITING_MAX);
        let now = Instant::now();
        Self {
            seen: vec![now; wanted.subscriptions()],
            config,
            session,
            events,
            wanted,
            monitor,
            backoff,
            notices,
            to_notices,
            work: None,
            granted: Vec::new(),
            refused: Vec::new(),
            untold: Vec::new(),
            ask_again_at: now + bounds::REFUSED_AGAIN,
            connected: false,
            begun: now,
            alive_failed: 0,
        }
    }

    /// Takes what the server sends until the session ends.
    pub(crate) async fn until_end(mut self) -> End {
        let stop = self.monitor.stop();
        let trouble = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            trouble = self.until_trouble() => Some(trouble),
        };
        match trouble {
            Some(Trouble::Broken(reason)) => End::Lost(reason),
            Some(Trouble::Useless(reason)) => {
                // A server that hangs does not answer the goodbye either; the engine must not wait for that.
                self.monitor.down(&reason).await;
                session::close(&self.session, &mut self.events).await;
                End::Lost(reason)
            }
            None => {
                session::close(&self.session, &mut self.events).await;
                End::Stopped
            }
        }
    }

    async fn until_trouble(&mut self) -> Trouble {
        let mut watch = interval(WATCH_EVERY);
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // In this order, so that after a long wait for the engine what has come in the meantime is seen before
            // anybody is called silent.
            let step = tokio::select! {
                biased;
                Some(notice) = self.notices.recv() => self.take(notice).await,
                event = self.events.next() => self.follow(event),
                done = finished(&mut self.work) => self.finish(done).await,
                _ = watch.tick() => self.look_round(),
            };
            if let Err(trouble) = step {
                return trouble;
            }
        }
    }

    /// What happens to the session.
    fn follow(&mut self, event: Option<Result<SessionPollResult, String>>) -> Result<(), Trouble> {
        match event {
            None => Err(self.broken("the session ended")),
            Some(Err(words)) => Err(self.broken(&words)),
            Some(Ok(SessionPollResult::ConnectionLost(status) | SessionPollResult::ReconnectFailed(status))) => {
                Err(self.broken(&words(status)))
            }
            Some(Ok(SessionPollResult::Reconnected(_))) => self.begin(),
            Some(Ok(SessionPollResult::SessionActivity(activity))) => self.heartbeat(&activity),
            Some(Ok(SessionPollResult::Subscription(SubscriptionActivity::FatalFailure(status)))) => {
                Err(self.broken(&words(status)))
            }
            // What the server sent in answer is lost; the next session sends every value anew.
            Some(Ok(SessionPollResult::Subscription(SubscriptionActivity::PublishFailed(StatusCode::BadTimeout)))) => {
                Err(self.useless("a publish request timed out"))
            }
            Some(Ok(_)) => Ok(()),
        }
    }

    /// The session is there. It never becomes another one, because a lost connection ends it.
    fn begin(&mut self) -> Result<(), Trouble> {
        if self.connected {
            return Err(self.useless("the session was replaced"));
        }
        self.connected = true;
        self.monitor.connected();
        let (session, wanted) = (Arc::clone(&self.session), Arc::clone(&self.wanted));
        let notices = self.to_notices.clone();
        self.work = Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let (granted, created) = subscribe::subscribe(&session, &wanted, &notices).await?;
            Ok(Done::Subscribed(granted, created))
        })));
        Ok(())
    }

    fn heartbeat(&mut self, activity: &SessionActivity) -> Result<(), Trouble> {
        match activity {
            SessionActivity::KeepAliveSucceeded => self.alive_failed = 0,
            SessionActivity::KeepAliveFailed(status) => {
                self.alive_failed += 1;
                if self.alive_failed >= bounds::ALIVE_FAILED_MAX {
                    return Err(self.useless(&words(*status)));
                }
            }
        }
        Ok(())
    }

    async fn take(&mut self, notice: Notice) -> Result<(), Trouble> {
        if self.notices.len() + 1 >= bounds::NOTIFICATIONS_WAITING_MAX {
            return Err(self.useless("notifications came faster than they could be taken"));
        }
        if let Some(seen) = self.seen.get_mut(notice.subscription) {
            *seen = Instant::now();
        }
        let wanted = Arc::clone(&self.wanted);
        let batch = convert::batch(notice.notification, |handle| wanted.tag_of(handle), self.monitor.now());
        if !batch.samples.is_empty() {
            self.up().await;
            self.monitor.samples(batch.samples).await;
        }
        match batch.ended {
            Some(status) => Err(self.useless(&format!("the server ended a subscription: {}", words(status)))),
            None => Ok(()),
        }
    }

    async fn finish(&mut self, done: Result<Done, String>) -> Result<(), Trouble> {
        match done.map_err(|reason| self.useless(&reason))? {
            Done::Subscribed(granted, created) => {
                self.monitor.notes(created.notes(&self.wanted, &granted));
                created.refused.iter().for_each(|refused| self.monitor.unknown(&self.wanted.words(*refused)));
                self.seen = vec![Instant::now(); granted.len()];
                self.granted = granted;
                self.untold.clone_from(&created.refused);
                self.refused = created.refused;
                // When no item is left that could bring a value, the session is all there is to wait for.
                if self.monitor.is_up() || self.refused.len() == self.wanted.len() {
                    self.up().await;
                }
            }
            Done::AskedAgain(created) => self.refused = created.refused,
        }
        Ok(())
    }

    /// Data flows. Refused items follow at once, because the engine waits for every tag anew.
    async fn up(&mut self) {
        self.backoff.reset();
        self.monitor.up(&self.config.endpoint).await;
        let received_time = self.monitor.now();
        let bad = |refused: Refused| {
            let (tag, quality) = self.wanted.bad(refused);
            Sample { tag, value: 0.0, quality, source_time: None, received_time }
        };
        let samples = self.untold.iter().map(|refused| bad(*refused)).collect();
        self.untold.clear();
        self.monitor.samples(samples).await;
    }

    /// Whether anybody is silent, and whether refused items are due.
    fn look_round(&mut self) -> Result<(), Trouble> {
        let now = Instant::now();
        if !self.connected && now - self.begun > limits::CONNECT_MAX {
            return Err(self.broken(&format!("no session within {} s", limits::CONNECT_MAX.as_secs())));
        }
        let silent = self.granted.iter().zip(&self.seen).find(|(granted, seen)| now - **seen > granted.silence_max);
        if let Some((granted, _)) = silent {
            let seconds = granted.silence_max.as_secs();
            return Err(self.useless(&format!("subscription {} has been silent for {seconds} s", granted.id)));
        }
        if self.work.is_none() && !self.refused.is_empty() && now >= self.ask_again_at {
            self.ask_again_at = now + bounds::REFUSED_AGAIN;
            let (session, wanted) = (Arc::clone(&self.session), Arc::clone(&self.wanted));
            let (granted, refused) = (self.granted.clone(), self.refused.clone());
            self.work = Some(AbortOnDropHandle::new(tokio::spawn(async move {
                subscribe::ask_again(&session, &wanted, &granted, &refused).await.map(Done::AskedAgain)
            })));
        }
        Ok(())
    }

    fn broken(&self, reason: &str) -> Trouble {
        Trouble::Broken(format!("{}: {reason}", self.config.endpoint))
    }

    fn useless(&self, reason: &str) -> Trouble {
        Trouble::Useless(format!("{}: {reason}", self.config.endpoint))
    }
}

const WATCH_EVERY: Duration = Duration::from_millis(500);

/// The result of the work, or never while there is none.
async fn finished(work: &mut Option<Work>) -> Result<Done, String> {
    let Some(running) = work else { return std::future::pending().await };
    let done = running.await.unwrap_or_else(|error| Err(format!("the set-up was broken off: {error}")));
    *work = None;
    done
}
