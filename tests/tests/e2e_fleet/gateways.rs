//! Very many gateways in one process: each a journal of its own on disk and the product's uplink, without field and engine.

use acceptance::waiting::{self, LONG};
use anyhow::{Context as _, Result};
use davy_config::{Broker, MqttUplink, MqttVersion, UplinkConfig};
use davy_core::{
    event::{Event, Link},
    id::{UplinkId, UplinkIx},
    model::Gateway,
    time::UtcTime,
};
use davy_store::{Batch, Row, Store};
use davy_uplink::{Context, Running, Turns};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{interval_at, sleep},
};
use tokio_util::sync::CancellationToken;

pub(crate) const COMPANY: &str = "330100123";
/// Of the records, so long as one of an alarm is.
const TEXT: &str = "液位高高，现场确认；";
/// Objects that the rows of a gateway are about.
const OBJECTS: u64 = 20;

/// The gateways.
pub(crate) struct Fleet {
    stores: Vec<Store>,
    running: Vec<Running>,
    stop: CancellationToken,
    /// When a link came up or was lost, and why, as often as it was.
    links: Links,
}

type Links = Arc<Mutex<Vec<(Instant, Link)>>>;

/// A row that is durable in the journal of a gateway, and since when, in milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Written {
    pub(crate) gateway: usize,
    pub(crate) seq: u64,
    pub(crate) at: i64,
}

impl Fleet {
    /// Journals that are empty yet, in folders of their own.
    pub(crate) fn open(folder: &Path, gateways: usize) -> Result<Self> {
        let open = |number| Ok(davy_store::open(&folder.join(name(number)), utc())?.store);
        let stores = (0..gateways).map(open).collect::<Result<_>>()?;
        Ok(Self { stores, running: Vec::new(), stop: CancellationToken::new(), links: Arc::default() })
    }

    /// Starts every uplink at once and waits until every link is up; how long that took.
    pub(crate) async fn connect(&mut self, port: u16) -> Result<Duration> {
        let begun = Instant::now();
        let (inbox, mut events) = mpsc::channel(self.stores.len());
        let links = Arc::clone(&self.links);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if let Event::Uplink(_, link) = event {
                    links.lock().expect("nothing panics while it holds it").push((Instant::now(), link));
                }
            }
        });
        for (number, store) in self.stores.iter().enumerate() {
            let gateway = Gateway { company_code: COMPANY.to_owned(), gateway_id: name(number), ..Gateway::default() };
            let (store, stop) = (store.clone(), self.stop.clone());
            let (inbox, orders) = (inbox.clone(), mpsc::channel(1).0);
            let (recording, turns, earlier) = (None, Turns::default(), Vec::new());
            let now = watch::channel(Arc::default()).1;
            let context = Context { utc, inbox, orders, store, earlier, recording, now, turns, gateway, stop };
            self.running.push(davy_uplink::start(uplink(number, port), &UplinkId::from("platform"), &context));
        }
        self.all_up().await?;
        Ok(begun.elapsed())
    }

    pub(crate) async fn all_up(&self) -> Result<()> {
        let up = async || Ok(self.running.iter().all(|running| running.health.borrow().up));
        waiting::until_true("every gateway is connected", LONG, up).await
    }

    pub(crate) async fn all_down(&self) -> Result<()> {
        let down = async || Ok(self.running.iter().all(|running| !running.health.borrow().up));
        waiting::until_true("every gateway misses the broker", LONG, down).await
    }

    /// When links came up since a moment, each after it, in order; and why links were lost again since then.
    pub(crate) fn back_after(&self, since: Instant) -> (Vec<Duration>, Vec<String>) {
        let (mut back, mut lost) = (Vec::new(), Vec::new());
        for (at, link) in self.links.lock().expect("nothing panics while it holds it").iter() {
            match link {
                Link::Up if *at > since => back.push(*at - since),
                Link::Down(reason) if *at > since => lost.push(reason.clone()),
                Link::Up | Link::Down(_) => {}
            }
        }
        (back, lost)
    }

    /// A row each second in each journal, the gateways evenly spread over the second.
    pub(crate) async fn steady(&self, seconds: u32) -> Result<Vec<Written>> {
        let begin = tokio::time::Instant::now();
        let mut tasks = JoinSet::new();
        for (number, store) in self.stores.iter().cloned().enumerate() {
            let offset = Duration::from_secs(1) * u32::try_from(number)? / u32::try_from(self.stores.len())?;
            tasks.spawn(async move {
                let mut beat = interval_at(begin + offset, Duration::from_secs(1));
                let mut written = Vec::new();
                for _ in 0..seconds {
                    beat.tick().await;
                    written.push(write(&store, number, 1).await?);
                }
                anyhow::Ok(written)
            });
        }
        let mut all = Vec::new();
        while let Some(written) = tasks.join_next().await {
            all.append(&mut written??);
        }
        Ok(all)
    }

    /// So many rows more in each journal.
    pub(crate) async fn write(&self, rows: u64) -> Result<()> {
        for (number, store) in self.stores.iter().enumerate() {
            write(store, number, rows).await?;
        }
        Ok(())
    }

    /// The newest row of each.
    pub(crate) fn heads(&self) -> Vec<u64> {
        self.stores.iter().map(|store| *store.head().borrow()).collect()
    }

    /// Waits until every row is acknowledged by the broker.
    pub(crate) async fn acknowledged(&self) -> Result<()> {
        let done = async || {
            let all = self.running.iter().zip(self.heads());
            Ok(all
                .map(|(running, head)| (running.health.borrow().clone(), head))
                .all(|(health, head)| health.up && health.head == head && health.backlog == 0))
        };
        waiting::until_true("every row is acknowledged", LONG * 2, done).await
    }

    /// Stops every uplink in order and closes the journals.
    pub(crate) async fn end(self) -> Result<()> {
        self.stop.cancel();
        for running in self.running {
            running.task.await.context("an uplink stops")?;
        }
        for store in self.stores {
            store.close().await;
        }
        // Sockets close behind the tasks.
        sleep(Duration::from_millis(1)).await;
        Ok(())
    }
}

/// `gw-0001`, ….
pub(crate) fn name(number: usize) -> String {
    format!("gw-{:04}", number + 1)
}

/// Rows about changing objects; gives the last of them.
async fn write(store: &Store, gateway: usize, rows: u64) -> Result<Written> {
    let head = *store.head().borrow();
    let row = |n: u64| Row {
        utc: utc(),
        kind: "alarm",
        body: format!(
            r#"{{"id":"LI-{}.HH~1.1","rule":"LI.HH","name":"液位","state":"unacknowledged","priority":"high","seq":{n},"guidance":"{}"}}"#,
            n % OBJECTS,
            TEXT.repeat(10)
        ),
    };
    let rows = (head + 1..=head + rows).map(row).collect();
    let seq = store.commit(Batch { rows, saved: Vec::new() }).await?;
    Ok(Written { gateway, seq, at: utc().0 })
}

fn uplink(number: usize, port: u16) -> UplinkConfig {
    let broker = Broker {
        host: "127.0.0.1".to_owned(),
        port,
        ca_pem: None,
        client_certificate: None,
        client_id: format!("davy-{COMPANY}-{}", name(number)),
        credentials: None,
    };
    UplinkConfig::Mqtt(MqttUplink {
        uplink: UplinkIx::from(number),
        broker,
        version: MqttVersion::V5,
        needs_subscriber: false,
        inflight_max: 20,
        backfill_per_s: 200,
        kinds: Vec::new(),
        commands: None,
        samples: None,
    })
}

fn utc() -> UtcTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UtcTime(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
