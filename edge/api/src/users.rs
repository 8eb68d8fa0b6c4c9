//! Users, for an administrator.

use crate::{
    access::Caller,
    app::App,
    extract::{Body, Id},
    paging::{Paging, page},
    problem::Problem,
};
use axum::{extract::State, http::StatusCode, response::Response};
use davy_access::{Edit, Role};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddUser {
    #[serde(default)]
    by: Option<String>,
    name: String,
    role: Role,
    password: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRole {
    #[serde(default)]
    by: Option<String>,
    role: Role,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    #[serde(default)]
    by: Option<String>,
    password: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remove {
    #[serde(default)]
    pub(crate) by: Option<String>,
    #[serde(default)]
    pub(crate) reason: String,
}

type Done = Result<StatusCode, Problem>;

pub(crate) async fn list(State(app): State<Arc<App>>, paging: Paging) -> Result<Response, Problem> {
    let users = app.keeper()?.users()?;
    Ok(page(&users, |user| user.name.as_str(), &paging))
}

pub(crate) async fn add(State(app): State<Arc<App>>, who: Caller, Body(body): Body<AddUser>) -> Done {
    let AddUser { by, name, role, password, reason } = body;
    let (by, keeper) = (who.sign(by)?, app.keeper()?);
    let password = app.hash(password, &name).await?;
    app.edit(&keeper, Edit::AddUser { name, role, password }, by, reason).await
}

pub(crate) async fn role(State(app): State<Arc<App>>, who: Caller, Id(name): Id, Body(body): Body<ChangeRole>) -> Done {
    let ChangeRole { by, role, reason } = body;
    app.edit(&app.keeper()?, Edit::ChangeRole { name, role }, who.sign(by)?, reason).await
}

pub(crate) async fn password(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(name): Id,
    Body(body): Body<ChangePassword>,
) -> Done {
    let ChangePassword { by, password, reason } = body;
    let (by, keeper) = (who.sign(by)?, app.keeper()?);
    let password = app.hash(password, &name).await?;
    app.edit(&keeper, Edit::ChangePassword { name, password }, by, reason).await
}

pub(crate) async fn remove(State(app): State<Arc<App>>, who: Caller, Id(name): Id, Body(body): Body<Remove>) -> Done {
    let Remove { by, reason } = body;
    app.edit(&app.keeper()?, Edit::RemoveUser { name }, who.sign(by)?, reason).await
}
