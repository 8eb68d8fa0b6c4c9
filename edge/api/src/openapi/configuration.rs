//! The schemas of the configuration: what is in force, versions, proposals, what-if.

use super::{
    named,
    wire::{body, count, number, object, or_null, text, time},
};
use crate::{configuration::How, limits};
use davy_core::limits::TEXT_MAX;
use serde_json::{Map, Value, json};

pub(super) fn schemas() -> Map<String, Value> {
    let named_schemas = [
        ("Finding", object([("file", text()), ("line", count()), ("column", count()), ("message", text())])),
        ("ConfigHow", json!({ "type": "string", "enum": How::ALL.map(How::code) })),
        ("ConfigState", state()),
        ("ConfigFiles", files()),
        ("ConfigVersion", version()),
        ("SourceKeys", source_keys()),
        ("FileDifference", difference()),
        ("ConfigChecked", checked()),
        ("ConfigEdit", edit()),
        ("Proposal", body([("base", base()), ("edits", edits())], &["base", "edits"])),
        (
            "ApplyConfiguration",
            body(
                [("base", base()), ("edits", edits()), ("reason", reason()), ("by", text())],
                &["base", "edits", "reason"],
            ),
        ),
        (
            "RollBackConfiguration",
            body(
                [("base", base()), ("number", count()), ("reason", reason()), ("by", text())],
                &["base", "number", "reason"],
            ),
        ),
        (
            "AskWhatIf",
            body(
                [
                    ("base", base()),
                    ("edits", edits()),
                    ("from", or_null(time())),
                    ("to", or_null(time())),
                    ("by", text()),
                ],
                &["base", "edits"],
            ),
        ),
        ("WhatIf", what_if()),
    ];
    named_schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

pub(super) fn point_table() -> Vec<Value> {
    let of = |name: &str, words: &str, all: &[&str]| {
        let schema = json!({ "type": "string", "enum": all, "default": all[0] });
        json!({ "name": name, "in": "query", "description": words, "schema": schema })
    };
    vec![
        of("format", "CSV in UTF-8 or in GBK, or a workbook", &["csv", "gbk", "xlsx"]),
        of("header", "The language of the headers", &["zh", "en"]),
    ]
}

pub(super) fn spreadsheet() -> Value {
    let file = json!({ "schema": { "type": "string" } });
    json!({
        "description": "The file",
        "content": {
            "text/csv": file,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": file,
        },
    })
}

fn state() -> Value {
    object([
        ("version", text()),
        ("number", or_null(count())),
        ("applied_at", time()),
        ("by", or_null(text())),
        ("reason", or_null(text())),
        ("how", named("ConfigHow")),
        ("folder", json!({ "type": "string", "enum": ["in_force", "edited", "unusable"] })),
        ("folder_detail", text()),
        ("findings", all_of("Finding")),
    ])
}

fn files() -> Value {
    object([
        ("version", text()),
        ("number", or_null(count())),
        ("files", json!({ "type": "object", "additionalProperties": text() })),
        ("others", texts()),
        ("differences", all_of("FileDifference")),
    ])
}

fn source_keys() -> Value {
    let keys = json!({
        "type": "object", "additionalProperties": text(),
        "description": "Each as the edit `set_source` takes it; a secret is the name of its file",
    });
    let kind = json!({ "type": "string", "enum": ["opcua", "modbus", "mqtt", "board"] });
    object([("version", text()), ("kind", kind), ("keys", keys)])
}

fn version() -> Value {
    object([
        ("number", count()),
        ("version", text()),
        ("at", time()),
        ("by", or_null(text())),
        ("reason", or_null(text())),
        ("how", named("ConfigHow")),
        ("back_to", or_null(count())),
        ("changes", texts()),
        ("in_force", json!({ "type": "boolean" })),
    ])
}

fn difference() -> Value {
    let sign = json!({ "type": "string", "enum": [" ", "+", "-"] });
    let line = object([("sign", sign), ("line", count()), ("text", text())]);
    object([("file", text()), ("lines", json!({ "type": "array", "items": line })), ("more", count())])
}

fn checked() -> Value {
    object([
        ("version", text()),
        ("errors", all_of("Finding")),
        ("coverage", all_of("Finding")),
        ("differences", all_of("FileDifference")),
        ("changes", texts()),
        ("restart", texts()),
    ])
}

fn edit() -> Value {
    let kind = |name: &str| json!({ "type": "string", "const": name });
    let row = json!({ "type": "object", "additionalProperties": text() });
    let keys = json!({ "type": "object", "additionalProperties": text() });
    json!({ "oneOf": [
        body([("edit", kind("file")), ("name", text()), ("text", or_null(text()))], &["edit", "name", "text"]),
        body(
            [("edit", kind("points")), ("rows", json!({ "type": "array", "items": row })), ("removed", texts())],
            &["edit"],
        ),
        body(
            [
                ("edit", kind("import")),
                ("name", text()),
                ("base64", text()),
                ("merge", json!({ "type": "boolean", "default": false })),
            ],
            &["edit", "name", "base64"],
        ),
        add_source(),
        body(
            [("edit", kind("set_source")), ("id", text()), ("keys", keys), ("password", password())],
            &["edit", "id"],
        ),
        body([("edit", kind("remove_source")), ("id", text())], &["edit", "id"]),
    ] })
}

fn add_source() -> Value {
    let maybe = || or_null(text());
    let flag = || json!({ "type": ["boolean", "null"] });
    let fields = [
        ("edit", json!({ "type": "string", "const": "add_source" })),
        ("id", text()),
        ("url", text()),
        ("name", maybe()),
        ("security", maybe()),
        ("security_mode", maybe()),
        ("certificate_host_check", flag()),
        ("certificate_time_check", flag()),
        ("user", maybe()),
        ("password", password()),
        ("password_file", maybe()),
        ("user_certificate_file", maybe()),
        ("user_key_file", maybe()),
        ("ca_file", maybe()),
        ("client_certificate_file", maybe()),
        ("client_key_file", maybe()),
        ("allow", texts()),
        ("registration", maybe()),
        ("location", maybe()),
        ("video", maybe()),
        ("ticket", maybe()),
        ("baud", or_null(count())),
        ("parity", json!({ "type": ["string", "null"], "enum": ["none", "even", "odd", null] })),
        ("stop_bits", or_null(count())),
    ];
    body(fields, &["edit", "id", "url"])
}

fn password() -> Value {
    json!({
        "type": ["string", "null"],
        "description": "Kept in a file of its own in the configuration folder when it is applied; never given out",
    })
}

fn what_if() -> Value {
    object([
        ("state", json!({ "type": "string", "enum": ["none", "running", "done", "failed", "stopped"] })),
        ("done", or_null(number())),
        ("asked_by", or_null(text())),
        ("asked_at", or_null(time())),
        ("version", or_null(text())),
        ("from", or_null(time())),
        ("to", or_null(time())),
        ("result", or_null(replayed())),
        ("error", or_null(text())),
    ])
}

/// What `davy replay --format json` gives.
fn replayed() -> Value {
    let rate = object([
        ("alarms", count()),
        ("warnings", count()),
        ("per_ten_minutes", number()),
        ("peak_ten_minutes", count()),
        ("flood_share", number()),
    ]);
    let run = object([
        ("from", time()),
        ("to", time()),
        ("config_version", text()),
        ("events", count()),
        ("lost_events", count()),
        ("commands_without_object", count()),
        // With the rows that are the same, the first that is not, or why none could be compared.
        ("journal", object([("same", json!({ "type": ["boolean", "null"] }))])),
        ("then", rate.clone()),
        ("now", rate),
        ("alarms", json!({ "type": "array", "items": change() })),
        ("warnings", json!({ "type": "array", "items": change() })),
    ]);
    object([("runs", json!({ "type": "array", "items": run }))])
}

fn change() -> Value {
    let differing = |what: Value| {
        let one = object([("raised", time()), ("then", what.clone()), ("now", what)]);
        json!({ "type": "array", "items": one })
    };
    let times = || json!({ "type": "array", "items": time() });
    object([
        ("id", text()),
        ("name", text()),
        ("then", count()),
        ("now", count()),
        ("added", times()),
        ("removed", times()),
        ("moved", differing(time())),
        ("ended", differing(or_null(time()))),
        ("ranked", differing(text())),
        ("then_ms", count()),
        ("now_ms", count()),
    ])
}

fn base() -> Value {
    json!({ "type": "string", "description": "The version in force to which the edits are made" })
}

fn edits() -> Value {
    json!({ "type": "array", "items": named("ConfigEdit"), "maxItems": limits::CONFIG_EDITS_MAX })
}

fn reason() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": TEXT_MAX, "description": "Why, on one line" })
}

fn all_of(schema: &str) -> Value {
    json!({ "type": "array", "items": named(schema) })
}

fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}
