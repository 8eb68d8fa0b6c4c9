//! Commands back over a real broker, in both versions of MQTT, and from a receiver that is polled. What they do is the gateway's
//! affair; here somebody answers every order with a receipt.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod peers;

use axum::{Json, Router, extract::State, http::StatusCode, routing};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use davy_config::{AskKind, CommandKey, CommandsConfig, MqttVersion, Poll};
use davy_core::event::{Command, CommandKind, CommandOutcome, Event, Link};
use davy_uplink::commands::{Order, Receipt};
use peers::{
    broker::Broker,
    desk::{Desk, NOW},
    subscriber::{Message, Subscriber},
    until,
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rumqttc::{AsyncClient, MqttOptions, PublishOptions, QoS};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{net::TcpListener, sync::mpsc, task::AbortHandle};

const SEED: [u8; 32] = [7; 32];
const TOPIC: &str = "davy/v1/370612345/GW-01/command";

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&SEED).unwrap()
}

fn taken(kinds: &[AskKind], poll: Option<Poll>) -> Option<CommandsConfig> {
    let public = pair().public_key().as_ref().try_into().unwrap();
    let keys = vec![CommandKey { id: "platform".to_owned(), public }];
    Some(CommandsConfig { keys, kinds: kinds.to_vec(), poll })
}

/// A command as a platform signs it.
fn signed(id: &str, kind: &str, data: Value) -> String {
    let now = NOW.0 / 1_000;
    let claims = json!({
        "jti": id, "aud": "370612345/GW-01", "iat": now, "exp": now + 60, "kind": kind, "by": "李四", "data": data,
    });
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let head = format!("{}.{}", encode(br#"{"alg":"EdDSA","kid":"platform"}"#), encode(claims.to_string().as_bytes()));
    format!("{head}.{}", encode(pair().sign(head.as_bytes()).as_ref()))
}

fn acknowledge(id: &str) -> String {
    signed(id, "acknowledge", json!({ "alarm": "LI-1~1.1" }))
}

/// Does whatever is asked.
fn obey(mut orders: mpsc::Receiver<Order>) -> AbortHandle {
    let task = tokio::spawn(async move {
        while let Some(Order { command, answer }) = orders.recv().await {
            let reason = command.ask.err().map(|not_asked| not_asked.reason);
            let outcome = if reason.is_none() { CommandOutcome::Done } else { CommandOutcome::Invalid };
            let (kind, details) = (command.kind, Vec::new());
            let receipt =
                Receipt { command: command.id, kind, outcome, reason, details, seq: 42, at: NOW, reused: false };
            answer.send(receipt).unwrap();
        }
    });
    task.abort_handle()
}

struct Platform {
    client: AsyncClient,
    task: AbortHandle,
}

impl Platform {
    fn start(port: u16) -> Self {
        let mut options = MqttOptions::new("platform", ("127.0.0.1", port));
        options.set_max_packet_size(16 << 20, 16 << 20);
        let (client, mut events) = AsyncClient::builder(options).capacity(100).build();
        let task = tokio::spawn(async move { while events.poll().await.is_ok() {} }).abort_handle();
        Self { client, task }
    }

    async fn send(&self, kind: &str, jws: impl Into<Vec<u8>>, retain: bool) {
        let jws: Vec<u8> = jws.into();
        let options = PublishOptions::new(QoS::AtLeastOnce).retain(retain);
        let notice = self.client.publish_tracked(format!("{TOPIC}/{kind}"), jws, options).await.unwrap();
        notice.wait_async().await.unwrap();
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn replies(subscriber: &Subscriber) -> Vec<Message> {
    subscriber.messages().into_iter().filter(|message| message.topic.contains("/reply/")).collect()
}

async fn reply(subscriber: &Subscriber, id: &str) -> Message {
    until("the reply", async || replies(subscriber).into_iter().find(|message| message.event["data"]["command"] == id))
        .await
}

#[tokio::test]
async fn a_command_is_answered_while_rows_go_up() {
    for version in [MqttVersion::V3, MqttVersion::V5] {
        let folder = tempfile::tempdir().unwrap();
        let broker = Broker::start(folder.path()).await;
        let subscriber = Subscriber::start(broker.port, "enterprise").await;
        let platform = Platform::start(broker.port);
        // What is retained is heard as soon as the gateway is there, and as often as it comes back.
        platform.send("acknowledge", acknowledge("kept"), true).await;
        let mut desk = Desk::new(folder.path(), broker.port, 1_000);
        desk.change(|config| {
            config.version = version;
            config.commands = taken(&[AskKind::Acknowledge], None);
        });
        let gateway = obey(desk.orders.take().unwrap());
        let running = desk.start();
        assert_eq!(desk.link().await, Link::Up);
        let kept = reply(&subscriber, "kept").await;
        assert_eq!(kept.topic, "davy/v1/370612345/GW-01/reply/acknowledge");
        assert_eq!((kept.id(), kept.retained), ("GW-01/1/42/reply", false));
        desk.write("alarm", 100).await;
        for (id, kind, outcome) in [("a", "acknowledge", "done"), ("b", "task", "invalid"), ("c", "write", "invalid")] {
            platform.send(kind, signed(id, kind, json!({ "alarm": "LI-1~1.1" })), false).await;
            let reply = reply(&subscriber, id).await;
            assert_eq!(reply.event["data"]["outcome"], outcome, "{}", reply.event);
            assert!(reply.topic.ends_with(&format!("/reply/{kind}")), "{}", reply.topic);
        }
        desk.all_saved(100).await;
        assert_eq!(running.health.borrow().connects, 1);
        desk.stop(running).await;
        gateway.abort();
    }
}

#[tokio::test]
async fn nobody_known_is_answered_and_one_row_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let subscriber = Subscriber::start(broker.port, "enterprise").await;
    let platform = Platform::start(broker.port);
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| config.commands = taken(&[AskKind::Acknowledge], None));
    let gateway = obey(desk.orders.take().unwrap());
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    reply_of_a_live_gateway(&platform, &subscriber).await;
    for _ in 0..20 {
        platform.send("acknowledge", "a.b.c", false).await;
    }
    reply_of_a_live_gateway(&platform, &subscriber).await;
    let Some(Event::Command(Command { by, kind, .. })) = desk.events.recv().await else { panic!("no command") };
    let CommandKind::NoteUnauthenticated { count, .. } = kind else { panic!("{kind:?}") };
    assert_eq!((by.as_str(), count), ("davy", 1));
    assert!(desk.events.try_recv().is_err(), "one row an hour");
    desk.stop(running).await;
    gateway.abort();
}

/// The subscription is granted a moment after the link is up, so a command is sent until it is answered.
async fn reply_of_a_live_gateway(platform: &Platform, subscriber: &Subscriber) {
    let before = replies(subscriber).len();
    until("the gateway answers", async || {
        platform.send("acknowledge", acknowledge("again"), false).await;
        (replies(subscriber).len() > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_holds_up_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(folder.path()).await;
    let platform = Platform::start(broker.port);
    let mut desk = Desk::new(folder.path(), broker.port, 1_000);
    desk.change(|config| config.commands = taken(&[AskKind::Acknowledge], None));
    let running = desk.start();
    assert_eq!(desk.link().await, Link::Up);
    // Nobody takes the orders, and more come than there is room for.
    for at in 0..300 {
        platform.send("acknowledge", acknowledge(&format!("c-{at}")), false).await;
    }
    desk.write("alarm", 200).await;
    desk.all_saved(200).await;
    assert_eq!(running.health.borrow().connects, 1);
    desk.stop(running).await;
}

#[tokio::test]
async fn a_packet_that_is_far_too_large_costs_one_connection() {
    for version in [MqttVersion::V3, MqttVersion::V5] {
        let folder = tempfile::tempdir().unwrap();
        let broker = Broker::start(folder.path()).await;
        let platform = Platform::start(broker.port);
        platform.send("acknowledge", vec![b'x'; 1 << 20], true).await;
        let mut desk = Desk::new(folder.path(), broker.port, 1_000);
        desk.change(|config| {
            config.version = version;
            config.commands = taken(&[AskKind::Acknowledge], None);
        });
        let running = desk.start();
        desk.write("alarm", 50).await;
        desk.all_saved(50).await;
        let health = running.health.clone();
        // A broker of version 5 is told what may come and does not send it.
        let most = if version == MqttVersion::V3 { 2 } else { 1 };
        until("the link stays up", async || {
            let health = health.borrow().clone();
            (health.up && health.connects <= most).then_some(())
        })
        .await;
        desk.stop(running).await;
    }
}

/// What a receiver that is polled lists, what it was told, and how often it was asked.
#[derive(Default)]
struct Listed {
    commands: Vec<String>,
    receipts: Vec<Value>,
    asked: usize,
    /// Receipts that are refused before one is taken.
    refuses: usize,
}

type Shared = Arc<Mutex<Listed>>;

async fn list(State(listed): State<Shared>) -> Result<Json<Value>, StatusCode> {
    let mut listed = listed.lock().unwrap();
    listed.asked += 1;
    if listed.commands.is_empty() {
        Err(StatusCode::NO_CONTENT)
    } else {
        Ok(Json(json!({ "commands": listed.commands })))
    }
}

async fn take(State(listed): State<Shared>, body: String) -> StatusCode {
    let mut listed = listed.lock().unwrap();
    if listed.refuses > 0 {
        listed.refuses -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    listed.receipts.extend(serde_json::from_str::<Vec<Value>>(&body).unwrap());
    listed.commands.clear();
    StatusCode::NO_CONTENT
}

#[tokio::test]
async fn commands_are_asked_for_and_their_receipts_posted() {
    let folder = tempfile::tempdir().unwrap();
    let commands = vec![acknowledge("h-1"), "no.command.atall".to_owned(), signed("h-2", "stop", json!({}))];
    let listed: Shared = Arc::new(Mutex::new(Listed { commands, refuses: 1, ..Listed::default() }));
    let router = Router::new()
        .route("/commands", routing::get(list))
        .route("/commands/receipts", routing::post(take))
        .with_state(Arc::clone(&listed));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let mut desk = Desk::over_http(folder.path(), format!("http://127.0.0.1:{port}/events"));
    let url = format!("http://127.0.0.1:{port}/commands?site=1");
    desk.change_http(|config| {
        config.commands = taken(&[AskKind::Acknowledge], Some(Poll { url, every_ms: 50 }));
    });
    let gateway = obey(desk.orders.take().unwrap());
    let running = desk.start();
    let receipts = until("the receipts are posted", async || {
        let receipts = listed.lock().unwrap().receipts.clone();
        (!receipts.is_empty()).then_some(receipts)
    })
    .await;
    let said: Vec<_> = receipts.iter().map(|event| (&event["data"]["command"], &event["data"]["outcome"])).collect();
    assert_eq!(said, [(&json!("h-1"), &json!("done")), (&json!("h-2"), &json!("invalid"))]);
    let asked = listed.lock().unwrap().asked;
    assert!(asked >= 2, "the receipts were refused once, so the commands were listed again");
    desk.stop(running).await;
    gateway.abort();
    server.abort();
}
