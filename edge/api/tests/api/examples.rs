//! The examples of the document: answers as a gateway gives them, kept as they are; bodies as it takes them.

use crate::gateway::Gateway;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::{fs, path::PathBuf};

/// Of a list of the same, as many say enough.
const ITEMS: usize = 2;

/// What differs from run to run.
const RESTLESS: [&str; 6] = [
    "/disk/written_bytes",
    "/disk/written_bytes_a_day",
    "/journal/transactions",
    "/journal/batches",
    "/journal/rows",
    "/journal/head",
];

/// An answer that can be read at a glance and is the same tomorrow.
pub(crate) fn shortened(mut answer: Value) -> Value {
    for place in RESTLESS {
        if let Some(value) = answer.pointer_mut(place) {
            *value = json!(8_192);
        }
    }
    shorten(&mut answer);
    answer
}

fn shorten(value: &mut Value) {
    match value {
        Value::Array(all) => {
            all.truncate(ITEMS);
            all.iter_mut().for_each(shorten);
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Compares with what the document has, or rewrites it with `UPDATE_GOLDEN=1`; the document has it after the next build.
pub(crate) fn keep(answers: Map<String, Value>) {
    let golden = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/openapi/examples.json"));
    let text = serde_json::to_string_pretty(&Value::Object(answers)).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    let written = fs::read_to_string(&golden).unwrap_or_default();
    assert!(written == text, "examples.json differs: look at it with UPDATE_GOLDEN=1 and git diff");
}

#[tokio::test]
async fn every_body_has_an_example_that_the_gateway_can_read() {
    let gateway = Gateway::start().await;
    let document = gateway.get("/api/openapi.json").await;
    let mut sent = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let Some(content) = operations.pointer("/post/requestBody/content/application~1json") else { continue };
        assert!(content["example"].is_object(), "{path} takes {} and has no example of it", content["schema"]);
        let address = path.replace("{id}", "x").replace("{seq}", "1");
        let response = gateway.request(Method::POST, &address).json(&content["example"]).send().await.unwrap();
        let said = response.text().await.unwrap();
        assert!(!said.contains("deserialize"), "{path}: {said}");
        sent += 1;
    }
    assert!(sent > 30, "{sent}");
}

#[tokio::test]
async fn every_object_and_list_has_an_example() {
    let gateway = Gateway::start().await;
    let document = gateway.get("/api/openapi.json").await;
    let told = document["paths"].as_object().unwrap().iter().filter_map(|(path, operations)| {
        let content = operations.pointer("/get/responses/200/content/application~1json")?;
        content.get("example").is_none().then_some(path.as_str())
    });
    // The evidence is too long for one, the document would hold itself, and who is logged in differs.
    let without = ["/api/openapi.json", "/api/v1/tokens", "/api/v1/users", "/api/v1/warnings/{id}/evidence"];
    assert_eq!(told.collect::<Vec<_>>(), without);
}
