//! The gateway's side: a journal, an inbox, an uplink.

use super::{in_time, until};
use davy_config::{Broker, Compress, HttpUplink, KafkaUplink, MqttUplink, MqttVersion, UplinkConfig};
use davy_core::{
    event::{Event, Link},
    id::{UplinkId, UplinkIx},
    model::Gateway,
    time::UtcTime,
};
use davy_store::{
    Batch, Row, Store,
    history::TagOfRun,
    open,
    recording::{self, Beginning, Keep, Keeps, Recorder},
};
use davy_uplink::{Context, Running, Turns, commands::Order};
use std::{path::Path, sync::Arc};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub(crate) const NOW: UtcTime = UtcTime(1_795_392_000_123);

pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) events: mpsc::Receiver<Event>,
    /// What the platform asks for, until somebody takes it.
    pub(crate) orders: Option<mpsc::Receiver<Order>>,
    context: Context,
    config: UplinkConfig,
}

pub(crate) fn gateway() -> Gateway {
    Gateway { company_code: "370612345".to_owned(), gateway_id: "GW-01".to_owned(), ..Gateway::default() }
}

impl Desk {
    /// With an uplink to a broker.
    pub(crate) fn new(folder: &Path, port: u16, backfill_per_s: u32) -> Self {
        let client_id = "davy-370612345-GW-01".to_owned();
        let broker = Broker {
            host: "127.0.0.1".to_owned(),
            port,
            ca_pem: None,
            client_certificate: None,
            client_id,
            credentials: None,
        };
        Self::with(
            folder,
            UplinkConfig::Mqtt(MqttUplink {
                uplink: UplinkIx(0),
                broker,
                version: MqttVersion::V3,
                needs_subscriber: false,
                inflight_max: 20,
                backfill_per_s,
                kinds: Vec::new(),
                samples: None,
                commands: None,
            }),
        )
    }

    /// With an uplink to a receiver of batches.
    pub(crate) fn over_http(folder: &Path, url: String) -> Self {
        Self::with(
            folder,
            UplinkConfig::Http(HttpUplink {
                uplink: UplinkIx(0),
                url,
                ca_pem: None,
                client_certificate: None,
                token: None,
                batch_rows: 100,
                compress: Compress::Gzip,
                timeout_ms: 10_000,
                backfill_per_s: 100_000,
                kinds: Vec::new(),
                commands: None,
                samples: None,
            }),
        )
    }

    /// With an uplink to Kafka.
    pub(crate) fn to_kafka(folder: &Path, brokers: Vec<String>) -> Self {
        Self::with(
            folder,
            UplinkConfig::Kafka(KafkaUplink {
                uplink: UplinkIx(0),
                brokers,
                client_id: "davy-370612345-GW-01".to_owned(),
                topic: "davy.v1".to_owned(),
                ca_pem: None,
                client_certificate: None,
                login: None,
                inflight_max: 100,
                backfill_per_s: 100_000,
                kinds: Vec::new(),
                samples: None,
            }),
        )
    }

    fn with(folder: &Path, config: UplinkConfig) -> Self {
        let store = open(&folder.join("data"), NOW).unwrap().store;
        let (inbox, events) = mpsc::channel(100);
        let (orders, ordered) = mpsc::channel(8);
        let context = Context {
            utc: || NOW,
            inbox,
            orders,
            store: store.clone(),
            earlier: Vec::new(),
            recording: None,
            now: watch::channel(Arc::default()).1,
            turns: Turns::default(),
            gateway: gateway(),
            stop: CancellationToken::new(),
        };
        Self { store, events, orders: Some(ordered), context, config }
    }

    pub(crate) fn change(&mut self, change: impl FnOnce(&mut MqttUplink)) {
        match &mut self.config {
            UplinkConfig::Mqtt(config) => change(config),
            UplinkConfig::Http(_) | UplinkConfig::Kafka(_) | UplinkConfig::Sparkplug(_) => {
                panic!("this uplink is not one of MQTT")
            }
        }
    }

    pub(crate) fn change_http(&mut self, change: impl FnOnce(&mut HttpUplink)) {
        match &mut self.config {
            UplinkConfig::Http(config) => change(config),
            UplinkConfig::Mqtt(_) | UplinkConfig::Kafka(_) | UplinkConfig::Sparkplug(_) => {
                panic!("this uplink is not one of HTTP")
            }
        }
    }

    pub(crate) fn change_kafka(&mut self, change: impl FnOnce(&mut KafkaUplink)) {
        match &mut self.config {
            UplinkConfig::Kafka(config) => change(config),
            UplinkConfig::Mqtt(_) | UplinkConfig::Http(_) | UplinkConfig::Sparkplug(_) => {
                panic!("this uplink is not one of Kafka")
            }
        }
    }

    /// By another clock than the one that stands still.
    pub(crate) fn clock(&mut self, utc: fn() -> UtcTime) {
        self.context.utc = utc;
    }

    pub(crate) fn start(&self) -> Running {
        davy_uplink::start(self.config.clone(), &UplinkId::from("enterprise"), &self.context)
    }

    /// Records what is told, for an uplink that forwards samples.
    pub(crate) fn record(&mut self, folder: &Path) -> Recorder {
        let mut recorder = recording::open(&folder.join("data"), NOW).unwrap();
        let tags = ["TI-1", "LI-1"].map(|id| TagOfRun { id: id.to_owned(), source: 0 }).to_vec();
        let keep = Keep { bytes_max: 1 << 30, days_max: 30 };
        recorder.begin(Beginning { tags, ..Beginning::default() }, Keeps { recording: keep, history: keep });
        self.context.recording = Some(recorder.following());
        recorder
    }

    /// Ends it as an orderly stop does.
    pub(crate) async fn stop(&mut self, running: Running) {
        self.context.stop.cancel();
        in_time("the uplink stops", running.task).await.unwrap();
        self.context.stop = CancellationToken::new();
    }

    /// Writes rows of a kind; gives the place of the last.
    pub(crate) async fn write(&self, kind: &'static str, count: u64) -> u64 {
        self.write_rows((0..count).map(|n| (kind, format!("{{\"id\":\"{kind}~1.{n}\"}}")))).await
    }

    /// Writes rows, each of a kind with its body; gives the place of the last.
    pub(crate) async fn write_rows(&self, rows: impl IntoIterator<Item = (&'static str, String)>) -> u64 {
        let rows = rows.into_iter().map(|(kind, body)| Row { utc: NOW, kind, body }).collect();
        self.store.commit(Batch { rows, saved: Vec::new() }).await.unwrap()
    }

    pub(crate) async fn link(&mut self) -> Link {
        match in_time("the engine hears of the link", self.events.recv()).await {
            Some(Event::Uplink(UplinkIx(0), link)) => link,
            other => panic!("not of the link: {other:?}"),
        }
    }

    /// Waits until everything is acknowledged and saved as such; gives the cursor.
    pub(crate) async fn all_saved(&self, head: u64) -> davy_uplink::Cursor {
        until("the cursor is saved behind the last row", async || {
            let text = self.store.cursor("enterprise").await.unwrap()?;
            let cursor = davy_uplink::Cursor::read(&text).unwrap();
            (cursor.backfill.max(cursor.live) >= head).then_some(cursor)
        })
        .await
    }
}
