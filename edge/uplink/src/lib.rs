//! The way up: each uplink is a cursor into the journal, moved by the far side's acknowledgement and by nothing else.
//!
//! Rows that are durable go up at least once, in order within their lane, under an id that never changes, so that a
//! consumer that upserts by id sees each exactly once. An uplink must never send what is not in the journal, never skip a
//! row, never hold the journal's writer up, and never give up trying.
//!
//! [`commands`] is the way back. [`earlier`] sends what a restored gateway's journal had not sent when it was backed up.
//!
//! `lanes` decides what goes where and is pure; [`cloudevent`] makes the messages; `feed` reads the rows; `saver` keeps the
//! cursor; `monitor` tells how it goes; `uplink` holds them together and outlives every connection. Below that each way up is
//! a folder, in which `session` sends over one `connection`.

mod bucket;
pub mod cloudevent;
pub mod commands;
mod earlier;
mod feed;
mod head;
pub mod http;
#[cfg(feature = "kafka")]
mod kafka;
mod lanes;
mod limits;
mod monitor;
mod mqtt;
mod retry;
mod samples;
mod saver;
mod sparkplug;
mod turns;
mod uplink;

pub use lanes::{Cursor, Lane};
pub use samples::{SampleBatch, SampleValue};
pub use turns::Turns;

use cloudevent::Origin;
use commands::Commands;
use davy_config::UplinkConfig;
use davy_core::{
    event::Event,
    health::UplinkHealth,
    id::{UplinkId, UplinkIx},
    model::Gateway,
    snapshot::Snapshot,
    time::UtcTime,
};
use davy_store::{Store, StoreError, recording::Following};
use futures::future::join_all;
use head::Rows;
use lanes::Lanes;
use monitor::Monitor;
use mqtt::Deaf;
use retry::Retry;
use saver::Saver;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use uplink::{Ended, Uplink};

/// What every uplink is given.
#[derive(Clone, Debug)]
pub struct Context {
    /// The wall clock.
    pub utc: fn() -> UtcTime,
    /// Where the engine hears whether an uplink is up.
    pub inbox: mpsc::Sender<Event>,
    /// Where the platform's commands go.
    pub orders: mpsc::Sender<commands::Order>,
    /// The journal.
    pub store: Store,
    /// Those from which a restored gateway goes on, which are written no more: what they hold that did not go up goes up too.
    pub earlier: Vec<Store>,
    /// The recording, for uplinks that forward samples; `None` when nothing is recorded.
    pub recording: Option<Following>,
    /// What the gateway knows now, for uplinks that begin with it.
    pub now: watch::Receiver<Arc<Snapshot>>,
    /// Shared by all uplinks of a gateway.
    pub turns: Turns,
    /// Whose messages they are.
    pub gateway: Gateway,
    /// Cancelled when the gateway stops.
    pub stop: CancellationToken,
}

/// An uplink at work.
#[derive(Debug)]
pub struct Running {
    /// Its place in the site.
    pub uplink: UplinkIx,
    /// How it is doing, at most five times a second.
    pub health: watch::Receiver<UplinkHealth>,
    /// Ends after `stop`, when the last acknowledgements are in and the cursor is saved.
    pub task: JoinHandle<()>,
}

/// Starts an uplink; it tries for ever. `name` is the name of its cursor in the store: under another name everything goes
/// up again.
#[must_use]
pub fn start(config: UplinkConfig, name: &UplinkId, context: &Context) -> Running {
    let uplink = config.uplink();
    let mut monitor = Monitor::new(uplink, context.utc, Some(context.inbox.clone()), context.stop.clone());
    let health = monitor.watch();
    let earlier = earlier::all(&config, name, context, &mut monitor);
    let now = run(config, name.to_string(), context.clone(), monitor);
    let task = tokio::spawn(async move { drop(tokio::join!(now, join_all(earlier))) });
    Running { uplink, health, task }
}

async fn run(config: UplinkConfig, name: String, context: Context, monitor: Monitor) {
    match prepare(&config, name.clone(), &context, monitor).await {
        Ok(mut uplink) => {
            uplink.commands = Commands::start(&config, &name, &context);
            keep_up(uplink, &config, &name).await;
        }
        Err(error) => tracing::info!(event = "uplink_not_started", uplink = name, %error),
    }
}

/// Reads the cursor, however long that takes: without it nothing could be sent that was not sent before.
async fn prepare(
    config: &UplinkConfig,
    name: String,
    context: &Context,
    mut monitor: Monitor,
) -> Result<Uplink, StoreError> {
    let rows = rows(config, context, &mut monitor).await?;
    let head = rows.head();
    let mut retry = Retry::new();
    let (saver, parked) = loop {
        match stand(&context.store, &name, &rows).await {
            Ok(stand) => break stand,
            Err(error) if context.stop.is_cancelled() || matches!(error, StoreError::Closed) => return Err(error),
            Err(error) => {
                monitor.down(error.to_string()).await;
                let _ = tokio::time::timeout(retry.wait(), context.stop.cancelled()).await;
            }
        }
    };
    monitor.parked(parked);
    let (gateway, epoch) = (&context.gateway, context.store.epoch());
    Ok(Uplink {
        commands: None,
        is_earlier: false,
        origin: rows
            .recording()
            .map_or_else(|| Origin::new(gateway, epoch), |number| Origin::of_samples(gateway, epoch, number)),
        lanes: Lanes::restore(saver.saved(), head.now()),
        rows,
        now: context.now.clone(),
        deaf: Deaf::default(),
        bd_seq: None,
        turn: context.turns.mine(),
        store: context.store.clone(),
        stop: context.stop.clone(),
        kinds: config.kinds().to_vec(),
        head,
        saver,
        monitor,
        unanswered: [None; 2],
        stumbled: None,
    })
}

/// What goes up. Without a recording there are no samples, and nothing but another start could change that.
async fn rows(config: &UplinkConfig, context: &Context, monitor: &mut Monitor) -> Result<Rows, StoreError> {
    let Some(samples) = config.samples() else { return Ok(Rows::Journal(context.store.clone())) };
    let Some(recording) = context.recording.clone() else {
        let reason =
            "nothing is recorded, so there are no samples to forward; the log says why, `davy doctor` what to do";
        monitor.down(reason.to_owned()).await;
        monitor.show(0, 0);
        context.stop.cancelled().await;
        return Err(StoreError::Closed);
    };
    monitor.of_recording(recording.identity());
    Ok(Rows::Recording(recording, Arc::new(samples.clone())))
}

/// The cursor, and how many rows are parked. Records go up from the first on, samples from now on.
async fn stand(store: &Store, name: &str, rows: &Rows) -> Result<(Saver, u64), StoreError> {
    let recording = rows.recording();
    let beginning = Cursor::at(recording.map_or(0, |_| rows.head().now()), recording);
    Ok((Saver::load(store.clone(), name.to_owned(), beginning).await?, store.parked_count(name).await?))
}

async fn connect(uplink: &mut Uplink, config: &UplinkConfig) -> Ended {
    match config {
        UplinkConfig::Mqtt(config) => mqtt::connect(uplink, config).await,
        UplinkConfig::Http(config) => http::connect(uplink, config).await,
        UplinkConfig::Sparkplug(config) => sparkplug::connect(uplink, config).await,
        #[cfg(feature = "kafka")]
        UplinkConfig::Kafka(config) => kafka::connect(uplink, config).await,
        #[cfg(not(feature = "kafka"))]
        UplinkConfig::Kafka(_) => {
            let reason =
                "this davy is built without Kafka; install one that is built with the feature kafka".to_owned();
            Ended::LostFor(reason, limits::MISCONFIGURED_RETRY)
        }
    }
}

async fn keep_up(mut uplink: Uplink, config: &UplinkConfig, name: &str) {
    let mut retry = Retry::new();
    let mut told = String::new();
    loop {
        let (reason, at_least) = match connect(&mut uplink, config).await {
            Ended::Stopped => break,
            Ended::Lost(reason) => (reason, Duration::ZERO),
            Ended::LostFor(reason, wait) => (reason, wait),
        };
        if uplink.monitor.is_up() {
            retry = Retry::new();
            told.clear();
        }
        if told != reason {
            tracing::warn!(event = "uplink_lost", uplink = name, reason);
            told.clone_from(&reason);
        }
        uplink.monitor.down(reason).await;
        uplink.show();
        let wait = retry.wait().max(at_least);
        if uplink.showing(tokio::time::sleep(wait)).await.is_none() {
            break;
        }
    }
    uplink.monitor.down("davy is stopping".to_owned()).await;
    uplink.show();
}
