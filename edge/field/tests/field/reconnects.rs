//! Storms of reconnects leave nothing behind: no session at the server, no descriptor and no memory here. And against a server that
//! hangs up on everyone: attempts become seldom, as `backoff.rs` has it.

use crate::{
    growth::{Held, connections_to},
    modbus::{self, item},
    mqtt,
    opcua_security::{self, ENCRYPTED},
    opcua_server::{self, levels},
    relay::Relay,
    script::Script,
    stand::Stand,
};
use acceptance::{
    again::{self, is_alone},
    broker::Broker,
    places, waiting,
    watched::Watched,
};
use anyhow::{Context as _, Result, ensure};
use davy_config::{ModbusData, ModbusFraming, ModbusItem, ModbusTable, OpcUaIdentity, OpcUaSource};
use davy_core::health::SourceHealth;
use davy_field::wire::{Protocol, Sent};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::{net::TcpListener, sync::Mutex, task::JoinSet};

/// Sources at once, and how often each is hung up on in a test of every day; `DAVY_RECONNECTS=1000` makes it a long one.
const SOURCES: usize = 20;
const CUTS: usize = 3;

fn cuts() -> usize {
    let all = std::env::var("DAVY_RECONNECTS").ok().and_then(|text| text.parse::<usize>().ok());
    all.map_or(CUTS, |all| all.div_ceil(SOURCES))
}

/// A source behind a cable of its own.
struct Client {
    stand: Stand,
    relay: Relay,
}

/// Hangs up on every client so many times, and waits until each is up again.
async fn storm(clients: Vec<Client>, cuts: usize) -> Result<Vec<Client>> {
    let mut running = JoinSet::new();
    for Client { mut stand, relay } in clients {
        running.spawn(async move {
            stand.health_with("it is up", |health| health.up).await?;
            for _ in 0..cuts {
                let taken = relay.accepted();
                relay.hang_up();
                let is_up_again = |health: &SourceHealth| health.up && relay.accepted() > taken;
                stand.health_with("it is up again", is_up_again).await?;
            }
            Ok::<_, anyhow::Error>(Client { stand, relay })
        });
    }
    running.join_all().await.into_iter().collect()
}

/// One at a time, each in a process of its own, whose descriptors and memory are those of the storm alone.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

async fn alone(test: &str) -> Result<()> {
    let _one = ONE_AT_A_TIME.lock().await;
    again::alone(&[], &format!("reconnects::{test}")).await
}

/// Two storms; what is held after the first must be enough for the second. Gives the clients, each with one connection.
async fn storms(clients: Vec<Client>, server: u16) -> Result<Vec<Client>> {
    let (sources, cuts) = (clients.len(), cuts());
    let clients = storm(clients, cuts / 2).await?;
    let held = Held::by_this_process()?;
    let clients = storm(clients, cuts - cuts / 2).await?;
    held.is_kept_after(sources * (cuts - cuts / 2))?;
    let attempts: usize = clients.iter().map(|client| client.relay.accepted()).sum();
    ensure!(attempts >= sources * (1 + cuts), "{attempts} connections are too few");
    let one_each = async || Ok(connections_to(server)? == sources);
    waiting::until_true("one connection of each source", waiting::LONG, one_each).await?;
    for Client { relay, .. } in &clients {
        assert_eq!(connections_to(relay.port)?, 1, "and of its own end");
    }
    Ok(clients)
}

async fn stop(clients: Vec<Client>) -> Result<()> {
    for client in clients {
        client.stand.stop().await?;
    }
    Ok(())
}

/// The sessions of cut connections time out on the server; the last one was closed in order.
async fn no_session_is_left(server: &mut Script) -> Result<()> {
    let mut left = async || {
        let counts = server.ask(json!({"op": "counts"})).await?;
        Ok::<_, anyhow::Error>((counts["sessions"] == 0 && counts["subscriptions"] == 0).then_some(()))
    };
    waiting::until("the server has no session left", waiting::LONG, &mut left).await.context("after every cut")
}

/// A connection leaves a session behind on the server, so they are made ever more seldom although each succeeds. Each takes
/// two, as the server is asked for its endpoints first.
fn are_seldom(clients: &[Client], begun: Instant) -> Result<()> {
    let most = 2 * attempts_max(begun.elapsed());
    let made: Vec<usize> = clients.iter().map(|client| client.relay.accepted()).collect();
    ensure!(made.iter().all(|made| *made <= most), "more than {most} connections: {made:?}");
    Ok(())
}

fn registers() -> Vec<ModbusItem> {
    vec![ModbusItem { poll_ms: 20, ..item(1, ModbusTable::Holding, 0, ModbusData::U16) }]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_grows_by_reconnecting_over_modbus() -> Result<()> {
    if !is_alone() {
        return alone("nothing_grows_by_reconnecting_over_modbus").await;
    }
    let (_server, port) = modbus::server("field_modbus_storm", json!({"1": {"holding": [[0, 4]]}})).await?;
    let mut clients = Vec::new();
    for _ in 0..SOURCES {
        let relay = Relay::to(port).await?;
        clients.push(Client { stand: modbus::stand(relay.port, registers(), 1_000), relay });
    }
    stop(storms(clients, port).await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_grows_by_reconnecting_over_mqtt() -> Result<()> {
    if !is_alone() {
        return alone("nothing_grows_by_reconnecting_over_mqtt").await;
    }
    let broker = Broker::start("field", &places::fresh("field_mqtt_storm")?).await?;
    let mut clients = Vec::new();
    for number in 0..SOURCES {
        let relay = Relay::to(broker.port).await?;
        let stand = mqtt::stand_with(relay.port, |config| config.broker.client_id = format!("davy-storm-{number}"));
        clients.push(Client { stand, relay });
    }
    stop(storms(clients, broker.port).await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_grows_by_reconnecting_over_opcua() -> Result<()> {
    if !is_alone() {
        return alone("nothing_grows_by_reconnecting_over_opcua").await;
    }
    let names = levels(50);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut server = opcua_server::Server::start_levels("field_opcua_storm", names.len(), json!({})).await?;
    let tap = Watched::open("OPC UA", Protocol::OpcUa, server.port).await?;
    let (begun, mut clients) = (Instant::now(), Vec::new());
    for _ in 0..SOURCES {
        let relay = Relay::to(tap.port()).await?;
        let endpoint = format!("opc.tcp://127.0.0.1:{}/", relay.port);
        let stand = opcua_server::stand(OpcUaSource { endpoint, ..server.opcua(&names) });
        clients.push(Client { stand, relay });
    }
    let mut clients = storms(clients, server.port).await?;
    are_seldom(&clients, begun)?;
    server.write(names[49], 7.0, 0).await?;
    for client in &mut clients {
        client.stand.value(49, 7.0).await?;
    }
    stop(clients).await?;
    tap.only_reads()?;
    no_session_is_left(&mut server.script).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_grows_by_reconnecting_over_secured_opcua() -> Result<()> {
    if !is_alone() {
        return alone("nothing_grows_by_reconnecting_over_secured_opcua").await;
    }
    let mut server = opcua_security::Server::start("field_opcua_secured_storm", json!({}), 0).await?;
    server.trust().await?;
    // What is sealed nobody can read on the way: it tells of the rest, such as the questions for endpoints.
    let tap = Watched::open("secured OPC UA", Protocol::OpcUa, server.port).await?;
    let (begun, mut clients) = (Instant::now(), Vec::new());
    for _ in 0..SOURCES {
        let relay = Relay::to(tap.port()).await?;
        clients.push(Client { stand: server.stand_at(relay.port, ENCRYPTED, OpcUaIdentity::Anonymous), relay });
    }
    let clients = storms(clients, server.port).await?;
    are_seldom(&clients, begun)?;
    stop(clients).await?;
    ensure!(tap.counts().contains_key(&Sent::Sealed), "it was encrypted: {:?}", tap.counts());
    no_session_is_left(&mut server.script).await
}

/// How many attempts there can be in so long, with the shortest waits that chance may give: halves of 0.5 s, 1 s, 2 s and so on
/// up to 5 s.
fn attempts_max(within: Duration) -> usize {
    let waits = [250, 500, 1_000, 2_000].into_iter().chain(std::iter::repeat(2_500)).map(Duration::from_millis);
    let begins = waits.scan(Duration::ZERO, |at, wait| {
        *at += wait;
        Some(*at)
    });
    1 + begins.take_while(|at| *at <= within).count()
}

#[test]
fn in_a_minute_there_are_few_attempts() {
    assert_eq!(attempts_max(Duration::from_secs(60)), 27);
}

/// Takes connections and hangs up on each.
async fn hangs_up() -> Result<(u16, Relay)> {
    let nobody = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    let relay = Relay::to(nobody).await?;
    Ok((relay.port, relay))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_up_on_everyone_is_asked_ever_more_seldom() -> Result<()> {
    let server = opcua_security::Server::start("field_opcua_hung_up", json!({}), 0).await?;
    let (modbus_port, modbus_relay) = hangs_up().await?;
    let (mqtt_port, mqtt_relay) = hangs_up().await?;
    let (opcua_port, opcua_relay) = hangs_up().await?;
    let begun = Instant::now();
    let mut stands = [
        modbus::start(modbus::source(modbus::tcp(modbus_port, ModbusFraming::Tcp), registers(), 300)),
        mqtt::stand(mqtt_port),
        server.stand_at(opcua_port, ENCRYPTED, OpcUaIdentity::Anonymous),
    ];
    for stand in &mut stands {
        stand.down().await?;
    }
    // A Modbus connection that breaks is replaced twice before the source is given up; for OPC UA it is tried by hand why
    // there is none.
    for (name, relay, of_an_attempt) in
        [("Modbus", &modbus_relay, 3), ("MQTT", &mqtt_relay, 1), ("OPC UA", &opcua_relay, 2)]
    {
        waiting::until_true("four attempts", waiting::LONG, async || Ok(relay.accepted() >= 4 * of_an_attempt)).await?;
        let (attempts, most) = (relay.accepted(), attempts_max(begun.elapsed()));
        ensure!(attempts <= most * of_an_attempt, "{name}: {attempts} connections, {most} attempts at most");
    }
    for stand in stands {
        stand.stop().await?;
    }
    Ok(())
}
