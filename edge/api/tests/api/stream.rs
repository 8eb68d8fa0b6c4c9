//! The event stream: everything at first, then what changes, and a beat.

use crate::{
    gateway::Gateway,
    site::{level, located},
};
use davy_core::id::TagIx;
use futures::{StreamExt, stream::BoxStream};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};
use tokio::time::timeout;

const SECTIONS: [&str; 18] = [
    "system",
    "annunciation",
    "alarms",
    "warnings",
    "units",
    "measures",
    "tasks",
    "plans",
    "hazards",
    "hidden",
    "people",
    "tickets",
    "zones",
    "watch",
    "tags",
    "sources",
    "uplinks",
    "demo",
];

/// An event as a browser would see it.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    id: Option<String>,
    pub(crate) data: Value,
}

pub(crate) struct Events {
    bytes: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    /// The beginning of an event whose end has not come yet.
    text: Vec<u8>,
    events: VecDeque<Event>,
}

/// Nothing here takes long; this ends a test that would hang.
const WAIT: Duration = Duration::from_secs(60);

impl Events {
    async fn open(gateway: &Gateway) -> Self {
        Self::open_with(gateway, "").await
    }

    async fn open_with(gateway: &Gateway, query: &str) -> Self {
        let client = reqwest::Client::new();
        Self::begin(client.get(format!("http://{}/api/v1/stream{query}", gateway.address))).await
    }

    pub(crate) async fn begin(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { bytes: response.bytes_stream().boxed(), text: Vec::new(), events: VecDeque::new() }
    }

    /// The next event; `None` when the stream has ended in order.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        timeout(WAIT, self.read()).await.expect("an event or the end")
    }

    async fn read(&mut self) -> Option<Event> {
        while self.events.is_empty() {
            self.text.extend_from_slice(&self.bytes.next().await?.unwrap());
            if self.text.ends_with(b"\n\n") {
                let text = String::from_utf8(std::mem::take(&mut self.text)).unwrap();
                self.events.extend(text.split("\n\n").filter_map(parse));
            }
        }
        self.events.pop_front()
    }

    /// The next event of this name whose data is as wanted.
    pub(crate) async fn until(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.name == name && wanted(&event.data) {
                return event;
            }
        }
    }
}

fn parse(block: &str) -> Option<Event> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
    Some(Event {
        name: field("event: ")?.to_owned(),
        id: field("id: ").map(str::to_owned),
        data: serde_json::from_str(field("data: ")?).unwrap(),
    })
}

#[tokio::test]
async fn everything_comes_first_and_beats_follow() {
    let gateway = Gateway::start().await;
    let mut events = Events::open(&gateway).await;
    for name in SECTIONS {
        let event = events.next().await.unwrap();
        assert_eq!(event.name, name);
        match name {
            "system" | "annunciation" | "demo" | "watch" => assert!(event.data.is_object(), "{name}"),
            "hidden" => assert_eq!(event.data, json!([]), "nothing is hidden"),
            _ => assert!(!event.data.as_array().unwrap().is_empty(), "{name}"),
        }
    }
    let first = events.until("beat", |_| true).await;
    let second = events.until("beat", |_| true).await;
    assert_eq!(first.data, json!({ "at": "2026-11-23T00:00:00.123Z" }));
    let revision = |event: &Event| event.id.as_ref().unwrap().rsplit('-').next().unwrap().parse::<u64>().unwrap();
    assert!(revision(&second) > revision(&first));
}

#[tokio::test]
async fn the_sections_are_the_whole_lists_of_the_api() {
    let gateway = Gateway::start().await;
    let mut events = Events::open(&gateway).await;
    for name in SECTIONS {
        let event = events.next().await.unwrap();
        match name {
            "annunciation" => assert_eq!(event.data["lamp"], "red"),
            "demo" => assert_eq!(event.data, json!({ "scene_en": "calm" })),
            "system" | "watch" => assert_eq!(event.data, gateway.get(&format!("/api/v1/{name}")).await),
            _ => assert_eq!(event.data, gateway.get(&format!("/api/v1/{name}")).await["items"], "{name}"),
        }
    }
}

#[tokio::test]
async fn only_what_changes_is_sent_again() {
    let gateway = Gateway::start().await;
    let mut events = Events::open(&gateway).await;
    events.until("demo", |_| true).await;
    let (status, _) = gateway.post("/api/v1/horn/silence", json!({ "by": "a" })).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let mut between = Vec::new();
    loop {
        let event = events.next().await.unwrap();
        if event.name == "annunciation" {
            assert_eq!(event.data["horn"], false);
            break;
        }
        between.push(event.name);
    }
    // The audit row moves the journal's head, which is in `system`.
    assert!(between.iter().all(|name| name == "beat" || name == "system"), "{between:?}");
    gateway.demo.send_replace(davy_api::Demo(json!({ "scene_en": "smoke" })));
    events.until("demo", |demo| demo["scene_en"] == "smoke").await;
    gateway.source.send_modify(|health| health.up = false);
    events.until("sources", |sources| sources[0]["up"] == false).await;
    gateway.events.send(level(42.5)).await.unwrap();
    events.until("alarms", |alarms| alarms[0]["state"] == "returned_unacknowledged").await;
    events.until("tags", |tags| tags[0]["value"] == 42.5).await;
}

#[tokio::test]
async fn of_lists_only_the_rows_that_change_come_to_who_wants_that() {
    let gateway = Gateway::start().await;
    let mut events = Events::open_with(&gateway, "?changes=true").await;
    for name in SECTIONS {
        let event = events.next().await.unwrap();
        match name {
            "system" | "annunciation" | "demo" | "watch" => assert!(event.data["rows"].is_null(), "{name}"),
            _ => {
                let rows = gateway.get(&format!("/api/v1/{name}")).await["items"].clone();
                assert_eq!(event.data["rows"], rows, "{name}");
                assert_eq!(event.data["order"].as_array().unwrap().len(), rows.as_array().unwrap().len(), "{name}");
            }
        }
    }
    gateway.events.send(level(42.5)).await.unwrap();
    let tags = events.until("tags", |tags| tags["rows"][0]["value"] == 42.5).await.data;
    let all = gateway.get("/api/v1/tags").await["items"].as_array().unwrap().len();
    assert!(all > 1, "there are others, which have not changed");
    assert_eq!(tags["rows"].as_array().unwrap().len(), 1);
    assert!(tags["order"].is_null(), "none came or went");
}

#[tokio::test]
async fn who_comes_again_gets_what_has_changed_since() {
    let gateway = Gateway::start().await;
    let mut events = Events::open_with(&gateway, "?changes=true").await;
    // The id comes with the last event of what belongs together.
    let id = events.until("beat", |_| true).await.id.unwrap();
    drop(events);
    gateway.demo.send_replace(davy_api::Demo(json!({ "scene_en": "smoke" })));
    gateway.events.send(level(42.5)).await.unwrap();
    let mut state = gateway.snapshot.subscribe();
    timeout(WAIT, state.wait_for(|snapshot| snapshot.tags.view(TagIx(0)).value == Some(42.5))).await.unwrap().unwrap();
    for (query, header) in [(format!("?changes=true&after={id}"), None), ("?changes=true".to_owned(), Some(&id))] {
        let mut request = reqwest::Client::new().get(format!("http://{}/api/v1/stream{query}", gateway.address));
        if let Some(id) = header {
            request = request.header("Last-Event-ID", id);
        }
        let mut again = Events::begin(request).await;
        let mut names = Vec::new();
        while !names.contains(&"beat".to_owned()) {
            let event = again.next().await.unwrap();
            if event.name == "tags" {
                assert_eq!(event.data["rows"].as_array().unwrap().len(), 1);
            }
            names.push(event.name);
        }
        assert!(names.contains(&"demo".to_owned()) && names.contains(&"tags".to_owned()), "{names:?}");
        for still in ["people", "tickets", "plans", "sources", "zones"] {
            assert!(!names.contains(&still.to_owned()), "{still} has not changed: {names:?}");
        }
    }
    let mut other = Events::open_with(&gateway, "?changes=true&after=0-11-5").await;
    for name in SECTIONS {
        assert_eq!(other.next().await.unwrap().name, name, "an id of another server means nothing here");
    }
}

#[tokio::test]
async fn a_slow_client_skips_to_the_newest_and_holds_nobody_up() {
    let gateway = Gateway::start().await;
    let mut slow = Events::open(&gateway).await;
    let mut quick = Events::open(&gateway).await;
    quick.until("demo", |_| true).await;
    // Far more than the buffers between the two ends hold, while the slow one reads nothing.
    let pad = "x".repeat(200_000);
    const CHANGES: u64 = 100;
    for n in 1..=CHANGES {
        gateway.demo.send_replace(davy_api::Demo(json!({ "n": n, "pad": pad })));
        quick.until("demo", |demo| demo["n"] == n).await;
    }
    let mut seen = 0;
    loop {
        let event = slow.until("demo", |_| true).await;
        seen += 1;
        if event.data["n"] == CHANGES {
            break;
        }
    }
    assert!(seen < CHANGES / 2, "the slow client got {seen} of {CHANGES} changes");
}

#[tokio::test]
async fn streams_are_bounded_and_free_their_place() {
    let gateway = Gateway::start().await;
    let mut open = Vec::new();
    for _ in 0..256 {
        open.push(Events::open(&gateway).await);
    }
    let refused = gateway.response("/api/v1/stream").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "streams_full");
    let metrics = gateway.response("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("davy_streams_open 256\n"));
    drop(open.pop());
    let again = async {
        while gateway.response("/api/v1/stream").await.status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    timeout(WAIT, again).await.expect("a closed stream frees its place");
}

#[tokio::test]
async fn a_later_client_gets_what_changed_while_nobody_listened() {
    let gateway = Gateway::start().await;
    drop(Events::open(&gateway).await);
    let mut people = gateway.snapshot.subscribe();
    people.mark_unchanged();
    gateway.events.send(located()).await.unwrap();
    gateway.events.send(level(42.5)).await.unwrap();
    timeout(WAIT, people.wait_for(|snapshot| snapshot.tags.view(TagIx(0)).value == Some(42.5))).await.unwrap().unwrap();
    let mut events = Events::open(&gateway).await;
    let tags = events.until("tags", |_| true).await;
    assert_eq!(tags.data[0]["value"], 42.5);
}

#[tokio::test]
async fn a_stop_ends_streams_and_server() {
    let gateway = Gateway::start().await;
    let mut events = Events::open(&gateway).await;
    events.until("demo", |_| true).await;
    gateway.stop.cancel();
    while events.next().await.is_some() {}
    timeout(WAIT, gateway.server).await.expect("the server ends").unwrap();
}

#[tokio::test]
async fn a_stuck_client_does_not_keep_the_server() {
    let gateway = Gateway::start().await;
    let _stuck = Events::open(&gateway).await;
    let pad = "x".repeat(8_000_000);
    gateway.demo.send_replace(davy_api::Demo(json!({ "pad": pad })));
    let mut quick = Events::open(&gateway).await;
    quick.until("demo", |_| true).await;
    gateway.stop.cancel();
    timeout(WAIT, gateway.server).await.expect("the server ends").unwrap();
}
