//! What handlers of the configuration do: look at the body, do the work off the loop, say what came of it.

use super::*;
use crate::{
    access::Caller,
    app::App,
    commands::Signed,
    extract::{Asked, Body, Id, Number},
    limits,
    paging::{Page, Paging},
    problem::{Kind, Problem},
    validator::unless_known,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use davy_core::limits::TEXT_MAX;
use serde::Deserialize;
use std::sync::Arc;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplyBody {
    base: String,
    edits: Vec<Edit>,
    reason: String,
    #[serde(default)]
    by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RollBackBody {
    base: String,
    number: u64,
    reason: String,
    #[serde(default)]
    by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatIfBody {
    base: String,
    edits: Vec<Edit>,
    #[serde(default)]
    from: Option<UtcTime>,
    #[serde(default)]
    to: Option<UtcTime>,
    #[serde(default)]
    by: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedPoints {
    #[serde(default)]
    format: PointsFormat,
    #[serde(default)]
    header: PointsHeader,
}

/// A turn to work on whole configurations, which take memory: taken before a body is read.
pub(crate) struct Turn(OwnedSemaphorePermit);

impl FromRequestParts<Arc<App>> for Turn {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let turn = Arc::clone(&app.configurations).acquire_owned();
        match timeout(limits::CONFIG_TURN_MAX, turn).await {
            Ok(Ok(permit)) => Ok(Self(permit)),
            Ok(Err(_)) | Err(_) => Err(Kind::ConfigBusy.with("another configuration is being looked at")),
        }
    }
}

pub(crate) async fn state(State(app): State<Arc<App>>) -> Result<Json<ConfigState>, Problem> {
    work(&app, None, |configurations| Ok(configurations.state())).await.map(Json)
}

pub(crate) async fn files(State(app): State<Arc<App>>, turn: Turn, headers: HeaderMap) -> Result<Response, Problem> {
    let files = work(&app, Some(turn), |configurations| Ok(configurations.files())).await?;
    Ok(unless_known(&files.version.clone(), &headers, || Json(files).into_response()))
}

pub(crate) async fn versions(
    State(app): State<Arc<App>>,
    paging: Paging,
) -> Result<Json<Page<ConfigVersion>>, Problem> {
    let before = match paging.after.as_deref().map(str::parse::<u64>) {
        None => u64::MAX,
        Some(Ok(number)) => number,
        Some(Err(_)) => return Err(Kind::BadQuery.with("`after` is no number of a version")),
    };
    let mut items = work(&app, None, |configurations| configurations.versions()).await?;
    items.retain(|version| version.number < before);
    let more = items.len() > paging.limit;
    items.truncate(paging.limit);
    let next = items.last().filter(|_| more).map(|last| last.number.to_string());
    Ok(Json(Page { items, next }))
}

pub(crate) async fn version(
    State(app): State<Arc<App>>,
    turn: Turn,
    Number(number): Number,
) -> Result<Json<ConfigFiles>, Problem> {
    work(&app, Some(turn), move |configurations| configurations.version(number)).await.map(Json)
}

pub(crate) async fn source(State(app): State<Arc<App>>, Id(id): Id) -> Result<Json<SourceKeys>, Problem> {
    work(&app, None, move |configurations| configurations.source(&id)).await.map(Json)
}

/// The point table as a file for spreadsheet programs.
pub(crate) async fn points(
    State(app): State<Arc<App>>,
    turn: Turn,
    Asked(AskedPoints { format, header }): Asked<AskedPoints>,
) -> Result<Response, Problem> {
    let bytes = work(&app, Some(turn), move |configurations| configurations.points(format, header)).await?;
    let (media, extension) = match format {
        PointsFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        PointsFormat::Gbk => ("text/csv; charset=gbk", "csv"),
        PointsFormat::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let identity = &app.context.identity.gateway;
    let name =
        format!("attachment; filename=\"points-{}-{}.{extension}\"", identity.gateway_id, identity.config_version);
    Ok(([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

pub(crate) async fn check(
    State(app): State<Arc<App>>,
    turn: Turn,
    Body(proposal): Body<Proposal>,
) -> Result<Json<ConfigChecked>, Problem> {
    bounded(&proposal.edits)?;
    work(&app, Some(turn), move |configurations| configurations.check(&proposal)).await.map(Json)
}

pub(crate) async fn apply(
    State(app): State<Arc<App>>,
    turn: Turn,
    who: Caller,
    Body(body): Body<ApplyBody>,
) -> Result<Json<ConfigVersion>, Problem> {
    let ApplyBody { base, edits, reason, by } = body;
    bounded(&edits)?;
    put(&app, turn, Wanted::Proposal(Proposal { base, edits }), who.sign(by)?, reason).await
}

pub(crate) async fn roll_back(
    State(app): State<Arc<App>>,
    turn: Turn,
    who: Caller,
    Body(RollBackBody { base, number, reason, by }): Body<RollBackBody>,
) -> Result<Json<ConfigVersion>, Problem> {
    put(&app, turn, Wanted::Version { base, number }, who.sign(by)?, reason).await
}

/// The work goes on in its own task, though whoever asked has gone; the turn is over when it is.
async fn put(
    app: &Arc<App>,
    Turn(turn): Turn,
    wanted: Wanted,
    by: String,
    reason: String,
) -> Result<Json<ConfigVersion>, Problem> {
    let reason = checked_reason(&reason)?;
    if by.trim().is_empty() {
        return Err(Kind::Invalid.with("the name is missing: say in `by` who signs"));
    }
    let asked = app.context.configurations.apply(Apply { wanted, by, reason });
    let asked = async move {
        let told = asked.await;
        drop(turn);
        told
    };
    let told = tokio::spawn(asked).await.map_err(|_| Kind::Internal.with("the work was broken off"))?;
    Ok(Json(told?))
}

pub(crate) async fn what_if(State(app): State<Arc<App>>) -> Result<Json<WhatIf>, Problem> {
    work(&app, None, |configurations| Ok(configurations.what_if())).await.map(Json)
}

pub(crate) async fn ask_what_if(
    State(app): State<Arc<App>>,
    turn: Turn,
    who: Caller,
    Body(body): Body<WhatIfBody>,
) -> Result<Json<WhatIf>, Problem> {
    let WhatIfBody { base, edits, from, to, by } = body;
    bounded(&edits)?;
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        return Err(Kind::Invalid.with("`to` is not after `from`"));
    }
    let ask = AskWhatIf { proposal: Proposal { base, edits }, by: who.sign(by)?, from, to };
    work(&app, Some(turn), move |configurations| configurations.ask_what_if(ask)).await.map(Json)
}

pub(crate) async fn stop_what_if(
    State(app): State<Arc<App>>,
    who: Caller,
    Body(body): Body<Signed>,
) -> Result<Json<WhatIf>, Problem> {
    who.sign(body.by)?;
    work(&app, None, |configurations| Ok(configurations.stop_what_if())).await.map(Json)
}

fn bounded(edits: &[Edit]) -> Result<(), Problem> {
    if edits.len() > limits::CONFIG_EDITS_MAX {
        return Err(Kind::Invalid.with(format!(
            "there are {} edits; at most {} can be sent at once",
            edits.len(),
            limits::CONFIG_EDITS_MAX
        )));
    }
    Ok(())
}

/// It becomes a line of `gateway.toml`.
fn checked_reason(reason: &str) -> Result<String, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Kind::Invalid.with("the reason is missing: say why the configuration changes"));
    }
    if reason.chars().any(char::is_control) || reason.chars().count() > TEXT_MAX {
        return Err(Kind::Invalid.with(format!("the reason is one line of at most {TEXT_MAX} characters")));
    }
    Ok(reason.to_owned())
}

async fn work<T: Send + 'static>(
    app: &App,
    turn: Option<Turn>,
    work: impl FnOnce(&dyn Configurations) -> Told<T> + Send + 'static,
) -> Result<T, Problem> {
    let configurations = Arc::clone(&app.context.configurations);
    let done = tokio::task::spawn_blocking(move || {
        let done = work(configurations.as_ref());
        drop(turn);
        done
    });
    Ok(done.await.map_err(|_| Kind::Internal.with("the work on the configuration was broken off"))??)
}

impl From<ConfigRefusal> for Problem {
    fn from(refusal: ConfigRefusal) -> Self {
        match refusal {
            ConfigRefusal::Outdated(words) => Kind::ConfigOutdated.with(words),
            ConfigRefusal::FolderEdited(words) => Kind::ConfigFolderEdited.with(words),
            ConfigRefusal::Wrong(findings) => {
                Kind::ConfigRefused.with(format!("{} things are wrong", findings.len())).found(findings)
            }
            ConfigRefusal::NeedsRestart(keys) => {
                let words = format!("{} cannot change while the gateway runs", keys.join(", "));
                Kind::ConfigNeedsRestart.with(words).because(keys)
            }
            ConfigRefusal::Invalid(words) => Kind::Invalid.with(words),
            ConfigRefusal::Conflict(words) => Kind::Conflict.with(words),
            ConfigRefusal::NoSuchVersion(words) => Kind::NoSuchVersion.with(words),
            ConfigRefusal::NoSuchSource(words) => Kind::NoSuchSource.with(words),
            ConfigRefusal::WhatIfRunning(words) => Kind::WhatIfRunning.with(words),
            ConfigRefusal::Failed(words) => Kind::ConfigFailed.with(words),
        }
    }
}
