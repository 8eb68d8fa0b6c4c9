//! The gateway's side: a journal, an inbox, an uplink.

use super::{in_time, until};
use davy_config::{Broker, Compress, HttpUplink, MqttUplink, MqttVersion, UplinkConfig};
use davy_core::{
    event::{Event, Link},
    id::{UplinkId, UplinkIx},
    model::Gateway,
    time::UtcTime,
};
use davy_store::{Batch, Row, Store, open};
use davy_uplink::{Context, Running, commands::Order};
use std::path::Path;
use tokio::sync::mpsc;
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
                inflight_max: 20,
                backfill_per_s,
                kinds: Vec::new(),
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
            gateway: gateway(),
            stop: CancellationToken::new(),
        };
        Self { store, events, orders: Some(ordered), context, config }
    }

    pub(crate) fn change(&mut self, change: impl FnOnce(&mut MqttUplink)) {
        match &mut self.config {
            UplinkConfig::Mqtt(config) => change(config),
            UplinkConfig::Http(_) => panic!("this uplink is one of HTTP"),
        }
    }

    pub(crate) fn change_http(&mut self, change: impl FnOnce(&mut HttpUplink)) {
        match &mut self.config {
            UplinkConfig::Http(config) => change(config),
            UplinkConfig::Mqtt(_) => panic!("this uplink is one of MQTT"),
        }
    }

    /// By another clock than the one that stands still.
    pub(crate) fn clock(&mut self, utc: fn() -> UtcTime) {
        self.context.utc = utc;
    }

    pub(crate) fn start(&self) -> Running {
        davy_uplink::start(self.config.clone(), &UplinkId::from("enterprise"), &self.context)
    }

    /// Ends it as an orderly stop does.
    pub(crate) async fn stop(&mut self, running: Running) {
        self.context.stop.cancel();
        in_time("the uplink stops", running.task).await.unwrap();
        self.context.stop = CancellationToken::new();
    }

    /// Writes rows of a kind; gives the place of the last.
    pub(crate) async fn write(&self, kind: &'static str, count: u64) -> u64 {
        let row = |n| Row { utc: NOW, kind, body: format!("{{\"id\":\"{kind}~1.{n}\"}}") };
        self.store.commit(Batch { rows: (0..count).map(row).collect(), saved: Vec::new() }).await.unwrap()
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
