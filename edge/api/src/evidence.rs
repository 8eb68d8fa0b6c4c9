//! The evidence of a warning, as a file to be saved.

use crate::{
    app::App,
    extract::Id,
    problem::{Kind, Problem},
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

pub(crate) async fn evidence(State(app): State<Arc<App>>, Id(warning): Id) -> Result<Response, Problem> {
    let Ok(permit) = Arc::clone(&app.packets).try_acquire_owned() else {
        return Err(Kind::PacketsFull.with(format!("the evidence of {warning} cannot be put together now")));
    };
    let (evidence_of, asked) = (Arc::clone(&app.context.evidence), warning.clone());
    let work = tokio::task::spawn_blocking(move || {
        // Kept until the work is done, also when nobody waits for it any more.
        let _permit = permit;
        evidence_of(&asked)
    });
    let made = work.await.map_err(|_| Kind::Internal.with(format!("the evidence of {warning} was not finished")))?;
    match made {
        Ok(Some(text)) => Ok(file(&warning, text)),
        Ok(None) => Err(Kind::NoSuchWarning.with(format!("the journal names no warning {warning}"))),
        Err(why) => Err(Kind::EvidenceUnreadable.with(why)),
    }
}

fn file(warning: &str, text: String) -> Response {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || ".~-".contains(letter) { letter } else { '_' };
    let name: String = warning.chars().map(safe).collect();
    let disposition = format!("attachment; filename=\"evidence-{name}.json\"");
    ([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, disposition)], text)
        .into_response()
}
