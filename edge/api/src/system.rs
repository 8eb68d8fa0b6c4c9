//! The gateway itself on the wire.

use crate::{Identity, LastBackup, PageCertificate, app::App, wear};
use axum::{Json, extract::State};
use davy_core::{health::PanelHealth, snapshot::WatchView, time::UtcTime};
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
    board: String,
    /// The local time of the site, in which the page tells times: minutes ahead of UTC.
    utc_offset_min: i16,
    /// The longest that a rule may be shelved at once.
    shelve_max_s: u64,
    journal: JournalState,
    disk: DiskState,
    panel: PanelHealth,
    /// How the page shows who it is; absent where it is served in the clear.
    certificate: Option<PageCertificate>,
    last_backup: Option<LastBackup>,
}

/// What the process writes: flash wears out by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct DiskState {
    /// Since the start.
    written_bytes: Option<u64>,
    written_bytes_a_day: Option<u64>,
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
    fn disk(&self) -> DiskState {
        let written_bytes = wear::written_bytes();
        let up_ms = (self.context.utc)().since(self.context.identity.started_at);
        DiskState { written_bytes, written_bytes_a_day: written_bytes.and_then(|bytes| wear::a_day(bytes, up_ms)) }
    }

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
            board: board.clone(),
            utc_offset_min: self.context.site.policy.utc_offset_min,
            shelve_max_s: self.snapshot().shelve_max_ms / 1_000,
            journal: JournalState { head: self.journal_head(), durable: journal.durable, detail: journal.detail },
            disk: self.disk(),
            panel: (**self.context.panel.borrow()).clone(),
            certificate: self.context.tls.as_ref().map(|tls| tls.borrow().certificate.clone()),
            last_backup: self.context.upkeep.last_backup(),
        }
    }
}
