//! The journal, read in pages by place. The cursor is a place; the rows go out as they were committed.

use crate::{
    app::App,
    extract::Asked,
    limits,
    paging::{Page, checked_limit},
    problem::{Kind, Problem},
};
use axum::{Json, extract::State};
use davy_core::{record::Record, time::UtcTime};
use davy_store::{JournalRow, Store};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

/// A row of the journal on the wire.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    /// The identity that uplinks use too.
    id: String,
    seq: u64,
    at: UtcTime,
    kind: String,
    record: Box<RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedRows {
    limit: Option<usize>,
    after: Option<String>,
    kind: Option<String>,
}

pub(crate) async fn journal(
    State(app): State<Arc<App>>,
    Asked(asked): Asked<AskedRows>,
) -> Result<Json<Page<Entry>>, Problem> {
    let limit = checked_limit(asked.limit)?;
    let after = checked_place(asked.after.as_deref())?;
    let kind = checked_kind(asked.kind.as_deref())?;
    let head = app.journal_head();
    let found = scan(&app.context.store, Span { after, head }, limit, kind).await?;
    let next = (found.looked_until < head).then(|| found.looked_until.to_string());
    let items: Result<Vec<Entry>, Problem> = found.rows.into_iter().map(|row| entry(&app, row)).collect();
    Ok(Json(Page { items: items?, next }))
}

pub(crate) fn checked_place(after: Option<&str>) -> Result<u64, Problem> {
    let Some(text) = after else { return Ok(0) };
    text.parse()
        .map_err(|_| Kind::BadQuery.with(format!("`after` is `{text}` and must be a row's place in the journal")))
}

fn checked_kind(kind: Option<&str>) -> Result<Option<&str>, Problem> {
    match kind {
        Some(kind) if !Record::KINDS.contains(&kind) => {
            Err(Kind::BadQuery.with(format!("`kind` is `{kind}` and must be one of {}", Record::KINDS.join(", "))))
        }
        kind => Ok(kind),
    }
}

#[derive(Clone, Copy)]
struct Span {
    after: u64,
    head: u64,
}

struct Found {
    rows: Vec<JournalRow>,
    /// The last place looked at; what lies beyond is for the next page.
    looked_until: u64,
}

async fn scan(store: &Store, span: Span, limit: usize, kind: Option<&str>) -> Result<Found, Problem> {
    let mut found = Found { rows: Vec::new(), looked_until: span.after };
    let mut looked = 0;
    while found.rows.len() < limit && looked < limits::JOURNAL_SCAN_MAX && found.looked_until < span.head {
        let chunk = if kind.is_some() { limits::JOURNAL_CHUNK } else { limit - found.rows.len() };
        let rows = store.read(found.looked_until, span.head, chunk).await?;
        if rows.is_empty() {
            found.looked_until = span.head;
        }
        for row in rows {
            (looked, found.looked_until) = (looked + 1, row.seq);
            if kind.is_none_or(|kind| kind == row.kind) {
                found.rows.push(row);
            }
            if found.rows.len() == limit {
                break;
            }
        }
    }
    Ok(found)
}

/// The newest rows, the oldest of them first.
pub(crate) async fn last(app: &App, rows: usize) -> Result<Vec<Entry>, Problem> {
    let head = app.journal_head();
    let after = head.saturating_sub(rows as u64);
    let found = app.context.store.read(after, head, rows).await?;
    found.into_iter().map(|row| entry(app, row)).collect()
}

impl Entry {
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }
}

/// A row as it goes out.
pub(crate) fn entry(app: &App, row: JournalRow) -> Result<Entry, Problem> {
    let JournalRow { seq, utc, kind, body } = row;
    let identity = &app.context.identity;
    let record = RawValue::from_string(body)
        .map_err(|error| Kind::JournalUnreadable.with(format!("row {seq} of the journal is not JSON: {error}")))?;
    Ok(Entry { id: format!("{}/{}/{seq}", identity.gateway.gateway_id, identity.epoch), seq, at: utc, kind, record })
}
