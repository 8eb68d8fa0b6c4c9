//! The lists of the live state.

use crate::{
    app::App,
    extract::Id,
    paging::{Page, Paging, cut, page},
    problem::{Kind, Problem},
    validator::unless_configured,
};
use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use davy_core::{id::PersonId, model::Person};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn alarms(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().alarms, |row| row.id.as_str(), &paging)
}

pub(crate) async fn warnings(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().warnings, |row| row.id.as_str(), &paging)
}

pub(crate) async fn units(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().units, |row| row.unit.as_str(), &paging)
}

pub(crate) async fn measures(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().measures, |row| row.measure.as_str(), &paging)
}

pub(crate) async fn tasks(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().tasks, |row| row.id.as_str(), &paging)
}

pub(crate) async fn plans(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().plans, |row| row.plan.as_str(), &paging)
}

pub(crate) async fn hazards(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().hazards, |row| row.id.as_str(), &paging)
}

pub(crate) async fn hidden(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().hidden, |row| row.rule.as_str(), &paging)
}

pub(crate) async fn people(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().people, |row| row.person.id.as_str(), &paging)
}

/// Everybody that the configuration knows, whether or not their card was ever heard: who is missing from a list is counted too.
pub(crate) async fn roster(State(app): State<Arc<App>>, headers: HeaderMap, paging: Paging) -> Response {
    unless_configured(&app, &headers, || {
        let Page { items, next } = cut(app.context.site.people.iter(), |person| person.id.as_str(), &paging);
        let items = items.into_iter().map(RosterRow::of).collect();
        Json(Page { items, next }).into_response()
    })
}

#[derive(Serialize)]
struct RosterRow {
    id: PersonId,
    name: String,
    post: Option<String>,
    department: Option<String>,
    contractor: Option<String>,
}

impl RosterRow {
    fn of(person: &Person) -> Self {
        let Person { id, name, post, department, contractor, .. } = person.clone();
        Self { id, name, post, department, contractor }
    }
}

pub(crate) async fn tickets(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().tickets, |row| row.id.as_str(), &paging)
}

pub(crate) async fn zones(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().zones, |row| row.zone.as_str(), &paging)
}

pub(crate) async fn tags(State(app): State<Arc<App>>, paging: Paging) -> Response {
    let live = app.snapshot();
    let Page { items, next } = cut(live.tags.ids(), |(_, id)| id.as_str(), &paging);
    let items = items.into_iter().map(|(tag, _)| live.tags.view(tag)).collect();
    Json(Page { items, next }).into_response()
}

pub(crate) async fn sources(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.sources(), |row| row.source.as_str(), &paging)
}

/// A handful, so that it needs no pages.
pub(crate) async fn quarantine(State(app): State<Arc<App>>, Id(source): Id) -> Result<Response, Problem> {
    let found = app.context.sources.iter().find(|(row, _)| row.id.as_str() == source);
    let (_, health) = found.ok_or_else(|| Kind::NoSuchSource.with(format!("there is no source {source}")))?;
    let quarantine = health.borrow().quarantine.clone();
    Ok(Json(json!({ "items": quarantine.latest().collect::<Vec<_>>() })).into_response())
}

pub(crate) async fn uplinks(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.uplinks(), |row| row.uplink.as_str(), &paging)
}
