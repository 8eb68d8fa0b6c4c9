//! Servers that say that they do not run or are degraded, and those that stand in for them.

use crate::opcua_server::{Server, stand};
use anyhow::Result;
use davy_config::OpcUaSource;
use serde_json::json;

async fn pair(test: &str) -> Result<(Server, Server, OpcUaSource)> {
    let first = Server::start(&format!("{test}_first"), &[("LI-1", "Double", json!(1.0))]).await?;
    let second = Server::start(&format!("{test}_second"), &[("LI-1", "Double", json!(2.0))]).await?;
    let source = OpcUaSource { backup: vec![second.endpoint()], ..first.opcua(&["LI-1"]) };
    Ok((first, second, source))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_of_the_list_stands_in_for_one_that_is_gone() -> Result<()> {
    let (mut first, mut second, source) = pair("field_opcua_list").await?;
    let mut stand = stand(source);
    stand.up().await?;
    stand.value(0, 1.0).await?;
    first.script.kill().await?;
    let reason = stand.down().await?;
    assert!(reason.starts_with(&first.endpoint()), "{reason}");
    stand.up().await?;
    stand.value(0, 2.0).await?;
    assert_eq!(stand.health().detail, second.endpoint(), "the one in use is shown");
    first.script.start_again().await?;
    second.script.kill().await?;
    stand.down().await?;
    stand.up().await?;
    stand.value(0, 1.0).await?;
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_degraded_server_is_left_for_a_better_one_only() -> Result<()> {
    let (mut first, mut second, source) = pair("field_opcua_level").await?;
    second.ask(json!({"op": "say", "service_level": 150})).await?;
    let mut stand = stand(source);
    stand.up().await?;
    first.ask(json!({"op": "say", "service_level": 100})).await?;
    let reason = stand.down().await?;
    assert!(reason.contains(&second.endpoint()) && reason.contains("service level is 150"), "{reason}");
    stand.up().await?;
    stand.value(0, 2.0).await?;
    // Degraded as well, but the other is worse: it stays and says so.
    let said = |health: &davy_core::health::SourceHealth| {
        health.up && health.notes.iter().any(|note| note == "service level: 150, degraded below 200")
    };
    let health = stand.health_with("it is said", said).await?;
    assert_eq!((health.detail, health.connects), (second.endpoint(), 2));
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_run_is_down_in_its_own_words() -> Result<()> {
    let mut server = Server::start("field_opcua_state", &[("LI-1", "Double", json!(1.0))]).await?;
    let mut stand = server.stand(&["LI-1"]);
    stand.up().await?;
    // Under test it answers as usual, which is said and no reason to stop reading.
    server.ask(json!({"op": "say", "state": 5})).await?;
    let said = |health: &davy_core::health::SourceHealth| {
        health.up && health.notes.iter().any(|note| note == "the server says that it does not run: Test")
    };
    stand.health_with("it is said", said).await?;
    server.write("LI-1", 2.0, 0).await?;
    stand.value(0, 2.0).await?;
    server.ask(json!({"op": "say", "state": 3})).await?;
    let reason = stand.down().await?;
    assert!(reason.contains("it does not run: Suspended"), "{reason}");
    assert_eq!(stand.health().connects, 1);
    server.ask(json!({"op": "say", "state": 0})).await?;
    stand.up().await?;
    stand.stop().await
}
