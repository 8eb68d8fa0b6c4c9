//! The schemas of the box: lamp, horn, relays, inputs, watchdogs.

use super::wire::{body, boolean, count, object, or_null, text, time};
use serde_json::{Map, Value, json};

pub(super) fn schemas() -> Map<String, Value> {
    let named = [("Panel", panel()), ("BoardTest", test())];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn panel() -> Value {
    let roles = ["lamp", "horn", "health", "alarm_relay", "horn_relay", "alive_led", "trouble_led"];
    let colours = json!({ "type": ["string", "null"], "enum": ["green", "blue", "yellow", "amber", "red", null] });
    let output = object([
        ("name", text()),
        ("role", json!({ "type": "string", "enum": roles })),
        ("colour", colours),
        ("state", json!({ "type": "string", "enum": ["off", "on", "pulsing"] })),
        ("trouble", or_null(text())),
    ]);
    let roles = ["acknowledge", "silence", "lamp_test", "power_fail", "current", "contact"];
    let input = object([
        ("name", text()),
        ("role", json!({ "type": "string", "enum": roles })),
        ("active", or_null(boolean())),
        ("trouble", or_null(text())),
    ]);
    let watchdog = object([("name", text()), ("fed", boolean()), ("timeout_s", or_null(count())), ("detail", text())]);
    let tested = object([("name", text()), ("on", boolean())]);
    let test = object([("by", text()), ("outputs", list(&tested)), ("ends_at", time())]);
    let alive = json!({
        "type": "boolean",
        "description": "Whether the loop that evaluates alarms is alive; the health relay says the same",
    });
    let hardware = json!({
        "type": "boolean",
        "description": "Whether lines are driven; otherwise lamp, horn and relays are on the page and in the log alone",
    });
    let troubles = json!({
        "type": "array", "items": text(), "description": "Everything that is wrong with the box: what, and what to do",
    });
    object([
        ("kind", text()),
        ("name", text()),
        ("hardware", hardware),
        ("alive", alive),
        ("outputs", list(&output)),
        ("inputs", list(&input)),
        ("watchdogs", list(&watchdog)),
        ("celsius", json!({ "type": ["integer", "null"] })),
        ("test", or_null(test)),
        ("troubles", troubles),
    ])
}

fn test() -> Value {
    let outputs = json!({
        "type": "object", "minProperties": 1, "additionalProperties": { "type": "boolean" },
        "description": "Each output by name, on or off; what is not named stays as it is. An output that shows an alarm cannot be switched off",
    });
    let seconds = json!({
        "type": "integer", "minimum": 1, "maximum": 60,
        "description": "Then everything is normal again, and earlier when there is anything new to show",
    });
    body([("by", text()), ("outputs", outputs), ("seconds", seconds)], &["outputs", "seconds"])
}

fn list(item: &Value) -> Value {
    json!({ "type": "array", "items": item })
}
