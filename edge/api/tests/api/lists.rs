//! What can be read: every list, pages, the journal, the document's promises.

use crate::{
    examples::{self, shortened},
    gateway::Gateway,
    rules::change,
    site::NOW,
};
use davy_core::health::{QUARANTINE_MAX, Quarantined};
use davy_store::{Batch, ParkedChange, Row};
use reqwest::StatusCode;
use serde_json::{Value, json};

#[tokio::test]
async fn what_a_source_could_not_use_is_shown_newest_first() {
    let gateway = Gateway::start().await;
    for number in 0..QUARANTINE_MAX + 5 {
        let message = Quarantined::new(NOW, "site/location/C-1", "not JSON", &number.to_string());
        gateway.source.send_modify(|health| health.quarantine.keep(message));
    }
    let answer = gateway.get("/api/v1/sources/dcs/quarantine").await;
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), QUARANTINE_MAX);
    assert_eq!(items[0]["payload"], (QUARANTINE_MAX + 4).to_string());
    assert_eq!((&items[0]["topic"], &items[0]["reason"]), (&json!("site/location/C-1"), &json!("not JSON")));
    assert!(gateway.get("/api/v1/sources").await["items"][0].get("quarantine").is_none(), "lists stay small");
    let problem = gateway.response("/api/v1/sources/nobody/quarantine").await;
    assert_eq!(problem.status(), 404);
}

#[tokio::test]
async fn every_answer_has_the_shape_that_the_document_promises() {
    let gateway = Gateway::start().await;
    let odd = Quarantined::new(NOW, "site/location/C-1", "not JSON", "{");
    gateway.source.send_modify(|health| health.quarantine.keep(odd));
    let reason = json!({ "by": "韩梅梅", "reason": "变送器送检" });
    gateway.post("/api/v1/rules/LI-1101.quality/out-of-service", reason).await;
    change(&gateway, &["LI-1101.HH"]).await;
    let (lane, reason) = ("live".to_owned(), "no such unit".to_owned());
    let refused = ParkedChange::Refused { seq: 1, lane, reason, at: NOW, next: NOW };
    gateway.store.save_uplink("enterprise", None, vec![refused]).await.unwrap();
    let document = gateway.get("/api/openapi.json").await;
    let mut answers = serde_json::Map::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let Some(schema) = operations.pointer("/get/responses/200/content/application~1json/schema") else { continue };
        // The demonstration has no users.
        let Some(address) = address(path).filter(|path| !path.contains("/users") && !path.contains("/tokens")) else {
            continue;
        };
        let answer = gateway.get(&address).await;
        check(&document, schema, &answer, path);
        if let Some(items) = answer["items"].as_array() {
            assert!(!items.is_empty(), "{path} has a row to look at");
        }
        if path != "/api/openapi.json" {
            answers.insert(path.clone(), shortened(answer));
        }
    }
    examples::keep(answers);
}

/// The path with an id that the site has; none for the evidence, which goes out as the gateway's service has kept it.
fn address(path: &str) -> Option<String> {
    if path == "/api/v1/warnings/{id}/evidence" {
        return None;
    }
    let ids = [
        ("/api/v1/config/sources/{id}", "dcs"),
        ("/api/v1/rules/{id}/", "LI-1101.HH"),
        ("/api/v1/sources/{id}/", "dcs"),
        ("/api/v1/tags/{id}/", "LI-1101"),
        ("/api/v1/uplinks/{id}/", "enterprise"),
    ];
    let id = ids.iter().find(|(begin, _)| path.starts_with(begin)).map_or("", |(_, id)| id);
    assert!(!id.is_empty() || !path.contains("{id}"), "{path} needs an id of the site");
    Some(path.replace("{id}", id).replace("{number}", "1"))
}

/// The answer has exactly the properties of its schema, at every depth that the schema describes.
pub(crate) fn check(document: &Value, schema: &Value, value: &Value, path: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(name.trim_start_matches('#')).unwrap();
        return check(document, schema, value, path);
    }
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, value) in object {
            let schema = properties.get(name).unwrap_or_else(|| panic!("{path}: {name} is not in the document"));
            check(document, schema, value, &format!("{path}.{name}"));
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(name.as_str().unwrap()), "{path}: {name} is missing");
        }
    }
    for item in value.as_array().into_iter().flatten() {
        check(document, &schema["items"], item, path);
    }
}

#[tokio::test]
async fn the_live_state_is_there() {
    let gateway = Gateway::start().await;
    for (list, key, value) in [
        ("sources", "source", "dcs"),
        ("uplinks", "uplink", "enterprise"),
        ("tags", "tag", "LI-1101"),
        ("alarms", "rule", "LI-1101.HH"),
        ("warnings", "risk_event", "E1"),
        ("units", "unit", "U1"),
        ("measures", "measure", "M1"),
        ("tasks", "measure", "M1"),
        ("plans", "plan", "PL1"),
        ("hazards", "measure", "M1"),
        ("people", "id", "P1"),
        ("tickets", "id", "DH-1"),
        ("zones", "zone", "Z1"),
    ] {
        let page = gateway.get(&format!("/api/v1/{list}")).await;
        assert_eq!((&page["items"][0][key], &page["next"]), (&value.into(), &Value::Null), "{list}");
    }
    let system = gateway.get("/api/v1/system").await;
    assert_eq!((&system["gateway"]["gateway_id"], &system["at"]), (&"gw-1".into(), &"2026-11-23T00:00:00.123Z".into()));
    assert_eq!(system["journal"]["head"], gateway.store.head().borrow().to_owned());
    let kpi = gateway.get("/api/v1/kpi").await;
    assert_eq!(
        (&kpi["alarms_active"]["critical"], &kpi["tasks_open"], &kpi["tags"]["bad"]),
        (&1.into(), &1.into(), &2.into())
    );
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let gateway = Gateway::start().await;
    let first = gateway.get("/api/v1/tags?limit=2").await;
    assert_eq!((first["items"].as_array().unwrap().len(), &first["next"]), (2, &"LI-1102".into()));
    let last = gateway.get("/api/v1/tags?limit=2&after=LI-1102").await;
    assert_eq!((&last["items"][0]["tag"], &last["next"]), (&"LI-1103".into(), &Value::Null));
}

async fn append(gateway: &Gateway, count: usize) {
    let row = Row { utc: crate::site::NOW, kind: "gap", body: r#"{"a":  1}"#.to_owned() };
    gateway.store.commit(Batch { rows: vec![row; count], saved: Vec::new() }).await.unwrap();
}

#[tokio::test]
async fn the_journal_is_read_page_by_page_as_it_was_committed() {
    let gateway = Gateway::start().await;
    append(&gateway, 1).await;
    let head = *gateway.store.head().borrow();
    let (mut seen, mut path) = (Vec::new(), "/api/v1/journal?limit=3".to_owned());
    loop {
        let page = gateway.get(&path).await;
        seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["seq"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/journal?limit=3&after={next}");
    }
    assert_eq!(seen, (1..=head).collect::<Vec<_>>());
    let text = gateway.response(&format!("/api/v1/journal?after={}", head - 1)).await.text().await.unwrap();
    assert!(text.contains(&format!(r#""id":"gw-1/1/{head}","seq":{head}"#)), "{text}");
    assert!(text.contains(r#""record":{"a":  1}"#), "byte for byte: {text}");
    let beyond = gateway.get("/api/v1/journal?after=999999").await;
    assert_eq!((&beyond["items"], &beyond["next"]), (&Value::Array(Vec::new()), &Value::Null));
}

#[tokio::test]
async fn one_kind_of_the_journal_is_looked_for_within_bounds() {
    let gateway = Gateway::start().await;
    let alarms = gateway.get("/api/v1/journal?kind=alarm").await;
    assert_eq!(alarms["items"].as_array().unwrap().len(), 1);
    assert_eq!((&alarms["items"][0]["kind"], &alarms["next"]), (&"alarm".into(), &Value::Null));
    append(&gateway, 25_000).await;
    let cut = gateway.get("/api/v1/journal?kind=alarm").await;
    assert_eq!((cut["items"].as_array().unwrap().len(), &cut["next"]), (1, &"20000".into()));
    let rest = gateway.get("/api/v1/journal?kind=alarm&after=20000").await;
    assert_eq!((&rest["items"], &rest["next"]), (&Value::Array(Vec::new()), &Value::Null));
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let gateway = Gateway::start().await;
    for query in [
        "tags?limit=0",
        "tags?limit=5001",
        "tags?limit=x",
        "tags?kind=alarm",
        "tags?page=2",
        "journal?kind=alarms",
        "journal?after=x",
        "journal?after=-1",
        "journal?before=3",
    ] {
        let response = gateway.response(&format!("/api/v1/{query}")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "bad_query", "{query}");
    }
}
