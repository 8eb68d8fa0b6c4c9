//! The JSON Schemas: one for each kind of record, one for the announcement of the link, one for the envelope,
//! one for the packet of evidence, which is fetched and not sent.

use davy_core::record::*;
use davy_uplink::commands::{Receipt, asks::*, poll::CommandList};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

/// Every file of schemas: its name, and the schema.
pub(crate) fn all() -> Vec<(String, Value)> {
    let records = kinds().map(|kind| (format!("{kind}.json"), record(kind)));
    let others = [
        ("link.json".to_owned(), link()),
        ("cloudevent.json".to_owned(), envelope()),
        ("receipts.json".to_owned(), receipts()),
        ("reply.json".to_owned(), reply()),
        ("command.json".to_owned(), command()),
        ("command_list.json".to_owned(), identified("command_list", of::<CommandList>())),
        ("evidence_packet.json".to_owned(), identified("evidence_packet", of::<EvidencePacket>())),
    ];
    let asks = asks().into_iter().map(|(kind, schema)| (format!("command_{kind}.json"), schema));
    records.chain(others).chain(asks).collect()
}

/// The kinds of message: each record's, and that of samples.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    Record::KINDS.iter().copied().chain(["sample"])
}

/// The schema of a kind's `data`.
pub(crate) fn record(kind: &str) -> Value {
    let schema = match kind {
        "alarm" => of::<AlarmRecord>(),
        "measure" => of::<MeasureRecord>(),
        "warning" => of::<WarningRecord>(),
        "unit" => of::<UnitRecord>(),
        "task" => of::<TaskRecord>(),
        "hazard" => of::<HazardRecord>(),
        "hidden" => of::<HiddenRecord>(),
        "change" => of::<ChangeRecord>(),
        "person" => of::<PersonRecord>(),
        "ticket" => of::<TicketRecord>(),
        "gap" => of::<GapRecord>(),
        "evidence" => of::<EvidenceRecord>(),
        "status" => of::<StatusRecord>(),
        "audit" => of::<AuditRecord>(),
        "sample" => of::<davy_uplink::SampleBatch>(),
        _ => panic!("name the record of the kind `{kind}` here"),
    };
    identified(kind, schema)
}

/// The schema of what a receiver over HTTP answers, from the types that read it.
pub(crate) fn receipts() -> Value {
    identified("receipts", of::<davy_uplink::http::receipts::Receipts>())
}

/// The schema of what a platform is told of its command.
pub(crate) fn reply() -> Value {
    identified("reply", of::<Receipt>())
}

/// The schemas of the `data` of each kind of command, from the types that read them.
pub(crate) fn asks() -> Vec<(&'static str, Value)> {
    let schemas = [
        ("acknowledge", of::<AcknowledgeAsk>()),
        ("task", of::<TaskAsk>()),
        ("hazard", of::<HazardAsk>()),
        ("stop", of::<StopAsk>()),
        ("ticket", of::<TicketAsk>()),
        ("risk_model", of::<RiskModelAsk>()),
    ];
    schemas.map(|(kind, schema)| (kind, identified(&format!("command_{kind}"), schema))).to_vec()
}

/// The schema of the claims of a command.
pub(crate) fn command() -> Value {
    let kinds = asks();
    let of_kind = |(kind, _): &(&str, Value)| {
        json!({
            "if": { "properties": { "kind": { "const": kind } } },
            "then": { "properties": { "data": { "$ref": format!("urn:davy:schema:command_{kind}:v1") } } },
        })
    };
    let date = |description: &str| json!({ "type": "number", "description": description });
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Command",
        "description": "The claims of a command: the payload of a JWS in compact serialisation (RFC 7515, 7.1) whose header has `alg` `EdDSA` (RFC 8037) and as `kid` the name of the gateway's file with the public key, up to its first dot. Further claims are ignored.",
        "type": "object",
        "properties": {
            "jti": { "type": "string", "description": "The command's own id. Sent again under the same id it is answered with the same and done no second time; an id never stands for another command.", "pattern": "^[!-~]{1,64}$" },
            "iss": { "type": "string", "description": "Who issues it; not looked at." },
            "aud": { "description": "`{company_code}/{gateway_id}`, or a list with it.", "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
            "iat": date("When it was made, in seconds since 1970; at most 120 s ahead of the gateway's clock."),
            "exp": date("Until when it may be done; at most 7 days after `iat`."),
            "nbf": date("Not before."),
            "kind": { "enum": kinds.iter().map(|(kind, _)| kind).collect::<Vec<_>>() },
            "by": { "type": "string", "description": "The person on the platform; in the journal `platform:{kid}/{by}`.", "minLength": 1, "maxLength": 100 },
            "data": { "type": "object", "description": "As the schema of its kind says." },
        },
        "required": ["jti", "aud", "iat", "exp", "kind", "by", "data"],
        "allOf": kinds.iter().map(of_kind).collect::<Vec<_>>(),
    });
    identified("command", schema)
}

/// The schema of an announcement's `data`.
pub(crate) fn link() -> Value {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Announcement",
        "description": "Whether the gateway is connected. Retained on the live lane's status topic; not a row of the journal.",
        "type": "object",
        "properties": {
            "link": { "enum": ["online", "offline"] },
            "at": { "type": "string", "description": "When it was connected; for `offline` as the last will, when the connection that has ended began." },
        },
        "required": ["link", "at"],
    });
    identified("link", schema)
}

/// The schema of a whole message.
pub(crate) fn envelope() -> Value {
    let text =
        |description: &str, pattern: &str| json!({ "type": "string", "description": description, "pattern": pattern });
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Message",
        "description": "A CloudEvents 1.0 event in structured JSON. A consumer that upserts by `id` sees each row of the journal exactly once.",
        "type": "object",
        "properties": {
            "specversion": { "const": "1.0" },
            "id": text("`{gateway_id}/{epoch}/{seq}`, the same on every resend; an announcement ends in `online` or `will`, a receipt in `reply`, or in `reused` when its command has the id of another one; samples are known by their place in the recording, `{gateway_id}/{epoch}/samples/{recording}/{place}`.", "^[^/]+/[0-9]+/([0-9]+(/(reply|reused))?|online|will|samples/[0-9]+/[0-9]+)$"),
            "source": text("`/davy/{company_code}/{gateway_id}`.", "^/davy/[^/]+/[^/]+$"),
            "type": text("`davy.{kind}.v1`, `davy.link.v1` for an announcement, or `davy.reply.v1` for a receipt.", "^davy\\.[a-z_]+\\.v1$"),
            "time": text("When the row was written, RFC 3339 in UTC with milliseconds.", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"),
            "datacontenttype": { "const": "application/json" },
            "dataschema": text("The `$id` of the schema of `data`.", "^urn:davy:schema:[a-z_]+:v1$"),
            "subject": { "type": "string", "description": "The id of the object that the record is about, where it has one." },
            "sequence": text("The row's place in the journal in 20 digits; absent in an announcement. Of two states of one object the greater is the newer, in whatever lane they came, within one epoch.", "^[0-9]{20}$"),
            "lane": { "enum": ["live", "backfill"] },
            "link": { "enum": ["online", "offline"], "description": "On the live lane's status topic only: whether the gateway is connected." },
            "data": { "type": "object", "description": "The record, exactly as the journal holds it." },
        },
        "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "dataschema", "lane", "data"],
    });
    identified("cloudevent", schema)
}

fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// With its `$id`, the `dataschema` of the messages.
fn identified(kind: &str, mut schema: Value) -> Value {
    schema["$id"] = format!("urn:davy:schema:{kind}:v1").into();
    schema
}
