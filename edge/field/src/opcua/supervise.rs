//! Keeps watch over one session from its beginning to its end.
//!
//! The session lives only while its events are polled, which happens here and nowhere else. So while the engine's inbox
//! is full nothing is read from the server either: the waiting reaches it through the connection.

use crate::{
    backoff::Backoff,
    health::Monitor,
    limits::opcua as bounds,
    opcua::{
        Places,
        arrival::Arrival,
        gaps::Gaps,
        granted::{Granted, Refused},
        jobs::{Jobs, Outcome},
        kept::Kept,
        poll::Round,
        report::Report,
        security::Security,
        server::Server,
        session::{self, Events, words},
        spot::Spot,
        subscribe::Notice,
    },
};
use davy_config::OpcUaSource;
use futures::StreamExt;
use opcua::{
    client::{Session, SessionActivity, SessionPollResult, SubscriptionActivity},
    types::StatusCode,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;

mod alarms;
mod answers;
mod filling;
mod looking;
mod taking;

use alarms::Alarms;

/// How a session ended.
pub(crate) enum End {
    /// The connector stops.
    Stopped,
    /// The source is lost, and why.
    Lost(String),
    /// Another server of the list is better, by its place there.
    Better(usize),
}

/// Why the session cannot go on.
enum Trouble {
    /// The connection is gone.
    Broken(String),
    /// The connection may still be there; the session is to be closed in order.
    Useless(String),
    /// Another server of the list is to be used; the session is to be closed in order.
    Outdone(usize, String),
}

/// What is asked of the session at this moment; each at most once at a time.
#[derive(Debug, Default)]
struct Asked {
    refused: bool,
    standing: bool,
    unheard: bool,
    spot: bool,
    others: bool,
    history: bool,
    conditions: bool,
}

/// When to look next.
struct Due {
    refused: Instant,
    standing: Instant,
    unheard: Instant,
    spot: Instant,
    others: Instant,
    history: Instant,
    conditions: Instant,
}

pub(crate) struct Supervisor<'a> {
    config: &'a OpcUaSource,
    places: &'a Places,
    security: &'a Security,
    events: Events,
    jobs: Jobs,
    monitor: &'a mut Monitor,
    backoff: &'a mut Backoff,
    /// `None` when the source's history is not to be asked.
    gaps: &'a mut Option<Gaps>,
    /// The NamespaceArray of the first session.
    namespaces: &'a mut Vec<String>,
    notices: mpsc::Receiver<Notice>,
    to_notices: mpsc::Sender<Notice>,
    rounds: Option<mpsc::Receiver<Result<Round, String>>>,
    polling: Option<AbortOnDropHandle<()>>,
    running: JoinSet<Outcome>,
    asked: Asked,
    due: Due,
    /// A notification that waits for those before it, which are asked for once more.
    held: Option<Notice>,
    server: Option<Server>,
    granted: Vec<Granted>,
    /// The last sign of life of each subscription.
    seen: Vec<Instant>,
    arrival: Arrival,
    spot: Spot,
    alarms: Alarms,
    refused: Vec<Refused>,
    refused_again: Duration,
    /// Refused items that the engine has not been told of.
    untold: Vec<Refused>,
    report: Report,
    connected: bool,
    begun: Instant,
    alive_failed: u32,
}

impl<'a> Supervisor<'a> {
    pub(crate) fn new(
        config: &'a OpcUaSource,
        (places, security): (&'a Places, &'a Security),
        (session, events): (Arc<Session>, Events),
        monitor: &'a mut Monitor,
        backoff: &'a mut Backoff,
        kept: &'a mut Kept,
    ) -> Self {
        let (to_notices, notices) = mpsc::channel(bounds::NOTIFICATIONS_WAITING_MAX);
        let now = Instant::now();
        Self {
            config,
            places,
            security,
            events,
            jobs: Jobs { session, wanted: Arc::clone(&kept.wanted), utc: monitor.clock() },
            monitor,
            backoff,
            gaps: &mut kept.gaps,
            namespaces: &mut kept.namespaces,
            notices,
            to_notices,
            rounds: None,
            polling: None,
            running: JoinSet::new(),
            asked: Asked::default(),
            due: Due {
                refused: now + bounds::REFUSED_AGAIN_FIRST,
                standing: now,
                unheard: now,
                spot: now,
                others: now,
                history: now,
                conditions: now,
            },
            held: None,
            server: None,
            granted: Vec::new(),
            seen: Vec::new(),
            arrival: Arrival::default(),
            spot: Spot::default(),
            alarms: Alarms::default(),
            refused: Vec::new(),
            refused_again: bounds::REFUSED_AGAIN_FIRST,
            untold: Vec::new(),
            report: Report { service_level_min: config.service_level_min, ..Report::default() },
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
        let (end, reason) = match trouble {
            Some(Trouble::Broken(reason)) => return End::Lost(reason),
            Some(Trouble::Useless(reason)) => (End::Lost(reason.clone()), Some(reason)),
            Some(Trouble::Outdone(by, reason)) => (End::Better(by), Some(reason)),
            None => (End::Stopped, None),
        };
        if let Some(reason) = reason {
            // A server that hangs does not answer the goodbye either; the engine must not wait for that.
            self.monitor.down(&reason).await;
        }
        session::close(&self.jobs.session, &mut self.events).await;
        end
    }

    async fn until_trouble(&mut self) -> Trouble {
        let mut watch = interval(WATCH_EVERY);
        watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // In this order, so that after a long wait for the engine what has come in the meantime is seen before
            // anybody is called silent.
            let step = tokio::select! {
                biased;
                Some(notice) = self.notices.recv(), if self.held.is_none() => self.take(notice).await,
                Some(round) = next_round(&mut self.rounds) => self.take_round(round).await,
                event = self.events.next() => self.follow(event),
                Some(done) = self.running.join_next() => {
                    let done = done.unwrap_or_else(|error| Err(format!("a request was broken off: {error}")));
                    self.finish(done).await
                }
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
        self.running.spawn(self.jobs.clone().meet());
        Ok(())
    }

    fn heartbeat(&mut self, activity: &SessionActivity) -> Result<(), Trouble> {
        match activity {
            SessionActivity::KeepAliveSucceeded => self.alive_failed = 0,
            // It answers, and what it says is looked at by itself.
            SessionActivity::KeepAliveFailed(StatusCode::BadServerHalted) => {
                self.alive_failed = 0;
                self.due.standing = Instant::now();
            }
            SessionActivity::KeepAliveFailed(status) => {
                self.alive_failed += 1;
                if self.alive_failed >= bounds::ALIVE_FAILED_MAX {
                    return Err(self.useless(&words(*status)));
                }
            }
        }
        Ok(())
    }

    fn tell(&mut self) {
        self.monitor.notes(self.report.notes());
    }

    fn broken(&self, reason: &str) -> Trouble {
        Trouble::Broken(format!("{}: {reason}", self.places.current()))
    }

    fn useless(&self, reason: &str) -> Trouble {
        Trouble::Useless(format!("{}: {reason}", self.places.current()))
    }
}

const WATCH_EVERY: Duration = Duration::from_millis(500);

/// The next round of polling; never one while nothing is polled.
async fn next_round(rounds: &mut Option<mpsc::Receiver<Result<Round, String>>>) -> Option<Result<Round, String>> {
    match rounds {
        Some(rounds) => rounds.recv().await,
        None => std::future::pending().await,
    }
}
