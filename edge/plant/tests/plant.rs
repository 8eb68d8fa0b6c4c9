//! A plant on free ports, seen by real clients of every protocol.

#![expect(clippy::unwrap_used, reason = "a test ends with the first thing that is not as it should be")]

use davy_core::time::UtcTime;
use davy_plant::{Endpoints, Plant, PlantError, Settings, start};
use opcua::{
    client::{ClientBuilder, DataChangeCallback, IdentityToken, Session},
    types::{
        DataValue, EndpointDescription, MessageSecurityMode, MonitoredItemCreateRequest, NodeId, ReadValueId,
        StatusCode, TimestampsToReturn, UserTokenPolicy,
    },
};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, PublishOptions, QoS};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    net::TcpListener,
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_modbus::{ExceptionCode, Slave, client::tcp, prelude::*};
use tokio_util::sync::CancellationToken;

/// One story cycle takes thirteen seconds.
const SPEED: f64 = 20.0;
/// Far more than anything here takes; beyond it the test fails.
const LONG: Duration = Duration::from_secs(120);
/// An attempt that may fail and is made again.
const SHORT: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);
/// The part of an OPC UA status that names it; the rest is additional information (OPC 10000-4, 7.39).
const CODE: u32 = 0xFFFF_0000;

fn utc() -> UtcTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UtcTime(since.as_millis().try_into().unwrap())
}

async fn running() -> Plant {
    start(Settings { speed: SPEED, ..Settings::new(utc, CancellationToken::new()) }).await.unwrap()
}

/// A session of the real OPC UA client, ended when dropped.
struct Dcs {
    session: Arc<Session>,
    task: JoinHandle<StatusCode>,
    _pki: tempfile::TempDir,
}

impl Drop for Dcs {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn dcs(url: &str) -> Option<Dcs> {
    let pki = tempfile::tempdir().unwrap();
    let builder = ClientBuilder::new().application_name("test").application_uri("urn:test").product_uri("urn:test");
    let mut client = builder
        .pki_dir(pki.path())
        .trust_server_certs(true)
        .create_sample_keypair(false)
        .session_retry_limit(0)
        .request_timeout(SHORT)
        .client()
        .unwrap();
    let endpoint: EndpointDescription = (url, "None", MessageSecurityMode::None, UserTokenPolicy::anonymous()).into();
    let connecting = client.connect_to_matching_endpoint(endpoint, IdentityToken::Anonymous);
    let (session, events) = timeout(SHORT, connecting).await.ok()?.ok()?;
    let task = events.spawn();
    let connected = timeout(SHORT, session.wait_for_connection()).await.unwrap_or(false);
    connected.then_some(Dcs { session, task, _pki: pki })
}

impl Dcs {
    async fn read(&self, tag: &str) -> Option<DataValue> {
        let node = ReadValueId::from(NodeId::new(2, tag));
        self.session.read(&[node], TimestampsToReturn::Both, 0.0).await.ok()?.pop()
    }

    /// The statuses that a subscriber is told of.
    async fn follow(&self, tag: &str) -> mpsc::UnboundedReceiver<StatusCode> {
        let (sender, statuses) = mpsc::unbounded_channel();
        let told = DataChangeCallback::new(move |value, _| {
            let _ = sender.send(value.status());
        });
        let interval = Duration::from_millis(100);
        let subscription = self.session.create_subscription(interval, 600, 30, 0, 0, true, told).await.unwrap();
        let items = vec![MonitoredItemCreateRequest::from(NodeId::new(2, tag))];
        self.session.create_monitored_items(subscription, TimestampsToReturn::Both, items).await.unwrap();
        statuses
    }
}

fn mqtt(id: &str, broker: SocketAddr) -> (AsyncClient, EventLoop) {
    let mut options = MqttOptions::new(id, (broker.ip().to_string(), broker.port()));
    options.set_keep_alive(10);
    AsyncClient::builder(options).capacity(100).build()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_protocol_answers_and_ports_are_free_again() {
    let plant = running().await;
    let ends = plant.endpoints();
    timeout(LONG, async {
        tokio::join!(opcua_moves_is_restarted_and_returns(ends), modbus_is_read_only(ends), beacons_report(ends));
        the_enterprise_receives_through_a_link_that_is_cut(&plant).await;
    })
    .await
    .expect("everything is seen in time");
    assert!(davy_config::read(&davy_config::Files(plant.configuration()), &|_| Err(String::new())).is_ok());
    plant.stop().await;
    for address in [ends.opcua, ends.modbus, ends.enterprise] {
        assert!(TcpListener::bind(address).await.is_ok(), "{address} is free again");
    }
}

async fn opcua_moves_is_restarted_and_returns(ends: Endpoints) {
    let url = ends.opcua_url();
    let server = dcs(&url).await.expect("the server answers");
    let mut failed = server.follow("TT-2103").await;
    let (mut values, mut bad) = (BTreeSet::new(), false);
    // Its level rises; then the transmitter TT-2103 fails; then the server goes down.
    while let Some(level) = server.read("LI-1103").await {
        assert_eq!(level.status(), StatusCode::Good);
        assert!(level.source_timestamp.is_some_and(|at| at.as_chrono().timestamp_millis() > 0));
        values.insert(format!("{:?}", level.value));
        while let Ok(status) = failed.try_recv() {
            // A busy machine publishes late, and the lower half of the status then says that values were dropped meanwhile.
            bad |= status.bits() & CODE == StatusCode::BadSensorFailure.bits();
        }
        sleep(PAUSE).await;
    }
    assert!(values.len() > 5, "{values:?}");
    assert!(bad, "a subscriber is told that the transmitter has failed");
    drop(server);
    while dcs(&url).await.is_none() {
        sleep(PAUSE).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a write must be refused")]
async fn modbus_is_read_only(ends: Endpoints) {
    let mut detectors = tcp::connect_slave(ends.modbus, Slave(1)).await.unwrap();
    let mut values = BTreeSet::new();
    // GT-1101, a float in CDAB.
    while values.len() < 3 {
        let words = detectors.read_input_registers(0, 2).await.unwrap().unwrap();
        let gas = f32::from_bits(u32::from(words[1]) << 16 | u32::from(words[0]));
        assert!((0.0..5.0).contains(&gas), "{gas}");
        values.insert(gas.to_bits());
        sleep(PAUSE).await;
    }
    assert_eq!(detectors.write_single_register(0, 1).await.unwrap(), Err(ExceptionCode::IllegalFunction));
    assert_eq!(detectors.read_input_registers(9_000, 1).await.unwrap(), Err(ExceptionCode::IllegalDataAddress));
    detectors.set_slave(Slave(2));
    assert_eq!(detectors.read_holding_registers(100, 80).await.unwrap().unwrap().len(), 80);
    assert_eq!(detectors.read_coils(0, 32).await.unwrap().unwrap().len(), 32);
}

async fn beacons_report(ends: Endpoints) {
    let (client, mut events) = mqtt("test-field", ends.field);
    client.subscribe("site/#", QoS::AtLeastOnce).await.unwrap();
    let (mut cards, mut zones, mut sos, mut smoke) = (BTreeSet::new(), BTreeSet::new(), false, false);
    while cards.len() < 30 || zones.len() < 6 || !sos || !smoke {
        let Event::Incoming(Packet::Publish(publish)) = events.poll().await.unwrap() else { continue };
        let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
        let said: Value = serde_json::from_slice(&publish.payload).unwrap();
        assert!(said["time"].as_str().and_then(UtcTime::parse).is_some(), "{topic} {said}");
        if let Some(card) = topic.strip_prefix("site/location/") {
            assert_eq!(said["card"], card);
            assert!(said["battery"].is_u64());
            cards.insert(card.to_owned());
            zones.insert(said["zone"].to_string());
            sos |= said["sos"] == true;
        } else {
            smoke |=
                topic == "site/video/CAM-05" && said["algorithm"] == "smoke" && said["confidence"].as_f64() > Some(0.8);
        }
    }
}

async fn the_enterprise_receives_through_a_link_that_is_cut(plant: &Plant) {
    let mut view = plant.view();
    let down = |view: &davy_plant::PlantView| view.scene_en == "The enterprise link is down";
    view.wait_for(|view| view.second < 170).await.unwrap();
    let (client, mut events) = mqtt("test-gateway", plant.endpoints().enterprise);
    while !matches!(events.poll().await, Ok(Event::Incoming(Packet::ConnAck(_)))) {
        sleep(PAUSE).await;
    }
    let topic = "davy/v1/330100123/gw-1/live/alarm";
    for seq in [1, 2, 2, 5] {
        let event = json!({"id": format!("gw-1/1/{seq}"), "data": {"name": "液位高高", "state": "normal"}}).to_string();
        client.publish(topic, event, PublishOptions::new(QoS::AtLeastOnce)).await.unwrap();
    }
    while !matches!(events.poll().await.unwrap(), Event::Incoming(Packet::PubAck(ack)) if ack.pkid == 4) {}
    let received = view.wait_for(|view| view.receiver.latest.len() == 3).await.unwrap().receiver.clone();
    assert_eq!((received.counts["live"]["alarm"], received.duplicates, received.gaps), (3, 1, 2));
    assert_eq!(received.latest[0].text, "液位高高：正常");
    view.wait_for(down).await.unwrap();
    while events.poll().await.is_ok() {}
}

#[tokio::test]
async fn an_absurd_speed_and_a_taken_port_are_refused() {
    let settings = || Settings::new(utc, CancellationToken::new());
    let refused = start(Settings { speed: 1e6, ..settings() }).await;
    assert!(matches!(refused, Err(PlantError::Speed(_))));
    let holder = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let taken = holder.local_addr().unwrap();
    let refused = start(Settings { modbus_listen: taken, ..settings() }).await.err().unwrap().to_string();
    assert!(refused.contains(&taken.to_string()) && refused.contains("choose another address"), "{refused}");
}
