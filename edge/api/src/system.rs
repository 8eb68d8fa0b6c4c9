//! The gateway itself on the wire.

use crate::{Identity, app::App};
use axum::{Json, extract::State};
use davy_core::{snapshot::WatchView, time::UtcTime};
use serde::Serialize;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct System {
    gateway: GatewayRow,
    epoch: u32,
    started_at: UtcTime,
    /// When the live state was taken.
    at: UtcTime,
    version: &'static str,
    board: &'static str,
    /// The longest that a rule may be shelved at once.
    shelve_max_s: u64,
    journal: JournalState,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct GatewayRow {
    company_code: String,
    gateway_id: String,
    name: String,
    config_version: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct JournalState {
    head: u64,
    durable: bool,
    detail: String,
}

pub(crate) async fn system(State(app): State<Arc<App>>) -> Json<System> {
    Json(app.system())
}

pub(crate) async fn watch(State(app): State<Arc<App>>) -> Json<WatchView> {
    Json(app.snapshot().watch.clone())
}

impl App {
    pub(crate) fn system(&self) -> System {
        let Identity { gateway, epoch, version, started_at, board } = &self.context.identity;
        let journal = self.journal();
        System {
            gateway: GatewayRow {
                company_code: gateway.company_code.clone(),
                gateway_id: gateway.gateway_id.clone(),
                name: gateway.name.clone(),
                config_version: gateway.config_version.to_string(),
            },
            epoch: *epoch,
            started_at: *started_at,
            at: self.snapshot().at,
            version,
            board,
            shelve_max_s: self.snapshot().shelve_max_ms / 1_000,
            journal: JournalState { head: self.journal_head(), durable: journal.durable, detail: journal.detail },
        }
    }
}
