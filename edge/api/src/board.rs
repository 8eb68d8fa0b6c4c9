//! Lamp, horn and relays, as a person may test them: on record first, and normal again by itself, whatever becomes of the page.

use crate::{
    access::Caller,
    app::App,
    commands::Signed,
    extract::Body,
    problem::{Kind, Problem},
};
use axum::{extract::State, http::StatusCode};
use davy_core::{
    effect::Rejection,
    event::{CommandKind, Note, NoteAct},
};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

/// The box, which may be tested. Nothing here waits for hardware.
pub trait Board: Send + Sync {
    /// Whether a test may begin. Nothing is done yet.
    ///
    /// # Errors
    /// Why not: what is asked for makes no sense, or there is an alarm that it would hide.
    fn consider(&self, test: &BoardTest) -> Result<(), Rejection>;

    /// Begins it, in the place of any other. Whatever is new to show ends it.
    fn begin(&self, test: BoardTest);

    /// Ends whatever is tested.
    fn end(&self);
}

/// Outputs that are set to something for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardTest {
    /// Who tests.
    pub by: String,
    /// Each output by name, on or off.
    pub outputs: BTreeMap<String, bool>,
    /// Then everything is normal again.
    pub seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {
    #[serde(default)]
    by: Option<String>,
    outputs: BTreeMap<String, bool>,
    seconds: u64,
}

type Done = Result<StatusCode, Problem>;

/// A test in memory alone would be seen by nobody who asks later who sounded the horn.
pub(crate) async fn begin(State(app): State<Arc<App>>, who: Caller, Body(body): Body<Begin>) -> Done {
    let Begin { by, outputs, seconds } = body;
    let test = BoardTest { by: who.sign(by)?, outputs, seconds };
    let board = &app.context.board;
    board.consider(&test).map_err(refused)?;
    let done = app.ask(test.by.clone(), note(&words(&test.outputs), &format!("{seconds} s"))).await?;
    board.begin(test);
    Ok(done)
}

/// At once, whether or not it can be put on record.
pub(crate) async fn end(State(app): State<Arc<App>>, who: Caller, Body(body): Body<Signed>) -> Done {
    let by = who.sign(body.by)?;
    app.context.board.end();
    app.ask(by, note("", "ended")).await
}

fn note(object: &str, after: &str) -> CommandKind {
    CommandKind::Note(Note {
        act: NoteAct::TestBoard,
        object: (!object.is_empty()).then(|| object.to_owned()),
        before: None,
        after: Some(after.to_owned()),
        note: String::new(),
    })
}

/// `horn on, lamp_red off`.
fn words(outputs: &BTreeMap<String, bool>) -> String {
    let each = outputs.iter().map(|(name, on)| format!("{name} {}", if *on { "on" } else { "off" }));
    each.collect::<Vec<_>>().join(", ")
}

fn refused(rejection: Rejection) -> Problem {
    match rejection {
        Rejection::Conflict(why) => Kind::BoardBusy.with(why),
        Rejection::NotFound(_) | Rejection::Invalid(_) => Problem::from(crate::Refusal::Rejected(rejection)),
    }
}
