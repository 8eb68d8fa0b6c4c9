//! Whether the process lives, and whether it does its work.

use crate::{
    app::App,
    limits,
    problem::{Kind, Problem},
};
use axum::{Json, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) async fn alive() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

pub(crate) async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    let reasons = app.reasons_not_ready();
    if reasons.is_empty() {
        return Ok(Json(json!({ "status": "ready" })));
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
