//! The history of a tag.

use crate::{gateway::Gateway, site::NOW};
use davy_core::{
    event::{Event, Link, Sample},
    id::{SourceIx, TagIx},
    quality::Quality,
    time::{Monotonic, Now},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

fn at(ms: u64) -> Now {
    Now { monotonic: Monotonic(ms), utc: NOW.after(ms) }
}

fn sample(ms: u64, value: f64) -> Event {
    let time = at(ms).utc;
    let source_time = Some(time);
    Event::Samples(vec![Sample {
        tag: TagIx(0),
        value,
        quality: Quality::GOOD,
        source_time,
        received_time: time.after(40),
    }])
}

/// Waits until the recording has heard what was put.
async fn heard(gateway: &mut Gateway, count: u64) -> Value {
    gateway.recorder.put(at(60_000), &Event::Tick);
    loop {
        let answer = gateway
            .get("/api/v1/tags/LI-1101/history?until=2027-01-01T00:00:00Z&from=2026-01-01T00:00:00Z&points=2")
            .await;
        if answer["count"] == count {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_value_or_steps_of_them() {
    let mut gateway = Gateway::start().await;
    for (ms, value) in [(0, 1.5), (1_000, 9.0), (2_000, f64::NAN)] {
        gateway.recorder.put(at(ms), &sample(ms, value));
    }
    gateway.recorder.put(at(2_500), &Event::Source(SourceIx(0), Link::Down("no answer".to_owned())));
    gateway.recorder.put(at(9_000), &sample(9_000, -2.0));
    let steps = heard(&mut gateway, 4).await;
    assert_eq!(steps["values"], json!([]));
    let step = &steps["steps"][0];
    let told = [&step["first"], &step["last"], &step["min"], &step["max"], &step["count"], &step["bad"], &step["gap"]];
    assert_eq!(
        told.map(Clone::clone),
        [json!(1.5), json!(-2.0), json!(-2.0), json!(9.0), json!(3), json!(1), json!(true)]
    );

    let span = format!("from={}&until={}", at(500).utc, at(9_000).utc);
    let values = gateway.get(&format!("/api/v1/tags/LI-1101/history?{span}")).await;
    assert_eq!((&values["step_ms"], &values["steps"]), (&Value::Null, &json!([])));
    assert_eq!(values["before"]["value"], 1.5);
    assert_eq!(
        values["values"][0],
        json!({"time": at(1_000).utc.to_string(), "received_time": at(1_040).utc.to_string(), "value": 9.0, "quality": 0, "origin": "source"})
    );
    assert_eq!(values["values"][1]["value"], Value::Null);
    assert_eq!(
        values["gaps"],
        json!([{"from": at(2_500).utc.to_string(), "until": at(9_000).utc.to_string(), "why": "not_heard"}])
    );
}

#[tokio::test]
async fn what_cannot_be_answered_says_why() {
    let gateway = Gateway::start().await;
    let nothing = gateway.get("/api/v1/tags/LI-1103/history").await;
    assert_eq!((&nothing["count"], &nothing["values"]), (&json!(0), &json!([])));
    assert_eq!(nothing["until"], NOW.to_string());
    for (query, status, code) in [
        ("LI-9/history", StatusCode::NOT_FOUND, "no_such_tag"),
        ("LI-1101/history?points=0", StatusCode::BAD_REQUEST, "bad_query"),
        ("LI-1101/history?points=10001", StatusCode::BAD_REQUEST, "bad_query"),
        ("LI-1101/history?from=yesterday", StatusCode::BAD_REQUEST, "bad_query"),
        ("LI-1101/history?from=2027-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", StatusCode::BAD_REQUEST, "bad_query"),
        ("LI-1101/history?to=2027-01-01T00:00:00Z", StatusCode::BAD_REQUEST, "bad_query"),
    ] {
        let answer = gateway.response(&format!("/api/v1/tags/{query}")).await;
        assert_eq!(answer.status(), status, "{query}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], code, "{query}");
    }
}
