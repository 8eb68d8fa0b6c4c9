//! Users and tokens of a running gateway: what is changed at the console takes effect within a moment and goes into the journal, and
//! so do log-ins that fail.

mod command;

pub(crate) use command::{token, user};

use crate::{certificates::on_record, clock, limits};
use anyhow::Context as _;
use davy_access::{Act, FILE, Keeper, SETUP_FILE, Settings};
use davy_api::{Access, Request};
use davy_config::WebConfig;
use davy_core::event::{CommandKind, Note};
use std::{path::Path, sync::Arc};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// Whether people log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Everybody may do everything: only where everything is simulated.
    Demo,
    /// Users, roles, tokens.
    Users,
}

/// Reads who may do what, and says where the code of the set-up is while there are no users.
pub(crate) async fn open(entrance: Entrance, data: &Path, web: &WebConfig) -> anyhow::Result<Access> {
    if entrance == Entrance::Demo {
        return Ok(Access::Demo);
    }
    let WebConfig { idle_minutes, session_hours, panels, notice, .. } = web.clone();
    let (of, settings) = (data.to_owned(), Settings { idle_minutes, session_hours, panels, notice });
    let keeper = tokio::task::spawn_blocking(move || Keeper::open(&of, settings, clock::utc())).await;
    let keeper = keeper.context("read the users")??;
    if let Some(trouble) = keeper.trouble() {
        tracing::error!(file = %data.join(FILE).display(), "nobody can log in, while alarming goes on: {trouble}");
    }
    if keeper.awaits_setup() {
        tracing::warn!(
            file = %data.join(SETUP_FILE).display(),
            "there are no users yet: open the page and make the first administrator with the code in this file, or use `davy user add`"
        );
    }
    Ok(Access::Kept(Arc::new(keeper)))
}

/// Keeps what the gateway knows in step with the file, and the journal with both.
pub(crate) struct Teller {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) commands: mpsc::Sender<Request>,
}

impl Teller {
    /// Looks now and again until told to stop; what is left then is told last.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut look = interval(limits::ACCESS_LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut readable = true;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = look.tick() => {}
            }
            readable = self.tell_changes(readable).await;
            self.tell_failures(false).await;
        }
        self.tell_failures(true).await;
    }

    /// Whether the file could be read; that it cannot be is said once.
    async fn tell_changes(&self, could: bool) -> bool {
        let keeper = Arc::clone(&self.keeper);
        let untold = match tokio::task::spawn_blocking(move || keeper.refresh(clock::utc())).await {
            Ok(Ok(untold)) => untold,
            Ok(Err(error)) => {
                if could {
                    tracing::error!("users and tokens stay as they were known: {error}");
                }
                return false;
            }
            Err(_) => return could,
        };
        let mut told = 0;
        for act in untold {
            if !on_record(&self.commands, &act.by.clone(), CommandKind::Note(at_console(act))).await {
                break;
            }
            told += 1;
        }
        if told > 0 {
            let keeper = Arc::clone(&self.keeper);
            if let Ok(Err(error)) = tokio::task::spawn_blocking(move || keeper.told(told, clock::utc())).await {
                tracing::warn!(%error, "changes of users will be on record twice");
            }
        }
        true
    }

    async fn tell_failures(&self, all: bool) {
        for (by, note) in self.keeper.failures(all, clock::now()) {
            tracing::warn!(by, from = note.object, "{:?}: {}", note.act, note.note);
            on_record(&self.commands, &by, CommandKind::Note(note)).await;
        }
    }
}

/// The row has the time at which it is written; the change may have been made while no gateway was running.
fn at_console(act: Act) -> Note {
    let Act { at, note, .. } = act;
    let words = if note.note.is_empty() { String::new() } else { format!(": {}", note.note) };
    Note { note: format!("at the console, {at}{words}"), ..note }
}
