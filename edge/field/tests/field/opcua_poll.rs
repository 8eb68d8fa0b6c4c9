//! Servers without subscriptions are polled.

use crate::{
    opcua_server::{Server, levels, stand},
    stand::utc,
};
use anyhow::{Result, ensure};
use davy_config::{OpcUaMode, OpcUaSource};
use davy_core::quality::Quality;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_subscriptions_is_polled() -> Result<()> {
    let more = json!({"no_subscriptions": true, "limits": {"read": 4}});
    let mut server = Server::start_levels("field_opcua_poll", 9, more).await?;
    let mut names = levels(9);
    names.push("NOWHERE".to_owned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let polling = OpcUaSource { mode: OpcUaMode::Poll { interval_ms: 100 }, ..server.opcua(&names) };
    let mut stand = stand(polling);
    stand.up().await?;
    let round = stand.batch().await?;
    assert_eq!(round.len(), names.len(), "one round is one batch");
    let bad: Vec<_> = round.iter().filter(|sample| !sample.quality.is_usable()).collect();
    assert_eq!(
        bad.iter().map(|sample| (sample.tag.0, sample.quality)).collect::<Vec<_>>(),
        [(9, Quality::BAD_NODE_UNKNOWN)]
    );

    let before = utc();
    server.write("LI-0003", 5.0, 0x4090_0000).await?;
    let sample = stand.value(3, 5.0).await?;
    assert_eq!(sample.quality, Quality(0x4090_0000));
    ensure!(sample.source_time.is_some_and(|time| time >= before && time <= sample.received_time), "{sample:?}");
    let largest = server.ask(json!({"op": "counts"})).await?["largest"]["read"].clone();
    assert_eq!(largest, 4, "in requests as large as the server takes");
    let health = stand.health();
    assert_eq!((health.connects, health.unknown.count), (1, 1), "{health:?}");

    server.script.kill().await?;
    stand.down().await?;
    server.script.start_again().await?;
    stand.up().await?;
    stand.stop().await
}

/// By subscription, such a server is down in plain words.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_subscriptions_says_so() -> Result<()> {
    let more = json!({"no_subscriptions": true});
    let server = Server::start_with("field_opcua_no_poll", &[("LI-1", "Double", json!(1.0))], more).await?;
    let mut stand = server.stand(&["LI-1"]);
    let reason = stand.down().await?;
    ensure!(reason.contains("mode = \"poll\""), "{reason}");
    stand.stop().await
}
