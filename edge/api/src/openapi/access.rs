//! The schemas of users, tokens and sessions.

use super::{
    named,
    wire::{body, boolean, count, object, or_null, text, time},
};
use davy_access::{
    NAME_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Permission, Role, TOKEN_DAYS_MAX, TOKEN_NETWORKS_MAX,
};
use serde_json::{Map, Value, json};

pub(super) fn schemas() -> Map<String, Value> {
    let named_schemas = [
        ("AccessRole", codes(Role::ALL.map(Role::code).as_slice())),
        ("Permission", codes(Permission::ALL.map(Permission::code).as_slice())),
        ("Session", session()),
        ("LogIn", body([("name", text()), ("password", text())], &["name", "password"])),
        ("LogOut", body([("everywhere", json!({ "type": "boolean", "default": false }))], &[])),
        ("Confirm", body([("password", text())], &["password"])),
        ("Nothing", body([], &[])),
        ("OwnPassword", body([("old", text()), ("new", password())], &["old", "new"])),
        ("SetUp", body([("code", text()), ("name", name()), ("password", password())], &["code", "name", "password"])),
        ("UserView", object([("name", text()), ("role", role()), ("made_at", time()), ("password_at", time())])),
        (
            "AddUser",
            body(
                [("by", text()), ("name", name()), ("role", role()), ("password", password()), ("reason", text())],
                &["name", "role", "password"],
            ),
        ),
        ("ChangeRole", body([("by", text()), ("role", role()), ("reason", text())], &["role"])),
        ("ChangePassword", body([("by", text()), ("password", password()), ("reason", text())], &["password"])),
        ("Remove", body([("by", text()), ("reason", text())], &[])),
        (
            "TokenView",
            object([
                ("name", text()),
                ("role", role()),
                ("made_at", time()),
                ("made_by", text()),
                ("ends_at", or_null(time())),
                ("scopes", scopes()),
                ("networks", networks()),
            ]),
        ),
        ("AddToken", add_token()),
        ("TokenMade", token_made()),
    ];
    named_schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn session() -> Value {
    let who = json!({ "type": "string", "enum": ["demo", "nobody", "panel", "user", "token"] });
    object([
        ("who", who),
        ("name", or_null(text())),
        ("role", or_null(role())),
        ("permissions", json!({ "type": "array", "items": named("Permission") })),
        ("password_again", boolean()),
        ("idle_in_s", or_null(count())),
        ("ends_in_s", or_null(count())),
        ("awaits_setup", boolean()),
        ("notice", or_null(text())),
    ])
}

fn add_token() -> Value {
    let days = json!({
        "type": ["integer", "null"], "minimum": 1, "maximum": TOKEN_DAYS_MAX,
        "description": "Ends after so many days; without it when it is removed",
    });
    let fields = [
        ("by", text()),
        ("name", name()),
        ("role", role()),
        ("days", days),
        ("scopes", scopes()),
        ("networks", networks()),
        ("reason", text()),
    ];
    body(fields, &["name", "role"])
}

fn scopes() -> Value {
    json!({
        "type": "array", "items": named("Permission"),
        "description": "What of its role it may; all of it where none is named",
    })
}

fn networks() -> Value {
    json!({
        "type": "array", "maxItems": TOKEN_NETWORKS_MAX, "items": { "type": "string" },
        "description": "From where it may be shown, as `10.1.2.3` or `10.1.2.0/24`; from anywhere where none is named",
    })
}

fn token_made() -> Value {
    let token = json!({ "type": "string", "description": "Given out this once; only its hash is kept" });
    object([("name", text()), ("role", role()), ("ends_at", or_null(time())), ("token", token)])
}

fn role() -> Value {
    named("AccessRole")
}

fn codes(all: &[&str]) -> Value {
    json!({ "type": "string", "enum": all })
}

fn name() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": NAME_CHARS_MAX })
}

fn password() -> Value {
    json!({ "type": "string", "minLength": PASSWORD_CHARS_MIN, "maxLength": PASSWORD_CHARS_MAX })
}
