//! Rows that an uplink's receiver refused: which and why, and a person's wish to have them tried again.

use crate::{
    access::Caller,
    app::App,
    commands::Signed,
    extract::{Body, Id, IdAndSeq},
    journal::checked_place,
    paging::{Page, Paging},
    problem::{Kind, Problem},
};
use axum::{Json, extract::State, http::StatusCode};
use davy_core::{event::CommandKind, time::UtcTime};
use davy_store::Parked;
use serde::Serialize;
use std::sync::Arc;

/// A parked row on the wire.
#[derive(Debug, Serialize)]
pub(crate) struct ParkedRow {
    id: String,
    seq: u64,
    lane: String,
    reason: String,
    since: UtcTime,
    tries: u32,
    next: UtcTime,
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Id(uplink): Id,
    paging: Paging,
) -> Result<Json<Page<ParkedRow>>, Problem> {
    let recording = app.recording_of(&uplink)?;
    let after = checked_place(paging.after.as_deref())?;
    let mut rows = app.context.store.parked(&uplink, after, paging.limit + 1).await?;
    let more = rows.len() > paging.limit;
    rows.truncate(paging.limit);
    let next = rows.last().filter(|_| more).map(|row| row.seq.to_string());
    Ok(Json(Page { items: rows.into_iter().map(|row| app.parked_row(row, recording)).collect(), next }))
}

pub(crate) async fn retry(
    State(app): State<Arc<App>>,
    who: Caller,
    IdAndSeq(uplink, seq): IdAndSeq,
    Body(body): Body<Signed>,
) -> Result<StatusCode, Problem> {
    let row = app.context.store.parked(&uplink, seq.saturating_sub(1), 1).await?;
    if row.first().is_none_or(|row| row.seq != seq) {
        return Err(Kind::NotFound.with(format!("row {seq} of the uplink {uplink} is not parked")));
    }
    app.retry(uplink, Some(seq), who.sign(body.by)?).await
}

pub(crate) async fn retry_all(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(uplink): Id,
    Body(body): Body<Signed>,
) -> Result<StatusCode, Problem> {
    app.retry(uplink, None, who.sign(body.by)?).await
}

impl App {
    /// The recording of which an uplink forwards samples; `None` for one that sends records.
    fn recording_of(&self, id: &str) -> Result<Option<i64>, Problem> {
        let mut uplinks = self.context.uplinks.iter();
        let found = uplinks.find(|(uplink, _)| uplink.id.as_str() == id);
        found
            .map(|(_, health)| health.borrow().recording)
            .ok_or_else(|| Kind::NoSuchUplink.with(format!("there is no uplink {id}")))
    }

    /// On record first; the uplink looks for what is due by itself.
    async fn retry(&self, uplink: String, seq: Option<u64>, by: String) -> Result<StatusCode, Problem> {
        let done = self.ask(by, CommandKind::RetryParked { uplink: uplink.as_str().into(), seq }).await?;
        self.context.store.retry_parked(&uplink, seq, (self.context.utc)()).await?;
        Ok(done)
    }

    fn parked_row(&self, row: Parked, recording: Option<i64>) -> ParkedRow {
        let Parked { seq, lane, reason, since, tries, next } = row;
        let identity = &self.context.identity;
        let of = recording.map(|number| format!("samples/{number}/")).unwrap_or_default();
        let id = format!("{}/{}/{of}{seq}", identity.gateway.gateway_id, identity.epoch);
        ParkedRow { id, seq, lane, reason, since, tries, next }
    }
}
