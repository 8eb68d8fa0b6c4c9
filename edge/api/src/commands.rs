//! What a person asks for on the page: into the loop, and back with its answer.

use crate::{
    Request,
    access::Caller,
    app::App,
    extract::{Body, Id},
    limits,
    problem::{Kind, Problem},
};
use axum::{extract::State, http::StatusCode};
use davy_core::{
    event::{CommandKind, DangerLevel, ManageType, Rectification, Reference, Shelving, TaskResult, Verdict},
    time::UtcTime,
};
use serde::Deserialize;
use std::sync::Arc;
use tokio::{
    sync::{mpsc::error::TrySendError, oneshot},
    time::timeout,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    #[serde(default)]
    pub(crate) by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finish {
    #[serde(default)]
    by: Option<String>,
    result: TaskResult,
    #[serde(default)]
    note: String,
    #[serde(default)]
    attachments: Vec<Reference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    attachments: Vec<Reference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancel {
    #[serde(default)]
    by: Option<String>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attach {
    #[serde(default)]
    by: Option<String>,
    attachment: Reference,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Review {
    #[serde(default)]
    by: Option<String>,
    verdict: Verdict,
    note: String,
    danger_level: Option<DangerLevel>,
    manage_type: Option<ManageType>,
    liable_person: Option<String>,
    deadline: Option<UtcTime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shelve {
    #[serde(default)]
    by: Option<String>,
    for_s: u64,
    #[serde(default)]
    one_shot: bool,
    reason: String,
}

impl Shelve {
    fn split(self) -> (Option<String>, Shelving) {
        let Self { by, for_s, one_shot, reason } = self;
        (by, Shelving { for_ms: for_s.saturating_mul(1_000), one_shot, reason })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasoned {
    #[serde(default)]
    by: Option<String>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stop {
    #[serde(default)]
    by: Option<String>,
    for_s: Option<u64>,
    reason: String,
}

type Done = Result<StatusCode, Problem>;

pub(crate) async fn acknowledge(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(id): Id,
    Body(body): Body<Signed>,
) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::AcknowledgeAlarm { alarm: id.into() }).await
}

pub(crate) async fn reset(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Signed>) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::ResetAlarm { alarm: id.into() }).await
}

pub(crate) async fn shelve_alarm(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(id): Id,
    Body(body): Body<Shelve>,
) -> Done {
    let (by, shelf) = body.split();
    app.ask(who.sign(by)?, CommandKind::ShelveAlarm { alarm: id.into(), shelf }).await
}

pub(crate) async fn unshelve_alarm(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(id): Id,
    Body(body): Body<Signed>,
) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::UnshelveAlarm { alarm: id.into() }).await
}

pub(crate) async fn shelve_rule(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(id): Id,
    Body(body): Body<Shelve>,
) -> Done {
    let (by, shelf) = body.split();
    app.ask(who.sign(by)?, CommandKind::ShelveRule { rule: id.into(), shelf }).await
}

pub(crate) async fn unshelve_rule(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(id): Id,
    Body(body): Body<Signed>,
) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::UnshelveRule { rule: id.into() }).await
}

pub(crate) async fn out_of_service(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(id): Id,
    Body(body): Body<Reasoned>,
) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::TakeOutOfService { rule: id.into(), reason: body.reason }).await
}

pub(crate) async fn return_to_service(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(id): Id,
    Body(body): Body<Signed>,
) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::ReturnToService { rule: id.into() }).await
}

pub(crate) async fn stop(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Stop>) -> Done {
    let Stop { by, for_s, reason } = body;
    let for_ms = for_s.map(|for_s| for_s.saturating_mul(1_000));
    app.ask(who.sign(by)?, CommandKind::StopUnit { unit: id.into(), for_ms, reason }).await
}

pub(crate) async fn resume(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Signed>) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::ResumeUnit { unit: id.into() }).await
}

pub(crate) async fn silence(State(app): State<Arc<App>>, who: Caller, Body(body): Body<Signed>) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::SilenceHorn).await
}

pub(crate) async fn accept(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Accept>) -> Done {
    let Accept { by, attachments } = body;
    app.ask(who.sign(by)?, CommandKind::AcceptTask { task: id.into(), attachments }).await
}

pub(crate) async fn finish(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Finish>) -> Done {
    let Finish { by, result, note, attachments } = body;
    app.ask(who.sign(by)?, CommandKind::FinishTask { task: id.into(), result, note, attachments }).await
}

pub(crate) async fn cancel(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Cancel>) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::CancelTask { task: id.into(), reason: body.reason }).await
}

pub(crate) async fn attach(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Attach>) -> Done {
    app.ask(who.sign(body.by)?, CommandKind::AddAttachment { task: id.into(), attachment: body.attachment }).await
}

pub(crate) async fn review(State(app): State<Arc<App>>, who: Caller, Id(id): Id, Body(body): Body<Review>) -> Done {
    let Review { by, verdict, note, danger_level, manage_type, liable_person, deadline } = body;
    let rectification = Rectification { danger_level, manage_type, liable_person, deadline };
    app.ask(who.sign(by)?, CommandKind::ReviewHazard { hazard: id.into(), verdict, note, rectification }).await
}

impl App {
    /// Asks the loop, and waits for its answer.
    pub(crate) async fn ask(&self, by: String, kind: CommandKind) -> Done {
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
