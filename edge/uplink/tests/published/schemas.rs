//! The JSON Schemas: one for each kind of record, one for the announcement of the link, one for the envelope,
//! one for the packet of evidence, which is fetched and not sent.

use davy_core::record::*;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

/// Every file of schemas: its name, and the schema.
pub(crate) fn all() -> Vec<(String, Value)> {
    let records = kinds().map(|kind| (format!("{kind}.json"), record(kind)));
    let others = [
        ("link.json".to_owned(), link()),
        ("cloudevent.json".to_owned(), envelope()),
        ("receipts.json".to_owned(), receipts()),
        ("evidence_packet.json".to_owned(), identified("evidence_packet", of::<EvidencePacket>())),
    ];
    records.chain(others).collect()
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
            "id": text("`{gateway_id}/{epoch}/{seq}`, the same on every resend; an announcement ends in `online` or `will`; samples are known by their place in the recording, `{gateway_id}/{epoch}/samples/{recording}/{place}`.", "^[^/]+/[0-9]+/([0-9]+|online|will|samples/[0-9]+/[0-9]+)$"),
            "source": text("`/davy/{company_code}/{gateway_id}`.", "^/davy/[^/]+/[^/]+$"),
            "type": text("`davy.{kind}.v1`, or `davy.link.v1` for an announcement.", "^davy\\.[a-z_]+\\.v1$"),
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
