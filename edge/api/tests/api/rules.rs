//! The master alarm table: in force, as a file, and its history.

use crate::gateway::Gateway;
use davy_store::{Batch, Row};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

#[tokio::test]
async fn the_table_says_what_each_rule_is_and_how_it_stands() {
    let gateway = Gateway::start().await;
    let page = gateway.get("/api/v1/rules").await;
    let rules = page["items"].as_array().unwrap();
    assert_eq!((rules.len(), &page["next"]), (2, &Value::Null));
    let limit = &rules[0];
    assert_eq!(limit["rule"], "LI-1101.HH");
    assert_eq!(
        (&limit["tags"], &limit["engineering_unit"], &limit["range"]),
        (&json!(["LI-1101"]), &json!("%"), &json!([0.0, 100.0]))
    );
    assert_eq!(limit["parameters"], json!([{"name": "limit", "value": 90.0}, {"name": "clear", "value": 88.0}]));
    assert_eq!((&limit["unit_name"], &limit["object_name"]), (&json!("储罐区"), &json!("罐区")));
    assert_eq!((&limit["state"], &limit["priority"]), (&json!("unacknowledged"), &json!("critical")));
    assert!(limit["alarm"].is_string() && limit["basis"].as_str().unwrap().contains("ISA-18.2"));
    assert_eq!((&rules[1]["state"], &rules[1]["alarm"]), (&json!("normal"), &Value::Null));
    let document = gateway.get("/api/openapi.json").await;
    let known = document["components"]["schemas"]["RuleView"]["properties"].as_object().unwrap();
    for name in limit.as_object().unwrap().keys() {
        assert!(known.contains_key(name), "{name} is not in the document");
    }
}

#[tokio::test]
async fn a_hidden_rule_says_why() {
    let gateway = Gateway::start().await;
    let body = json!({"by": "李雷", "for_s": 600, "reason": "标定"});
    let (status, answer) = gateway.post("/api/v1/rules/LI-1101.quality/shelve", body).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    let page = gateway.get("/api/v1/rules?after=LI-1101.HH").await;
    assert_eq!(page["items"][0]["hidden_because"][0]["reason"], "标定");
}

#[tokio::test]
async fn the_table_is_a_file_that_spreadsheet_programs_read() {
    let gateway = Gateway::start().await;
    let by_query = gateway.response("/api/v1/rules?format=csv").await;
    assert_eq!(by_query.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(by_query.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"alarm-table-c0ffee.csv\"");
    let bytes = by_query.bytes().await.unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf"), "a byte order mark");
    let text = std::str::from_utf8(&bytes).unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("规则编号,报警名称,"), "{}", lines[0]);
    assert!(lines[1].starts_with("LI-1101.HH,液位高高,limit_hh,罐区,储罐区,储罐溢流,液位高高报警,LI-1101,%,0,100,90,88,,紧急,0,0,否,否,,停止进料,"), "{}", lines[1]);
    let by_header = gateway.request(Method::GET, "/api/v1/rules").header(header::ACCEPT, "text/csv").send().await;
    assert_eq!(by_header.unwrap().bytes().await.unwrap(), bytes);
}

pub(crate) async fn change(gateway: &Gateway, rules: &[&str]) {
    let row = |rule: &&str| Row {
        utc: crate::site::NOW,
        kind: "change",
        body: json!({"change": "changed", "rule": rule}).to_string(),
    };
    gateway.store.commit(Batch { rows: rules.iter().map(row).collect(), saved: Vec::new() }).await.unwrap();
}

#[tokio::test]
async fn the_history_is_read_newest_first_of_the_table_or_of_a_rule() {
    let gateway = Gateway::start().await;
    let first = gateway.get("/api/v1/rules/changes").await;
    let head = &first["items"][0]["record"];
    assert_eq!(
        (&head["change"], &head["counts"]["rules"], &head["previous_version"]),
        (&json!("configuration"), &json!(2), &Value::Null)
    );
    change(&gateway, &["LI-1101.HH", "gone", "LI-1101.HH"]).await;
    let of = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|row| row["record"]["rule"].to_string()).collect()
    };
    let newest = gateway.get("/api/v1/rules/changes?limit=3").await;
    assert_eq!(of(&newest), ["\"LI-1101.HH\"", "\"gone\"", "\"LI-1101.HH\""]);
    let rest = gateway.get(&format!("/api/v1/rules/changes?limit=3&after={}", newest["next"].as_str().unwrap())).await;
    assert_eq!((of(&rest), &rest["next"]), (vec!["null".to_owned()], &Value::Null));
    let one = gateway.get("/api/v1/rules/LI-1101.HH/changes").await;
    assert_eq!(of(&one).len(), 2);
    assert_eq!(of(&gateway.get("/api/v1/rules/gone/changes").await).len(), 1);
    assert_eq!(of(&gateway.get("/api/v1/rules/unknown/changes").await).len(), 0);
    let journal = gateway.get("/api/v1/journal?kind=change").await;
    assert_eq!(journal["items"].as_array().unwrap().len(), 4, "they are rows of the journal");
}

#[tokio::test]
async fn questions_about_the_table_that_make_no_sense_are_refused() {
    let gateway = Gateway::start().await;
    for query in ["rules?format=xml", "rules?limit=0", "rules/changes?after=x", "rules/changes?kind=alarm"] {
        let response = gateway.response(&format!("/api/v1/{query}")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}
