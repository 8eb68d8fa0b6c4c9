//! Updates in a running gateway: what was done about them goes into the journal, a release on trial shows that it alarms, and a release
//! that is to be tried ends the gateway in order so that the launcher begins it.

use super::{
    install, launch,
    state::{Before, Event, Shelf, State},
    trial::{self, CameUp, Seen},
    version,
};
use crate::{certificates::on_record, clock, limits};
use davy_api::Request;
use davy_core::{
    event::CommandKind,
    health::{PanelHealth, SourceHealth},
    model::Source,
    snapshot::Snapshot,
};
use std::{path::Path, sync::Arc};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// See the module.
pub(crate) struct Updating {
    shelf: Shelf,
    came_up: CameUp,
    wanted: Arc<Notify>,
    /// What stood when the gateway began to end for another release; its alarms are those of the end.
    ending: Option<Before>,
}

impl Updating {
    /// With what the engine was restored to, before anything has happened to it.
    pub(crate) fn new(data: &Path, restored: &Snapshot, epoch: u32, set_aside: bool) -> Self {
        let alarms = restored.alarms.iter().map(|alarm| alarm.id.to_string()).collect();
        Self {
            shelf: Shelf::of(data),
            came_up: CameUp { at: clock::utc(), epoch, set_aside, alarms },
            wanted: Arc::default(),
            ending: None,
        }
    }

    /// Begins to tell, and the trial where this is one.
    pub(crate) fn start(&self, seen: Seen, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
        let teller =
            Teller { shelf: self.shelf.clone(), commands: seen.commands.clone(), wanted: Arc::clone(&self.wanted) };
        let mut tasks = vec![tokio::spawn(teller.run(stop.clone()))];
        if launch::is_trial() {
            let trial = trial::run(self.shelf.clone(), self.came_up.clone(), seen, stop.clone());
            tasks.push(tokio::spawn(trial));
        }
        tasks
    }

    /// Waits until another release is to be tried.
    pub(crate) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Remembers who is connected before everybody is told to end.
    pub(crate) fn begin_to_end(&mut self, sources: Vec<(Source, watch::Receiver<SourceHealth>)>, panel: &PanelHealth) {
        let up = sources.into_iter().filter(|(_, health)| health.borrow().up);
        let work = panel.outputs.iter().filter(|output| panel.hardware && output.trouble.is_none());
        self.ending = Some(Before {
            at: clock::utc(),
            epoch: self.came_up.epoch,
            alarms: Vec::new(),
            sources: up.map(|(source, _)| source.id.to_string()).collect(),
            outputs: work.map(|output| output.name.clone()).collect(),
        });
        tracing::info!(event = "update_begins", "the gateway ends in order so that another release begins");
    }

    /// Whether the gateway ends for another release, and for whoever waits for it goes on.
    pub(crate) fn goes_on(&self) -> bool {
        self.ending.is_some()
    }

    /// The loop has ended and all is on the disk: what stood goes to the release that follows, where one does.
    pub(crate) fn ended(self, last: &Snapshot) {
        let Some(before) = self.ending else { return };
        let before = Before { alarms: last.alarms.iter().map(|alarm| alarm.id.to_string()).collect(), ..before };
        if let Err(error) = self.shelf.happen(Event::Ended(before)) {
            // It is then held against less.
            tracing::warn!("what stood before the update cannot be told to it: {error:#}");
        }
        launch::want_again();
    }
}

/// Why nothing of the configuration may change now, if nothing may: a release on trial goes back, and must find what it left.
pub(crate) fn stands_still(data: &Path) -> Option<String> {
    let trial = launch::is_trial().then(|| Shelf::of(data).read().ok()?.trial).flatten()?;
    let words = "is on trial; apply it when it is confirmed, which takes a minute or two";
    (trial.version == version::own()).then(|| format!("davy {} {words}", trial.version))
}

/// Puts on record what was done, here, on the command line and by the launcher.
struct Teller {
    shelf: Shelf,
    commands: mpsc::Sender<Request>,
    wanted: Arc<Notify>,
}

impl Teller {
    async fn run(self, stop: CancellationToken) {
        let mut look = interval(limits::UPDATE_TELL);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut could, mut tidied) = (true, None);
        let runs_from = Instant::now() + limits::UPDATE_RUNS;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = look.tick() => {}
            }
            let shelf = self.shelf.clone();
            let state = match tokio::task::spawn_blocking(move || shelf.read()).await {
                Ok(Ok(state)) => state,
                Ok(Err(error)) => {
                    if could {
                        tracing::error!("the state of updates cannot be read: {error:#}");
                    }
                    could = false;
                    continue;
                }
                Err(_) => continue,
            };
            could = true;
            self.tell(&state).await;
            if state.starts > 0 && Instant::now() >= runs_from {
                self.runs().await;
            }
            if state.trial.as_ref().is_some_and(|trial| trial.attempts == 0 && !launch::holds()) {
                self.wanted.notify_one();
            } else if state.trial.is_none() && tidied != Some(state.active) {
                tidied = Some(state.active);
                let shelf = self.shelf.clone();
                let tidied = tokio::task::spawn_blocking(move || install::tidy(&shelf)).await;
                if let Ok(Err(error)) = tidied {
                    tracing::warn!("old releases stay: {error:#}");
                }
            }
        }
    }

    /// What was started has run for a while, so its starts count no more.
    async fn runs(&self) {
        let shelf = self.shelf.clone();
        let counted = tokio::task::spawn_blocking(move || shelf.happen(Event::Runs)).await;
        if let Ok(Err(error)) = counted {
            tracing::warn!("starts go on being counted: {error:#}");
        }
    }

    async fn tell(&self, state: &State) {
        let mut told = Vec::new();
        for untold in &state.untold {
            if !on_record(&self.commands, &untold.by, CommandKind::Note(untold.note.clone())).await {
                break;
            }
            told.push(untold.clone());
        }
        if told.is_empty() {
            return;
        }
        let shelf = self.shelf.clone();
        let forgotten = tokio::task::spawn_blocking(move || {
            shelf.change(|mut state| {
                // What came in between stands behind them.
                told.iter().for_each(|one| {
                    if let Some(at) = state.untold.iter().position(|untold| untold == one) {
                        state.untold.remove(at);
                    }
                });
                Ok(state)
            })
        });
        if let Ok(Err(error)) = forgotten.await {
            tracing::warn!("what was done about updates will be on record twice: {error:#}");
        }
    }
}
