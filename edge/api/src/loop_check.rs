//! The sheet of a loop check 回路核对: what each tag is, and what a person found when he followed it from the instrument to the page.

use crate::{
    access::Caller,
    app::App,
    extract::{Asked, Body, Id},
    limits,
    paging::{Paging, checked_limit, page},
    problem::{Kind, Problem},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use davy_core::{
    event::{CommandKind, Note, NoteAct},
    limits::TEXT_MAX,
    snapshot::Snapshot,
    time::UtcTime,
};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// A tag as it is to be checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoopRow {
    /// The tag.
    pub tag: String,
    /// What people call it.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// Where it is read there.
    pub address: String,
    /// Its unit.
    pub engineering_unit: String,
    /// Its range.
    pub range: Option<(f64, f64)>,
    /// LL, L, H, HH.
    pub limits: [Option<f64>; 4],
    /// What was found last.
    pub check: Option<LoopCheck>,
}

/// What a person found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoopCheck {
    /// Whether the loop is right.
    pub result: LoopResult,
    /// What was put on the instrument and what the page showed.
    pub points: Vec<LoopPoint>,
    /// In words.
    pub note: String,
    /// Who checked.
    pub by: String,
    /// When it was written down.
    pub at: UtcTime,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopResult {
    /// Right.
    Pass,
    /// Wrong; the note says what.
    Fail,
    /// Not checked, or not any more.
    NotDone,
}

/// A value that was put on an instrument, and what was read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoopPoint {
    /// In % of the range.
    pub applied: f64,
    /// In % of the range.
    pub read: f64,
}

/// How a sheet is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// For a spreadsheet program.
    Csv,
    /// For paper.
    Html,
}

/// Where the sheet is kept. Everything here reads or writes the disk.
pub trait LoopSheet: Send + Sync {
    /// Every tag in force.
    ///
    /// # Errors
    /// Why the sheet cannot be read, in words for a person.
    fn rows(&self) -> Result<Vec<LoopRow>, String>;

    /// Keeps what was found at a tag in force.
    ///
    /// # Errors
    /// Why it cannot be written, in words for a person.
    fn keep(&self, tag: &str, check: LoopCheck) -> Result<(), String>;

    /// The whole sheet as a file, with the values of a moment.
    ///
    /// # Errors
    /// Why the sheet cannot be read, in words for a person.
    fn file(&self, format: SheetFormat, values: &Snapshot) -> Result<String, String>;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedSheet {
    limit: Option<usize>,
    after: Option<String>,
    format: Option<AskedFormat>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AskedFormat {
    Json,
    Csv,
    Html,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckLoop {
    #[serde(default)]
    by: Option<String>,
    result: LoopResult,
    #[serde(default)]
    points: Vec<LoopPoint>,
    #[serde(default)]
    note: String,
}

pub(crate) async fn sheet(State(app): State<Arc<App>>, Asked(asked): Asked<AskedSheet>) -> Result<Response, Problem> {
    let format = match asked.format {
        None | Some(AskedFormat::Json) => {
            let paging = Paging { limit: checked_limit(asked.limit)?, after: asked.after };
            let rows = off_the_loop(&app, |sheet| sheet.rows()).await?;
            return Ok(page(&rows, |row| row.tag.as_str(), &paging));
        }
        Some(AskedFormat::Csv) => SheetFormat::Csv,
        Some(AskedFormat::Html) => SheetFormat::Html,
    };
    let values = app.snapshot();
    let text = off_the_loop(&app, move |sheet| sheet.file(format, &values)).await?;
    let (media, end) = match format {
        SheetFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        SheetFormat::Html => ("text/html; charset=utf-8", "html"),
    };
    // As a file, because its own style is none of this page's, whose policy takes no other.
    let name = format!("attachment; filename=\"loop-check-{}.{end}\"", app.context.identity.gateway.config_version);
    Ok(([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, name)], text).into_response())
}

/// On record first, so that nothing is ever checked by nobody.
pub(crate) async fn check(
    State(app): State<Arc<App>>,
    who: Caller,
    Id(tag): Id,
    Body(body): Body<CheckLoop>,
) -> Result<StatusCode, Problem> {
    let (by, CheckLoop { result, points, note, .. }) = (who.sign(body.by.clone())?, body);
    sensible(result, &points, &note)?;
    let _one_at_a_time = app.checking.lock().await;
    let rows = off_the_loop(&app, |sheet| sheet.rows()).await?;
    let Some(row) = rows.into_iter().find(|row| row.tag == tag) else {
        return Err(Kind::NoSuchTag.with(format!("no tag {tag} is in force")));
    };
    let check = LoopCheck { result, points, note, by: by.clone(), at: (app.context.utc)() };
    let kind = CommandKind::Note(Note {
        act: NoteAct::CheckLoop,
        object: Some(tag.clone()),
        before: row.check.map(|before| before.to_string()),
        after: Some(check.to_string()),
        note: check.note.clone(),
    });
    let done = app.ask(by, kind).await?;
    off_the_loop(&app, move |sheet| sheet.keep(&tag, check)).await?;
    Ok(done)
}

fn sensible(result: LoopResult, points: &[LoopPoint], note: &str) -> Result<(), Problem> {
    let wrong = |words: String| Err(Kind::Invalid.with(words));
    if points.len() > limits::LOOP_POINTS_MAX {
        return wrong(format!("{} points; at most {}", points.len(), limits::LOOP_POINTS_MAX));
    }
    let range = limits::LOOP_PERCENT_MIN..=limits::LOOP_PERCENT_MAX;
    if let Some(point) = points.iter().find(|point| !(range.contains(&point.applied) && range.contains(&point.read))) {
        let (least, most) = (range.start(), range.end());
        return wrong(format!("{}: write % of the range, {least} to {most}", Shown(point)));
    }
    if note.chars().count() > TEXT_MAX {
        return wrong(format!("the note has more than {TEXT_MAX} characters"));
    }
    if result == LoopResult::Fail && note.trim().is_empty() {
        return wrong("a loop that is wrong needs a note: what is wrong?".to_owned());
    }
    Ok(())
}

struct Shown<'a>(&'a LoopPoint);

/// `50 % → 49.8 %`.
impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} % → {} %", self.0.applied, self.0.read)
    }
}

/// `pass: 0 % → 0.1 %, 100 % → 99.8 %`, as it is on record and on paper.
impl fmt::Display for LoopCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.result {
            LoopResult::Pass => "pass",
            LoopResult::Fail => "fail",
            LoopResult::NotDone => "not_done",
        })?;
        for (at, point) in self.points.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { ": " } else { ", " }, Shown(point))?;
        }
        Ok(())
    }
}

async fn off_the_loop<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&dyn LoopSheet) -> Result<T, String> + Send + 'static,
) -> Result<T, Problem> {
    let sheet = Arc::clone(&app.context.loops);
    let work = tokio::task::spawn_blocking(move || work(sheet.as_ref())).await;
    let done = work.map_err(|_| Kind::Internal.with("the work on the sheet was broken off"))?;
    done.map_err(|why| Kind::LoopSheetUnreadable.with(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_written_as_a_person_reads_it() {
        let point = |applied, read| LoopPoint { applied, read };
        let points = vec![point(0.0, 0.1), point(100.0, 99.8)];
        let (note, by, at) = (String::new(), "李工".to_owned(), UtcTime(0));
        let check = LoopCheck { result: LoopResult::Pass, points, note, by, at };
        assert_eq!(check.to_string(), "pass: 0 % → 0.1 %, 100 % → 99.8 %");
        assert_eq!(LoopCheck { result: LoopResult::NotDone, points: Vec::new(), ..check }.to_string(), "not_done");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let point = |applied, read| LoopPoint { applied, read };
        for (result, points, note, is_taken) in [
            (LoopResult::Pass, vec![point(0.0, 0.0), point(-10.0, 110.0)], "", true),
            (LoopResult::Fail, vec![], " ", false),
            (LoopResult::Fail, vec![], "接线错误", true),
            (LoopResult::Pass, vec![point(f64::NAN, 0.0)], "", false),
            (LoopResult::Pass, vec![point(0.0, 1e9)], "", false),
            (LoopResult::Pass, vec![point(0.0, 0.0); limits::LOOP_POINTS_MAX + 1], "", false),
            (LoopResult::Pass, vec![], &"长".repeat(TEXT_MAX + 1), false),
        ] {
            assert_eq!(sensible(result, &points, note).is_ok(), is_taken, "{result:?} {points:?}");
        }
    }
}
