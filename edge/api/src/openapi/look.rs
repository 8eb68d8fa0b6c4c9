//! The schemas of looks at the field and of the loop check.

use super::{
    named,
    wire::{body, boolean, count, number, object, or_null, text, time},
};
use crate::limits;
use davy_core::limits::TEXT_MAX;
use serde_json::{Map, Value, json};

pub(super) fn schemas() -> Map<String, Value> {
    let named_schemas = [
        ("LookUser", codes(&["anonymous", "password", "certificate"])),
        ("LookOffers", body([("url", text()), ("id", text()), ("user", or_null(named("LookUser")))], &["url"])),
        ("SourceOffers", offers()),
        ("LookBrowse", browse()),
        ("LookLevel", level()),
        ("LookNode", node()),
        ("LookRead", read()),
        ("LookReadings", json!({ "oneOf": [named("LookValues"), named("LookRegisters")] })),
        ("LookValues", object([("of", codes(&["nodes"])), ("values", list(named("LookValue")))])),
        ("LookValue", value()),
        ("LookRegisters", registers()),
        ("LookPropose", propose()),
        ("ProposedRows", object([("rows", list(proposed()))])),
        ("LoopRow", loop_row()),
        ("LoopCheck", loop_check()),
        ("LoopResult", codes(&["pass", "fail", "not_done"])),
        ("LoopPoint", body([("applied", percent()), ("read", percent())], &["applied", "read"])),
        ("CheckLoop", check_loop()),
    ];
    named_schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// How the sheet is asked for.
pub(super) fn sheet_format() -> Value {
    json!({
        "name": "format",
        "in": "query",
        "description": "`csv` gives the whole sheet as a file for spreadsheet programs, `html` one for paper, each with the values of \
            the moment",
        "schema": { "type": "string", "enum": ["json", "csv", "html"], "default": "json" },
    })
}

/// A table that can be printed as well.
pub(super) fn sheet(mut table: Value) -> Value {
    table["content"]["text/html"] = json!({ "schema": { "type": "string" } });
    table
}

fn offers() -> Value {
    let endpoint =
        object([("name", text()), ("spoken", boolean()), ("secured", boolean()), ("users", list(named("LookUser")))]);
    let chosen = object([("security", text()), ("security_mode", or_null(text())), ("user", named("LookUser"))]);
    let lacking = json!({
        "type": ["string", "null"],
        "enum": ["no_security", "password_needed", "certificate_needed", "user_not_taken", null],
        "description": "Why nothing is chosen",
    });
    object([
        ("kind", codes(&["opc_ua", "modbus", "mqtt"])),
        ("endpoints", list(endpoint)),
        ("clock", text()),
        ("chosen", or_null(chosen)),
        ("lacking", lacking),
        ("certificate", or_null(certificate())),
    ])
}

fn certificate() -> Value {
    object([
        ("is_trusted", boolean()),
        ("objections", list(text())),
        ("sha256", text()),
        ("sha1", text()),
        ("subject", text()),
        ("issuer", text()),
        ("not_before", time()),
        ("not_after", time()),
        ("uris", list(text())),
        ("hosts", list(text())),
        ("key_bits", count()),
    ])
}

fn browse() -> Value {
    let limit =
        json!({ "type": "integer", "minimum": 1, "maximum": limits::LOOK_ROWS_MAX, "default": limits::LOOK_ROWS });
    let deep = json!({
        "type": "boolean", "default": false,
        "description": "Of the whole subtree the variables, and not of the level below alone every node",
    });
    let fields = [
        ("source", source()),
        ("url", or_null(text())),
        ("node", or_null(text())),
        ("deep", deep),
        ("filter", text()),
        ("cursor", or_null(text())),
        ("limit", limit),
    ];
    body(fields, &[])
}

fn level() -> Value {
    object([("items", list(named("LookNode"))), ("next", or_null(text())), ("matching", count()), ("whole", boolean())])
}

fn node() -> Value {
    let variable = object([
        ("data_type", text()),
        ("is_point", boolean()),
        ("description", text()),
        ("readable", boolean()),
        ("has_history", boolean()),
        ("engineering_unit", text()),
        ("range", or_null(pair())),
        ("told", named("LookValue")),
    ]);
    object([
        ("address", text()),
        ("node", text()),
        ("display_name", text()),
        ("path", list(text())),
        ("class", text()),
        ("has_below", boolean()),
        ("variable", or_null(variable)),
        ("tag", or_null(text())),
    ])
}

fn read() -> Value {
    let nodes = json!({ "type": "array", "items": text(), "minItems": 1, "maxItems": limits::LOOK_ROWS_MAX });
    let registers = json!({ "type": "string", "description": "An address as the point table takes it, `1/40101`" });
    let entries = json!({ "type": "integer", "minimum": 1, "maximum": 2_000, "default": 2 });
    let row = json!({
        "type": "object", "additionalProperties": text(), "maxProperties": limits::LOOK_CELLS_MAX,
        "description": "Cells of a row of the point table by the header of their column, as they would read a source in force; the \
            answer is one value",
    });
    let fields = [
        ("source", source()),
        ("url", or_null(text())),
        ("nodes", or_null(nodes)),
        ("registers", or_null(registers)),
        ("count", or_null(entries)),
        ("row", or_null(row)),
    ];
    body(fields, &[])
}

fn value() -> Value {
    object([
        ("address", text()),
        ("value", or_null(text())),
        ("number", or_null(number())),
        ("severity", codes(&["good", "uncertain", "bad"])),
        ("quality_name", text()),
        ("source_time", or_null(time())),
    ])
}

fn registers() -> Value {
    let signed = json!({ "type": "integer", "minimum": i16::MIN, "maximum": i16::MAX });
    let bit = object([("address", text()), ("value", boolean())]);
    let word =
        object([("address", text()), ("hex", text()), ("u16", count()), ("i16", signed), ("bcd16", or_null(number()))]);
    let meant = object([("data", text()), ("value", or_null(number()))]);
    let order = object([("order", text()), ("values", list(meant))]);
    let group = object([("address", text()), ("registers", count()), ("hex", text()), ("orders", list(order))]);
    object([
        ("of", codes(&["registers"])),
        ("bits", list(bit)),
        ("words", list(word)),
        ("groups", list(group)),
        ("text", text()),
    ])
}

fn propose() -> Value {
    let found = body(
        [
            ("path", json!({ "type": "array", "items": text(), "maxItems": limits::LOOK_DEPTH_MAX })),
            ("name", text()),
            ("address", text()),
            ("node", text()),
            ("engineering_unit", text()),
            ("range", or_null(pair())),
        ],
        &["path", "name", "address"],
    );
    let found = json!({ "type": "array", "items": found, "minItems": 1, "maxItems": limits::LOOK_ROWS_MAX });
    let taken = json!({ "type": "array", "items": text(), "description": "Ids of rows on their way into the table" });
    body([("source", text()), ("found", found), ("taken", taken)], &["source", "found"])
}

fn proposed() -> Value {
    let cells = json!({
        "type": "object", "additionalProperties": text(),
        "description": "The cells that are not empty, by the English names of the columns of `tags.csv`",
    });
    object([("cells", cells), ("known", boolean())])
}

fn loop_row() -> Value {
    let limits = json!({
        "type": "array", "items": or_null(number()), "minItems": 4, "maxItems": 4, "description": "LL, L, H, HH",
    });
    object([
        ("tag", text()),
        ("name", text()),
        ("source", text()),
        ("address", text()),
        ("engineering_unit", text()),
        ("range", or_null(pair())),
        ("limits", limits),
        ("check", or_null(named("LoopCheck"))),
    ])
}

fn loop_check() -> Value {
    object([
        ("result", named("LoopResult")),
        ("points", list(named("LoopPoint"))),
        ("note", text()),
        ("by", text()),
        ("at", time()),
    ])
}

fn check_loop() -> Value {
    let points = json!({ "type": "array", "items": named("LoopPoint"), "maxItems": limits::LOOP_POINTS_MAX });
    let note = json!({ "type": "string", "maxLength": TEXT_MAX, "description": "Needed where the result is `fail`" });
    body([("by", text()), ("result", named("LoopResult")), ("points", points), ("note", note)], &["result"])
}

fn source() -> Value {
    json!({
        "type": ["string", "null"],
        "description": "A source in force, with its security, user and certificates. Either this or `url`, a server or device as anybody \
            may see it",
    })
}

fn percent() -> Value {
    json!({ "type": "number", "minimum": limits::LOOP_PERCENT_MIN, "maximum": limits::LOOP_PERCENT_MAX })
}

fn pair() -> Value {
    json!({ "type": "array", "items": number(), "minItems": 2, "maxItems": 2 })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn codes(codes: &[&str]) -> Value {
    json!({ "type": "string", "enum": codes })
}
