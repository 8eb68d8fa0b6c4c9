//! Probes and metrics.

use crate::{gateway::Gateway, site::NOW};
use davy_api::JournalHealth;
use davy_core::{snapshot::Snapshot, time::UtcTime};
use serde_json::Value;
use std::sync::Arc;

#[tokio::test]
async fn ready_means_that_alarms_are_evaluated_and_reach_the_disk() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.get("/readyz").await["status"], "ready");
    gateway.journal.send_replace(JournalHealth { durable: false, detail: "disk full".to_owned() });
    gateway.snapshot.send_replace(Arc::new(Snapshot { at: UtcTime(NOW.0 - 5_001), ..Snapshot::default() }));
    let response = gateway.response("/readyz").await;
    assert_eq!(response.status().as_u16(), 503);
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "not_ready");
    let reasons: Vec<&str> =
        problem["reasons"].as_array().unwrap().iter().map(|reason| reason.as_str().unwrap()).collect();
    assert!(reasons[0].contains("5001 ms old") && reasons[1].contains("disk full"), "{reasons:?}");
    assert_eq!(gateway.get("/healthz").await["status"], "alive");
}

#[tokio::test]
async fn metrics_are_what_is_really_counted() {
    let gateway = Gateway::start().await;
    gateway.source.send_modify(|health| {
        health.taken = 42;
        health.malformed.note(NOW, "{");
    });
    gateway.uplink.send_modify(|health| health.acknowledged = 9);
    let response = gateway.response("/metrics").await;
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = response.text().await.unwrap();
    let head = *gateway.store.head().borrow();
    for line in [
        "davy_build_info{version=\"0.0.0-test\",board=\"simulated\"} 1",
        "davy_gateway_info{company_code=\"370100123\",gateway_id=\"gw-1\",config_version=\"c0ffee\",epoch=\"1\"} 1",
        "davy_start_time_seconds 1795392000.123",
        "davy_alarms_active{priority=\"critical\"} 1",
        "davy_alarms_active{priority=\"low\"} 0",
        "davy_alarms_unacknowledged{priority=\"critical\"} 1",
        "davy_warnings_open{level=\"red\"} 1",
        "davy_tasks_open 1",
        "davy_hazards_open{state=\"suspected\"} 1",
        "davy_people_located 1",
        "davy_tags{severity=\"good\"} 1",
        "davy_source_up{source=\"dcs\"} 1",
        "davy_source_taken_total{source=\"dcs\"} 42",
        "davy_source_malformed_total{source=\"dcs\"} 1",
        "davy_source_unknown_total{source=\"dcs\"} 0",
        "davy_source_outdated_total{source=\"dcs\"} 0",
        "davy_uplink_up{uplink=\"enterprise\"} 0",
        "davy_uplink_backlog{uplink=\"enterprise\"} 7",
        "davy_uplink_acknowledged_total{uplink=\"enterprise\"} 9",
        "davy_journal_durable 1",
        &format!("davy_journal_head {head}"),
        &format!("davy_journal_rows_total {head}"),
        "davy_streams_open 0",
    ] {
        assert!(text.lines().any(|there| there == line), "{line} is missing in\n{text}");
    }
    check_format(&text);
}

/// Every sample stands under the type of its own metric, and every value is a number.
fn check_format(text: &str) {
    let mut family = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap();
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert_eq!(name.split('{').next().unwrap(), family, "{line}");
            value.parse::<f64>().unwrap();
        }
    }
}
