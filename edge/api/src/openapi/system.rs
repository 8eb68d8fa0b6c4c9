//! The schemas of the gateway itself: what it has in use, its log, the files that a person takes away.

use super::{
    named,
    wire::{body, boolean, count, number, object, or_null, text, time},
};
use crate::logs::LogLevel;
use serde_json::{Map, Value, json};

/// Which lines of the log.
pub(super) fn of_log() -> [Value; 2] {
    [
        json!({
            "name": "level", "in": "query", "description": "Only lines so grave, or graver", "schema": named("LogLevel"),
        }),
        json!({
            "name": "contains", "in": "query", "description": "Only lines that say this, in capitals or not",
            "schema": text(),
        }),
    ]
}

pub(super) fn schemas() -> Map<String, Value> {
    let all = [
        ("System", system()),
        ("PageCertificate", certificate()),
        ("LastBackup", object([("at", time()), ("bytes", count()), ("sha256", text())])),
        ("Resources", resources()),
        ("ResourceSample", sample()),
        ("LogLevel", json!({ "type": "string", "enum": LogLevel::CODES })),
        (
            "LogLine",
            object([
                ("seq", count()),
                ("at", time()),
                ("level", named("LogLevel")),
                ("target", text()),
                ("text", text()),
            ]),
        ),
        ("TakeBackup", take_backup()),
        ("MakeBundle", make_bundle()),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn system() -> Value {
    let gateway = [("company_code", text()), ("gateway_id", text()), ("name", text()), ("config_version", text())];
    object([
        ("gateway", object(gateway)),
        ("epoch", count()),
        ("started_at", time()),
        ("at", time()),
        ("version", text()),
        ("board", text()),
        (
            "utc_offset_min",
            json!({ "type": "integer", "description": "The local time of the site, in minutes ahead of UTC" }),
        ),
        ("shelve_max_s", count()),
        ("journal", object([("head", count()), ("durable", boolean()), ("detail", text())])),
        ("disk", object([("written_bytes", or_null(count())), ("written_bytes_a_day", or_null(count()))])),
        ("certificate", or_null(named("PageCertificate"))),
        ("last_backup", or_null(named("LastBackup"))),
        ("panel", named("Panel")),
    ])
}

fn certificate() -> Value {
    let own = json!({ "type": "boolean", "description": "Whether the gateway has made it, or the site" });
    object([
        ("own", own),
        ("sha256", text()),
        ("subject", text()),
        ("issuer", text()),
        ("hosts", json!({ "type": "array", "items": text() })),
        ("not_before", time()),
        ("not_after", time()),
    ])
}

fn resources() -> Value {
    let cpu = json!({
        "type": ["number", "null"], "description": "Of one core, in percent, over the last moments",
    });
    let load = json!({ "type": ["array", "null"], "items": number(), "minItems": 3, "maxItems": 3 });
    let disk = object([
        ("total_bytes", or_null(count())),
        ("free_bytes", or_null(count())),
        ("journal_bytes", count()),
        ("recording_bytes", count()),
        ("history_bytes", count()),
        ("evidence_bytes", count()),
    ]);
    object([
        ("at", time()),
        ("up_s", count()),
        ("box_up_s", or_null(count())),
        ("cpu_percent", cpu),
        ("cpu_s", or_null(number())),
        ("cores", count()),
        ("load", load),
        ("memory_bytes", or_null(count())),
        ("memory_peak_bytes", or_null(count())),
        ("box_memory_bytes", or_null(count())),
        ("box_memory_available_bytes", or_null(count())),
        ("threads", or_null(count())),
        ("open_files", or_null(count())),
        ("open_files_max", or_null(count())),
        ("inbox", object([("waiting", count()), ("room", count())])),
        ("disk", disk),
        ("history", json!({ "type": "array", "items": named("ResourceSample") })),
    ])
}

fn sample() -> Value {
    object([
        ("at", time()),
        ("cpu_percent", or_null(number())),
        ("memory_bytes", or_null(count())),
        ("waiting", count()),
        ("free_bytes", or_null(count())),
    ])
}

fn take_backup() -> Value {
    let samples = json!({
        "type": "boolean", "default": false,
        "description": "Whether the recording and the history of the tags are in it, which are large",
    });
    body([("by", text()), ("samples", samples), ("reason", text())], &[])
}

fn make_bundle() -> Value {
    let names = json!({
        "type": "boolean", "default": false, "description": "Whether people's names stay in it",
    });
    body([("by", text()), ("names", names), ("reason", text())], &[])
}
