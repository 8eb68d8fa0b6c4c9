//! What a person asks for on the page: into the loop, and back with its answer.

use crate::{
    Request,
    app::App,
    extract::{Body, Id},
    limits,
    problem::{Kind, Problem},
};
use axum::{extract::State, http::StatusCode};
use davy_core::event::{CommandKind, TaskResult, Verdict};
use serde::Deserialize;
use std::sync::Arc;
use tokio::{
    sync::{mpsc::error::TrySendError, oneshot},
    time::timeout,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finish {
    by: String,
    result: TaskResult,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Review {
    by: String,
    verdict: Verdict,
    note: String,
}

type Done = Result<StatusCode, Problem>;

pub(crate) async fn acknowledge(State(app): State<Arc<App>>, Id(id): Id, Body(body): Body<Signed>) -> Done {
    app.ask(body.by, CommandKind::AcknowledgeAlarm { alarm: id.into() }).await
}

pub(crate) async fn silence(State(app): State<Arc<App>>, Body(body): Body<Signed>) -> Done {
    app.ask(body.by, CommandKind::SilenceHorn).await
}

pub(crate) async fn accept(State(app): State<Arc<App>>, Id(id): Id, Body(body): Body<Signed>) -> Done {
    app.ask(body.by, CommandKind::AcceptTask { task: id.into() }).await
}

pub(crate) async fn finish(State(app): State<Arc<App>>, Id(id): Id, Body(body): Body<Finish>) -> Done {
    let Finish { by, result, note } = body;
    app.ask(by, CommandKind::FinishTask { task: id.into(), result, note }).await
}

pub(crate) async fn review(State(app): State<Arc<App>>, Id(id): Id, Body(body): Body<Review>) -> Done {
    let Review { by, verdict, note } = body;
    app.ask(by, CommandKind::ReviewHazard { hazard: id.into(), verdict, note }).await
}

impl App {
    async fn ask(&self, by: String, kind: CommandKind) -> Done {
        let (answer, answered) = oneshot::channel();
        self.context.commands.try_send(Request { by, kind, answer }).map_err(|error| match error {
            TrySendError::Full(_) => Kind::Busy.with("the commands before this one are not through yet"),
            TrySendError::Closed(_) => stopping(),
        })?;
        let waited = timeout(limits::ANSWER_MAX, answered)
            .await
            .map_err(|_| Kind::Unanswered.with(format!("no answer within {} s", limits::ANSWER_MAX.as_secs())))?;
        waited.map_err(|_| stopping())??;
        Ok(StatusCode::NO_CONTENT)
    }
}

fn stopping() -> Problem {
    Kind::Stopping.with("commands are no longer taken")
}
