//! The master alarm table in force, with the state of each rule, and its history from the journal.

use crate::{
    app::App,
    extract::{Asked, Id},
    journal::{Entry, checked_place, entry},
    paging::{Page, Paging, checked_limit, cut},
    problem::Problem,
    table_csv::table_csv,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use davy_core::{
    record::{AlarmRecord, AlarmState, HiddenRecord},
    snapshot::{RuleView, Snapshot},
    table::{self, TableRow},
};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedRules {
    limit: Option<usize>,
    after: Option<String>,
    format: Option<TableFormat>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum TableFormat {
    Json,
    Csv,
}

/// The table as a page of JSON, or whole as a file for spreadsheet programs.
pub(crate) async fn rules(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Asked(asked): Asked<AskedRules>,
) -> Result<Response, Problem> {
    let accepts_csv = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/csv"));
    let wanted = asked.format.unwrap_or(if accepts_csv { TableFormat::Csv } else { TableFormat::Json });
    if wanted == TableFormat::Csv {
        let name = format!("attachment; filename=\"alarm-table-{}.csv\"", app.context.identity.gateway.config_version);
        let headers =
            [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
        return Ok((headers, table_csv(table::table(&app.context.site))).into_response());
    }
    let paging = Paging { limit: checked_limit(asked.limit)?, after: asked.after };
    let site = &app.context.site;
    let Page { items, next } = cut(site.rules.iter(), |rule| rule.id.as_str(), &paging);
    let rows = items.into_iter().map(|rule| table::named(site, rule));
    Ok(Json(Page { items: views(rows, &app.snapshot()), next }).into_response())
}

/// What became of the whole table, the newest first.
pub(crate) async fn changes(State(app): State<Arc<App>>, paging: Paging) -> Result<Json<Page<Entry>>, Problem> {
    history(&app, None, &paging).await
}

/// What became of one rule, also of one that is no more, the newest first.
pub(crate) async fn changes_of(
    State(app): State<Arc<App>>,
    Id(rule): Id,
    paging: Paging,
) -> Result<Json<Page<Entry>>, Problem> {
    history(&app, Some(&rule), &paging).await
}

async fn history(app: &App, rule: Option<&str>, paging: &Paging) -> Result<Json<Page<Entry>>, Problem> {
    let before = if paging.after.is_some() { checked_place(paging.after.as_deref())? } else { u64::MAX };
    let rows = app.context.store.changes(rule, before, paging.limit).await?;
    let next = rows.last().filter(|_| rows.len() == paging.limit).map(|row| row.seq.to_string());
    let items: Result<Vec<Entry>, Problem> = rows.into_iter().map(|row| entry(app, row)).collect();
    Ok(Json(Page { items: items?, next }))
}

fn views(rows: impl Iterator<Item = TableRow>, live: &Snapshot) -> Vec<RuleView> {
    let alarms: BTreeMap<&str, &AlarmRecord> =
        live.alarms.iter().map(|alarm| (alarm.rule.as_str(), &**alarm)).collect();
    let hidden: BTreeMap<&str, &HiddenRecord> = live.hidden.iter().map(|row| (row.rule.as_str(), row)).collect();
    let view = |row: TableRow| {
        let alarm = alarms.get(row.rule.rule.as_str());
        RuleView {
            state: alarm.map_or(AlarmState::Normal, |alarm| alarm.state),
            alarm: alarm.map(|alarm| alarm.id.clone()),
            hidden_because: hidden
                .get(row.rule.rule.as_str())
                .map(|row| row.hidden_because.clone())
                .unwrap_or_default(),
            row,
        }
    };
    rows.map(view).collect()
}
