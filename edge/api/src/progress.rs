//! How far an uplink is: each lane's cursor, the oldest row that waits and since when, and what the far side has answered over the day.

use crate::{
    app::App,
    extract::Id,
    problem::{Kind, Problem},
};
use axum::{Json, extract::State};
use davy_core::{
    health::{LaneHealth, ReceiptCount, UplinkHealth},
    time::UtcTime,
};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
pub(crate) struct UplinkProgress {
    lanes: Vec<LaneHealth>,
    /// Absent when nothing waits, and for an uplink that forwards samples, whose places are no rows.
    oldest: Option<OldestRow>,
    receipts: Vec<ReceiptCount>,
}

#[derive(Serialize)]
struct OldestRow {
    /// The identity that the far side will see.
    id: String,
    seq: u64,
    kind: String,
    /// When it was written.
    at: UtcTime,
}

pub(crate) async fn progress(State(app): State<Arc<App>>, Id(uplink): Id) -> Result<Json<UplinkProgress>, Problem> {
    let found = app.context.uplinks.iter().find(|(row, _)| row.id.as_str() == uplink);
    let (_, health) = found.ok_or_else(|| Kind::NoSuchUplink.with(format!("there is no uplink {uplink}")))?;
    let health = health.borrow().clone();
    let oldest = app.oldest(&health).await?;
    let receipts = health.receipts.iter().copied().collect();
    Ok(Json(UplinkProgress { lanes: health.lanes, oldest, receipts }))
}

impl App {
    async fn oldest(&self, health: &UplinkHealth) -> Result<Option<OldestRow>, Problem> {
        let due = health.lanes.iter().filter_map(|lane| lane.due).min();
        let Some(due) = due.filter(|_| health.recording.is_none()) else { return Ok(None) };
        // Rows are numbered without holes save where some were taken out: the next that is there.
        let rows = self.context.store.read(due.saturating_sub(1), self.journal_head(), 1).await?;
        let identity = &self.context.identity;
        let (gateway, epoch) = (&identity.gateway.gateway_id, identity.epoch);
        let row = rows.into_iter().next();
        Ok(row.map(|row| OldestRow {
            id: format!("{gateway}/{epoch}/{}", row.seq),
            seq: row.seq,
            kind: row.kind,
            at: row.utc,
        }))
    }
}
