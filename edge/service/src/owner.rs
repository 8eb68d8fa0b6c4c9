//! The loop: one task owns the engine and feeds it from bounded inboxes. For each event it reads the clocks once, applies,
//! shows lamp and horn at once, and hands the rest to the journal. Nothing here ever waits for a network, nor for a disk but to
//! put another configuration in force, and then not for long.

use crate::{
    clock,
    commands::{self, Asked},
    connections::Plan,
    gateway::read_saved,
    inboxes::Inboxes,
    journal::Journal,
    limits, narrate,
    recordings::Recordings,
};
use davy_api::{Refusal, Request};
use davy_board::Hand;
use davy_config::{Files, SamplesConfig};
use davy_core::{
    Engine,
    effect::Effects,
    event::{Command, Event},
    model::Site,
    snapshot::Snapshot,
    time::Monotonic,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Duration, Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// The engine and everything that is told of its effects.
pub(crate) struct Owner {
    engine: Engine,
    panel: Hand,
    journal: Journal,
    recordings: Recordings,
    snapshot: watch::Sender<Arc<Snapshot>>,
    published: Instant,
    /// How long after that the next may be, when something changes.
    rest: Duration,
    changed: bool,
    askers: BTreeMap<u64, crate::journal::Asker>,
    requests: u64,
}

/// A configuration that is to take the place of the one in force.
pub(crate) struct Change {
    pub(crate) site: Arc<Site>,
    pub(crate) files: Files,
    pub(crate) samples: SamplesConfig,
    /// Where those speak who begin under it.
    pub(crate) events: mpsc::Receiver<Event>,
    /// What becomes of those who are connected.
    pub(crate) plan: Arc<Plan>,
    /// Whether it is in force now, or why the old one still is.
    pub(crate) answer: oneshot::Sender<Result<(), String>>,
}

impl Owner {
    /// Shows the restored annunciation at once: after a restart the lamp is right before anything else happens.
    pub(crate) fn new(
        engine: Engine,
        panel: Hand,
        journal: Journal,
        recordings: Recordings,
        snapshot: watch::Sender<Arc<Snapshot>>,
    ) -> Self {
        let owner = Self {
            engine,
            panel,
            journal,
            recordings,
            snapshot,
            published: Instant::now(),
            rest: limits::SNAPSHOT_CHANGED,
            changed: true,
            askers: BTreeMap::new(),
            requests: 0,
        };
        owner.panel.show(owner.engine.annunciation());
        owner
    }

    /// Runs until told to stop, which is after everybody who sends events has ended; what has happened by then is on the
    /// disk when it comes back.
    pub(crate) async fn run(
        mut self,
        events: mpsc::Receiver<Event>,
        mut commands: mpsc::Receiver<Request>,
        mut asked: mpsc::Receiver<Asked>,
        mut changes: mpsc::Receiver<Change>,
        stop: CancellationToken,
    ) {
        let mut inboxes = Inboxes::new(events);
        self.apply(Event::Started);
        self.publish();
        loop {
            let deadline = self.engine.next_deadline();
            let publish_at = self.publish_at();
            self.panel.turn(self.journal.hangs());
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = self.journal.step() => {}
                () = until(deadline) => self.apply(Event::Tick),
                () = sleep_until(publish_at) => self.publish(),
                Some(request) = commands.recv() => self.ask(request),
                Some(asked) = asked.recv() => self.ask_for_platform(asked),
                Some(change) = changes.recv() => self.change(change, &mut inboxes).await,
                event = inboxes.recv() => self.apply(event),
            }
        }
        // The connectors have ended: what they handed over last has been acknowledged to its senders and must not be lost.
        while let Some(event) = inboxes.try_recv() {
            self.apply(event);
        }
        // What stood last is known to whoever goes on.
        self.publish();
        self.journal.finish().await;
        self.recordings.end().await;
    }

    /// The engine stands still meanwhile, and what comes from the field waits in its inboxes.
    async fn change(&mut self, change: Change, inboxes: &mut Inboxes) {
        let began = Instant::now();
        let saved = match self.journal.saved().await {
            Ok(saved) => saved,
            Err(why) => return drop(change.answer.send(Err(why))),
        };
        let Change { site, files, samples, events, plan, answer } = change;
        let told = self.engine.last_told(&plan.sources, &plan.uplinks);
        let now = clock::now();
        let state = read_saved(&saved);
        self.recordings.begin(&site, files, samples, saved, now);
        self.engine = Engine::restore(site, self.recordings.epoch(), state, now);
        inboxes.turn_to(&plan.mapping, events);
        self.apply(Event::Reconfigured);
        told.into_iter().filter_map(|event| plan.mapping.event(event)).for_each(|event| self.apply(event));
        self.publish();
        tracing::info!("the engine stood still for {} ms", began.elapsed().as_millis());
        drop(answer.send(Ok(())));
    }

    fn ask(&mut self, request: Request) {
        self.requests += 1;
        self.askers.insert(self.requests, request.answer);
        self.apply(Event::Command(Command { request: self.requests, by: request.by, kind: request.kind }));
    }

    fn ask_for_platform(&mut self, asked: Asked) {
        let now = clock::utc();
        let (command, told, answer) = match asked {
            Asked::Command { command, told, answer } => (*command, told, answer),
            Asked::Settled(answer) => return self.journal.take(Effects::default(), vec![(answer, Ok(()))], now),
        };
        self.requests += 1;
        self.askers.insert(self.requests, answer);
        let command = commands::for_engine(command, told, self.engine.site(), (self.requests, now));
        self.apply(Event::Platform(Box::new(command)));
    }

    fn apply(&mut self, event: Event) {
        let now = clock::now();
        self.recordings.put(now, &event);
        let mut effects = Effects::default();
        self.engine.apply(now, event, &mut effects);
        self.changed = true;
        if let Some(annunciation) = effects.annunciation {
            self.panel.show(annunciation);
        }
        if effects.is_empty() {
            return;
        }
        narrate::records(&effects.records, now.utc);
        let answers = std::mem::take(&mut effects.answers);
        let answers = answers.into_iter().filter_map(|answer| {
            let asker = self.askers.remove(&answer.request)?;
            Some((asker, answer.result.map_err(Refusal::Rejected)))
        });
        let answers = answers.collect();
        self.journal.take(effects, answers, now.utc);
    }

    fn publish_at(&self) -> Instant {
        self.published + if self.changed { self.rest } else { limits::SNAPSHOT_IDLE }
    }

    fn publish(&mut self) {
        let begun = Instant::now();
        self.snapshot.send_replace(Arc::new(self.engine.snapshot(clock::utc())));
        self.published = Instant::now();
        let cost = self.published - begun;
        self.rest = (cost * 10).clamp(limits::SNAPSHOT_CHANGED, limits::SNAPSHOT_COSTLY);
        self.changed = false;
        self.recordings.hand_over_ripe(clock::now());
    }
}

async fn until(deadline: Option<Monotonic>) {
    match deadline {
        Some(deadline) => sleep_until(clock::instant(deadline)).await,
        None => std::future::pending().await,
    }
}
