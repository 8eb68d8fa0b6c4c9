//! Whether the process lives, and whether it does its work.

use crate::{
    access::Caller,
    app::App,
    limits,
    problem::{Kind, Problem},
};
use axum::{Json, extract::State};
use davy_access::Permission;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) async fn alive() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// Everybody may ask; why not is for those who may look.
pub(crate) async fn ready(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Value>, Problem> {
    let reasons = app.reasons_not_ready();
    if reasons.is_empty() {
        return Ok(Json(json!({ "status": "ready" })));
    }
    if !caller.who.may(Permission::Live) {
        return Err(Kind::NotReady.with("log in, or show a token, to see why"));
    }
    Err(Kind::NotReady.with(reasons.join("; ")).because(reasons))
}

impl App {
    fn reasons_not_ready(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        let age = (self.context.utc)().since(self.snapshot().at);
        if age > limits::SNAPSHOT_AGE_MAX_MS {
            reasons.push(format!(
                "the live state is {age} ms old, so the loop that evaluates alarms stands still: restart the gateway"
            ));
        }
        let journal = self.journal();
        if !journal.durable {
            reasons.push(format!("the journal does not reach the disk: {}", journal.detail));
        }
        reasons
    }
}
