//! The schemas of updates of the gateway itself.

use super::{
    named,
    wire::{body, boolean, count, object, or_null, text, time},
};
use serde_json::{Map, Value, json};

/// The steps of an installation.
const STEPS: [&str; 4] = ["verifying", "looking_at_configuration", "backing_up", "installing"];

/// Why a release may not be installed.
const REFUSALS: [&str; 11] = [
    "no_key",
    "foreign",
    "unknown_key",
    "changed",
    "cut_short",
    "other_target",
    "not_later",
    "too_far",
    "no_way_back",
    "configuration",
    "does_not_run",
];

pub(super) fn schemas() -> Map<String, Value> {
    let all = [
        ("UpdateState", state()),
        ("ReleaseOutcome", object([("version", text()), ("at", time()), ("confirmed", boolean()), ("words", text())])),
        ("ReceivedRelease", received()),
        ("InstallUpdate", body([("by", text()), ("reason", text())], &[])),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn state() -> Value {
    let keys = json!({
        "type": "array", "items": text(),
        "description": "Public keys of those whose releases are installed; without one none is",
    });
    object([
        ("version", text()),
        ("target", text()),
        ("keys", keys),
        ("active", or_null(text())),
        ("previous", or_null(text())),
        ("trial", or_null(text())),
        ("last", or_null(named("ReleaseOutcome"))),
        (
            "step",
            json!({ "type": ["string", "null"], "enum": STEPS.map(Some).into_iter().chain([None]).collect::<Vec<_>>() }),
        ),
        ("received", or_null(named("ReceivedRelease"))),
    ])
}

fn received() -> Value {
    object([
        ("bytes", count()),
        ("version", or_null(text())),
        ("notes_zh", text()),
        ("notes_en", text()),
        ("key", or_null(text())),
        (
            "refused",
            json!({ "type": ["string", "null"], "enum": REFUSALS.map(Some).into_iter().chain([None]).collect::<Vec<_>>() }),
        ),
        ("detail", text()),
    ])
}
