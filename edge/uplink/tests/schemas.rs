//! What is published about the messages, `docs/schemas`, is golden: `UPDATE_GOLDEN=1` rewrites it, and the difference is for
//! a person to read, because enterprises build on it. And what the engine really says, as it really goes up, satisfies it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;
mod published;

use davy_core::record::Record;
use davy_store::JournalRow;
use davy_uplink::{
    Lane,
    cloudevent::{Message, Origin, Presence},
    commands::Receipt,
};
use published::{asyncapi, openapi, records, schemas};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::Path};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas")
}

fn golden_files() -> Vec<(String, String)> {
    let pretty = |schema| serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let mut files: Vec<_> = schemas::all().into_iter().map(|(name, schema)| (name, pretty(schema))).collect();
    files.push(("uplink_http.json".to_owned(), pretty(openapi::document())));
    files.push(("asyncapi.yaml".to_owned(), asyncapi::render()));
    files
}

#[test]
fn what_is_published_is_as_signed() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut differing = BTreeSet::new();
    for (name, rendered) in golden_files() {
        let path = folder().join(&name);
        if fs::read_to_string(&path).ok().as_deref() != Some(&rendered) {
            if update {
                fs::write(&path, rendered).unwrap();
            }
            differing.insert(name);
        }
    }
    let known: BTreeSet<String> = golden_files().into_iter().map(|(name, _)| name).collect();
    differing.extend(ours_in_folder().filter(|name| !known.contains(name)));
    assert!(
        update || differing.is_empty(),
        "docs/schemas differs in {differing:?}; run again with UPDATE_GOLDEN=1 and read what changes"
    );
}

/// The files there that carry an id of ours, also those of kinds that are no more.
fn ours_in_folder() -> impl Iterator<Item = String> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let ours = files.filter(|file| fs::read_to_string(file.path()).unwrap().contains("\"$id\": \"urn:davy:schema:"));
    ours.map(|file| file.file_name().into_string().unwrap())
}

fn violations(schema: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn sent(message: &Message) -> Value {
    serde_json::from_slice(&message.payload).unwrap()
}

fn origin() -> Origin {
    Origin::new(&peers::desk::gateway(), 1)
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was checked")]
fn every_real_record_goes_up_as_its_schema_says() {
    let records = records::play();
    for (record, seq) in records.iter().zip(1..) {
        let kind = record.kind();
        let body = serde_json::to_string(record).unwrap();
        let row = JournalRow { seq, utc: peers::desk::NOW, kind: kind.to_owned(), body: body.clone() };
        for lane in Lane::ALL {
            let message = origin().message(lane, &row).unwrap();
            assert!(std::str::from_utf8(&message.payload).unwrap().contains(&body), "the body is unchanged");
            let event = sent(&message);
            assert_eq!(violations(&schemas::envelope(), &event), [""; 0], "{event}");
            assert_eq!(violations(&schemas::record(kind), &event["data"]), [""; 0], "{event}");
            assert_eq!(schemas::record(kind)["$id"], event["dataschema"]);
            assert_eq!(event.get("subject").is_some(), kind != "status" && body_names_an_object(&event), "{event}");
        }
    }
    let kinds: BTreeSet<&str> = records.iter().map(Record::kind).collect();
    assert_eq!(kinds, Record::KINDS.iter().copied().collect(), "the play makes a record of every kind");
    println!("{} records of {} kinds satisfy their schemas", records.len(), kinds.len());
}

/// Silencing the horn is about no object, and a change of the whole alarm table about no rule.
fn body_names_an_object(event: &Value) -> bool {
    match event["type"].as_str() {
        Some("davy.audit.v1") => event["data"]["object"].is_string(),
        Some("davy.change.v1") => event["data"]["rule"].is_string(),
        _ => true,
    }
}

#[test]
fn announcements_are_as_their_schema_says() {
    for presence in [Presence::Online, Presence::Offline] {
        let event = sent(&origin().presence(presence, peers::desk::NOW));
        assert_eq!(violations(&schemas::envelope(), &event), [""; 0], "{event}");
        assert_eq!(violations(&schemas::link(), &event["data"]), [""; 0], "{event}");
    }
}

/// What a platform is told is made of the audit that the engine wrote.
#[test]
fn replies_are_as_their_schema_says() {
    let audits = records::play().into_iter().filter(|record| record.kind() == "audit");
    let bodies = audits.map(|record| serde_json::to_string(&record).unwrap());
    let receipts: Vec<Receipt> =
        bodies.filter_map(|body| Receipt::of_audit(7, &body).ok()).map(|(one, _)| one).collect();
    assert_eq!(receipts.len(), 1, "one audit answers the platform");
    for receipt in [receipts[0].clone(), receipts[0].clone().reused()] {
        let message = origin().reply("stop", &receipt);
        let event = sent(&message);
        assert_eq!(violations(&schemas::envelope(), &event), [""; 0], "{event}");
        assert_eq!(violations(&schemas::reply(), &event["data"]), [""; 0], "{event}");
        assert_eq!(message.topic, "davy/v1/370612345/GW-01/reply/stop");
    }
}

#[test]
fn a_command_is_as_the_schema_of_its_kind_says() {
    for (kind, data, good) in [
        ("acknowledge", json!({ "alarm": "LI-1101.HH~1.2" }), true),
        ("acknowledge", json!({ "alarm": "LI-1101.HH~1.2", "value": 1 }), false),
        ("task", json!({ "action": "finish", "task": "M1~1.1", "result": "normal" }), true),
        ("task", json!({ "action": "reopen", "task": "M1~1.1" }), false),
        ("hazard", json!({ "hazard": "M1~1.1", "verdict": "rejected", "note": "n" }), true),
        ("stop", json!({ "action": "close", "unit": "U1" }), true),
        ("stop", json!({ "action": "open", "unit": "U1" }), false),
        ("ticket", json!({ "id": "T1", "work": "01", "status": "issued", "zone": "Z1" }), true),
        ("ticket", json!({ "id": "T1", "work": "01", "status": 1 }), false),
        ("risk_model", json!({ "files": { "units.csv": "id" } }), true),
    ] {
        let (_, schema) = schemas::asks().into_iter().find(|(name, _)| *name == kind).unwrap();
        assert_eq!(violations(&schema, &data).is_empty(), good, "{kind}: {data}");
    }
}

#[test]
fn receipts_are_as_their_schema_says() {
    for (answer, good) in [
        (json!({ "receipts": [] }), true),
        (json!({ "receipts": [{ "id": "GW-01/1/7", "status": "accepted" }] }), true),
        (json!({ "receipts": [{ "id": "GW-01/1/7", "status": "refused", "reason": "no such unit" }] }), true),
        (json!({ "receipts": [{ "id": "GW-01/1/7", "status": "later", "reason": null }] }), true),
        (json!({ "receipts": [{ "id": "GW-01/1/7", "status": "perhaps" }] }), false),
        (json!({ "receipts": [{ "status": "accepted" }] }), false),
        (json!({ "code": 0 }), false),
    ] {
        let read = serde_json::from_value::<davy_uplink::http::receipts::Receipts>(answer.clone());
        assert_eq!((violations(&schemas::receipts(), &answer).is_empty(), read.is_ok()), (good, good), "{answer}");
    }
}

#[test]
fn a_schema_refuses_what_is_wrong() {
    let event = sent(&origin().presence(Presence::Online, peers::desk::NOW));
    assert!(!violations(&schemas::record("alarm"), &event["data"]).is_empty());
    let mut nameless = event;
    nameless["id"] = "x".into();
    assert!(!violations(&schemas::envelope(), &nameless).is_empty());
}
