//! The lists of the live state.

use crate::{
    app::App,
    paging::{Paging, page},
};
use axum::{extract::State, response::Response};
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

pub(crate) async fn tickets(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().tickets, |row| row.id.as_str(), &paging)
}

pub(crate) async fn zones(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().zones, |row| row.zone.as_str(), &paging)
}

pub(crate) async fn tags(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.snapshot().tags, |row| row.tag.as_str(), &paging)
}

pub(crate) async fn sources(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.sources(), |row| row.source.as_str(), &paging)
}

pub(crate) async fn uplinks(State(app): State<Arc<App>>, paging: Paging) -> Response {
    page(&app.uplinks(), |row| row.uplink.as_str(), &paging)
}
