//! A gateway without connectors: the loop in small around a real engine and a real journal, and the API in front of it.

use crate::site::{NOW, level, located, site, ticket, utc};
use crate::{certificates::Shelf, field::Bench, system::Shed};
use davy_api::{
    Access, Board, Certificates, Clock, Context, Demo, EvidenceOf, Identity, JournalHealth, Logs, Looks, LoopSheet,
    PageFile, Refusal, Request, Tls, Upkeep, serve,
};
use davy_core::{
    Engine,
    effect::Effects,
    event::{Command, Event},
    health::{CertificateStanding, SourceHealth, UplinkHealth},
    indicators::Indicators,
    model::Site,
    snapshot::Snapshot,
    time::{Monotonic, Now},
};
use davy_store::{
    Batch, Row, Store,
    history::TagOfRun,
    recording::{Beginning, Keep, Keeps, Recorder},
};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::{borrow::Cow, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Held by a test that opens hundreds of connections: two at once would have more files than a process usually may.
pub(crate) static MANY: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A running gateway. Its ends are for the test to pull.
pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    scheme: &'static str,
    pub(crate) client: Client,
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) snapshot: watch::Sender<Arc<Snapshot>>,
    pub(crate) source: watch::Sender<SourceHealth>,
    pub(crate) uplink: watch::Sender<UplinkHealth>,
    pub(crate) journal: watch::Sender<JournalHealth>,
    pub(crate) demo: watch::Sender<Demo>,
    pub(crate) store: Store,
    pub(crate) stop: CancellationToken,
    pub(crate) recorder: Recorder,
    pub(crate) server: JoinHandle<()>,
    _data: tempfile::TempDir,
}

/// What differs between tests.
pub(crate) struct Options {
    pub(crate) page: fn(&str) -> Option<PageFile>,
    pub(crate) evidence: EvidenceOf,
    pub(crate) certificates: Arc<dyn Certificates>,
    pub(crate) looks: Arc<dyn Looks>,
    pub(crate) loops: Arc<dyn LoopSheet>,
    pub(crate) board: Arc<dyn Board>,
    /// Whether the loop runs; without it commands wait.
    pub(crate) looping: bool,
    /// Who may do what; everybody everything unless it says otherwise.
    pub(crate) configurations: Arc<dyn davy_api::Configurations>,
    pub(crate) access: Access,
    pub(crate) clock: Clock,
    pub(crate) tls: Option<watch::Receiver<Tls>>,
    pub(crate) upkeep: Arc<dyn Upkeep>,
    pub(crate) updates: Arc<dyn davy_api::Updates>,
    pub(crate) logs: Arc<Logs>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            page,
            evidence: Arc::new(|_| Ok(None)),
            certificates: Arc::new(Shelf::of(&[("ab", CertificateStanding::Own)])),
            looks: Arc::new(Bench::default()),
            loops: Arc::new(Bench::default()),
            configurations: Arc::new(crate::configuration::Cabinet::default()),
            board: Arc::new(crate::board::Bench::default()),
            looping: true,
            access: Access::Demo,
            clock: Arc::new(now),
            tls: None,
            upkeep: Arc::new(Shed::default()),
            updates: Arc::new(crate::updates::Dock::default()),
            logs: Arc::new(crate::system::logs()),
        }
    }
}

impl Gateway {
    /// With one alarm, its warning, task and hazard, and one person in a zone.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let data = tempfile::tempdir().unwrap();
        let opened = davy_store::open(data.path(), NOW).unwrap();
        let site = Arc::new(site());
        let recorder = recorder(data.path(), &site);
        let (commands, requests) = mpsc::channel(1);
        let (events, inbox) = mpsc::channel(16);
        let (snapshot, snapshots) = watch::channel(Arc::default());
        let (source, source_health) = watch::channel(SourceHealth { up: true, ..SourceHealth::default() });
        let (uplink, uplink_health) = watch::channel(UplinkHealth { backlog: 7, ..UplinkHealth::default() });
        let (journal, journal_health) = watch::channel(JournalHealth { durable: true, detail: String::new() });
        let (demo, demos) = watch::channel(Demo(serde_json::json!({ "scene_en": "calm" })));
        let stop = CancellationToken::new();
        let context = Context {
            utc,
            snapshot: snapshots,
            sources: vec![(site.sources[0].clone(), source_health)],
            uplinks: vec![(site.uplinks[0].clone(), uplink_health)],
            commands,
            site: Arc::clone(&site),
            map: Arc::new(crate::site::map()),
            store: opened.store.clone(),
            history: recorder.history(),
            identity: Identity {
                gateway: site.gateway.clone(),
                epoch: opened.epoch,
                version: "0.0.0-test",
                started_at: NOW,
                board: "simulated".to_owned(),
            },
            indicators: Indicators::new(&site),
            journal: journal_health,
            panel: watch::channel(Arc::new(crate::board::health())).1,
            board: options.board,
            demo: Some(demos),
            evidence: options.evidence,
            access: options.access,
            clock: options.clock,
            tls: options.tls,
            names: Vec::new(),
            certificates: options.certificates,
            looks: options.looks,
            loops: options.loops,
            configurations: options.configurations,
            resources: watch::channel(Arc::new(crate::system::resources())).1,
            logs: options.logs,
            upkeep: options.upkeep,
            updates: options.updates,
            page: options.page,
            stop: stop.clone(),
        };
        let mut small = Loop {
            engine: Engine::new(site, opened.epoch, now()),
            store: opened.store.clone(),
            snapshot: snapshot.clone(),
        };
        for event in [Event::Started, level(95.0), located(), ticket()] {
            small.take(event).await;
        }
        if options.looping {
            tokio::spawn(small.run(inbox, requests));
        } else {
            // The queue stays open and nobody takes from it.
            std::mem::forget(requests);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self {
            address,
            scheme: if context.tls.is_some() { "https" } else { "http" },
            // Whom a client trusts is looked at by `secured`.
            client: client().danger_accept_invalid_certs(true).build().unwrap(),
            events,
            snapshot,
            source,
            uplink,
            journal,
            demo,
            store: opened.store,
            stop,
            server: tokio::spawn(serve(listener, context)),
            recorder,
            _data: data,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}://{}{path}", self.scheme, self.address))
    }

    pub(crate) async fn response(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.response(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let response = self.request(Method::POST, path).json(&body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
    }

    /// The id of the first row of a list, percent-encoded.
    pub(crate) async fn first(&self, list: &str) -> String {
        let page = self.get(&format!("/api/v1/{list}")).await;
        page["items"][0]["id"].as_str().unwrap().replace('~', "%7E").replace('.', "%2E")
    }
}

pub(crate) fn client() -> ClientBuilder {
    Client::builder().timeout(Duration::from_secs(30))
}

struct Loop {
    engine: Engine,
    store: Store,
    snapshot: watch::Sender<Arc<Snapshot>>,
}

fn now() -> Now {
    Now { monotonic: Monotonic(0), utc: NOW }
}

/// A recording of the site with its history.
fn recorder(data: &Path, site: &Site) -> Recorder {
    let mut recorder = davy_store::recording::open(data, NOW).unwrap();
    let tags = site.tags.iter().map(|tag| TagOfRun { id: tag.id.to_string(), source: tag.source.0 }).collect();
    let keep = Keep { bytes_max: 1 << 30, days_max: 30 };
    let beginning = Beginning { now: now(), tags, ..Beginning::default() };
    recorder.begin(beginning, Keeps { recording: keep, history: keep });
    recorder
}

impl Loop {
    async fn run(mut self, mut inbox: mpsc::Receiver<Event>, mut requests: mpsc::Receiver<Request>) {
        loop {
            tokio::select! {
                Some(event) = inbox.recv() => drop(self.take(event).await),
                Some(Request { by, kind, answer }) = requests.recv() => {
                    let effects = self.take(Event::Command(Command { request: 1, by, kind })).await;
                    let result = effects.answers.into_iter().next().unwrap().result;
                    let _ = answer.send(result.map_err(Refusal::Rejected));
                }
                else => return,
            }
        }
    }

    async fn take(&mut self, event: Event) -> Effects {
        let mut effects = Effects::default();
        self.engine.apply(now(), event, &mut effects);
        let rows = effects.records.iter().map(|record| Row {
            utc: NOW,
            kind: record.kind(),
            body: serde_json::to_string(record).unwrap(),
        });
        self.store.commit(Batch { rows: rows.collect(), saved: Vec::new() }).await.unwrap();
        self.snapshot.send_replace(Arc::new(self.engine.snapshot(NOW)));
        effects
    }
}

/// A page of two files.
pub(crate) fn page(path: &str) -> Option<PageFile> {
    let (text, content_type, etag, immutable) = match path.trim_start_matches('/') {
        "" | "index.html" => ("<!doctype html>davy", "text/html; charset=utf-8", "\"p1\"", false),
        "assets/a.js" => ("let a", "text/javascript; charset=utf-8", "\"a1\"", true),
        _ => return None,
    };
    Some(PageFile {
        bytes: Cow::Borrowed(text.as_bytes()),
        content_type: content_type.to_owned(),
        etag: etag.to_owned(),
        immutable,
    })
}
