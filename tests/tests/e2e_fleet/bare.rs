//! A subscriber that only counts: what the broker can do without the consumers. It has a thread of its own, whose processor time
//! can be told from that of the gateways in the same process.

use acceptance::figures;
use anyhow::{Context as _, Result};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{Duration, SystemTime},
};
use tokio::{runtime, sync::oneshot, time::sleep};

/// Gateway and row, and when it came first, in milliseconds since 1970.
pub(crate) type Times = HashMap<(usize, u64), i64>;

pub(crate) struct Bare {
    heard: Arc<Mutex<Heard>>,
    thread: u32,
    stop: Option<oneshot::Sender<()>>,
}

#[derive(Default)]
struct Heard {
    times: Times,
    messages: u64,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: &'a str,
}

impl Bare {
    /// Returns once the broker has granted the subscription.
    pub(crate) fn start(port: u16) -> Result<Self> {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (stop, stopped) = oneshot::channel();
        let (ready, granted) = mpsc::channel();
        let hearing = Arc::clone(&heard);
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = hear(port, &hearing, &ready) => {}
                }
            });
        });
        let thread = granted.recv_timeout(Duration::from_secs(30)).context("the subscription is granted")?;
        Ok(Self { heard, thread, stop: Some(stop) })
    }

    /// Processor seconds of its thread.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        figures::thread_cpu_seconds(self.thread)
    }

    pub(crate) fn times(&self) -> Times {
        self.heard.lock().expect("nothing panics while it holds it").times.clone()
    }

    pub(crate) fn rows(&self) -> usize {
        self.heard.lock().expect("nothing panics while it holds it").times.len()
    }

    pub(crate) fn messages(&self) -> u64 {
        self.heard.lock().expect("nothing panics while it holds it").messages
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
    }
}

async fn hear(port: u16, heard: &Mutex<Heard>, ready: &mpsc::Sender<u32>) {
    let mut options = MqttOptions::new("bare", ("127.0.0.1", port));
    options.set_keep_alive(30).set_clean_session(false).set_max_packet_size(16 << 20, 16 << 20);
    let (client, mut events): (AsyncClient, EventLoop) = AsyncClient::builder(options).capacity(1_000).build();
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                client.try_subscribe("davy/v1/#", QoS::AtLeastOnce).expect("the queue is empty");
            }
            Ok(Event::Incoming(Packet::SubAck(_))) => drop(ready.send(thread_id())),
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let Ok(Envelope { id }) = serde_json::from_slice(&publish.payload) else { continue };
                let Some(row) = row(id) else { continue };
                let mut heard = heard.lock().expect("nothing panics while it holds it");
                heard.messages += 1;
                heard.times.entry(row).or_insert_with(milliseconds);
            }
            Ok(_) => {}
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Of `gw-0001/1/7`, the first gateway being number 0. `None` for an announcement.
fn row(id: &str) -> Option<(usize, u64)> {
    let (gateway, rest) = id.split_once('/')?;
    Some((number(gateway)?, rest.split_once('/')?.1.parse().ok()?))
}

/// Of `gw-0001`, counted from 0.
pub(crate) fn number(gateway: &str) -> Option<usize> {
    gateway.strip_prefix("gw-")?.parse::<usize>().ok()?.checked_sub(1)
}

fn milliseconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Of the thread that asks, as `/proc` has it.
fn thread_id() -> u32 {
    let link = fs::read_link("/proc/thread-self").unwrap_or_default();
    link.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).unwrap_or_default()
}
