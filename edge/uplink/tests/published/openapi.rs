//! The OpenAPI document of the receiver: what an enterprise platform implements to be an uplink over HTTP.

use serde_json::{Value, json};

/// The document.
pub(crate) fn document() -> Value {
    let refused = |what: &str| json!({ "description": what });
    let receipts = json!({ "application/json": { "schema": { "$ref": "./receipts.json" } } });
    let wait = json!({
        "Retry-After": { "schema": { "type": "string" }, "description": "Seconds, or an HTTP date (RFC 9110, 10.2.3); at most 600 s are waited." }
    });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Davy, HTTP north: the receiver",
            "version": "1.0.0",
            "license": { "name": "Apache-2.0" },
            "description": DESCRIPTION,
        },
        "paths": { "/": { "post": {
            "summary": "Take a batch of events; the address is the uplink's `url`",
            "parameters": [
                parameter("Idempotency-Key", false, "`{gateway_id}/{epoch}/{lane}/{first}-{last}`, with a third number where rows between are settled already; `{gateway_id}/{epoch}/parked/{seq}-{tries}` for a row that was refused before. The same rows have the same key, and a key never stands for other rows. An answer in which a row is put off is not to be kept under it. A question has none."),
                parameter("Content-Encoding", false, "`gzip`, `zstd` or absent, as the uplink is configured."),
                parameter("Authorization", false, "`Bearer` and the uplink's token, where it has one."),
            ],
            "requestBody": {
                "required": true,
                "content": { "application/cloudevents-batch+json": { "schema": {
                    "type": "array",
                    "description": "Rows of one lane, in order; none in a question whether the receiver is there.",
                    "items": { "$ref": "./cloudevent.json" },
                    "maxItems": 1000,
                } } },
            },
            "responses": {
                "200": { "description": "Without a body or with `{}`: every row is taken for good. With receipts: row by row. Anything else is no answer, and nothing counts as taken.", "content": receipts.clone() },
                "204": refused("Every row is taken for good."),
                "400": { "description": "Something in the batch cannot be read. With receipts: row by row. Without: the batch is halved until the row is found, which is then parked.", "content": receipts.clone() },
                "401": refused("Who asks is not known. Tried again slowly; nothing is lost."),
                "403": refused("As 401."),
                "413": refused("The batch is too large: it comes again in halves; a single row that is too large is parked."),
                "422": { "description": "As 400.", "content": receipts },
                "429": { "description": "Too much: nothing is sent for so long. A second such answer without a row taken between counts as a lost link.", "headers": wait.clone() },
                "503": { "description": "As 429; without the header as 5XX.", "headers": wait },
                "3XX": refused("Redirects are not followed."),
                "5XX": refused("Nothing is taken: the batch comes again, after half a second to five. A row that can never be taken is to be refused in a receipt: answered with 500 it holds up its lane."),
            },
        } },
        "/commands": { "get": {
            "summary": "Give the commands that have no receipt yet; the address is the `url` of the uplink's `commands`. Asked for only where that is configured",
            "parameters": [parameter("Authorization", false, "As above.")],
            "responses": {
                "200": { "description": "Commands in the order in which they are to be done.", "content": { "application/json": { "schema": { "$ref": "./command_list.json" } } } },
                "204": refused("There are none."),
                "default": refused("Asked again after `every`."),
            },
        } },
        "/commands/receipts": { "post": {
            "summary": "Take receipts of commands",
            "parameters": [parameter("Authorization", false, "As above.")],
            "requestBody": {
                "required": true,
                "content": { "application/cloudevents-batch+json": { "schema": {
                    "type": "array",
                    "description": "Receipts, whose `data` is as ./reply.json says.",
                    "items": { "$ref": "./cloudevent.json" },
                    "maxItems": 32,
                } } },
            },
            "responses": {
                "2XX": refused("They are taken. A command whose receipt is not there is to be listed again: it is answered with the same and done no second time."),
                "default": refused("None is taken: they come again when their commands are listed again."),
            },
        } } },
    })
}

const DESCRIPTION: &str = "A gateway posts its journal in batches, at least once, at most one batch of a lane at a time.\n\n\
    - Upsert by `id`, in one transaction with what the answer says: then each row is there exactly once, whatever is sent again.\n\
    - A row counts as taken only by its receipt `accepted` or `duplicate`, or when the whole batch is.\n\
    - A row that is `refused` is kept by the gateway with the reason, shown to people, and tried again at growing intervals from a \
    minute to an hour, and when a person asks for it. It holds up no other row.\n\
    - A row that is put off (`later`, or without a receipt) comes again before any later row of its lane.\n\
    - Of two states of one object the one with the greater `sequence` is the newer, whichever came first.";

fn parameter(name: &str, required: bool, description: &str) -> Value {
    json!({ "name": name, "in": "header", "required": required, "description": description, "schema": { "type": "string" } })
}
