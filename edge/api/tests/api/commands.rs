//! What can be asked for, and every way to be refused.

use crate::{
    gateway::{Gateway, Options},
    site::level,
};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

#[tokio::test]
async fn a_task_goes_its_way() {
    let gateway = Gateway::start().await;
    let (alarm, task, hazard) =
        (gateway.first("alarms").await, gateway.first("tasks").await, gateway.first("hazards").await);
    assert!(task.contains("%7E") && task.contains("%2E"), "the characters of ids are encoded: {task}");
    let signed = json!({ "by": "韩梅梅" });
    let photo = |uri: &str| json!({ "uri": uri, "media_type": "image/jpeg", "sha256": "0".repeat(64) });
    let rectified = json!({
        "by": "韩梅梅", "verdict": "confirmed", "note": "属实", "danger_level": "major", "manage_type": "by_deadline",
        "liable_person": "李雷", "deadline": "2026-12-01T00:00:00Z",
    });
    for (path, body) in [
        ("horn/silence".to_owned(), signed.clone()),
        (format!("alarms/{alarm}/acknowledge"), signed.clone()),
        (format!("tasks/{task}/accept"), json!({ "by": "韩梅梅", "attachments": [photo("photo-1")] })),
        (format!("tasks/{task}/attach"), json!({ "by": "韩梅梅", "attachment": photo("photo-2") })),
        (format!("tasks/{task}/finish"), json!({ "by": "韩梅梅", "result": "normal" })),
        (format!("hazards/{hazard}/review"), rectified),
    ] {
        let answer = gateway.post(&format!("/api/v1/{path}"), body).await;
        assert_eq!(answer, (StatusCode::NO_CONTENT, Value::Null), "{path}");
    }
    let alarms = gateway.get("/api/v1/alarms").await;
    assert_eq!(
        (&alarms["items"][0]["state"], &alarms["items"][0]["acknowledged_by"]),
        (&"acknowledged".into(), &"韩梅梅".into())
    );
    assert_eq!(gateway.get("/api/v1/tasks").await["items"], json!([]));
    let audit = gateway.get("/api/v1/journal?kind=audit").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 6);
    let done =
        gateway.get("/api/v1/journal?kind=task").await["items"].as_array().unwrap().last().unwrap()["record"].clone();
    assert_eq!((&done["state"], &done["attachments"][1]["uri"]), (&"done".into(), &"photo-2".into()));
    let hazard = gateway.get("/api/v1/hazards").await["items"][0].clone();
    assert_eq!((&hazard["danger_level"], &hazard["liable_person"]), (&"major".into(), &"李雷".into()));
}

#[tokio::test]
async fn a_cancelled_task_is_over() {
    let gateway = Gateway::start().await;
    let task = gateway.first("tasks").await;
    let path = format!("/api/v1/tasks/{task}/cancel");
    let body = json!({ "by": "韩梅梅", "reason": "正在标定" });
    assert_eq!(gateway.post(&path, body.clone()).await, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(gateway.post(&path, body).await.0, StatusCode::NOT_FOUND);
    assert_eq!(gateway.get("/api/v1/tasks").await["items"], json!([]));
    let last =
        gateway.get("/api/v1/journal?kind=task").await["items"].as_array().unwrap().last().unwrap()["record"].clone();
    assert_eq!((&last["state"], &last["ended_because"]), (&"cancelled".into(), &"正在标定".into()));
}

#[tokio::test]
async fn whatever_makes_no_sense_is_refused_with_a_stable_code() {
    let gateway = Gateway::start().await;
    let (alarm, hazard) = (gateway.first("alarms").await, gateway.first("hazards").await);
    gateway.post("/api/v1/horn/silence", json!({ "by": "a" })).await;
    let acknowledge = format!("alarms/{alarm}/acknowledge");
    let review = format!("hazards/{hazard}/review");
    let long = "x".repeat(501);
    let huge = "x".repeat(20_000);
    let task = gateway.first("tasks").await;
    let (cancel, attach) = (format!("tasks/{task}/cancel"), format!("tasks/{task}/attach"));
    let table: [(&str, String, u16, &str); 17] = [
        (&cancel, r#"{"by":"a","reason":" "}"#.into(), 422, "invalid"),
        (&cancel, r#"{"by":"a"}"#.into(), 422, "invalid"),
        (&attach, r#"{"by":"a","attachment":{"uri":"p","media_type":"jpeg"}}"#.into(), 422, "invalid"),
        (&review, r#"{"by":"a","verdict":"rejected","note":"n","danger_level":"major"}"#.into(), 422, "invalid"),
        ("alarms/none~1.1/acknowledge", r#"{"by":"a"}"#.into(), 404, "not_found"),
        ("tasks/%E7%BD%90~1.1/accept", r#"{"by":"a"}"#.into(), 404, "not_found"),
        ("tasks/none/finish", r#"{"by":"a","result":"normal"}"#.into(), 404, "not_found"),
        ("horn/silence", r#"{"by":"a"}"#.into(), 409, "conflict"),
        (&review, r#"{"by":"a","verdict":"closed","note":"n"}"#.into(), 409, "conflict"),
        (&review, r#"{"by":"a","verdict":"confirmed","note":" "}"#.into(), 422, "invalid"),
        (&review, r#"{"by":"a","verdict":"maybe","note":"n"}"#.into(), 422, "invalid"),
        (&acknowledge, r#"{"by":" "}"#.into(), 422, "invalid"),
        (&acknowledge, format!(r#"{{"by":"{long}"}}"#), 422, "invalid"),
        (&acknowledge, r#"{"by":"a","force":true}"#.into(), 422, "invalid"),
        (&acknowledge, "{}".into(), 422, "invalid"),
        (&acknowledge, "by=a".into(), 400, "bad_request"),
        (&acknowledge, format!(r#"{{"by":"{huge}"}}"#), 413, "body_too_large"),
    ];
    for (path, body, status, code) in table {
        let request = gateway.request(Method::POST, &format!("/api/v1/{path}"));
        let response = request.header(header::CONTENT_TYPE, "application/json").body(body).send().await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json", "{path}");
        let problem: Value = response.json().await.unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{path}: {problem}");
        for part in ["type", "title", "detail", "advice"] {
            assert!(!problem[part].as_str().unwrap().is_empty(), "{path}: {part}");
        }
    }
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let gateway = Gateway::start().await;
    for media in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let request = gateway.request(Method::POST, "/api/v1/horn/silence").body(r#"{"by":"a"}"#);
        let request = media.into_iter().fold(request, |request, media| request.header(header::CONTENT_TYPE, media));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "unsupported_media_type");
    }
}

#[tokio::test]
async fn a_queue_without_room_refuses_and_a_silent_loop_is_not_waited_for_for_ever() {
    let gateway = Gateway::start_with(Options { looping: false, ..Options::default() }).await;
    let silence = || gateway.post("/api/v1/horn/silence", json!({ "by": "a" }));
    // The queue has room for one: whichever comes second is refused at once, the other waits for its bounded time.
    let (one, other) = tokio::join!(silence(), silence());
    let mut codes =
        [one, other].map(|(status, problem)| (status.as_u16(), problem["code"].as_str().unwrap().to_owned()));
    codes.sort();
    assert_eq!(codes, [(503, "busy".to_owned()), (503, "unanswered".to_owned())]);
    let request = gateway.request(Method::POST, "/api/v1/horn/silence").json(&json!({ "by": "a" }));
    assert!(request.send().await.unwrap().headers().contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn a_returned_alarm_that_is_acknowledged_is_over() {
    let gateway = Gateway::start().await;
    let alarm = gateway.first("alarms").await;
    gateway.events.send(level(10.0)).await.unwrap();
    let path = format!("/api/v1/alarms/{alarm}/acknowledge");
    let (status, _) = gateway.post(&path, json!({ "by": "a" })).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, problem) = gateway.post(&path, json!({ "by": "a" })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &"not_found".into()));
}

#[tokio::test]
async fn a_rule_is_hidden_and_shows_again_as_a_new_alarm() {
    let gateway = Gateway::start().await;
    let alarm = gateway.first("alarms").await;
    let signed = || json!({ "by": "韩梅梅" });
    let shelve = json!({ "by": "韩梅梅", "for_s": 3600, "one_shot": true, "reason": "清洗导波管" });
    let reasoned = json!({ "by": "韩梅梅", "reason": "检修" });
    let done = (StatusCode::NO_CONTENT, Value::Null);
    let shelved = gateway.post(&format!("/api/v1/alarms/{alarm}/shelve"), shelve.clone()).await;
    assert_eq!(shelved, done);
    let hidden = &gateway.get("/api/v1/hidden").await["items"][0];
    let why = &hidden["hidden_because"][0];
    assert_eq!(
        (&hidden["rule"], &why["kind"], &why["by"], &why["reason"], &why["until"]),
        (
            &"LI-1101.HH".into(),
            &"shelved".into(),
            &"韩梅梅".into(),
            &"清洗导波管".into(),
            &"2026-11-23T01:00:00.123Z".into()
        )
    );
    assert_eq!(gateway.get("/api/v1/alarms").await["items"][0]["state"], "shelved");
    assert_eq!(gateway.get("/api/v1/measures").await["items"][0]["state"], "bypassed");
    for (path, body) in [
        (format!("alarms/{alarm}/unshelve"), signed()),
        ("rules/LI-1101.HH/shelve".to_owned(), shelve),
        ("rules/LI-1101.HH/unshelve".to_owned(), signed()),
        ("rules/LI-1101.HH/out-of-service".to_owned(), reasoned.clone()),
        ("rules/LI-1101.HH/return-to-service".to_owned(), signed()),
        ("units/U1/stop".to_owned(), json!({ "by": "韩梅梅", "for_s": 60, "reason": "检修" })),
        ("units/U1/resume".to_owned(), signed()),
        ("units/U1/stop".to_owned(), reasoned),
    ] {
        let answer = gateway.post(&format!("/api/v1/{path}"), body).await;
        assert_eq!(answer, done, "{path}");
    }
    assert_eq!(gateway.get("/api/v1/units").await["items"][0]["stopped"]["reason"], "检修");
    gateway.post("/api/v1/units/U1/resume", signed()).await;
    let again = &gateway.get("/api/v1/alarms").await["items"][0];
    assert_eq!(again["state"], "unacknowledged");
    assert_ne!(gateway.first("alarms").await, alarm);
    let reset = format!("/api/v1/alarms/{}/reset", gateway.first("alarms").await);
    let (status, problem) = gateway.post(&reset, signed()).await;
    assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &"conflict".into()), "it does not latch");
}
