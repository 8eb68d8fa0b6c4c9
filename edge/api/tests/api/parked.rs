//! Parked rows over HTTP: the list, a person's wish to have them tried again and its audit, every way to be refused.

use crate::gateway::Gateway;
use davy_core::{
    health::{LaneHealth, UplinkHealth},
    time::UtcTime,
};
use davy_store::ParkedChange;
use reqwest::StatusCode;
use serde_json::{Value, json};

const AT: UtcTime = UtcTime(1_795_392_000_123);

async fn start() -> Gateway {
    let gateway = Gateway::start().await;
    let refused = |seq| {
        let (lane, reason) = ("live".to_owned(), "no such unit".to_owned());
        ParkedChange::Refused { seq, lane, reason, at: AT, next: AT.after(60_000) }
    };
    gateway.store.save_uplink("enterprise", None, [2, 3, 5].map(refused).into()).await.unwrap();
    gateway
}

#[tokio::test]
async fn how_far_an_uplink_is_is_told_lane_by_lane() {
    let gateway = Gateway::start().await;
    let told = gateway.get("/api/v1/uplinks/enterprise/progress").await;
    assert_eq!(told, json!({ "lanes": [], "oldest": null, "receipts": [] }), "before the first connection");
    let lane = |lane, due| LaneHealth { lane, acknowledged_until: 2, due, backlog: 4, in_flight: 1 };
    let mut health =
        UplinkHealth { lanes: vec![lane("live", None), lane("backfill", Some(3))], ..UplinkHealth::default() };
    health.receipts.count(AT, 5, 1);
    gateway.uplink.send_replace(health.clone());
    let told = gateway.get("/api/v1/uplinks/enterprise/progress").await;
    let row = &gateway.get("/api/v1/journal?after=2&limit=1").await["items"][0];
    let expected = json!({ "id": row["id"], "seq": 3, "kind": row["kind"], "at": row["at"] });
    assert_eq!((&told["oldest"], &told["lanes"][1]["due"]), (&expected, &3.into()));
    assert_eq!(told["receipts"][0], json!({ "from": "2026-11-23T00:00:00.000Z", "acknowledged": 5, "refused": 1 }));
    gateway.uplink.send_replace(UplinkHealth { recording: Some(1), ..health });
    assert_eq!(gateway.get("/api/v1/uplinks/enterprise/progress").await["oldest"], Value::Null, "those are no rows");
    let refused = gateway.response("/api/v1/uplinks/nobody/progress").await;
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "no_such_uplink");
}

fn seqs(page: &Value) -> Vec<u64> {
    page["items"].as_array().unwrap().iter().map(|row| row["seq"].as_u64().unwrap()).collect()
}

async fn due(gateway: &Gateway) -> Vec<u64> {
    let rows = gateway.store.parked("enterprise", 0, 9).await.unwrap();
    rows.iter().filter(|row| row.next <= AT).map(|row| row.seq).collect()
}

#[tokio::test]
async fn what_is_parked_is_listed_with_its_reason() {
    let gateway = start().await;
    let page = gateway.get("/api/v1/uplinks/enterprise/parked?limit=2").await;
    assert_eq!((seqs(&page), &page["next"]), (vec![2, 3], &"3".into()));
    let expected = json!({
        "id": "gw-1/1/2", "seq": 2, "lane": "live", "reason": "no such unit", "tries": 1,
        "since": "2026-11-23T00:00:00.123Z", "next": "2026-11-23T00:01:00.123Z",
    });
    assert_eq!(page["items"][0], expected);
    let page = gateway.get("/api/v1/uplinks/enterprise/parked?after=3").await;
    assert_eq!((seqs(&page), &page["next"]), (vec![5], &Value::Null));
    for (path, status, code) in
        [("uplinks/nobody/parked", 404, "no_such_uplink"), ("uplinks/enterprise/parked?after=x", 400, "bad_query")]
    {
        let response = gateway.response(&format!("/api/v1/{path}")).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], code);
    }
}

#[tokio::test]
async fn a_person_has_rows_tried_again_and_is_on_record() {
    let gateway = start().await;
    let signed = json!({ "by": "韩梅梅" });
    let done = (StatusCode::NO_CONTENT, Value::Null);
    assert_eq!(gateway.post("/api/v1/uplinks/enterprise/parked/3/retry", signed.clone()).await, done);
    assert_eq!(due(&gateway).await, [3]);
    for (path, body, status) in [
        ("enterprise/parked/4/retry", signed.clone(), 404),
        ("nobody/parked/3/retry", signed.clone(), 404),
        ("nobody/parked/retry", signed.clone(), 404),
        ("enterprise/parked/x/retry", signed.clone(), 400),
        ("enterprise/parked/2/retry", json!({ "by": " " }), 422),
        ("enterprise/parked/retry", json!({}), 422),
    ] {
        assert_eq!(gateway.post(&format!("/api/v1/uplinks/{path}"), body).await.0, status, "{path}");
    }
    assert_eq!(due(&gateway).await, [3], "what is refused is not carried out");
    assert_eq!(gateway.post("/api/v1/uplinks/enterprise/parked/retry", signed).await, done);
    assert_eq!(due(&gateway).await, [2, 3, 5]);
    let audit = gateway.get("/api/v1/journal?kind=audit").await;
    let records: Vec<&Value> = audit["items"].as_array().unwrap().iter().map(|row| &row["record"]).collect();
    let told: Vec<_> = records.iter().map(|record| (record["object"].as_str(), record["refused"].is_null())).collect();
    let expected = [
        (Some("enterprise/3"), true),
        (Some("nobody"), false),
        (Some("enterprise/2"), false),
        (Some("enterprise"), true),
    ];
    assert_eq!(told, expected);
    assert!(records.iter().all(|record| record["action"] == "retry_parked"));
}
