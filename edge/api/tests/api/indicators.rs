//! The indicators of a real journal.

use crate::{
    gateway::Gateway,
    site::{NOW, site},
};
use davy_core::{indicators::Indicators, record::Record};
use davy_store::{Batch, Row};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

/// Waits until every row has been counted.
async fn counted(gateway: &Gateway, query: &str) -> Value {
    for _ in 0..500 {
        let kpi = gateway.get(&format!("/api/v1/kpi{query}")).await;
        if kpi["indicators"]["complete"] == true {
            return kpi["indicators"].clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the journal is not counted to its end");
}

#[tokio::test]
async fn the_journal_is_counted_as_it_grows() {
    let gateway = Gateway::start().await;
    let kpi = counted(&gateway, "").await;
    assert_eq!((&kpi["days"], kpi["by_day"].as_array().unwrap().len()), (&7.into(), 7));
    assert_eq!((&kpi["site"]["alarms"], &kpi["site"]["to_acknowledge"]), (&1.into(), &0.into()));
    assert_eq!(kpi["units"][0]["coverage"], json!({ "measures": 1, "automatic": 1, "watched": 1 }));
    assert_eq!(kpi["site"]["weeks"][0]["issued"], 1, "the warning's task");
    let alarm = gateway.first("alarms").await;
    let (status, _) = gateway.post(&format!("/api/v1/alarms/{alarm}/acknowledge"), json!({ "by": "韩梅梅" })).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let kpi = counted(&gateway, "?days=1").await;
    assert_eq!((&kpi["site"]["to_acknowledge"], &kpi["site"]["timeliness"]), (&1.into(), &1.0.into()));
}

/// What the gateway says is what folding its journal by hand gives.
#[tokio::test]
async fn the_figures_are_the_fold_of_the_journal() {
    let gateway = Gateway::start().await;
    let said = counted(&gateway, "?days=3").await;
    let mut indicators = Indicators::new(&site());
    for row in gateway.store.read(0, u64::MAX, 1_000).await.unwrap() {
        let record = match row.kind.as_str() {
            "alarm" => Record::Alarm(serde_json::from_str(&row.body).unwrap()),
            "measure" => Record::Measure(serde_json::from_str(&row.body).unwrap()),
            "task" => Record::Task(serde_json::from_str(&row.body).unwrap()),
            "hazard" => Record::Hazard(serde_json::from_str(&row.body).unwrap()),
            _ => continue,
        };
        indicators.take(&record, row.utc);
    }
    let measures = gateway.snapshot.borrow().measures.clone();
    let mut folded = serde_json::to_value(indicators.report(3, &measures, NOW)).unwrap();
    folded["complete"] = true.into();
    assert_eq!(said, folded);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_left_out() {
    let gateway = Gateway::start().await;
    let row = Row { utc: NOW, kind: "alarm", body: "{}".to_owned() };
    gateway.store.commit(Batch { rows: vec![row], saved: Vec::new() }).await.unwrap();
    assert_eq!(counted(&gateway, "").await["site"]["alarms"], 1);
}

#[tokio::test]
async fn days_that_make_no_sense_are_refused() {
    let gateway = Gateway::start().await;
    for query in ["days=0", "days=36", "days=x", "days=-1", "day=7"] {
        let response = gateway.response(&format!("/api/v1/kpi?{query}")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "bad_query", "{query}");
    }
}
