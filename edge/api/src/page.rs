//! The page and its files: whatever is not the API.

use crate::{PageFile, app::App, problem::Kind};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

pub(crate) async fn page(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Kind::NoSuchRoute.with(format!("there is nothing at {path}")).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let problem = Kind::MethodNotAllowed.with(format!("{path} is a page and can only be read"));
        return ([(header::ALLOW, "GET, HEAD")], problem).into_response();
    }
    match find(&app, path) {
        Some(file) => answer(file, request.headers()),
        None if has_extension(path) => Kind::NoSuchRoute.with(format!("the page has no file {path}")).into_response(),
        None => not_built(),
    }
}

/// The page has its own routes, so every path without an extension is the page.
fn find(app: &App, path: &str) -> Option<PageFile> {
    let page = app.context.page;
    page(path).or_else(|| page("/").filter(|_| !has_extension(path)))
}

fn has_extension(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn answer(file: PageFile, headers: &HeaderMap) -> Response {
    let PageFile { bytes, content_type, etag, immutable } = file;
    let caching = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| knows(known, &etag));
    let validators = [(header::ETAG, etag), (header::CACHE_CONTROL, caching.to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, validators).into_response();
    }
    (validators, [(header::CONTENT_TYPE, content_type)], bytes).into_response()
}

pub(crate) fn knows(known: &HeaderValue, etag: &str) -> bool {
    let Ok(known) = known.to_str() else { return false };
    known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
}

const NOT_BUILT: &str = "The page was not built into this program.\n\
    Build it with `npm --prefix web-ui ci && npm --prefix web-ui run build` and build the program again; `make demo` \
    does both.\nAlarming and the API are not touched by it: see /api/openapi.json.\n\n\
    本程序未包含网页。请先构建网页，再重新编译程序；`make demo` 会完成这两步。报警与接口不受影响。\n";

fn not_built() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT).into_response()
}
