//! Answers that who has them already is not sent again (RFC 9110, 8.8.3): those that change with something that is cheap to name.

use crate::{app::App, page::knows};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The answer, or 304 to who has it of the configuration in force, with which alone it changes.
pub(crate) fn unless_configured(app: &App, headers: &HeaderMap, answer: impl FnOnce() -> Response) -> Response {
    unless_known(&app.context.identity.gateway.config_version, headers, answer)
}

/// The same for what changes with `version`.
pub(crate) fn unless_known(version: &str, headers: &HeaderMap, answer: impl FnOnce() -> Response) -> Response {
    let etag = format!("\"{version}\"");
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| knows(known, &etag));
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { answer() };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}
