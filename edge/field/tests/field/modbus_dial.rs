//! Devices that dial in, such as DTUs: which connection is used, and who is turned away.

use crate::{
    modbus::{source, start},
    modbus_line::{Way, holding, line, listen, tell},
};
use acceptance::{places, waiting::LONG};
use anyhow::Result;
use davy_config::{IpRange, ModbusFraming, ModbusLink};
use davy_core::{health::SourceHealth, quality::Quality};
use serde_json::json;
use std::{net::Ipv4Addr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

#[tokio::test(flavor = "multi_thread")]
async fn of_devices_that_dial_in_the_newest_is_used_and_strangers_are_refused() -> Result<()> {
    let way = Way::DialsIn(ModbusFraming::Rtu);
    let (mut line, link) = line("field_modbus_dial", way).await?;
    let ModbusLink::Listen { address, .. } = link else { panic!("it listens") };
    let mut stand = start(source(link, vec![holding(1, 0)], 2_000));
    stand.up().await?;
    // A device whose network was cut dials again; the old connection never says that it is over.
    let before = stand.health_with("it is connected", |health| connected(health).is_some()).await?;
    tell(&mut line, json!({"op": "dial"})).await?;
    let newer = |health: &SourceHealth| connected(health).is_some_and(|now| Some(now) != connected(&before));
    stand.health_with("the newer one is used", newer).await?;
    stand.sample(0, |sample| sample.quality == Quality::GOOD).await?;
    tell(&mut line, json!({"op": "hang_up"})).await?;
    stand.sample(0, |sample| sample.quality == Quality::GOOD).await?;

    // A stranger that says something else, and one that says nothing.
    let mut stranger = TcpStream::connect(address).await?;
    stranger.write_all(b"DTU-6666").await?;
    let closed = timeout(LONG, stranger.read(&mut [0; 1])).await?;
    assert!(matches!(closed, Ok(0) | Err(_)), "hung up on");
    let refused = |notes: &[String]| notes.iter().any(|note| note.contains("does not begin with the registration"));
    stand.health_with("the stranger is named", |health| refused(&health.notes)).await?;
    stand.sample(0, |sample| sample.quality == Quality::GOOD).await?;
    assert_eq!(stand.health().connects, 1, "{:?}", stand.health());
    stand.stop().await
}

fn connected(health: &SourceHealth) -> Option<&String> {
    health.notes.iter().find(|note| note.starts_with("connected: 127.0.0.1:"))
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_that_say_nothing_do_not_keep_a_device_out_and_heartbeats_do_no_harm() -> Result<()> {
    let (mut line, link) = line("field_modbus_crowd", Way::DialsIn(ModbusFraming::Rtu)).await?;
    let ModbusLink::Listen { address, .. } = link else { panic!("it listens") };
    line.kill().await?;
    let mut stand = start(source(link, vec![holding(1, 0)], 1_000));
    let mut strangers = Vec::new();
    while strangers.len() < 30 {
        match TcpStream::connect(address).await {
            Ok(stranger) => strangers.push(stranger),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
    line.start_again().await?;
    stand.up().await?;
    tell(&mut line, json!({"op": "chatter", "text": "heartbeat"})).await?;
    for _ in 0..10 {
        assert_eq!(stand.sample(0, |_| true).await?.quality, Quality::GOOD);
    }
    stand.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_allowed_is_hung_up_on() -> Result<()> {
    let port = places::free_port()?;
    let allowed = IpRange { address: Ipv4Addr::new(10, 0, 0, 0).into(), bits: 8 };
    let mut stand = start(source(listen(port, allowed, ModbusFraming::Rtu), vec![holding(1, 0)], 200));
    let mut stranger = loop {
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(stream) => break stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    let closed = timeout(LONG, stranger.read(&mut [0; 1])).await?;
    assert!(matches!(closed, Ok(0) | Err(_)), "hung up on");
    let reason = stand.down().await?;
    assert!(reason.contains("no device has connected") && reason.contains("127.0.0.1 is not in allow"), "{reason}");
    stand.stop().await
}
