//! The schemas of what is on the wire beside the records; tests hold them against real answers.

use crate::{limits, problem::Kind};
use davy_core::{
    limits::{STOP_MAX_MS, TEXT_MAX},
    record::Record,
};
use serde_json::{Map, Value, json};

pub(super) fn paging() -> Vec<Value> {
    vec![
        json!({
            "name": "limit",
            "in": "query",
            "description": "Rows on the page",
            "schema": {
                "type": "integer", "minimum": 1, "maximum": limits::PAGE_ROWS_MAX, "default": limits::PAGE_ROWS,
            },
        }),
        json!({ "name": "after", "in": "query", "description": "The `next` of the page before", "schema": text() }),
    ]
}

pub(super) fn kind() -> Value {
    json!({ "name": "kind", "in": "query", "description": "Only rows of this kind", "schema": kinds() })
}

pub(super) fn format() -> Value {
    json!({
        "name": "format",
        "in": "query",
        "description": "`csv` gives the whole table as a file, as `Accept: text/csv` does",
        "schema": { "type": "string", "enum": ["json", "csv"], "default": "json" },
    })
}

/// What of the stream.
pub(super) fn following() -> Vec<Value> {
    vec![
        json!({
            "name": "changes",
            "in": "query",
            "description": "Of lists only the rows that have changed, with the order of all where that has",
            "schema": { "type": "boolean", "default": false },
        }),
        json!({
            "name": "after",
            "in": "query",
            "description": "The id of the last event that was got, where `Last-Event-ID` does not say it",
            "schema": { "type": "string" },
        }),
        json!({
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The id of the last event that was got; what has changed since comes first, or everything",
            "schema": { "type": "string" },
        }),
    ]
}

fn kinds() -> Value {
    json!({ "type": "string", "enum": Record::KINDS })
}

/// A page of rows, ordered by key.
pub(super) fn page(row: &Value) -> Value {
    object([("items", json!({ "type": "array", "items": row })), ("next", or_null(text()))])
}

pub(super) fn schemas() -> Map<String, Value> {
    let named = [
        ("SourceRow", source()),
        ("Quarantine", object([("items", json!({ "type": "array", "items": quarantined() }))])),
        ("UplinkRow", uplink()),
        ("UplinkProgress", progress()),
        ("ParkedRow", parked()),
        ("CertificateView", certificate()),
        ("Oddity", object([("count", count()), ("latest_at", or_null(time())), ("latest", text())])),
        ("TagView", tag()),
        ("PersonView", person()),
        ("PlanView", plan()),
        (
            "ZoneView",
            object([("zone", text()), ("name", text()), ("unit", or_null(text())), ("people_count", count())]),
        ),
        (
            "RosterRow",
            object([
                ("id", text()),
                ("name", text()),
                ("post", or_null(text())),
                ("department", or_null(text())),
                ("contractor", or_null(text())),
            ]),
        ),
        ("SiteMap", site_map()),
        ("JournalEntry", journal()),
        ("Signed", body([("by", text())], &[])),
        ("Reference", attachment()),
        ("Accept", body([("by", text()), ("attachments", attachments())], &[])),
        ("Finish", finish()),
        ("Cancel", body([("by", text()), ("reason", text())], &["reason"])),
        ("Attach", body([("by", text()), ("attachment", reference("Reference"))], &["attachment"])),
        ("Review", review()),
        ("Shelve", shelve()),
        ("Reasoned", body([("by", text()), ("reason", reason())], &["reason"])),
        ("Stop", stop()),
        ("Status", object([("status", text())])),
        ("Document", json!({ "type": "object" })),
        ("Problem", problem()),
    ];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn reason() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": TEXT_MAX, "description": "Why, in words; it stands beside the rule as long as it is hidden" })
}

fn shelve() -> Value {
    let for_s = json!({
        "type": "integer", "minimum": 1,
        "description": "For so many seconds, at most `shelve_max_s` of `/api/v1/system`",
    });
    let one_shot = json!({
        "type": "boolean", "default": false, "description": "Whether it ends earlier, when the alarm returns to normal",
    });
    let fields = [("by", text()), ("for_s", for_s), ("one_shot", one_shot), ("reason", reason())];
    body(fields, &["for_s", "reason"])
}

fn stop() -> Value {
    let for_s = json!({
        "type": ["integer", "null"], "minimum": 1, "maximum": STOP_MAX_MS / 1_000,
        "description": "Ends by itself after so many seconds; without it the unit is stopped until somebody resumes it",
    });
    body([("by", text()), ("for_s", for_s), ("reason", reason())], &["reason"])
}

fn source() -> Value {
    object([
        ("source", text()),
        ("name", text()),
        ("kind", json!({ "type": "string", "enum": ["opc_ua", "modbus", "mqtt", "board"] })),
        ("up", boolean()),
        ("detail", text()),
        ("since", or_null(time())),
        ("connects", count()),
        ("taken", count()),
        ("last_received", or_null(time())),
        ("malformed", reference("Oddity")),
        ("unknown", reference("Oddity")),
        ("outdated", reference("Oddity")),
        ("bad_quality", count()),
        ("notes", json!({ "type": "array", "items": text() })),
    ])
}

fn quarantined() -> Value {
    object([("received_time", time()), ("topic", text()), ("reason", text()), ("payload", text())])
}

fn uplink() -> Value {
    object([
        ("uplink", text()),
        ("name", text()),
        ("up", boolean()),
        ("detail", text()),
        ("since", or_null(time())),
        ("connects", count()),
        ("recording", or_null(count())),
        ("head", count()),
        ("acknowledged", count()),
        ("backlog", count()),
        ("earlier", count()),
        ("parked", count()),
        ("last_acknowledged", or_null(time())),
    ])
}

fn progress() -> Value {
    let lane = object([
        ("lane", json!({ "type": "string", "enum": ["live", "backfill"] })),
        ("acknowledged_until", count()),
        ("due", or_null(count())),
        ("backlog", count()),
        ("in_flight", count()),
    ]);
    let oldest = object([("id", text()), ("seq", count()), ("kind", kinds()), ("at", time())]);
    let receipts = object([("from", time()), ("acknowledged", count()), ("refused", count())]);
    object([
        ("lanes", json!({ "type": "array", "items": lane })),
        ("oldest", or_null(oldest)),
        ("receipts", json!({ "type": "array", "items": receipts, "description": "Ten minutes each" })),
    ])
}

fn parked() -> Value {
    object([
        ("id", text()),
        ("seq", count()),
        ("lane", json!({ "type": "string", "enum": ["live", "backfill"] })),
        ("reason", text()),
        ("since", time()),
        ("tries", count()),
        ("next", time()),
    ])
}

fn certificate() -> Value {
    let texts = || json!({ "type": "array", "items": text() });
    object([
        ("standing", json!({ "type": "string", "enum": ["own", "trusted", "rejected"] })),
        ("sha256", text()),
        ("sha1", text()),
        ("subject", text()),
        ("issuer", text()),
        ("not_before", time()),
        ("not_after", time()),
        ("uris", texts()),
        ("hosts", texts()),
        ("key_bits", count()),
        ("source", or_null(text())),
        ("endpoint", or_null(text())),
        ("seen_at", or_null(time())),
        ("decided_by", or_null(text())),
        ("decided_at", or_null(time())),
    ])
}

fn tag() -> Value {
    let range = json!({ "type": ["array", "null"], "items": number(), "minItems": 2, "maxItems": 2 });
    object([
        ("tag", text()),
        ("name", text()),
        ("source", text()),
        ("unit", or_null(text())),
        ("engineering_unit", text()),
        ("range", range),
        ("value", or_null(number())),
        ("quality", count()),
        ("severity", json!({ "type": "string", "enum": ["good", "uncertain", "bad"] })),
        ("quality_name", text()),
        (
            "device_status",
            json!({ "type": ["string", "null"], "enum": ["failure", "function_check", "out_of_specification", null] }),
        ),
        ("limited", json!({ "type": ["string", "null"], "enum": ["low", "high", "constant", null] })),
        ("source_time", or_null(time())),
        ("source_time_replaced", boolean()),
        ("received_time", or_null(time())),
    ])
}

fn finish() -> Value {
    let fields =
        [("by", text()), ("result", reference("TaskResult")), ("note", text()), ("attachments", attachments())];
    body(fields, &["result"])
}

fn review() -> Value {
    let fields = [
        ("by", text()),
        ("verdict", reference("Verdict")),
        ("note", text()),
        ("danger_level", or_null(reference("DangerLevel"))),
        ("manage_type", or_null(reference("ManageType"))),
        ("liable_person", or_null(text())),
        ("deadline", or_null(time())),
    ];
    body(fields, &["verdict", "note"])
}

/// A note or a photo by reference: where it is, or its id in the system that keeps it.
fn attachment() -> Value {
    body([("uri", text()), ("media_type", text()), ("sha256", or_null(text()))], &["uri", "media_type"])
}

fn attachments() -> Value {
    json!({ "type": "array", "items": reference("Reference") })
}

fn plan() -> Value {
    object([
        ("plan", text()),
        ("measure", text()),
        ("unit", text()),
        ("content", text()),
        ("role", reference("Role")),
        ("duty_item", or_null(count())),
        ("cycle", count()),
        ("cycle_unit", json!({ "type": "string", "enum": ["hour", "day", "month", "year"] })),
        ("last", or_null(time())),
        ("next", or_null(time())),
        ("waits_for_clock", boolean()),
        ("open", json!({ "type": "array", "items": text() })),
    ])
}

fn person() -> Value {
    object([
        ("id", text()),
        ("name", text()),
        ("zone", or_null(text())),
        ("post", or_null(text())),
        ("department", or_null(text())),
        ("contractor", or_null(text())),
        ("in_zone_since", or_null(time())),
        ("place_unknown", boolean()),
        ("position", or_null(object([("x", number()), ("y", number()), ("floor", json!({ "type": "integer" }))]))),
        ("sos", boolean()),
        ("battery_percent", or_null(count())),
        ("received_time", time()),
    ])
}

fn journal() -> Value {
    let record = json!({ "type": "object", "description": "The record of the row's kind, as it was committed" });
    object([("id", text()), ("seq", count()), ("at", time()), ("kind", kinds()), ("record", record)])
}

fn site_map() -> Value {
    let point = json!({ "type": "array", "items": number(), "minItems": 2, "maxItems": 2 });
    let ring = json!({ "type": "array", "items": point });
    let rings = json!({
        "type": "array", "items": ring,
        "description": "Closed rings of x and y in metres to the east and north; what lies within an odd number of them is in the zone",
    });
    let floor = json!({ "type": ["integer", "null"] });
    let zone = object([("zone", text()), ("floor", floor), ("rings", rings)]);
    let edges = [("west", number()), ("south", number()), ("east", number()), ("north", number())];
    let camera = object([("camera", text()), ("name", text()), ("zone", or_null(text()))]);
    object([
        ("zones", json!({ "type": "array", "items": zone })),
        ("plan", or_null(object(edges))),
        ("cameras", json!({ "type": "array", "items": camera })),
    ])
}

fn problem() -> Value {
    let codes: Vec<&str> = Kind::ALL.iter().map(|kind| kind.code()).collect();
    let properties = [
        ("type", text()),
        ("title", text()),
        ("status", count()),
        ("detail", text()),
        ("code", json!({ "type": "string", "enum": codes })),
        ("advice", text()),
        ("reasons", json!({ "type": "array", "items": text() })),
        ("findings", json!({ "type": "array", "items": reference("Finding") })),
    ];
    let mut schema = object(properties);
    schema["required"] = json!(["type", "title", "status", "detail", "code", "advice"]);
    schema
}

/// An object in which every property is always there.
pub(super) fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// A body: anything else in it is refused.
pub(super) fn body<const N: usize>(properties: [(&str, Value); N], required: &[&str]) -> Value {
    let mut schema = object(properties);
    schema["required"] = json!(required);
    schema["additionalProperties"] = json!(false);
    schema
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The same, or null. A reference has no type of its own that could be widened.
pub(super) fn or_null(mut schema: Value) -> Value {
    if schema.get("$ref").is_some() {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    let kind = schema["type"].take();
    schema["type"] = json!([kind, "null"]);
    schema
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn number() -> Value {
    json!({ "type": "number" })
}

pub(super) fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}
