//! The OpenAPI document, made from the table of routes, the wire schemas and the records' generated schemas.

mod access;
mod configuration;
mod board;
mod groups;
mod indicators;
mod look;
mod examples;
mod system;
mod trends;
mod updates;
mod wire;

use crate::{
    problem::Kind,
    routes::{Gives, ROUTES, Route, Takes},
    sections::Section,
    validator::unless_known,
};
use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use davy_access::{COOKIE, Needs, Permission, Role};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher as _},
    sync::OnceLock,
};

/// `GET /api/openapi.json`.
pub(crate) async fn serve(headers: HeaderMap) -> Response {
    static TEXT: OnceLock<(String, String)> = OnceLock::new();
    let (version, text) = TEXT.get_or_init(|| {
        let text = document().to_string();
        let mut hash = DefaultHasher::new();
        hash.write(text.as_bytes());
        (format!("{:016x}", hash.finish()), text)
    });
    unless_known(version, &headers, || ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response())
}

/// The whole document.
pub(crate) fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Davy",
            "version": "1",
            "description": "Local interface of the gateway, for its page and for programs. Who may do what stands \
                with each operation. Times are \
                RFC 3339 UTC with milliseconds. Ids in paths are percent-encoded. Lists are ordered by key. Everything \
                else at this address is the page.",
        },
        "tags": groups::all(),
        "paths": paths(),
        "components": { "schemas": schemas(), "securitySchemes": security_schemes() },
    })
}

/// The schemas of the records, generated from their Rust types; a test keeps them as they are there.
const RECORDS: &str = include_str!("openapi/records.json");

fn schemas() -> Value {
    let mut schemas: Map<String, Value> =
        serde_json::from_str(RECORDS).expect("a test has compared the generated schemas with this text");
    schemas.extend(wire::schemas());
    schemas.extend(access::schemas());
    schemas.extend(configuration::schemas());
    schemas.extend(board::schemas());
    schemas.extend(indicators::schemas());
    schemas.extend(system::schemas());
    schemas.extend(trends::schemas());
    schemas.extend(updates::schemas());
    schemas.extend(look::schemas());
    Value::Object(schemas)
}

/// A path may be read and be asked.
fn paths() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let method = if matches!(route.takes, Takes::Command(_) | Takes::Upload(_)) { "post" } else { "get" };
        paths.entry(route.path).or_insert_with(|| json!({}))[method] = operation(route);
    }
    Value::Object(paths)
}

/// A person has a session in a cookie, a program a token.
fn security_schemes() -> Value {
    json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": COOKIE,
            "description": "From `POST /api/v1/session/log-in`; HttpOnly, SameSite=Strict",
        },
        "token": {
            "type": "http", "scheme": "bearer",
            "description": "From `davy token add` or `POST /api/v1/tokens/add`",
        },
    })
}

/// What it needs: in the terms of OpenAPI, and in words with the roles that have it.
fn security(needs: Needs) -> (Value, String) {
    match needs {
        Needs::Nothing => (json!([]), "Open to everybody who reaches the gateway.".to_owned()),
        Needs::Session => (json!([{ "session": [] }]), "For whoever is logged in, about himself.".to_owned()),
        Needs::May(permission) => {
            let roles: Vec<&str> = Role::ALL.into_iter().filter(|role| role.may(permission)).map(Role::code).collect();
            let panel = if permission == Permission::Live { "; also for a panel by its address" } else { "" };
            let words = format!("Needs `{}`: {}{panel}.", permission.code(), roles.join(", "));
            (json!([{ "session": [] }, { "token": [] }]), words)
        }
    }
}

fn operation(route: &Route) -> Value {
    let (security, needs) = security(route.needs);
    let mut operation = json!({
        "summary": route.summary, "description": needs, "tags": [groups::of(route.path)], "security": security,
        "responses": responses(route),
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Takes::Command(schema) = route.takes {
        let mut content = json!({ "schema": named(schema) });
        examples::of_body(schema, &mut content);
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": content } });
    }
    if let Takes::Upload(media) = route.takes {
        let content = json!({ "schema": { "type": "string", "format": "binary" } });
        operation["requestBody"] = json!({ "required": true, "content": { media: content } });
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } });
    let of_path = route.path.contains("{id}").then_some(id);
    let seq = json!({
        "name": "seq", "in": "path", "required": true, "description": "The row's place in the journal", "schema": wire::count(),
    });
    let number = json!({
        "name": "number", "in": "path", "required": true, "description": "The number of the version", "schema": wire::count(),
    });
    let of_path = of_path.into_iter().chain(route.path.contains("{seq}").then_some(seq));
    let of_path = of_path.chain(route.path.contains("{number}").then_some(number));
    let of_query = match route.takes {
        Takes::Nothing | Takes::Command(_) | Takes::Upload(_) => Vec::new(),
        Takes::Paging | Takes::PagingOfJournal => wire::paging(),
        Takes::PagingOrFile => wire::paging().into_iter().chain([wire::format()]).collect(),
        Takes::PagingOrSheet => wire::paging().into_iter().chain([look::sheet_format()]).collect(),
        Takes::PagingOfLog => wire::paging().into_iter().chain(system::of_log()).collect(),
        Takes::Days => vec![indicators::days()],
        Takes::Span => trends::span(),
        Takes::Following => wire::following(),
        Takes::PointTable => configuration::point_table(),
        Takes::PagingOfKind => wire::paging().into_iter().chain([wire::kind()]).collect(),
    };
    of_path.into_iter().chain(of_query).collect()
}

fn responses(route: &Route) -> Value {
    let (status, mut success) = success(route.gives);
    examples::of_answer(route.path, &mut success);
    let mut responses = Map::from_iter([(status.to_owned(), success)]);
    for (status, kinds) in by_status(&route.problems()) {
        let codes: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
        responses.insert(status.to_string(), problem(&codes.join(", ")));
    }
    responses.insert("default".to_owned(), problem("Any other error"));
    Value::Object(responses)
}

fn by_status(kinds: &[Kind]) -> BTreeMap<u16, Vec<Kind>> {
    let mut by_status = BTreeMap::<u16, Vec<Kind>>::new();
    kinds.iter().for_each(|kind| by_status.entry(kind.status().as_u16()).or_default().push(*kind));
    by_status
}

fn success(gives: Gives) -> (&'static str, Value) {
    match gives {
        Gives::Page(schema) => ("200", content("A page", "application/json", wire::page(&named(schema)))),
        Gives::Table(schema) => ("200", table(&named(schema))),
        Gives::Sheet(schema) => ("200", look::sheet(table(&named(schema)))),
        Gives::Object(schema) => ("200", content("The object", "application/json", named(schema))),
        Gives::Metrics => ("200", content("Metrics", "text/plain", json!({ "type": "string" }))),
        Gives::Picture => ("200", content("PNG, JPEG or WebP", "image/*", json!({ "type": "string" }))),
        Gives::Spreadsheet => ("200", configuration::spreadsheet()),
        Gives::File(media) => ("200", content("The file", media, json!({ "type": "string", "format": "binary" }))),
        Gives::Nothing => ("204", json!({ "description": "Done, and on the disk" })),
        Gives::Events => ("200", content(&events(), "text/event-stream", json!({ "type": "string" }))),
    }
}

fn content(description: &str, media: &str, schema: Value) -> Value {
    json!({ "description": description, "content": { media: { "schema": schema } } })
}

/// A page as JSON, or the whole as a file.
fn table(row: &Value) -> Value {
    let mut page = content("A page, or the whole as a file", "application/json", wire::page(row));
    page["content"]["text/csv"] = json!({ "schema": { "type": "string" } });
    page
}

fn events() -> String {
    let names: Vec<&str> = Section::ALL.iter().map(|(_, name)| *name).collect();
    format!(
        "Events named {}; the data is the whole section as JSON, without paging. With `changes=true` the data of a list is an \
         object: `rows`, those that are new or have changed, and `order`, the ids of all rows in their order, where a row has come, \
         gone or moved. The last event of what has changed together has an id: who opens the stream again with it gets what has \
         changed since, or everything where that is not known any more.",
        names.join(", ")
    )
}

fn problem(description: &str) -> Value {
    content(description, "application/problem+json", named("Problem"))
}

fn named(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

#[cfg(test)]
mod tests;
