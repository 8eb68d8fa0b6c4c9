//! The configuration over HTTP: bodies and their bounds, refusals with their codes and findings. What it does to a gateway is shown with
//! the gateway itself.

use crate::{
    gateway::{Gateway, Options},
    site::NOW,
};
use davy_api::*;
use futures::{FutureExt as _, future::BoxFuture};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A configuration that takes everything, or refuses it for one reason; it remembers what was asked.
#[derive(Default)]
pub(crate) struct Cabinet {
    refuses: Option<ConfigRefusal>,
    asked: Mutex<Vec<Apply>>,
}

fn finding() -> Finding {
    Finding { file: "tags.csv".to_owned(), line: 7, column: 3, message: "no unit; give it one".to_owned() }
}

fn version(number: u64) -> ConfigVersion {
    ConfigVersion {
        number,
        version: format!("c0ffee{number}"),
        at: NOW,
        by: Some("李工".to_owned()),
        reason: None,
        how: How::Page,
        back_to: None,
        changes: vec!["tags: added LI-1".to_owned()],
        in_force: number == 3,
    }
}

fn files() -> ConfigFiles {
    let lines = vec![DifferenceLine { sign: '+', line: 1, text: "a".to_owned() }];
    ConfigFiles {
        version: "c0ffee".to_owned(),
        number: Some(3),
        files: [("gateway.toml".to_owned(), "[gateway]\n".to_owned())].into(),
        others: vec!["plan.png".to_owned()],
        differences: vec![FileDifference { file: "tags.csv".to_owned(), lines, more: 1 }],
    }
}

fn what_if(state: WhatIfState) -> WhatIf {
    WhatIf { state, done: Some(0.5), asked_by: Some("李工".to_owned()), asked_at: Some(NOW), ..WhatIf::default() }
}

impl Cabinet {
    fn told<T>(&self, answer: T) -> Result<T, ConfigRefusal> {
        self.refuses.clone().map_or(Ok(answer), Err)
    }
}

impl Configurations for Cabinet {
    fn state(&self) -> ConfigState {
        ConfigState {
            version: "c0ffee".to_owned(),
            number: Some(3),
            applied_at: NOW,
            by: None,
            reason: None,
            how: How::Start,
            folder: FolderState::InForce,
            folder_detail: String::new(),
            findings: vec![finding()],
        }
    }

    fn files(&self) -> ConfigFiles {
        files()
    }

    fn points(&self, format: PointsFormat, header: PointsHeader) -> Result<Vec<u8>, ConfigRefusal> {
        self.told(format!("{format:?} {header:?}").into_bytes())
    }

    fn source(&self, id: &str) -> Result<SourceKeys, ConfigRefusal> {
        if id != "dcs" {
            return Err(ConfigRefusal::NoSuchSource(format!("there is no source {id}")));
        }
        let keys = [("endpoint".to_owned(), "opc.tcp://a/".to_owned())].into();
        self.told(SourceKeys { version: "c0ffee".to_owned(), kind: "opcua".to_owned(), keys })
    }

    fn versions(&self) -> Result<Vec<ConfigVersion>, ConfigRefusal> {
        self.told((1..=3).rev().map(version).collect())
    }

    fn version(&self, number: u64) -> Result<ConfigFiles, ConfigRefusal> {
        if number > 3 {
            return Err(ConfigRefusal::NoSuchVersion(format!("there is no version {number}")));
        }
        self.told(ConfigFiles { number: Some(number), ..files() })
    }

    fn check(&self, proposal: &Proposal) -> Result<ConfigChecked, ConfigRefusal> {
        let changes = proposal.edits.iter().map(|edit| format!("{edit:?}")).collect();
        self.told(ConfigChecked {
            version: proposal.base.clone(),
            changes,
            errors: vec![finding()],
            ..Default::default()
        })
    }

    fn apply(&self, apply: Apply) -> BoxFuture<'static, Result<ConfigVersion, ConfigRefusal>> {
        self.asked.lock().unwrap().push(apply);
        let told = self.told(version(4));
        async move { told }.boxed()
    }

    fn ask_what_if(&self, _: AskWhatIf) -> Result<WhatIf, ConfigRefusal> {
        self.told(what_if(WhatIfState::Running))
    }

    fn what_if(&self) -> WhatIf {
        what_if(WhatIfState::Running)
    }

    fn stop_what_if(&self) -> WhatIf {
        what_if(WhatIfState::Stopped)
    }
}

async fn start(refuses: Option<ConfigRefusal>) -> (Gateway, Arc<Cabinet>) {
    let cabinet = Arc::new(Cabinet { refuses, ..Cabinet::default() });
    let configurations = Arc::clone(&cabinet) as Arc<dyn Configurations>;
    (Gateway::start_with(Options { configurations, ..Options::default() }).await, cabinet)
}

fn proposal(edits: Value) -> Value {
    json!({ "base": "c0ffee", "edits": edits, "reason": "限值按新报告", "by": "李工" })
}

fn every_edit() -> Value {
    json!([
        { "edit": "file", "name": "rules.toml", "text": null },
        { "edit": "points", "rows": [{ "BIT_NO": "LI-1", "高限": "80" }], "removed": ["LI-2"] },
        { "edit": "import", "name": "points.xlsx", "base64": "UEs=", "merge": true },
        { "edit": "add_source", "id": "dcs", "url": "opc.tcp://a/", "security": "none", "user": "u", "password": "geheim" },
        { "edit": "set_source", "id": "dcs", "keys": { "history": "true" } },
        { "edit": "remove_source", "id": "dcs" },
    ])
}

#[tokio::test]
async fn every_edit_is_understood_and_no_password_is_shown() {
    let (gateway, _) = start(None).await;
    let (status, checked) =
        gateway.post("/api/v1/config/check", json!({ "base": "c0ffee", "edits": every_edit() })).await;
    assert_eq!((status, checked["changes"].as_array().unwrap().len()), (StatusCode::OK, 6));
    assert!(!checked.to_string().contains("geheim"), "{checked}");
    assert_eq!(
        checked["errors"][0],
        json!({ "file": "tags.csv", "line": 7, "column": 3, "message": "no unit; give it one" })
    );
    for wrong in [
        json!({ "edit": "file", "name": "a" , "more": 1 }),
        json!({ "edit": "delete_everything" }),
        json!({ "edit": "add_source", "id": "a", "url": "b", "pasword": "c" }),
        json!({ "edit": "points", "rows": [{ "H": 80 }] }),
    ] {
        let body = json!({ "base": "c0ffee", "edits": [wrong] });
        assert_eq!(gateway.post("/api/v1/config/check", body.clone()).await.0, 422, "{body}");
    }
}

#[tokio::test]
async fn what_is_applied_has_a_name_and_a_reason() {
    let (gateway, cabinet) = start(None).await;
    let (status, applied) = gateway.post("/api/v1/config/apply", proposal(every_edit())).await;
    assert_eq!((status, &applied["number"]), (StatusCode::OK, &json!(4)));
    let back = json!({ "base": "c0ffee", "number": 2, "reason": " 退回 ", "by": "李工" });
    assert_eq!(gateway.post("/api/v1/config/rollback", back).await.0, StatusCode::OK);
    for (key, value) in
        [("reason", json!("")), ("reason", json!("a\nb")), ("reason", json!("x".repeat(5_000))), ("by", json!(" "))]
    {
        let mut body = proposal(json!([]));
        body[key] = value;
        let (status, problem) = gateway.post("/api/v1/config/apply", body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")), "{key}");
    }
    let asked = cabinet.asked.lock().unwrap();
    let seen: Vec<_> = asked.iter().map(|apply| (apply.by.as_str(), apply.reason.as_str())).collect();
    assert_eq!(seen, [("李工", "限值按新报告"), ("李工", "退回")]);
    assert_eq!(asked[1].wanted, Wanted::Version { base: "c0ffee".to_owned(), number: 2 });
}

#[tokio::test]
async fn refusals_have_codes_and_say_what_was_found() {
    let words = || "words".to_owned();
    for (refusal, status, code) in [
        (ConfigRefusal::Outdated(words()), 409, "config_outdated"),
        (ConfigRefusal::FolderEdited(words()), 409, "config_folder_edited"),
        (ConfigRefusal::NeedsRestart(vec!["[web]".to_owned()]), 409, "config_needs_restart"),
        (ConfigRefusal::Conflict(words()), 409, "conflict"),
        (ConfigRefusal::Wrong(vec![finding()]), 422, "config_refused"),
        (ConfigRefusal::Invalid(words()), 422, "invalid"),
        (ConfigRefusal::NoSuchVersion(words()), 404, "no_such_version"),
        (ConfigRefusal::NoSuchSource(words()), 404, "no_such_source"),
        (ConfigRefusal::Failed(words()), 503, "config_failed"),
    ] {
        let (gateway, _) = start(Some(refusal.clone())).await;
        let (answered, problem) = gateway.post("/api/v1/config/apply", proposal(json!([]))).await;
        assert_eq!((answered.as_u16(), &problem["code"]), (status, &json!(code)));
        let found = matches!(refusal, ConfigRefusal::Wrong(_));
        assert_eq!(problem.get("findings").is_some(), found, "{problem}");
        assert_eq!(problem["reasons"] == json!(["[web]"]), code == "config_needs_restart");
    }
    let (gateway, _) = start(Some(ConfigRefusal::WhatIfRunning(words()))).await;
    let (status, problem) =
        gateway.post("/api/v1/config/what-if", json!({ "base": "c0ffee", "edits": [], "by": "李工" })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("what_if_running")));
    let backwards = json!({ "base": "a", "edits": [], "from": "2026-11-30T00:00:00.000Z", "to": "2026-11-29T00:00:00.000Z", "by": "李工" });
    assert_eq!(gateway.post("/api/v1/config/what-if", backwards).await.0, 422);
}

#[tokio::test]
async fn a_whole_point_table_fits_and_no_more() {
    let (gateway, _) = start(None).await;
    let import = |bytes: usize| json!({ "base": "c0ffee", "edits": [{ "edit": "import", "name": "a.csv", "base64": "A".repeat(bytes) }] });
    assert_eq!(gateway.post("/api/v1/config/check", import(22 << 20)).await.0, StatusCode::OK);
    let (status, problem) = gateway.post("/api/v1/config/check", import(25 << 20)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("body_too_large")));
    let edits = vec![json!({ "edit": "remove_source", "id": "a" }); 2_001];
    let (status, _) = gateway.post("/api/v1/config/check", json!({ "base": "c0ffee", "edits": edits })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    // Other commands keep their small bound.
    let long = json!({ "by": "x".repeat(17 << 10) });
    assert_eq!(gateway.post("/api/v1/horn/silence", long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn versions_and_files_are_there_to_read() {
    let (gateway, _) = start(None).await;
    let first = gateway.get("/api/v1/config/versions?limit=2").await;
    assert_eq!((&first["items"][0]["number"], &first["next"]), (&json!(3), &json!("2")));
    let rest = gateway.get("/api/v1/config/versions?limit=2&after=2").await;
    assert_eq!((&rest["items"][0]["number"], &rest["next"]), (&json!(1), &Value::Null));
    assert_eq!(gateway.response("/api/v1/config/versions?after=x").await.status(), 400);
    assert_eq!(gateway.get("/api/v1/config/sources/dcs").await["keys"]["endpoint"], "opc.tcp://a/");
    assert_eq!(gateway.response("/api/v1/config/sources/x").await.status(), 404);
    assert_eq!(gateway.get("/api/v1/config/versions/2").await["number"], 2);
    assert_eq!(gateway.response("/api/v1/config/versions/9").await.status(), 404);
    assert_eq!(gateway.response("/api/v1/config/versions/-1").await.status(), 400);

    let response = gateway.response("/api/v1/config/files").await;
    let etag = response.headers()["etag"].clone();
    let again =
        gateway.request(Method::GET, "/api/v1/config/files").header("if-none-match", etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);

    let response = gateway.response("/api/v1/config/points?format=gbk&header=en").await;
    assert_eq!(response.headers()["content-type"], "text/csv; charset=gbk");
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"points-gw-1-c0ffee.csv\"");
    assert_eq!(response.text().await.unwrap(), "Gbk En");
    assert_eq!(gateway.response("/api/v1/config/points?format=pdf").await.status(), 400);
}
