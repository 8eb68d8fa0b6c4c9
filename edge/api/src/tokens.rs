//! Tokens for programs, for an administrator.

use crate::{
    access::Caller,
    app::App,
    extract::{Body, Id},
    paging::{Paging, page},
    problem::{Kind, Problem},
    users::Remove,
};
use axum::{Json, extract::State, http::StatusCode, response::Response};
use davy_access::{Edit, Network, NewToken, Permission, Role, TOKEN_DAYS_MAX, new_token};
use davy_core::time::UtcTime;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const DAY_MS: u64 = 86_400_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddToken {
    #[serde(default)]
    by: Option<String>,
    name: String,
    role: Role,
    days: Option<u32>,
    /// What of its role it may; all of it where none is named.
    #[serde(default)]
    scopes: Vec<Permission>,
    /// From where it may be shown; from anywhere where none is named.
    #[serde(default)]
    networks: Vec<Network>,
    #[serde(default)]
    reason: String,
}

/// A token as it is given out, this once.
#[derive(Serialize)]
pub(crate) struct TokenMade {
    name: String,
    role: Role,
    ends_at: Option<UtcTime>,
    token: String,
}

pub(crate) async fn list(State(app): State<Arc<App>>, paging: Paging) -> Result<Response, Problem> {
    let tokens = app.keeper()?.tokens()?;
    Ok(page(&tokens, |token| token.name.as_str(), &paging))
}

pub(crate) async fn add(
    State(app): State<Arc<App>>,
    who: Caller,
    Body(body): Body<AddToken>,
) -> Result<Json<TokenMade>, Problem> {
    let AddToken { by, name, role, days, scopes, networks, reason } = body;
    if days.is_some_and(|days| !(1..=TOKEN_DAYS_MAX).contains(&days)) {
        return Err(Kind::Invalid.with(format!("`days` must be 1 to {TOKEN_DAYS_MAX}; leave it out for no end")));
    }
    let ends_at = days.map(|days| app.now().utc.after(u64::from(days) * DAY_MS));
    let (token, sha256) = new_token()?;
    let edit = Edit::AddToken(NewToken { name: name.clone(), role, sha256, ends_at, scopes, networks });
    app.edit(&app.keeper()?, edit, who.sign(by)?, reason).await?;
    Ok(Json(TokenMade { name, role, ends_at, token }))
}

pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(name): Id,
    Body(body): Body<Remove>,
) -> Result<StatusCode, Problem> {
    let Remove { by, reason } = body;
    app.edit(&app.keeper()?, Edit::RemoveToken { name }, who.sign(by)?, reason).await
}
